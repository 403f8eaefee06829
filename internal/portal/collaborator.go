package portal

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/resourceserver/collaborator"
	"github.com/thingward/thingward/internal/web"
)

// Collaborators is what pages do with those who work on things.
type Collaborators interface {
	View(ctx context.Context, c domain.Caller, noun domain.Noun, ref string) (collaborator.View, error)
	Set(ctx context.Context, c domain.Caller, noun domain.Noun, ref, user string, rights domain.RightSet) (domain.Collaborator, error)
	Remove(ctx context.Context, c domain.Caller, noun domain.Noun, ref, user string) error
}

// collaboratorRoutes are the same pages below every kind of thing.
func (p *Portal) collaboratorRoutes() []web.Route {
	var routes []web.Route
	person := web.Person()
	for _, noun := range domain.Nouns() {
		of := sharing{p, noun}
		all := "/" + string(noun) + "s/{" + string(noun) + "}/collaborators"
		routes = append(routes,
			web.Route{Pattern: "GET " + all, Need: person, Handle: of.list},
			web.Route{Pattern: "POST " + all, Need: person, Handle: of.add},
			web.Route{Pattern: "GET " + all + "/{user}", Need: person, Handle: of.editForm},
			web.Route{Pattern: "POST " + all + "/{user}", Need: person, Handle: of.edit},
			web.Route{Pattern: "GET " + all + "/{user}/remove", Need: person, Handle: of.removeForm},
			web.Route{Pattern: "POST " + all + "/{user}/remove", Need: person, Handle: of.remove})
	}
	return routes
}

// sharing is the pages for things of one kind.
type sharing struct {
	p    *Portal
	noun domain.Noun
}

// collaboratorsPage lists who works on a thing.
type collaboratorsPage struct {
	layout
	Form        *form
	Thing       sharedThing
	People      []shownCollaborator
	Choices     []rightChoice // what the viewer may give; empty: he does not share it
	RightsFault string
}

func (collaboratorsPage) template() string { return "collaborators" }

// collaboratorPage changes what one of them may do.
type collaboratorPage struct {
	layout
	Form        *form
	Thing       sharedThing
	Person      shownCollaborator
	Choices     []rightChoice
	RightsFault string
}

func (collaboratorPage) template() string { return "collaborator" }

// sharedThing is a thing as the pages of its collaborators name it.
type sharedThing struct{ Noun, Plural, Name, Href, ListHref string }

type shownCollaborator struct {
	Name, Email, Href string
	Rights            []string
	Owner, You        bool
	Change, Remove    bool // the viewer may
	Since             moment
}

// nounPlurals are the headings of the lists of things.
var nounPlurals = map[domain.Noun]string{domain.NounSensor: "Sensors", domain.NounDevice: "Devices", domain.NounApplication: "Applications",
	domain.NounGateway: "Gateways", domain.NounComponent: "Network components"}

// rightSentences say what the rights are for.
var rightSentences = map[domain.Right]string{
	domain.SensorRead: "see it", domain.SensorWrite: "change it and its fields", domain.SensorDelete: "delete it, with its data", domain.SensorShare: "say who works on it",
	domain.ReadingsRead: "read its data", domain.ReadingsWrite: "send, replace and delete data",
	domain.DeviceRead: "see it, with its LAN key", domain.DeviceWrite: "change it, and make a new LAN key", domain.DeviceDelete: "delete it", domain.DeviceShare: "say who works on it",
	domain.ApplicationSettings: "change its settings and access keys", domain.ApplicationDelete: "delete it", domain.ApplicationCollaborators: "say who works on it",
	domain.ApplicationDevices: "manage its end devices", domain.MessagesUpRead: "read messages of its end devices",
	domain.MessagesUpWrite: "send messages in place of its end devices", domain.MessagesDownWrite: "send messages to its end devices",
	domain.GatewaySettings: "change its settings, and see its key", domain.GatewayCollaborators: "say who works on it", domain.GatewayDelete: "delete it",
	domain.GatewayLocation: "see exactly where it stands", domain.GatewayStatus: "see its status", domain.GatewayOwner: "see whose it is, and hand it over", domain.GatewayMessages: "exchange its messages",
	domain.ComponentSettings: "change its settings", domain.ComponentDelete: "delete it", domain.ComponentCollaborators: "say who works on it",
}

