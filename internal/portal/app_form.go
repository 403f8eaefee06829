package portal

import (
	"strings"

	"github.com/thingward/thingward/internal/authserver/client"
	"github.com/thingward/thingward/internal/domain"
)

// appFields is what the forms about an app show.
type appFields struct {
	Form                                  *form
	Kind                                  appKind
	New, Lametric                         bool
	Public                                bool
	Groups                                []scopeGroup
	Rest                                  scopeGroup
	GrantTypes, Switches                  []choice
	ScopeFault, GrantFault, SwitchesFault string
	Advanced                              bool // unfold what is folded away
}

// advancedInputs are folded away as long as nobody needs them.
var advancedInputs = []string{"icon", "testers", "resources", "access_seconds", "refresh_idle_seconds", "refresh_end_seconds", "grace_seconds"}

// appFieldsOf makes the form of a kind. The administrator's liberty is shown
// to administrators, and where it is set.
func appFieldsOf(c domain.Caller, kind domain.ClientKind, f *form) appFields {
	fields := appFields{Form: f, Kind: kindOf(kind), Lametric: kind == domain.LametricClient, Public: f.text("client_type") == "public",
		GrantTypes: grantTypeChoices(kind, wordsOf[domain.GrantType](f, "grant_types")),
		ScopeFault: f.Faults["scopes"], GrantFault: f.Faults["grant_types"], SwitchesFault: f.Faults["switches"]}
	for _, one := range switchChoices(kind, wordsOf[domain.LegacySwitch](f, "switches")) {
		if one.Value == string(domain.SwitchHTTPRedirect) && !c.User.Admin && !one.Chosen {
			continue
		}
		fields.Switches = append(fields.Switches, one)
	}
	fields.Groups, fields.Rest = appScopes(kind, f.Values["scopes"])
	for _, name := range advancedInputs {
		fields.Advanced = fields.Advanced || f.text(name) != "" || f.Faults[name] != ""
	}
	fields.Advanced = fields.Advanced || fields.SwitchesFault != "" || fields.Lametric && fields.GrantFault != ""
	return fields
}

func wordsOf[T ~string](f *form, name string) []T {
	words := []T{} // nothing ticked is not the same as nothing said
	for _, value := range f.Values[name] {
		words = append(words, T(value))
	}
	return words
}

// linesOf splits what was entered a line each, or between spaces and commas.
func linesOf(f *form, name string) []string {
	return strings.FieldsFunc(f.text(name), func(r rune) bool { return strings.ContainsRune(" \t\r\n,", r) })
}

// newFormOf is the form of a new app with what is usual for its kind.
func newFormOf(kind domain.ClientKind) *form {
	f := filledForm(map[string]string{"kind": string(kind), "client_type": "confidential"})
	for _, t := range domain.UsualGrantTypes() {
		f.Values.Add("grant_types", string(t))
	}
	for _, s := range kind.UsualSwitches() {
		f.Values.Add("switches", string(s))
	}
	if kind == domain.WotkitClient {
		f.Values.Set("scopes", "all")
	}
	if kind == domain.LametricClient {
		f.Values.Set("scopes", "basic")
	}
	return f
}

// editFormOf is the form with an app as it is.
func editFormOf(found domain.Client) *form {
	f := filledForm(map[string]string{"name": found.Name, "description": found.Description, "website": found.Website, "privacy_url": found.PrivacyURL,
		"icon": found.Icon, "redirect_uris": strings.Join(found.RedirectURIs, "\n"), "resources": strings.Join(found.Resources, "\n"),
		"access_seconds": lifeText(found.Lives.Access), "refresh_idle_seconds": lifeText(found.Lives.RefreshIdle),
		"refresh_end_seconds": lifeText(found.Lives.RefreshEnd), "grace_seconds": lifeText(found.Lives.Grace)})
	if found.Public {
		f.Values.Set("client_type", "public")
	}
	for _, name := range scopeNamesOf(found) {
		f.Values.Add("scopes", name.Name)
	}
	for _, t := range found.GrantTypes {
		f.Values.Add("grant_types", string(t))
	}
	for _, s := range found.Switches {
		f.Values.Add("switches", string(s))
	}
	var testers []string
	for _, tester := range found.Testers {
		testers = append(testers, tester.Name)
	}
	f.Values.Set("testers", strings.Join(testers, ", "))
	return f
}

// newClientOf reads the form of a new app.
func newClientOf(f *form) (client.NewClient, error) {
	lives, err := livesIn(f)
	return client.NewClient{ID: domain.ClientID(f.text("client_id")), Kind: domain.ClientKind(f.text("kind")), Public: f.text("client_type") == "public",
		Name: f.text("name"), Description: f.text("description"), Website: f.text("website"), PrivacyURL: f.text("privacy_url"), Icon: f.text("icon"),
		RedirectURIs: linesOf(f, "redirect_uris"), Scopes: f.Values["scopes"], GrantTypes: wordsOf[domain.GrantType](f, "grant_types"),
		Switches: wordsOf[domain.LegacySwitch](f, "switches"), Resources: linesOf(f, "resources"), Lives: lives, Testers: linesOf(f, "testers")}, err
}

func livesIn(f *form) (lives domain.TokenLives, err error) {
	if lives.Access, err = lifeOf(f, "access_seconds"); err != nil {
		return lives, err
	}
	if lives.RefreshIdle, err = lifeOf(f, "refresh_idle_seconds"); err != nil {
		return lives, err
	}
	if lives.RefreshEnd, err = lifeOf(f, "refresh_end_seconds"); err != nil {
		return lives, err
	}
	lives.Grace, err = lifeOf(f, "grace_seconds")
	return lives, err
}

// clientEditOf reads the form about an app that is there.
func clientEditOf(f *form) (client.ClientEdit, error) {
	in, err := newClientOf(f)
	return client.ClientEdit{Name: &in.Name, Description: &in.Description, Website: &in.Website, PrivacyURL: &in.PrivacyURL, Icon: &in.Icon,
		RedirectURIs: &in.RedirectURIs, Scopes: &in.Scopes, GrantTypes: &in.GrantTypes, Switches: &in.Switches, Resources: &in.Resources,
		Lives: &in.Lives, Testers: &in.Testers}, err
}

// requireScopes refuses a form on which no scope is ticked: without a word,
// the kinds of old contracts take all that they have.
func requireScopes(f *form) error {
	if len(f.Values["scopes"]) == 0 && len(f.Values["grant_types"]) > 0 {
		return domain.InvalidField("scopes", "Choose at least one thing that the app may ask for.")
	}
	return nil
}
