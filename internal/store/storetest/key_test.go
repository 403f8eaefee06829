package storetest_test

import (
	"context"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/store"
	"github.com/thingward/thingward/internal/store/storetest"
)

// Basic takes a key id or a user name: neither may be the other.
func TestKeyIDsAndNamesStayApart(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		alice := storetest.User(t, s, "alice")
		keep := func(id domain.KeyID) error {
			key := domain.Key{ID: id, Grant: domain.Grant{User: alice.ID, Name: "old", Scopes: domain.ScopeSet{domain.ScopeProfile}, CreatedAt: time.Now()}}
			password := domain.NewStoredSecret{Hash: secret.New("0123456789abcdef").Hash(), Seal: func(int64) []byte { return nil }}
			_, err := s.CreateKey(ctx, key, password, domain.AuditEvent{Act: "key.import"})
			return err
		}
		if err := keep("alice"); domain.CodeOf(err) != "key_id_taken" {
			t.Errorf("a key with the name of a user: got %v, want key_id_taken", err)
		}
		if err := keep("gateway"); err != nil {
			t.Fatal(err)
		}
		_, err := s.CreateUser(ctx, domain.NewUser{User: domain.User{Name: "gateway"}, PasswordHash: "phc"}, domain.AuditEvent{Act: "user.create"})
		if domain.CodeOf(err) != "name_taken" {
			t.Errorf("a user with the id of a key: got %v, want name_taken", err)
		}
	})
}
