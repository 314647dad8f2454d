package certificate

import (
	"fmt"
	"slices"
	"sync"

	"attesta/app/fault"
	"attesta/app/locale"
	"attesta/app/pdf"
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
// whose fields name what: name, institution, title, signatory, donor, organisation, address, small_print.
func Draw(cat *locale.Catalogue, s Snapshot, code locale.Code) ([]byte, error) {
	return DrawMarked(cat, s, code, Valid)
}

// DrawMarked is Draw with a watermark beneath the text.
func DrawMarked(cat *locale.Catalogue, s Snapshot, code locale.Code, mark Watermark) ([]byte, error) {
	sh, err := lay(cat, s, code, mark)
	if err != nil {
		return nil, err
	}
	stock, err := stockFor(sh)
	if err != nil {
		return nil, err
	}
	b, err := stock.Document(sh.meta(), sh.canvas)
	if err != nil {
		return nil, fmt.Errorf("draw certificate: %w", err)
	}
	return b, nil
}

// DrawMany returns the certificates of one event as the pages of one document, in the order given, for printing.
func DrawMany(cat *locale.Catalogue, all []Snapshot, code locale.Code) ([]byte, error) {
	if len(all) == 0 {
		return nil, fault.New(fault.NotFound, "certificate.none")
	}
	var pages []*pdf.Canvas
	var whole *sheet
	for _, s := range all {
		sh, err := lay(cat, s, code, Valid)
		if err != nil {
			return nil, err
		}
		pages = append(pages, sh.canvas)
		if whole == nil {
			whole = sh
			continue
		}
		whole.letters.Add(sh.canvas)
		whole.images = append(whole.images, sh.images...)
	}
	stock, err := stockFor(whole)
	if err != nil {
		return nil, err
	}
	meta := whole.meta()
	meta.Title, _ = all[0].EventTitle.In(code)
	b, err := stock.Document(meta, pages...)
	if err != nil {
		return nil, fmt.Errorf("draw certificates: %w", err)
	}
	return b, nil
}

// Check returns the fault that Draw would return in one of the languages, so that it is told when certificates are
// issued and not when their holders fetch them.
func Check(cat *locale.Catalogue, s Snapshot) error {
	for _, code := range cat.Locales() {
		if _, err := lay(cat, s, code, Valid); err != nil {
			return err
		}
	}
	return nil
}

// stocks are the parts that certificates share, by what they are made of. There is one for each combination of
// alphabets, logos and watermark; the oldest are dropped.
var stocks = struct {
	sync.Mutex
	by    map[string]*pdf.Stock
	order []string
}{by: map[string]*pdf.Stock{}}

const keptStocks = 32

func stockFor(sh *sheet) (*pdf.Stock, error) {
	key := pdf.StockKey(sh.canvas.Fonts(), sh.letters, sh.images)
	if sh.watermark != "" {
		key += "/" + sh.watermark
	}
	stocks.Lock()
	defer stocks.Unlock()
	if stock := stocks.by[key]; stock != nil {
		return stock, nil
	}
	stock, err := pdf.NewStock(sh.ground(), sh.letters, sh.images)
	if err != nil {
		return nil, fmt.Errorf("stock of certificates: %w", err)
	}
	if len(stocks.order) >= keptStocks {
		delete(stocks.by, stocks.order[0])
		stocks.order = slices.Delete(stocks.order, 0, 1)
	}
	stocks.by[key] = stock
	stocks.order = append(stocks.order, key)
	return stock, nil
}

// unfit is the fault of a field that can't be printed.
func unfit(field, key string, params ...any) error {
	f := fault.New(fault.Invalid, key, params...)
	f.Fields = []fault.Field{{Name: field, Key: key, Params: f.Params}}
	return f
}
