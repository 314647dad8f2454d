// Package web is the ground that every page stands on: routes, sessions, forms, languages, errors, headers, sign-in.
//
// The pages of an audience live in a package of their own (web/public, web/desk, web/checkin, web/donor). Such a
// package offers its routes as data and its templates in templates/<audience>/:
//
//	func (p *Pages) Routes() []web.Route {
//		return []web.Route{
//			web.GET("/:locale/events/:code", web.Anyone, p.show),
//			web.GET("/:locale/events/:code/register", web.Anyone, p.register),
//			web.POST("/:locale/events/:code/register", web.Anyone, p.register),
//			web.GET("/desk/events/:code", web.Permission(account.ViewEvent), p.cockpit),
//			web.GET("/my/:token", web.Link, p.mine), // must call c.As before it answers
//			web.GET("/api/v1/events", web.Token(account.ViewEvent), p.events), // for programs; no cookie is believed
//		}
//	}
//
// A page is a struct that embeds Page, and with it the printer of the reader's language; a handler fills and renders it:
//
//	type registerPage struct {
//		web.Page
//		Event event.Event
//	}
//
//	func (p *Pages) register(c *web.Ctx) error {
//		e, err := p.events.Published(c.Context(), c.Param("code"))
//		if err != nil {
//			return err // a fault becomes its error page, anything else a 500 with a request id
//		}
//		form := c.Form()
//		if c.IsPost() {
//			token, err := p.desk.Register(c.Context(), c.Actor(), e.ID, read(form))
//			if err == nil {
//				c.Flash(web.Go, "registration.received")
//				return c.Redirect("/my/" + token)
//			}
//			if !form.Refused(err) { // only what the person can mend on this form
//				return err
//			}
//		}
//		return c.Render("public/registration_new", &registerPage{Page: c.Page(c.T("registration.title")), Event: e})
//	}
//
// The template sees the page as its dot, and as $ inside range:
//
//	<h1>{{.Title}}</h1>
//	{{template "web/errors" .}}
//	<form class="form" method="post" novalidate>{{template "web/csrf" .}}
//	{{template "web/input" (.Input "email" "registration.email" "type" "email" "hint" "registration.email_hint")}}
//	{{template "web/select" (.Select "country" "registration.country" .Countries)}}
//	<button class="button button--main">{{.T "registration.send"}}</button></form>
//
// Scripts only add: form[data-draft="name"] is kept in the tab until it is sent, and a page with [data-draft-done="name"]
// forgets it; a button with data-confirm, data-confirm-yes and data-confirm-no asks first; further modules stand in
// Page.Scripts. A script that writes sends the token in X-CSRF-Token.
//
// A refused form is answered with 422, the values kept, each fault beside its field and a summary on top. The layout
// (templates/web/layout.html) adds head, navigation, languages, notices and the footnote. The style sheet
// css/<audience>.css is linked if it exists.
package web
