package locale_test

import (
	"sync"
	"testing"
	"time"
)

// TestACatalogueMayBeShared is for the race detector: go-i18n parses templates at their first use.
func TestACatalogueMayBeShared(t *testing.T) {
	c := catalogue(t)
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			p := c.Printer(all[i%len(all)])
			p.N("form.invalid", i)
			p.T("form.too_long", "Max", i)
			p.T("x.missing")
			p.Countries()
			p.City("Niš")
			p.DateTime(time.Now())
			p.Sort([]string{"č", "c"})
			c.Missing()
		})
	}
	wg.Wait()
}
