package account

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
)

func TestSignInStartsASession(t *testing.T) {
	t.Parallel()
	w := newWorld(t, SignUpOpen)
	alice := w.user(t, "alice")
	first, cookie := w.enter(t, " Alice ")
	second, other := w.enter(t, "alice")
	if !w.alive(cookie) || !w.alive(other) || first.Session == second.Session {
		t.Error("two sign-ins are two live sessions")
	}
	if !secret.WellFormed(secret.Session, cookie.Reveal()) {
		t.Error("the cookie is not a session's secret")
	}
	want := []string{"session.start", "session.start", "user.create"}
	if diff := cmp.Diff(want, w.acts(t, alice)); diff != "" {
		t.Errorf("audit differs (-want +got):\n%s", diff)
	}
}

// Unknown names, wrong passwords and names that nobody can have get the same
// answer, after one slow hash and one commit each.
func TestSignInTellsNobodyWhoIsThere(t *testing.T) {
	t.Parallel()
	w := newWorld(t, SignUpOpen)
	alice := w.user(t, "alice")
	suspendedUser := w.user(t, "bob")
	if err := w.Suspend(context.Background(), operator, "bob"); err != nil {
		t.Fatal(err)
	}
	var answers []string
	for _, name := range []string{"alice", "nobody", "not a name\x00", "", suspendedUser.Name} {
		checked := w.hash.checked.Load()
		events, _ := w.store.AuditAll(context.Background(), domain.Page{})
		_, err := w.SignIn(context.Background(), name, secret.New("wrong password"), Origin{Address: home})
		var shown *domain.Error
		if !errors.As(err, &shown) || shown.Kind != domain.Unauthenticated {
			t.Fatalf("name %q: got error %v, want Unauthenticated", name, err)
		}
		answers = append(answers, shown.Code+shown.Message)
		if got := w.hash.checked.Load() - checked; got != 1 {
			t.Errorf("name %q: got %d slow hashes, want 1", name, got)
		}
		after, _ := w.store.AuditAll(context.Background(), domain.Page{})
		if got := after.Total - events.Total; got != 1 {
			t.Errorf("name %q: got %d commits, want 1", name, got)
		}
	}
	for _, answer := range answers {
		if answer != answers[0] {
			t.Errorf("got answers %q, want them all the same", answers)
		}
	}
	if got := w.acts(t, alice)[0]; got != "session.refused wrong_credentials" {
		t.Errorf("got act %q, want the failed sign-in", got)
	}
}

// People type passwords into the field for the name.
func TestAnUnknownNameIsNotRecorded(t *testing.T) {
	t.Parallel()
	w := newWorld(t, SignUpOpen)
	_, _ = w.SignIn(context.Background(), "my-secret-word", secret.New("x"), Origin{Address: home})
	listed, err := w.store.AuditAll(context.Background(), domain.Page{})
	if err != nil || len(listed.Items) != 1 {
		t.Fatalf("got %d events, error %v, want 1", len(listed.Items), err)
	}
	event := listed.Items[0]
	if strings.Contains(event.Thing+event.ActorName+event.Act, "secret-word") || event.Subject != 0 || event.Address != home.String() {
		t.Errorf("got event %+v, want one that names nobody", event)
	}
}

func TestASuspendedUserIsToldOnceHeProvedHimself(t *testing.T) {
	t.Parallel()
	w := newWorld(t, SignUpOpen)
	w.user(t, "alice")
	_, cookie := w.enter(t, "alice")
	if err := w.Suspend(context.Background(), operator, "alice"); err != nil {
		t.Fatal(err)
	}
	if w.alive(cookie) {
		t.Error("a session outlived the suspension")
	}
	_, err := w.SignIn(context.Background(), "alice", secret.New(password), Origin{Address: home})
	wantCode(t, "right password", err, "suspended")
	if err := w.Resume(context.Background(), operator, "alice"); err != nil {
		t.Fatal(err)
	}
	w.enter(t, "alice")
}

func TestSignOutEndsTheSession(t *testing.T) {
	t.Parallel()
	w := newWorld(t, SignUpOpen)
	alice := w.user(t, "alice")
	caller, cookie := w.enter(t, "alice")
	_, other := w.enter(t, "alice")
	for range 2 { // a second click is no fault
		if err := w.SignOut(context.Background(), caller); err != nil {
			t.Fatal(err)
		}
	}
	if w.alive(cookie) || !w.alive(other) {
		t.Error("signing out ends this session and no other")
	}
	if got := w.acts(t, alice)[0]; got != "session.end" {
		t.Errorf("got act %q, want session.end", got)
	}
}

func TestSessionsAreListedAndRevocable(t *testing.T) {
	t.Parallel()
	w := newWorld(t, SignUpOpen)
	ctx := context.Background()
	w.user(t, "alice")
	w.user(t, "bob")
	caller, own := w.enter(t, "alice")
	otherCaller, other := w.enter(t, "alice")
	third, thirdCookie := w.enter(t, "alice")
	bob, _ := w.enter(t, "bob")
	sessions, err := w.Sessions(ctx, caller)
	if err != nil || len(sessions) != 3 {
		t.Fatalf("got %d sessions, error %v, want 3", len(sessions), err)
	}
	wantCode(t, "somebody else's session", w.EndSession(ctx, bob, otherCaller.Session), "session_not_found")
	wantCode(t, "own session", w.EndSession(ctx, caller, otherCaller.Session), "")
	wantCode(t, "other sessions", w.EndOtherSessions(ctx, third), "")
	if w.alive(own) || w.alive(other) || !w.alive(thirdCookie) {
		t.Error("only the session that ended the others is left")
	}
}

// A key manages neither sessions nor passwords, whatever its scopes.
func TestOnlyPersonsManageSessionsAndPasswords(t *testing.T) {
	t.Parallel()
	w := newWorld(t, SignUpOpen)
	ctx := context.Background()
	alice := w.user(t, "alice")
	key := domain.Caller{User: alice, Credential: domain.KeyCredential, KeyID: "0123456789abcdef", Scopes: domain.EveryScope()}
	_, err := w.Sessions(ctx, key)
	wantCode(t, "list", err, "person_only")
	wantCode(t, "end", w.EndSession(ctx, key, 1), "person_only")
	wantCode(t, "end others", w.EndOtherSessions(ctx, key), "person_only")
	wantCode(t, "confirm", w.ConfirmPassword(ctx, key, secret.New(password)), "person_only")
	wantCode(t, "change", w.ChangePassword(ctx, key, secret.New(password), secret.New("another password")), "person_only")
}
