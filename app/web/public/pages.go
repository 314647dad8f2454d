// Package public holds the pages for anyone and for participants: the home page, the calendar, an event and its
// registration, the page behind a participant's link, certificates and their verification.
package public

import (
	"time"

	"attesta/app/certificate"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/locale"
	"attesta/app/registration"
	"attesta/app/web"
)

// Pages are the public pages; every field but the limits is needed.
type Pages struct {
	Events        *event.Desk
	Registrations *registration.Desk
	Certificates  *certificate.Desk
	DB            *db.DB
	Catalogue     *locale.Catalogue

	// How many registrations may be sent, and certificates verified, from one source address within ten
	// minutes; 0 is without limit.
	RegisterLimit int
	VerifyLimit   int
}

const limitPeriod = 10 * time.Minute

// Routes lists the addresses of the pages.
func (p *Pages) Routes() []web.Route {
	return append(p.keep([]web.Route{
		web.GET("/:locale/", web.Anyone, p.home),
		web.GET("/:locale/card.png", web.Anyone, p.networkCard),
		web.GET("/:locale/events", web.Anyone, p.calendar),
		web.GET("/:locale/events.rss", web.Anyone, p.news),
		web.GET("/:locale/events/:code", web.Anyone, p.show),
		web.GET("/:locale/events.ics", web.Anyone, p.feed),
		web.GET("/:locale/events/:code.ics", web.Anyone, p.eventFile),
		web.GET("/:locale/events/:code/card.png", web.Anyone, p.eventCard),
		web.GET("/:locale/events/:code/programme", web.Anyone, p.wholeProgramme),
		web.GET("/:locale/events/:code/trainers/:speaker", web.Anyone, p.trainer),
		web.GET("/sitemap.xml", web.Anyone, p.sitemap),
		web.GET("/:locale/events/:code/programme.ics", web.Anyone, p.programmeFile),
		web.GET("/:locale/events/:code/programme.pdf", web.Anyone, p.programmeDocument),
		web.GET("/:locale/events/:code/sessions/:session.ics", web.Anyone, p.sessionFile),
		web.GET("/:locale/events/:code/register", web.Anyone, p.register),
		web.POST("/:locale/events/:code/register", web.Anyone, p.register),
		web.GET("/:locale/events/:code/register/decline", web.Anyone, p.decline),
		web.POST("/:locale/events/:code/register/decline", web.Anyone, p.decline),
		web.GET("/nominate/:token", web.Link, p.nominate),
		web.POST("/nominate/:token", web.Link, p.nominate),
		web.POST("/nominate/:token/withdraw", web.Link, p.withdraw),
		web.GET("/institutions", web.Anyone, p.institutions),
		web.GET("/portraits/:digest.jpg", web.Anyone, p.portrait),
		web.GET("/portraits/:digest/small.jpg", web.Anyone, p.smallPortrait),
		web.GET("/my/:token", web.Link, p.mine),
		web.GET("/my/:token/calendar.ics", web.Link, p.myFile),
		web.GET("/my/:token/cancel", web.Link, p.cancel),
		web.POST("/my/:token/cancel", web.Link, p.cancel),
		web.GET("/certificates/:number.pdf", web.Link, p.document),
		web.GET("/verify", web.Anyone, p.verifyForm),
		web.GET("/verify/:number", web.Anyone, p.verify),
		web.POST("/verify/:number", web.Anyone, p.verify),
		web.GET("/verify/:number.json", web.Anyone, p.verifyJSON),
	}), p.materialRoutes()...)
}

// limit counts one attempt from this source, if there is a limit.
func limit(c *web.Ctx, what string, n int) error {
	if n <= 0 {
		return nil
	}
	return c.LimitSource(what, n, limitPeriod)
}
