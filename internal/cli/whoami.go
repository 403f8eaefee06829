package cli

import (
	"context"
	"runtime"

	"github.com/thingward/thingward/apiclient"
	"github.com/thingward/thingward/internal/app"
)

type whoamiCommand struct{}

// Help explains the command.
func (whoamiCommand) Help() string {
	return `Asks the server whom the login or the key acts for, which scopes it holds and
when it ends.

Examples:

    thingward whoami
    thingward whoami --key-id 0123456789abcdef --key-password-file key.txt
    thingward whoami --json`
}

// whoamiAnswer is who acts, and where.
type whoamiAnswer struct {
	apiclient.User
	Server string `json:"server"`
}

// Run answers with the user and the credential.
func (whoamiCommand) Run(ctx context.Context, t *terminal) error {
	client, err := t.client()
	if err != nil {
		return err
	}
	me, err := client.Me(ctx)
	if err != nil {
		return err
	}
	return t.answer(whoamiAnswer{me, serverName(t.Server)}, func() {
		pairs := []string{"user", me.Name, "display name", me.DisplayName, "e-mail", me.Email, "time zone", me.TimeZone, "administrator", yesOrNothing(me.Admin)}
		if c := me.Credential; c != nil {
			pairs = append(pairs, t.credentialLines(c)...)
		}
		t.details(append(pairs, "server", serverName(t.Server))...)
	})
}

// credentialLines says what acts. The access token of a login ends soon, and
// another follows.
func (t *terminal) credentialLines(c *apiclient.Credential) []string {
	ends := "expires"
	if t.signedIn {
		ends = "renewed before"
	}
	return []string{c.Kind, orDash(c.ID), "scopes", c.Scopes, ends, shortTimeOf(c.ExpiresAt)}
}

func yesOrNothing(yes bool) string {
	if yes {
		return "yes"
	}
	return ""
}

type versionCommand struct{}

// Help explains the command.
func (versionCommand) Help() string {
	return `Examples:

    thingward version
    thingward version --json`
}

// Run prints the version of the program.
func (versionCommand) Run(t *terminal) error {
	answer := map[string]string{"version": app.Version(), "go": runtime.Version(), "platform": runtime.GOOS + "/" + runtime.GOARCH}
	return t.answer(answer, func() {
		t.say("thingward %s (%s, %s)", answer["version"], answer["go"], answer["platform"])
	})
}
