package ttn_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/thingward/thingward/internal/authserver/account"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/store/storetest"
	"github.com/thingward/thingward/internal/ttn"
)

// TestSigningUp is as everywhere: the same rules, and the operator's policy.
func TestSigningUp(t *testing.T) {
	t.Parallel()
	a := newAccountServer(t)
	post := func(body string) reply { return a.nobody().post("api/v2/users", body) }
	post(`{"username":"carol","email":"carol@example.org","password":"a few unrelated words","admin":true}`).like("users/signed_up")
	if made, err := a.store.UserByName(t.Context(), "carol"); err != nil || made.Admin {
		t.Errorf("got %v, %v", made, err)
	}
	for name, body := range map[string]string{
		"taken":    `{"username":"alice","email":"x@example.org","password":"a few unrelated words"}`,
		"odd_name": `{"username":"Carol!","email":"x@example.org","password":"a few unrelated words"}`,
		"short":    `{"username":"dave","email":"x@example.org","password":"x"}`,
		"no_email": `{"username":"dave","email":"nowhere","password":"a few unrelated words"}`,
		"nothing":  ``,
		"no_json":  `{`,
		"number":   `{"username":7}`,
	} {
		post(body).like("users/" + name)
	}
	a.door.Accounts = account.New(a.store, account.SignUpInvite, a.clock.Now)
	post(`{"username":"dave","email":"x@example.org","password":"a few unrelated words"}`).like("users/invited_only")
	a.door.Accounts = account.New(a.store, account.SignUpClosed, a.clock.Now)
	post(`{"username":"dave","email":"x@example.org","password":"a few unrelated words"}`).like("users/closed")
}

// TestNoAppIsToldAnAddressThatWasOnlyTyped because it would take it for the
// person's: anybody can sign up with the address of somebody else.
func TestNoAppIsToldAnAddressThatWasOnlyTyped(t *testing.T) {
	t.Parallel()
	a := newAccountServer(t)
	a.nobody().post("api/v2/users", `{"username":"carol","email":"alice@example.org","password":"a few unrelated words"}`).want(http.StatusCreated)
	carol, err := a.store.UserByName(t.Context(), "carol")
	if err != nil {
		t.Fatal(err)
	}
	a.users["carol"] = carol
	p := a.signedIn("carol", a.client("shop"))
	p.get("api/v2/users/me").want(http.StatusOK).exactly(`{"username":"carol","email":"","name":{"first":"","last":""}}`)
	if got := a.claims(p.token); got["email"] != "" || got["username"] != "carol" {
		t.Errorf("got the e-mail address %v for %v", got["email"], got["username"])
	}
}

// TestTheProfile is seen and changed with the scope profile.
func TestTheProfile(t *testing.T) {
	t.Parallel()
	a := newAccountServer(t)
	p := a.signedIn("alice", a.client("myclient"))
	p.patch("api/v2/users/me", `{"username":"alice","email":"alice@example.org","name":{"first":"Alice Pleasance","last":"Liddell"},"accepted":true}`).want(http.StatusNoContent).exactly("")
	p.get("api/v2/users/me").want(http.StatusOK).exactly(`{"username":"alice","email":"alice@example.org","name":{"first":"Alice Pleasance","last":"Liddell"}}`)
	p.patch("api/v2/users/me", `{"name":{"last":"Hargreaves"}}`).want(http.StatusNoContent)
	p.patch("api/v2/users/me", ``).want(http.StatusNoContent)
	p.get("api/v2/users/me").want(http.StatusOK).exactly(`{"username":"alice","email":"alice@example.org","name":{"first":"Alice Pleasance","last":"Hargreaves"}}`)
	p.patch("api/v2/users/me", `{"username":"alicia"}`).like("users/renamed")
	p.patch("api/v2/users/me", `{"name":"Alice"}`).like("users/name_as_text")
	p.patch("api/v2/users/me", `{"name":{"first":"`+strings.Repeat("x", 200)+`"}}`).like("users/long_name")
	p.patch("api/v2/users/me", `{"email":"evil@example.org","old_password":"`+storetest.Password+`"}`).like("users/address_by_an_app")
	p.patch("api/v2/users/me", `{"old_password":"`+storetest.Password+`","password":"a few unrelated words"}`).like("users/password_by_an_app")
	a.signedIn("alice", a.client("appsonly", "apps")).patch("api/v2/users/me", `{"name":{"first":"x"}}`).like("users/without_profile")
	a.nobody().get("api/v2/users/me").like("users/nobody")
	a.key(keyIssuer + ".nonsense").get("api/v2/users/me").like("users/wrong_key")
}

