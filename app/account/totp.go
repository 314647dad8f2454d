package account

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"

	"attesta/app/db"
)

const (
	period      = 30               // seconds for which a code is shown
	skew        = 1                // codes before and after the present one that are taken, too
	sealedLife  = 30 * time.Minute // how long setting up an app may take
	factorLabel = "attesta second factor"
)

// NewApp is an authenticator app that is being set up. Nothing is kept of it before ConfirmApp.
type NewApp struct {
	URL    string   // otpauth://…, for the QR code
	Groups []string // the secret in groups of four, for typing
	Sealed string   // goes with the code to ConfirmApp; worth nothing to another visit
}

// sealedApp is what Sealed holds.
type sealedApp struct {
	Secret string `json:"secret"`
	Until  int64  `json:"until"` // Unix seconds
}

// NewApp begins to set up an authenticator app for a visit's user. issuer is the name under which the app lists it. A
// visit that isn't proven gets ErrProof.
func (a *Accounts) NewApp(ctx context.Context, visitID int64, issuer string) (NewApp, error) {
	_, v, err := a.halfway(ctx, visitID)
	if err != nil {
		return NewApp{}, err
	}
	if err := a.fresh(v); err != nil {
		return NewApp{}, err
	}
	u, err := a.User(ctx, v.UserID)
	if err != nil {
		return NewApp{}, err
	}
	key, err := newKey(issuer, u.Email, nil)
	if err != nil {
		return NewApp{}, err
	}
	b, err := json.Marshal(sealedApp{Secret: key.Secret(), Until: a.now().Add(sealedLife).Unix()})
	if err != nil {
		return NewApp{}, err
	}
	sealed, err := a.seal(b, newAppOf(v))
	return NewApp{URL: key.URL(), Groups: groups(key.Secret()), Sealed: sealed}, err
}

// ResumeApp returns the app that is being set up once more, after a wrong code. What is too old or not this visit's is
// a NotFound fault.
func (a *Accounts) ResumeApp(ctx context.Context, visitID int64, issuer, sealed string) (NewApp, error) {
	_, v, err := a.halfway(ctx, visitID)
	if err != nil {
		return NewApp{}, err
	}
	u, err := a.User(ctx, v.UserID)
	if err != nil {
		return NewApp{}, err
	}
	secret, err := a.openNew(v, sealed)
	if err != nil {
		return NewApp{}, db.ErrNotFound
	}
	raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	if err != nil {
		return NewApp{}, fmt.Errorf("read the secret of an app: %w", err)
	}
	key, err := newKey(issuer, u.Email, raw)
	if err != nil {
		return NewApp{}, err
	}
	return NewApp{URL: key.URL(), Groups: groups(secret), Sealed: sealed}, nil
}

// newKey returns what an app reads; secret is random if it is nil.
func newKey(issuer, name string, secret []byte) (*otp.Key, error) {
	key, err := totp.Generate(totp.GenerateOpts{
		Issuer: strings.ReplaceAll(issuer, ":", " "), AccountName: name, Period: period, Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1, Secret: secret,
	})
	if err != nil {
		return nil, fmt.Errorf("make a secret for an app: %w", err)
	}
	return key, nil
}

func groups(secret string) []string {
	var all []string
	for i := 0; i < len(secret); i += 4 {
		all = append(all, secret[i:min(i+4, len(secret))])
	}
	return all
}

// ConfirmApp keeps the app that NewApp began, in place of an earlier one, if code is what it shows now. The visit has
// then shown its second factor. The user's first factor comes with recovery codes, which are returned this once; else
// there are none. A wrong code is an Invalid fault of the field code.
func (a *Accounts) ConfirmApp(ctx context.Context, visitID int64, sealed, code string) (codes []string, err error) {
	_, v, err := a.halfway(ctx, visitID)
	if err != nil {
		return nil, err
	}
	secret, err := a.openNew(v, sealed)
	if err != nil {
		return nil, errFactorWrong("code")
	}
	step, ok := stepOf(secret, code, a.now(), 0)
	if !ok {
		return nil, errFactorWrong("code")
	}
	kept, err := a.seal([]byte(secret), appOf(v.UserID))
	if err != nil {
		return nil, err
	}
	have, err := factorsOf(ctx, a.db.Read(), v.UserID)
	if err != nil {
		return nil, err
	}
	what := AppAdded
	for _, f := range have {
		if f.Kind == TOTP {
			what = AppReplaced
		}
	}
	err = a.change(ctx, visitID, what, func(ctx context.Context, tx *db.Tx, _ Actor) (any, error) {
		if _, err := tx.NewRaw("DELETE FROM factors WHERE user_id = ? AND kind = ?", v.UserID, TOTP).Exec(ctx); err != nil {
			return nil, err
		}
		now := db.At(a.now())
		f := Factor{UserID: v.UserID, Kind: TOTP, Secret: kept, Credential: "{}", LastStep: step, CreatedAt: now, ConfirmedAt: now, UsedAt: now}
		if _, err := tx.NewInsert().Model(&f).Exec(ctx); err != nil {
			return nil, err
		}
		if codes, err = a.firstCodes(ctx, tx, v.UserID); err != nil {
			return nil, err
		}
		return map[string]any{"factor": f.ID}, a.passed(ctx, tx, visitID)
	})
	return codes, err
}

