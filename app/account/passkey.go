package account

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"attesta/app/db"
	"attesta/app/fault"
	"attesta/app/locale"
)

// Ceremony is a passkey that is being asked for: Options go to the browser, State stays here, for one answer.
type Ceremony struct {
	Options []byte // JSON, for the browser
	State   []byte
}

// maxLabel is how long the name of a passkey may be, in characters.
const maxLabel = 60

var (
	errPasskeyTaken = fault.New(fault.Conflict, "factor.passkey_taken")
	errPasskeyWrong = fault.New(fault.Invalid, "factor.passkey_wrong")
	errNoPasskeys   = fault.New(fault.Conflict, "factor.passkey_host")
)

// OffersPasskeys reports whether passkeys can be used here. They belong to a domain, and browsers hand them only to
// pages that came safely: https, or localhost.
func (a *Accounts) OffersPasskeys() bool {
	_, _, ok := a.party()
	return ok
}

// party is who asks for passkeys: a domain, and the origin of its pages. It comes from the configuration alone.
func (a *Accounts) party() (id, origin string, ok bool) {
	u, err := url.Parse(a.baseURL)
	if err != nil {
		return "", "", false
	}
	host := u.Hostname()
	near := host == "localhost" || strings.HasSuffix(host, ".localhost")
	if host == "" || net.ParseIP(host) != nil || u.Scheme != "https" && !near || protocol.ValidateRPID(host) != nil {
		return "", "", false
	}
	return host, u.Scheme + "://" + u.Host, true
}

func (a *Accounts) webauthn(network string) (*webauthn.WebAuthn, error) {
	id, origin, ok := a.party()
	if !ok {
		return nil, errNoPasskeys
	}
	if network == "" {
		network = id
	}
	needed := true
	return webauthn.New(&webauthn.Config{
		RPID: id, RPDisplayName: network, RPOrigins: []string{origin}, AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			RequireResidentKey: &needed, ResidentKey: protocol.ResidentKeyRequirementRequired, UserVerification: protocol.VerificationRequired,
		},
	})
}

// holder is a user as the library asks for one.
type holder struct {
	handle      []byte
	email, name string
	keys        []webauthn.Credential
}

// WebAuthnID implements webauthn.User.
func (h holder) WebAuthnID() []byte { return h.handle }

// WebAuthnName implements webauthn.User.
func (h holder) WebAuthnName() string { return h.email }

// WebAuthnDisplayName implements webauthn.User.
func (h holder) WebAuthnDisplayName() string { return h.name }

// WebAuthnCredentials implements webauthn.User.
func (h holder) WebAuthnCredentials() []webauthn.Credential { return h.keys }

// holder returns a user with their passkeys.
func (a *Accounts) holder(ctx context.Context, userID int64) (holder, []Factor, error) {
	u, err := a.User(ctx, userID)
	if err != nil {
		return holder{}, nil, err
	}
	if !u.DisabledAt.IsZero() {
		return holder{}, nil, db.ErrNotFound
	}
	key, err := a.factorKey("passkey")
	if err != nil {
		return holder{}, nil, err
	}
	m := hmac.New(sha256.New, key)
	fmt.Fprintf(m, "user %d", userID)
	h := holder{handle: m.Sum(nil), email: u.Email, name: u.Name}
	all, err := factorsOf(ctx, a.db.Read(), userID)
	if err != nil {
		return holder{}, nil, err
	}
	var passkeys []Factor
	for _, f := range all {
		if f.Kind != Passkey {
			continue
		}
		var c webauthn.Credential
		if err := json.Unmarshal([]byte(f.Credential), &c); err != nil {
			return holder{}, nil, fmt.Errorf("read passkey %d: %w", f.ID, err)
		}
		c.Authenticator.SignCount = uint32(f.LastStep) //nolint:gosec // was one
		h.keys, passkeys = append(h.keys, c), append(passkeys, f)
	}
	return h, passkeys, nil
}

// NewPasskey begins to register a passkey for a visit's user, who must be proven. network is the name that the device
// shows.
func (a *Accounts) NewPasskey(ctx context.Context, visitID int64, network string) (Ceremony, error) {
	_, v, err := a.halfway(ctx, visitID)
	if err != nil {
		return Ceremony{}, err
	}
	if err := a.fresh(v); err != nil {
		return Ceremony{}, err
	}
	w, err := a.webauthn(network)
	if err != nil {
		return Ceremony{}, err
	}
	h, _, err := a.holder(ctx, v.UserID)
	if err != nil {
		return Ceremony{}, err
	}
	var have []protocol.CredentialDescriptor
	for _, c := range h.keys {
		have = append(have, c.Descriptor())
	}
	creation, state, err := w.BeginRegistration(h, webauthn.WithExclusions(have))
	if err != nil {
		return Ceremony{}, fmt.Errorf("begin to register a passkey: %w", err)
	}
	return ceremony(creation.Response, state)
}

