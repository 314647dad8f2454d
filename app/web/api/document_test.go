package api_test

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"attesta/app/apptest"
	"attesta/app/web/api"
)

func TestEveryRouteIsInTheDocumentAndNoOther(t *testing.T) {
	s := newSite(t, apptest.Open(t, apptest.SQLite(t)))
	var routes, documented []string
	for _, r := range s.server.Routes() {
		if strings.HasPrefix(r.Path, api.Root) {
			parts := strings.Split(r.Path, "/")
			for i, p := range parts {
				if name, ok := strings.CutPrefix(p, ":"); ok {
					parts[i] = "{" + name + "}"
				}
			}
			routes = append(routes, r.Method+" "+strings.Join(parts, "/"))
		}
	}
	for path, item := range described(t).raw["paths"].(map[string]any) {
		for method := range item.(map[string]any) {
			documented = append(documented, strings.ToUpper(method)+" "+path)
		}
	}
	slices.Sort(routes)
	slices.Sort(documented)
	if diff := cmp.Diff(routes, documented); diff != "" || len(routes) < 14 {
		t.Errorf("%d routes: %s", len(routes), diff)
	}
}

func TestTheDocumentIsOpenAPI(t *testing.T) {
	d := described(t)
	meta, err := jsonschema.UnmarshalJSON(bytes.NewReader(readFile(t, "testdata/openapi-3.1.json")))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	const at = "https://spec.openapis.org/oas/3.1/schema/2022-10-07"
	if err := c.AddResource(at, meta); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile(at)
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(d.raw); err != nil {
		t.Error(err)
	}
	broken := map[string]any{"openapi": "3.1.0", "info": map[string]any{"title": "x", "version": "1"}, "paths": map[string]any{"/x": map[string]any{"get": map[string]any{"respones": 1}}}}
	if schema.Validate(broken) == nil {
		t.Error("a wrong document passes")
	}
}

func TestEverySchemaCompilesAndEveryExampleIsOne(t *testing.T) {
	d := described(t)
	for name := range dig(d.raw, "components", "schemas").(map[string]any) {
		d.schema(t, "components", "schemas", name)
	}
	ids := map[string]bool{}
	for path, item := range d.raw["paths"].(map[string]any) {
		for method, operation := range item.(map[string]any) {
			id, _ := dig(operation, "operationId").(string)
			if id == "" || ids[id] || dig(operation, "summary") == "" {
				t.Errorf("%s %s is called %q", method, path, id)
			}
			ids[id] = true
			at := []string{"paths", path, method, "responses", "200", "content", "application/json"}
			if example := dig(d.raw, append(at, "example")...); example != nil {
				if err := d.schema(t, append(at, "schema")...).Validate(example); err != nil {
					t.Errorf("%s %s: %v", method, path, err)
				}
			}
		}
	}
}

func TestAnyoneReadsTheDocumentAndWhatThereIs(t *testing.T) {
	s := newSite(t, apptest.Open(t, apptest.SQLite(t)))
	a := s.get(t, "", "/api/v1/openapi.json")
	if a.code != http.StatusOK || a.at("openapi") != "3.1.0" || a.head.Get("Cache-Control") != "public, max-age=300" {
		t.Errorf("%d %v", a.code, a.head)
	}
	if a := s.get(t, "", "/api/v1"); a.code != http.StatusOK || a.at("document") != base+"/api/v1/openapi.json" {
		t.Errorf("%d %s", a.code, a.raw)
	}
}
