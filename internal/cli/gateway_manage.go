package cli

import (
	"context"
	"fmt"

	"github.com/thingward/thingward/apiclient"
)

type gatewayCommands struct {
	List      gatewayListCommand      `cmd:"" help:"List the gateways that you work on."`
	Show      gatewayShowCommand      `cmd:"" help:"Show one gateway."`
	Create    gatewayCreateCommand    `cmd:"" help:"Register a gateway and print its key."`
	Edit      gatewayEditCommand      `cmd:"" help:"Change a gateway."`
	Delete    gatewayDeleteCommand    `cmd:"" help:"Delete a gateway."`
	Restore   gatewayRestoreCommand   `cmd:"" help:"Bring a deleted gateway back."`
	RotateKey gatewayRotateKeyCommand `cmd:"" name:"rotate-key" help:"Make another key for a gateway and print it."`
	Plans     gatewayPlansCommand     `cmd:"" help:"List the frequency plans."`
}

type gatewayListCommand struct {
	Deleted bool `help:"Those that were deleted and can be restored."`
}

// Help explains the command.
func (gatewayListCommand) Help() string {
	return `Examples:

    thingward gateways list
    thingward gateways list --deleted --json`
}

// Run lists the gateways.
func (c gatewayListCommand) Run(ctx context.Context, t *terminal) error {
	client, err := t.client()
	if err != nil {
		return err
	}
	list := client.Gateways
	if c.Deleted {
		list = client.DeletedGateways
	}
	gateways, err := apiclient.All(ctx, 0, list)
	if err != nil {
		return err
	}
	return t.answer(gateways, func() {
		rows := make([][]string, len(gateways))
		for i, g := range gateways {
			state := ""
			if g.DeletedAt != nil {
				state = "deleted " + shortTime(*g.DeletedAt)
			}
			rows[i] = []string{g.ID, orDash(g.Owner), g.FrequencyPlan, orDash(antennaText(g.Antenna)), orDash(g.Attributes["description"]), orDash(state)}
		}
		t.rows([]string{"ID", "OWNER", "FREQUENCY PLAN", "PLACE", "DESCRIPTION", "STATE"}, rows)
	})
}

func antennaText(a *apiclient.Antenna) string {
	if a == nil {
		return ""
	}
	text := fmt.Sprintf("%g, %g", a.Latitude, a.Longitude)
	if a.Altitude != nil {
		text += fmt.Sprintf(", %d m", *a.Altitude)
	}
	if a.Rounded {
		text = "about " + text
	}
	return text
}

func (t *terminal) answerGateway(g apiclient.Gateway, key apiclient.Password) error {
	shown := struct {
		apiclient.Gateway
		Key string `json:"key,omitempty"`
	}{g, key.Reveal()}
	return t.answer(shown, func() {
		pairs := []string{"id", g.ID, "owner", g.Owner, "frequency plan", g.FrequencyPlan, "place", antennaText(g.Antenna), "everybody sees", publicParts(g), "router", g.Router}
		for _, name := range sortedNames(g.Attributes) {
			pairs = append(pairs, name, g.Attributes[name])
		}
		t.details(append(pairs, "key", key.Reveal(), "registered", shortTime(g.CreatedAt), "changed", shortTimeOf(g.UpdatedAt), "deleted", shortTimeOf(g.DeletedAt))...)
	})
}

// publicParts says what everybody may know of a gateway.
func publicParts(g apiclient.Gateway) string {
	var parts []string
	for _, part := range []struct {
		public bool
		word   string
	}{{g.LocationPublic, "place"}, {g.StatusPublic, "status"}, {g.OwnerPublic, "owner"}} {
		if part.public {
			parts = append(parts, part.word)
		}
	}
	if len(parts) == 0 {
		return "nothing"
	}
	return few(parts)
}

type gatewayShowCommand struct {
	Gateway string `arg:"" help:"Id of the gateway."`
	Key     bool   `help:"Show the key with which the gateway proves itself."`
}

