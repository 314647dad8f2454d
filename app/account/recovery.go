package account

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"attesta/app/db"
	"attesta/app/fault"
	"attesta/app/token"
)

const (
	recoveryCodes  = 10
	recoveryLength = 12 // characters, 60 bits
)

var errNoFactor = fault.New(fault.Conflict, "factor.none")

// NewCodes makes a visit's user new recovery codes, which are returned this once; those they had are worth nothing any
// more. Without a second factor there is nothing to recover: that is a NotFound fault.
func (a *Accounts) NewCodes(ctx context.Context, visitID int64) (codes []string, err error) {
	err = a.change(ctx, visitID, CodesMade, func(ctx context.Context, tx *db.Tx, who Actor) (any, error) {
		all, err := factorsOf(ctx, tx, who.UserID)
		if err != nil {
			return nil, err
		}
		if len(all) == 0 {
			return nil, errNoFactor
		}
		codes, err = a.makeCodes(ctx, tx, who.UserID)
		return map[string]any{"codes": len(codes)}, err
	})
	return codes, err
}

// OwnCodes returns those of the texts that are unused recovery codes of a visit's user, as they were shown.
func (a *Accounts) OwnCodes(ctx context.Context, visitID int64, codes []string) ([]string, error) {
	_, v, err := a.halfway(ctx, visitID)
	if err != nil {
		return nil, err
	}
	var own []string
	for _, c := range codes[:min(len(codes), 2*recoveryCodes)] {
		hash, err := a.hashCode(v.UserID, c)
		if err != nil {
			return nil, err
		}
		there, err := a.db.Read().NewSelect().Table("recovery_codes").Where("user_id = ? AND hash = ? AND used_at IS NULL", v.UserID, hash).Exists(ctx)
		if err != nil {
			return nil, fmt.Errorf("look for a recovery code of user %d: %w", v.UserID, err)
		}
		if there {
			own = append(own, token.Group(token.Fold(c)))
		}
	}
	return own, nil
}

// firstCodes makes recovery codes for a user who has none that still work.
func (a *Accounts) firstCodes(ctx context.Context, tx *db.Tx, userID int64) ([]string, error) {
	there, err := tx.NewSelect().Table("recovery_codes").Where("user_id = ? AND used_at IS NULL", userID).Exists(ctx)
	if err != nil || there {
		return nil, err
	}
	return a.makeCodes(ctx, tx, userID)
}

func (a *Accounts) makeCodes(ctx context.Context, tx *db.Tx, userID int64) ([]string, error) {
	if _, err := tx.NewRaw("DELETE FROM recovery_codes WHERE user_id = ?", userID).Exec(ctx); err != nil {
		return nil, err
	}
	codes := make([]string, recoveryCodes)
	for i := range codes {
		codes[i] = token.Group(token.Random()[:recoveryLength])
		hash, err := a.hashCode(userID, codes[i])
		if err != nil {
			return nil, err
		}
		if _, err := tx.NewRaw("INSERT INTO recovery_codes (user_id, hash, created_at) VALUES (?, ?, ?)", userID, hash, db.At(a.now())).Exec(ctx); err != nil {
			return nil, err
		}
	}
	return codes, nil
}

// useRecoveryCode uses a recovery code up and records it.
func (a *Accounts) useRecoveryCode(ctx context.Context, tx *db.Tx, who Actor, code string) (bool, error) {
	hash, err := a.hashCode(who.UserID, code)
	if err != nil {
		return false, err
	}
	res, err := tx.NewRaw("UPDATE recovery_codes SET used_at = ? WHERE user_id = ? AND hash = ? AND used_at IS NULL", db.At(a.now()), who.UserID, hash).Exec(ctx)
	if err != nil {
		return false, err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return false, err
	}
	return true, record(ctx, tx, who, "recovery_code_used", who.UserID, nil)
}

// hashCode is what is kept of a recovery code: without the installation's secret it can't be tried out.
func (a *Accounts) hashCode(userID int64, code string) (string, error) {
	key, err := a.factorKey("recovery")
	if err != nil {
		return "", err
	}
	h := hmac.New(sha256.New, key)
	fmt.Fprintf(h, "%d %s", userID, token.Fold(code))
	return hex.EncodeToString(h.Sum(nil)), nil
}
