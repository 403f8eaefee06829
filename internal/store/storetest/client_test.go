package storetest_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/grant"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/store"
	"github.com/thingward/thingward/internal/store/storetest"
)

var aClientAct = domain.AuditEvent{Act: "client.test", At: time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC)}

// madeClient stores an approved client of the user, whose secret is "id secret".
func madeClient(t *testing.T, s *store.Store, owner domain.User, id domain.ClientID, change func(*domain.Client)) domain.Client {
	t.Helper()
	c := domain.Client{ID: id, Owner: owner.ID, OwnerName: owner.Name, Kind: domain.StandardClient, State: domain.ClientApproved, Name: "App " + string(id),
		Description: "Draws maps", Website: "https://app.example", PrivacyURL: "https://app.example/privacy", Icon: "M", RedirectURIs: []string{"https://a.example/", "https://b.example/?x=1"},
		Scopes: domain.ScopeSet{domain.ScopeSensorsRead, domain.ScopeProfile}, GrantTypes: domain.UsualGrantTypes(), Switches: []domain.LegacySwitch{domain.SwitchLANRedirect},
		Resources: []string{"https://api.example"}, Lives: domain.TokenLives{Access: time.Minute, RefreshIdle: time.Hour, RefreshEnd: 2 * time.Hour, Grace: time.Second}}
	if change != nil {
		change(&c)
	}
	made, err := s.CreateClient(context.Background(), c, clientSecret(string(id)+" secret"), aClientAct)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func clientSecret(text string) *domain.NewStoredSecret {
	return &domain.NewStoredSecret{Hash: secret.New(text).Hash(), Seal: func(number int64) []byte { return fmt.Appendf(nil, "sealed %d", number) }}
}

// installed gives the client a grant of the user and a token on it.
func installed(t *testing.T, s *store.Store, user domain.User, id domain.ClientID, now time.Time) (domain.Grant, grant.Minted) {
	t.Helper()
	g := domain.Grant{User: user.ID, Client: id, Name: "app", Scopes: domain.ScopeSet{domain.ScopeProfile}, Asked: domain.ScopeSet{domain.ScopeProfile}, CreatedAt: now}
	minted := grant.MintAccess(g, g.Scopes, "", time.Hour, now)
	g, err := s.Allow(context.Background(), domain.Allowed{Grant: g, Token: &minted.Token}, domain.AuditEvent{Act: "grant.create", At: now})
	if err != nil {
		t.Fatal(err)
	}
	return g, minted
}

func TestAClientComesBackAsItWasStored(t *testing.T) {
	t.Parallel()
	storetest.EachWithClock(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx := context.Background()
		alice, bob := storetest.User(t, s, "alice"), storetest.User(t, s, "bob")
		want := madeClient(t, s, alice, "maps", func(c *domain.Client) {
			c.Testers, c.Reason, c.Official = []domain.Tester{{ID: bob.ID, Name: "bob"}}, "none", true
		})
		got, err := s.Client(ctx, "maps")
		if err != nil {
			t.Fatal(err)
		}
		want.Viewable = true
		if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
		check, err := s.ClientCheck(ctx, "maps")
		if err != nil || len(check.Secrets) != 1 || !check.Secrets[0].Hash.Matches(secret.New("maps secret").Hash()) {
			t.Errorf("the secret did not come back: %+v, %v", check.Secrets, err)
		}
	})
}

func TestAClientIDIsTakenForGood(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		alice, bob := storetest.User(t, s, "alice"), storetest.User(t, s, "bob")
		madeClient(t, s, alice, "maps", nil)
		again := func(id domain.ClientID) error {
			_, err := s.CreateClient(ctx, domain.Client{ID: id, Owner: bob.ID, Kind: domain.StandardClient, Name: "Mine"}, nil, aClientAct)
			return err
		}
		if err := again("maps"); domain.CodeOf(err) != "client_id_taken" || !domain.IsKind(err, domain.Conflict) {
			t.Errorf("while it is there: got %v", err)
		}
		if err := s.DeleteClient(ctx, "maps", aClientAct); err != nil {
			t.Fatal(err)
		}
		if err := again("maps"); domain.CodeOf(err) != "client_id_taken" {
			t.Errorf("after it was deleted: got %v", err)
		}
		if err := again(domain.CommandLineID); domain.CodeOf(err) != "client_id_taken" {
			t.Errorf("a built-in one: got %v", err)
		}
	})
}

