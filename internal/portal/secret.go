package portal

import (
	"context"
	"net/http"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/web"
)

// secretHolder is a key or an app: its owner can see its secret again and give
// it a new one.
type secretHolder struct {
	Section    string // the list that it is in: "keys"
	List       string // what pages call that list
	Kind, Word string // what pages call the thing and its secret: "key", "password"
	Seen       string // the title of the page that asks whether he may see it
	Keeps      string // what a new secret leaves as it is
	Name, Href string
	ViewHref   string
	view       func(context.Context) (secret.Secret, error)
	rotate     func(context.Context, time.Duration) (secret.Secret, error)
	viewed     func(secret.Secret) page
	rotated    func(secret.Secret) page
}

// holderFinder finds the thing that a path names, if its secret is the
// caller's to see.
type holderFinder func(*http.Request, domain.Caller) (secretHolder, error)

func (p *Portal) keyHolder(r *http.Request, c domain.Caller) (secretHolder, error) {
	k, err := p.findKey(r, c)
	return secretHolder{Section: "keys", List: "Keys", Kind: "key", Word: "password", Seen: "View key", Keeps: "its id and its rights", Name: k.Grant.Name, Href: keyHref(k.ID), ViewHref: keyHref(k.ID) + "/view",
		view: func(ctx context.Context) (secret.Secret, error) { return p.Keys.View(ctx, c, k.ID) },
		rotate: func(ctx context.Context, lasts time.Duration) (secret.Secret, error) {
			return p.Keys.Rotate(ctx, c, k.ID, lasts)
		},
		viewed:  func(password secret.Secret) page { return p.secretPageOf(r, c, k, password, "View key") },
		rotated: func(password secret.Secret) page { return p.secretPageOf(r, c, k, password, "New password") }}, err
}

func (p *Portal) appHolder(r *http.Request, c domain.Caller) (secretHolder, error) {
	found, err := p.findOwnApp(r, c)
	return secretHolder{Section: "apps", List: "Apps", Kind: "app", Word: "secret", Seen: "View secret", Keeps: "its id and all that people allowed", Name: found.Name, Href: appHref(found.ID), ViewHref: appHref(found.ID) + "/secret",
		view: func(ctx context.Context) (secret.Secret, error) { return p.Clients.ViewSecret(ctx, c, found.ID) },
		rotate: func(ctx context.Context, lasts time.Duration) (secret.Secret, error) {
			return p.Clients.RotateSecret(ctx, c, found.ID, lasts)
		},
		viewed:  func(text secret.Secret) page { return p.appSecretPageOf(r, c, found, text, "Secret of the app") },
		rotated: func(text secret.Secret) page { return p.appSecretPageOf(r, c, found, text, "New secret") }}, err
}

type viewSecretPage struct {
	layout
	Of   secretHolder
	Form *form
}

func (viewSecretPage) template() string { return "secret_view" }

func (p *Portal) viewSecretForm(find holderFinder) web.Handler {
	return func(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
		of, err := find(r, c)
		if err != nil {
			return err
		}
		return p.askToView(w, r, c, of, filledForm(nil))
	}
}

func (p *Portal) askToView(w http.ResponseWriter, r *http.Request, c domain.Caller, of secretHolder, f *form) error {
	return show(w, f.Status(), viewSecretPage{layout: p.layoutFor(r, c, of.Section, of.Seen), Of: of, Form: f})
}

// viewSecret shows a secret if the account's password was entered just now:
// with this form, or within the last five minutes. Otherwise it asks. Whose
// thing it is not learns nothing of faults in the form.
func (p *Portal) viewSecret(find holderFinder) web.Handler {
	return func(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
		of, err := find(r, c)
		if err != nil {
			return err
		}
		f, err := readForm(w, r)
		if err != nil {
			return err
		}
		if f.Values.Has("password") {
			if held, err := p.passwordHolds(w, r, c, f); err != nil {
				return err
			} else if !held {
				return p.askToView(w, r, c, of, f)
			}
		}
		text, err := of.view(r.Context())
		if domain.CodeOf(err) == "password_needed" {
			return p.askToView(w, r, c, of, filledForm(nil))
		}
		if err != nil {
			return err
		}
		return show(w, http.StatusOK, of.viewed(text))
	}
}

type rotateSecretPage struct {
	layout
	Of       secretHolder
	Form     *form
	Overlaps []overlap
}

func (rotateSecretPage) template() string { return "secret_rotate" }

// overlap is how long the secret before a rotation goes on working.
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

func (p *Portal) rotateSecretForm(find holderFinder) web.Handler {
	return func(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
		of, err := find(r, c)
		if err != nil {
			return err
		}
		return p.askToRotate(w, r, c, of, filledForm(map[string]string{"overlap": "1d"}))
	}
}

func (p *Portal) askToRotate(w http.ResponseWriter, r *http.Request, c domain.Caller, of secretHolder, f *form) error {
	shown := rotateSecretPage{layout: p.layoutFor(r, c, of.Section, "New "+of.Word), Of: of, Form: f}
	for _, choice := range overlaps {
		choice.Chosen = choice.Value == f.text("overlap")
		shown.Overlaps = append(shown.Overlaps, choice)
	}
	return show(w, f.Status(), shown)
}

func (p *Portal) rotateSecret(find holderFinder) web.Handler {
	return func(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
		of, err := find(r, c)
		if err != nil {
			return err
		}
		f, err := readForm(w, r)
		if err != nil {
			return err
		}
		lasts, err := overlapOf(f.text("overlap"), of.Word)
		if err != nil {
			f.refuse(err)
			return p.askToRotate(w, r, c, of, f)
		}
		text, err := of.rotate(r.Context(), lasts)
		if err != nil {
			return err
		}
		return show(w, http.StatusOK, of.rotated(text))
	}
}

func overlapOf(value, word string) (time.Duration, error) {
	for _, choice := range overlaps {
		if choice.Value == value {
			return choice.lasts, nil
		}
	}
	return 0, domain.InvalidField("overlap", "Choose how long the present %s goes on working.", word)
}
