package ttn

import (
	"net/http"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/resourceserver/application"
	"github.com/thingward/thingward/internal/web"
)

// applicationActs are the applications, their EUIs, collaborators and access keys.
func (d *Door) applicationActs() []act {
	const scope, one = "apps", "api/v2/applications/{thing}"
	read, write := web.Scoped(domain.ScopeApplicationsRead), web.Scoped(domain.ScopeApplicationsWrite)
	acts := []act{
		{"GET api/v2/applications", read, scope, d.listApplications},
		{"POST api/v2/applications", write, scope, d.createApplication},
		{"GET " + one, read, scope, d.showApplication},
		{"PATCH " + one, write, scope, d.editApplication},
		{"DELETE " + one, write, scope, d.deleteApplication},
		{"POST " + one + "/restore", write, scope, d.restoreApplication},
		{"GET " + one + "/euis", read, scope, d.listEUIs},
		{"POST " + one + "/euis", write, scope, d.assignEUI},
		{"PUT " + one + "/euis/{eui}", write, scope, d.addEUI},
		{"DELETE " + one + "/euis/{eui}", write, scope, d.removeEUI},
		{"GET " + one + "/rights", read, scope, d.applicationRights},
		{"GET " + one + "/access-keys", write, scope, d.listAccessKeys},
		{"POST " + one + "/access-keys", write, scope, d.createAccessKey},
		{"GET " + one + "/access-keys/{key}", write, scope, d.showAccessKey},
		{"DELETE " + one + "/access-keys/{key}", write, scope, d.deleteAccessKey},
	}
	return append(acts, d.collaboratorActs(one, scope, read, write, d.applicationThing)...)
}

// listApplications answers an array of all of them: the contract has no pages.
func (d *Door) listApplications(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	which := domain.Living
	if deleted := r.URL.Query().Get("deleted"); deleted == "1" || deleted == "true" {
		which = domain.WithDeleted
	}
	list := func(page domain.Page) (domain.Listed[domain.Application], error) {
		return d.Applications.List(r.Context(), c, which, page)
	}
	return writeArray(w, "[", "]", paged(list, func(some []domain.Application) ([]applicationJSON, error) { return d.applicationsAsJSON(r, c, some) }))
}

// applicationsAsJSON adds to applications what the caller may know beside them.
func (d *Door) applicationsAsJSON(r *http.Request, c domain.Caller, applications []domain.Application) ([]applicationJSON, error) {
	keys, err := d.Applications.AccessKeysIn(r.Context(), c, applications...)
	if err != nil {
		return nil, err
	}
	things := make([]domain.Thing, len(applications))
	for i, a := range applications {
		things[i] = a.Thing()
	}
	collaborators, err := d.collaboratorsOf(r.Context(), c, domain.NounApplication, things...)
	if err != nil {
		return nil, err
	}
	list := make([]applicationJSON, len(applications))
	for i, a := range applications {
		list[i] = applicationAsJSON(c, a, keys[a.ID], collaborators[int64(a.ID)])
	}
	return list, nil
}

func (d *Door) createApplication(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	var body struct {
		ID   string   `json:"id"`
		Name string   `json:"name"`
		EUIs []string `json:"euis"`
	}
	if err := readBody(w, r, &body); err != nil {
		return err
	}
	made, err := d.Applications.Create(r.Context(), c, application.New{Name: body.ID, Description: body.Name, EUIs: body.EUIs})
	if err != nil {
		return err
	}
	return d.answerApplication(w, r, c, http.StatusCreated, made)
}

func (d *Door) answerApplication(w http.ResponseWriter, r *http.Request, c domain.Caller, status int, a domain.Application) error {
	list, err := d.applicationsAsJSON(r, c, []domain.Application{a})
	if err != nil {
		return err
	}
	return answer(w, status, list[0])
}

// nameOf returns the id of the application that a request names. Ids that are
// none are told so; who asks for a number of ours asks for nothing.
func nameOf(r *http.Request) (string, error) {
	name := r.PathValue("thing")
	return name, domain.CheckNetworkName("id", name)
}