func TestOneOfManyTakesAClientID(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		alice := storetest.User(t, s, "alice")
		won := race(20, func(i int) error {
			_, err := s.CreateClient(context.Background(), domain.Client{ID: "maps", Owner: alice.ID, Kind: domain.StandardClient, Name: fmt.Sprint(i)}, clientSecret("x"), aClientAct)
			return err
		})
		if won != 1 {
			t.Errorf("%d of 20 registered the same id", won)
		}
	})
}

// race runs an act many times at once and counts the successes.
func race(n int, act func(i int) error) int64 {
	var won atomic.Int64
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() {
			if act(i) == nil {
				won.Add(1)
			}
		})
	}
	group.Wait()
	return won.Load()
}

func TestEditingAClient(t *testing.T) {
	t.Parallel()
	storetest.EachWithClock(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx := context.Background()
		alice, bob := storetest.User(t, s, "alice"), storetest.User(t, s, "bob")
		madeClient(t, s, alice, "maps", nil)
		if _, err := s.Client(ctx, "maps"); err != nil { // into the cache
			t.Fatal(err)
		}
		event := domain.AuditEvent{Act: "client.edit", At: clock.Now().Add(time.Minute), Subject: alice.ID}
		err := s.EditClient(ctx, "maps", func(c domain.Client) (domain.Client, error) {
			c.Name, c.Owner, c.Kind, c.Public = "New name", bob.ID, domain.TTNClient, true
			c.State, c.Testers = domain.ClientRequested, []domain.Tester{{ID: bob.ID, Name: "bob"}}
			c.RedirectURIs, c.Resources = nil, nil
			return c, nil
		}, event)
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.Client(ctx, "maps")
		if err != nil {
			t.Fatal(err)
		}
		if got.Name != "New name" || got.State != domain.ClientRequested || len(got.Testers) != 1 || len(got.RedirectURIs) != 0 || !got.ChangedAt.Equal(event.At) {
			t.Errorf("not changed: %+v", got)
		}
		if got.Owner != alice.ID || got.Kind != domain.StandardClient || got.Public {
			t.Errorf("what cannot change did: %+v", got)
		}
		events, err := s.AuditOf(ctx, alice.ID, domain.Page{})
		if err != nil || len(events.Items) < 2 || events.Items[0].Act != "client.request" || events.Items[1].Act != "client.edit" {
			t.Errorf("audit: %+v, %v", events.Items, err)
		}
		refused := domain.Errorf(domain.Invalid, "no", "No.")
		err = s.EditClient(ctx, "maps", func(c domain.Client) (domain.Client, error) { c.Name = "x"; return c, refused }, event)
		if domain.CodeOf(err) != "no" {
			t.Errorf("a refused edit: got %v", err)
		}
		if got, _ := s.Client(ctx, "maps"); got.Name != "New name" {
			t.Errorf("a refused edit changed the name to %q", got.Name)
		}
		for _, id := range []domain.ClientID{"nothing", domain.CommandLineID, "a\x00b", "\xff"} {
			err := s.EditClient(ctx, id, func(c domain.Client) (domain.Client, error) { return c, nil }, event)
			if !domain.IsKind(err, domain.NotFound) {
				t.Errorf("edit %q: got %v, want NotFound", id, err)
			}
		}
	})
}

