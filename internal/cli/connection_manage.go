package cli

import (
	"context"
	"fmt"
)

type connectionRenameCommand struct {
	Connection string `arg:"" help:"Number or name."`
	Name       string `arg:"" help:"What to call it from now on."`
}

// Help explains the command.
func (connectionRenameCommand) Help() string {
	return `Examples:

    thingward connections rename 17 "gateway in the cellar"`
}

// Run renames the connection.
func (c connectionRenameCommand) Run(ctx context.Context, t *terminal) error {
	client, err := t.client()
	if err != nil {
		return err
	}
	found, err := findConnection(ctx, client, c.Connection)
	if err != nil {
		return err
	}
	renamed, err := client.RenameConnection(ctx, found.ID, c.Name)
	if err != nil {
		return err
	}
	return t.answer(renamed, func() { t.say("The connection %d is called %s now.", renamed.ID, oneLine(renamed.Name)) })
}

type connectionRevokeCommand struct {
	Connection string `arg:"" optional:"" help:"Number or name."`
	All        bool   `help:"End all of them but the one that this command acts by."`
	Yes        bool   `short:"y" help:"Do not ask."`
}

// Help explains the command.
func (connectionRevokeCommand) Help() string {
	return `When the command returns, nothing acts by the connection any more. Asks on a
terminal before it ends all of them; elsewhere --yes must be given.

Examples:

    thingward connections revoke 17
    thingward connections revoke "weather station"
    thingward connections revoke --all`
}

// Run ends one connection or all of them.
func (c connectionRevokeCommand) Run(ctx context.Context, t *terminal) error {
	if c.All == (c.Connection != "") {
		return usagef("Say which connection to end, or --all.")
	}
	if c.All {
		return c.revokeAll(ctx, t)
	}
	client, err := t.client()
	if err != nil {
		return err
	}
	found, err := findConnection(ctx, client, c.Connection)
	if err != nil {
		return err
	}
	if err := client.EndConnection(ctx, found.ID); err != nil {
		return err
	}
	answer := map[string]any{"revoked": found.ID, "name": found.Name}
	return t.answer(answer, func() { t.say("The connection %s is ended.", oneLine(found.Name)) })
}

func (c connectionRevokeCommand) revokeAll(ctx context.Context, t *terminal) error {
	if !c.Yes {
		if err := t.confirm("End all connections? Every app and key stops acting for you."); err != nil {
			return err
		}
	}
	client, err := t.client()
	if err != nil {
		return err
	}
	ended, err := client.EndConnections(ctx)
	if err != nil {
		return err
	}
	return t.answer(map[string]int{"revoked": ended}, func() { t.say("Ended %s.", countOf(ended, "connection")) })
}

func countOf(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