// named serves the application with an id that stands in the pattern itself.
func named(name string, handle web.Handler) web.Handler {
	return func(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
		r.SetPathValue("thing", name)
		return handle(w, r, c)
	}
}

func (d *Door) findApplication(r *http.Request, c domain.Caller) (domain.Application, error) {
	name, err := nameOf(r)
	if err != nil {
		return domain.Application{}, err
	}
	return d.Applications.Find(r.Context(), c, name)
}

func (d *Door) showApplication(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	found, err := d.findApplication(r, c)
	if err != nil {
		return err
	}
	return d.answerApplication(w, r, c, http.StatusOK, found)
}

func (d *Door) editApplication(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	name, err := nameOf(r)
	if err != nil {
		return err
	}
	var body struct {
		Name *string `json:"name"`
	}
	if err := readBody(w, r, &body); err != nil {
		return err
	}
	_, err = d.Applications.Edit(r.Context(), c, name, application.Edit{Description: body.Name})
	return done(w, err)
}

func (d *Door) deleteApplication(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	name, err := nameOf(r)
	if err != nil {
		return err
	}
	return done(w, d.Applications.Delete(r.Context(), c, name))
}

func (d *Door) restoreApplication(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	name, err := nameOf(r)
	if err != nil {
		return err
	}
	_, err = d.Applications.Restore(r.Context(), c, name)
	return done(w, err)
}

func (d *Door) listEUIs(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	found, err := d.findApplication(r, c)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, append([]string{}, found.EUIs...))
}

type euiJSON struct {
	EUI string `json:"eui"`
}

// assignEUI adds a new EUI of our block; there is no body to read.
func (d *Door) assignEUI(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	name, err := nameOf(r)
	if err != nil {
		return err
	}
	eui, err := d.Applications.AddEUI(r.Context(), c, name, "")
	if err != nil {
		return err
	}
	return answer(w, http.StatusCreated, euiJSON{eui})
}

func (d *Door) addEUI(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	name, err := nameOf(r)
	if err != nil {
		return err
	}
	_, err = d.Applications.AddEUI(r.Context(), c, name, r.PathValue("eui"))
	return done(w, err)
}

func (d *Door) removeEUI(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	name, err := nameOf(r)
	if err != nil {
		return err
	}
	return done(w, d.Applications.RemoveEUI(r.Context(), c, name, r.PathValue("eui")))
}

// applicationRights answers what the caller may do. Brokers ask it with an
// access key that somebody signs in with, and take an unknown application for
// a bad key; that key carries the messages of both directions or of none.
func (d *Door) applicationRights(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	name, err := nameOf(r)
	if err != nil {
		return err
	}
	rights, err := d.Applications.Rights(r.Context(), c, name)
	switch {
	case c.ActsForThing() && domain.IsKind(err, domain.NotFound):
		return domain.Errorf(domain.Unauthenticated, "invalid_access_key", "The access key is not one of this application.")
	case err != nil:
		return err
	case c.ActsForThing():
		rights = bothOrNone(rights)
	}
	return answer(w, http.StatusOK, rights.Names())
}

// bothOrNone leaves out the right to messages of one direction where that to
// the other is missing.
func bothOrNone(rights domain.RightSet) domain.RightSet {
	both := domain.SetOf(domain.MessagesUpRead, domain.MessagesDownWrite)
	if both.Within(rights) {
		return rights
	}
	kept := []domain.Right{}
	for _, right := range rights.List() {
		if !both.Has(right) {
			kept = append(kept, right)
		}
	}
	return domain.SetOf(kept...)
}

// applicationThing finds the application whose collaborators are asked for.
func (d *Door) applicationThing(r *http.Request, c domain.Caller) (domain.Thing, error) {
	name, err := nameOf(r)
	if err != nil {
		return domain.Thing{}, err
	}
	return d.Applications.Finder.Thing(r.Context(), c, domain.NounApplication, name, domain.ApplicationSee)
}
