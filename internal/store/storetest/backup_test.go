package storetest_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/store"
	"github.com/thingward/thingward/internal/store/storetest"
)

// makeKey stores a key of the user and returns it.
func makeKey(t *testing.T, s *store.Store, user domain.User, id domain.KeyID, password secret.Secret) domain.Key {
	t.Helper()
	key := domain.Key{ID: id, Owner: user.Name, Description: "in the cellar", Grant: domain.Grant{
		User: user.ID, Name: "gateway", Scopes: domain.ScopeSet{domain.ScopeReadingsWrite}, CreatedAt: time.Now().UTC().Truncate(time.Millisecond)}}
	stored := domain.NewStoredSecret{Hash: password.Hash(), Seal: func(int64) []byte { return []byte("sealed") }}
	key, err := s.CreateKey(context.Background(), key, stored, domain.AuditEvent{At: time.Now(), Act: "key.create", Result: "ok"})
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestBackupRestoresIntoAnEmptyStoreOfEitherKind(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, from *store.Store) {
		ctx := context.Background()
		alice := storetest.User(t, from, "alice")
		key := makeKey(t, from, alice, "0123456789abcdef", secret.New("pw"))
		var file bytes.Buffer
		if err := from.Backup(ctx, &file); err != nil {
			t.Fatal(err)
		}
		whole := file.Bytes()
		storetest.Each(t, func(t *testing.T, to *store.Store) {
			if err := to.Restore(ctx, bytes.NewReader(whole[:len(whole)-20])); !domain.IsKind(err, domain.Invalid) {
				t.Fatalf("a backup that is cut short: got %v, want Invalid", err)
			}
			if err := to.Restore(ctx, bytes.NewReader(whole)); err != nil {
				t.Fatal(err)
			}
			got, err := to.KeyCheck(ctx, key.ID)
			if err != nil {
				t.Fatal(err)
			}
			if !got.Passwords[0].Hash.Matches(secret.New("pw").Hash()) || !got.Key.Viewable {
				t.Errorf("the password of the key did not survive: %+v", got.Key)
			}
			if diff := cmp.Diff(key.Grant, got.Key.Grant); diff != "" {
				t.Errorf("grant (-want +got):\n%s", diff)
			}
			if bob := storetest.User(t, to, "bob"); bob.ID <= alice.ID {
				t.Errorf("the id of a new user is %d, want more than %d", bob.ID, alice.ID)
			}
			if err := to.Restore(ctx, bytes.NewReader(whole)); !domain.IsKind(err, domain.Conflict) {
				t.Errorf("restore into a store with users: got %v, want Conflict", err)
			}
		})
	})
}
