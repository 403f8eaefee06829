package portal

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/resourceserver/application"
)

// accessKeysPage lists the access keys of an application, with the form for
// another one.
type accessKeysPage struct {
	layout
	Form        *form
	Application shownApplication
	Keys        []shownAccessKey
	Choices     []rightChoice
	RightsFault string
	Kept        bool
	Shown       bool   // the keys themselves are on the page
	New         string // the name of the one that was just made
}

func (accessKeysPage) template() string { return "application_keys" }

type shownAccessKey struct {
	Name, Href string
	Rights     []string
	Text       string
	Created    moment
	Masked     bool
}

type rightChoice struct {
	Name, Words string
	Chosen      bool
}

// accessRightWords say what a right on an application lets an access key do.
var accessRightWords = map[domain.Right]string{
	domain.MessagesUpRead: "read what end devices send", domain.MessagesDownWrite: "send to end devices", domain.MessagesUpWrite: "send in the place of end devices",
	domain.ApplicationDevices: "manage end devices", domain.ApplicationSettings: "change settings and access keys", domain.ApplicationCollaborators: "change who works on it", domain.ApplicationDelete: "delete it",
}

func keyRightChoices(chosen []string) []rightChoice {
	var choices []rightChoice
	for _, right := range []domain.Right{domain.MessagesUpRead, domain.MessagesDownWrite, domain.MessagesUpWrite, domain.ApplicationDevices, domain.ApplicationSettings, domain.ApplicationCollaborators, domain.ApplicationDelete} {
		choices = append(choices, rightChoice{right.Name(), accessRightWords[right], slices.Contains(chosen, right.Name())})
	}
	return choices
}

func (p *Portal) accessKeys(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	f := filledForm(nil)
	f.Values["right"] = domain.DefaultAccessRights().Names()
	return p.showAccessKeys(w, r, c, f, accessKeysPage{})
}

// viewAccessKeys shows the keys themselves. Who sees them is noted once a day.
func (p *Portal) viewAccessKeys(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	f := filledForm(nil)
	f.Values["right"] = domain.DefaultAccessRights().Names()
	return p.showAccessKeys(w, r, c, f, accessKeysPage{Shown: true})
}

func (p *Portal) showAccessKeys(w http.ResponseWriter, r *http.Request, c domain.Caller, f *form, shown accessKeysPage) error {
	a, err := p.Applications.Find(r.Context(), c, r.PathValue("application"))
	if err != nil {
		return err
	}
	keys, err := p.Applications.AccessKeys(r.Context(), c, a.Name)
	if err != nil {
		return err
	}
	shown.layout, shown.Form, shown.Application = p.layoutFor(r, c, "applications", "Access keys of "+a.Name), f, p.shownApplicationOf(c, a)
	shown.Choices, shown.RightsFault, shown.Kept = keyRightChoices(f.Values["right"]), f.Faults["rights"], p.Applications.Kept()
	for _, key := range keys {
		shown.Keys = append(shown.Keys, p.shownAccessKeyOf(c, a.Name, key))
	}
	return show(w, f.Status(), shown)
}

func (p *Portal) shownAccessKeyOf(c domain.Caller, of string, key application.ShownKey) shownAccessKey {
	return shownAccessKey{Name: key.Name, Href: applicationHref(of) + "/access-keys/" + url.PathEscape(key.Name), Rights: key.Rights.Names(), Text: key.Text,
		Masked: key.Text == p.Applications.Masked(), Created: momentOf(key.CreatedAt, p.Now(), c.User.Location())}
}

// newAccessKey makes an access key and shows it in the answer itself.
func (p *Portal) newAccessKey(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	f, err := readForm(w, r)
	if err != nil {
		return err
	}
	name := f.text("name")
	rights, err := domain.ParseRights(domain.NounApplication, f.Values["right"]...)
	if err != nil {
		return err
	}
	made, text, err := p.Applications.CreateAccessKey(r.Context(), c, r.PathValue("application"), name, rights)
	if err != nil {
		if !f.refuse(err) {
			return err
		}
		return p.showAccessKeys(w, r, c, f, accessKeysPage{})
	}
	a, err := p.Applications.Find(r.Context(), c, r.PathValue("application"))
	if err != nil {
		return err
	}
	shown := accessKeysPage{layout: p.layoutFor(r, c, "applications", "New access key"), Application: p.shownApplicationOf(c, a), Form: filledForm(nil), New: made.Name, Kept: p.Applications.Kept()}
	shown.Keys = []shownAccessKey{p.shownAccessKeyOf(c, a.Name, application.ShownKey{AccessKey: made, Text: text.Reveal()})}
	return show(w, http.StatusOK, shown)
}

func (p *Portal) deleteAccessKeyForm(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	a, err := p.Applications.Find(r.Context(), c, r.PathValue("application"))
	if err != nil {
		return err
	}
	href, name := applicationHref(a.Name)+"/access-keys", r.PathValue("key")
	return show(w, http.StatusOK, confirmPage{layout: p.layoutFor(r, c, "applications", "Delete "+name), Form: filledForm(nil),
		Question: "Delete the access key " + name + "?", Consequence: "Programs that hold it stop working at once, and so does every token that was got for it. This cannot be taken back.",
		Action: href + "/" + url.PathEscape(name) + "/delete", Yes: "Delete the access key", Back: href, Danger: true})
}

func (p *Portal) deleteAccessKey(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	if err := p.Applications.DeleteAccessKey(r.Context(), c, r.PathValue("application"), r.PathValue("key")); err != nil {
		return err
	}
	return seeOther(w, r, applicationHref(r.PathValue("application"))+"/access-keys?notice=access-key-deleted")
}