// Each of two edits at once builds on the other.
func TestEditsOfOneClientFollowEachOther(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		madeClient(t, s, storetest.User(t, s, "alice"), "maps", func(c *domain.Client) { c.RedirectURIs = nil })
		won := race(10, func(i int) error {
			return s.EditClient(ctx, "maps", func(c domain.Client) (domain.Client, error) {
				c.RedirectURIs = append(slices.Clone(c.RedirectURIs), fmt.Sprintf("https://%d.example/", i))
				return c, nil
			}, aClientAct)
		})
		got, err := s.Client(ctx, "maps")
		if err != nil || won != 10 || len(got.RedirectURIs) != 10 {
			t.Errorf("%d edits left %d redirect URIs, %v", won, len(got.RedirectURIs), err)
		}
	})
}

func TestOneOfManySetsAState(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		alice := storetest.User(t, s, "alice")
		madeClient(t, s, alice, "maps", func(c *domain.Client) { c.State = domain.ClientRequested })
		if c, err := s.Client(ctx, "maps"); err != nil || c.State != domain.ClientRequested {
			t.Fatal(c.State, err)
		}
		approve := domain.ClientStateChange{From: []domain.ClientState{domain.ClientRejected, domain.ClientRequested}, To: domain.ClientApproved}
		reject := domain.ClientStateChange{From: []domain.ClientState{domain.ClientRequested}, To: domain.ClientRejected, Reason: "no"}
		won := race(20, func(i int) error {
			return s.SetClientState(ctx, "maps", approve, domain.AuditEvent{Act: "client.approve", Subject: alice.ID})
		})
		if won != 1 {
			t.Errorf("%d of 20 approved the same request", won)
		}
		if err := s.SetClientState(ctx, "maps", reject, aClientAct); domain.CodeOf(err) != "client_state" || !strings.Contains(err.Error(), "approved") {
			t.Errorf("rejecting an approved one: got %v", err)
		}
		if c, err := s.Client(ctx, "maps"); err != nil || c.State != domain.ClientApproved || c.Reason != "" {
			t.Errorf("got %s %q, %v", c.State, c.Reason, err)
		}
		if err := s.SetClientState(ctx, "nothing", reject, aClientAct); !domain.IsKind(err, domain.NotFound) {
			t.Errorf("an unknown one: got %v", err)
		}
		events, _ := s.AuditOf(ctx, alice.ID, domain.Page{})
		if n := len(slices.DeleteFunc(events.Items, func(e domain.AuditEvent) bool { return e.Act != "client.approve" })); n != 1 {
			t.Errorf("got %d audit events, want 1", n)
		}
	})
}

// No token of a deleted client is good once DeleteClient returned, however
// busily it is used and looked up meanwhile.
func TestADeletedClientTakesEverythingWithIt(t *testing.T) {
	t.Parallel()
	storetest.EachWithClock(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx, now := context.Background(), clock.Now()
		alice, bob := storetest.User(t, s, "alice"), storetest.User(t, s, "bob")
		madeClient(t, s, alice, "maps", func(c *domain.Client) { c.Testers = []domain.Tester{{ID: bob.ID}} })
		madeClient(t, s, alice, "other", nil)
		_, first := installed(t, s, bob, "maps", now)
		second, token := installed(t, s, alice, "maps", now)
		_, spared := installed(t, s, bob, "other", now)
		holds := func(m grant.Minted) error { _, err := guard.FindToken(ctx, s, m.Text.Reveal(), now); return err }
		for _, m := range []grant.Minted{first, token, spared} {
			if err := holds(m); err != nil {
				t.Fatal(err)
			}
		}
		var deleted atomic.Bool
		var group sync.WaitGroup
		stop := make(chan struct{})
		for range 4 {
			group.Go(func() {
				for {
					late := deleted.Load()
					if err := holds(first); late && err == nil {
						t.Error("a token holds after its client was deleted")
					}
					select {
					case <-stop:
						return
					default:
					}
				}
			})
		}
		err := s.DeleteClient(ctx, "maps", aClientAct)
		deleted.Store(true)
		for range 50 {
			if err := holds(token); !guard.IsDead(err) {
				t.Fatalf("a token after the deletion: got %v", err)
			}
		}
		close(stop)
		group.Wait()
		if err != nil {
			t.Fatal(err)
		}
		if err := holds(spared); err != nil {
			t.Errorf("the token of another client: %v", err)
		}
		if g, err := s.Grant(ctx, second.ID); err != nil || g.RevokedAt.IsZero() {
			t.Errorf("the grant: got %+v, %v; want it revoked", g, err)
		}
		if _, err := s.Client(ctx, "maps"); !domain.IsKind(err, domain.NotFound) {
			t.Errorf("the client: got %v, want NotFound", err)
		}
		if _, _, err := s.SealedClientSecret(ctx, "maps", aClientAct); !domain.IsKind(err, domain.NotFound) {
			t.Errorf("its secret: got %v, want NotFound", err)
		}
		if err := s.DeleteClient(ctx, "maps", aClientAct); !domain.IsKind(err, domain.NotFound) {
			t.Errorf("deleted twice: got %v, want NotFound", err)
		}
		for name, act := range map[string]func() error{
			"rotate": func() error {
				return s.RotateClientSecret(ctx, "maps", *clientSecret("new"), time.Time{}, aClientAct)
			},
			"approve": func() error {
				return s.SetClientState(ctx, "maps", domain.ClientStateChange{From: []domain.ClientState{domain.ClientApproved}, To: domain.ClientSuspended}, aClientAct)
			},
			"edit": func() error {
				return s.EditClient(ctx, "maps", func(c domain.Client) (domain.Client, error) { return c, nil }, aClientAct)
			},
		} {
			if err := act(); !domain.IsKind(err, domain.NotFound) {
				t.Errorf("%s after the deletion: got %v, want NotFound", name, err)
			}
		}
	})
}

