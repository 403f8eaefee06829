package acceptance

import (
	"net/http"
	"sync"
	"testing"

	"github.com/thingward/thingward/internal/app"
)

// TestRightsThatEndOnOneNodeAreRefusedOnTheOther within a second: who works on
// things, their access keys, tokens that hang on others, deleted things.
func TestRightsThatEndOnOneNodeAreRefusedOnTheOther(t *testing.T) {
	t.Parallel()
	here, there := twoNodes(t)
	alice, bob := here.signUp(t, "alice"), here.signUp(t, "bob").on(there)
	login := alice.ttnctlLogin()
	alice.makeSensor("greenhouse", private)
	web := alice.registerApp("web")
	parent := web.tokens(alice, "scope", "sensors.read profile offline_access")
	for n, end := range []struct {
		name string
		path string
		with func(id string) client // at the other node
		does func(id string)
	}{
		{"collaborator", "/api/v1/applications/", func(id string) client {
			alice.shareApplication(id, "bob", "devices")
			return bob.client
		}, func(id string) {
			alice.delete("/api/v1/applications/" + id + "/collaborators/bob").want(http.StatusNoContent)
		}},
		{"access key", "/ttn/api/v2/applications/", func(id string) client {
			return there.withAccessKey(t, alice.makeAccessKey(id, "reader", "messages:up:r", "settings").Key)
		}, func(id string) {
			alice.delete("/api/v1/applications/" + id + "/access-keys/reader").want(http.StatusNoContent)
		}},
		{"deleted application", "/ttn/handler/applications/", func(id string) client {
			alice.put("/api/v1/applications/"+id+"/registration", nil)
			return there.ttn(t, here.ttn(t, login.Access).ttnRestricted("apps:"+id))
		}, func(id string) { alice.delete("/api/v1/applications/" + id).want(http.StatusNoContent) }},
	} {
		for i := range 3 {
			id := "app-" + itoa(n) + "-" + itoa(i)
			alice.makeApplication(id)
			c := end.with(id)
			until(t, end.name+" works", func() bool { return c.get(end.path+id).status == http.StatusOK })
			end.does(id)
			took := until(t, end.name, func() bool { return c.get(end.path+id).status >= 400 })
			t.Logf("%s: refused on the other node %s after the answer", end.name, took)
		}
	}
	for range 3 {
		parent = web.take(web.refresh(parent.Refresh))
		child := web.take(web.narrow(parent.Access, "scope", "sensors.read:alice.greenhouse"))
		c := there.bearer(t, child.Access)
		c.get("/api/v1/sensors/alice.greenhouse").want(http.StatusOK)
		web.send("/oauth/revoke", "token", parent.Access).want(http.StatusOK)
		took := until(t, "child of a revoked token", func() bool { return c.get("/api/v1/sensors/alice.greenhouse").status == http.StatusUnauthorized })
		t.Logf("restricted token: refused on the other node %s after the answer", took)
	}
}

// TestTwoNodesSignWithOneKey that either made at its first use, and with
// another one a second after it was rotated.
func TestTwoNodesSignWithOneKey(t *testing.T) {
	t.Parallel()
	here, there := twoNodes(t)
	keyAt := func(s *server) string { return string(s.anonymous(t).get("/ttn/key").want(http.StatusOK).body) }
	var keys [16]string
	var group sync.WaitGroup
	for i := range keys {
		group.Go(func() { keys[i] = keyAt([]*server{here, there}[i%2]) })
	}
	group.Wait()
	for _, key := range keys {
		if key != keys[0] {
			t.Fatalf("the nodes say that they sign with\n%s\n%s", keys[0], key)
		}
	}
	alice := here.signUp(t, "alice")
	login := alice.ttnctlLogin()
	operator, err := app.OpenOperator(t.Context(), here.config)
	if err != nil {
		t.Fatal(err)
	}
	defer operator.Close()
	for range 3 {
		before := keyAt(there)
		if made, err := operator.RotateSigningKey(t.Context(), "ttn"); err != nil || len(made) != 1 {
			t.Fatal(made, err)
		}
		after := keyAt(here)
		took := until(t, "rotated key", func() bool { return keyAt(there) == after })
		t.Logf("the other node signs with the new key %s after the answer", took)
		if after == before {
			t.Error("the key was not rotated")
		}
		login = there.ttnTokensIn(there.ttnToken(t, "ttnctl", "ttnctl", "grant_type", "refresh_token", "refresh_token", login.Refresh))
		there.ttnVerified(t, login.Access)
		here.ttnVerified(t, login.Access)
	}
}

// TestADevicePollsOneNodeAndIsLetInOnTheOther, once.
func TestADevicePollsOneNodeAndIsLetInOnTheOther(t *testing.T) {
	t.Parallel()
	here, there := twoNodes(t)
	w := newOAuthWorld(t, here)
	display := w.display("display")
	for range 5 {
		device := display.on(there).device()
		display.poll(device).wantFault(400, "authorization_pending")
		display.on(there).poll(device).wantFault(400, "slow_down") // the pace is kept by both together
		w.alice.on(there).lets(device.UserCode, "allow")
		var got [16]answer
		var group sync.WaitGroup
		for i := range got {
			group.Go(func() { got[i] = display.on([]*server{here, there}[i%2]).poll(device) })
		}
		group.Wait()
		won := 0
		for _, a := range got {
			if a.status != http.StatusOK {
				a.wantFault(http.StatusBadRequest, "invalid_grant")
				continue
			}
			won++
			tokens := display.take(a)
			for _, s := range []*server{here, there} {
				s.bearer(t, tokens.Access).get("/api/v1/sensors/alice.greenhouse/readings").want(http.StatusOK)
			}
			display.take(display.refresh(tokens.Refresh))
		}
		if won != 1 {
			t.Fatalf("%d polls got tokens, want 1", won)
		}
	}
}

// TestTwoNodesMailEachMailOnce while both have something to say.
func TestTwoNodesMailEachMailOnce(t *testing.T) {
	t.Parallel()
	office := postOffice(t)
	here, there := twoNodes(t, mailsTo(office))
	const people = 12 // at each
	var group sync.WaitGroup
	for n, s := range []*server{here, there} {
		group.Go(func() {
			for i := range people {
				s.signUp(t, "person-"+itoa(n)+"-"+itoa(i))
			}
		})
	}
	group.Wait()
	seen := map[string]bool{}
	for range 2 * people {
		m := office.Next(t)
		seen[m.Header.Get("Message-Id")] = true
		seen[m.To] = true
	}
	if taken := office.Taken(); len(seen) != 2*2*people || len(taken) != 2*people {
		t.Errorf("got %d mails, and %d different Message-IDs and people; want %d mails", len(taken), len(seen), 2*people)
	}
}
