package portal

import (
	"net/http"
	"strings"
	"time"

	"github.com/thingward/thingward/internal/authserver/key"
	"github.com/thingward/thingward/internal/domain"
)

type editKeyPage struct {
	layout
	Form        *form
	Name, Href  string
	Expiries    []expiryChoice
	ExpiryFault string
}

func (editKeyPage) template() string { return "key_edit" }

func (p *Portal) editKeyForm(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	k, err := p.findKey(r, c)
	if err != nil {
		return err
	}
	allowed := make([]string, len(k.Allowed))
	for i, prefix := range k.Allowed {
		allowed[i] = prefixText(prefix)
	}
	return p.showEditKey(w, r, c, k, filledForm(map[string]string{"name": k.Grant.Name, "description": k.Description,
		"allowed_addresses": strings.Join(allowed, "\n"), "expiry": "keep"}))
}

func (p *Portal) showEditKey(w http.ResponseWriter, r *http.Request, c domain.Caller, k domain.Key, f *form) error {
	keep := expiryChoice{Value: "keep", Label: "never, as now", Chosen: f.text("expiry") == "keep"}
	if ends := momentOf(k.Grant.ExpiresAt, p.Now(), c.User.Location()); ends.ISO != "" {
		keep.Label = ends.Exact + ", as now"
	}
	return show(w, f.Status(), editKeyPage{layout: p.layoutFor(r, c, "keys", "Edit "+k.Grant.Name), Form: f, Name: k.Grant.Name,
		Href: keyHref(k.ID), Expiries: append([]expiryChoice{keep}, expiryChoices(f.text("expiry"))...), ExpiryFault: f.Faults["expiry"]})
}

func (p *Portal) editKey(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	k, f, err := p.keyForm(w, r, c)
	if err != nil {
		return err
	}
	edit, err := keyEditOf(f, p.Now(), c.User.Location())
	if err == nil {
		_, err = p.Keys.Edit(r.Context(), c, k.ID, edit)
	}
	if err != nil {
		if !f.refuse(err) {
			return err
		}
		f.rename("expires_at", "expiry")
		return p.showEditKey(w, r, c, k, f)
	}
	return seeOther(w, r, keyHref(k.ID)+"?notice=key-saved")
}

func keyEditOf(f *form, now time.Time, zone *time.Location) (key.KeyEdit, error) {
	name, description := f.text("name"), f.text("description")
	allowed, err := domain.ParseAllowed(f.text("allowed_addresses"))
	if err != nil {
		return key.KeyEdit{}, err
	}
	edit := key.KeyEdit{Name: &name, Description: &description, Allowed: &allowed}
	if f.text("expiry") == "keep" {
		return edit, nil
	}
	ends, err := expiryOf(f, now, zone)
	edit.ExpiresAt = &ends
	return edit, err
}

func (p *Portal) deleteKeyForm(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	k, err := p.findKey(r, c)
	if err != nil {
		return err
	}
	href := keyHref(k.ID)
	return show(w, http.StatusOK, confirmPage{layout: p.layoutFor(r, c, "keys", "Delete "+k.Grant.Name), Form: filledForm(nil),
		Question: "Delete the key " + k.Grant.Name + "?", Consequence: "Whatever uses it stops working at once. This cannot be taken back.",
		Action: href + "/delete", Yes: "Delete the key", Back: href, Danger: true})
}

func (p *Portal) deleteKey(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	if err := p.Keys.Revoke(r.Context(), c, domain.KeyID(r.PathValue("key"))); err != nil {
		return err
	}
	return seeOther(w, r, "/keys?notice=key-deleted")
}