func rightChoices(givable domain.RightSet, chosen []string) []rightChoice {
	var choices []rightChoice
	for _, right := range givable.List() {
		choices = append(choices, rightChoice{right.Name(), rightSentences[right], slices.Contains(chosen, right.Name())})
	}
	return choices
}

// usualRights are ticked for somebody new: what lets him look on.
var usualRights = []string{domain.SensorRead.Name(), domain.ReadingsRead.Name(), domain.ApplicationDevices.Name(), domain.GatewayStatus.Name()}

func (s sharing) ref(r *http.Request) string { return r.PathValue(string(s.noun)) }

func (s sharing) view(r *http.Request, c domain.Caller) (collaborator.View, sharedThing, error) {
	view, err := s.p.Collaborators.View(r.Context(), c, s.noun, s.ref(r))
	return view, sharedThingOf(view), err
}

func sharedThingOf(view collaborator.View) sharedThing {
	noun, ref := view.Thing.Noun, view.Name
	if noun == domain.NounDevice {
		ref = strconv.FormatInt(view.Thing.ID, 10)
	}
	list := "/" + string(noun) + "s"
	return sharedThing{Noun: string(noun), Plural: nounPlurals[noun], Name: view.Name, Href: list + "/" + url.PathEscape(ref), ListHref: list}
}

func (t sharedThing) collaborators() string { return t.Href + "/collaborators" }

func (s sharing) list(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	f := filledForm(nil)
	f.Values["right"] = usualRights
	return s.showList(w, r, c, f)
}

func (s sharing) showList(w http.ResponseWriter, r *http.Request, c domain.Caller, f *form) error {
	view, thing, err := s.view(r, c)
	if err != nil {
		return err
	}
	shown := collaboratorsPage{layout: s.p.layoutFor(r, c, string(s.noun)+"s", "Collaborators of "+thing.Name), Form: f, Thing: thing,
		Choices: rightChoices(view.Givable, f.Values["right"]), RightsFault: f.Faults["rights"]}
	for _, one := range view.List {
		shown.People = append(shown.People, s.p.shownCollaboratorOf(c, view, thing, one))
	}
	return show(w, f.Status(), shown)
}

func (p *Portal) shownCollaboratorOf(c domain.Caller, view collaborator.View, thing sharedThing, one domain.Collaborator) shownCollaborator {
	mine := c.Is(one.User)
	may := view.Givable != 0 && one.Rights.Within(guard.RightsOf(c, view.Thing)) && !one.Owner
	return shownCollaborator{Name: one.Name, Email: one.Email, Href: thing.collaborators() + "/" + url.PathEscape(one.Name), Rights: one.Rights.Names(), Owner: one.Owner, You: mine,
		Change: may, Remove: may || mine && (!one.Owner || view.Thing.Noun.Leavable()), Since: momentOf(one.AddedAt, p.Now(), c.User.Location())}
}

func (s sharing) add(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	f, err := readForm(w, r)
	if err != nil {
		return err
	}
	if err := s.set(r, c, f, f.text("user")); err != nil {
		if domain.CodeOf(err) == "user_not_found" {
			err = about("user", err)
		}
		if !f.refuse(err) {
			return err
		}
		return s.showList(w, r, c, f)
	}
	return s.done(w, r, c, "collaborator-set")
}

// set gives the rights that a form ticks.
func (s sharing) set(r *http.Request, c domain.Caller, f *form, user string) error {
	rights, err := domain.ParseRights(s.noun, f.Values["right"]...)
	if err != nil {
		return err
	}
	if user == "" {
		return domain.InvalidField("user", "Say who: by user name.")
	}
	_, err = s.p.Collaborators.Set(r.Context(), c, s.noun, s.ref(r), user, rights)
	return err
}