func TestASuspendedClientIsDeadWhenTheAnswerComes(t *testing.T) {
	t.Parallel()
	storetest.EachWithClock(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx, now := context.Background(), clock.Now()
		alice := storetest.User(t, s, "alice")
		madeClient(t, s, alice, "maps", nil)
		_, token := installed(t, s, alice, "maps", now)
		move := func(from, to domain.ClientState) {
			t.Helper()
			if err := s.SetClientState(ctx, "maps", domain.ClientStateChange{From: []domain.ClientState{from}, To: to, Reason: "why"}, aClientAct); err != nil {
				t.Fatal(err)
			}
		}
		find := func() error { _, err := guard.FindToken(ctx, s, token.Text.Reveal(), now); return err }
		if err := find(); err != nil {
			t.Fatal(err)
		}
		move(domain.ClientApproved, domain.ClientSuspended)
		if err := find(); !guard.IsDead(err) {
			t.Errorf("suspended: got %v", err)
		}
		move(domain.ClientSuspended, domain.ClientApproved)
		if err := find(); err != nil {
			t.Errorf("resumed: got %v", err)
		}
	})
}

func TestRotatingAClientSecret(t *testing.T) {
	t.Parallel()
	storetest.EachWithClock(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx := context.Background()
		alice := storetest.User(t, s, "alice")
		madeClient(t, s, alice, "maps", nil)
		opens := func(text string) bool {
			check, err := s.ClientCheck(ctx, "maps")
			if err != nil {
				t.Fatal(err)
			}
			return slices.ContainsFunc(check.Secrets, func(p domain.StoredSecret) bool {
				return p.Usable(clock.Now()) && p.Hash.Matches(secret.New(text).Hash())
			})
		}
		rotate := func(text string, overlap time.Duration) {
			t.Helper()
			until := time.Time{}
			if overlap > 0 {
				until = clock.Now().Add(overlap)
			}
			if err := s.RotateClientSecret(ctx, "maps", *clientSecret(text), until, domain.AuditEvent{Act: "client.rotate_secret", At: clock.Now()}); err != nil {
				t.Fatal(err)
			}
		}
		rotate("second", time.Hour)
		if c, err := s.Client(ctx, "maps"); err != nil || !c.OldUntil.Equal(clock.Now().Add(time.Hour)) || !opens("maps secret") || !opens("second") {
			t.Errorf("within the overlap: until %v, %v", c.OldUntil, err)
		}
		clock.Advance(time.Hour)
		if opens("maps secret") || !opens("second") {
			t.Error("after the overlap the old secret must be over")
		}
		rotate("third", 0)
		if opens("second") || !opens("third") {
			t.Error("without overlap the old secret must end at once")
		}
		sealed, number, err := s.SealedClientSecret(ctx, "maps", aClientAct)
		if err != nil || string(sealed) != fmt.Sprintf("sealed %d", number) || number != 3 {
			t.Errorf("sealed: got %q %d, %v", sealed, number, err)
		}
		if all, err := s.SealedClientSecrets(ctx, 10); err != nil || len(all) != 1 || all[0].Client != "maps" || all[0].Number != 3 {
			t.Errorf("sealed ones: got %+v, %v", all, err)
		}
		if won := race(10, func(i int) error {
			return s.RotateClientSecret(ctx, "maps", *clientSecret(fmt.Sprint("at once ", i)), time.Time{}, domain.AuditEvent{At: clock.Now()})
		}); won != 10 {
			t.Errorf("%d of 10 rotations at once", won)
		}
		working := 0
		for i := range 10 {
			if opens(fmt.Sprint("at once ", i)) {
				working++
			}
		}
		if working != 1 {
			t.Errorf("%d secrets work after rotations at once, want 1", working)
		}
		if _, err := s.CreateClient(ctx, domain.Client{ID: "phone", Owner: alice.ID, Kind: domain.StandardClient, Public: true, Name: "p"}, nil, aClientAct); err != nil {
			t.Fatal(err)
		}
		if err := s.RotateClientSecret(ctx, "phone", *clientSecret("x"), time.Time{}, aClientAct); domain.CodeOf(err) != "no_secret" {
			t.Errorf("a public one: got %v", err)
		}
	})
}

