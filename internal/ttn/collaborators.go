package ttn

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/web"
)

// collaboratorJSON is a user with rights on a thing.
type collaboratorJSON struct {
	Username string   `json:"username"`
	Email    string   `json:"email"` // empty but for administrators: who is added is not asked before
	Rights   []string `json:"rights"`
}

func collaboratorAsJSON(c domain.Collaborator) collaboratorJSON {
	return collaboratorJSON{c.Name, c.Email, c.Rights.Names()}
}

// collaboratorActs are the collaborators of the kind of things of which one is
// found at the path one by find.
func (d *Door) collaboratorActs(one, scope string, read, write web.Need, find findThing) []act {
	shared := sharing{d, find}
	return []act{
		{"GET " + one + "/collaborators", read, scope, shared.list},
		{"GET " + one + "/collaborators/{user}", read, scope, shared.show},
		{"PUT " + one + "/collaborators/{user}", write, scope, shared.set},
		{"DELETE " + one + "/collaborators/{user}", write, scope, shared.remove},
	}
}

// findThing finds the thing that a request names, where the caller may see it.
type findThing func(r *http.Request, c domain.Caller) (domain.Thing, error)

// sharing serves the collaborators of one kind of things.
type sharing struct {
	*Door
	find findThing
}

func (s sharing) list(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	thing, err := s.find(r, c)
	if err != nil {
		return err
	}
	list, err := s.Collaborators.List(r.Context(), c, thing.Noun, domain.ThingRef(thing.ID))
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, collaboratorsAsJSON(list))
}

func collaboratorsAsJSON(list []domain.Collaborator) []collaboratorJSON {
	shown := make([]collaboratorJSON, len(list))
	for i, one := range list {
		shown[i] = collaboratorAsJSON(one)
	}
	return shown
}

// collaboratorsOf returns the collaborators of things of a kind, by their ids,
// for whoever works on them himself, and none for others.
func (d *Door) collaboratorsOf(ctx context.Context, c domain.Caller, noun domain.Noun, things ...domain.Thing) (map[int64][]collaboratorJSON, error) {
	lists, err := d.Collaborators.ListIn(ctx, c, noun, things...)
	if err != nil {
		return nil, err
	}
	shown := make(map[int64][]collaboratorJSON, len(things))
	for _, thing := range things {
		shown[thing.ID] = collaboratorsAsJSON(lists[thing.ID])
	}
	return shown, nil
}

func (s sharing) show(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	thing, err := s.find(r, c)
	if err != nil {
		return err
	}
	found, err := s.Collaborators.Find(r.Context(), c, thing.Noun, domain.ThingRef(thing.ID), r.PathValue("user"))
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, collaboratorAsJSON(found))
}

func (s sharing) set(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	thing, err := s.find(r, c)
	if err != nil {
		return err
	}
	var body rightsBody
	if err := readBody(w, r, &body); err != nil {
		return err
	}
	rights, err := domain.ParseRights(thing.Noun, body...)
	if err != nil {
		return err
	}
	set, err := s.Collaborators.Set(r.Context(), c, thing.Noun, domain.ThingRef(thing.ID), r.PathValue("user"), rights)
	if err != nil {
		return err
	}
	return answer(w, http.StatusCreated, collaboratorAsJSON(set))
}

func (s sharing) remove(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	thing, err := s.find(r, c)
	if err != nil {
		return err
	}
	return done(w, s.Collaborators.Remove(r.Context(), c, thing.Noun, domain.ThingRef(thing.ID), r.PathValue("user")))
}

// rightsBody is what a collaborator is given, as three families of programs
// say it: {"rights":[…]}, the array alone, or the whole collaborator.
type rightsBody []string

// UnmarshalJSON reads an array of names, or an object that has one.
func (b *rightsBody) UnmarshalJSON(text []byte) error {
	if text[0] == '[' {
		return json.Unmarshal(text, (*[]string)(b))
	}
	var in struct {
		Rights []string `json:"rights"`
	}
	err := json.Unmarshal(text, &in)
	*b = in.Rights
	return err
}
