package cli

import (
	"context"

	"github.com/thingward/thingward/apiclient"
)

type userCommands struct {
	Create        userCreateCommand        `cmd:"" help:"Make a user."`
	List          userListCommand          `cmd:"" help:"List the users."`
	Suspend       userSuspendCommand       `cmd:"" help:"Let a user and his keys in no more."`
	Resume        userResumeCommand        `cmd:"" help:"Let a suspended user in again."`
	ResetPassword userResetPasswordCommand `cmd:"" help:"Give a user a new password and print it."`
}

// userManager is what both ways to manage users have in common.
type userManager interface {
	SuspendUser(ctx context.Context, name string) error
	ResumeUser(ctx context.Context, name string) error
}

// withUsers calls the function with the store, or with the server where the
// flags name no store.
func (f operatorFlags) withUsers(ctx context.Context, t *terminal, do func(userManager) error) error {
	if f.onStore() {
		operator, err := f.open(ctx, t)
		if err != nil {
			return err
		}
		defer operator.Close()
		return do(operator)
	}
	client, err := t.client()
	if err != nil {
		return err
	}
	return do(client)
}

type userCreateCommand struct {
	Name         string `arg:"" help:"Name: 2 to 36 small letters and digits, with single - or _ between them."`
	Email        string `required:"" placeholder:"ADDRESS" help:"E-mail address."`
	Admin        bool   `help:"Make an administrator."`
	PasswordFile string `placeholder:"FILE" help:"File that holds the password; - for standard input. Without it a password is made and printed."`
	operatorFlags
}

// Help explains the command.
func (userCreateCommand) Help() string {
	return `With --data, the folder is made if it is not there, so that the first
administrator can be there before the first start.

Examples:

    thingward users create alice --email alice@example.org --data /var/lib/thingward
    thingward users create root2 --email ops@example.org --admin --password-file pw.txt --data /var/lib/thingward`
}

// userAnswer is a user with his password.
type userAnswer struct {
	Name     string `json:"name"`
	Password string `json:"password,omitempty"`
}

// Run makes the user.
func (c *userCreateCommand) Run(ctx context.Context, t *terminal) error {
	var password []byte
	if c.PasswordFile != "" {
		var err error
		if password, err = t.readSecret(c.PasswordFile); err != nil {
			return err
		}
	}
	create := c.onServer
	if c.onStore() {
		create = c.inStore
	}
	made, err := create(ctx, t, password)
	if err != nil {
		return err
	}
	answer := userAnswer{Name: c.Name}
	if len(password) == 0 {
		answer.Password = made
	}
	return t.answer(answer, func() { t.details("user", answer.Name, "password", answer.Password) })
}

func (c *userCreateCommand) inStore(ctx context.Context, t *terminal, password []byte) (string, error) {
	operator, err := c.openNew(ctx, t)
	if err != nil {
		return "", err
	}
	defer operator.Close()
	return operator.CreateUser(ctx, c.Name, c.Email, c.Admin, string(password))
}

func (c *userCreateCommand) onServer(ctx context.Context, t *terminal, password []byte) (string, error) {
	if len(password) == 0 {
		return "", usagef("On a server, the password must come from --password-file; on the store (--data) one is made.")
	}
	client, err := t.client()
	if err != nil {
		return "", err
	}
	_, err = client.CreateUser(ctx, apiclient.NewUser{Name: c.Name, Email: c.Email, Admin: c.Admin, Password: string(password)})
	return "", err
}

type userListCommand struct {
	operatorFlags
}

// Help explains the command.
func (userListCommand) Help() string {
	return `Examples:

    thingward users list --data /var/lib/thingward
    thingward users list --json`
}

