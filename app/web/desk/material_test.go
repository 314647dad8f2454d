package desk_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"attesta/app/apptest"
	"attesta/app/db"
	"attesta/app/event"
)

// ask sends what a script sends, with the token of the page that it runs in.
func (s *site) ask(t testing.TB, token, method, path string, body []byte, headers ...string) answer {
	t.Helper()
	r := httptest.NewRequest(method, "https://attesta.example"+path, bytes.NewReader(body))
	r.Header.Set("Accept", "application/json")
	r.Header.Set("X-CSRF-Token", token)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return s.do(t, r)
}

func lecture(n int) []byte {
	b := bytes.Repeat([]byte("lecture "), n/8+1)[:n]
	copy(b, "%PDF-1.7\n")
	return b
}

func announced(name string, size int, more ...string) []byte {
	v := url.Values{"kind": {"file"}, "name": {name}, "size": {fmt.Sprint(size)}, "fingerprint": {"f"}, "shown": {"all"}, "language": {"en"}}
	for i := 0; i < len(more); i += 2 {
		v.Set(more[i], more[i+1])
	}
	return []byte(v.Encode())
}

func TestAFileIsSentInPartsAndGoesOnAfterTheLineDied(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		site := newSite(t, d)
		e := site.Event(t)
		s := site.as(t, organiser)
		base := "/desk/events/" + e.Code
		page := s.get(t, base+"/materials/new")
		token, content := page.attr("input[name=_csrf]", "value"), lecture(2*event.Chunk+7)
		if got := page.attr("form[data-upload]", "data-upload"); got != base+"/uploads" || page.attr("form[data-upload]", "data-chunk") != fmt.Sprint(event.Chunk) {
			t.Fatalf("the script is told %q", got)
		}
		var u struct {
			Code   string
			Offset int64
		}
		begin := func() {
			t.Helper()
			a := s.ask(t, token, "POST", base+"/uploads", announced("Предавање.pdf", len(content)))
			if err := json.Unmarshal([]byte(a.body), &u); err != nil || a.code != http.StatusOK {
				t.Fatalf("%d %s", a.code, a.body)
			}
		}
		send := func(offset, from, to int) answer {
			return s.ask(t, token, "PATCH", base+"/uploads/"+u.Code, content[from:to], "Upload-Offset", fmt.Sprint(offset), "Content-Type", "application/offset+octet-stream")
		}
		begin()
		if a := send(0, 0, event.Chunk); a.code != http.StatusOK || a.head.Get("Upload-Offset") != fmt.Sprint(event.Chunk) {
			t.Fatalf("%d %s", a.code, a.body)
		}
		if a := send(0, 0, event.Chunk); a.code != http.StatusConflict || a.head.Get("Upload-Offset") != fmt.Sprint(event.Chunk) {
			t.Errorf("a part that comes twice: %d %s", a.code, a.body)
		}
		list := s.get(t, base+"/materials")
		if got := list.text(".uploads strong"); got != "Предавање.pdf" || len(list.all(".materials")) > 0 {
			t.Errorf("half a file is shown as %q", got)
		}
		if got := list.text(".uploads .small"); got != "0.5 of 1 MB have arrived" {
			t.Errorf("it is said that %q", got)
		}
		if a := s.ask(t, token, "GET", base+"/uploads/"+u.Code, nil); !strings.Contains(a.body, fmt.Sprintf(`"offset":%d`, event.Chunk)) {
			t.Errorf("asked how much came: %s", a.body)
		}
		begin()
		if u.Offset != event.Chunk {
			t.Fatalf("the same file begins at %d", u.Offset)
		}
		if a := s.ask(t, token, "POST", base+"/uploads/"+u.Code+"/finish", announced("", 0)); a.code != http.StatusConflict {
			t.Errorf("finishing half of it: %d %s", a.code, a.body)
		}
		for at := event.Chunk; at < len(content); at += event.Chunk {
			if a := send(at, at, min(at+event.Chunk, len(content))); a.code != http.StatusOK {
				t.Fatalf("%d %s", a.code, a.body)
			}
		}
		s.recorded(t, "finish", func() {
			a := s.ask(t, token, "POST", base+"/uploads/"+u.Code+"/finish", announced("", 0, "title", "Lecture <1>", "shown", "approved", "shown_from", "2022-05-16T09:30"))
			if a.code != http.StatusOK || !strings.Contains(a.body, `"location":"`+base+`/materials"`) {
				t.Fatalf("%d %s", a.code, a.body)
			}
		})
		list = s.get(t, base+"/materials")
		if got := list.texts(".materials tbody td"); !slices.Equal(got[:3], []string{"Lecture <1>PDF, 1 MB", "The whole event", "Approved participantsfrom 16 May 2022 at 09:30"}) {
			t.Errorf("listed as %q", got)
		}
		href := list.attr(".materials tbody a", "href")
		file := s.get(t, href)
		if file.body != string(content) || file.head.Get("Content-Type") != "application/pdf" || !strings.HasPrefix(file.head.Get("Content-Disposition"), "attachment; filename*=utf-8''%D0%9F") {
			t.Errorf("%d bytes, %v", len(file.body), file.head)
		}
		if file.head.Get("X-Content-Type-Options") != "nosniff" || !strings.HasPrefix(file.head.Get("Content-Security-Policy"), "sandbox; default-src 'none'") || file.head.Get("Cache-Control") != "no-store" {
			t.Errorf("headers %v", file.head)
		}
		var exports int
		if err := d.Read().NewRaw("SELECT COUNT(*) FROM audit WHERE action = 'export' AND subject = 'material' AND event_id = ?", e.ID).Scan(t.Context(), &exports); err != nil || exports != 1 {
			t.Errorf("%d looks are recorded, %v", exports, err)
		}
		for name, who := range map[string]string{"a stranger": stranger, "a donor": donor} {
			if a := site.as(t, who).get(t, href); a.code < 400 {
				t.Errorf("%s gets it: %d", name, a.code)
			}
		}
	})
}

