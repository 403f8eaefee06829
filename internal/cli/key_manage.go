package cli

import (
	"context"
	"strings"
	"time"

	"github.com/thingward/thingward/apiclient"
)

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

type keyShowCommand struct {
	ID       string `arg:"" name:"id" help:"Id of the key."`
	Password bool   `help:"Say where its password can be seen."`
}

// Help explains the command.
func (keyShowCommand) Help() string {
	return `The password of a key is shown only to a person who is signed in with a browser
and has just entered his own password. No key can fetch it, so --password
prints the address of the page that shows it.

Examples:

    thingward keys show 0123456789abcdef
    thingward keys show 0123456789abcdef --password`
}

// Run shows the key.
func (c *keyShowCommand) Run(ctx context.Context, t *terminal) error {
	client, err := t.client()
	if err != nil {
		return err
	}
	key, err := client.Key(ctx, c.ID)
	if err != nil {
		return err
	}
	answer := shownKey{Key: key}
	if c.Password && key.Viewable {
		answer.PasswordPage = t.page("/keys/" + key.ID + "/view")
	}
	return t.answer(answer, func() {
		pairs := []string{"id", key.ID, "name", key.Name, "description", key.Description, "scopes", strings.Join(key.Scopes, " "),
			"allowed from", strings.Join(key.Allowed, " "), "created", shortTime(key.CreatedAt), "expires", shortTimeOf(key.ExpiresAt),
			"old password until", shortTimeOf(key.OldUntil)}
		if use := key.LastUse; use != nil {
			pairs = append(pairs, "last used", shortTime(use.At), "from", use.Address, "by", use.Program)
		}
		t.details(pairs...)
		if c.Password {
			t.sayWherePasswordIs(answer)
		}
	})
}

// shownKey is a key with the address of the page that shows its password.
type shownKey struct {
	apiclient.Key
	PasswordPage string `json:"password_page,omitempty"`
}

func (t *terminal) sayWherePasswordIs(key shownKey) {
	if key.PasswordPage == "" {
		t.say("The password of this key is not kept. Make a new one with: thingward keys rotate %s", key.ID)
		return
	}
	t.say("The password is shown in the browser only, after you enter your own: %s", key.PasswordPage)
}

type keyEditCommand struct {
	ID      string   `arg:"" name:"id" help:"Id of the key."`
	Name    *string  `placeholder:"NAME" help:"What to call it."`
	Desc    *string  `placeholder:"TEXT" help:"Description."`
	Expires string   `placeholder:"WHEN" help:"End it by itself: after 90d, 24h, or on a date."`
	Allow   []string `placeholder:"ADDRESS" help:"Only from this address or network. May be repeated; any lets it be used from anywhere."`
}

// Help explains the command.
func (keyEditCommand) Help() string {
	return `What is not named stays as it is. The scopes of a key do not change: make
another key and revoke this one.

Examples:

    thingward keys edit 0123456789abcdef --name "old gateway" --expires 7d
    thingward keys edit 0123456789abcdef --allow 192.0.2.0/24 --allow 2001:db8::/32
    thingward keys edit 0123456789abcdef --allow any`
}

// Run changes the key.
func (c *keyEditCommand) Run(ctx context.Context, t *terminal) error {
	edit := apiclient.KeyEdit{Name: c.Name, Description: c.Desc}
	expires, err := parseExpiry(c.Expires, t.Now())
	if err != nil {
		return err
	}
	if !expires.IsZero() {
		edit.ExpiresAt = &expires
	}
	if len(c.Allow) == 1 && c.Allow[0] == "any" {
		edit.Allowed = &[]string{}
	} else if len(c.Allow) > 0 {
		edit.Allowed = &c.Allow
	}
	if edit == (apiclient.KeyEdit{}) {
		return usagef("Say what to change: --name, --desc, --expires or --allow.")
	}
	client, err := t.client()
	if err != nil {
		return err
	}
	key, err := client.EditKey(ctx, c.ID, edit)
	if err != nil {
		return err
	}
	return t.answer(key, func() { t.say("Changed the key %s.", oneLine(key.ID)) })
}

type keyRotateCommand struct {
	ID      string `arg:"" name:"id" help:"Id of the key."`
	Overlap string `placeholder:"DURATION" help:"How long the old password works on, such as 24h. Without it, it ends at once."`
}

// Help explains the command.
func (keyRotateCommand) Help() string {
	return `The id stays. With --overlap both passwords work until that time is over, so
that programs can change over one by one.

Examples:

    thingward keys rotate 0123456789abcdef --overlap 24h
    thingward keys rotate 0123456789abcdef`
}

// Run gives the key a new password.
func (c *keyRotateCommand) Run(ctx context.Context, t *terminal) error {
	var overlap time.Duration
	if c.Overlap != "" && c.Overlap != "0" {
		var err error
		if overlap, err = parseDuration(c.Overlap); err != nil {
			return err
		}
	}
	client, err := t.client()
	if err != nil {
		return err
	}
	password, err := client.RotateKey(ctx, c.ID, overlap)
	if err != nil {
		return err
	}
	answer := keyAnswer{ID: c.ID, Password: password.Reveal()}
	return t.answer(answer, func() { t.details("id", answer.ID, "password", answer.Password) })
}

type keyRevokeCommand struct {
	ID string `arg:"" name:"id" help:"Id of the key."`
	operatorFlags
}

// Help explains the command.
func (keyRevokeCommand) Help() string {
	return `When the command returns, the key lets nobody in any more. With --data or
--database it works on the store, for any user's key.

Examples:

    thingward keys revoke 0123456789abcdef
    thingward keys revoke 0123456789abcdef --data /var/lib/thingward`
}

// Run ends the key.
func (c *keyRevokeCommand) Run(ctx context.Context, t *terminal) error {
	if err := c.revoke(ctx, t); err != nil {
		return err
	}
	return t.answer(map[string]string{"revoked": c.ID}, func() { t.say("The key %s is revoked.", oneLine(c.ID)) })
}

func (c *keyRevokeCommand) revoke(ctx context.Context, t *terminal) error {
	if c.onStore() {
		operator, err := c.open(ctx, t)
		if err != nil {
			return err
		}
		defer operator.Close()
		return operator.RevokeKey(ctx, c.ID)
	}
	client, err := t.client()
	if err != nil {
		return err
	}
	return client.RevokeKey(ctx, c.ID)
}
