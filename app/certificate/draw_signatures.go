package certificate

import (
	"attesta/app/pdf"
)

// signatures sets the lines to sign on, place and date, and the place of the stamp; or the words that none is needed.
func (sh *sheet) signatures() error {
	place := pdf.Style{Size: 11, Colour: ink, Align: pdf.Centre}
	line := placeAndDate(sh.p, sh.s)
	if err := sh.glyphs("city", pdf.Sans, line); err != nil {
		return err
	}
	if sh.s.Electronic || len(sh.s.Signatories) == 0 {
		sh.canvas.Text(axis, 141.5, line, place)
		sh.canvas.Text(axis, 147, sh.p.T("certificate.electronic_validity"), pdf.Style{Size: 10, Colour: soft, Align: pdf.Centre})
		return nil
	}
	columns := []float64{67, 230}
	switch len(sh.s.Signatories) {
	case 1:
		columns = columns[1:]
		sh.shrunk(67, 141.5, 70, line, place, 8)
	case 2:
		sh.shrunk(axis, 141.5, 86, line, place, 8)
	default:
		return unfit("signatory", "certificate.signatories_too_many")
	}
	sh.canvas.Text(axis, 151.6, sh.p.T("certificate.stamp_place"), pdf.Style{Size: 9, Colour: soft, Align: pdf.Centre})
	for i, s := range sh.s.Signatories {
		if err := sh.signatory(columns[i], s); err != nil {
			return err
		}
	}
	return nil
}

// signatory sets one line to sign on, with name and role beneath it, centred on x.
func (sh *sheet) signatory(x float64, s Signatory) error {
	const wide = 70
	sh.canvas.Line(x-wide/2, 142, x+wide/2, 142, .25, rule)
	if len(s.Signature) > 0 {
		im, err := sh.image(s.Signature)
		if err != nil {
			return unfit("signatory", "certificate.picture_unreadable")
		}
		w, h := within(im, 50, 16)
		sh.canvas.Image(im, x-w/2, 143-h, w, h)
	}
	title := role(sh.p, s)
	if err := sh.glyphs("signatory", pdf.SansBold, s.Name); err != nil {
		return err
	}
	if err := sh.glyphs("signatory", pdf.Sans, title); err != nil {
		return err
	}
	if !sh.shrunk(x, 147.2, wide, s.Name, pdf.Style{Face: pdf.SansBold, Size: 10.5, Colour: ink, Align: pdf.Centre}, 8) {
		return unfit("signatory", "certificate.signatory_too_long")
	}
	style := pdf.Style{Size: 9, Colour: soft, Align: pdf.Centre}
	if sh.shrunk(x, 152, wide, title, style, 8) {
		return nil
	}
	style.Size = 8
	lines := sh.fonts.Balance(pdf.Sans, style.Size, wide, pdf.Tie(pdf.Clean(title)))
	if len(lines) > 2 || sh.widest(pdf.Sans, style.Size, lines) > wide {
		return unfit("signatory", "certificate.signatory_too_long")
	}
	sh.canvas.Lines(x, 152, 3.4, lines, style)
	return nil
}

// shrunk sets one line within a width, smaller by half points down to least. It reports whether that was possible.
func (sh *sheet) shrunk(x, y, wide float64, s string, style pdf.Style, least float64) bool {
	for ; style.Size >= least; style.Size -= .5 {
		if sh.fonts.Width(style.Face, style.Size, s) <= wide {
			sh.canvas.Text(x, y, s, style)
			return true
		}
	}
	return false
}

// image reads a logo or signature and notes that the document has it.
func (sh *sheet) image(b []byte) (*pdf.Image, error) {
	im, err := pdf.NewImage(b)
	if err != nil {
		return nil, err
	}
	sh.images = append(sh.images, im)
	return im, nil
}

// within returns the size of a picture that is at most so wide and so high, its proportions kept.
func within(im *pdf.Image, wide, high float64) (w, h float64) {
	w, h = high*float64(im.Wide)/float64(im.High), high
	if w > wide {
		w, h = wide, wide*float64(im.High)/float64(im.Wide)
	}
	return w, h
}