func TestPartsOfAFileAreGivenOut(t *testing.T) {
	site := newSite(t, apptest.Open(t, apptest.SQLite(t)))
	e := site.Event(t)
	s := site.as(t, organiser)
	content := lecture(1000)
	m, err := s.Events.AddFile(t.Context(), site.Organiser(), e.Code, event.MaterialFacts{}, "a.pdf", bytes.NewReader(content), 1000)
	if err != nil {
		t.Fatal(err)
	}
	path := "/desk/events/" + e.Code + "/materials/" + m.Code + "/file"
	for _, row := range []struct {
		method, header, value string
		code                  int
		body, span            string
	}{
		{"GET", "Range", "bytes=0-9", 206, string(content[:10]), "bytes 0-9/1000"}, {"GET", "Range", "bytes=990-", 206, string(content[990:]), "bytes 990-999/1000"},
		{"GET", "Range", "bytes=-5", 206, string(content[995:]), "bytes 995-999/1000"}, {"GET", "Range", "bytes=998-5000", 206, string(content[998:]), "bytes 998-999/1000"},
		{"GET", "Range", "bytes=1000-", 416, "", "bytes */1000"}, {"GET", "Range", "bytes=0-1,5-6", 200, string(content), ""}, {"GET", "Range", "lines=1-2", 200, string(content), ""},
		{"GET", "Range", "bytes=9-1", 200, string(content), ""}, {"GET", "Range", "bytes=-9999", 200, string(content), ""}, {"GET", "If-None-Match", `"` + m.Digest + `"`, 304, "", ""},
		{"HEAD", "X", "x", 200, "", ""},
	} {
		r := httptest.NewRequest(row.method, "https://attesta.example"+path, nil)
		r.Header.Set(row.header, row.value)
		a := s.do(t, r)
		if a.code != row.code || a.body != row.body || a.head.Get("Content-Range") != row.span {
			t.Errorf("%s %s: %d, %q, %d bytes", row.header, row.value, a.code, a.head.Get("Content-Range"), len(a.body))
		}
	}
	r := httptest.NewRequest("GET", "https://attesta.example"+path, nil)
	r.Header.Set("Range", "bytes=0-9")
	r.Header.Set("If-Range", `"another"`)
	if a := s.do(t, r); a.code != 200 || len(a.body) != 1000 {
		t.Errorf("of another content: %d, %d bytes", a.code, len(a.body))
	}
}

