package cli

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/thingward/thingward/apiclient"
	"github.com/thingward/thingward/internal/app"
	"github.com/thingward/thingward/internal/domain"
)

type tokenCommands struct {
	Restrict tokenRestrictCommand `cmd:"" help:"Make a token that may do less than the login."`
	Inspect  tokenInspectCommand  `cmd:"" help:"Say what a token is, and what it may do."`
	Revoke   tokenRevokeCommand   `cmd:"" help:"Take a token of the command line back."`
}

// readToken returns the token that an argument gives, or standard input for "-".
func (t *terminal) readToken(argument string) (apiclient.Password, error) {
	if argument != "-" {
		return apiclient.NewPassword(strings.TrimSpace(argument)), nil
	}
	text, err := t.readSecret("-")
	return apiclient.NewPassword(strings.TrimSpace(string(text))), err
}

type tokenInspectCommand struct {
	Token string `arg:"" help:"The token; - reads it from standard input, which keeps it out of the history of the shell."`
}

// Help explains the command.
func (tokenInspectCommand) Help() string {
	return `Shows what the token tells of itself, and what the server says to whoever comes
with it. Only access tokens are shown to the server.

Examples:

    thingward tokens inspect - < token.txt
    thingward tokens inspect - --json < token.txt`
}

// tokenAnswer is what is known of a token.
type tokenAnswer struct {
	Kind       string     `json:"kind,omitempty"`
	Active     *bool      `json:"active,omitempty"` // nil: it cannot be asked
	Restricted bool       `json:"restricted,omitempty"`
	ExpiresAt  *time.Time `json:"expires_at,omitempty"`
	User       string     `json:"user,omitempty"`
	Client     string     `json:"client,omitempty"`
	Scopes     string     `json:"scopes,omitempty"`
}

// Run says what is known of the token.
func (c tokenInspectCommand) Run(ctx context.Context, t *terminal) error {
	token, err := t.readToken(c.Token)
	if err != nil {
		return err
	}
	look := app.LookAtToken(token.Reveal())
	answer := tokenAnswer{Kind: look.Kind, ExpiresAt: unlessZero(look.ExpiresAt)}
	if isAccessToken(look) || look.Kind == "" {
		if err := t.askAbout(ctx, token, &answer); err != nil {
			return err
		}
	}
	return t.answer(answer, func() {
		t.details("kind", answer.kind(), "works", worksText(answer), "expires", shortTimeOf(answer.ExpiresAt), "acts for", answer.User,
			"app", answer.Client, "scopes", answer.Scopes)
	})
}

// isAccessToken reports whether a token is of a kind that can be shown to the
// server: opaque, or signed as The Things Network has them.
func isAccessToken(look app.TokenLook) bool {
	return look.Kind == "access token" || look.Kind == "signed access token"
}

// kind says what the token is, and that it was made of another one.
func (a tokenAnswer) kind() string {
	if a.Restricted {
		return a.Kind + ", restricted"
	}
	return orDash(a.Kind)
}

func worksText(a tokenAnswer) string {
	switch {
	case a.Active == nil:
		return "the server tells only whom it belongs to"
	case *a.Active:
		return "yes"
	}
	return "no: it has expired, was revoked, or never was one"
}

// askAbout asks the server whom the token acts for.
func (t *terminal) askAbout(ctx context.Context, token apiclient.Password, answer *tokenAnswer) error {
	client, err := t.anonymousClient()
	if err != nil {
		return err
	}
	client.Tokens = apiclient.StaticToken(token)
	me, err := client.Me(ctx)
	active := err == nil
	if !active && apiclient.StatusOf(err) == http.StatusForbidden { // it acts for an app and not for a person
		active, err = true, nil
	}
	if apiclient.StatusOf(err) == http.StatusUnauthorized {
		err = nil
	}
	answer.Active, answer.User = &active, me.Name
	if credential := me.Credential; credential != nil {
		answer.Client, answer.Scopes, answer.Restricted = credential.ID, credential.Scopes, credential.Restricted
		if credential.ExpiresAt != nil {
			answer.ExpiresAt = credential.ExpiresAt
		}
	}
	return err
}

type tokenRevokeCommand struct {
	Token string `arg:"" help:"The token; - reads it from standard input, which keeps it out of the history of the shell."`
}

// Help explains the command.
func (tokenRevokeCommand) Help() string {
	return `Takes back an access token, or a refresh token with all that came of it, that
was issued to the command line; restricted ones end with the token that they
were made of. What was issued to another app ends with its
connection: thingward connections revoke.

Examples:

    thingward tokens revoke - < token.txt`
}

// Run takes the token back.
func (c tokenRevokeCommand) Run(ctx context.Context, t *terminal) error {
	token, err := t.readToken(c.Token)
	if err != nil {
		return err
	}
	client, err := t.anonymousClient()
	if err != nil {
		return err
	}
	err = client.RevokeToken(ctx, string(domain.CommandLineID), token)
	if apiclient.CodeOf(err) == "unauthorized_client" {
		return t.foreignToken(ctx, token)
	}
	if err != nil {
		return err
	}
	return t.answer(map[string]bool{"revoked": true}, func() { t.say("The token works no more.") })
}

// foreignToken explains why a token of another client cannot be taken back,
// and what ends it all the same.
func (t *terminal) foreignToken(ctx context.Context, token apiclient.Password) error {
	var about tokenAnswer
	holder := "another app"
	if isAccessToken(app.LookAtToken(token.Reveal())) && t.askAbout(ctx, token, &about) == nil && about.Client != "" {
		holder = "the app " + oneLine(about.Client)
	}
	return fmt.Errorf("the token was issued to %s, and only that can take it back. End its connection: thingward connections list shows the number for thingward connections revoke", holder)
}
