package ttn

import (
	"net/http"
	"strings"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/web"
)

// componentActs are the network components and the frequency plans.
func (d *Door) componentActs() []act {
	const scope, one = "components", "api/v2/components/{kind}/{thing}"
	read, write := web.Scoped(domain.ScopeComponentsRead), web.Scoped(domain.ScopeComponentsWrite)
	acts := []act{
		{"GET api/v2/frequency-plans", web.Unasked(), "", d.listFrequencyPlans},
		{"GET api/v2/components", read, scope, d.listComponents},
		{"POST api/v2/components/{kind}", write, scope, d.registerComponent},
		{"GET " + one, read, scope, d.showComponent},
		{"GET " + one + "/token", write, scope, d.componentToken},
	}
	return append(acts, d.collaboratorActs(one, scope, read, write, d.componentThing)...)
}

// componentJSON is a component: its type in the singular, unlike in paths.
type componentJSON struct {
	Type          domain.ComponentKind `json:"type"`
	ID            string               `json:"id"`
	Created       time.Time            `json:"created"`
	Collaborators []collaboratorJSON   `json:"collaborators"`
}

func (d *Door) componentsAsJSON(r *http.Request, c domain.Caller, components ...domain.Component) ([]componentJSON, error) {
	things := make([]domain.Thing, len(components))
	for i, one := range components {
		things[i] = one.Thing()
	}
	collaborators, err := d.collaboratorsOf(r.Context(), c, domain.NounComponent, things...)
	if err != nil {
		return nil, err
	}
	list := make([]componentJSON, len(components))
	for i, one := range components {
		list[i] = componentJSON{one.Kind, one.Name, one.CreatedAt.UTC(), collaborators[int64(one.ID)]}
	}
	return list, nil
}

// listComponents answers an array of all of them: the contract has no pages.
func (d *Door) listComponents(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	list := func(page domain.Page) (domain.Listed[domain.Component], error) {
		return d.Components.List(r.Context(), c, domain.Living, page)
	}
	return writeArray(w, "[", "]", paged(list, func(some []domain.Component) ([]componentJSON, error) { return d.componentsAsJSON(r, c, some...) }))
}

// kindOf returns the kind of components that a path names, in the plural.
// Others are NotFound.
func kindOf(r *http.Request) (domain.ComponentKind, error) {
	kind, plural := strings.CutSuffix(r.PathValue("kind"), "s")
	for _, known := range domain.ComponentKinds() {
		if plural && kind == string(known) {
			return known, nil
		}
	}
	return "", domain.Errorf(domain.NotFound, "path_not_found", "There are handlers, routers and brokers, and no %q.", domain.Clip(r.PathValue("kind")))
}

func (d *Door) registerComponent(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	kind, err := kindOf(r)
	if err != nil {
		return err
	}
	var body struct {
		ID string `json:"id"`
	}
	if err := readBody(w, r, &body); err != nil {
		return err
	}
	made, err := d.Components.Create(r.Context(), c, kind, body.ID)
	if err != nil {
		return err
	}
	return d.answerComponent(w, r, c, http.StatusCreated, made)
}

// findComponent finds the component that a request names, by type and id.
func (d *Door) findComponent(r *http.Request, c domain.Caller) (domain.Component, error) {
	kind, err := kindOf(r)
	if err != nil {
		return domain.Component{}, err
	}
	name := r.PathValue("thing")
	if err := domain.CheckNetworkName("id", name); err != nil {
		return domain.Component{}, err
	}
	found, err := d.Components.Find(r.Context(), c, name)
	if err == nil && found.Kind != kind {
		err = guard.NotThere(domain.NounComponent)
	}
	return found, err
}

func (d *Door) showComponent(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	found, err := d.findComponent(r, c)
	if err != nil {
		return err
	}
	return d.answerComponent(w, r, c, http.StatusOK, found)
}

func (d *Door) answerComponent(w http.ResponseWriter, r *http.Request, c domain.Caller, status int, one domain.Component) error {
	list, err := d.componentsAsJSON(r, c, one)
	if err != nil {
		return err
	}
	return answer(w, status, list[0])
}

type componentTokenJSON struct {
	Token   string    `json:"token"`
	Expires time.Time `json:"expires"`
}

func (d *Door) componentToken(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	found, err := d.findComponent(r, c)
	if err != nil {
		return err
	}
	made, err := d.Tokens.ForThing(r.Context(), c, found.Thing(), thingTokenLife)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, componentTokenJSON{made.AccessToken.Reveal(), d.Now().Add(made.ExpiresIn).UTC().Truncate(time.Second)})
}

// componentThing finds the component whose collaborators are asked for.
func (d *Door) componentThing(r *http.Request, c domain.Caller) (domain.Thing, error) {
	found, err := d.findComponent(r, c)
	return found.Thing(), err
}
