package pdf

import (
	"bytes"
	"errors"
	"fmt"
	"image/png"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"time"

	"github.com/jung-kurt/gofpdf"
)

// Stock is what documents of one kind share. It is made once and may be used by any number of goroutines.
//
// Numbers of objects: 1 page tree, 2 resources, 3 first page, 4 nothing, then what gofpdf wrote of faces and logos, then
// Info and Catalog, then the forms, then the grounds. 1, 3, Info and Catalog are written anew for each document.
type Stock struct {
	prefix   []byte
	offsets  []int   // by object number; 0 where the document writes the object
	grounds  [][]int // numbers of the streams that pages share
	info     int
	catalog  int
	wide     float64 // mm
	high     float64
	fonts    *Fonts
	faceName [faces]string
	images   map[[32]byte]string
	forms    map[*Canvas]string
	letters  Letters
}

// epoch stands where gofpdf insists on a date that no reader will see.
var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// NewStock makes a stock for paper of a size in millimetres: faces cut to the letters, the images, and canvases that
// may be painted as forms.
func NewStock(fonts *Fonts, wide, high float64, letters Letters, images []*Image, forms ...*Canvas) (*Stock, error) {
	s := &Stock{wide: wide, high: high, fonts: fonts, letters: letters, images: map[[32]byte]string{}, forms: map[*Canvas]string{}}
	base, err := s.base(letters, images)
	if err != nil {
		return nil, err
	}
	if err := s.adopt(base, forms); err != nil {
		return nil, err
	}
	return s, nil
}

// On returns a stock with grounds: lists of canvases that pages share. Of the ground a page stands on, the first canvas
// is painted before the page's own first part, the second after it, and so on. It costs little; s stays as it is.
func (s *Stock) On(grounds ...[]*Canvas) (*Stock, error) {
	t := *s
	t.offsets, t.prefix, t.grounds = slices.Clone(s.offsets), slices.Clone(s.prefix), nil
	for _, ground := range grounds {
		var numbers []int
		for _, c := range ground {
			w := writer{stock: s}
			if err := w.canvas(c); err != nil {
				return nil, err
			}
			numbers = append(numbers, len(t.offsets))
			t.offsets = append(t.offsets, len(t.prefix))
			t.prefix = appendStream(t.prefix, len(t.offsets)-1, "", w.out)
		}
		t.grounds = append(t.grounds, numbers)
	}
	t.prefix = slices.Clip(t.prefix)
	return &t, nil
}

// base lets gofpdf write a document with every letter and image in it.
func (s *Stock) base(letters Letters, images []*Image) (b []byte, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("gofpdf: %v", r)
		}
	}()
	p := gofpdf.New("P", "mm", "A4", "")
	p.SetCompression(false)
	p.SetCatalogSort(true)
	p.SetCreationDate(epoch)
	p.SetModificationDate(epoch)
	p.AddPage()
	for face := range faces {
		if letters[face] == 0 {
			continue
		}
		name := "attesta" + strconv.Itoa(int(face))
		p.AddUTF8FontFromBytes(name, "", bytes.Clone(s.fonts.face[face].file))
		p.SetFont(name, "", float64(20+face))
		p.Text(10, 10, letters.of(s.fonts.face[face], face))
	}
	drawn, err := s.drawImages(p, images)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := p.Output(&out); err != nil {
		return nil, fmt.Errorf("gofpdf: %w", err)
	}
	return out.Bytes(), s.names(out.Bytes(), drawn)
}

// drawImages draws each image once and returns their digests in that order. gofpdf orders images by their width and
// leaves ties to chance, so no two get the same.
func (s *Stock) drawImages(p *gofpdf.Fpdf, images []*Image) ([][32]byte, error) {
	var drawn [][32]byte
	taken := map[int]bool{}
	for i, im := range images {
		if _, ok := s.images[im.sum]; ok {
			continue
		}
		file, wide := im.png, im.Wide
		for taken[wide] {
			wide++
		}
		taken[wide] = true
		if wide != im.Wide {
			src, err := png.Decode(bytes.NewReader(im.png))
			if err != nil {
				return nil, fmt.Errorf("picture: %w", err)
			}
			padded, err := flatten(src, wide)
			if err != nil {
				return nil, err
			}
			file = padded.png
		}
		opt := gofpdf.ImageOptions{ImageType: "PNG"}
		p.RegisterImageOptionsReader(strconv.Itoa(i), opt, bytes.NewReader(file))
		p.ImageOptions(strconv.Itoa(i), 10, 10, 10, 10, false, opt, 0, "")
		s.images[im.sum] = ""
		drawn = append(drawn, im.sum)
	}
	return drawn, nil
}

