package cli

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/thingward/thingward/apiclient"
)

type collaboratorCommands struct {
	List   collaboratorListCommand   `cmd:"" help:"List who works on a thing."`
	Add    collaboratorAddCommand    `cmd:"" help:"Add somebody to a thing, or change what he may do."`
	Remove collaboratorRemoveCommand `cmd:"" help:"Remove somebody from a thing, or leave it."`
}

// thingHelp says how the commands name things.
const thingHelp = `A thing is named by its kind and its id: sensor:alice.greenhouse, device:kitchen, application:apitest, gateway:mygtw, component:my-handler. What has no kind is a sensor.`

// thingKinds are the kinds of things that can be shared.
var thingKinds = []string{"sensor", "device", "application", "gateway", "component"}

// thingNamed reads how a person names a thing. Devices have names that are
// theirs alone and numbers; the server knows the numbers.
func (t *terminal) thingNamed(ctx context.Context, client *apiclient.Client, text string) (apiclient.Thing, error) {
	kind, name, named := strings.Cut(text, ":")
	if !named {
		kind, name = "sensor", text
	}
	if !slices.Contains(thingKinds, kind) || name == "" {
		return apiclient.Thing{}, usagef("There is no kind of thing %q: name one of %s, a colon, and the id.", oneLine(kind), strings.Join(thingKinds, ", "))
	}
	if kind == "device" {
		number, err := deviceNumber(ctx, client, name)
		return apiclient.Thing{Kind: kind, Name: strconv.FormatInt(number, 10)}, err
	}
	return apiclient.Thing{Kind: kind, Name: name}, nil
}

// unlessTakenFor says what a thing that was named without its kind was taken
// for, where there is no such thing.
func (t *terminal) unlessTakenFor(err error, text string) error {
	if apiclient.CodeOf(err) == "sensor_not_found" && !strings.Contains(text, ":") {
		t.note("%s was taken for a sensor. Another thing needs its kind before it, such as application:%[1]s.", oneLine(text))
	}
	return err
}

type collaboratorListCommand struct {
	Thing string `arg:"" help:"Which thing: sensor:alice.greenhouse, application:apitest."`
}

// Help explains the command.
func (collaboratorListCommand) Help() string {
	return thingHelp + `

Those who share the thing see e-mail addresses too.

Examples:

    thingward collaborators list greenhouse
    thingward collaborators list application:apitest --json`
}

// Run lists them.
func (c collaboratorListCommand) Run(ctx context.Context, t *terminal) error {
	client, err := t.client()
	if err != nil {
		return err
	}
	thing, err := t.thingNamed(ctx, client, c.Thing)
	if err != nil {
		return err
	}
	list, err := client.Collaborators(ctx, thing)
	if err != nil {
		return t.unlessTakenFor(err, c.Thing)
	}
	return t.answer(list, func() {
		rows := make([][]string, len(list))
		for i, one := range list {
			role := "collaborator"
			if one.Owner {
				role = "owner"
			}
			if one.You {
				role += ", you"
			}
			rows[i] = []string{one.User, strings.Join(one.Rights, " "), role, orDash(shortTimeOf(one.AddedAt)), orDash(one.Email)}
		}
		t.rows([]string{"USER", "RIGHTS", "WHO", "SINCE", "E-MAIL"}, rows)
	})
}

type collaboratorAddCommand struct {
	Thing  string   `arg:"" help:"Which thing: sensor:alice.greenhouse, application:apitest."`
	User   string   `arg:"" help:"Who: a user name."`
	Rights []string `arg:"" optional:"" help:"What he may do; your own rights where none is named."`
}

// Help explains the command.
func (collaboratorAddCommand) Help() string {
	return thingHelp + `

Somebody who works on it already gets exactly the rights that are named. Nobody
gives a right that he does not have himself.

    sensor       read write delete share readings.read readings.write
    device       read write delete share
    application  settings delete collaborators devices
                 messages:up:r messages:up:w messages:down:w
    gateway      gateway:settings gateway:delete gateway:collaborators
                 gateway:location gateway:status gateway:owner gateway:messages
    component    component:settings component:delete component:collaborators

Examples:

    thingward collaborators add greenhouse bob read readings.read
    thingward collaborators add device:kitchen bob read
    thingward collaborators add application:apitest bob devices,settings
    thingward collaborators add gateway:mygtw bob`
}

// Run adds somebody.
func (c collaboratorAddCommand) Run(ctx context.Context, t *terminal) error {
	client, err := t.client()
	if err != nil {
		return err
	}
	thing, err := t.thingNamed(ctx, client, c.Thing)
	if err != nil {
		return err
	}
	rights := splitWords(c.Rights)
	if len(rights) == 0 {
		if rights, err = ownRights(ctx, client, thing); err != nil {
			return t.unlessTakenFor(err, c.Thing)
		}
	}
	set, err := client.SetCollaborator(ctx, thing, c.User, rights)
	if err != nil {
		return t.unlessTakenFor(err, c.Thing)
	}
	return t.answer(set, func() {
		t.say("%s works on %s with: %s.", oneLine(set.User), oneLine(c.Thing), strings.Join(set.Rights, " "))
	})
}

// splitWords takes lists with commas apart.
func splitWords(lists []string) []string {
	var words []string
	for _, list := range lists {
		for word := range strings.SplitSeq(list, ",") {
			if word = strings.TrimSpace(word); word != "" {
				words = append(words, word)
			}
		}
	}
	return words
}

// ownRights are the rights that the user has himself on a thing.
func ownRights(ctx context.Context, client *apiclient.Client, thing apiclient.Thing) ([]string, error) {
	list, err := client.Collaborators(ctx, thing)
	if err != nil {
		return nil, err
	}
	for _, one := range list {
		if one.You {
			return one.Rights, nil
		}
	}
	return nil, usagef("You do not work on this %s yourself, so there are no rights of yours to give: name them.", thing.Kind)
}

type collaboratorRemoveCommand struct {
	Thing string `arg:"" help:"Which thing: sensor:alice.greenhouse, application:apitest."`
	User  string `arg:"" help:"Who: a user name."`
	Yes   bool   `short:"y" help:"Do not ask."`
}

// Help explains the command.
func (collaboratorRemoveCommand) Help() string {
	return thingHelp + `

Everybody can remove himself. An application, gateway or component that its
owner leaves becomes the collaborator's who has been there longest of those
with all rights. Asks on a terminal; elsewhere --yes must be given.

Examples:

    thingward collaborators remove greenhouse bob
    thingward collaborators remove application:apitest bob --yes`
}

// Run removes somebody.
func (c collaboratorRemoveCommand) Run(ctx context.Context, t *terminal) error {
	client, err := t.client()
	if err != nil {
		return err
	}
	thing, err := t.thingNamed(ctx, client, c.Thing)
	if err != nil {
		return err
	}
	if !c.Yes {
		if err := t.ask(fmt.Sprintf("Remove %s from %s?", oneLine(c.User), oneLine(c.Thing)), "Give --yes to remove him without being asked."); err != nil {
			return err
		}
	}
	if err := client.RemoveCollaborator(ctx, thing, c.User); err != nil {
		return t.unlessTakenFor(err, c.Thing)
	}
	return t.answer(map[string]string{"removed": c.User}, func() { t.say("%s no longer works on %s.", oneLine(c.User), oneLine(c.Thing)) })
}
