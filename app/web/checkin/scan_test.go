package checkin_test

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"rsc.io/qr"

	"attesta/app/apptest"
)

// film writes an endless film of a badge with this code for the browser's camera, and returns its name.
func film(t *testing.T, code string) string {
	t.Helper()
	q, err := qr.Encode(code, qr.Q)
	if err != nil {
		t.Fatal(err)
	}
	const wide, high, module = 640, 480, 11
	frame := image.NewRGBA(image.Rect(0, 0, wide, high))
	draw.Draw(frame, frame.Bounds(), image.NewUniform(color.Gray{150}), image.Point{}, draw.Src)
	left, top := (wide-q.Size*module)/2, (high-q.Size*module)/2
	draw.Draw(frame, image.Rect(left-4*module, top-4*module, wide-left+4*module, high-top+4*module), image.White, image.Point{}, draw.Src)
	for y := range q.Size {
		for x := range q.Size {
			if q.Black(x, y) {
				draw.Draw(frame, image.Rect(left+x*module, top+y*module, left+(x+1)*module, top+(y+1)*module), image.Black, image.Point{}, draw.Src)
			}
		}
	}
	var one bytes.Buffer
	if err := jpeg.Encode(&one, frame, nil); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "badge.mjpeg")
	if err := os.WriteFile(name, bytes.Repeat(one.Bytes(), 30), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// phone is a browser of the size of a phone whose camera sees the film.
func phone(t *testing.T, camera string) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal("no chromium")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.WindowSize(360, 740),
		chromedp.Flag("use-fake-device-for-media-stream", true), chromedp.Flag("use-fake-ui-for-media-stream", true), chromedp.Flag("use-file-for-fake-video-capture", camera))
	ctx, end := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(end)
	ctx, end = chromedp.NewContext(ctx)
	t.Cleanup(end)
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		t.Fatal(err)
	}
	ctx, end = context.WithTimeout(ctx, time.Minute)
	t.Cleanup(end)
	return ctx
}

func (s *door) listen() (base string) {
	s.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		s.t.Fatal(err)
	}
	go func() { _ = s.server.Serve(l) }()
	s.t.Cleanup(func() { _ = s.server.Shutdown(context.WithoutCancel(s.t.Context())) })
	return "http://" + l.Addr().String()
}

func TestTheCameraLetsABadgeInAndScansOn(t *testing.T) {
	if testing.Short() {
		t.Skip("needs a browser")
	}
	s := newDoor(t, apptest.Open(t, apptest.SQLite(t)))
	r := s.register(s.event, 1)
	s.begin()
	ctx := phone(t, film(t, r.Code))
	err := chromedp.Do(ctx, chromedp.Navigate(s.listen()+s.path), chromedp.WaitVisible(chromedp.CSS("[data-frame], [data-start]")),
		chromedp.Sleep(500*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	started, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`!document.querySelector("[data-frame]").hidden`))
	if err != nil {
		t.Fatal(err)
	}
	if !started {
		if err := chromedp.Do(ctx, chromedp.Click(chromedp.CSS("[data-start]"))); err != nil {
			t.Fatal(err)
		}
	}
	if err := chromedp.Do(ctx, chromedp.WaitVisible(chromedp.CSS(".ci-answer--in"))); err != nil {
		t.Fatalf("the badge isn't read: %v", err)
	}
	name, err := chromedp.Run(ctx, chromedp.Text(chromedp.CSS(".ci-answer--in .ci-name")))
	if err != nil || name != "Vesna Ćetković-1" {
		t.Errorf("lets in %q, %v", name, err)
	}
	if err := chromedp.Do(ctx, chromedp.WaitNotPresent(chromedp.CSS(".ci-answer")), chromedp.WaitVisible(chromedp.CSS("[data-scan]")), chromedp.Sleep(4*time.Second)); err != nil {
		t.Fatalf("it doesn't scan on: %v", err)
	}
	rows, err := chromedp.Run(ctx, chromedp.Evaluate[int](`document.querySelectorAll("[data-rows] li").length`))
	if err != nil || rows != 1 {
		t.Errorf("%d scans of a badge that is still held up, %v", rows, err)
	}
	var claims int
	if err := s.w.DB.Read().NewRaw("SELECT COUNT(*) FROM claims WHERE source = 'scan'").Scan(t.Context(), &claims); err != nil || claims != 1 {
		t.Errorf("%d claims, %v", claims, err)
	}
}
