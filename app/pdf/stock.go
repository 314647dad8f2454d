package pdf

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/png"
	"regexp"
	"sort"
	"strconv"
	"time"

	"github.com/jung-kurt/gofpdf"
)

// Stock is what documents of one kind share. It is made once and may be used by any number of goroutines.
//
// Numbers of objects: 1 page tree, 2 resources, 3 first page, 4 what stands on every page, then what gofpdf wrote of
// faces and logos, then Info and Catalog, then the forms. 1, 3, Info and Catalog are written anew for each document.
type Stock struct {
	prefix   []byte
	offsets  []int // by object number; 0 where the document writes the object
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

// NewStock makes a stock: faces cut to the letters, the images, and a canvas that is painted on every page before
// anything else and that sets the size of the paper.
func NewStock(ground *Canvas, letters Letters, images []*Image) (*Stock, error) {
	letters.Add(ground)
	s := &Stock{wide: ground.Wide, high: ground.High, fonts: ground.fonts, letters: letters,
		images: map[[32]byte]string{}, forms: map[*Canvas]string{}}
	base, err := s.base(letters, images)
	if err != nil {
		return nil, err
	}
	if err := s.adopt(base, ground); err != nil {
		return nil, err
	}
	return s, nil
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
			padded, err := flatten(src.(image.Image), wide)
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

// adopt takes over the objects of base that hold faces and images, and adds the ground and the forms.
func (s *Stock) adopt(base []byte, ground *Canvas) error {
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
			if body = s.addForms(body, ground, n); body == nil {
				return errBase
			}
		}
		s.offsets[o.number] = len(s.prefix)
		s.prefix = append(s.prefix, body...)
	}
	return s.addGround(ground)
}

// addForms names the forms of the ground and enters them in the resources; they become the objects after last.
func (s *Stock) addForms(resources []byte, ground *Canvas, last int) []byte {
	var entries []byte
	for _, m := range ground.marks {
		if f, ok := m.(formMark); ok && s.forms[f.form] == "" {
			last++
			s.forms[f.form] = "X" + strconv.Itoa(last)
			entries = fmt.Appendf(entries, "/X%d %d 0 R\n", last, last)
		}
	}
	head, tail, ok := bytes.Cut(resources, []byte("/XObject <<\n"))
	if !ok {
		return nil
	}
	return bytes.Join([][]byte{head, []byte("/XObject <<\n"), entries, tail}, nil)
}

func (s *Stock) addGround(ground *Canvas) error {
	w := writer{stock: s}
	if err := w.canvas(ground); err != nil {
		return err
	}
	s.offsets[4] = len(s.prefix)
	s.prefix = appendStream(s.prefix, 4, "", w.out)
	done := map[*Canvas]bool{}
	for _, m := range ground.marks {
		f, ok := m.(formMark)
		if !ok || done[f.form] {
			continue
		}
		done[f.form] = true
		w := writer{stock: s}
		if err := w.canvas(f.form); err != nil {
			return err
		}
		dict := fmt.Sprintf("/Type /XObject /Subtype /Form /BBox [0 0 %.2f %.2f] /Resources <<>> ", f.form.Wide*mm, s.high*mm)
		s.offsets = append(s.offsets, len(s.prefix))
		s.prefix = appendStream(s.prefix, len(s.offsets)-1, dict, w.out)
	}
	s.prefix = s.prefix[:len(s.prefix):len(s.prefix)]
	return nil
}

// StockKey tells stocks apart by what they are made of, apart from the ground.
func StockKey(fonts *Fonts, letters Letters, images []*Image) string {
	key := fmt.Sprintf("%s %x", fonts.name, letters)
	for _, im := range images {
		key += fmt.Sprintf(" %x", im.sum[:8])
	}
	return key
}