// Run lists the users.
func (c *userListCommand) Run(ctx context.Context, t *terminal) error {
	list := c.fromServer
	if c.onStore() {
		list = c.fromStore
	}
	users, err := list(ctx, t)
	if err != nil {
		return err
	}
	return t.answer(users, func() {
		rows := make([][]string, len(users))
		for i, user := range users {
			state := "active"
			if user.Suspended {
				state = "suspended"
			}
			rows[i] = []string{user.Name, orDash(user.Email), orDash(yesOrNothing(user.Admin)), state, orDash(shortTimeOf(user.LastSignInAt))}
		}
		t.rows([]string{"NAME", "E-MAIL", "ADMINISTRATOR", "STATE", "LAST SIGN-IN"}, rows)
	})
}

func (c *userListCommand) fromServer(ctx context.Context, t *terminal) ([]apiclient.User, error) {
	client, err := t.client()
	if err != nil {
		return nil, err
	}
	return apiclient.All(ctx, 0, client.Users)
}

func (c *userListCommand) fromStore(ctx context.Context, t *terminal) ([]apiclient.User, error) {
	operator, err := c.open(ctx, t)
	if err != nil {
		return nil, err
	}
	defer operator.Close()
	found, err := operator.Users(ctx)
	users := make([]apiclient.User, len(found))
	for i, u := range found {
		users[i] = apiclient.User{Name: u.Name, Email: u.Email, Admin: u.Admin, Suspended: u.Suspended, CreatedAt: u.CreatedAt}
		if !u.LastSignInAt.IsZero() {
			users[i].LastSignInAt = &u.LastSignInAt
		}
	}
	return users, err
}

type userSuspendCommand struct {
	Name string `arg:"" help:"Name of the user."`
	operatorFlags
}

// Help explains the command.
func (userSuspendCommand) Help() string {
	return `Ends his sessions; his keys do not work until he is resumed.

Examples:

    thingward users suspend mallory --data /var/lib/thingward`
}

// Run suspends the user.
func (c *userSuspendCommand) Run(ctx context.Context, t *terminal) error {
	if err := c.withUsers(ctx, t, func(m userManager) error { return m.SuspendUser(ctx, c.Name) }); err != nil {
		return err
	}
	return t.answer(map[string]string{"suspended": c.Name}, func() { t.say("%s is suspended.", c.Name) })
}

type userResumeCommand struct {
	Name string `arg:"" help:"Name of the user."`
	operatorFlags
}

// Help explains the command.
func (userResumeCommand) Help() string {
	return `Examples:

    thingward users resume mallory --data /var/lib/thingward`
}

// Run resumes the user.
func (c *userResumeCommand) Run(ctx context.Context, t *terminal) error {
	if err := c.withUsers(ctx, t, func(m userManager) error { return m.ResumeUser(ctx, c.Name) }); err != nil {
		return err
	}
	return t.answer(map[string]string{"resumed": c.Name}, func() { t.say("%s can come in again.", c.Name) })
}

type userResetPasswordCommand struct {
	Name string `arg:"" help:"Name of the user."`
	operatorFlags
}

// Help explains the command.
func (userResetPasswordCommand) Help() string {
	return `Ends the user's sessions. His keys go on working.

Examples:

    thingward users reset-password alice --data /var/lib/thingward`
}

// Run resets the password.
func (c *userResetPasswordCommand) Run(ctx context.Context, t *terminal) error {
	password, err := c.reset(ctx, t)
	if err != nil {
		return err
	}
	answer := userAnswer{Name: c.Name, Password: password}
	return t.answer(answer, func() { t.details("user", answer.Name, "password", answer.Password) })
}

func (c *userResetPasswordCommand) reset(ctx context.Context, t *terminal) (string, error) {
	if c.onStore() {
		operator, err := c.open(ctx, t)
		if err != nil {
			return "", err
		}
		defer operator.Close()
		return operator.ResetPassword(ctx, c.Name)
	}
	client, err := t.client()
	if err != nil {
		return "", err
	}
	password, err := client.ResetPassword(ctx, c.Name)
	return password.Reveal(), err
}
