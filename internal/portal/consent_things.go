package portal

import (
	"context"
	"slices"
	"strconv"

	"github.com/thingward/thingward/internal/authserver/authorize"
	"github.com/thingward/thingward/internal/domain"
)

// choosable is a kind of things to which a person can narrow what he allows.
type choosable struct {
	noun   domain.Noun
	word   string
	plural string
	list   func(ctx context.Context, c domain.Caller) ([]choosableThing, error)
}

// choosableThing is one of them: by id, by the name that scopes have, and by
// the one that people know.
type choosableThing struct {
	id             int64
	name, longName string
}

func (p *Portal) choosable() []choosable {
	return []choosable{
		{domain.NounSensor, "sensor", "sensors", p.choosableSensors},
		{domain.NounDevice, "device", "devices", p.choosableDevices},
		{domain.NounApplication, "application", "applications", p.choosableApplications},
		{domain.NounGateway, "gateway", "gateways", p.choosableGateways},
		{domain.NounComponent, "network component", "network components", p.choosableComponents},
	}
}

// choice offers the things of a kind. Nobody is asked for those that the
// client did not ask for.
func (k choosable) choice(ctx context.Context, c domain.Caller, question authorize.Question, f *form) (thingChoice, error) {
	choice := thingChoice{Choice: string(k.noun) + "s", Name: string(k.noun), Legend: "With which of your " + k.plural + "?", Word: k.word, Plural: k.plural,
		Chosen: f.text(string(k.noun)+"s") == "chosen"}
	if !slices.ContainsFunc(question.Asked(), func(s domain.Scope) bool { return s.ThingNoun() == k.noun }) {
		return choice, nil
	}
	things, err := k.list(ctx, c)
	if err != nil {
		return choice, err
	}
	before := continuedThings(question, f, k.noun)
	for _, thing := range things {
		choice.Things = append(choice.Things, sensorChoice{Name: thing.name, LongName: thing.longName,
			Chosen: slices.Contains(f.Values[choice.Name], thing.name) || slices.Contains(before, thing.id)})
	}
	choice.finish(f)
	return choice, nil
}

func (p *Portal) choosableSensors(ctx context.Context, c domain.Caller) ([]choosableThing, error) {
	sensors, err := p.Sensors.List(ctx, c, domain.SensorFilter{Relation: domain.Workable, Limit: mostChoices})
	things := make([]choosableThing, len(sensors))
	for i, sensor := range sensors {
		things[i] = choosableThing{int64(sensor.ID), sensor.FullName(), sensor.LongName}
	}
	return things, err
}

func (p *Portal) choosableDevices(ctx context.Context, c domain.Caller) ([]choosableThing, error) {
	listed, err := p.Devices.List(ctx, c, domain.Page{Limit: mostChoices})
	things := make([]choosableThing, len(listed.Items))
	for i, device := range listed.Items {
		things[i] = choosableThing{int64(device.ID), strconv.FormatInt(int64(device.ID), 10), device.Name}
	}
	return things, err
}

func (p *Portal) choosableApplications(ctx context.Context, c domain.Caller) ([]choosableThing, error) {
	listed, err := p.Applications.List(ctx, c, domain.Living, domain.Page{Limit: mostChoices})
	things := make([]choosableThing, len(listed.Items))
	for i, a := range listed.Items {
		things[i] = choosableThing{int64(a.ID), a.Name, describedAs(a.Description, a.Name)}
	}
	return things, err
}

func (p *Portal) choosableGateways(ctx context.Context, c domain.Caller) ([]choosableThing, error) {
	listed, err := p.Gateways.List(ctx, c, domain.Living, domain.Page{Limit: mostChoices})
	things := make([]choosableThing, len(listed.Items))
	for i, g := range listed.Items {
		things[i] = choosableThing{int64(g.ID), g.Name, describedAs(g.Attributes["description"], g.Name)}
	}
	return things, err
}

func (p *Portal) choosableComponents(ctx context.Context, c domain.Caller) ([]choosableThing, error) {
	listed, err := p.Components.List(ctx, c, domain.Living, domain.Page{Limit: mostChoices})
	things := make([]choosableThing, len(listed.Items))
	for i, one := range listed.Items {
		things[i] = choosableThing{int64(one.ID), one.Name, string(one.Kind)}
	}
	return things, err
}

// describedAs is what people call a thing: its description, or its id.
func describedAs(description, id string) string {
	if description != "" {
		return description
	}
	return id
}

// finish notes what is wrong with the choice, and that there is more to
// choose from than is shown.
func (t *thingChoice) finish(f *form) {
	t.More = len(t.Things) >= mostChoices
	t.Fault = f.Faults[t.Choice]
}

// continuedThings returns what the connection that is continued is narrowed
// to, while the form is shown for the first time.
func continuedThings(question authorize.Question, f *form, noun domain.Noun) []int64 {
	if f.Values.Has("decision") || len(question.Present) == 0 || f.text("connection") == newConnection || !onlyThings(question.Present[0].Scopes, noun) {
		return nil
	}
	return question.Present[0].Scopes.ThingIDs(noun)
}
