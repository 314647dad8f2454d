package certificate

import (
	"strings"

	"attesta/app/pdf"
)

// verification sets number, date and address beside the QR code.
func (sh *sheet) verification() error {
	const right, leading = 244.5, 3.7
	address := sh.s.VerifyURL()
	shown := strings.TrimPrefix(strings.TrimPrefix(sh.s.BaseURL, "https://"), "http://") + "/verify"
	style := pdf.Style{Size: 8, Colour: soft, Align: pdf.Right}
	label := strings.TrimSpace(sh.p.T("certificate.line_certificate_no", "certificate_no", ""))
	verify := sh.p.T("certificate.verification_short", "url", shown)
	if err := sh.glyphs("address", pdf.Sans, verify); err != nil {
		return err
	}
	sh.canvas.Text(right, 163.9, label, style)
	sh.canvas.Text(right, 167.6, sh.s.Number, pdf.Style{Face: pdf.SansBold, Size: 8, Colour: ink, Align: pdf.Right})
	sh.canvas.Text(right, 171.3, sh.p.T("certificate.line_issue_date", "issue_date", sh.p.Date(sh.s.Issued)), style)
	if !sh.shrunk(right, 163.9+3*leading, 58, verify, style, 6) {
		return unfit("address", "certificate.address_too_long")
	}
	module, err := sh.canvas.QR(248, 158, 17, address)
	if err != nil || module < .45 {
		return unfit("address", "certificate.address_too_long")
	}
	return nil
}

// fine are the settings of the small print, tried in turn.
var fine = []setting{{7, 3.1, textWide, 181.8, 4}, {6.5, 2.75, textWide, 181, 5}, {6, 2.5, textWide, 180.8, 5}}

// smallPrint sets the footnote if an asterisk stands on the page, further partners, and the donors' disclaimers.
func (sh *sheet) smallPrint() error {
	var page []string
	for _, b := range sh.canvas.Boxes() {
		page = append(page, b.Text)
	}
	var paragraphs []string
	if len(sh.partners) > 0 {
		paragraphs = append(paragraphs, sh.p.T("certificate.partners", "partners", strings.Join(sh.partners, ", ")))
	}
	if !sh.s.Waived {
		for _, d := range sh.s.Donors {
			if text := disclaimer(sh.p, d); text != "" {
				paragraphs = append(paragraphs, text)
			}
		}
	}
	if note := sh.p.Footnote(strings.Join(append(page, paragraphs...), " ")); note != "" {
		paragraphs = append([]string{note}, paragraphs...)
	}
	for _, text := range paragraphs {
		if err := sh.glyphs("small_print", pdf.Sans, text); err != nil {
			return err
		}
	}
	for _, set := range fine {
		var lines []string
		for _, text := range paragraphs {
			lines = append(lines, sh.fonts.Wrap(pdf.Sans, set.size, set.measure, pdf.Tie(pdf.Clean(text)))...)
		}
		if len(lines) <= set.lines && sh.widest(pdf.Sans, set.size, lines) <= set.measure {
			sh.canvas.Lines(leftEdge, set.first, set.leading, lines, pdf.Style{Size: set.size, Colour: soft})
			return nil
		}
	}
	return unfit("small_print", "certificate.small_print_too_long")
}
