package portal

import (
	"net/http"
	"slices"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
)

type appKindsPage struct {
	layout
	Kinds []appKind
}

func (appKindsPage) template() string { return "app_kinds" }

type newAppPage struct {
	layout
	appFields
}

func (newAppPage) template() string { return "app_new" }

// newAppForm asks for the kind first, as everything else depends on it.
func (p *Portal) newAppForm(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	kind := domain.ClientKind(r.URL.Query().Get("kind"))
	if !slices.Contains(domain.ClientKinds(), kind) {
		return show(w, http.StatusOK, appKindsPage{layout: p.layoutFor(r, c, "apps", "New app"), Kinds: appKinds})
	}
	return p.showNewApp(w, r, c, kind, newFormOf(kind))
}

func (p *Portal) showNewApp(w http.ResponseWriter, r *http.Request, c domain.Caller, kind domain.ClientKind, f *form) error {
	fields := appFieldsOf(c, kind, f)
	fields.New = true
	return show(w, f.Status(), newAppPage{layout: p.layoutFor(r, c, "apps", "New app"), appFields: fields})
}

// newApp registers the app and shows its secret in the answer itself, as
// newKey does.
func (p *Portal) newApp(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	f, err := readForm(w, r)
	if err != nil {
		return err
	}
	kind := domain.ClientKind(f.text("kind"))
	if !slices.Contains(domain.ClientKinds(), kind) {
		return seeOther(w, r, "/apps/new")
	}
	in, err := newClientOf(f)
	if err == nil {
		err = requireScopes(f)
	}
	if err != nil {
		return p.refuseNewApp(w, r, c, kind, f, err)
	}
	made, clientSecret, err := p.Clients.Register(r.Context(), c, in)
	if err != nil {
		return p.refuseNewApp(w, r, c, kind, f, err)
	}
	if clientSecret.Empty() {
		return seeOther(w, r, appHref(made.ID)+"?notice=app-created")
	}
	return show(w, http.StatusOK, p.appSecretPageOf(r, c, made, clientSecret, "Your new app"))
}

func (p *Portal) refuseNewApp(w http.ResponseWriter, r *http.Request, c domain.Caller, kind domain.ClientKind, f *form, err error) error {
	if !refuseAppForm(f, err) {
		return err
	}
	return p.showNewApp(w, r, c, kind, f)
}

// refuseAppForm marks what is wrong with a form about an app.
func refuseAppForm(f *form, err error) bool {
	switch domain.CodeOf(err) {
	case "client_id_taken":
		err = about("client_id", err)
	case "invalid_scope":
		err = about("scopes", err)
	}
	if domain.IsKind(err, domain.NotFound) { // a tester that there is not
		err = about("testers", err)
	}
	return f.refuse(err)
}

type appSecretPage struct {
	layout
	Heading, Name, Advice, Waits string
	ID, Secret, Href             string
	CurlHead, Curl               string
}

func (appSecretPage) template() string { return "app_secret" }

// appSecretPageOf shows the secret of an app.
func (p *Portal) appSecretPageOf(r *http.Request, c domain.Caller, found domain.Client, clientSecret secret.Secret, heading string) appSecretPage {
	shown := appSecretPage{layout: p.layoutFor(r, c, "apps", heading), Heading: heading, Name: found.Name, ID: string(found.ID), Secret: clientSecret.Reveal(),
		Href: appHref(found.ID), Advice: "Copy the secret now and keep it as you keep a password. It is not shown again."}
	if found.Viewable {
		shown.Advice = "Keep the secret as you keep a password: whoever has it can pass for your app. You can view it again later, with the password of your account."
	}
	if found.State == domain.ClientRequested {
		shown.Waits = stateAdvice[domain.ClientRequested]
	}
	if examples := p.tokenExamplesOf(found); len(examples) > 0 {
		shown.CurlHead, shown.Curl = examples[0].Heading, examples[0].Command
	}
	return shown
}
