package portal

import (
	"fmt"
	"net/http"

	"github.com/thingward/thingward/internal/domain"
)

type renameConnectionPage struct {
	layout
	Form       *form
	Name, Href string
}

func (renameConnectionPage) template() string { return "connection_rename" }

func (p *Portal) renameConnectionForm(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	found, err := p.findConnection(r, c)
	if err != nil {
		return err
	}
	return p.showRenameConnection(w, r, c, found, filledForm(map[string]string{"name": found.Grant.Name}))
}

func (p *Portal) showRenameConnection(w http.ResponseWriter, r *http.Request, c domain.Caller, found domain.Connection, f *form) error {
	return show(w, f.Status(), renameConnectionPage{layout: p.layoutFor(r, c, "connections", "Rename "+found.Grant.Name), Form: f,
		Name: found.Grant.Name, Href: connectionHref(found.Grant.ID)})
}

func (p *Portal) renameConnection(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	found, err := p.findConnection(r, c)
	if err != nil {
		return err
	}
	f, err := readForm(w, r)
	if err != nil {
		return err
	}
	if _, err := p.Connections.Rename(r.Context(), c, found.Grant.ID, f.text("name")); err != nil {
		if !f.refuse(err) {
			return err
		}
		return p.showRenameConnection(w, r, c, found, f)
	}
	return seeOther(w, r, connectionHref(found.Grant.ID)+"?notice=connection-renamed")
}

func (p *Portal) endConnectionForm(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	found, err := p.findConnection(r, c)
	if err != nil {
		return err
	}
	shown := p.shownConnectionOf(c, found)
	ask := confirmPage{layout: p.layoutFor(r, c, "connections", "End "+shown.Name), Form: filledForm(nil), Question: "End the connection to " + shown.Name + "?",
		Consequence: "The app cannot act for you any more, from now on. If you want it back, you allow it anew.",
		Action:      shown.Href + "/end", Yes: "End the connection", Back: shown.Href, Danger: true}
	switch {
	case found.Key != nil:
		ask.Question = "End the key " + shown.Name + "?"
		ask.Consequence = "The key is deleted, and whatever uses it stops working at once. This cannot be taken back."
		ask.Yes = "End the key"
	case found.Standing:
		ask.Consequence = "Every token that your app got with its own secret stops working at once. As long as it may act for you by its secret alone, it can get new ones: edit or delete the app to prevent that."
	}
	if found.Grant.Scopes.CoversSome(domain.ScopeDevicesRead) {
		ask.Consequence += " It could see the local keys of devices, which work on after this: make new ones on the pages of the devices."
	}
	return show(w, http.StatusOK, ask)
}

func (p *Portal) endConnection(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	found, err := p.findConnection(r, c)
	if err != nil {
		return err
	}
	if err := p.Connections.End(r.Context(), c, found.Grant.ID); err != nil {
		return err
	}
	return seeOther(w, r, "/connections?notice=connection-ended")
}

func (p *Portal) endConnectionsForm(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	listed, err := p.Connections.Connections(r.Context(), c, domain.Page{Limit: 1})
	if err != nil {
		return err
	}
	if listed.Total == 0 {
		return seeOther(w, r, "/connections")
	}
	what := "the one app or key that acts"
	if listed.Total > 1 {
		what = fmt.Sprintf("all %d apps and keys that act", listed.Total)
	}
	return show(w, http.StatusOK, confirmPage{layout: p.layoutFor(r, c, "connections", "End all connections"), Form: filledForm(nil),
		Question:    "End " + what + " for you?",
		Consequence: "Whatever uses them stops working at once: gateways stop sending, scripts and apps are refused, the command line is signed out. This cannot be taken back. You stay signed in here.",
		Action:      "/connections/end-all", Yes: "End all of them", Back: "/connections", Danger: true})
}

func (p *Portal) endConnections(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	if _, err := p.Connections.EndAll(r.Context(), c); err != nil {
		return err
	}
	return seeOther(w, r, "/connections?notice=connections-ended")
}
