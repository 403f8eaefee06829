package portal

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/thingward/thingward/internal/authserver/key"
	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
)

type newKeyPage struct {
	layout
	Form                    *form
	Groups                  []scopeGroup
	Chosen                  bool
	Sensors                 []sensorChoice
	Expiries                []expiryChoice
	ScopeFault, ThingsFault string
	ExpiryFault             string
}

func (newKeyPage) template() string { return "key_new" }

type sensorChoice struct {
	Name, LongName string
	Chosen         bool
}

// mostChoices is how many sensors the form offers to choose from.
const mostChoices = 500

func (p *Portal) newKeyForm(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	f := filledForm(map[string]string{"things": "all", "expiry": "365d"})
	f.Values["scope"] = usualScopes
	return p.showNewKey(w, r, c, f)
}

func (p *Portal) showNewKey(w http.ResponseWriter, r *http.Request, c domain.Caller, f *form) error {
	sensors, err := p.Sensors.List(r.Context(), c, domain.SensorFilter{Relation: domain.Workable, Limit: mostChoices})
	if err != nil {
		return err
	}
	shown := newKeyPage{layout: p.layoutFor(r, c, "keys", "New key"), Form: f, Groups: scopeGroups(c, f.Values["scope"]),
		Chosen: f.text("things") == "chosen", Expiries: expiryChoices(f.text("expiry")),
		ScopeFault: f.Faults["scope"], ThingsFault: f.Faults["things"], ExpiryFault: f.Faults["expiry"]}
	for _, sensor := range sensors {
		name := sensor.FullName()
		shown.Sensors = append(shown.Sensors, sensorChoice{Name: name, LongName: sensor.LongName, Chosen: slices.Contains(f.Values["sensor"], name)})
	}
	return show(w, f.Status(), shown)
}

// newKey makes the key and shows its password in the answer itself: no
// address leads to it, and nothing keeps it.
func (p *Portal) newKey(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	f, err := readForm(w, r)
	if err != nil {
		return err
	}
	in, err := p.newKeyOf(c, f)
	if err != nil {
		return p.refuseNewKey(w, r, c, f, err)
	}
	made, password, err := p.Keys.Create(r.Context(), c, in)
	if err != nil {
		return p.refuseNewKey(w, r, c, f, err)
	}
	return show(w, http.StatusOK, p.secretPageOf(r, c, made, password, "Your new key"))
}

func (p *Portal) refuseNewKey(w http.ResponseWriter, r *http.Request, c domain.Caller, f *form, err error) error {
	if domain.IsKind(err, domain.NotFound) { // a chosen sensor is gone
		err = about("things", err)
	}
	if !f.refuse(err) {
		return err
	}
	f.rename("expires_at", "expiry")
	f.rename("scopes", "scope")
	return p.showNewKey(w, r, c, f)
}

func (p *Portal) newKeyOf(c domain.Caller, f *form) (key.NewKey, error) {
	in := key.NewKey{Name: f.text("name"), Description: f.text("description")}
	if err := domain.CheckKeyName(in.Name); err != nil {
		return in, err
	}
	var err error
	if in.Scopes, err = scopesOf(f); err != nil {
		return in, err
	}
	if in.ExpiresAt, err = expiryOf(f, p.Now(), c.User.Location()); err != nil {
		return in, err
	}
	in.Allowed, err = domain.ParseAllowed(f.text("allowed_addresses"))
	return in, err
}

// scopesOf reads the ticked scopes and, where the key is for chosen sensors
// only, narrows them to those.
func scopesOf(f *form) (domain.ScopeSet, error) {
	scopes, err := domain.ParseScopes(strings.Join(f.Values["scope"], " "))
	if err != nil {
		return nil, about("scope", err)
	}
	if len(scopes) == 0 {
		return nil, domain.InvalidField("scope", "Choose at least one thing that the key may do.")
	}
	if err := checkTicked(f, "things", "sensor"); err != nil {
		return nil, err
	}
	if f.text("things") != "chosen" {
		return scopes, nil
	}
	sensors := f.Values["sensor"]
	if len(sensors) == 0 {
		return nil, domain.InvalidField("things", "Choose at least one sensor, or all of yours.")
	}
	return narrowed(scopes, sensors), nil
}

type keySecretPage struct {
	layout
	Heading, Name, Advice string
	ID, Password, Href    string
	CurlHead, Curl        string
}

func (keySecretPage) template() string { return "key_secret" }

// secretPageOf shows the password of a key.
func (p *Portal) secretPageOf(r *http.Request, c domain.Caller, k domain.Key, password secret.Secret, heading string) keySecretPage {
	advice := "Copy the password now and keep it as you keep a password. It is not shown again."
	if k.Viewable {
		advice = "Keep the password as you keep a password: whoever has it can do what the key may do. You can view it again later, with the password of your account."
	}
	id, text := string(k.ID), password.Reveal()
	return keySecretPage{layout: p.layoutFor(r, c, "keys", heading), Heading: heading, Name: k.Grant.Name, Advice: advice,
		ID: id, Password: text, Href: keyHref(k.ID), CurlHead: "Try it", Curl: p.curl().forKey(id, text, c.User.Name, k.Grant.Scopes)}
}

func prefixText(prefix netip.Prefix) string {
	if prefix.IsSingleIP() {
		return prefix.Addr().String()
	}
	return prefix.String()
}