func ceremony(options any, state *webauthn.SessionData) (Ceremony, error) {
	o, err := json.Marshal(options)
	if err != nil {
		return Ceremony{}, err
	}
	s, err := json.Marshal(state)
	return Ceremony{Options: o, State: s}, err
}

// AddPasskey keeps the passkey with which a device answered NewPasskey. The visit has then shown its second factor. The
// user's first factor comes with recovery codes, which are returned this once; else there are none. Its faults: Invalid
// for an answer that isn't right, Conflict for a passkey that is known already.
func (a *Accounts) AddPasskey(ctx context.Context, visitID int64, state, answer []byte, label string) (codes []string, err error) {
	_, v, err := a.halfway(ctx, visitID)
	if err != nil {
		return nil, err
	}
	label, err = passkeyLabel(label)
	if err != nil {
		return nil, err
	}
	key, err := a.registered(ctx, v.UserID, state, answer)
	if err != nil {
		return nil, err
	}
	kept, err := json.Marshal(key)
	if err != nil {
		return nil, err
	}
	err = a.change(ctx, visitID, PasskeyAdded, func(ctx context.Context, tx *db.Tx, _ Actor) (any, error) {
		now := db.At(a.now())
		f := Factor{
			UserID: v.UserID, Kind: Passkey, Label: label, CredentialID: credentialID(key.ID), Credential: string(kept),
			LastStep: int64(key.Authenticator.SignCount), CreatedAt: now, ConfirmedAt: now, UsedAt: now,
		}
		if _, err := tx.NewInsert().Model(&f).Exec(ctx); err != nil {
			if _, ok := db.Unique(err); ok {
				return nil, errPasskeyTaken
			}
			return nil, err
		}
		if codes, err = a.firstCodes(ctx, tx, v.UserID); err != nil {
			return nil, err
		}
		return map[string]any{"factor": f.ID}, a.passed(ctx, tx, visitID)
	})
	return codes, err
}

func (a *Accounts) registered(ctx context.Context, userID int64, state, answer []byte) (*webauthn.Credential, error) {
	w, err := a.webauthn("")
	if err != nil {
		return nil, err
	}
	h, _, err := a.holder(ctx, userID)
	if err != nil {
		return nil, err
	}
	var s webauthn.SessionData
	if err := json.Unmarshal(state, &s); err != nil {
		return nil, errPasskeyWrong
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return nil, errors.Join(errPasskeyWrong, err)
	}
	key, err := w.CreateCredential(h, s, parsed)
	if err != nil {
		return nil, errors.Join(errPasskeyWrong, err)
	}
	return key, nil
}

func passkeyLabel(label string) (string, error) {
	var form fault.Form
	label = locale.Clean(label)
	switch {
	case label == "":
		form.Add("label", "form.required")
	case len([]rune(label)) > maxLabel:
		form.Add("label", "form.too_long", "Max", maxLabel)
	}
	return label, form.Err()
}

func credentialID(id []byte) string { return base64.RawURLEncoding.EncodeToString(id) }

// RenamePasskey gives a passkey of a visit's user another name. An empty or too long one is an Invalid fault of the
// field label.
func (a *Accounts) RenamePasskey(ctx context.Context, visitID int64, code, label string) error {
	f, err := a.ownFactor(ctx, visitID, code)
	if err != nil {
		return err
	}
	if label, err = passkeyLabel(label); err != nil {
		return err
	}
	err = a.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		return affected(tx.NewRaw("UPDATE factors SET label = ? WHERE id = ? AND user_id = ? AND kind = ?", label, f.ID, f.UserID, Passkey).Exec(ctx))
	})
	if err != nil {
		return fmt.Errorf("rename passkey %d: %w", f.ID, err)
	}
	return nil
}

// AskPasskey begins to sign somebody in with a passkey, whoever they are.
func (a *Accounts) AskPasskey() (Ceremony, error) {
	w, err := a.webauthn("")
	if err != nil {
		return Ceremony{}, err
	}
	assertion, state, err := w.BeginDiscoverableLogin()
	if err != nil {
		return Ceremony{}, fmt.Errorf("ask for a passkey: %w", err)
	}
	return ceremony(assertion.Response, state)
}

