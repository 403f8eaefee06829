package account

import (
	"context"
	"net/netip"
	"sync/atomic"
	"testing"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/store"
	"github.com/thingward/thingward/internal/store/storetest"
)

// countingHash stands in for argon2id, which takes its time, and counts.
type countingHash struct {
	made, checked atomic.Int64
	block         chan struct{} // where set, Matches waits for it
}

func (h *countingHash) Hash(_ context.Context, password secret.Secret) (string, error) {
	h.made.Add(1)
	return "plain:" + secret.NewID() + ":" + password.Reveal(), nil
}

func (h *countingHash) Matches(_ context.Context, stored string, password secret.Secret) (bool, error) {
	h.checked.Add(1)
	if h.block != nil {
		<-h.block
	}
	const head = len("plain:0123456789abcdef:")
	return len(stored) > head && stored[head:] == password.Reveal(), nil
}

// world is a service on a real store with a clock that stands.
type world struct {
	*Service
	store *store.Store
	hash  *countingHash
	clock *storetest.Clock
}

func newWorld(t *testing.T, policy SignUpPolicy) *world {
	t.Helper()
	clock := storetest.NewClock()
	s := storetest.OpenAt(t, clock.Now)
	w := &world{Service: New(s, policy, clock.Now), store: s, hash: &countingHash{}, clock: clock}
	w.Finder = guard.NewFinder(s, nil)
	w.hashing = w.hash
	return w
}

const password = "correct horse battery"

var (
	home     = netip.MustParseAddr("192.0.2.1")
	away     = netip.MustParseAddr("198.51.100.7")
	operator = domain.Caller{Credential: domain.OperatorCredential, User: domain.User{Admin: true}, Scopes: domain.EveryScope()}
)

// user makes an account with the password of these tests.
func (w *world) user(t *testing.T, name string) domain.User {
	t.Helper()
	return w.make(t, NewUser{Name: name, Password: secret.New(password)})
}

func (w *world) admin(t *testing.T, name string) domain.User {
	t.Helper()
	return w.make(t, NewUser{Name: name, Password: secret.New(password), Admin: true})
}

func (w *world) make(t *testing.T, n NewUser) domain.User {
	t.Helper()
	user, err := w.Create(context.Background(), operator, n)
	if err != nil {
		t.Fatalf("make user %s: %v", n.Name, err)
	}
	return user
}

// enter signs a user in and returns the caller that guard would make of him.
func (w *world) enter(t *testing.T, name string) (domain.Caller, secret.Secret) {
	t.Helper()
	ctx := context.Background()
	in, err := w.SignIn(ctx, name, secret.New(password), Origin{Address: home, Program: "browser"})
	if err != nil {
		t.Fatalf("sign in %s: %v", name, err)
	}
	session, err := w.store.SessionByHash(ctx, in.Cookie.Hash())
	if err != nil {
		t.Fatalf("session of %s: %v", name, err)
	}
	return domain.Caller{User: in.User, Credential: domain.SessionCredential, Session: session.ID, Scopes: domain.EveryScope(), Address: home}, in.Cookie
}

func (w *world) alive(cookie secret.Secret) bool {
	_, err := w.store.SessionByHash(context.Background(), cookie.Hash())
	return err == nil
}

// acts lists the acts in the audit of a user, newest first, with results that
// are not "ok".
func (w *world) acts(t *testing.T, user domain.User) []string {
	t.Helper()
	listed, err := w.store.AuditOf(context.Background(), user.ID, domain.Page{})
	if err != nil {
		t.Fatal(err)
	}
	var acts []string
	for _, event := range listed.Items {
		act := event.Act
		if event.Result != "ok" {
			act += " " + event.Result
		}
		acts = append(acts, act)
	}
	return acts
}

func wantCode(t *testing.T, what string, err error, code string) {
	t.Helper()
	switch {
	case code == "" && err != nil:
		t.Errorf("%s: got %v, want no error", what, err)
	case code != "" && (err == nil || domain.CodeOf(err) != code):
		t.Errorf("%s: got error %v (%s), want the code %s", what, err, domain.CodeOf(err), code)
	}
}
