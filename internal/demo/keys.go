package demo

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"github.com/thingward/thingward/internal/authserver/key"
	"github.com/thingward/thingward/internal/domain"
)

// demoKey is a key of the demo.
type demoKey struct {
	owner        owner
	name         string
	description  string
	scopes       string
	life         time.Duration // 0: for ever
	fromHereOnly bool
	lost         bool // revoked at once, and not in demo.json
}

// keys lists the keys. The first of the first owner may do everything that a
// program may do for him.
func keys() []demoKey {
	const greenhouse = "alice.greenhouse"
	return []demoKey{
		{owner: alice, name: "Everything", description: "For trying things out: all that a program may do for its user.", scopes: everything},
		{owner: alice, name: "Dashboard in the foyer", description: "Shows all of Alice's sensors and may change nothing.", scopes: "sensors.read readings.read"},
		{owner: alice, name: "Greenhouse gateway", description: "Sends the readings of one sensor and can do nothing else.", scopes: "readings.write:" + greenhouse},
		{owner: alice, name: "School project, this season", description: "Reads the greenhouse until the school year is over.",
			scopes: "sensors.read:" + greenhouse + " readings.read:" + greenhouse, life: 90 * 24 * time.Hour},
		{owner: alice, name: "Lost phone", description: "Taken back when the phone was left on the ferry.", scopes: "sensors.read readings.read", lost: true},
		{owner: bob, name: "Roadside gateway", description: "Sends the readings of all counters and car parks.", scopes: "sensors.read readings.write"},
		{owner: bob, name: "Nightly report", description: "Works from this machine only.", scopes: "sensors.read readings.read profile", fromHereOnly: true},
		{owner: carla, name: "Harbour control", description: "Manages sensors and their data.", scopes: "sensors.read sensors.write readings.read readings.write"},
		{owner: operator, name: "Administration", description: "Acts as the administrator. Keep it away from programs that do not need it.", scopes: everything + " account admin"},
	}
}

// everything is what a program can do for its user with what the demo has:
// each scope by name, so that scripts can look for one.
const everything = "profile profile.write email sensors.read sensors.write readings.read readings.write devices.read devices.write " +
	"applications.read applications.write applications.devices applications.messages gateways.read gateways.write gateways.messages components.read components.write clients.read clients.write"

// addKeys makes the keys. Those of an earlier run are revoked, because their
// passwords were not written down.
func (f *filler) addKeys(ctx context.Context) error {
	for _, c := range f.callers {
		if err := f.revokeAll(ctx, c); err != nil {
			return err
		}
	}
	for _, k := range keys() {
		if err := f.addKey(ctx, k); err != nil {
			return fmt.Errorf("key %q of %s: %w", k.name, k.owner, err)
		}
	}
	return nil
}

func (f *filler) revokeAll(ctx context.Context, c domain.Caller) error {
	old, err := f.Keys.List(ctx, c, domain.Page{Limit: domain.MaxPageLimit})
	if err != nil {
		return err
	}
	for _, k := range old.Items {
		if err := f.Keys.Revoke(ctx, c, k.ID); err != nil {
			return err
		}
	}
	return nil
}

func (f *filler) addKey(ctx context.Context, k demoKey) error {
	scopes, err := domain.ParseScopes(k.scopes)
	if err != nil {
		return err
	}
	wanted := key.NewKey{Name: k.name, Description: k.description, Scopes: scopes}
	if k.life > 0 {
		wanted.ExpiresAt = f.now.Add(k.life)
	}
	if k.fromHereOnly {
		wanted.Allowed = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	}
	c := f.callers[k.owner]
	made, password, err := f.Keys.Create(ctx, c, wanted)
	if err != nil {
		return err
	}
	if k.lost {
		return f.Keys.Revoke(ctx, c, made.ID)
	}
	entry := Key{ID: made.ID, Password: password, Owner: string(k.owner)}
	for _, scope := range scopes {
		entry.Scopes = append(entry.Scopes, scope.String())
	}
	f.summary.Keys = append(f.summary.Keys, entry)
	return nil
}
