package acceptance

import (
	"net/http"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/store/storetest"
	"github.com/thingward/thingward/test/smtpserver"
)

// TestAKilledServerKeepsItsWordAboutTheNetwork kills the program with SIGKILL
// while end devices, access keys and collaborators come and go, signed tokens
// are restricted and refreshed, people let devices in and mails are sent,
// starts it again and holds it to what it answered.
func TestAKilledServerKeepsItsWordAboutTheNetwork(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		for range max(1, crashRounds(t)/3) {
			killTheNetwork(t, buildVictim(t))
		}
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		for range max(1, crashRounds(t)/3) {
			killTheNetwork(t, buildVictim(t, "--database", storetest.PostgresURL(t)))
		}
	})
}

func killTheNetwork(t *testing.T, v *victim) {
	office := smtpserver.Start(t, smtpserver.Options{StartTLS: true})
	v.serve = []string{"--smtp-url", "smtp://" + office.Address, "--mail-from", "things@example.org"}
	s := v.start(t).s
	s.config.PublicURL = s.URL
	l := newNetworkLoad(t, s)
	wait := l.work(t)
	eventually(t, 30*time.Second, func() bool { return l.count() > 900 })
	l.owner.delete("/api/v1/applications/left/registration").want(http.StatusNoContent)
	v.kill(t)
	wait()
	v.start(t)
	l.hold(t)
	l.mailed(t, office)
	v.kill(t)
}

// newNetworkLoad makes the people and what they work on.
func newNetworkLoad(t *testing.T, s *server) *networkLoad {
	t.Helper()
	l := &networkLoad{owner: s.signUp(t, "owner"), keys: map[string]heldThing{}, devices: map[string]heldThing{}, friends: map[string]heldThing{}}
	s.signUp(t, "bob")
	l.owner.http.Transport.(*http.Transport).MaxIdleConnsPerHost = 64
	for _, id := range []string{"crash", "left", "shared-0", "shared-1", "shared-2", "shared-3"} {
		l.owner.makeApplication(id)
	}
	for _, id := range []string{"crash", "left"} {
		l.owner.put("/api/v1/applications/"+id+"/registration", `{}`)
	}
	for i := range 450 { // more than two commits of the sweep remove
		l.owner.put("/api/v1/applications/left/end-devices/device-"+itoa(i), `{"app_eui":"70B3D57EF0000000","dev_eui":"`+itoa(1000000000000000+i)+`"}`)
	}
	l.login = l.owner.ttnctlLogin()
	for range 2 {
		chain := l.owner.ttnctlLogin()
		l.chains = append(l.chains, &chain)
	}
	for i := range 2 {
		app := l.owner.registerApp("display-"+itoa(i), deviceOptions)
		person := s.signUp(t, "person-"+itoa(i))
		for range 8 {
			device := app.device("scope", "readings.read offline_access profile")
			l.waiting = append(l.waiting, &heldDevice{app: app, code: device, ask: person.askedAbout(device.UserCode)})
		}
	}
	return l
}

// mailed waits for the mails to those who signed up. The one that was under
// way comes again, under the same Message-ID, when its lease is over.
func (l *networkLoad) mailed(t *testing.T, office *smtpserver.Server) {
	t.Helper()
	var missing int
	eventually(t, 30*time.Second, func() bool {
		to := map[string]bool{}
		for _, m := range office.Taken() {
			to[m.To] = true
		}
		missing = 0
		for _, address := range l.people {
			if !to[address] {
				missing++
			}
		}
		return missing <= 1
	})
	t.Logf("%d people signed up, %d mails are still under way", len(l.people), missing)
	ids := map[string]string{}
	for _, m := range office.Taken() {
		if id := m.Header.Get("Message-Id"); ids[m.To] != "" && ids[m.To] != id {
			t.Errorf("%s got one mail as %s and as %s", m.To, ids[m.To], id)
		} else {
			ids[m.To] = id
		}
	}
}

