package storetest_test

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/store"
	"github.com/thingward/thingward/internal/store/storetest"
)

// eachPair runs the body with two nodes on one database.
func eachPair(t *testing.T, body func(t *testing.T, here, there *store.Store)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { // another process on the same file
		t.Parallel()
		path := filepath.Join(t.TempDir(), "thingward.db")
		body(t, storetest.OpenAgain(t, path), storetest.OpenAgain(t, path))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		url := storetest.PostgresURL(t)
		body(t, storetest.OpenURL(t, url), storetest.OpenURL(t, url))
	})
}

func TestTwoNodesAssignNoEUITwice(t *testing.T) {
	t.Parallel()
	eachPair(t, func(t *testing.T, here, there *store.Store) {
		alice := storetest.User(t, here, "alice")
		var mu sync.Mutex
		seen := map[string]int{}
		var group sync.WaitGroup
		for i := range 20 {
			group.Go(func() {
				name := fmt.Sprintf("app-%d", i)
				made, err := []*store.Store{here, there}[i%2].CreateApplication(context.Background(), asSession(alice), ownApplication(alice, name), accessKey("default key", name))
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				defer mu.Unlock()
				seen[made.EUIs[0]]++
			})
		}
		group.Wait()
		if len(seen) != 20 {
			t.Errorf("got %d different EUIs of 20: %v", len(seen), seen)
		}
	})
}

func TestADeletedApplicationIsGoneOnTheOtherNode(t *testing.T) {
	t.Parallel()
	eachPair(t, func(t *testing.T, here, there *store.Store) {
		ctx := context.Background()
		alice := storetest.User(t, here, "alice")
		made := makeApplication(t, here, alice, "apitest")
		if _, err := there.Application(ctx, "apitest"); err != nil || dead(t, there, "default of apitest") {
			t.Fatalf("the other node does not know it (%v)", err)
		}
		heard := make(chan store.Change, 1000)
		there.OnChange(func(change store.Change) { heard <- change })
		if err := here.DeleteApplication(ctx, asSession(alice), made.ID, fine); err != nil {
			t.Fatal(err)
		}
		gone := func() bool {
			_, byName := there.Application(ctx, "apitest")
			_, byKey := there.AccessKeyByHash(ctx, secret.New("default of apitest").Hash())
			return domain.IsKind(byName, domain.NotFound) && domain.IsKind(byKey, domain.NotFound)
		}
		until := time.After(10 * time.Second) // generous: the machine may be busy
		for !gone() {
			select {
			case <-heard:
			case <-until:
				t.Fatal("the other node still knows the application or its access key")
			}
		}
	})
}
