package portal

import (
	"net/http"
	"strconv"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/web"
)

const connectionPageSize = 50

type connectionsPage struct {
	layout
	Connections []shownConnection
	Total       int
	Pager       pager
}

func (connectionsPage) template() string { return "connections" }

type connectionPage struct {
	layout
	shownConnection
	Allowed []string
	Uses    []shownUse
}

func (connectionPage) template() string { return "connection" }

// shownConnection is a key or an app that acts for somebody, as pages show it.
type shownConnection struct {
	Href, Name, Letter      string // no letter: a key
	KeyID, KeyHref          string
	App, AppHref, Owner     string
	Website, About          string
	Official, Standing      bool
	Words                   []string
	Since, Ends, LastUsed   moment
	Address, Program, Doubt string
	State                   state
}

// Brief returns the first sentences of what it may do.
func (s shownConnection) Brief() []string { return s.Words[:min(len(s.Words), shortWords)] }

// More counts the sentences that Brief leaves out.
func (s shownConnection) More() int { return len(s.Words) - len(s.Brief()) }

// connectionRoutes are the pages about what acts for somebody.
func (p *Portal) connectionRoutes() []web.Route {
	person := web.Person()
	return []web.Route{
		{Pattern: "GET /connections", Need: person, Handle: p.connections},
		{Pattern: "GET /connections/end-all", Need: person, Handle: p.endConnectionsForm},
		{Pattern: "POST /connections/end-all", Need: person, Handle: p.endConnections},
		{Pattern: "GET /connections/{connection}", Need: person, Handle: p.connection},
		{Pattern: "GET /connections/{connection}/rename", Need: person, Handle: p.renameConnectionForm},
		{Pattern: "POST /connections/{connection}/rename", Need: person, Handle: p.renameConnection},
		{Pattern: "GET /connections/{connection}/end", Need: person, Handle: p.endConnectionForm},
		{Pattern: "POST /connections/{connection}/end", Need: person, Handle: p.endConnection},
	}
}

func (p *Portal) connections(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	page := pageOf(r, connectionPageSize)
	listed, err := p.Connections.Connections(r.Context(), c, page)
	if err != nil {
		return err
	}
	shown := connectionsPage{layout: p.layoutFor(r, c, "connections", "Connections"), Total: listed.Total, Pager: pagerOf("/connections", page, listed.Next)}
	for _, connection := range listed.Items {
		shown.Connections = append(shown.Connections, p.shownConnectionOf(c, connection))
	}
	return show(w, http.StatusOK, shown)
}

func (p *Portal) shownConnectionOf(c domain.Caller, found domain.Connection) shownConnection {
	now, zone, g := p.Now(), c.User.Location(), found.Grant
	shown := shownConnection{Href: connectionHref(g.ID), Name: g.Name, Standing: found.Standing, Words: scopeWords(namedThings(found)),
		Since: momentOf(g.CreatedAt, now, zone), Ends: momentOf(g.ExpiresAt, now, zone), LastUsed: momentOf(g.LastUse.At, now, zone),
		Address: g.LastUse.Address, Program: shownProgram(g.LastUse.Program), State: connectionState(found, now)}
	if found.Key != nil {
		shown.KeyID, shown.KeyHref, shown.About = string(found.Key.ID), keyHref(found.Key.ID), found.Key.Description
		return shown
	}
	client := found.Client
	shown.Words = clientWords(client.Kind, namedThings(found))
	shown.Letter, shown.App, shown.AppHref, shown.Owner = client.Letter(), client.Name, appHref(client.ID), ownerOf(*client)
	shown.Website, shown.About, shown.Official = client.Website, client.Description, client.Official
	shown.Doubt = connectionDoubts[client.State]
	if found.Standing {
		shown.Name = client.Name
	}
	if refused := client.State == domain.ClientRejected || client.State == domain.ClientSuspended; refused && !c.Is(client.Owner) && !c.ActsAsAdmin() {
		shown.AppHref = "" // there is no such page for him
	}
	return shown
}

// ownerOf says who answers for a client.
func ownerOf(c domain.Client) string {
	if c.OwnerName == "" {
		return "Thingward"
	}
	return c.OwnerName
}

// namedThings are the scopes of a connection with things as people call them.
func namedThings(found domain.Connection) domain.ScopeSet {
	named, err := found.Grant.Scopes.MapThings(func(scope domain.Scope) (string, error) {
		if name := found.Things[scope.Thing]; name != "" && scope.ThingNoun() == domain.NounDevice {
			return name, nil
		}
		return scope.Thing, nil
	})
	if err != nil {
		return found.Grant.Scopes
	}
	return named
}

// connectionDoubts say what is to be known of apps that are not approved.
var connectionDoubts = map[domain.ClientState]string{
	domain.ClientRequested: "No administrator has looked at this app yet. It works for its owner and testers only.",
	domain.ClientRejected:  "An administrator rejected this app. It cannot act for you any more.",
	domain.ClientSuspended: "An administrator suspended this app. It cannot act for you until that ends.",
}

func connectionState(found domain.Connection, now time.Time) state {
	if found.Client != nil {
		switch found.Client.State {
		case domain.ClientRequested:
			return state{"not approved", "warn"}
		case domain.ClientRejected:
			return state{"rejected", "bad"}
		case domain.ClientSuspended:
			return state{"suspended", "bad"}
		}
	}
	if ends := found.Grant.ExpiresAt; !ends.IsZero() && now.Add(soon).After(ends) {
		return state{"ends soon", "warn"}
	}
	return state{"active", "ok"}
}

func connectionHref(id domain.GrantID) string {
	return "/connections/" + strconv.FormatInt(int64(id), 10)
}

func (p *Portal) findConnection(r *http.Request, c domain.Caller) (domain.Connection, error) {
	id, _ := strconv.ParseInt(r.PathValue("connection"), 10, 64)
	return p.Connections.Find(r.Context(), c, domain.GrantID(id))
}

func (p *Portal) connection(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	found, err := p.findConnection(r, c)
	if err != nil {
		return err
	}
	uses, err := p.Connections.Uses(r.Context(), c, found.Grant.ID)
	if err != nil {
		return err
	}
	one := p.shownConnectionOf(c, found)
	shown := connectionPage{layout: p.layoutFor(r, c, "connections", one.Name), shownConnection: one, Uses: p.shownUsesOf(c, uses)}
	if found.Key != nil {
		for _, prefix := range found.Key.Allowed {
			shown.Allowed = append(shown.Allowed, prefixText(prefix))
		}
	}
	return show(w, http.StatusOK, shown)
}