// PasskeySignIn returns the user whose passkey answered AskPasskey. Whatever is wrong is the same Invalid fault.
func (a *Accounts) PasskeySignIn(ctx context.Context, state, answer []byte) (int64, error) {
	w, s, parsed, err := a.answered(state, answer)
	if err != nil {
		return 0, err
	}
	var used Factor
	find := func(rawID, _ []byte) (webauthn.User, error) {
		var f Factor
		err := a.db.Read().NewSelect().Model(&f).Where("kind = ? AND credential_id = ? AND confirmed_at IS NOT NULL", Passkey, credentialID(rawID)).Scan(ctx)
		if err != nil {
			return nil, db.One(err)
		}
		used = f
		h, _, err := a.holder(ctx, f.UserID)
		return h, err
	}
	_, key, err := w.ValidatePasskeyLogin(find, s, parsed)
	if err != nil {
		return 0, errors.Join(errPasskeyWrong, err)
	}
	err = a.counted(ctx, used, key, func(context.Context, *db.Tx) error { return nil })
	return used.UserID, err
}

// AskOwnPasskey begins to ask a visit's user for one of their passkeys. A user who has none is a NotFound fault.
func (a *Accounts) AskOwnPasskey(ctx context.Context, visitID int64) (Ceremony, error) {
	_, v, err := a.Resume(ctx, visitID)
	if err != nil {
		return Ceremony{}, err
	}
	w, err := a.webauthn("")
	if err != nil {
		return Ceremony{}, err
	}
	h, _, err := a.holder(ctx, v.UserID)
	if err != nil {
		return Ceremony{}, err
	}
	if len(h.keys) == 0 {
		return Ceremony{}, db.ErrNotFound
	}
	assertion, state, err := w.BeginLogin(h)
	if err != nil {
		return Ceremony{}, fmt.Errorf("ask for a passkey: %w", err)
	}
	return ceremony(assertion.Response, state)
}

// PassPasskey notes that a visit's user has shown one of their passkeys. Whatever is wrong is the same Invalid fault.
func (a *Accounts) PassPasskey(ctx context.Context, visitID int64, state, answer []byte) error {
	_, v, err := a.Resume(ctx, visitID)
	if err != nil {
		return err
	}
	w, s, parsed, err := a.answered(state, answer)
	if err != nil {
		return err
	}
	h, factors, err := a.holder(ctx, v.UserID)
	if err != nil {
		return err
	}
	key, err := w.ValidateLogin(h, s, parsed)
	if err != nil {
		return errors.Join(errPasskeyWrong, err)
	}
	for _, f := range factors {
		if f.CredentialID == credentialID(key.ID) {
			return a.counted(ctx, f, key, func(ctx context.Context, tx *db.Tx) error { return a.passed(ctx, tx, visitID) })
		}
	}
	return errPasskeyWrong
}

func (a *Accounts) answered(state, answer []byte) (w *webauthn.WebAuthn, s webauthn.SessionData, parsed *protocol.ParsedCredentialAssertionData, err error) {
	if w, err = a.webauthn(""); err != nil {
		return nil, s, nil, err
	}
	if json.Unmarshal(state, &s) != nil {
		return nil, s, nil, errPasskeyWrong
	}
	if parsed, err = protocol.ParseCredentialRequestResponseBytes(answer); err != nil {
		return nil, s, nil, errors.Join(errPasskeyWrong, err)
	}
	return w, s, parsed, nil
}

// counted notes that a passkey was used, and runs then in the same transaction. A counter that hasn't gone on means
// that there may be a copy of the passkey: it is refused and recorded. Passkeys that don't count always say 0.
func (a *Accounts) counted(ctx context.Context, f Factor, key *webauthn.Credential, then func(context.Context, *db.Tx) error) error {
	if key.Authenticator.CloneWarning {
		return errors.Join(errPasskeyWrong, a.suspect(ctx, f))
	}
	kept, err := json.Marshal(key)
	if err != nil {
		return err
	}
	count, gone := int64(key.Authenticator.SignCount), false
	err = a.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		err := affected(tx.NewRaw(`UPDATE factors SET last_step = ?, used_at = ?, credential = ?
			WHERE id = ? AND confirmed_at IS NOT NULL AND (last_step < ? OR (last_step = 0 AND ? = 0))`, count, db.At(a.now()), string(kept), f.ID, count, count).Exec(ctx))
		if gone = errors.Is(err, db.ErrNotFound); gone || err != nil {
			return err
		}
		return then(ctx, tx)
	})
	if gone {
		return errors.Join(errPasskeyWrong, a.suspect(ctx, f))
	}
	if err != nil {
		return fmt.Errorf("use passkey %d: %w", f.ID, err)
	}
	return nil
}
