package storetest_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/grant"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/store"
	"github.com/thingward/thingward/internal/store/storetest"
)

func TestWhatSomebodyWorksOnIsListedAsItStands(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		alice, bob := storetest.User(t, s, "alice"), storetest.User(t, s, "bob")
		by := domain.Caller{User: alice, Credential: domain.SessionCredential, Scopes: domain.EveryScope()}
		want := func(user domain.User, noun domain.Noun, limit int, names ...string) {
			t.Helper()
			for range 2 { // from the database, and from memory
				list, err := s.Entities(ctx, user.ID, noun, limit)
				got := []string{}
				for _, e := range list {
					got = append(got, e.Name+": "+e.Rights.PrintRights())
				}
				if diff := cmp.Diff(append([]string{}, names...), got); err != nil || diff != "" {
					t.Errorf("%v, what %s works on:\n%s", err, user.Name, diff)
				}
			}
		}
		want(alice, domain.NounApplication, 10)
		first := makeApplication(t, s, alice, "first")
		makeApplication(t, s, alice, "second")
		makeApplication(t, s, bob, "bobs")
		const all = "settings delete collaborators devices"
		want(alice, domain.NounApplication, 10, "first: "+all, "second: "+all)
		want(alice, domain.NounApplication, 1, "first: "+all)
		want(alice, domain.NounGateway, 10)
		want(alice, domain.NounSensor, 10)
		want(bob, domain.NounApplication, 10, "bobs: "+all)

		may := func(domain.Sharing) error { return nil }
		if _, err := s.SetCollaborator(ctx, by, first.Thing().Key(), "bob", domain.SetOf(domain.ApplicationDevices), may); err != nil {
			t.Fatal(err)
		}
		want(bob, domain.NounApplication, 10, "first: devices", "bobs: "+all)
		if err := s.DeleteApplication(ctx, by, first.ID, func(domain.Application) error { return nil }); err != nil {
			t.Fatal(err)
		}
		want(bob, domain.NounApplication, 10, "bobs: "+all)
		want(alice, domain.NounApplication, 10, "second: "+all)
		if _, err := s.RestoreApplication(ctx, by, "first", func(domain.Application) error { return nil }); err != nil {
			t.Fatal(err)
		}
		want(bob, domain.NounApplication, 10, "first: devices", "bobs: "+all)
		if err := s.RemoveCollaborator(ctx, by, first.Thing().Key(), "bob", may); err != nil {
			t.Fatal(err)
		}
		want(bob, domain.NounApplication, 10, "bobs: "+all)
		want(alice, domain.NounApplication, 10, "first: "+all, "second: "+all)
	})
}

func TestWhatTokensHangOnSurvivesABackup(t *testing.T) {
	t.Parallel()
	storetest.EachWithClock(t, func(t *testing.T, from *store.Store, clock *storetest.Clock) {
		ctx := context.Background()
		alice := storetest.User(t, from, "alice")
		makeApplication(t, from, alice, "mine")
		key, err := from.AddSigningKey(ctx, signingKey("kept", clock), domain.AuditEvent{})
		if err != nil {
			t.Fatal(err)
		}
		parent := grant.MintAccess(domain.Grant{ID: 7, Scopes: domain.EveryScope()}, domain.ScopeSet{domain.ScopeProfile}, "", time.Hour, clock.Now())
		child := grant.MintAccess(domain.Grant{ID: 7, Scopes: domain.EveryScope()}, domain.ScopeSet{domain.ScopeProfile}, "https://x.example/", time.Hour, clock.Now())
		ref := parent.Token.Ref()
		child.Token.Parent = &ref
		ofKey := grant.MintAccess(domain.Grant{Scopes: domain.EveryScope()}, domain.ScopeSet{domain.ScopeApplicationsRead.On(1)}, "", time.Hour, clock.Now())
		ofKey.Token.Key, ofKey.Token.Parent = 1, &ref
		tokens := []domain.AccessToken{parent.Token, child.Token, ofKey.Token}
		for _, token := range tokens {
			if err := from.IssueToken(ctx, token); err != nil {
				t.Fatal(err)
			}
		}
		var file bytes.Buffer
		if err := from.Backup(ctx, &file); err != nil {
			t.Fatal(err)
		}
		storetest.Each(t, func(t *testing.T, to *store.Store) {
			if err := to.Restore(ctx, bytes.NewReader(file.Bytes())); err != nil {
				t.Fatal(err)
			}
			for _, want := range tokens {
				got, err := to.AccessToken(ctx, want.ID, want.Hash)
				if diff := cmp.Diff(want, got); err != nil || diff != "" {
					t.Errorf("%v, a token:\n%s", err, diff)
				}
			}
			if _, err := to.AccessToken(ctx, child.Token.ID, secret.New("another text").Hash()); !domain.IsKind(err, domain.NotFound) {
				t.Errorf("the same number with another hash: got %v", err)
			}
			got, err := to.SigningKey(ctx, domain.SigningTTN, domain.ES256)
			if diff := cmp.Diff(key, got); err != nil || diff != "" {
				t.Errorf("%v, the signing key:\n%s", err, diff)
			}
		})
	})
}
