package certificate

import (
	"strings"

	"attesta/app/pdf"
)

// The block beside the QR code.
const (
	blockRight   = 244.5
	blockFirst   = 163.9
	blockLeading = 3.7
)

var blockStyle = pdf.Style{Size: 8, Colour: soft, Align: pdf.Right}

func (sh *sheet) numberLabel() {
	label := sh.p.T("certificate.line_certificate_no", "certificate_no", "")
	sh.canvas.Text(blockRight, blockFirst, strings.TrimSpace(label), blockStyle)
}

// code sets the number and the QR code that leads to its page.
func (sh *sheet) code() error {
	style := blockStyle
	style.Face, style.Colour = pdf.SansBold, ink
	if err := sh.glyphs("number", style.Face, sh.s.Number); err != nil {
		return err
	}
	sh.number.Text(blockRight, blockFirst+blockLeading, sh.s.Number, style)
	module, err := sh.number.QR(248, 158, 17, sh.s.VerifyURL())
	if err != nil || module < .45 {
		return unfit("address", "certificate.address_too_long")
	}
	return nil
}

// verification sets the date of issue and the address.
func (sh *sheet) verification() error {
	shown := strings.TrimPrefix(strings.TrimPrefix(sh.s.BaseURL, "https://"), "http://") + "/verify"
	verify := sh.p.T("certificate.verification_short", "url", shown)
	if err := sh.glyphs("address", pdf.Sans, verify); err != nil {
		return err
	}
	sh.canvas.Text(blockRight, blockFirst+2*blockLeading, sh.p.T("certificate.line_issue_date", "issue_date", sh.p.Date(sh.s.Issued)), blockStyle)
	if !sh.shrunk(blockRight, blockFirst+3*blockLeading, 58, verify, blockStyle, 6) {
		return unfit("address", "certificate.address_too_long")
	}
	return nil
}

// fine are the settings of the small print, tried in turn.
var fine = []setting{{7, 3.1, textWide, 181.8, 4}, {6.5, 2.75, textWide, 181, 5}, {6, 2.5, textWide, 180.8, 5}}

// smallPrint sets the footnote if an asterisk stands on the page, further partners, and the donors' disclaimers.
func (sh *sheet) smallPrint(grounds []*pdf.Canvas) error {
	var page []string
	if sh.starred {
		page = append(page, sh.s.HolderName, sh.s.Institution)
	}
	for _, c := range grounds {
		for _, b := range c.Boxes() {
			page = append(page, b.Text)
		}
	}
	var paragraphs []string
	if len(sh.partners) > 0 {
		paragraphs = append(paragraphs, sh.p.T("certificate.partners", "partners", strings.Join(sh.partners, ", ")))
	}
	paragraphs = append(paragraphs, sh.lines...)
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
