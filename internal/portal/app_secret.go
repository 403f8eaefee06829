package portal

import (
	"net/http"

	"github.com/thingward/thingward/internal/domain"
)

type viewAppPage struct {
	layout
	Form       *form
	Name, Href string
}

func (viewAppPage) template() string { return "app_view" }

func (p *Portal) viewAppForm(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	found, err := p.findOwnApp(r, c)
	if err != nil {
		return err
	}
	return p.showViewApp(w, r, c, found, filledForm(nil))
}

func (p *Portal) showViewApp(w http.ResponseWriter, r *http.Request, c domain.Caller, found domain.Client, f *form) error {
	return show(w, f.Status(), viewAppPage{layout: p.layoutFor(r, c, "apps", "View secret"), Form: f, Name: found.Name, Href: appHref(found.ID)})
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

// viewApp shows the secret of an app under the same condition as viewKey.
func (p *Portal) viewApp(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	found, f, err := p.ownAppForm(w, r, c)
	if err != nil {
		return err
	}
	if f.Values.Has("password") {
		if held, err := p.passwordHolds(w, r, c, f); err != nil {
			return err
		} else if !held {
			return p.showViewApp(w, r, c, found, f)
		}
	}
	clientSecret, err := p.Clients.ViewSecret(r.Context(), c, found.ID)
	if domain.CodeOf(err) == "password_needed" {
		return p.showViewApp(w, r, c, found, filledForm(nil))
	}
	if err != nil {
		return err
	}
	return show(w, http.StatusOK, p.appSecretPageOf(r, c, found, clientSecret, "Secret of the app"))
}

type rotateAppPage struct {
	layout
	Form       *form
	Name, Href string
	Overlaps   []overlap
}

func (rotateAppPage) template() string { return "app_rotate" }

func (p *Portal) rotateAppForm(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	found, err := p.findOwnApp(r, c)
	if err != nil {
		return err
	}
	return p.showRotateApp(w, r, c, found, filledForm(map[string]string{"overlap": "1d"}))
}

func (p *Portal) showRotateApp(w http.ResponseWriter, r *http.Request, c domain.Caller, found domain.Client, f *form) error {
	shown := rotateAppPage{layout: p.layoutFor(r, c, "apps", "New secret"), Form: f, Name: found.Name, Href: appHref(found.ID)}
	for _, choice := range overlaps {
		choice.Chosen = choice.Value == f.text("overlap")
		shown.Overlaps = append(shown.Overlaps, choice)
	}
	return show(w, f.Status(), shown)
}

func (p *Portal) rotateApp(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	found, f, err := p.ownAppForm(w, r, c)
	if err != nil {
		return err
	}
	lasts, err := overlapOf(f.text("overlap"))
	if err != nil {
		f.refuse(err)
		return p.showRotateApp(w, r, c, found, f)
	}
	clientSecret, err := p.Clients.RotateSecret(r.Context(), c, found.ID, lasts)
	if err != nil {
		return err
	}
	return show(w, http.StatusOK, p.appSecretPageOf(r, c, found, clientSecret, "New secret"))
}
