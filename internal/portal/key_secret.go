package portal

import (
	"net/http"
	"time"

	"github.com/thingward/thingward/internal/domain"
)

type viewKeyPage struct {
	layout
	Form       *form
	Name, Href string
}

func (viewKeyPage) template() string { return "key_view" }

func (p *Portal) viewKeyForm(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	k, err := p.findKey(r, c)
	if err != nil {
		return err
	}
	return p.showViewKey(w, r, c, k, filledForm(nil))
}

func (p *Portal) showViewKey(w http.ResponseWriter, r *http.Request, c domain.Caller, k domain.Key, f *form) error {
	return show(w, f.Status(), viewKeyPage{layout: p.layoutFor(r, c, "keys", "View key"), Form: f, Name: k.Grant.Name, Href: keyHref(k.ID)})
}

// viewKey shows the password of a key if the account's password was entered
// just now: with this form, or within the last five minutes. Otherwise it asks.
func (p *Portal) viewKey(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	k, f, err := p.keyForm(w, r, c)
	if err != nil {
		return err
	}
	if f.Values.Has("password") {
		if held, err := p.passwordHolds(w, r, c, f); err != nil {
			return err
		} else if !held {
			return p.showViewKey(w, r, c, k, f)
		}
	}
	password, err := p.Keys.View(r.Context(), c, k.ID)
	if domain.CodeOf(err) == "password_needed" {
		return p.showViewKey(w, r, c, k, filledForm(nil))
	}
	if err != nil {
		return err
	}
	return show(w, http.StatusOK, p.secretPageOf(r, c, k, password, "View key"))
}

type rotateKeyPage struct {
	layout
	Form       *form
	Name, Href string
	Overlaps   []overlap
}

func (rotateKeyPage) template() string { return "key_rotate" }

// overlap is how long the password before a rotation goes on working.
type overlap struct {
	Value, Label string
	Chosen       bool
	lasts        time.Duration
}

var overlaps = []overlap{
	{Value: "0", Label: "stops at once"},
	{Value: "1h", Label: "works for one more hour", lasts: time.Hour},
	{Value: "1d", Label: "works for one more day", lasts: day},
	{Value: "7d", Label: "works for seven more days", lasts: 7 * day},
}

func (p *Portal) rotateKeyForm(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	k, err := p.findKey(r, c)
	if err != nil {
		return err
	}
	return p.showRotateKey(w, r, c, k, filledForm(map[string]string{"overlap": "1d"}))
}

func (p *Portal) showRotateKey(w http.ResponseWriter, r *http.Request, c domain.Caller, k domain.Key, f *form) error {
	shown := rotateKeyPage{layout: p.layoutFor(r, c, "keys", "New password"), Form: f, Name: k.Grant.Name, Href: keyHref(k.ID)}
	for _, choice := range overlaps {
		choice.Chosen = choice.Value == f.text("overlap")
		shown.Overlaps = append(shown.Overlaps, choice)
	}
	return show(w, f.Status(), shown)
}

func (p *Portal) rotateKey(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	k, f, err := p.keyForm(w, r, c)
	if err != nil {
		return err
	}
	lasts, err := overlapOf(f.text("overlap"))
	if err != nil {
		f.refuse(err)
		return p.showRotateKey(w, r, c, k, f)
	}
	password, err := p.Keys.Rotate(r.Context(), c, k.ID, lasts)
	if err != nil {
		return err
	}
	return show(w, http.StatusOK, p.secretPageOf(r, c, k, password, "New password"))
}

func overlapOf(value string) (time.Duration, error) {
	for _, choice := range overlaps {
		if choice.Value == value {
			return choice.lasts, nil
		}
	}
	return 0, domain.InvalidField("overlap", "Choose how long the present password goes on working.")
}
