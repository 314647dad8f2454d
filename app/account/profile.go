package account

import (
	"context"
	"fmt"
	"strings"

	"attesta/app/db"
	"attesta/app/fault"
	"attesta/app/locale"
)

// ChangeProfile sets the actor's own name and the language in which they are addressed. Its faults are Forbidden, and
// Invalid with the fields name and locale.
func (a *Accounts) ChangeProfile(ctx context.Context, actor Actor, name string, code locale.Code) error {
	if actor.UserID == 0 || actor.VisitID == 0 {
		return errForbidden
	}
	var form fault.Form
	name = checkName(&form, name)
	if code == "" {
		form.Add("locale", "form.required")
	}
	if err := form.Err(); err != nil {
		return err
	}
	err := a.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		var before User
		if err := tx.NewSelect().Model(&before).Where("id = ?", actor.UserID).Scan(ctx); err != nil {
			return db.One(err)
		}
		if before.Name == name && before.Locale == code {
			return nil
		}
		res, err := tx.NewRaw("UPDATE users SET name = ?, locale = ? WHERE id = ?", name, code, actor.UserID).Exec(ctx)
		if err := affected(res, err); err != nil {
			return err
		}
		return record(ctx, tx, actor, "change_profile", actor.UserID, map[string]any{
			"before": map[string]any{"locale": before.Locale}, "after": map[string]any{"locale": code},
		})
	})
	if err != nil {
		return fmt.Errorf("change the profile of user %d: %w", actor.UserID, err)
	}
	return nil
}

// noName are characters of addresses, which no name has: names are written into mails that strangers get.
const noName = ":@<>"

// checkName returns a name without what isn't text in it, and adds what is wrong with it to the field name.
func checkName(form *fault.Form, name string) string {
	name = locale.Clean(name)
	switch {
	case name == "":
		form.Add("name", "form.required")
	case len([]rune(name)) > maxName:
		form.Add("name", "form.too_long", "Max", maxName)
	case strings.ContainsAny(name, noName):
		form.Add("name", "form.name_character", "Character", string(name[strings.IndexAny(name, noName)]))
	}
	return name
}
