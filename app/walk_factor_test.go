package app_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"attesta/app/account"
	"attesta/app/apptest/browser"
	"attesta/app/config"
	"attesta/app/locale"
)

// atLocalhost runs a walk on both databases, in English and in Macedonian, at an address that can hold passkeys.
func atLocalhost(t *testing.T, f func(t *testing.T, s *site, v visitor)) {
	t.Helper()
	for name, fresh := range databases {
		for code, width := range map[locale.Code]int{"en": 1280, "mk": 360} {
			t.Run(name+"/"+string(code), func(t *testing.T) {
				t.Parallel()
				var base string
				s := serve(t, fresh(t), func(c *config.Config) {
					c.BaseURL = strings.Replace(c.BaseURL, "127.0.0.1", "localhost", 1)
					base = c.BaseURL
				})
				s.Base = base
				f(t, s, visitor{s: s, Printer: s.Catalogue.Printer(code), width: width})
			})
		}
	}
}

const words = "four words in a row"

// member makes an organiser with a password.
func (v visitor) member(t *testing.T, email string) int64 {
	t.Helper()
	id, err := v.s.App.Accounts.CreateUser(t.Context(), account.System, account.NewUser{Email: email, Name: "Lejla Softić", Locale: v.Code(), Password: words})
	if err != nil {
		t.Fatal(err)
	}
	if err := v.s.App.Accounts.Grant(t.Context(), account.System, id, account.Organiser, v.s.organisation()); err != nil {
		t.Fatal(err)
	}
	return id
}

// knock signs in with a password, as far as that goes.
func (v visitor) knock(t *testing.T, tab *browser.Tab, email string) {
	t.Helper()
	tab.Go("/sign-in?lang=" + string(v.Code()))
	tab.Type(v.T("common.email"), email)
	tab.Type(v.T("web.password"), words)
	tab.Press(v.T("web.sign_in_button"))
}

// leave signs out and lets the time of a code pass.
func (v visitor) leave(t *testing.T, tab *browser.Tab) {
	t.Helper()
	tab.Press(v.T("nav.sign_out"))
	v.s.Clock.Set(v.s.Clock.Now().Add(2 * time.Minute))
}

// app is an authenticator app that has scanned a code.
type authenticator struct {
	s      *site
	secret string
}

func (v visitor) scan(t *testing.T, tab *browser.Tab) authenticator {
	t.Helper()
	u, err := url.Parse(tab.Code(v.T("factor.app_qr")))
	if err != nil || u.Scheme != "otpauth" || u.Host != "totp" {
		t.Fatalf("the code is %v, %v", u, err)
	}
	return authenticator{v.s, u.Query().Get("secret")}
}

