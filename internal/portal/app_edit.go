package portal

import (
	"net/http"
	"strconv"

	"github.com/thingward/thingward/internal/domain"
)

type editAppPage struct {
	layout
	appFields
	Name, Href string
}

func (editAppPage) template() string { return "app_edit" }

func (p *Portal) editAppForm(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	found, err := p.findOwnApp(r, c)
	if err != nil {
		return err
	}
	return p.showEditApp(w, r, c, found, editFormOf(found))
}

func (p *Portal) showEditApp(w http.ResponseWriter, r *http.Request, c domain.Caller, found domain.Client, f *form) error {
	return show(w, f.Status(), editAppPage{layout: p.layoutFor(r, c, "apps", "Edit "+found.Name), appFields: appFieldsOf(c, found.Kind, f),
		Name: found.Name, Href: appHref(found.ID)})
}

func (p *Portal) editApp(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	found, f, err := p.ownAppForm(w, r, c)
	if err != nil {
		return err
	}
	edit, err := clientEditOf(f)
	if err == nil {
		err = requireScopes(f)
	}
	var edited domain.Client
	if err == nil {
		edited, err = p.Clients.Edit(r.Context(), c, found.ID, edit)
	}
	if err != nil {
		if !refuseAppForm(f, err) {
			return err
		}
		return p.showEditApp(w, r, c, found, f)
	}
	notice := "app-saved"
	if edited.State == domain.ClientRequested && found.State != domain.ClientRequested {
		notice = "app-requested"
	}
	return seeOther(w, r, appHref(found.ID)+"?notice="+notice)
}

func (p *Portal) deleteAppForm(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	found, err := p.findOwnApp(r, c)
	if err != nil {
		return err
	}
	usage, err := p.Clients.UsersOf(r.Context(), c, found.ID)
	if err != nil {
		return err
	}
	href := appHref(found.ID)
	return show(w, http.StatusOK, confirmPage{layout: p.layoutFor(r, c, "apps", "Delete "+found.Name), Form: filledForm(nil),
		Question: "Delete the app " + found.Name + "?", Consequence: "This ends everything issued through it, every code, token and connection, at once. " + peopleUse(usage.People) + " Its client id is not given away again. This cannot be taken back.",
		Action: href + "/delete", Yes: "Delete the app", Back: href, Danger: true})
}

func (p *Portal) deleteApp(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	found, err := p.findOwnApp(r, c)
	if err != nil {
		return err
	}
	if err := p.Clients.Delete(r.Context(), c, found.ID); err != nil {
		return err
	}
	return seeOther(w, r, "/apps?show=contributed&notice=app-deleted")
}

func peopleUse(n int) string {
	switch n {
	case 0:
		return "Nobody uses it now."
	case 1:
		return "One person uses it now."
	}
	return strconv.Itoa(n) + " people use it now."
}

// findOwnApp returns an app of the caller, or any to an administrator. The
// pages about others do not exist.
func (p *Portal) findOwnApp(r *http.Request, c domain.Caller) (domain.Client, error) {
	found, err := p.findApp(r, c)
	if err == nil && (found.Owner == 0 || !c.Is(found.Owner) && !c.ActsAsAdmin()) {
		err = domain.Errorf(domain.NotFound, "client_not_found", "There is no such app, or it is not yours.")
	}
	return found, err
}

// ownAppForm is keyForm for apps.
func (p *Portal) ownAppForm(w http.ResponseWriter, r *http.Request, c domain.Caller) (domain.Client, *form, error) {
	found, err := p.findOwnApp(r, c)
	if err != nil {
		return domain.Client{}, nil, err
	}
	f, err := readForm(w, r)
	return found, f, err
}
