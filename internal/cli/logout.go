package cli

import (
	"context"

	"github.com/thingward/thingward/internal/domain"
)

type logoutCommand struct{}

// Help explains the command.
func (logoutCommand) Help() string {
	return `Takes the tokens of the login back at the server and forgets them here.

Examples:

    thingward logout
    thingward logout --server https://things.example`
}

// Run signs the person out.
func (logoutCommand) Run(ctx context.Context, t *terminal) error {
	anybody, err := t.anonymousClient()
	if err != nil {
		return err
	}
	logins, err := t.logins()
	if err != nil {
		return err
	}
	var held login
	err = logins.locked(ctx, func() error {
		// What cannot be read is forgotten all the same.
		held, _ = logins.load()
		return logins.forget()
	})
	if err != nil {
		return err
	}
	answer := map[string]any{"server": logins.server, "user": held.User, "was_signed_in": held.there()}
	if !held.there() {
		return t.answer(answer, func() { t.say("Nobody was signed in at %s.", logins.server) })
	}
	if err := anybody.RevokeToken(ctx, string(domain.CommandLineID), held.last()); err != nil {
		t.note("The login is forgotten here, but its tokens still work: end the connection at %s.", t.page("/connections"))
		return err
	}
	return t.answer(answer, func() { t.say("Signed out at %s.", logins.server) })
}
