package account

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"attesta/app/audit"
	"attesta/app/db"
	"attesta/app/fault"
)

// RequiredFactors returns the roles that need a second factor, in the order of Rules.
func (a *Accounts) RequiredFactors(ctx context.Context) ([]Role, error) {
	return requiredFactors(ctx, a.db.Read())
}

func requiredFactors(ctx context.Context, d bun.IDB) ([]Role, error) {
	var values []string
	if err := d.NewRaw("SELECT value FROM settings WHERE name = ?", secondFactorSetting).Scan(ctx, &values); err != nil {
		return nil, fmt.Errorf("read which roles need a second factor: %w", err)
	}
	var roles []Role
	if len(values) == 0 {
		return roles, nil
	}
	if err := json.Unmarshal([]byte(values[0]), &roles); err != nil {
		return nil, fmt.Errorf("read which roles need a second factor: %w", err)
	}
	return roles, nil
}

// requiredOf returns those of the roles that need a second factor.
func (a *Accounts) requiredOf(ctx context.Context, d bun.IDB, roles []Role) ([]Role, error) {
	all, err := requiredFactors(ctx, d)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(r Role) bool { return !slices.Contains(roles, r) }), nil
}

// RequireFactor says which roles need a second factor, in place of those that needed one before. Who holds one of them
// and has none must set one up before anything else, from their next request on. The actor must administer the
// installation; a role that no user can hold is an Invalid fault of the field second_factor.
func (a *Accounts) RequireFactor(ctx context.Context, actor Actor, roles []Role) error {
	if !actor.Can(Administer) {
		return errForbidden
	}
	after := []Role{}
	for _, rule := range Rules {
		if slices.Contains(roles, rule.Role) && !rule.ByLink {
			after = append(after, rule.Role)
		}
	}
	for _, r := range roles {
		if !slices.Contains(after, r) {
			var form fault.Form
			form.Add("second_factor", "error.request_wrong")
			return form.Err()
		}
	}
	err := a.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error { return setRequired(ctx, tx, actor, after) })
	if err != nil {
		return fmt.Errorf("say which roles need a second factor: %w", err)
	}
	return nil
}

func setRequired(ctx context.Context, tx *db.Tx, actor Actor, after []Role) error {
	before, err := requiredFactors(ctx, tx)
	if err != nil {
		before = nil // what can't be read is mended by being replaced
	}
	if slices.Equal(before, after) {
		return nil
	}
	if before == nil {
		before = []Role{}
	}
	_, err = tx.NewRaw("INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
		secondFactorSetting, db.JSON[[]Role]{V: after}).Exec(ctx)
	if err != nil {
		return err
	}
	e := actor.Deed("require_factor", "setting", 0)
	e.Detail = audit.Detail(map[string]any{"before": before, "after": after})
	return audit.Record(ctx, tx, e)
}