// Help explains the command.
func (gatewayShowCommand) Help() string {
	return `Who lacks the right gateway:location is told only roughly where it stands.

Examples:

    thingward gateways show roof
    thingward gateways show roof --key`
}

// Run shows the gateway.
func (c gatewayShowCommand) Run(ctx context.Context, t *terminal) error {
	client, err := t.client()
	if err != nil {
		return err
	}
	gateway, err := client.Gateway(ctx, c.Gateway)
	if err != nil {
		return err
	}
	var key apiclient.Password
	if c.Key {
		if key, err = client.GatewayKey(ctx, c.Gateway); err != nil {
			return err
		}
	}
	return t.answerGateway(gateway, key)
}

type gatewayDeleteCommand struct {
	Gateway string `arg:"" help:"Id of the gateway."`
	Yes     bool   `short:"y" help:"Do not ask."`
}

// Help explains the command.
func (gatewayDeleteCommand) Help() string {
	return `Its key stops working at once. For 30 days it can be restored; after that nobody can use
its id again.

Examples:

    thingward gateways delete roof
    thingward gateways restore roof`
}

// Run deletes the gateway.
func (c gatewayDeleteCommand) Run(ctx context.Context, t *terminal) error {
	if !c.Yes {
		if err := t.ask("Delete the gateway "+oneLine(c.Gateway)+"?", "Give --yes to delete it without being asked."); err != nil {
			return err
		}
	}
	client, err := t.client()
	if err != nil {
		return err
	}
	if err := client.DeleteGateway(ctx, c.Gateway); err != nil {
		return err
	}
	return t.answer(map[string]string{"deleted": c.Gateway}, func() {
		t.say("Deleted %s. Until 30 days have passed, thingward gateways restore %[1]s brings it back.", oneLine(c.Gateway))
	})
}

type gatewayRestoreCommand struct {
	Gateway string `arg:"" help:"Id of the gateway."`
}

// Help explains the command.
func (gatewayRestoreCommand) Help() string {
	return `Examples:

    thingward gateways list --deleted
    thingward gateways restore roof`
}

// Run restores the gateway.
func (c gatewayRestoreCommand) Run(ctx context.Context, t *terminal) error {
	client, err := t.client()
	if err != nil {
		return err
	}
	restored, err := client.RestoreGateway(ctx, c.Gateway)
	if err != nil {
		return err
	}
	return t.answer(restored, func() { t.say("The gateway %s is back.", restored.ID) })
}

type gatewayRotateKeyCommand struct {
	Gateway string `arg:"" help:"Id of the gateway."`
}

// Help explains the command.
func (gatewayRotateKeyCommand) Help() string {
	return `The old key stops working at once: the gateway is cut off until it has the new one.

Examples:

    thingward gateways rotate-key roof`
}

// Run makes another key.
func (c gatewayRotateKeyCommand) Run(ctx context.Context, t *terminal) error {
	client, err := t.client()
	if err != nil {
		return err
	}
	key, err := client.RotateGatewayKey(ctx, c.Gateway)
	if err != nil {
		return err
	}
	return t.answer(map[string]string{"key": key.Reveal()}, func() { t.details("key", key.Reveal()) })
}

type gatewayPlansCommand struct{}

// Help explains the command.
func (gatewayPlansCommand) Help() string {
	return `Examples:

    thingward gateways plans`
}

// Run lists the frequency plans.
func (gatewayPlansCommand) Run(ctx context.Context, t *terminal) error {
	client, err := t.anonymousClient()
	if err != nil {
		return err
	}
	plans, err := client.FrequencyPlans(ctx)
	if err != nil {
		return err
	}
	return t.answer(plans, func() {
		rows := make([][]string, len(plans))
		for i, plan := range plans {
			rows[i] = []string{plan.ID, plan.Name, plan.Description}
		}
		t.rows([]string{"ID", "FREQUENCIES", "DESCRIPTION"}, rows)
	})
}