// hold holds a server that came back to what it answered before.
func (l *networkLoad) hold(t *testing.T) {
	t.Helper()
	s := l.owner.s
	works := func(token, path string) bool { return s.bearer(t, token).get(path).status == http.StatusOK }
	forgotten := 0
	for _, child := range l.children {
		if !works(child, "/ttn/api/v2/applications/crash") {
			forgotten++
		}
	}
	stuck := 0
	for _, chain := range l.chains {
		first := s.ttnToken(t, "ttnctl", "ttnctl", "grant_type", "refresh_token", "refresh_token", chain.Refresh)
		if first.status != http.StatusOK || !works(s.ttnTokensIn(first).Access, "/ttn/api/v2/applications") {
			stuck++
		}
	}
	undone := l.undone(t, l.keys, func(_ string, key heldThing) bool {
		return s.withAccessKey(t, key.text).get("/ttn/api/v2/applications/crash/rights").status != http.StatusUnauthorized
	})
	undone += l.undone(t, l.friends, func(name string, _ heldThing) bool {
		return len(l.owner.collaborators("/api/v1/applications/"+name)) == 2
	})
	undone += l.devicesUndone(t)
	broken := 0
	for _, d := range l.waiting {
		if !l.keepsItsWord(t, d) {
			broken++
		}
	}
	var left application
	l.owner.get("/api/v1/applications/left").want(http.StatusOK).decode(&left)
	t.Logf("of %d restricted tokens %d are forgotten; of %d chains %d do not go on; of %d access keys, shares and end devices %d are not as answered; of %d devices that wait %d are not",
		len(l.children), forgotten, len(l.chains), stuck, len(l.keys)+len(l.friends)+len(l.devices), undone, len(l.waiting), broken)
	if forgotten+stuck+undone+broken > 0 || left.EndDevices != 0 || left.RegisteredAt != nil {
		t.Errorf("the server does not keep its word (%+v)", left)
	}
}

// undone counts what is not as it was answered. What was sent without an
// answer may be either.
func (l *networkLoad) undone(t *testing.T, held map[string]heldThing, there func(string, heldThing) bool) (n int) {
	t.Helper()
	for name, thing := range held {
		if !thing.unsure && there(name, thing) != thing.there {
			t.Logf("%s: there %t, want %t", name, !thing.there, thing.there)
			n++
		}
	}
	return n
}

// devicesUndone looks at the list and at the three counts that must agree.
func (l *networkLoad) devicesUndone(t *testing.T) int {
	t.Helper()
	listed, total := map[string]bool{}, 0
	for next := ""; ; {
		var page struct {
			Items []struct{ ID string }
			Next  string
			Total int
		}
		l.owner.get("/api/v1/applications/crash/end-devices?limit=500&cursor=" + next).want(http.StatusOK).decode(&page)
		for _, d := range page.Items {
			listed[d.ID] = true
		}
		total = page.Total
		if next = page.Next; next == "" {
			break
		}
	}
	if shown := l.owner.findApplication("crash").EndDevices; total != len(listed) || shown != total {
		t.Errorf("%d end devices are listed of %d, and the application says %d", len(listed), total, shown)
	}
	return l.undone(t, l.devices, func(name string, _ heldThing) bool { return listed[name] })
}

// keepsItsWord polls for a device: a yes that was answered gives tokens, once.
func (l *networkLoad) keepsItsWord(t *testing.T, d *heldDevice) bool {
	t.Helper()
	got := d.app.poll(d.code)
	tokens := d.tokens.Access
	switch {
	case d.polled.there: // it has them
		if got.status == http.StatusOK {
			return false
		}
	case got.status == http.StatusOK:
		tokens = d.app.take(got).Access
	default: // nobody said yes, or perhaps; or an answer was lost
		return !d.said.there || d.polled.unsure
	}
	return d.app.poll(d.code).status == http.StatusBadRequest && l.owner.s.bearer(t, tokens).get("/api/v1/users/me").status == http.StatusOK
}
