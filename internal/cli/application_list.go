package cli

import (
	"context"
	"strconv"
	"strings"

	"github.com/thingward/thingward/apiclient"
)

type applicationCommands struct {
	List       applicationListCommand       `cmd:"" help:"List the applications that you work on."`
	Show       applicationShowCommand       `cmd:"" help:"Show one application."`
	Create     applicationCreateCommand     `cmd:"" help:"Make an application."`
	Edit       applicationEditCommand       `cmd:"" help:"Change an application."`
	Delete     applicationDeleteCommand     `cmd:"" help:"Delete an application."`
	Restore    applicationRestoreCommand    `cmd:"" help:"Bring a deleted application back."`
	AddEUI     applicationAddEUICommand     `cmd:"" name:"add-eui" help:"Add an EUI to an application."`
	RemoveEUI  applicationRemoveEUICommand  `cmd:"" name:"remove-eui" help:"Take an EUI away from an application."`
	Register   applicationRegisterCommand   `cmd:"" help:"Register an application at the application manager."`
	Unregister applicationUnregisterCommand `cmd:"" help:"Make the application manager forget an application and its end devices."`
	Keys       accessKeyCommands            `cmd:"" help:"Make, list and delete access keys of an application."`
	EndDevices endDeviceCommands            `cmd:"" name:"end-devices" help:"Add, list, change and delete end devices of an application."`
}

type applicationListCommand struct {
	Deleted bool `help:"Those that were deleted and can be restored."`
}

// Help explains the command.
func (applicationListCommand) Help() string {
	return `Lists your own applications, and those of others that you work on.

Examples:

    thingward applications list
    thingward applications list --deleted --json`
}

// Run lists the applications.
func (c applicationListCommand) Run(ctx context.Context, t *terminal) error {
	client, err := t.client()
	if err != nil {
		return err
	}
	list := client.Applications
	if c.Deleted {
		list = client.DeletedApplications
	}
	applications, err := apiclient.All(ctx, 0, list)
	if err != nil {
		return err
	}
	return t.answer(applications, func() {
		rows := make([][]string, len(applications))
		for i, a := range applications {
			rows[i] = []string{a.ID, a.Owner, orDash(strings.Join(a.EUIs, " ")), strconv.FormatInt(a.EndDevices, 10), orDash(a.Description), applicationState(a)}
		}
		t.rows([]string{"ID", "OWNER", "EUIS", "END DEVICES", "DESCRIPTION", "STATE"}, rows)
	})
}

func applicationState(a apiclient.Application) string {
	switch {
	case a.DeletedAt != nil:
		return "deleted " + shortTime(*a.DeletedAt)
	case a.RegisteredAt == nil:
		return "not registered"
	}
	return "registered"
}

func (t *terminal) answerApplication(a apiclient.Application) error {
	return t.answer(a, func() {
		format := ""
		if a.Payload != nil {
			format = a.Payload.Format
		}
		t.details("id", a.ID, "description", a.Description, "owner", a.Owner, "EUIs", strings.Join(a.EUIs, " "), "your rights", strings.Join(a.Rights, " "), "end devices", strconv.FormatInt(a.EndDevices, 10),
			"payload format", format, "registered", shortTimeOf(a.RegisteredAt), "made", shortTime(a.CreatedAt), "changed", shortTime(a.UpdatedAt), "deleted", shortTimeOf(a.DeletedAt))
	})
}

type applicationShowCommand struct {
	Application string `arg:"" help:"Id of the application."`
}

// Help explains the command.
func (applicationShowCommand) Help() string {
	return `Examples:

    thingward applications show apitest
    thingward applications show apitest --json`
}

// Run shows the application.
func (c applicationShowCommand) Run(ctx context.Context, t *terminal) error {
	client, err := t.client()
	if err != nil {
		return err
	}
	application, err := client.Application(ctx, c.Application)
	if err != nil {
		return err
	}
	return t.answerApplication(application)
}
