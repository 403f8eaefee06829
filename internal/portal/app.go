package portal

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/thingward/thingward/internal/authserver/client"
	"github.com/thingward/thingward/internal/domain"
)

// Clients are apps on pages: people know the word.

const appPageSize = 50

type appsPage struct {
	layout
	Show   string // which list: "", "contributed", "installed"
	Sought string
	Apps   []shownApp
	Pager  pager
}

func (appsPage) template() string { return "apps" }

// shownApp is a client as everybody sees it.
type shownApp struct {
	ID, Href, Name, Letter, About, Owner, Website string
	Official, Mine                                bool
	State                                         state // no word: nothing to say
}

// appLists are the lists of apps by what the address calls them.
var appLists = map[string]domain.ClientWhich{
	"": domain.ClientsVisible, "contributed": domain.ClientsContributed, "installed": domain.ClientsInstalled,
}

func (p *Portal) apps(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	query, page := r.URL.Query(), pageOf(r, appPageSize)
	which, ok := appLists[query.Get("show")]
	if !ok {
		return seeOther(w, r, "/apps")
	}
	sought := strings.TrimSpace(query.Get("q"))
	listed, err := p.Clients.List(r.Context(), c, client.Filter{Which: which, Search: sought}, page)
	if err != nil {
		return err
	}
	shown := appsPage{layout: p.layoutFor(r, c, "apps", "Apps"), Show: query.Get("show"), Sought: sought,
		Pager: listPager("/apps", page, listed.Next, "show", query.Get("show"), "q", sought)}
	for _, client := range listed.Items {
		shown.Apps = append(shown.Apps, shownAppOf(c, client))
	}
	return show(w, http.StatusOK, shown)
}

// listPager is pagerOf for a list with parameters; empty ones are left out.
func listPager(path string, page domain.Page, next string, pairs ...string) pager {
	kept := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			kept.Set(pairs[i], pairs[i+1])
		}
	}
	var links pager
	if page.Cursor != "" {
		links.First = path
		if len(kept) > 0 {
			links.First += "?" + kept.Encode()
		}
	}
	if next != "" {
		kept.Set("after", next)
		links.Next = path + "?" + kept.Encode()
	}
	return links
}

func shownAppOf(c domain.Caller, client domain.Client) shownApp {
	shown := shownApp{ID: string(client.ID), Href: appHref(client.ID), Name: client.Name, Letter: client.Letter(), About: client.Description,
		Owner: ownerOf(client), Website: client.Website, Official: client.Official, Mine: client.Owner != 0 && c.Is(client.Owner)}
	if client.State != domain.ClientApproved {
		shown.State = appStates[client.State]
	}
	return shown
}

func appHref(id domain.ClientID) string { return "/apps/" + url.PathEscape(string(id)) }

var appStates = map[domain.ClientState]state{
	domain.ClientRequested: {"waits for approval", "warn"},
	domain.ClientApproved:  {"approved", "ok"},
	domain.ClientRejected:  {"rejected", "bad"},
	domain.ClientSuspended: {"suspended", "bad"},
}

// appPage is a client with what its owner and administrators see of it.
type appPage struct {
	layout
	shownApp
	Whole        bool // the reader owns or administers it
	Kind, Reason string
	Advice       string // what the state means for the owner
	Public       bool
	Secret       string // what can be done about the secret
	OldUntil     moment
	RedirectURIs []string
	Scopes       []scopeChoice
	GrantTypes   []choice
	Switches     []choice
	Lives        []fact
	Resources    []string
	Testers      []string
	Created      moment
	PrivacyURL   string
	People       int
	LastUse      moment
	TryIt        string
	Examples     []example
	Review       bool
	RawState     string
	Seen         int64 // version that the forms of administrators are about
	History      []shownStage
}

func (appPage) template() string { return "app" }

// fact is a name with its value; example is a heading with a command.
type (
	fact    struct{ Name, Value string }
	example struct{ Heading, Command string }
)

func (p *Portal) findApp(r *http.Request, c domain.Caller) (domain.Client, error) {
	return p.Clients.Find(r.Context(), c, domain.ClientID(r.PathValue("client")))
}

