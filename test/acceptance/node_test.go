package acceptance

import (
	"fmt"
	"net/http"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/app"
	"github.com/thingward/thingward/internal/store/storetest"
)

// soon is how long it may take until what ends on one node is refused on the
// others (SECURITY.md, Tokens).
const soon = time.Second

// patience is soon where the machine is known to be quiet enough for it.
func patience() time.Duration {
	if os.Getenv("THINGWARD_CRASH_ROUNDS") != "" {
		return soon
	}
	return 10 * soon
}

// twoNodes starts two servers on one PostgreSQL.
func twoNodes(t *testing.T, changes ...func(*app.Config)) (here, there *server) {
	t.Helper()
	database := storetest.PostgresURL(t)
	node := func(c *app.Config) { c.Database = database }
	here = start(t, append(changes, node)...)
	return here, start(t, append(changes, node, func(c *app.Config) { c.ServerKey = here.config.Data + "/server.key" })...)
}

// on returns the app as it talks to another node.
func (a oauthApp) on(s *server) oauthApp {
	a.s = s
	return a
}

// on returns the person with the same browser at another node.
func (p person) on(s *server) person {
	p.browser = &browser{client: p.client}
	p.client.s = s
	return p
}

// until measures how long it takes until yes.
func until(t *testing.T, what string, yes func() bool) time.Duration {
	t.Helper()
	began := time.Now()
	for !yes() {
		if time.Since(began) > patience() {
			t.Fatalf("%s: not within %s", what, patience())
		}
	}
	return time.Since(began)
}

// TestWhatEndsOnOneNodeIsRefusedOnTheOther also while both are at work.
func TestWhatEndsOnOneNodeIsRefusedOnTheOther(t *testing.T) {
	t.Parallel()
	here, there := twoNodes(t)
	admin, developer := here.administrator(t, "root-admin"), here.signUp(t, "developer")
	t.Run("quiet", func(t *testing.T) { endsEverywhere(t, here, there, admin, developer, "quiet") })
	t.Run("under load", func(t *testing.T) {
		busy := developer.registerApp("busy")
		loads := []*tokenLoad{newTokenLoad(developer.during(t), busy.in(t)), newTokenLoad(here.signUp(t, "busy").on(there), busy.in(t).on(there))}
		for _, load := range loads {
			wait := load.work(t, 2)
			defer wait()
			defer load.over.Store(true)
		}
		endsEverywhere(t, here, there, admin, here.signUp(t, "developer-2"), "load")
	})
}

func endsEverywhere(t *testing.T, here, there *server, admin, developer person, prefix string) {
	type held struct {
		app    oauthApp
		user   person
		tokens oauthTokens
		key    key
	}
	for i, end := range []struct {
		name string
		does func(held)
		key  bool // it is the key that ends
	}{
		{"access token", func(h held) { h.app.send("/oauth/revoke", "token", h.tokens.Access).want(http.StatusOK) }, false},
		{"chain", func(h held) { h.app.send("/oauth/revoke", "token", h.tokens.Refresh).want(http.StatusOK) }, false},
		{"grant", func(h held) {
			for _, c := range h.user.connections() {
				if c.Client != nil {
					h.user.delete(fmt.Sprintf("/api/v1/connections/%d", c.ID)).want(http.StatusNoContent)
				}
			}
		}, false},
		{"suspended client", func(h held) {
			admin.post("/api/v1/clients/"+h.app.ID+"/suspend", map[string]any{"reason": "It spams."}).want(http.StatusNoContent)
		}, false},
		{"deleted client", func(h held) {
			developer.delete("/api/v1/clients/" + h.app.ID).want(http.StatusNoContent)
		}, false},
		{"user", func(h held) { admin.post("/api/v1/users/"+h.user.name+"/suspend", `{}`).want(http.StatusNoContent) }, false},
		{"key", func(h held) { h.user.delete("/api/v1/keys/" + h.key.ID).want(http.StatusNoContent) }, true},
	} {
		name := prefix + "-" + strconv.Itoa(i)
		h := held{app: developer.registerApp(name), user: here.signUp(t, name)}
		h.tokens, h.key = h.app.tokens(h.user, "scope", "profile offline_access"), h.user.makeKey(keyOptions{}, "profile")
		credential := there.bearer(t, h.tokens.Access)
		if end.key {
			credential = there.use(t, h.key)
		}
		for range 3 {
			credential.get("/api/v1/users/me").want(http.StatusOK)
		}
		end.does(h)
		took := until(t, end.name, func() bool { return credential.get("/api/v1/users/me").status == http.StatusUnauthorized })
		t.Logf("%s: refused on the other node %s after the answer", end.name, took)
	}
}

// TestTwoNodesDoOnceWhatHappensOnce sends the same to both at once.
func TestTwoNodesDoOnceWhatHappensOnce(t *testing.T) {
	t.Parallel()
	here, there := twoNodes(t)
	w := newOAuthWorld(t, here)
	both := func(send func(a oauthApp) answer) [2]answer {
		var got [2]answer
		var group sync.WaitGroup
		for i, s := range []*server{here, there} {
			group.Go(func() { got[i] = send(w.web.on(s)) })
		}
		group.Wait()
		return got
	}
	t.Run("refresh", func(t *testing.T) {
		tokens := w.web.tokens(w.alice)
		for range 20 {
			got := both(func(a oauthApp) answer { return a.refresh(tokens.Refresh) })
			one, other := w.web.take(got[0]), w.web.take(got[1])
			if one.Refresh != other.Refresh || one.Access != other.Access {
				t.Fatal("the nodes gave different successors")
			}
			tokens = one
		}
	})
	t.Run("code", func(t *testing.T) {
		for range 20 {
			code := w.web.code(w.alice)
			won := 0
			for _, got := range both(func(a oauthApp) answer { return a.redeem(code) }) {
				if got.status != http.StatusOK {
					got.wantFault(http.StatusBadRequest, "invalid_grant")
					continue
				}
				won++
				tokens := w.web.take(got)
				for _, s := range []*server{here, there} {
					until(t, "what a code gave that was used twice", func() bool { return !w.web.on(s).active(tokens.Access) })
					w.web.on(s).refresh(tokens.Refresh).wantFault(http.StatusBadRequest, "invalid_grant")
				}
			}
			if won > 1 {
				t.Fatalf("%d nodes gave tokens for one code", won)
			}
		}
	})
}

// TestAClientThatIsApprovedOnOneNodeWorksOnTheOther within a second, although
// the other has just refused it.
func TestAClientThatIsApprovedOnOneNodeWorksOnTheOther(t *testing.T) {
	t.Parallel()
	here, there := twoNodes(t, func(c *app.Config) { c.ClientApproval = []string{"standard"} })
	admin, alice := here.administrator(t, "root-admin"), here.signUp(t, "alice")
	wall := here.signUp(t, "developer").registerApp("wall")
	alice = alice.on(there)
	if got := wall.on(there).decide(alice, "allow"); got.Get("error") != "access_denied" {
		t.Fatalf("got %v before the approval", got)
	}
	admin.post("/api/v1/clients/wall/approve", `{}`).want(http.StatusNoContent)
	took := until(t, "approved client", func() bool { return wall.on(there).visit(alice.client).status == http.StatusOK })
	t.Logf("works on the other node %s after the answer", took)
	w := wall.on(there)
	here.bearer(t, w.tokens(alice).Access).get("/api/v1/sensors").want(http.StatusOK)
}
