package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/thingward/thingward/apiclient"
	"github.com/thingward/thingward/internal/domain"
)

// loginScopes are what the command line asks for: all that a person may do but
// what an administrator may.
const loginScopes = "openid profile email offline_access profile.write sensors.* readings.* devices.* applications.* gateways.* components.* clients.* account"

// loginPatience is how long login waits for somebody to sign in.
const loginPatience = 10 * time.Minute

type loginCommand struct {
	NoBrowser bool `help:"Print a code to enter in a browser on any other device."`
	Admin     bool `help:"Ask for the rights of an administrator too."`
}

// Help explains the command.
func (loginCommand) Help() string {
	return `Opens the browser, where you sign in and say what the command line may do. From
then on commands act for you, until you run thingward logout or end the
connection at /connections. A key that is given by --key-id goes before the login.

The login is kept in the keyring of the operating system, or where there is none,
or with THINGWARD_KEYRING=off, in a file that only you can read.

With --no-browser, or on a machine without a browser, it prints an address and a
code, and a picture of both for the camera of a phone. Open the address on any
device, sign in and enter the code.

Examples:

    thingward login
    thingward login --server https://things.example --no-browser
    thingward login --admin`
}

// loginAnswer says who is signed in.
type loginAnswer struct {
	Server string   `json:"server"`
	User   string   `json:"user"`
	Scopes []string `json:"scopes"`
	KeptIn string   `json:"kept_in"`
}

// Run signs a person in.
func (c loginCommand) Run(ctx context.Context, t *terminal) error {
	anybody, err := t.anonymousClient()
	if err != nil {
		return err
	}
	logins, err := t.logins()
	if err != nil {
		return err
	}
	token, err := c.askPerson(ctx, t, anybody)
	if err != nil {
		return err
	}
	made, err := c.keep(ctx, logins, anybody, token)
	if err != nil {
		return err
	}
	answer := loginAnswer{Server: made.Server, User: made.User, Scopes: strings.Fields(made.Scope), KeptIn: logins.place()}
	if t.KeyID != "" {
		t.note("Commands go on using the key %s, because THINGWARD_KEY_ID or --key-id names it.", oneLine(t.KeyID))
	}
	return t.answer(answer, func() {
		if made.User == "" {
			t.say("Signed in at %s. The command line may not know as whom.", made.Server)
		} else {
			t.say("Signed in at %s as %s.", made.Server, oneLine(made.User))
		}
		if made.RefreshToken.Empty() {
			t.say("The login ends at %s: the command line may not go on while you are away.", shortTime(made.ExpiresAt))
		}
	})
}

// askPerson sends the person to a browser, here or on another device, and
// returns what he allowed.
func (c loginCommand) askPerson(ctx context.Context, t *terminal, anybody *apiclient.Client) (*oauth2.Token, error) {
	server, err := anybody.AuthorizationServer(ctx)
	if err != nil {
		return nil, err
	}
	scopes := strings.Fields(loginScopes)
	if c.Admin {
		scopes = append(scopes, domain.ScopeAdmin.String())
	}
	if !c.NoBrowser && t.browser() != nil {
		token, err := t.askInBrowser(ctx, newLoginFlow(serverName(t.Server), server.Issuer, scopes))
		if !errors.Is(err, errNoBrowser) {
			return token, err
		}
	}
	return t.askElsewhere(ctx, scopes)
}

// askInBrowser opens the browser of this machine and waits for its answer on
// the loopback. It returns errNoBrowser where none can be opened.
func (t *terminal) askInBrowser(ctx context.Context, flow *loginFlow) (*oauth2.Token, error) {
	waiting, cancel := context.WithTimeout(ctx, loginPatience)
	defer cancel()
	stop, err := flow.listen(waiting)
	if err != nil {
		return nil, err
	}
	defer stop()
	if err := t.openBrowser(flow.address()); err != nil {
		return nil, fmt.Errorf("%w: %w", errNoBrowser, err)
	}
	t.note("Your browser opens to sign you in. If it does not, open this address here, or give up and add --no-browser:\n\n    %s\n", flow.address())
	return flow.wait(waiting)
}

// keep stores the login in the place of the one before, and takes that back.
func (loginCommand) keep(ctx context.Context, logins *loginStore, anybody *apiclient.Client, token *oauth2.Token) (login, error) {
	made := login{}.with(token)
	mine := *anybody
	mine.Tokens = apiclient.StaticToken(made.AccessToken)
	me, err := mine.Me(ctx)
	if err != nil {
		return login{}, err
	}
	made.User = me.Name
	if made.Scope == "" && me.Credential != nil {
		made.Scope = me.Credential.Scopes
	}
	var before login
	err = logins.locked(ctx, func() error {
		// A login that cannot be read is no reason to refuse another.
		before, _ = logins.load()
		made.Revision = before.Revision
		return logins.save(&made)
	})
	if err == nil && before.there() {
		_ = anybody.RevokeToken(ctx, string(domain.CommandLineID), before.last())
	}
	return made, err
}

// last returns the token whose revocation ends most of the login.
func (l login) last() apiclient.Password {
	if l.RefreshToken.Empty() {
		return l.AccessToken
	}
	return l.RefreshToken
}
