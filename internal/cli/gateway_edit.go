package cli

import (
	"context"
	"reflect"
	"strconv"
	"strings"

	"github.com/thingward/thingward/apiclient"
)

// gatewayFlags say what a gateway is like.
type gatewayFlags struct {
	Location    string            `placeholder:"LAT,LON[,ALT]" help:"Where its antenna stands: degrees, and metres."`
	Description *string           `aliases:"desc" placeholder:"TEXT" help:"What it is."`
	Placement   *string           `placeholder:"PLACE" help:"indoor or outdoor."`
	Attribute   map[string]string `placeholder:"NAME=VALUE;..." help:"Other attributes, such as brand, model and antenna_type; an empty value takes one away."`
	Router      *string           `placeholder:"ID" help:"The router that it speaks to."`
	Public      []string          `sep:"," placeholder:"PART,..." help:"What everybody may know of it: place, status, owner."`
	Private     []string          `sep:"," placeholder:"PART,..." help:"What only those who work on it may know: place, status, owner."`
	AutoUpdate  *bool             `name:"auto-update" negatable:"" help:"It updates its software by itself."`
}

// edit returns what the flags say.
func (f gatewayFlags) edit() (apiclient.GatewayEdit, error) {
	edit := apiclient.GatewayEdit{Router: f.Router, AutoUpdate: f.AutoUpdate}
	attributes := map[string]string{}
	for name, value := range f.Attribute {
		attributes[name] = value
	}
	if f.Description != nil {
		attributes["description"] = *f.Description
	}
	if f.Placement != nil {
		attributes["placement"] = *f.Placement
	}
	if len(attributes) > 0 {
		edit.Attributes = attributes
	}
	public, private := true, false
	if err := setParts(&edit, f.Public, &public); err != nil {
		return edit, err
	}
	if err := setParts(&edit, f.Private, &private); err != nil {
		return edit, err
	}
	antenna, err := parseAntenna(f.Location)
	edit.Antenna = antenna
	return edit, err
}

// setParts says of parts of a gateway whether everybody may know them.
func setParts(edit *apiclient.GatewayEdit, parts []string, public *bool) error {
	for _, part := range parts {
		switch part {
		case "place":
			edit.LocationPublic = public
		case "status":
			edit.StatusPublic = public
		case "owner":
			edit.OwnerPublic = public
		default:
			return usagef("There is no part %q of a gateway. Possible: place, status, owner.", part)
		}
	}
	return nil
}

// parseAntenna reads "52.37,4.89" or "52.37,4.89,12"; nil where nothing is said.
func parseAntenna(text string) (*apiclient.Antenna, error) {
	if text == "" {
		return nil, nil
	}
	parts := strings.Split(text, ",")
	if len(parts) != 2 && len(parts) != 3 {
		return nil, usagef("--location takes a latitude and a longitude in degrees, and an altitude in metres: 52.37,4.89,12.")
	}
	latitude, latErr := strconv.ParseFloat(strings.TrimSpace(parts[0]), 64)
	longitude, lonErr := strconv.ParseFloat(strings.TrimSpace(parts[1]), 64)
	if latErr != nil || lonErr != nil {
		return nil, usagef("--location takes degrees such as 52.37,4.89.")
	}
	antenna := &apiclient.Antenna{Latitude: latitude, Longitude: longitude}
	if len(parts) == 3 {
		altitude, err := strconv.ParseInt(strings.TrimSpace(parts[2]), 10, 32)
		if err != nil {
			return nil, usagef("The altitude of --location is in whole metres.")
		}
		metres := int32(altitude)
		antenna.Altitude = &metres
	}
	return antenna, nil
}

type gatewayCreateCommand struct {
	ID   string `arg:"" help:"Id: 2 to 36 lower-case letters and digits, with single - or _ between them."`
	Plan string `arg:"" help:"Frequency plan, such as EU_863_870; thingward gateways plans lists them."`
	gatewayFlags
}

// Help explains the command.
func (gatewayCreateCommand) Help() string {
	return `Prints the key with which the gateway proves itself to the network.

Examples:

    thingward gateways create roof EU_863_870 --location 52.3731,4.8922,12 --public place,status
    thingward gateways create eui-0102030405060708 US_902_928 --description "Barn" --placement indoor`
}

// Run registers the gateway.
func (c gatewayCreateCommand) Run(ctx context.Context, t *terminal) error {
	wanted, err := c.edit()
	if err != nil {
		return err
	}
	wanted.ID, wanted.FrequencyPlan = &c.ID, &c.Plan
	client, err := t.client()
	if err != nil {
		return err
	}
	made, err := client.CreateGateway(ctx, wanted)
	if err != nil {
		return err
	}
	return t.answerGateway(made, made.Key)
}

type gatewayEditCommand struct {
	Gateway string  `arg:"" help:"Id of the gateway."`
	Plan    *string `placeholder:"PLAN" help:"Frequency plan."`
	Owner   *string `placeholder:"NAME" help:"Hand it over to this collaborator."`
	gatewayFlags
}

// Help explains the command.
func (gatewayEditCommand) Help() string {
	return `What is not named stays as it is. Its id never changes.

Examples:

    thingward gateways edit roof --location 52.3731,4.8922,12
    thingward gateways edit roof --private place --attribute "brand=Acme;model=X1"
    thingward gateways edit roof --owner bob`
}

// Run changes the gateway.
func (c gatewayEditCommand) Run(ctx context.Context, t *terminal) error {
	edit, err := c.edit()
	if err != nil {
		return err
	}
	edit.FrequencyPlan, edit.Owner = c.Plan, c.Owner
	if reflect.ValueOf(edit).IsZero() {
		return usagef("Say what to change: --plan, --owner, --location, --description, --placement, --attribute, --router, --public, --private or --auto-update.")
	}
	client, err := t.client()
	if err != nil {
		return err
	}
	changed, err := client.EditGateway(ctx, c.Gateway, edit)
	if err != nil {
		return err
	}
	return t.answer(changed, func() { t.say("Changed the gateway %s.", changed.ID) })
}
