package account

import (
	"context"
	"testing"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
)

// Every act of administrators refuses everybody else by itself, not only at
// the route.
func TestOnlyAdministratorsAdminister(t *testing.T) {
	t.Parallel()
	w := newWorld(t, SignUpOpen)
	ctx := context.Background()
	alice, root := w.user(t, "alice"), w.admin(t, "boss")
	outOfOffice := root
	outOfOffice.Suspended = true
	callers := map[string]domain.Caller{
		"anonymous":           {},
		"user":                {User: alice, Credential: domain.SessionCredential, Scopes: domain.EveryScope()},
		"admin without scope": {User: root, Credential: domain.KeyCredential, Scopes: domain.ScopeSet{domain.ScopeAccount}},
		"suspended admin":     {User: outOfOffice, Credential: domain.SessionCredential, Scopes: domain.EveryScope()},
	}
	acts := map[string]func(c domain.Caller) error{
		"users":   func(c domain.Caller) error { _, err := w.Users(ctx, c, domain.Page{}); return err },
		"audit":   func(c domain.Caller) error { _, err := w.AuditAll(ctx, c, domain.Page{}); return err },
		"create":  func(c domain.Caller) error { _, err := w.Create(ctx, c, newcomer("eve")); return err },
		"suspend": func(c domain.Caller) error { return w.Suspend(ctx, c, "alice") },
		"resume":  func(c domain.Caller) error { return w.Resume(ctx, c, "alice") },
		"reset":   func(c domain.Caller) error { _, err := w.ResetPassword(ctx, c, "alice"); return err },
		"invite":  func(c domain.Caller) error { _, err := w.Invite(ctx, c); return err },
	}
	for act, do := range acts {
		for name, caller := range callers {
			wantCode(t, act+" by "+name, do(caller), "admin_only")
		}
		wantCode(t, act+" by the operator", do(operator), "")
	}
}

func TestAnAdministratorCannotSuspendOrResetHimself(t *testing.T) {
	t.Parallel()
	w := newWorld(t, SignUpOpen)
	ctx := context.Background()
	w.admin(t, "boss")
	caller, cookie := w.enter(t, "boss")
	wantCode(t, "suspend himself", w.Suspend(ctx, caller, "boss"), "own_account")
	_, err := w.ResetPassword(ctx, caller, "boss")
	wantCode(t, "reset himself", err, "own_account")
	wantCode(t, "the operator and the last one", w.Suspend(ctx, operator, "boss"), "last_admin")
	if !w.alive(cookie) {
		t.Error("a refused suspension ended a session")
	}
	w.admin(t, "deputy")
	wantCode(t, "the operator, with another one left", w.Suspend(ctx, operator, "boss"), "")
	wantCode(t, "unknown user", w.Suspend(ctx, operator, "nobody"), "user_not_found")
}

func TestAResetGivesANewPassword(t *testing.T) {
	t.Parallel()
	w := newWorld(t, SignUpOpen)
	ctx := context.Background()
	alice := w.user(t, "alice")
	_, cookie := w.enter(t, "alice")
	fresh, err := w.ResetPassword(ctx, operator, "Alice")
	if err != nil {
		t.Fatal(err)
	}
	if w.alive(cookie) {
		t.Error("a session outlived the reset")
	}
	if got := w.acts(t, alice)[0]; got != "password.reset" {
		t.Errorf("got act %q in the user's own audit, want password.reset", got)
	}
	_, err = w.SignIn(ctx, "alice", secret.New(password), Origin{Address: home})
	wantCode(t, "old password", err, "wrong_credentials")
	_, err = w.SignIn(ctx, "alice", fresh, Origin{Address: home})
	wantCode(t, "new password", err, "")
}

func TestTheAuditTellsNobodyWhereOthersAre(t *testing.T) {
	t.Parallel()
	w := newWorld(t, SignUpOpen)
	ctx := t.Context()
	alice, bob := w.user(t, "alice"), w.user(t, "bob")
	admin := domain.Caller{User: alice, Credential: domain.SessionCredential, Scopes: domain.EveryScope(), Address: away}
	admin.User.Admin = true
	if err := w.Suspend(ctx, admin, "bob"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.SignIn(ctx, "bob", secret.New("nonsense"), Origin{Address: home}); err == nil {
		t.Fatal("bob signs in with nonsense")
	}
	reader := domain.Caller{User: bob, Credential: domain.SessionCredential, Scopes: domain.EveryScope()}
	listed, err := w.Audit(ctx, reader, domain.Page{Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	others, unknown := 0, 0
	for _, event := range listed.Items {
		switch {
		case event.Actor == alice.ID && event.Address != "":
			t.Errorf("%s tells that %s was at %s", event.Act, event.ActorName, event.Address)
		case event.Actor == alice.ID:
			others++
		case event.Address == home.String():
			unknown++
		}
	}
	if others == 0 || unknown == 0 {
		t.Errorf("got %d acts of others and %d from an address in %+v, want some of each", others, unknown, listed.Items)
	}
}

func TestEditProfileNeedsTheRightScopes(t *testing.T) {
	t.Parallel()
	text, yes, bad := "Alice", true, "nonsense"
	email, zone := "alice@example.org", "Europe/Berlin"
	tests := []struct {
		name   string
		scopes domain.ScopeSet
		edit   ProfileEdit
		code   string
	}{
		{"name and zone", domain.ScopeSet{domain.ScopeProfileWrite}, ProfileEdit{DisplayName: &text, TimeZone: &zone}, ""},
		{"without scope", domain.ScopeSet{domain.ScopeProfile}, ProfileEdit{DisplayName: &text}, "insufficient_scope"},
		{"e-mail", domain.ScopeSet{domain.ScopeProfileWrite}, ProfileEdit{Email: &email}, "insufficient_scope"},
		{"keys only", domain.ScopeSet{domain.ScopeProfileWrite}, ProfileEdit{NoPasswordIn: &yes}, "insufficient_scope"},
		{"an e-mail address by a key that may do everything", domain.EveryScope(), ProfileEdit{Email: &email}, "person_only"},
		{"all but that", domain.EveryScope(), ProfileEdit{nil, &text, &zone, &yes}, ""},
		{"bad e-mail", domain.EveryScope(), ProfileEdit{Email: &bad}, "invalid_profile"},
		{"bad zone", domain.EveryScope(), ProfileEdit{TimeZone: &bad}, "invalid_profile"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, SignUpOpen)
			alice := w.user(t, "alice")
			caller := domain.Caller{User: alice, Credential: domain.KeyCredential, KeyID: "k", Scopes: test.scopes}
			got, err := w.EditProfile(context.Background(), caller, test.edit)
			wantCode(t, "edit", err, test.code)
			kept, _ := w.store.UserByID(context.Background(), alice.ID)
			want := alice
			if err == nil {
				want = test.edit.apply(alice)
				if got != want {
					t.Errorf("got %+v, want %+v", got, want)
				}
			}
			if kept != want {
				t.Errorf("kept %+v, want %+v", kept, want)
			}
		})
	}
}
