package demo

import (
	"context"
	"net/netip"
	"net/url"
	"time"

	"github.com/thingward/thingward/internal/authserver/authorize"
	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/resourceserver/reading"
)

// Consents lets people answer what clients ask for.
type Consents interface {
	Begin(ctx context.Context, kind domain.ClientKind, query string) (authorize.Request, error)
	Ask(ctx context.Context, c domain.Caller, r authorize.Request) (authorize.Question, error)
	Allow(ctx context.Context, c domain.Caller, r authorize.Request, d authorize.Decision) (authorize.Redirect, error)
}

// Uses notes when what acts for people was last used.
type Uses interface {
	Touch(c domain.Caller, now time.Time)
}

// The app that the first owner has allowed something.
const (
	diary         = "greenhouse-diary"
	diaryRedirect = "https://diary.havenmouth.example/callback"
)

// addConnection lets an app act for the first owner: it may read one sensor,
// and has done so a few times. The code that came of her yes is dropped.
func (f *filler) addConnection(ctx context.Context) error {
	person := f.callers[alice]
	person.Credential = domain.SessionCredential
	query := url.Values{"response_type": {"code"}, "client_id": {diary}, "redirect_uri": {diaryRedirect}, "scope": {"sensors.read readings.read offline_access"}}
	request, err := f.Consents.Begin(ctx, domain.StandardClient, query.Encode())
	if err != nil {
		return err
	}
	question, err := f.Consents.Ask(ctx, person, request)
	if err != nil || len(question.Present) > 0 { // an earlier run allowed it
		return err
	}
	only := []string{"alice.greenhouse"}
	decision := authorize.Decision{Names: []string{"sensors.read", "readings.read", "offline_access"}, Things: map[domain.Noun][]string{domain.NounSensor: only}, Label: "Diary for the school"}
	if _, err := f.Consents.Allow(ctx, person, request, decision); err != nil {
		return err
	}
	question, err = f.Consents.Ask(ctx, person, request)
	if err != nil || len(question.Present) == 0 {
		return err
	}
	return f.useConnection(ctx, question.Present[0], only[0])
}

// useConnection reads as the app does. What it did is counted as for any
// other, on the day of the demo.
func (f *filler) useConnection(ctx context.Context, g domain.Grant, ref string) error {
	app := domain.Caller{User: f.callers[alice].User, Credential: domain.TokenCredential, Client: g.Client, Grant: g.ID, Scopes: g.Scopes,
		Address: netip.MustParseAddr("198.51.100.24"), Program: "GreenhouseDiary/2.1"}
	f.Uses.Touch(app, f.now)
	for range 24 {
		if _, _, err := f.Readings.Query(ctx, app, ref, reading.Query{Range: domain.Everything()}); err != nil {
			return err
		}
	}
	return nil
}
