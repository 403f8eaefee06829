package cli

import (
	"context"
	"strings"
	"time"

	"github.com/thingward/thingward/apiclient"
	"github.com/thingward/thingward/internal/domain"
)

type tokenRestrictCommand struct {
	Scope    []string `sep:"," placeholder:"SCOPE" help:"What the token may do: readings.write:alice.greenhouse. Default: all that the login may."`
	Resource []string `sep:"none" placeholder:"URL" help:"Only the thing at this address of the API, or tokens for another server that is known here."`
	Expires  string   `placeholder:"DURATION" help:"For how long, at most: 10m, 1h. Default: as long as a token of the login lives."`
}

// Help explains the command.
func (tokenRestrictCommand) Help() string {
	return `Makes of the login a token for a program that shall do less: with the scopes
that are named, on the things that are named. It never may do more than the
login, lives no longer than an access token does (an hour), and ends with it. For
what lasts, make a key: thingward keys create --scope.

The token is all that is written to standard output.

Examples:

    thingward tokens restrict --scope readings.write:alice.greenhouse --expires 10m
    TOKEN=$(thingward tokens restrict --scope sensors.read,readings.read)
    thingward tokens restrict --resource https://things.example/api/v1/sensors/alice.greenhouse --json`
}

// restrictedAnswer is a restricted token in JSON.
type restrictedAnswer struct {
	AccessToken string    `json:"access_token"`
	ExpiresAt   time.Time `json:"expires_at"`
	Scopes      string    `json:"scopes"`
}

// usualLife is how long an access token of the login lives.
const usualLife = time.Hour

// Run makes the token.
func (c *tokenRestrictCommand) Run(ctx context.Context, t *terminal) error {
	if len(c.Scope) == 0 && len(c.Resource) == 0 && c.Expires == "" {
		return usagef("Say how the token shall be restricted: --scope, --resource or --expires.")
	}
	life := usualLife
	if c.Expires != "" {
		var err error
		if life, err = parseDuration(c.Expires); err != nil {
			return err
		}
		if life < time.Second {
			return usagef("--expires is less than a second.")
		}
	}
	client, token, err := t.loginToken(ctx, life)
	if err != nil {
		return err
	}
	wanted := apiclient.Restriction{Scopes: strings.Join(c.Scope, " "), Resources: c.Resource}
	if c.Expires != "" {
		wanted.Life = life
	}
	made, err := client.RestrictToken(ctx, string(domain.CommandLineID), token, wanted)
	if err != nil {
		return err
	}
	ends := t.Now().Add(time.Duration(made.ExpiresIn) * time.Second).UTC().Truncate(time.Second)
	return t.answer(restrictedAnswer{made.AccessToken.Reveal(), ends, made.Scope}, func() {
		t.say("%s", made.AccessToken.Reveal())
		t.note("It may do: %s. It ends at %s.", oneLine(made.Scope), shortTime(ends))
	})
}

// loginToken returns an access token of the login that holds for as long as
// is asked for, if any does: it is renewed before where little is left of it.
func (t *terminal) loginToken(ctx context.Context, life time.Duration) (*apiclient.Client, apiclient.Password, error) {
	client, err := t.anonymousClient()
	if err != nil {
		return nil, apiclient.Password{}, err
	}
	logins, err := t.logins()
	if err != nil {
		return nil, apiclient.Password{}, err
	}
	held, err := logins.load()
	if err != nil {
		return nil, apiclient.Password{}, err
	}
	if !held.there() {
		return nil, apiclient.Password{}, usagef("This takes a login, and there is none at %s: run thingward login. A key is narrowed by making another one: thingward keys create --scope.", serverName(t.Server))
	}
	tokens := &loginTokens{store: logins, now: t.Now, held: held, ahead: min(life, usualLife-5*time.Minute)}
	token, err := tokens.AccessToken(ctx)
	return client, token, err
}