func TestListsOfClients(t *testing.T) {
	t.Parallel()
	storetest.EachWithClock(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx := context.Background()
		alice, bob, carol := storetest.User(t, s, "alice"), storetest.User(t, s, "bob"), storetest.User(t, s, "carol")
		state := func(state domain.ClientState, name string) func(*domain.Client) {
			return func(c *domain.Client) { c.State, c.Name = state, name }
		}
		madeClient(t, s, alice, "a.approved", state(domain.ClientApproved, "Weather 100%"))
		madeClient(t, s, alice, "b.requested", func(c *domain.Client) {
			c.State, c.Name, c.Testers = domain.ClientRequested, "Ärzte_Karte", []domain.Tester{{ID: bob.ID}, {ID: carol.ID}}
		})
		madeClient(t, s, alice, "c.suspended", state(domain.ClientSuspended, "Old weather"))
		madeClient(t, s, bob, "d.rejected", state(domain.ClientRejected, "Spam"))
		madeClient(t, s, bob, "e.deleted", nil)
		if err := s.DeleteClient(ctx, "e.deleted", aClientAct); err != nil {
			t.Fatal(err)
		}
		installed(t, s, carol, "a.approved", clock.Now())
		revoked, _ := installed(t, s, bob, "a.approved", clock.Now())
		if err := s.RevokeGrant(ctx, revoked.ID, aClientAct); err != nil {
			t.Fatal(err)
		}
		tests := []struct {
			f    domain.ClientFilter
			want string
		}{
			{domain.ClientFilter{Which: domain.ClientsAll, User: alice.ID}, "d.rejected c.suspended b.requested a.approved"},
			{domain.ClientFilter{Which: domain.ClientsAll, State: domain.ClientRequested}, "b.requested"},
			{domain.ClientFilter{Which: domain.ClientsVisible, User: alice.ID}, "c.suspended b.requested a.approved"},
			{domain.ClientFilter{Which: domain.ClientsVisible, User: bob.ID}, "d.rejected b.requested a.approved"},
			{domain.ClientFilter{Which: domain.ClientsVisible, User: carol.ID}, "b.requested a.approved"},
			{domain.ClientFilter{Which: domain.ClientsVisible, User: 0}, "a.approved"},
			{domain.ClientFilter{Which: domain.ClientsContributed, User: bob.ID}, "d.rejected"},
			{domain.ClientFilter{Which: domain.ClientsInstalled, User: carol.ID}, "a.approved"},
			{domain.ClientFilter{Which: domain.ClientsInstalled, User: bob.ID}, ""},
			{domain.ClientFilter{Which: domain.ClientsAll, Search: "WEATHER"}, "c.suspended a.approved"},
			{domain.ClientFilter{Which: domain.ClientsAll, Search: "0%"}, "a.approved"},
			{domain.ClientFilter{Which: domain.ClientsAll, Search: "_k"}, "b.requested"},
			{domain.ClientFilter{Which: domain.ClientsAll, Search: "Ärzte"}, "b.requested"},
			{domain.ClientFilter{Which: domain.ClientsAll, Search: "draws MAPS"}, "d.rejected c.suspended b.requested a.approved"},
			{domain.ClientFilter{Which: domain.ClientsAll, Search: "\x00"}, ""},
		}
		for _, test := range tests {
			for _, limit := range []int{1, 2, 50} {
				got, total := pagedClients(t, s, test.f, limit)
				if got != test.want || total != len(strings.Fields(test.want)) {
					t.Errorf("%+v by %d: got %q, total %d; want %q", test.f, limit, got, total, test.want)
				}
			}
		}
		listed, err := s.Clients(ctx, domain.ClientFilter{Which: domain.ClientsAll, State: domain.ClientRequested}, domain.Page{})
		if err != nil || len(listed.Items) != 1 || fmt.Sprint(listed.Items[0].Testers) != fmt.Sprint([]domain.Tester{{ID: bob.ID, Name: "bob"}, {ID: carol.ID, Name: "carol"}}) {
			t.Errorf("testers in a list: %+v, %v", listed.Items, err)
		}
		for _, cursor := range []string{"x", "1", "x.y", "1.\x00"} {
			if _, err := s.Clients(ctx, domain.ClientFilter{}, domain.Page{Cursor: cursor}); !domain.IsKind(err, domain.Invalid) {
				t.Errorf("cursor %q: got %v, want Invalid", cursor, err)
			}
		}
	})
}