var (
	faceUse  = regexp.MustCompile(`BT /(F[0-9a-f]+) 2([0-9])\.00 Tf`)
	imageUse = regexp.MustCompile(`cm /(I[0-9a-f]+) Do Q`)
	xrefLine = regexp.MustCompile(`(?m)^(\d{10}) 00000 n `)
	errBase  = errors.New("gofpdf wrote a document of an unexpected shape")
)

// names finds what gofpdf called the faces and images.
func (s *Stock) names(base []byte, drawn [][32]byte) error {
	for _, m := range faceUse.FindAllSubmatch(base, -1) {
		s.faceName[m[2][0]-'0'] = string(m[1])
	}
	uses := imageUse.FindAllSubmatch(base, -1)
	if len(uses) != len(drawn) {
		return errBase
	}
	for i, m := range uses {
		s.images[drawn[i]] = string(m[1])
	}
	return nil
}

// adopt takes over the objects of base that hold faces and images, and adds the forms.
func (s *Stock) adopt(base []byte, forms []*Canvas) error {
	xref := bytes.LastIndex(base, []byte("\nxref\n")) + 1
	type object struct{ number, at int }
	var objects []object
	for i, m := range xrefLine.FindAllSubmatch(base[xref:], -1) {
		at, _ := strconv.Atoi(string(m[1]))
		objects = append(objects, object{i + 1, at})
	}
	n := len(objects)
	if xref == 0 || n < 6 {
		return errBase
	}
	s.info, s.catalog = n-1, n
	s.offsets = make([]int, n+1)
	sort.Slice(objects, func(a, b int) bool { return objects[a].at < objects[b].at })
	s.prefix = append(s.prefix, base[:objects[0].at]...)
	for i, o := range objects {
		if o.number == 1 || o.number == 3 || o.number == 4 || o.number == s.info || o.number == s.catalog {
			continue
		}
		end := xref
		if i+1 < n {
			end = objects[i+1].at
		}
		body := base[o.at:end]
		if o.number == 2 {
			if body = s.nameForms(body, forms, n); body == nil {
				return errBase
			}
		}
		s.offsets[o.number] = len(s.prefix)
		s.prefix = append(s.prefix, body...)
	}
	return s.addForms(forms)
}

// nameForms enters the forms in the resources; they become the objects after last.
func (s *Stock) nameForms(resources []byte, forms []*Canvas, last int) []byte {
	var entries []byte
	for i, f := range forms {
		s.forms[f] = "X" + strconv.Itoa(last+1+i)
		entries = fmt.Appendf(entries, "/%s %d 0 R\n", s.forms[f], last+1+i)
	}
	head, tail, ok := bytes.Cut(resources, []byte("/XObject <<\n"))
	if !ok {
		return nil
	}
	return bytes.Join([][]byte{head, []byte("/XObject <<\n"), entries, tail}, nil)
}

func (s *Stock) addForms(forms []*Canvas) error {
	dict := fmt.Sprintf("/Type /XObject /Subtype /Form /BBox [0 0 %.2f %.2f] /Resources <<>> ", s.wide*mm, s.high*mm)
	for _, f := range forms {
		w := writer{stock: s}
		if err := w.canvas(f); err != nil {
			return err
		}
		s.offsets = append(s.offsets, len(s.prefix))
		s.prefix = appendStream(s.prefix, len(s.offsets)-1, dict, w.out)
	}
	return nil
}

// StockKey tells stocks apart by what they are made of.
func StockKey(fonts *Fonts, letters Letters, images []*Image) string {
	key := fmt.Sprintf("%s %x", fonts.name, letters)
	for _, im := range images {
		key += fmt.Sprintf(" %x", im.sum[:8])
	}
	return key
}
