package storetest_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/store"
	"github.com/thingward/thingward/internal/store/storetest"
)

func TestAuditIsListedNewestFirst(t *testing.T) {
	t.Parallel()
	storetest.EachWithClock(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx := context.Background()
		for i := range 6 {
			event := domain.AuditEvent{Actor: 1, ActorName: "alice", Subject: domain.UserID(1 + i%2), Credential: "session",
				Act: fmt.Sprint("act ", i), Thing: "thing", Address: "192.0.2.1", Result: "ok"}
			if err := s.Record(ctx, event); err != nil {
				t.Fatal(err)
			}
		}
		var got []string
		page := domain.Page{Limit: 2}
		for {
			list, err := s.AuditOf(ctx, 1, page)
			if err != nil || list.Total != 3 {
				t.Fatalf("got total %d, error %v, want 3", list.Total, err)
			}
			for _, event := range list.Items {
				got = append(got, event.Act)
			}
			if list.Next == "" {
				break
			}
			page.Cursor = list.Next
		}
		if diff := cmp.Diff([]string{"act 4", "act 2", "act 0"}, got); diff != "" {
			t.Errorf("events of one user differ (-want +got):\n%s", diff)
		}
		all, err := s.AuditAll(ctx, domain.Page{Limit: 1})
		if err != nil || all.Total != 6 || all.Next == "" {
			t.Fatalf("got %+v, error %v, want 6 in all and a next page", all, err)
		}
		want := domain.AuditEvent{ID: all.Items[0].ID, At: clock.Now(), Actor: 1, ActorName: "alice", Subject: 2, Credential: "session",
			Act: "act 5", Thing: "thing", Address: "192.0.2.1", Result: "ok"}
		if diff := cmp.Diff(want, all.Items[0]); diff != "" {
			t.Errorf("event differs (-want +got):\n%s", diff)
		}
	})
}

func TestAFactIsKept(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		for _, want := range []string{"", "yes", "no"} {
			if want != "" {
				if err := s.SetFact(ctx, "demo", want); err != nil {
					t.Fatal(err)
				}
			}
			if got, err := s.Fact(ctx, "demo"); got != want || err != nil {
				t.Errorf("got %q, error %v, want %q", got, err, want)
			}
		}
	})
}
