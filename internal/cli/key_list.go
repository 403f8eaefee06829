package cli

import (
	"context"
	"strings"
	"time"

	"github.com/thingward/thingward/apiclient"
	"github.com/thingward/thingward/internal/app"
)

type keyListCommand struct {
	User string `placeholder:"NAME" help:"List the keys of this user, on the data folder." group:"Operator"`
	operatorFlags
}

// Help explains the command.
func (keyListCommand) Help() string {
	return `Lists your own keys, with a key that holds the scope account; or, with --user
and --data or --database, those of any user without any key. Passwords are
never listed.

Examples:

    thingward keys list
    thingward keys list --json
    thingward keys list --user alice --data /var/lib/thingward`
}

// Run lists the keys.
func (c *keyListCommand) Run(ctx context.Context, t *terminal) error {
	list := c.fromServer
	switch {
	case c.User != "":
		list = c.fromStore
	case c.onStore() && t.KeyID == "":
		return usagef("Say whose keys: --user NAME.")
	}
	keys, err := list(ctx, t)
	if err != nil {
		return err
	}
	return t.answer(keys, func() {
		rows := make([][]string, len(keys))
		for i, key := range keys {
			used := "never"
			if key.LastUse != nil {
				used = shortTime(key.LastUse.At)
			}
			rows[i] = []string{key.ID, key.Name, strings.Join(key.Scopes, " "), orDash(shortTimeOf(key.ExpiresAt)), used}
		}
		t.rows([]string{"ID", "NAME", "SCOPES", "EXPIRES", "LAST USED"}, rows)
	})
}

func (c *keyListCommand) fromServer(ctx context.Context, t *terminal) ([]apiclient.Key, error) {
	client, err := t.client()
	if err != nil {
		return nil, err
	}
	return apiclient.All(ctx, 0, client.Keys)
}

func (c *keyListCommand) fromStore(ctx context.Context, t *terminal) ([]apiclient.Key, error) {
	operator, err := c.open(ctx, t)
	if err != nil {
		return nil, err
	}
	defer operator.Close()
	found, err := operator.Keys(ctx, c.User)
	keys := make([]apiclient.Key, len(found))
	for i, k := range found {
		keys[i] = keyOnStore(k)
	}
	return keys, err
}

// keyOnStore is a key of the store in the shape in which a server tells it.
func keyOnStore(k app.ListedKey) apiclient.Key {
	key := apiclient.Key{ID: k.ID, Name: k.Name, Description: k.Description, Owner: k.Owner, Scopes: k.Scopes, Allowed: k.Allowed,
		CreatedAt: k.CreatedAt, ExpiresAt: unlessZero(k.ExpiresAt), OldUntil: unlessZero(k.OldUntil), Viewable: k.Viewable}
	if !k.LastUse.At.IsZero() {
		key.LastUse = &apiclient.KeyUse{At: k.LastUse.At, Address: k.LastUse.Address, Program: k.LastUse.Program}
	}
	return key
}

func unlessZero(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
