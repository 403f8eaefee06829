package portal

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/thingward/thingward/internal/authserver/authorize"
	"github.com/thingward/thingward/internal/domain"
)

type consentPage struct {
	layout
	Form                     *form
	App                      askingClient
	Device                   *askingDevice // that waits for the answer; nil: a browser brings it
	Kind, Query, Token, Here string
	Lines                    []consentLine
	Missing                  []string // scopes of things that the person cannot see
	Things                   []thingChoice
	Ends                     []expiryChoice
	EndFault                 string
	Connections              []connectionChoice
	ConnectionFault          string
	Separate                 bool // a new connection is chosen
}

func (consentPage) template() string { return "consent" }

// askingClient is who asks.
type askingClient struct {
	Letter, Name, Description  string
	Owner, Website, PrivacyURL string
	Goes                       string // where the answer goes
	Official, Ours, Waits      bool
	Here                       bool // the answer goes to a program on this computer
	Copies                     bool // the answer is a code that the person copies
}

// consentLine is a scope to be ticked.
type consentLine struct {
	Name    string
	Words   []string
	Warning string
	Chosen  bool
}

// thingChoice is whether an app is for all things of a kind or for chosen ones.
type thingChoice struct {
	Choice, Name         string // inputs: "sensors" and "sensor"
	Legend, Word, Plural string
	Things               []sensorChoice
	Chosen, More         bool
	Fault                string
}

func (p *Portal) showConsent(w http.ResponseWriter, r *http.Request, c domain.Caller, question authorize.Question, f *form) error {
	request := question.Request
	connection := f.text("connection")
	shown := consentPage{layout: p.layoutFor(r, c, "", "Allow "+request.Client.Name+"?"), Form: f, App: askingClientOf(request),
		Missing: question.Missing, Kind: string(request.Client.Kind), Query: request.Query, Token: p.proof(r, consentAbout(request)), Device: p.askingDeviceOf(c, request), Here: questionPage(request),
		Ends: consentEndChoices(question, f.text("expiry")), EndFault: f.Faults["expiry"],
		Connections: p.connectionChoices(c, question, connection), ConnectionFault: f.Faults["connection"], Separate: connection == newConnection}
	names := map[string]string{}
	for _, kind := range p.choosable() {
		choice, err := kind.choice(r.Context(), c, question, f)
		if err != nil {
			return err
		}
		for _, thing := range choice.Things {
			names[choice.Name+" "+thing.Name] = thing.LongName
		}
		if asksForAll(question, choice.Name) {
			shown.Things = append(shown.Things, choice)
		}
	}
	for _, line := range question.Lines {
		shown.Lines = append(shown.Lines, consentLineOf(request.Client.Kind, line, names, slices.Contains(f.Values["scope"], line.Name)))
	}
	return show(w, f.Status(), shown)
}

// questionPage is the address at which the request is asked about.
func questionPage(request authorize.Request) string {
	if request.Device != nil {
		return userCodePage(request.UserCode)
	}
	path, _ := authorizePath(request.Client.Kind)
	return path + "?" + request.Query
}

func askingClientOf(request authorize.Request) askingClient {
	client := request.Client
	asking := askingClient{Letter: client.Letter(), Name: client.Name, Description: client.Description, Owner: client.OwnerName,
		Website: client.Website, PrivacyURL: client.PrivacyURL, Official: client.Official, Ours: client.Owner == 0,
		Waits: client.State == domain.ClientRequested}
	to, err := url.Parse(request.RedirectURI)
	switch {
	case err != nil:
	case to.Host == "":
		asking.Goes, asking.Here = to.Scheme, true
	default:
		asking.Goes, asking.Here = to.Host, domain.IsLoopback(to.Hostname())
		asking.Copies = request.CopiesCode()
	}
	return asking
}

// lanKeyWarning says what the list of devices gives away besides.
const lanKeyWarning = "The list has the local keys of the devices. Anyone with a local key controls the device on your network for as long as the key lasts, even after you have ended this connection."

// consentLineOf says a line in sentences. Devices are called by their names.
func consentLineOf(kind domain.ClientKind, line authorize.Line, names map[string]string, chosen bool) consentLine {
	set, _ := line.Named.SpelledOut().MapThings(func(scope domain.Scope) (string, error) { // which fails only where this does
		if name := names["device "+scope.Thing]; name != "" && scope.ThingNoun() == domain.NounDevice {
			return name, nil
		}
		return scope.Thing, nil
	})
	shown := consentLine{Name: line.Name, Words: clientWords(kind, set), Chosen: chosen}
	if line.Scopes.CoversSome(domain.ScopeDevicesRead) {
		shown.Warning = lanKeyWarning
	}
	return shown
}

// asksForAll reports whether something is asked for with all things of a
// kind, so that there is something to choose.
func asksForAll(question authorize.Question, name string) bool {
	return slices.ContainsFunc(question.Asked(), func(s domain.Scope) bool {
		return s.Thing == "" && string(s.ThingNoun()) == name
	})
}