// TestThePasswordIsChangedByTheCommandLine, and all browsers are signed out.
func TestThePasswordIsChangedByTheCommandLine(t *testing.T) {
	t.Parallel()
	a := newAccountServer(t)
	p := a.signedIn("alice", ttnctl)
	signIn := func(password string) error {
		_, err := a.door.Accounts.SignIn(t.Context(), "alice", secret.New(password), account.Origin{})
		return err
	}
	if err := signIn(storetest.Password); err != nil {
		t.Fatal(err)
	}
	p.patch("api/v2/users/me", `{"old_password":"wrong","password":"a few unrelated words"}`).like("users/wrong_password")
	p.patch("api/v2/users/me", `{"password":"a few unrelated words"}`).like("users/no_old_password")
	p.patch("api/v2/users/me", `{"old_password":"`+storetest.Password+`","password":"short"}`).like("users/weak_password")
	p.patch("api/v2/users/me", `{"old_password":"`+storetest.Password+`","password":"a few unrelated words"}`).want(http.StatusNoContent)
	if sessions, err := a.store.SessionsOf(t.Context(), a.users["alice"].ID); err != nil || len(sessions) != 0 {
		t.Errorf("got %d sessions, %v", len(sessions), err)
	}
	if err := signIn("a few unrelated words"); err != nil {
		t.Errorf("with the new one: got %v", err)
	}
	p.patch("api/v2/users/me", `{"email":"new@example.org"}`).like("users/address_without_password")
	p.patch("api/v2/users/me", `{"email":"new@example.org","old_password":"a few unrelated words"}`).want(http.StatusNoContent)
}

// TestProgramsOfTheCaller are listed for and ended by the command line. Other
// apps are not told of each other.
func TestProgramsOfTheCaller(t *testing.T) {
	t.Parallel()
	a := newAccountServer(t)
	mine, other := a.client("mine", "apps"), a.client("other")
	first, second := a.signedIn("alice", mine), a.signedIn("alice", mine)
	a.signedIn("alice", other)
	p := a.signedIn("alice", ttnctl)
	p.get("api/v2/users/me/authorized-clients").like("users/programs")
	p.remove("api/v2/users/me/authorized-clients/mine").want(http.StatusNoContent)
	first.get("api/v2/applications").want(http.StatusUnauthorized)
	second.get("api/v2/applications").want(http.StatusUnauthorized)
	p.remove("api/v2/users/me/authorized-clients/mine").like("users/no_such_program")
	a.signedIn("bobby", ttnctl).remove("api/v2/users/me/authorized-clients/other").want(http.StatusNotFound)
	app := a.signedIn("alice", other)
	app.get("api/v2/users/me/authorized-clients").like("users/programs_for_an_app")
	app.remove("api/v2/users/me/authorized-clients/other").want(http.StatusForbidden)
	app.get("api/v2/users/me").want(http.StatusOK)
}

// TestASignedInBrowserDoesNotCount at this API.
func TestASignedInBrowserDoesNotCount(t *testing.T) {
	t.Parallel()
	a := newAccountServer(t)
	in, err := a.door.Accounts.SignIn(t.Context(), "alice", secret.New(storetest.Password), account.Origin{})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("GET", ttn.Prefix+"api/v2/users/me", nil)
	r.AddCookie(&http.Cookie{Name: "thingward", Value: in.Cookie.Reveal()})
	w := httptest.NewRecorder()
	a.handler.ServeHTTP(w, r)
	if w.Code != http.StatusUnauthorized {
		t.Errorf("got %d", w.Code)
	}
}

// TestPathsThatAreNotThere are answered as errors are, without redirects.
func TestPathsThatAreNotThere(t *testing.T) {
	t.Parallel()
	a := newAccountServer(t)
	p := a.signedIn("alice", ttnctl)
	p.get("api/v2/users/me/").want(http.StatusOK)
	for path, name := range map[string]string{"api/v2/nothing": "nothing", "api/v2/Users/me": "case", "API/v2/users/me": "upper", "api/users/me": "unversioned"} {
		p.get(path).want(http.StatusNotFound).like("rest/" + name)
	}
	for _, path := range []string{"api/v2//users/me", "/api/v2/users/me", "api/./v2/users/me", "api/v2/users/../users/me"} {
		if got := p.get(path); got.status != http.StatusNotFound {
			t.Errorf("%s: got %d, want 404", path, got.status)
		}
	}
	p.put("api/v2/users/me", "{}").want(http.StatusMethodNotAllowed).like("rest/method")
}
