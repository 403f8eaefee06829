package application

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/store/storetest"
)

// text returns what the caller is shown of an access key.
func (w world) text(t testing.TB, c domain.Caller, name string) string {
	t.Helper()
	keys, err := w.AccessKeys(context.Background(), c, "apitest")
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range keys {
		if key.Name == name {
			return key.Text
		}
	}
	t.Fatalf("there is no access key %s", name)
	return ""
}

func TestAnAccessKeySaysWhoIssuedIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	text := w.text(t, w.alice, domain.DefaultAccessKey)
	issuer, random, _ := strings.Cut(text, ".")
	if issuer != "ttn-account-v2" || len(random) != 43 || strings.Contains(random, ".") {
		t.Errorf("got a key of %q and %d characters", issuer, len(random))
	}
	key, err := w.store.AccessKeyByHash(context.Background(), secret.New(text).Hash())
	if err != nil || key.Name != "default key" || key.Rights.PrintRights() != "messages:up:r messages:down:w" {
		t.Errorf("got %+v (%v)", key, err)
	}
}

func TestNobodyGivesAnAccessKeyMoreThanHeHas(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := context.Background()
	w.share(t, w.bob, domain.ApplicationSettings)
	w.share(t, w.carol, domain.ApplicationDevices)
	id := domain.ThingRef(int64(w.app.ID))
	for i, test := range []struct {
		name   string
		caller domain.Caller
		rights domain.RightSet
		code   string
	}{
		{"the owner gives all", w.alice, domain.AllRights(domain.NounApplication), ""},
		{"settings give messages", w.bob, domain.SetOf(domain.MessagesUpRead, domain.MessagesUpWrite, domain.MessagesDownWrite, domain.ApplicationSettings), ""},
		{"settings do not give end devices", w.bob, domain.SetOf(domain.ApplicationDevices), "right_missing"},
		{"settings do not give delete", w.bob, domain.SetOf(domain.MessagesUpRead, domain.ApplicationDelete), "right_missing"},
		{"end devices give nothing", w.carol, domain.SetOf(domain.ApplicationDevices), "right_missing"},
		{"no rights at all", w.alice, 0, "invalid_rights"},
		{"rights on gateways", w.alice, domain.SetOf(domain.GatewaySettings), "invalid_rights"},
		{"a key without the scope for end devices", storetest.Holding(t, w.alice, "applications.write:"+id), domain.SetOf(domain.ApplicationDevices), "right_missing"},
		{"a key without the scope for messages", storetest.Holding(t, w.alice, "applications.write:"+id), domain.SetOf(domain.MessagesUpRead), "right_missing"},
		{"a key with both", storetest.Holding(t, w.alice, "applications.*:"+id), domain.SetOf(domain.ApplicationDevices, domain.MessagesUpRead), ""},
		{"an access key gives what it has", acting(w.app, domain.ApplicationSettings, domain.ApplicationDevices), domain.SetOf(domain.ApplicationDevices), ""},
		{"an access key gives no more", acting(w.app, domain.ApplicationSettings), domain.SetOf(domain.ApplicationDevices), "right_missing"},
	} {
		_, _, err := w.CreateAccessKey(ctx, test.caller, "apitest", "key "+string(rune('a'+i)), test.rights)
		wantCode(t, test.name, err, test.code)
	}
	_, _, err := w.CreateAccessKey(ctx, w.alice, "apitest", "default key", domain.SetOf(domain.MessagesUpRead))
	wantCode(t, "a name that is taken", err, "access_key_name_taken")
	_, _, err = w.CreateAccessKey(ctx, w.alice, "apitest", "a/b", domain.SetOf(domain.MessagesUpRead))
	wantCode(t, "a name with a slash", err, "invalid_name")
}

func TestAccessKeysAreMasked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := context.Background()
	_, devices, err := w.CreateAccessKey(ctx, w.alice, "apitest", "devices", domain.SetOf(domain.ApplicationDevices, domain.ApplicationDelete))
	if err != nil {
		t.Fatal(err)
	}
	w.share(t, w.bob, domain.ApplicationSettings)
	if got := w.text(t, w.alice, "devices"); got != devices.Reveal() {
		t.Error("the owner is not shown his key")
	}
	if got := w.text(t, w.bob, "devices"); got != "ttn-account-v2.********" {
		t.Errorf("whoever lacks the rights of the key is shown %q", got)
	}
	if got := w.text(t, w.bob, "default key"); got == w.Masked() {
		t.Error("whoever manages the settings is not shown a key for messages")
	}
	w.share(t, w.carol, domain.ApplicationDevices)
	app, err := w.Find(ctx, w.carol, "apitest")
	if err != nil {
		t.Fatal(err)
	}
	if keys, err := w.AccessKeysIn(ctx, w.carol, app); err != nil || len(keys[app.ID]) != 0 || keys[app.ID] == nil {
		t.Errorf("whoever does not manage the settings: got %v (%v), want an empty list", keys, err)
	}
	w.Sealer = nil
	if w.create(t, w.alice, "later"); w.text(t, w.alice, "devices") != w.Masked() {
		t.Error("a key is shown where keys are shown once")
	}
	keys, err := w.AccessKeys(ctx, w.alice, "later")
	if err != nil || len(keys) != 1 || keys[0].Viewable || keys[0].Text != w.Masked() {
		t.Errorf("got %+v (%v), want it masked and not kept", keys, err)
	}
}