// sendWhole sends the form with its file as a browser without scripts does.
func (s *site) sendWhole(t testing.TB, path, name string, content []byte, more ...string) answer {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	fields := append([]string{"_csrf", s.get(t, path).attr("input[name=_csrf]", "value"), "kind", "file", "shown", "all", "language", "en"}, more...)
	for i := 0; i < len(fields); i += 2 {
		if err := w.WriteField(fields[i], fields[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	f, err := w.CreateFormFile("file", name)
	if err == nil {
		_, err = f.Write(content)
	}
	if err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("POST", "https://attesta.example"+path, &b)
	r.Header.Set("Content-Type", w.FormDataContentType())
	return s.do(t, r)
}

func TestAFileGoesWithoutScriptsAndWhatIsNotTakenIsSaidInWords(t *testing.T) {
	site := newSite(t, apptest.Open(t, apptest.SQLite(t)))
	e := site.Event(t)
	s := site.as(t, organiser)
	base := "/desk/events/" + e.Code + "/materials"
	for name, row := range map[string]struct{ content, says string }{
		"logo.svg":   {"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "can hold scripts"},
		"logo.png":   {"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "the content is a web page or a drawing"},
		"agenda.pdf": {"PK\x03\x04" + strings.Repeat("x", 50), "the content is that of a .zip file"},
		"a.docm":     {"x", "Save it without macros"}, "a.exe": {"MZ", "are programs"}, "empty.pdf": {"", "The file is empty"},
	} {
		a := s.sendWhole(t, base+"/new", name, []byte(row.content), "title", "What was typed")
		if a.code != http.StatusUnprocessableEntity || !strings.Contains(a.text("#f-file-e"), row.says) || a.attr("#f-title", "value") != "What was typed" {
			t.Errorf("%s: %d %v", name, a.code, a.texts(".error"))
		}
	}
	s.recorded(t, "send", func() {
		if a := s.sendWhole(t, base+"/new", "../Agenda\u202e.pdf", lecture(512<<10)); a.code != http.StatusSeeOther {
			t.Fatalf("%d %s", a.code, a.texts(".error"))
		}
	})
	if got := s.get(t, base).texts(".materials tbody td")[0]; got != "AgendaPDF, 0.5 MB" {
		t.Errorf("listed as %q", got)
	}
}

func TestMaterialsAreEditedOrderedAndRemoved(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		site := newSite(t, d)
		e, other := site.Event(t), site.Event(t)
		s := site.as(t, organiser)
		base := "/desk/events/" + e.Code + "/materials"
		for _, title := range []string{"First", "Second"} {
			s.recorded(t, "add a link", func() {
				a := s.post(t, base+"/new?kind=link", base+"/new", url.Values{"kind": {"link"}, "title": {title}, "url": {"https://www.example.org/x"}, "shown": {"attendees"}, "language": {"cnr"}})
				if a.code != http.StatusSeeOther {
					t.Fatalf("%d %s", a.code, a.texts(".error"))
				}
			})
		}
		if a := s.post(t, base+"/new?kind=link", base+"/new", url.Values{"kind": {"link"}, "title": {"x"}, "url": {"javascript:alert(1)"}, "shown": {"all"}}); a.code != http.StatusUnprocessableEntity || len(a.all("#f-url-e")) != 1 {
			t.Errorf("a script for an address: %d", a.code)
		}
		list := s.get(t, base)
		if got := list.attr(".materials tbody a", "href"); got != "https://www.example.org/x" || list.attr(".materials tbody a", "lang") != "cnr" {
			t.Errorf("it leads to %q", got)
		}
		codes := []string{}
		for _, n := range list.all(".materials tbody a.button") {
			if href := attrOf(n, "href"); !strings.HasSuffix(href, "/remove") {
				codes = append(codes, href[strings.LastIndex(href, "/")+1:])
			}
		}
		s.recorded(t, "order", func() { s.post(t, base, base, url.Values{"do": {"down " + codes[0]}}) })
		s.recorded(t, "edit", func() {
			form := s.get(t, base+"/"+codes[0]).filled("form.form")
			form.Set("title", "Changed")
			if a := s.post(t, base+"/"+codes[0], base+"/"+codes[0], form); a.code != http.StatusSeeOther {
				t.Fatalf("%d %s", a.code, a.texts(".error"))
			}
		})
		if got := s.get(t, base).texts(".materials tbody td:first-child"); !slices.Equal(got, []string{"Secondwww.example.org", "Changedwww.example.org"}) {
			t.Errorf("listed as %q", got)
		}
		if got := s.get(t, base+"/"+codes[1]+"/remove").text(".lead"); got != "Second" {
			t.Errorf("asked about %q", got)
		}
		s.recorded(t, "remove", func() { s.post(t, base+"/"+codes[1]+"/remove", base+"/"+codes[1]+"/remove", nil) })
		if got := s.get(t, base).texts(".materials tbody td:first-child"); len(got) != 1 {
			t.Errorf("left are %q", got)
		}
		for _, path := range []string{"/" + codes[0], "/" + codes[0] + "/remove", "/" + codes[0] + "/file", "/..%2f..%2f" + codes[0], "/%2e%2e"} {
			if a := s.get(t, "/desk/events/"+other.Code+"/materials"+path); a.code != http.StatusNotFound {
				t.Errorf("another event's material at %s: %d", path, a.code)
			}
		}
	})
}

func TestTheListOfMaterialsCostsTheSameHoweverManyThereAre(t *testing.T) {
	d := apptest.Open(t, apptest.SQLite(t))
	site := newSite(t, d)
	e := site.Event(t)
	s := site.as(t, organiser)
	var c counter
	d.Read().AddQueryHook(&c) //nolint:staticcheck // its successor makes another handle, which the pages wouldn't use
	cost := func(more int) int {
		t.Helper()
		for i := range more {
			if _, err := s.Events.AddLink(t.Context(), site.Organiser(), e.Code, event.MaterialFacts{Title: fmt.Sprint(i), URL: "https://x.example"}); err != nil {
				t.Fatal(err)
			}
		}
		before := c.n.Load()
		s.get(t, "/desk/events/"+e.Code+"/materials")
		return int(c.n.Load() - before)
	}
	if one, many := cost(1), cost(40); one != many || one == 0 {
		t.Errorf("%d queries for one, %d for many", one, many)
	}
}
