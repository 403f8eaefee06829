package cli

import (
	"context"
	"strconv"
	"strings"

	"github.com/thingward/thingward/apiclient"
)

type connectionCommands struct {
	List   connectionListCommand   `cmd:"" help:"List the apps and keys that act for you."`
	Show   connectionShowCommand   `cmd:"" help:"Show one connection, and what it did."`
	Rename connectionRenameCommand `cmd:"" help:"Give a connection another name."`
	Revoke connectionRevokeCommand `cmd:"" help:"End a connection, or all of them."`
}

type connectionListCommand struct{}

// Help explains the command.
func (connectionListCommand) Help() string {
	return `A connection is what you allowed one app or one key until you take it back.

Examples:

    thingward connections list
    thingward connections list --json`
}

// Run lists the connections.
func (connectionListCommand) Run(ctx context.Context, t *terminal) error {
	client, err := t.client()
	if err != nil {
		return err
	}
	connections, err := apiclient.All(ctx, 0, client.Connections)
	if err != nil {
		return err
	}
	return t.answer(connections, func() {
		rows := make([][]string, len(connections))
		for i, c := range connections {
			used := "never"
			if c.LastUse != nil {
				used = shortTime(c.LastUse.At)
			}
			rows[i] = []string{strconv.FormatInt(c.ID, 10), c.Name, actor(c), few(c.Scopes), orDash(shortTimeOf(c.ExpiresAt)), used}
		}
		t.rows([]string{"ID", "NAME", "APP OR KEY", "SCOPES", "EXPIRES", "LAST USED"}, rows)
	})
}

// actor names what acts by a connection.
func actor(c apiclient.Connection) string {
	switch {
	case c.Key != nil:
		return "key " + c.Key.ID
	case c.Client != nil && c.Client.Official:
		return "app " + c.Client.Name + " (official)"
	case c.Client != nil:
		return "app " + c.Client.Name + " of " + orDash(c.Client.Owner)
	}
	return c.Kind
}

// findConnection returns the connection that a person means by its number or
// its name.
func findConnection(ctx context.Context, client *apiclient.Client, wanted string) (apiclient.Connection, error) {
	if number, err := strconv.ParseInt(wanted, 10, 64); err == nil {
		return client.Connection(ctx, number)
	}
	connections, err := apiclient.All(ctx, 0, client.Connections)
	if err != nil {
		return apiclient.Connection{}, err
	}
	return pick("connection", wanted, connections, func(c apiclient.Connection) (string, string) { return strconv.FormatInt(c.ID, 10), c.Name })
}

type connectionShowCommand struct {
	Connection string `arg:"" help:"Number or name."`
}

// Help explains the command.
func (connectionShowCommand) Help() string {
	return `Shows what the connection may do, and for each thing and day what it did.

Examples:

    thingward connections show 17
    thingward connections show "weather station" --json`
}

// shownConnection is a connection with what it did.
type shownConnection struct {
	apiclient.Connection
	Uses []apiclient.ConnectionUse `json:"uses"`
}

// Run shows the connection.
func (c connectionShowCommand) Run(ctx context.Context, t *terminal) error {
	client, err := t.client()
	if err != nil {
		return err
	}
	found, err := findConnection(ctx, client, c.Connection)
	if err != nil {
		return err
	}
	uses, err := client.ConnectionUses(ctx, found.ID)
	if err != nil {
		return err
	}
	return t.answer(shownConnection{found, uses}, func() {
		pairs := []string{"id", strconv.FormatInt(found.ID, 10), "name", found.Name, "acts", actor(found), "may", strings.Join(found.Scopes, " "),
			"since", shortTime(found.CreatedAt), "until", shortTimeOf(found.ExpiresAt)}
		if use := found.LastUse; use != nil {
			pairs = append(pairs, "last used", shortTime(use.At), "from", use.Address, "by", use.Program)
		}
		t.details(pairs...)
		t.say("")
		rows := make([][]string, len(uses))
		for i, use := range uses {
			rows[i] = []string{use.Day, use.Right, use.Thing, strconv.FormatInt(use.Uses, 10), shortTime(use.LastAt), orDash(use.Address)}
		}
		t.rows([]string{"DAY", "DID", "WITH", "TIMES", "LAST", "FROM"}, rows)
	})
}
