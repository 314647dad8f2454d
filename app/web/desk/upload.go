package desk

import (
	"strconv"

	"attesta/app/event"
	"attesta/app/fault"
	"attesta/app/web"
)

// Uploads are sent by static/js/upload.js in chunks, in the manner of tus: the file is announced, each chunk says at which
// byte it begins, and whoever lost the line asks how much has come.

const offsetHeader = "Upload-Offset"

// uploadState is what the script is told.
type uploadState struct {
	Code   string `json:"code"`
	Offset int64  `json:"offset"`
	Size   int64  `json:"size"`
}

func (p *Pages) tellUpload(c *web.Ctx, u *event.Upload) error {
	c.SetHeader(offsetHeader, strconv.FormatInt(u.Received, 10))
	return c.JSON(uploadState{u.Code, u.Received, u.Size})
}

// beginUpload takes the announcement of a file, with what is said of it: what is wrong is told before anything is sent.
func (p *Pages) beginUpload(c *web.Ctx) error {
	e, err := p.editable(c)
	if err != nil {
		return err
	}
	if _, err := p.readMaterial(c, e, event.FileMaterial); err != nil {
		return err
	}
	f := c.Form()
	size, err := strconv.ParseInt(f.Value("size"), 10, 64)
	if err != nil {
		return fault.New(fault.Invalid, "error.request_wrong")
	}
	u, err := p.Events.BeginUpload(c.Context(), c.Actor(), e.Code, event.NewUpload{Name: f.Value("name"), Size: size, Fingerprint: f.Value("fingerprint")})
	if err != nil {
		return err
	}
	return p.tellUpload(c, u)
}

// upload says how much has come.
func (p *Pages) upload(c *web.Ctx) error {
	e, err := p.editable(c)
	if err != nil {
		return err
	}
	u, err := p.Events.Upload(c.Context(), c.Actor(), e.Code, c.Param("upload"))
	if err != nil {
		return err
	}
	return p.tellUpload(c, u)
}

// appendUpload takes a chunk. A chunk that begins elsewhere than where the last one ended is refused with 409, and told
// where that was.
func (p *Pages) appendUpload(c *web.Ctx) error {
	e, err := p.editable(c)
	if err != nil {
		return err
	}
	u, err := p.Events.Upload(c.Context(), c.Actor(), e.Code, c.Param("upload"))
	if err != nil {
		return err
	}
	offset, err := strconv.ParseInt(c.Header(offsetHeader), 10, 64)
	if err != nil {
		return fault.New(fault.Invalid, "error.request_wrong")
	}
	u.Received, err = p.Events.Append(c.Context(), c.Actor(), e.Code, u.Code, offset, c.Body())
	c.SetHeader(offsetHeader, strconv.FormatInt(u.Received, 10))
	if err != nil {
		return err
	}
	return p.tellUpload(c, u)
}

// finishUpload makes a material of what has come and says where to go on.
func (p *Pages) finishUpload(c *web.Ctx) error {
	e, err := p.editable(c)
	if err != nil {
		return err
	}
	facts, err := p.readMaterial(c, e, event.FileMaterial)
	if err != nil {
		return err
	}
	if _, err := p.Events.Finish(c.Context(), c.Actor(), e.Code, c.Param("upload"), facts); err != nil {
		return err
	}
	c.Flash(web.Go, "material.added")
	return c.JSON(map[string]string{"location": "/desk/events/" + e.Code + "/materials"})
}

func (p *Pages) discardUpload(c *web.Ctx) error {
	e, err := p.editable(c)
	if err != nil {
		return err
	}
	if err := p.Events.DiscardUpload(c.Context(), c.Actor(), e.Code, c.Param("upload")); err != nil {
		return err
	}
	c.Flash(web.Calm, "material.discarded")
	return c.Redirect("/desk/events/" + e.Code + "/materials")
}
