package cli

import (
	"context"

	"github.com/thingward/thingward/internal/app"
)

// formerScopes are what a key of a former system may do where nothing else is
// said: what WoTKit's scope "all" means.
const formerScopes = "sensors.* readings.* actuators.* alerts.* profile"

type keyImportCommand struct {
	User         string   `required:"" placeholder:"NAME" help:"Whose key it is." group:"Operator"`
	ID           string   `name:"id" required:"" placeholder:"ID" help:"Its id in the former system."`
	PasswordFile string   `required:"" placeholder:"FILE" help:"File that holds its password; - for standard input."`
	Name         string   `placeholder:"NAME" help:"What to call it. Default: its id."`
	Scope        []string `sep:"none" placeholder:"SCOPE" help:"What it may do. May be repeated or hold several. Default: ${former_scopes}."`
	operatorFlags
}

// Help explains the command.
func (keyImportCommand) Help() string {
	return `Programs that hold the pair of id and password go on working without a change.
Works on the data folder; the server may run meanwhile.

Examples:

    thingward keys import --user alice --id 8f5b0a7d3c1e4f22 --password-file old.txt --data /var/lib/thingward
    thingward keys import --user alice --id 8f5b0a7d3c1e4f22 --password-file - --scope readings.write < old.txt`
}

// Run takes the key over.
func (c *keyImportCommand) Run(ctx context.Context, t *terminal) error {
	scopes, err := keyFlags{Scope: c.Scope}.scopes(formerScopes)
	if err != nil {
		return err
	}
	password, err := t.readSecret(c.PasswordFile)
	if err != nil {
		return err
	}
	name := c.Name
	if name == "" {
		name = c.ID
	}
	operator, err := c.open(ctx, t)
	if err != nil {
		return err
	}
	defer operator.Close()
	key := app.OperatorKey{User: c.User, ID: c.ID, Password: string(password), Name: name, Scopes: scopes.String()}
	if err := operator.ImportKey(ctx, key); err != nil {
		return err
	}
	answer := map[string]any{"id": c.ID, "user": c.User, "scopes": scopeNames(scopes)}
	return t.answer(answer, func() { t.say("The key %s acts for %s now.", oneLine(c.ID), c.User) })
}
