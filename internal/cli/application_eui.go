package cli

import "context"

type applicationAddEUICommand struct {
	Application string `arg:"" help:"Id of the application."`
	EUI         string `arg:"" optional:"" help:"16 hexadecimal digits. Without it the network assigns one."`
}

// Help explains the command.
func (applicationAddEUICommand) Help() string {
	return `Examples:

    thingward applications add-eui apitest
    thingward applications add-eui apitest 70B3D57ED0000001`
}

// Run adds the EUI.
func (c applicationAddEUICommand) Run(ctx context.Context, t *terminal) error {
	client, err := t.client()
	if err != nil {
		return err
	}
	eui, err := client.AddEUI(ctx, c.Application, c.EUI)
	if err != nil {
		return err
	}
	return t.answer(map[string]string{"eui": eui}, func() { t.say("Added the EUI %s to %s.", eui, oneLine(c.Application)) })
}

type applicationRemoveEUICommand struct {
	Application string `arg:"" help:"Id of the application."`
	EUI         string `arg:"" help:"16 hexadecimal digits."`
}

// Help explains the command.
func (applicationRemoveEUICommand) Help() string {
	return `End devices that join with it are not recognised any more. It can be added again.

Examples:

    thingward applications remove-eui apitest 70B3D57ED0000001`
}

// Run removes the EUI.
func (c applicationRemoveEUICommand) Run(ctx context.Context, t *terminal) error {
	client, err := t.client()
	if err != nil {
		return err
	}
	if err := client.RemoveEUI(ctx, c.Application, c.EUI); err != nil {
		return err
	}
	return t.answer(map[string]string{"removed": c.EUI}, func() { t.say("Removed the EUI %s from %s.", oneLine(c.EUI), oneLine(c.Application)) })
}

type applicationRegisterCommand struct {
	Application string `arg:"" help:"Id of the application."`
}

// Help explains the command.
func (applicationRegisterCommand) Help() string {
	return `Only a registered application takes end devices.

Examples:

    thingward applications register apitest`
}

// Run registers the application.
func (c applicationRegisterCommand) Run(ctx context.Context, t *terminal) error {
	client, err := t.client()
	if err != nil {
		return err
	}
	if err := client.RegisterApplication(ctx, c.Application); err != nil {
		return err
	}
	return t.answer(map[string]string{"registered": c.Application}, func() { t.say("Registered %s at the application manager.", oneLine(c.Application)) })
}

type applicationUnregisterCommand struct {
	Application string `arg:"" help:"Id of the application."`
	Yes         bool   `short:"y" help:"Do not ask."`
}

// Help explains the command.
func (applicationUnregisterCommand) Help() string {
	return `The end devices of the application are deleted with it. This cannot be taken back.

Examples:

    thingward applications unregister apitest`
}

// Run unregisters the application.
func (c applicationUnregisterCommand) Run(ctx context.Context, t *terminal) error {
	if !c.Yes {
		if err := t.confirm("Unregister " + oneLine(c.Application) + " and delete its end devices for good?"); err != nil {
			return err
		}
	}
	client, err := t.client()
	if err != nil {
		return err
	}
	if err := client.UnregisterApplication(ctx, c.Application); err != nil {
		return err
	}
	return t.answer(map[string]string{"unregistered": c.Application}, func() { t.say("The application manager has forgotten %s.", oneLine(c.Application)) })
}
