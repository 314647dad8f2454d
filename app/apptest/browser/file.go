package browser

import (
	"fmt"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/runtime"
)

// Give chooses a file of this machine in the field of that name.
func (tab *Tab) Give(field, path string) {
	tab.t.Helper()
	r := call(tab, runtime.Evaluate, runtime.EvaluateParams{Expression: fmt.Sprintf("document.querySelector('input[type=file][name=%q]')", field)})
	if r.Result.ObjectID == "" {
		tab.t.Fatalf("there is no field %s for a file", field)
	}
	call[dom.SetFileInputFilesParams, cdp.Empty](tab, dom.SetFileInputFiles, dom.SetFileInputFilesParams{Files: []string{path}, ObjectID: r.Result.ObjectID})
}