func TestADeletedApplicationsKeyIsDead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := context.Background()
	hash := secret.New(w.text(t, w.alice, "default key")).Hash()
	dead := func(when string, want bool) {
		t.Helper()
		_, err := w.store.AccessKeyByHash(ctx, hash)
		if got := domain.IsKind(err, domain.NotFound); got != want || err != nil && !got {
			t.Errorf("%s: got %v", when, err)
		}
	}
	dead("made", false)
	if err := w.Delete(ctx, w.alice, "apitest"); err != nil {
		t.Fatal(err)
	}
	dead("its application is deleted", true)
	if _, err := w.Restore(ctx, w.alice, "apitest"); err != nil {
		t.Fatal(err)
	}
	dead("restored", false)
	if err := w.DeleteAccessKey(ctx, w.alice, "apitest", "default key"); err != nil {
		t.Fatal(err)
	}
	dead("deleted", true)
	wantCode(t, "deleted twice", w.DeleteAccessKey(ctx, w.alice, "apitest", "default key"), "access_key_not_found")
}

func TestTheJoinKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := context.Background()
	w.share(t, w.bob, domain.ApplicationSettings)
	_, join, err := w.CreateAccessKey(ctx, w.alice, "apitest", "register-on-join", domain.SetOf(domain.ApplicationDevices))
	if err != nil {
		t.Fatal(err)
	}
	set := func(c domain.Caller, text string) error {
		_, err := w.Edit(ctx, c, "apitest", Edit{Description: new(string), JoinKey: &text})
		return err
	}
	shown := func(c domain.Caller) string {
		t.Helper()
		a, err := w.Find(ctx, c, "apitest")
		if err != nil {
			t.Fatal(err)
		}
		text, err := w.JoinKey(ctx, c, a)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	wantCode(t, "a key without the right", set(w.alice, w.text(t, w.alice, "default key")), "invalid_register_on_join_access_key")
	wantCode(t, "no key at all", set(w.alice, "ttn-account-v2.nonsense"), "invalid_register_on_join_access_key")
	wantCode(t, "without the right to end devices", set(w.bob, join.Reveal()), "right_missing")
	wantCode(t, "none where there is none", set(w.bob, ""), "")
	wantCode(t, "set", set(w.alice, join.Reveal()), "")
	if shown(w.alice) != join.Reveal() || shown(w.bob) != w.Masked() {
		t.Errorf("got it shown to the owner: %v; to bobby as %q", shown(w.alice) == join.Reveal(), shown(w.bob))
	}
	wantCode(t, "as it is masked", set(w.bob, shown(w.bob)), "")
	wantCode(t, "the same", set(w.bob, join.Reveal()), "")
	wantCode(t, "taken away without the right", set(w.bob, ""), "right_missing")
	if shown(w.alice) != join.Reveal() {
		t.Error("the masked text changed the key")
	}
	w.create(t, w.alice, "other")
	_, err = w.Edit(ctx, w.alice, "other", Edit{JoinKey: new(join.Reveal())})
	wantCode(t, "a key of another application", err, "invalid_register_on_join_access_key")
	wantCode(t, "taken away", set(w.alice, ""), "")
	if got := shown(w.alice); got != "" {
		t.Errorf("got %q, want none", got)
	}
}

func TestThatKeysWereShownIsAuditedOnceADay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := context.Background()
	if _, err := w.SetEndDevice(ctx, w.alice, "apitest", someDevice("one", 1)); err != nil {
		t.Fatal(err)
	}
	w.share(t, w.bob, domain.ApplicationSettings, domain.ApplicationDevices)
	look := func(c domain.Caller) {
		t.Helper()
		w.text(t, c, "default key")
		if _, err := w.EndDevice(ctx, c, "apitest", "one"); err != nil {
			t.Fatal(err)
		}
	}
	for range 3 {
		look(w.bob)
		look(w.alice)
	}
	w.clock.Advance(24 * time.Hour)
	look(w.bob)
	events, err := w.store.AuditOf(ctx, w.alice.User.ID, domain.Page{})
	if err != nil {
		t.Fatal(err)
	}
	got := []string{}
	for _, event := range events.Items {
		if strings.HasSuffix(event.Act, ".view") {
			got = append(got, event.ActorName+" "+event.Act+" "+event.Thing)
		}
	}
	want := []string{"bobby access_key.view application apitest", "bobby end_device.view application apitest"}
	slices.Sort(got)
	if want = append(want, want...); len(got) != 6 || !slices.Equal(got[2:], slices.Sorted(slices.Values(want))) {
		t.Errorf("got %v", got)
	}
}