// pagedClients walks all pages and returns the ids.
func pagedClients(t *testing.T, s *store.Store, f domain.ClientFilter, limit int) (ids string, total int) {
	t.Helper()
	var seen []string
	for page := (domain.Page{Limit: limit}); ; {
		listed, err := s.Clients(context.Background(), f, page)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range listed.Items {
			seen = append(seen, string(c.ID))
		}
		total = listed.Total
		if page.Cursor = listed.Next; listed.Next == "" {
			return strings.Join(seen, " "), total
		}
	}
}

func TestUsageOfAClient(t *testing.T) {
	t.Parallel()
	storetest.EachWithClock(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx, now := context.Background(), clock.Now()
		alice, bob := storetest.User(t, s, "alice"), storetest.User(t, s, "bob")
		madeClient(t, s, alice, "maps", nil)
		if usage, err := s.ClientUsage(ctx, "maps"); err != nil || usage != (domain.ClientUsage{}) {
			t.Errorf("unused: got %+v, %v", usage, err)
		}
		installed(t, s, alice, "maps", now)
		g, _ := installed(t, s, alice, "maps", now)
		over, _ := installed(t, s, bob, "maps", now)
		if err := s.RevokeGrant(ctx, over.ID, aClientAct); err != nil {
			t.Fatal(err)
		}
		if err := s.TouchGrants(ctx, map[domain.GrantID]domain.Use{g.ID: {At: now.Add(time.Minute)}}); err != nil {
			t.Fatal(err)
		}
		if usage, err := s.ClientUsage(ctx, "maps"); err != nil || usage.People != 1 || !usage.LastUse.Equal(now.Add(time.Minute)) {
			t.Errorf("got %+v, %v", usage, err)
		}
	})
}