func (p *Portal) app(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	client, err := p.findApp(r, c)
	if err != nil {
		return err
	}
	shown := appPage{layout: p.layoutFor(r, c, "apps", client.Name), shownApp: shownAppOf(c, client)}
	if !shown.Mine && !c.ActsAsAdmin() || client.Owner == 0 {
		return show(w, http.StatusOK, shown)
	}
	usage, err := p.Clients.UsersOf(r.Context(), c, client.ID)
	if err != nil {
		return err
	}
	stages, err := p.Clients.History(r.Context(), c, client.ID)
	if err != nil {
		return err
	}
	p.fillApp(&shown, c, client)
	shown.History = p.shownHistory(c, stages)
	shown.People, shown.LastUse = usage.People, momentOf(usage.LastUse, p.Now(), c.User.Location())
	return show(w, http.StatusOK, shown)
}

// wotkitApp leads from WoTKit's address of an app to ours.
func (p *Portal) wotkitApp(w http.ResponseWriter, r *http.Request, _ domain.Caller) error {
	return seeOther(w, r, appHref(domain.ClientID(r.PathValue("client"))))
}

// fillApp adds what only the owner and administrators see.
func (p *Portal) fillApp(shown *appPage, c domain.Caller, client domain.Client) {
	now, zone := p.Now(), c.User.Location()
	shown.Whole, shown.Review, shown.Kind, shown.Reason = true, c.ActsAsAdmin(), kindOf(client.Kind).Title, client.Reason
	shown.State, shown.RawState, shown.Advice = appStates[client.State], string(client.State), stateAdvice[client.State]
	shown.Public, shown.RedirectURIs, shown.Resources, shown.PrivacyURL = client.Public, client.RedirectURIs, client.Resources, client.PrivacyURL
	shown.Created, shown.Seen = momentOf(client.CreatedAt, now, zone), client.ChangedAt.UnixMilli()
	if now.Before(client.OldUntil) {
		shown.OldUntil = momentOf(client.OldUntil, now, zone)
	}
	switch {
	case client.Public:
	case shown.Mine && client.Viewable:
		shown.Secret = "view"
	case shown.Mine:
		shown.Secret = "lost"
	default:
		shown.Secret = "foreign"
	}
	for _, name := range scopeNamesOf(client) {
		shown.Scopes = append(shown.Scopes, scopeChoice{Name: name.Name, Sentence: strings.Join(clientWords(client.Kind, name.Scopes), ", ")})
	}
	shown.GrantTypes = chosenOnly(grantTypeChoices(client.Kind, client.GrantTypes))
	shown.Switches = chosenOnly(switchChoices(client.Kind, client.Switches))
	shown.Lives = livesOf(client)
	for _, tester := range client.Testers {
		shown.Testers = append(shown.Testers, tester.Name)
	}
	shown.TryIt, shown.Examples = p.tryItOf(client), p.examplesOf(client)
}

// stateAdvice says what a state means.
var stateAdvice = map[domain.ClientState]string{
	domain.ClientRequested: "It works for its owner and testers already. Everybody else can use it as soon as an administrator has approved it.",
	domain.ClientRejected:  "It works for nobody. Edit it as the reason asks, and it is looked at again.",
	domain.ClientSuspended: "It works for nobody until an administrator lets it go on.",
}

// scopeNamesOf are the scopes of a client in the words of its kind.
func scopeNamesOf(client domain.Client) []domain.ScopeName {
	names, err := client.Kind.ParseScopeNames(client.Kind.PrintScopes(client.Scopes))
	if err != nil {
		return nil
	}
	return names
}

// livesOf says how long what the client gets lives.
func livesOf(client domain.Client) []fact {
	lives := client.UsualLives()
	facts := []fact{{"Access token", inFull(lives.Access)}}
	if client.MayUse(domain.RefreshGrant) {
		facts = append(facts, fact{"Refresh token, unused", inFull(lives.RefreshIdle)}, fact{"Refresh token, at most", inFull(lives.RefreshEnd)})
	}
	return facts
}

// inFull says a life in the largest unit that divides it.
func inFull(d time.Duration) string {
	for _, unit := range lifeUnits {
		if d >= unit.lasts && d%unit.lasts == 0 {
			return counted(int64(d/unit.lasts), unit.name)
		}
	}
	return d.String()
}
