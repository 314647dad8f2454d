package app_test

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"attesta/app/apptest"
	"attesta/app/config"
)

func TestAStoreThatIsAwayIsToldInTheLogAndKeepsNobodyFromServing(t *testing.T) {
	noFolder := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(noFolder, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, files := range map[string]string{
		"a bucket that isn't reached":  "s3://id:secret@bucket?endpoint=http://127.0.0.1:9&region=eu",
		"a folder that can't be there": "file:" + noFolder,
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, apptest.SQLite(t), func(c *config.Config) { c.Files = files })
			for end := time.Now().Add(20 * time.Second); !strings.Contains(s.log.String(), "ATTESTA_FILES"); time.Sleep(20 * time.Millisecond) {
				if time.Now().After(end) {
					t.Fatal("the log says nothing")
				}
			}
			if strings.Contains(s.log.String(), "secret@") {
				t.Error("the log has the key of the bucket")
			}
			ask, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.Base+"/readyz", http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			r, err := http.DefaultClient.Do(ask)
			if err != nil {
				t.Fatal(err)
			}
			defer r.Body.Close()
			if b, err := io.ReadAll(r.Body); r.StatusCode != http.StatusOK || err != nil {
				t.Errorf("%d %s, %v", r.StatusCode, b, err)
			}
		})
	}
}
