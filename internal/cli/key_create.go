package cli

import (
	"context"
	"strings"
	"time"

	"github.com/thingward/thingward/apiclient"
	"github.com/thingward/thingward/internal/app"
	"github.com/thingward/thingward/internal/domain"
)

type keyCommands struct {
	Create keyCreateCommand `cmd:"" help:"Make a key and print its password."`
	List   keyListCommand   `cmd:"" help:"List the keys."`
	Show   keyShowCommand   `cmd:"" help:"Show one key."`
	Edit   keyEditCommand   `cmd:"" help:"Change a key."`
	Rotate keyRotateCommand `cmd:"" help:"Give a key a new password and print it."`
	Revoke keyRevokeCommand `cmd:"" help:"End a key for ever."`
	Import keyImportCommand `cmd:"" help:"Take over a key of a former system, with its id and password."`
}

// ownScopes are the scopes of a key that was made without naming any.
const ownScopes = "sensors.* readings.*"

// keyFlags say what a key may do.
type keyFlags struct {
	Desc    string   `placeholder:"TEXT" help:"Description."`
	Scope   []string `sep:"none" placeholder:"SCOPE" help:"What it may do, such as readings.write. May be repeated or hold several. Default: ${own_scopes}."`
	Thing   []string `placeholder:"SENSOR" help:"Only with this sensor, such as alice.greenhouse, or greenhouse for one of the key's owner. May be repeated."`
	Expires string   `placeholder:"WHEN" help:"End it by itself: after 90d, 24h, 2w, 1y, or on a date."`
	Allow   []string `placeholder:"ADDRESS" help:"Only from this address or network, such as 10.0.0.0/8. May be repeated."`
}

// scopes joins the scopes and narrows those that name no thing to the things.
func (f keyFlags) scopes(unsaid string) (domain.ScopeSet, error) {
	text := strings.Join(f.Scope, " ")
	if strings.TrimSpace(text) == "" {
		text = unsaid
	}
	scopes, err := domain.ParseScopes(text)
	if err != nil {
		return nil, usagef("--scope: %s", err)
	}
	if len(f.Thing) == 0 {
		return scopes, nil
	}
	var narrowed domain.ScopeSet
	for _, scope := range scopes {
		if scope.Thing != "" {
			narrowed = append(narrowed, scope)
			continue
		}
		for _, thing := range f.Thing {
			scope, err := domain.ParseScope(scope.String() + ":" + thing)
			if err != nil {
				return nil, usagef("--thing: %s", err)
			}
			narrowed = append(narrowed, scope)
		}
	}
	return narrowed, nil
}

// expiry returns the time at which the key ends; zero: never.
func (f keyFlags) expiry(now time.Time) (time.Time, error) { return parseExpiry(f.Expires, now) }

func parseExpiry(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if d, err := parseDuration(text); err == nil {
		return now.Add(d).UTC().Truncate(time.Second), nil
	}
	at, ok := domain.ParseTimestamp(text)
	if !ok || strings.Trim(text, "0123456789") == "" {
		return time.Time{}, usagef("--expires %q is neither a duration (90d, 24h) nor a date (2027-01-31).", clipCell(text))
	}
	if !at.Time().After(now) {
		return time.Time{}, usagef("--expires %s lies in the past.", text)
	}
	return at.Time(), nil
}

type keyCreateCommand struct {
	Name string `arg:"" help:"What to call it, such as the name of the program that will use it."`
	keyFlags
	User string `placeholder:"NAME" help:"Make it for this user, on the data folder." group:"Operator"`
	operatorFlags
}

// Help explains the command.
func (keyCreateCommand) Help() string {
	return `Makes a key for your own account, with a key that holds the scope account; or,
with --user and --data or --database, for any user without any key. The
password is printed once, on standard output.

Examples:

    thingward keys create "greenhouse gateway" --scope readings.write --thing alice.greenhouse --expires 90d
    thingward keys create backup-script --scope "sensors.read readings.read" --allow 192.0.2.7
    thingward keys create gateway --user alice --scope readings.write --data /var/lib/thingward`
}

// keyAnswer is a key with its password: what create and rotate print.
type keyAnswer struct {
	ID        string     `json:"id"`
	Name      string     `json:"name,omitempty"`
	Password  string     `json:"password"`
	Scopes    []string   `json:"scopes,omitempty"`
	ExpiresAt *time.Time `json:"expires_at,omitempty"`
}

// Run makes the key.
func (c *keyCreateCommand) Run(ctx context.Context, t *terminal) error {
	scopes, err := c.scopes(ownScopes)
	if err != nil {
		return err
	}
	expires, err := c.expiry(t.Now())
	if err != nil {
		return err
	}
	allowed, err := domain.ParseAllowed(strings.Join(c.Allow, " "))
	if err != nil {
		return usagef("--allow: %s", err)
	}
	key := domain.Key{Description: c.Desc, Allowed: allowed, Grant: domain.Grant{Name: c.Name, Scopes: scopes, ExpiresAt: expires}}
	create := c.onServer
	if c.User != "" {
		create = c.onStore
	}
	answer, err := create(ctx, t, key)
	if err != nil {
		return err
	}
	return t.answer(answer, func() {
		t.details("id", answer.ID, "password", answer.Password, "name", answer.Name, "scopes", strings.Join(answer.Scopes, " "), "expires", shortTimeOf(answer.ExpiresAt))
	})
}

func (c *keyCreateCommand) onServer(ctx context.Context, t *terminal, key domain.Key) (keyAnswer, error) {
	client, err := t.client()
	if err != nil {
		return keyAnswer{}, err
	}
	wanted := apiclient.NewKey{Name: key.Grant.Name, Description: key.Description, Scopes: scopeNames(key.Grant.Scopes)}
	for _, prefix := range key.Allowed {
		wanted.Allowed = append(wanted.Allowed, prefix.String())
	}
	if !key.Grant.ExpiresAt.IsZero() {
		wanted.ExpiresAt = &key.Grant.ExpiresAt
	}
	made, err := client.CreateKey(ctx, wanted)
	return keyAnswer{ID: made.ID, Name: made.Name, Password: made.Password.Reveal(), Scopes: made.Scopes, ExpiresAt: made.ExpiresAt}, err
}

func (c *keyCreateCommand) onStore(ctx context.Context, t *terminal, key domain.Key) (keyAnswer, error) {
	operator, err := c.open(ctx, t)
	if err != nil {
		return keyAnswer{}, err
	}
	defer operator.Close()
	made, err := operator.CreateKey(ctx, app.OperatorKey{User: c.User, Name: key.Grant.Name, Description: key.Description,
		Scopes: key.Grant.Scopes.String(), ExpiresAt: key.Grant.ExpiresAt, Allowed: strings.Join(c.Allow, " ")})
	if err != nil {
		return keyAnswer{}, err
	}
	answer := keyAnswer{ID: made.ID, Name: key.Grant.Name, Password: made.Password, Scopes: made.Scopes}
	if !key.Grant.ExpiresAt.IsZero() {
		answer.ExpiresAt = &key.Grant.ExpiresAt
	}
	return answer, nil
}

func scopeNames(scopes domain.ScopeSet) []string {
	names := make([]string, len(scopes))
	for i, scope := range scopes {
		names[i] = scope.String()
	}
	return names
}