// done goes back to the list of those who work on the thing.
func (s sharing) done(w http.ResponseWriter, r *http.Request, c domain.Caller, notice string) error {
	_, thing, err := s.view(r, c)
	if err != nil {
		return err
	}
	return seeOther(w, r, thing.collaborators()+"?notice="+notice)
}

// find returns one of those who work on the thing.
func (s sharing) find(r *http.Request, c domain.Caller) (collaborator.View, sharedThing, shownCollaborator, error) {
	view, thing, err := s.view(r, c)
	if err != nil {
		return view, thing, shownCollaborator{}, err
	}
	at := slices.IndexFunc(view.List, func(one domain.Collaborator) bool { return one.Name == r.PathValue("user") })
	if at < 0 {
		return view, thing, shownCollaborator{}, domain.Errorf(domain.NotFound, "collaborator_not_found", "Nobody of that name works on this %s.", s.noun)
	}
	return view, thing, s.p.shownCollaboratorOf(c, view, thing, view.List[at]), nil
}

func (s sharing) editForm(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	return s.showEdit(w, r, c, nil)
}

// showEdit shows what one may do to be changed, as it is where nothing was
// entered yet.
func (s sharing) showEdit(w http.ResponseWriter, r *http.Request, c domain.Caller, f *form) error {
	view, thing, person, err := s.find(r, c)
	if err != nil {
		return err
	}
	if f == nil {
		f = filledForm(nil)
		f.Values["right"] = person.Rights
	}
	return show(w, f.Status(), collaboratorPage{layout: s.p.layoutFor(r, c, string(s.noun)+"s", "Rights of "+person.Name), Form: f, Thing: thing, Person: person,
		Choices: rightChoices(view.Givable, f.Values["right"]), RightsFault: f.Faults["rights"]})
}

func (s sharing) edit(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	f, err := readForm(w, r)
	if err != nil {
		return err
	}
	if err := s.set(r, c, f, r.PathValue("user")); err != nil {
		if !f.refuse(err) {
			return err
		}
		return s.showEdit(w, r, c, f)
	}
	return s.done(w, r, c, "collaborator-set")
}

func (s sharing) removeForm(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	_, _, person, err := s.find(r, c)
	if err != nil {
		return err
	}
	return s.showRemove(w, r, c, filledForm(nil), person.You)
}

// showRemove asks before somebody is removed. Whoever leaves is told what
// becomes of the thing.
func (s sharing) showRemove(w http.ResponseWriter, r *http.Request, c domain.Caller, f *form, leaving bool) error {
	_, thing, person, err := s.find(r, c)
	if err != nil {
		return err
	}
	question, yes := "Remove "+person.Name+" from "+thing.Name+"?", "Remove "+person.Name
	consequence := "It is no longer there for " + person.Name + ", nor for the keys and apps that act for that account. What was done with it stays."
	if leaving {
		question, yes = "Leave "+thing.Name+"?", "Leave it"
		consequence = "It is no longer there for you, nor for your keys and apps. Somebody who works on it can add you again."
	}
	if leaving && person.Owner {
		consequence = "The " + thing.Noun + " becomes the collaborator's who has been there longest of those with all rights, and is no longer there for you."
	}
	return show(w, f.Status(), confirmPage{layout: s.p.layoutFor(r, c, string(s.noun)+"s", question), Form: f, Question: question, Consequence: consequence,
		Action: person.Href + "/remove", Yes: yes, Back: thing.collaborators(), Danger: true})
}

func (s sharing) remove(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	_, thing, person, err := s.find(r, c)
	if err != nil {
		return err
	}
	if err := s.p.Collaborators.Remove(r.Context(), c, s.noun, s.ref(r), person.Name); err != nil {
		f := filledForm(nil)
		if !f.refuse(err) {
			return err
		}
		return s.showRemove(w, r, c, f, person.You)
	}
	if person.You {
		return seeOther(w, r, thing.ListHref+"?notice=collaborator-left")
	}
	return seeOther(w, r, thing.collaborators()+"?notice=collaborator-removed")
}
