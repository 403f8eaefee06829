package cli

import (
	"context"

	"github.com/thingward/thingward/apiclient"
)

type componentCommands struct {
	List    componentListCommand    `cmd:"" help:"List the components that you work on."`
	Show    componentShowCommand    `cmd:"" help:"Show one component."`
	Create  componentCreateCommand  `cmd:"" help:"Register a component."`
	Delete  componentDeleteCommand  `cmd:"" help:"Delete a component."`
	Restore componentRestoreCommand `cmd:"" help:"Bring a deleted component back."`
}

type componentListCommand struct {
	Deleted bool `help:"Those that were deleted and can be restored."`
}

// Help explains the command.
func (componentListCommand) Help() string {
	return `Components are the handlers, routers and brokers of a network.

Examples:

    thingward components list`
}

// Run lists the components.
func (c componentListCommand) Run(ctx context.Context, t *terminal) error {
	client, err := t.client()
	if err != nil {
		return err
	}
	list := client.Components
	if c.Deleted {
		list = client.DeletedComponents
	}
	components, err := apiclient.All(ctx, 0, list)
	if err != nil {
		return err
	}
	return t.answer(components, func() {
		rows := make([][]string, len(components))
		for i, one := range components {
			rows[i] = []string{one.ID, one.Kind, one.Owner, shortTime(one.CreatedAt), orDash(shortTimeOf(one.DeletedAt))}
		}
		t.rows([]string{"ID", "KIND", "OWNER", "MADE", "DELETED"}, rows)
	})
}

func (t *terminal) answerComponent(one apiclient.Component) error {
	return t.answer(one, func() {
		t.details("id", one.ID, "kind", one.Kind, "owner", one.Owner, "registered", shortTime(one.CreatedAt), "deleted", shortTimeOf(one.DeletedAt))
	})
}

type componentShowCommand struct {
	Component string `arg:"" help:"Id of the component."`
}

// Help explains the command.
func (componentShowCommand) Help() string {
	return `Examples:

    thingward components show eu-handler`
}

// Run shows the component.
func (c componentShowCommand) Run(ctx context.Context, t *terminal) error {
	client, err := t.client()
	if err != nil {
		return err
	}
	component, err := client.Component(ctx, c.Component)
	if err != nil {
		return err
	}
	return t.answerComponent(component)
}

type componentCreateCommand struct {
	Kind string `arg:"" help:"handler, router or broker."`
	ID   string `arg:"" help:"Id: 2 to 36 lower-case letters and digits, with single - or _ between them."`
}

// Help explains the command.
func (componentCreateCommand) Help() string {
	return `Examples:

    thingward components create handler eu-handler`
}

// Run makes the component.
func (c componentCreateCommand) Run(ctx context.Context, t *terminal) error {
	client, err := t.client()
	if err != nil {
		return err
	}
	made, err := client.CreateComponent(ctx, c.Kind, c.ID)
	if err != nil {
		return err
	}
	return t.answerComponent(made)
}

type componentDeleteCommand struct {
	Component string `arg:"" help:"Id of the component."`
	Yes       bool   `short:"y" help:"Do not ask."`
}

// Help explains the command.
func (componentDeleteCommand) Help() string {
	return `Its tokens stop working at once. For 30 days it can be restored.

Examples:

    thingward components delete eu-handler`
}

// Run deletes the component.
func (c componentDeleteCommand) Run(ctx context.Context, t *terminal) error {
	if !c.Yes {
		if err := t.ask("Delete the component "+oneLine(c.Component)+"?", "Give --yes to delete it without being asked."); err != nil {
			return err
		}
	}
	client, err := t.client()
	if err != nil {
		return err
	}
	if err := client.DeleteComponent(ctx, c.Component); err != nil {
		return err
	}
	return t.answer(map[string]string{"deleted": c.Component}, func() {
		t.say("Deleted %s. Until 30 days have passed, thingward components restore %[1]s brings it back.", oneLine(c.Component))
	})
}

type componentRestoreCommand struct {
	Component string `arg:"" help:"Id of the component."`
}

// Help explains the command.
func (componentRestoreCommand) Help() string {
	return `Examples:

    thingward components restore eu-handler`
}

// Run restores the component.
func (c componentRestoreCommand) Run(ctx context.Context, t *terminal) error {
	client, err := t.client()
	if err != nil {
		return err
	}
	restored, err := client.RestoreComponent(ctx, c.Component)
	if err != nil {
		return err
	}
	return t.answer(restored, func() { t.say("The component %s is back.", restored.ID) })
}