func (a authenticator) code(t *testing.T) string {
	t.Helper()
	code, err := totp.GenerateCode(a.secret, a.s.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	return code
}

func TestAnOrganiserSetsUpAnAppAndSignsInWithItsCodes(t *testing.T) {
	walks(t, func(t *testing.T, s *site, v visitor) {
		const email = "organiser@attesta.example"
		v.member(t, email)
		tab := v.open(t)
		v.knock(t, tab, email)
		tab.Sees(v.T("desk.empty"))
		tab.Go("/account/factors")
		tab.Sees(v.T("factor.passkey_host"))
		tab.Press(v.T("factor.app_set"))
		app := v.scan(t, tab)
		tab.Sees(strings.Join(slices.Collect(groups(app.secret)), " "))
		tab.Type(v.T("factor.code"), "000000")
		tab.Press(v.T("factor.app_confirm"))
		tab.Sees(v.T("factor.wrong"))
		if again := v.scan(t, tab); again != app {
			t.Error("after a wrong code another secret is to be scanned")
		}
		tab.Type(v.T("factor.code"), app.code(t))
		tab.Press(v.T("factor.app_confirm"))
		tab.Sees(v.T("factor.codes"), v.T("factor.codes_once"))
		_, file := tab.Download(v.T("factor.codes_file"))
		codes := strings.Fields(string(file[len(file)-10*16:]))
		if len(codes) != 10 {
			t.Fatalf("the file is %s", file)
		}
		tab.Sees(codes...)
		tab.Press(v.T("factor.codes_kept"))
		tab.Sees(v.T("factor.app_on"), v.N("factor.codes_left", 10))
		var seen []string
		if m := s.letter(t, email, &seen); m.Subject != v.T("mail.factor_changed_subject") {
			t.Errorf("the mail is %q", m.Subject)
		}

		v.leave(t, tab)
		v.knock(t, tab, email)
		tab.Sees(v.T("factor.second_lead"))
		tab.Go("/desk")
		tab.Sees(v.T("factor.second_lead"))
		tab.Type(v.T("factor.code"), app.code(t))
		tab.Press(v.T("factor.go_on"))
		tab.Sees(v.T("desk.empty"))

		v.leave(t, tab)
		v.knock(t, tab, email)
		tab.Tap(v.T("factor.use_recovery"))
		tab.Type(v.T("factor.recovery"), strings.ToLower(codes[4]))
		tab.Press(v.T("factor.recovery_go"))
		tab.Sees(v.T("desk.empty"))
		tab.Go("/account/factors")
		tab.Sees(v.N("factor.codes_left", 9))
	})
}

// groups are the parts in which a secret is read.
func groups(secret string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for part := range slices.Chunk([]byte(secret), 4) {
			if !yield(string(part)) {
				return
			}
		}
	}
}

func TestAPasskeySignsInAndIsASecondFactor(t *testing.T) {
	atLocalhost(t, func(t *testing.T, s *site, v visitor) {
		const email = "organiser@attesta.example"
		v.member(t, email)
		tab := v.open(t)
		tab.Authenticator()
		v.knock(t, tab, email)
		tab.Go("/account/factors")
		tab.Type(v.T("factor.passkey_label"), "Канцеларија")
		tab.Press(v.T("factor.passkey_add"))
		tab.Sees(v.T("factor.passkey_added"), v.T("factor.codes"))
		tab.Press(v.T("factor.codes_kept"))
		tab.Sees("Канцеларија", v.N("factor.codes_left", 10))

		tab.Tap(v.T("factor.passkey_add")) // the same device once more
		tab.Sees(v.T("factor.passkey_failed"))

		v.leave(t, tab)
		tab.Go("/sign-in?next=/account/factors")
		tab.Press(v.T("factor.passkey_sign_in"))
		tab.Sees("Канцеларија")

		v.leave(t, tab)
		v.knock(t, tab, email)
		tab.Sees(v.T("factor.second_lead"))
		tab.Press(v.T("factor.passkey_use"))
		tab.Sees(v.T("desk.empty"))

		s.Clock.Set(s.Clock.Now().Add(time.Hour))
		tab.Go("/account/factors")
		tab.Tap(v.T("factor.codes_new"))
		tab.Sees(v.T("factor.codes_ask"))
		tab.Press(v.T("factor.codes_new"))
		tab.Sees(v.T("factor.prove_lead"))
		tab.Press(v.T("factor.passkey_use"))
		tab.Sees("Канцеларија")
	})
}

func TestWhoseRoleNeedsASecondFactorSetsOneUpFirst(t *testing.T) {
	atLocalhost(t, func(t *testing.T, s *site, v visitor) {
		const email = "organiser@attesta.example"
		v.member(t, email)
		tab := v.open(t)
		tab.Authenticator()
		v.knock(t, tab, email)
		tab.Sees(v.T("desk.empty"))
		if err := s.App.Accounts.RequireFactor(t.Context(), account.System, []account.Role{account.Organiser}); err != nil {
			t.Fatal(err)
		}
		tab.Go("/desk")
		tab.Sees(v.T("factor.must_lead"), v.T("role.organiser"))
		tab.SeesNot(v.T("desk.empty"))
		tab.Press(v.T("factor.passkey_add"))
		tab.Sees(v.T("factor.passkey_added"))
		tab.Press(v.T("factor.codes_kept"))
		tab.Sees(v.T("desk.empty"))
	})
}
