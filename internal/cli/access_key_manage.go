package cli

import (
	"context"
	"strings"

	"github.com/thingward/thingward/apiclient"
)

type accessKeyCommands struct {
	List   accessKeyListCommand   `cmd:"" help:"List the access keys of an application."`
	Create accessKeyCreateCommand `cmd:"" help:"Make an access key and print it."`
	Delete accessKeyDeleteCommand `cmd:"" help:"Delete an access key."`
}

// shownAccessKey is an access key with its text in clear where that was asked
// for.
type shownAccessKey struct {
	apiclient.AccessKey
	Key string `json:"key,omitempty"`
}

type accessKeyListCommand struct {
	Application string `arg:"" help:"Id of the application."`
	Key         bool   `help:"Show the keys themselves, as far as you may see them."`
}

// Help explains the command.
func (accessKeyListCommand) Help() string {
	return `An access key belongs to the application: whoever holds it may do what it allows,
without an account. That somebody looked at the keys is noted once a day.

Examples:

    thingward applications keys list apitest
    thingward applications keys list apitest --key --json`
}

// Run lists the access keys.
func (c accessKeyListCommand) Run(ctx context.Context, t *terminal) error {
	client, err := t.client()
	if err != nil {
		return err
	}
	keys, err := client.AccessKeys(ctx, c.Application)
	if err != nil {
		return err
	}
	shown := make([]shownAccessKey, len(keys))
	for i, key := range keys {
		shown[i].AccessKey = key
		if c.Key {
			shown[i].Key = key.Key.Reveal()
		}
	}
	return t.answer(shown, func() {
		head, rows := []string{"NAME", "RIGHTS", "MADE"}, make([][]string, len(shown))
		for i, key := range shown {
			rows[i] = []string{key.Name, strings.Join(key.Rights, " "), shortTime(key.CreatedAt)}
			if c.Key {
				rows[i] = append(rows[i], key.Key)
			}
		}
		if c.Key {
			head = append(head, "KEY")
		}
		t.rows(head, rows)
	})
}

type accessKeyCreateCommand struct {
	Application string   `arg:"" help:"Id of the application."`
	Name        string   `arg:"" help:"What to call it, such as the program that will use it."`
	Right       []string `aliases:"rights" sep:"," placeholder:"RIGHT,..." default:"messages:up:r,messages:down:w" help:"What it may do: messages:up:r, messages:down:w, messages:up:w, devices, settings, collaborators, delete."`
}

// Help explains the command.
func (accessKeyCreateCommand) Help() string {
	return `Give each program a key of its own, with no more rights than it needs.

Examples:

    thingward applications keys create apitest dashboard --right messages:up:r
    thingward applications keys create apitest register-on-join --right devices`
}

// Run makes the access key.
func (c accessKeyCreateCommand) Run(ctx context.Context, t *terminal) error {
	client, err := t.client()
	if err != nil {
		return err
	}
	made, err := client.CreateAccessKey(ctx, c.Application, c.Name, c.Right)
	if err != nil {
		return err
	}
	return t.answer(shownAccessKey{made, made.Key.Reveal()}, func() {
		t.details("name", made.Name, "rights", strings.Join(made.Rights, " "), "key", made.Key.Reveal())
	})
}

type accessKeyDeleteCommand struct {
	Application string `arg:"" help:"Id of the application."`
	Name        string `arg:"" help:"Name of the access key."`
	Yes         bool   `short:"y" help:"Do not ask."`
}

// Help explains the command.
func (accessKeyDeleteCommand) Help() string {
	return `Programs that hold it stop working at once, and so do tokens that were got for it.

Examples:

    thingward applications keys delete apitest dashboard`
}

// Run deletes the access key.
func (c accessKeyDeleteCommand) Run(ctx context.Context, t *terminal) error {
	if !c.Yes {
		if err := t.confirm("Delete the access key " + oneLine(c.Name) + " of " + oneLine(c.Application) + "?"); err != nil {
			return err
		}
	}
	client, err := t.client()
	if err != nil {
		return err
	}
	if err := client.DeleteAccessKey(ctx, c.Application, c.Name); err != nil {
		return err
	}
	return t.answer(map[string]string{"deleted": c.Name}, func() { t.say("Deleted the access key %s.", oneLine(c.Name)) })
}
