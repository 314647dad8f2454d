package certificate

import (
	"fmt"

	"attesta/app/fault"
	"attesta/app/locale"
)

// Watermark is printed large across a copy that must not pass for a valid certificate.
type Watermark string

// The watermarks. Valid is none.
const (
	Valid     Watermark = ""
	Specimen  Watermark = "specimen"
	Revoked   Watermark = "revoked"
	Duplicate Watermark = "duplicate"
)

// Draw returns the certificate as PDF in a language. The same snapshot, language and catalogues always give the same
// bytes. If something can't be set within its place, or has a letter that no face has, the error is an Invalid fault
// whose fields name what: name, institution, title, project, city, signatory, donor, organisation, address,
// small_print.
func Draw(cat *locale.Catalogue, s Snapshot, code locale.Code) ([]byte, error) {
	return DrawMarked(cat, s, code, Valid)
}

// DrawMarked is Draw with a watermark beneath the text.
func DrawMarked(cat *locale.Catalogue, s Snapshot, code locale.Code, mark Watermark) ([]byte, error) {
	return drawAll(cat, []Snapshot{s}, code, mark)
}

// DrawMany returns the certificates of one event as the pages of one document, in the order given, for printing. Each
// page shows what Draw shows.
func DrawMany(cat *locale.Catalogue, all []Snapshot, code locale.Code) ([]byte, error) {
	if len(all) == 0 {
		return nil, fault.New(fault.NotFound, "certificate.none")
	}
	return drawAll(cat, all, code, Valid)
}

// Check returns the fault that Draw would return in one of the languages, so that it is told when certificates are
// issued and not when their holders fetch them.
func Check(cat *locale.Catalogue, s Snapshot) error {
	for _, code := range cat.All() {
		if _, err := lay(cat, s, code, Valid); err != nil {
			return err
		}
	}
	return nil
}

func drawAll(cat *locale.Catalogue, all []Snapshot, code locale.Code, mark Watermark) ([]byte, error) {
	var c cast
	for _, s := range all {
		sh, err := lay(cat, s, code, mark)
		if err != nil {
			return nil, err
		}
		c.add(sh)
	}
	stock, err := c.stock()
	if err != nil {
		return nil, fmt.Errorf("draw certificate: %w", err)
	}
	b, err := stock.Document(c.meta(len(all)), c.pages...)
	if err != nil {
		return nil, fmt.Errorf("draw certificate: %w", err)
	}
	return b, nil
}

// unfit is the fault of a field that can't be printed.
func unfit(field, key string, params ...any) error {
	f := fault.New(fault.Invalid, key, params...)
	f.Fields = []fault.Field{{Name: field, Key: key, Params: f.Params}}
	return f
}
