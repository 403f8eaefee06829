package ttn_test

import (
	"maps"
	"net/http"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/thingward/thingward/internal/domain"
)

// counter keeps what the metrics would show.
type counter struct {
	mu     sync.Mutex
	counts map[string]int
}

func (c *counter) add(what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.counts == nil {
		c.counts = map[string]int{}
	}
	c.counts[what]++
}

func (c *counter) TokenIssued(grantType domain.GrantType, kind domain.ClientKind) {
	c.add(string(grantType) + " " + string(kind))
}

func (c *counter) LegacyUse(what string) { c.add(what) }

// TestEveryTokenThatIsHandedOutIsCounted, whichever way led to it.
func TestEveryTokenThatIsHandedOutIsCounted(t *testing.T) {
	t.Parallel()
	a := newAccountServer(t)
	var seen counter
	a.door.Tokens.Observe = &seen
	a.application("alice", "mine")
	a.gateway("alice", "mygtw")
	key := a.accessKey("alice", "mine")
	whole := a.signedIn("alice", ttnctl)
	whole.restrictTo("apps:mine").want(http.StatusOK)
	whole.restrictTo("apps:unknown").want(http.StatusForbidden)
	whole.get("api/v2/gateways/mygtw/token").want(http.StatusOK)
	a.keyExchange().as(a.client("myclient")).form("username", "mine", "password", key).send().want(http.StatusOK)
	want := []string{"access_key ttn", "authorization_code ttn", "thing ttn", string(domain.ExchangeGrant) + " ttn"}
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(seen.counts))); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
