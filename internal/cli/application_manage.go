package cli

import (
	"context"

	"github.com/thingward/thingward/apiclient"
)

type applicationCreateCommand struct {
	ID          string   `arg:"" help:"Id: 2 to 36 lower-case letters and digits, with single - or _ between them."`
	Description string   `arg:"" optional:"" help:"What it is for."`
	EUI         []string `name:"eui" sep:"," placeholder:"EUI,..." help:"EUIs of end devices that come with one: 16 hexadecimal digits. Without it the network assigns one."`
	NoRegister  bool     `name:"skip-register" help:"Do not register it at the application manager."`
}

// Help explains the command.
func (applicationCreateCommand) Help() string {
	return `The application gets an access key that reads and sends messages, and is registered
at the application manager, so that it takes end devices.

Examples:

    thingward applications create apitest "My first application"
    thingward applications create barn --eui 70B3D57ED0000001`
}

// Run makes the application.
func (c applicationCreateCommand) Run(ctx context.Context, t *terminal) error {
	client, err := t.client()
	if err != nil {
		return err
	}
	made, err := client.CreateApplication(ctx, apiclient.NewApplication{ID: c.ID, Description: c.Description, EUIs: c.EUI})
	if err != nil {
		return err
	}
	if !c.NoRegister {
		if err := client.RegisterApplication(ctx, made.ID); err != nil {
			return err
		}
		if made, err = client.Application(ctx, made.ID); err != nil {
			return err
		}
	}
	return t.answerApplication(made)
}

type applicationEditCommand struct {
	Application   string  `arg:"" help:"Id of the application."`
	Description   *string `placeholder:"TEXT" help:"What it is for."`
	PayloadFormat *string `name:"payload-format" placeholder:"FORMAT" help:"How the bytes of end devices are read: none, cayennelpp or custom."`
	Decoder       string  `placeholder:"FILE" help:"File with the function that decodes; - for standard input."`
	Converter     string  `placeholder:"FILE" help:"File with the function that converts."`
	Validator     string  `placeholder:"FILE" help:"File with the function that validates."`
	Encoder       string  `placeholder:"FILE" help:"File with the function that encodes."`
}

// Help explains the command.
func (applicationEditCommand) Help() string {
	return `What is not named stays as it is. Its id never changes. Payload functions are kept for
the programs that handle your messages; Thingward itself runs none of them.

Examples:

    thingward applications edit apitest --description "Soil moisture, east field"
    thingward applications edit apitest --payload-format custom --decoder decoder.js`
}

// Run changes the application.
func (c applicationEditCommand) Run(ctx context.Context, t *terminal) error {
	client, err := t.client()
	if err != nil {
		return err
	}
	edit := apiclient.ApplicationEdit{Description: c.Description}
	if edit.Payload, err = c.payload(ctx, t, client); err != nil {
		return err
	}
	if edit == (apiclient.ApplicationEdit{}) {
		return usagef("Say what to change: --description, --payload-format, --decoder, --converter, --validator or --encoder.")
	}
	changed, err := client.EditApplication(ctx, c.Application, edit)
	if err != nil {
		return err
	}
	return t.answer(changed, func() { t.say("Changed the application %s.", changed.ID) })
}

// payload puts what the flags say over what is there; nil where they say
// nothing.
func (c applicationEditCommand) payload(ctx context.Context, t *terminal, client *apiclient.Client) (*apiclient.Payload, error) {
	if c.PayloadFormat == nil && c.Decoder+c.Converter+c.Validator+c.Encoder == "" {
		return nil, nil
	}
	before, err := client.Application(ctx, c.Application)
	if err != nil {
		return nil, err
	}
	payload := apiclient.Payload{}
	if before.Payload != nil {
		payload = *before.Payload
	}
	if c.PayloadFormat != nil {
		if payload.Format = *c.PayloadFormat; payload.Format == "none" {
			payload.Format = ""
		}
	}
	for _, function := range []struct {
		file string
		to   *string
	}{{c.Decoder, &payload.Decoder}, {c.Converter, &payload.Converter}, {c.Validator, &payload.Validator}, {c.Encoder, &payload.Encoder}} {
		if function.file == "" {
			continue
		}
		text, err := t.readInput(function.file, 64<<10)
		if err != nil {
			return nil, err
		}
		*function.to = string(text)
	}
	return &payload, nil
}

type applicationDeleteCommand struct {
	Application string `arg:"" help:"Id of the application."`
	Yes         bool   `short:"y" help:"Do not ask."`
}

// Help explains the command.
func (applicationDeleteCommand) Help() string {
	return `Its end devices and access keys stop working at once. For 30 days it can be restored;
after that nobody can use its id again.

Examples:

    thingward applications delete apitest
    thingward applications restore apitest`
}

// Run deletes the application.
func (c applicationDeleteCommand) Run(ctx context.Context, t *terminal) error {
	if !c.Yes {
		if err := t.ask("Delete the application "+oneLine(c.Application)+" with its end devices and access keys?", "Give --yes to delete it without being asked."); err != nil {
			return err
		}
	}
	client, err := t.client()
	if err != nil {
		return err
	}
	if err := client.DeleteApplication(ctx, c.Application); err != nil {
		return err
	}
	return t.answer(map[string]string{"deleted": c.Application}, func() {
		t.say("Deleted %s. Until 30 days have passed, thingward applications restore %[1]s brings it back.", oneLine(c.Application))
	})
}

type applicationRestoreCommand struct {
	Application string `arg:"" help:"Id of the application."`
}

// Help explains the command.
func (applicationRestoreCommand) Help() string {
	return `Examples:

    thingward applications list --deleted
    thingward applications restore apitest`
}

// Run restores the application.
func (c applicationRestoreCommand) Run(ctx context.Context, t *terminal) error {
	client, err := t.client()
	if err != nil {
		return err
	}
	restored, err := client.RestoreApplication(ctx, c.Application)
	if err != nil {
		return err
	}
	return t.answer(restored, func() { t.say("The application %s is back.", restored.ID) })
}
