package demo

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/thingward/thingward/internal/authserver/client"
	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
)

// Clients registers clients.
type Clients interface {
	Register(ctx context.Context, c domain.Caller, wanted client.NewClient) (domain.Client, secret.Secret, error)
	RotateSecret(ctx context.Context, c domain.Caller, id domain.ClientID, overlap time.Duration) (secret.Secret, error)
	Approve(ctx context.Context, c domain.Caller, id domain.ClientID) error
	Find(ctx context.Context, c domain.Caller, id domain.ClientID) (domain.Client, error)
}

// demoClient is a client of the demo.
type demoClient struct {
	owner   owner
	kind    string // in demo.json
	aside   bool   // not in demo.json
	waiting bool   // aside, until an administrator has looked at it
	wanted  client.NewClient
}

// demoClients lists the clients. The first of each kind is approved, may use
// codes and refresh tokens, and may ask for all that its door has.
func demoClients() []demoClient {
	codes := []domain.GrantType{domain.CodeGrant, domain.RefreshGrant}
	return []demoClient{
		{owner: alice, kind: "standard", wanted: client.NewClient{ID: "havenmouth-dashboard", Kind: domain.StandardClient, Name: "Havenmouth dashboard",
			Description: "Shows the city's stations on one page, and may do with them what you allow it.", Website: "https://dashboard.havenmouth.example/",
			RedirectURIs: []string{"http://127.0.0.1:8765/callback"}, Scopes: namesOf(domain.StandardClient), GrantTypes: append(codes[:2:2], domain.CredentialsGrant)}},
		{owner: alice, kind: "public", wanted: client.NewClient{ID: "pocket-greenhouse", Kind: domain.StandardClient, Public: true, Name: "Pocket greenhouse",
			Description: "The greenhouse on your phone. It keeps no secret, so it proves itself at every step.", Website: "https://pocket.havenmouth.example/",
			RedirectURIs: []string{"http://127.0.0.1/callback"}, Scopes: namesOf(domain.StandardClient), GrantTypes: append(codes[:2:2], domain.DeviceGrant)}},
		{owner: alice, kind: "wotkit", wanted: client.NewClient{ID: "field-notebook", Kind: domain.WotkitClient, Name: "Field notebook",
			Description:  "Written for WoTKit years ago: sends what students measure outdoors.",
			RedirectURIs: []string{"http://127.0.0.1:5000/oauth-authorized"}, Scopes: namesOf(domain.WotkitClient), GrantTypes: codes}},
		{owner: alice, kind: "lametric", wanted: client.NewClient{ID: "clock-messages", Kind: domain.LametricClient, Name: "Clock messages",
			Description: "Written for LaMetric: shows the weather on the clocks of your house.", PrivacyURL: "https://clocks.havenmouth.example/privacy",
			RedirectURIs: []string{"http://127.0.0.1:8123/auth/external/callback"}, Scopes: namesOf(domain.LametricClient), GrantTypes: codes}},
		{owner: alice, kind: "ttn", wanted: client.NewClient{ID: "harbour-lorawan", Kind: domain.TTNClient, Name: "Harbour LoRaWAN console",
			Description:  "Written for The Things Network: manages applications and gateways.",
			RedirectURIs: []string{"http://127.0.0.1:8766/ttn/callback"}, Scopes: namesOf(domain.TTNClient), GrantTypes: codes}},
		{owner: carla, kind: "standard", aside: true, wanted: client.NewClient{ID: diary, Kind: domain.StandardClient, Name: "Greenhouse diary",
			Description: "Draws a page a day from the sensors of a greenhouse.", Website: "https://diary.havenmouth.example/",
			RedirectURIs: []string{diaryRedirect}, Scopes: []string{"profile", "offline_access", "sensors.read", "readings.read"}, GrantTypes: codes}},
		{owner: bob, kind: "ttn", aside: true, waiting: true, wanted: client.NewClient{ID: "parking-pilot", Kind: domain.TTNClient, Name: "Parking pilot",
			Description: "Counts free places with LoRaWAN sensors. A trial until spring.", Website: "https://parking.havenmouth.example/",
			RedirectURIs: []string{"https://parking.havenmouth.example/oauth/callback"}, Scopes: []string{"profile", "apps"}, GrantTypes: codes}},
	}
}

// namesOf lists all scopes that clients of the kind may ask for.
func namesOf(kind domain.ClientKind) []string {
	var names []string
	for _, name := range kind.ScopeNames() {
		names = append(names, name.Name)
	}
	return names
}

func (f *filler) addClients(ctx context.Context) error {
	for _, d := range demoClients() {
		if err := f.addClient(ctx, d); err != nil {
			return fmt.Errorf("client %s: %w", d.wanted.ID, err)
		}
	}
	return nil
}

// addClient registers a client. One that an earlier run registered gets a new
// secret, because the one it had was not written down.
func (f *filler) addClient(ctx context.Context, d demoClient) error {
	c := f.callers[d.owner]
	if d.waiting {
		c.Credential = domain.SessionCredential // an operator would not have to wait
	}
	made, password, err := f.Clients.Register(ctx, c, d.wanted)
	if domain.IsKind(err, domain.Conflict) {
		made, password, err = f.renew(ctx, c, d.wanted)
	}
	if err != nil {
		return err
	}
	if made.State == domain.ClientRequested && !d.waiting {
		if err := f.Clients.Approve(ctx, operatorCaller(), made.ID); err != nil {
			return err
		}
	}
	if d.aside {
		return nil
	}
	entry := Client{ID: made.ID, Secret: password, Kind: d.kind, RedirectURIs: made.RedirectURIs, Scopes: d.wanted.Scopes}
	for _, grantType := range made.GrantTypes {
		entry.GrantTypes = append(entry.GrantTypes, string(grantType))
	}
	f.summary.Clients = append(f.summary.Clients, entry)
	return nil
}

func (f *filler) renew(ctx context.Context, c domain.Caller, wanted client.NewClient) (domain.Client, secret.Secret, error) {
	made, err := f.Clients.Find(ctx, c, wanted.ID)
	if err != nil || wanted.Public {
		return made, secret.Secret{}, err
	}
	password, err := f.Clients.RotateSecret(ctx, c, made.ID, 0)
	return made, password, err
}

// client returns the first client of the kind.
func (s Summary) client(kind string) (Client, bool) {
	i := slices.IndexFunc(s.Clients, func(c Client) bool { return c.Kind == kind })
	if i < 0 {
		return Client{}, false
	}
	return s.Clients[i], true
}
