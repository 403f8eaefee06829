package application

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
)

func revealed(d domain.EndDevice) []string {
	return []string{d.Name, d.Keys.App.Reveal(), d.Keys.AppSession.Reveal(), d.Keys.NetworkSession.Reveal()}
}

func TestNetworkKeysAreSealedAndCome(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := context.Background()
	w.Sealer = nil // access keys are shown once: the keys of end devices are kept all the same
	made, err := w.CreateEndDevice(ctx, w.alice, "apitest", someDevice("one", 1))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"one", strings.Repeat("0A", 16), "", ""}
	found, err := w.EndDevice(ctx, w.alice, "apitest", "one")
	if diff := cmp.Diff([][]string{want, want}, [][]string{revealed(made), revealed(found)}); diff != "" || err != nil {
		t.Errorf("(-want +got) %v\n%s", err, diff)
	}
	sealed, err := w.store.EndDevice(ctx, w.app.ID, "one")
	if err != nil || len(sealed.Sealed) == 0 || strings.Contains(string(sealed.Sealed), want[1]) {
		t.Errorf("the store has it as %q (%v)", sealed.Sealed, err)
	}
	if _, err := w.Vault.Open(sealed.Sealed, domain.EndDeviceRow(sealed.ID+1)); err == nil {
		t.Error("the keys of one end device open as those of another")
	}
	bare := someDevice("one", 1)
	bare.Keys = domain.EndDeviceKeys{}
	if _, err := w.SetEndDevice(ctx, w.alice, "apitest", bare); err != nil {
		t.Fatal(err)
	}
	if found, err = w.EndDevice(ctx, w.alice, "apitest", "one"); err != nil || !found.Keys.App.Empty() {
		t.Errorf("the keys outlived an end device without any (%v)", err)
	}
}

func TestEndDevicesOfAnApplication(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := context.Background()
	c := acting(w.app, domain.ApplicationDevices)
	for i, name := range []string{"one", "two", "three"} {
		if _, err := w.SetEndDevice(ctx, c, "apitest", someDevice(name, i)); err != nil {
			t.Fatal(err)
		}
	}
	_, err := w.CreateEndDevice(ctx, c, "apitest", someDevice("one", 9))
	wantCode(t, "a name that is taken", err, "end_device_exists")
	_, err = w.SetEndDevice(ctx, c, "apitest", someDevice("four", 1))
	wantCode(t, "a pair that is taken", err, "end_device_euis_taken")
	_, err = w.SetEndDevice(ctx, c, "apitest", domain.EndDevice{Name: "five"})
	wantCode(t, "no EUIs", err, "invalid_app_eui")
	wantCode(t, "an unknown one", w.DeleteEndDevice(ctx, c, "apitest", "six"), "end_device_not_found")
	list, total, err := w.EndDevicesAt(ctx, c, "apitest", 2, 1)
	if err != nil || total != 3 || len(list) != 2 || list[0].Name != "two" || list[1].Name != "three" {
		t.Errorf("got %+v of %d (%v)", list, total, err)
	}
	_, _, err = w.EndDevicesAt(ctx, c, "apitest", -1, 0)
	wantCode(t, "a negative limit", err, "invalid_limit")
	_, _, err = w.EndDevicesAt(ctx, c, "apitest", 0, -1)
	wantCode(t, "a negative offset", err, "invalid_offset")
	wantCode(t, "deleted", w.DeleteEndDevice(ctx, c, "apitest", "two"), "")
	if a, err := w.Find(ctx, w.alice, "apitest"); err != nil || a.EndDevices != 2 {
		t.Errorf("got %d end devices (%v), want 2", a.EndDevices, err)
	}
	wantCode(t, "an access key without delete", w.Unregister(ctx, c, "apitest"), "right_missing")
	wantCode(t, "unregistered", w.Unregister(ctx, w.alice, "apitest"), "")
	_, err = w.EndDevices(ctx, c, "apitest", domain.Page{})
	wantCode(t, "not registered", err, "application_not_registered")
}

func TestTheDoctorSeesAnotherServerKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := context.Background()
	if _, err := w.SetEndDevice(ctx, w.alice, "apitest", someDevice("one", 1)); err != nil {
		t.Fatal(err)
	}
	if n, err := w.ExamineSealed(ctx); n != 2 || err != nil {
		t.Errorf("got %d opened (%v), want the access key and the end device", n, err)
	}
	another, err := secret.NewSealer(secret.RandomBytes(32))
	if err != nil {
		t.Fatal(err)
	}
	w.Vault = another
	if _, err := w.ExamineSealed(ctx); !errors.Is(err, secret.ErrWrongServerKey) {
		t.Errorf("got %v, want that the server key is another one", err)
	}
	if _, err := w.EndDevice(ctx, w.alice, "apitest", "one"); err == nil {
		t.Error("network keys are shown that do not open")
	}
}

func TestAListWithoutKeysIsNoLookAtThem(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := context.Background()
	if _, err := w.SetEndDevice(ctx, w.alice, "apitest", someDevice("one", 1)); err != nil {
		t.Fatal(err)
	}
	looks := func() (n int) {
		events, err := w.store.AuditOf(ctx, w.alice.User.ID, domain.Page{})
		if err != nil {
			t.Fatal(err)
		}
		for _, event := range events.Items {
			if event.Act == "end_device.view" {
				n++
			}
		}
		return n
	}
	listed, err := w.KeylessEndDevices(ctx, w.alice, "apitest", domain.Page{})
	if err != nil || len(listed.Items) != 1 || listed.Items[0].Name != "one" || !listed.Items[0].Keys.App.Empty() || looks() != 0 {
		t.Errorf("got %+v, %v and %d looks", listed.Items, err, looks())
	}
	if _, err := w.EndDevices(ctx, w.alice, "apitest", domain.Page{}); err != nil || looks() != 1 {
		t.Errorf("with keys: %v and %d looks", err, looks())
	}
	if _, err := w.KeylessEndDevices(ctx, w.bob, "apitest", domain.Page{}); !domain.IsKind(err, domain.NotFound) {
		t.Errorf("a stranger got %v", err)
	}
}