// PassCode notes that a visit's user has shown the code of their app, or one of their recovery codes. Each counts once,
// however often it is sent at the same moment. Whatever is wrong is the same Invalid fault of the field code.
func (a *Accounts) PassCode(ctx context.Context, visitID int64, code string) error {
	who, v, err := a.Resume(ctx, visitID)
	if err != nil {
		return err
	}
	err = a.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		use := a.useRecoveryCode
		if isAppCode(code) {
			use = a.useAppCode
		}
		ok, err := use(ctx, tx, who, code)
		if err == nil && !ok {
			err = errFactorWrong("code")
		}
		if err != nil {
			return err
		}
		return a.passed(ctx, tx, visitID)
	})
	if err != nil {
		return fmt.Errorf("second factor of user %d: %w", v.UserID, err)
	}
	return nil
}

// digits are what a person typed of an app's code; apps show it with a space in the middle.
func digits(code string) string { return strings.Join(strings.Fields(code), "") }

func isAppCode(code string) bool {
	d := digits(code)
	return len(d) == otp.DigitsSix.Length() && strings.Trim(d, "0123456789") == ""
}

// useAppCode uses a code up: the half minute to which it belongs, and all before, are spent.
func (a *Accounts) useAppCode(ctx context.Context, tx *db.Tx, who Actor, code string) (bool, error) {
	var rows []Factor
	q := tx.NewSelect().Model(&rows).Where("user_id = ? AND kind = ? AND confirmed_at IS NOT NULL", who.UserID, TOTP)
	if err := q.Scan(ctx); err != nil || len(rows) == 0 {
		return false, err
	}
	f := rows[0]
	secret, err := a.unseal(f.Secret, appOf(who.UserID))
	if err != nil {
		return false, fmt.Errorf("open the secret of factor %d: %w", f.ID, err)
	}
	step, ok := stepOf(string(secret), code, a.now(), f.LastStep)
	if !ok {
		return false, nil
	}
	res, err := tx.NewRaw("UPDATE factors SET last_step = ?, used_at = ? WHERE id = ? AND last_step < ?", step, db.At(a.now()), f.ID, step).Exec(ctx)
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

// stepOf returns the half minute since 1970 to which a code belongs, among the present one and its neighbours that come
// after the last that was used.
func stepOf(secret, code string, now time.Time, last int64) (int64, bool) {
	present := now.Unix() / period
	for step := present - skew; step <= present+skew; step++ {
		if step <= last {
			continue
		}
		ok, err := hotp.ValidateCustom(digits(code), uint64(step), secret, hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1}) //nolint:gosec // after 1970
		if err == nil && ok {
			return step, true
		}
	}
	return 0, false
}

func appOf(userID int64) string { return fmt.Sprintf("app of user %d", userID) }
func newAppOf(v Visit) string   { return fmt.Sprintf("new app of user %d in visit %d", v.UserID, v.ID) }

func (a *Accounts) openNew(v Visit, sealed string) (secret string, err error) {
	b, err := a.unseal(sealed, newAppOf(v))
	if err != nil {
		return "", err
	}
	var s sealedApp
	if err := json.Unmarshal(b, &s); err != nil {
		return "", err
	}
	if a.now().Unix() > s.Until {
		return "", errors.New("too old")
	}
	return s.Secret, nil
}

// seal encrypts b with a key of the installation; only for the same purpose can it be opened again.
func (a *Accounts) seal(b []byte, purpose string) (string, error) {
	gcm, err := a.gcm()
	if err != nil {
		return "", err
	}
	nonce := make([]byte, gcm.NonceSize())
	_, _ = rand.Read(nonce) // never fails since Go 1.24
	return base64.RawURLEncoding.EncodeToString(gcm.Seal(nonce, nonce, b, []byte(purpose))), nil
}

func (a *Accounts) unseal(sealed, purpose string) ([]byte, error) {
	gcm, err := a.gcm()
	if err != nil {
		return nil, err
	}
	b, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil || len(b) < gcm.NonceSize() {
		return nil, errors.New("account: not a sealed text")
	}
	return gcm.Open(nil, b[:gcm.NonceSize()], b[gcm.NonceSize():], []byte(purpose))
}

func (a *Accounts) gcm() (cipher.AEAD, error) {
	key, err := a.factorKey("seal")
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// factorKey derives a key from the installation's secret.
func (a *Accounts) factorKey(use string) ([]byte, error) {
	if len(a.secret) == 0 {
		return nil, errors.New("account: second factors need the installation's secret")
	}
	return hkdf.Key(sha256.New, a.secret, nil, factorLabel+" "+use, 32)
}
