package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// assets are the static files, read once. Each is served under an address with a digest of its content, so that
// browsers keep it for ever; references within style sheets and modules get the digest too.
type assets struct {
	fsys   fs.FS
	dev    bool
	byPath map[string]*asset // by address after /static/
	names  map[string]string // name → address
}

type asset struct {
	mime    string
	body    []byte
	gzipped []byte // nil if that isn't smaller
}

var mimes = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg",
	".ico": "image/x-icon", ".woff2": "font/woff2", ".wasm": "application/wasm", ".webmanifest": "application/manifest+json", ".mp3": "audio/mpeg",
}

func newAssets(fsys fs.FS, dev bool) (*assets, error) {
	a := &assets{fsys: fsys, dev: dev, byPath: map[string]*asset{}, names: map[string]string{}}
	if dev {
		return a, nil
	}
	return a, fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || mimes[path.Ext(name)] == "" {
			return err
		}
		_, err = a.add(name, nil)
		return err
	})
}

var references = regexp.MustCompile(`(url\("|from "|import "|import\(")(\.\.?/[^"]+)(")`)

// add reads a file, and before it the files it refers to; within is the chain of files that led here.
func (a *assets) add(name string, within []string) (string, error) {
	if address, ok := a.names[name]; ok {
		return address, nil
	}
	for _, w := range within {
		if w == name {
			return "", fmt.Errorf("static: %s refers to itself through %v", name, within)
		}
	}
	body, err := fs.ReadFile(a.fsys, name)
	if err != nil {
		return "", fmt.Errorf("static: %w", err)
	}
	ext := path.Ext(name)
	if ext == ".css" || ext == ".js" {
		if body, err = a.rewrite(name, body, append(within, name)); err != nil {
			return "", err
		}
	}
	sum := sha256.Sum256(body)
	address := strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:5]) + ext
	a.names[name], a.byPath[address] = address, &asset{mime: mimes[ext], body: body, gzipped: compress(body)}
	return address, nil
}

func (a *assets) rewrite(name string, body []byte, within []string) ([]byte, error) {
	var failed error
	out := references.ReplaceAllFunc(body, func(match []byte) []byte {
		m := references.FindSubmatch(match)
		address, err := a.add(path.Join(path.Dir(name), string(m[2])), within)
		if err != nil {
			failed = err
			return match
		}
		return []byte(string(m[1]) + "/static/" + address + string(m[3]))
	})
	return out, failed
}

func compress(b []byte) []byte {
	var out bytes.Buffer
	w, _ := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if _, err := w.Write(b); err != nil || w.Close() != nil || out.Len() >= len(b)*9/10 {
		return nil
	}
	return out.Bytes()
}

// path returns the address of a file.
func (a *assets) path(name string) (string, error) {
	if a.dev {
		if _, err := fs.Stat(a.fsys, name); err != nil {
			return "", err
		}
		return "/static/" + name, nil
	}
	address, ok := a.names[name]
	if !ok {
		return "", fmt.Errorf("static: no file %s", name)
	}
	return "/static/" + address, nil
}

// serve answers for /static/*.
func (a *assets) serve(f *fiber.Ctx) error {
	name := f.Params("*")
	x := a.byPath[name]
	f.Set("X-Content-Type-Options", "nosniff")
	f.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	if a.dev {
		body, err := fs.ReadFile(a.fsys, path.Clean(name))
		if err == nil && mimes[path.Ext(name)] != "" {
			x = &asset{mime: mimes[path.Ext(name)], body: body}
		}
	}
	if x == nil {
		return f.Status(fiber.StatusNotFound).SendString("not found\n")
	}
	f.Set(fiber.HeaderContentType, x.mime)
	f.Set(fiber.HeaderCacheControl, "public, max-age=31536000, immutable")
	if a.dev {
		f.Set(fiber.HeaderCacheControl, "no-cache")
	}
	if x.gzipped != nil {
		f.Set(fiber.HeaderVary, "Accept-Encoding")
		if strings.Contains(f.Get(fiber.HeaderAcceptEncoding), "gzip") {
			f.Set(fiber.HeaderContentEncoding, "gzip")
			return f.Send(x.gzipped)
		}
	}
	return f.Send(x.body)
}
