package portal

import (
	"context"
	"net/http"
	"net/url"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/resourceserver/gateway"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/web"
)

const gatewayPageSize = 50

// Gateways is what pages do with gateways.
type Gateways interface {
	GatewayActs
	List(ctx context.Context, c domain.Caller, which domain.Which, page domain.Page) (domain.Listed[domain.Gateway], error)
	Find(ctx context.Context, c domain.Caller, ref string) (domain.Gateway, error)
	Rights(ctx context.Context, c domain.Caller, ref string) (domain.RightSet, error)
	FrequencyPlans() []domain.FrequencyPlan
}

// GatewayActs makes and changes gateways, and shows their keys.
type GatewayActs interface {
	Create(ctx context.Context, c domain.Caller, in gateway.New) (domain.Gateway, secret.Secret, error)
	Edit(ctx context.Context, c domain.Caller, ref string, edit gateway.Edit) (domain.Gateway, error)
	Delete(ctx context.Context, c domain.Caller, ref string) error
	Restore(ctx context.Context, c domain.Caller, name string) (domain.Gateway, error)
	Key(ctx context.Context, c domain.Caller, ref string) (secret.Secret, error)
	RotateKey(ctx context.Context, c domain.Caller, ref string) (secret.Secret, error)
}

func (p *Portal) gatewayRoutes() []web.Route {
	person := web.Person()
	return []web.Route{
		{Pattern: "GET /gateways", Need: person, Handle: p.gateways},
		{Pattern: "GET /gateways/new", Need: person, Handle: p.newGatewayForm},
		{Pattern: "POST /gateways/new", Need: person, Handle: p.newGateway},
		{Pattern: "GET /gateways/{gateway}", Need: person, Handle: p.gateway},
		{Pattern: "GET /gateways/{gateway}/edit", Need: person, Handle: p.editGatewayForm},
		{Pattern: "POST /gateways/{gateway}/edit", Need: person, Handle: p.editGateway},
		{Pattern: "POST /gateways/{gateway}/key", Need: person, Handle: p.viewGatewayKey},
		{Pattern: "GET /gateways/{gateway}/rotate-key", Need: person, Handle: p.rotateGatewayKeyForm},
		{Pattern: "POST /gateways/{gateway}/rotate-key", Need: person, Handle: p.rotateGatewayKey},
		{Pattern: "GET /gateways/{gateway}/delete", Need: person, Handle: p.deleteGatewayForm},
		{Pattern: "POST /gateways/{gateway}/delete", Need: person, Handle: p.deleteGateway},
		{Pattern: "POST /gateways/{gateway}/restore", Need: person, Handle: p.restoreGateway},
	}
}

type gatewaysPage struct {
	layout
	Gateways []shownGateway
	Deleted  bool // those that can be restored
	Pager    pager
}

func (gatewaysPage) template() string { return "gateways" }

type gatewayPage struct {
	layout
	Gateway shownGateway
	Rights  []string
	May     gatewayMay
}

func (gatewayPage) template() string { return "gateway" }

type gatewayKeyPage struct {
	layout
	Gateway         shownGateway
	Heading, Advice string
	Key             string
}

func (gatewayKeyPage) template() string { return "gateway_key" }

// shownGateway is a gateway as pages show it to one viewer.
type shownGateway struct {
	Name, Href, Owner, Plan, Place, Router, About string
	Fallbacks                                     []string
	Attributes                                    []attribute
	Public                                        []string // what everybody sees of it
	AutoUpdate, BetaUpdates                       bool
	Created, Changed, Deleted, Activated          moment
}

// gatewayMay says what the viewer may do with a gateway.
type gatewayMay struct{ Settings, Delete, Works bool }

func gatewayHref(name string) string { return "/gateways/" + url.PathEscape(name) }

func (p *Portal) shownGatewayOf(c domain.Caller, g domain.Gateway) shownGateway {
	now, zone := p.Now(), c.User.Location()
	shown := shownGateway{Name: g.Name, Href: gatewayHref(g.Name), Owner: g.OwnerName, Plan: g.FrequencyPlan, Router: g.Router, Fallbacks: g.FallbackRouters, About: g.Attributes["description"],
		Attributes: attributesOf(g.Attributes), AutoUpdate: g.AutoUpdate, BetaUpdates: g.BetaUpdates, Created: momentOf(g.CreatedAt, now, zone), Changed: momentOf(g.ChangedAt, now, zone),
		Deleted: momentOf(g.DeletedAt, now, zone), Activated: momentOf(g.ActivatedAt, now, zone)}
	if g.Antenna != nil {
		shown.Place = whereOf(*g.Antenna)
	}
	for _, part := range []struct {
		public bool
		word   string
	}{{g.LocationPublic, "where it stands"}, {g.StatusPublic, "its status"}, {g.OwnerPublic, "its owner"}} {
		if part.public {
			shown.Public = append(shown.Public, part.word)
		}
	}
	return shown
}

func (p *Portal) gateways(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	which, deleted := domain.Living, r.URL.Query().Get("deleted")
	if deleted != "" {
		which = domain.OnlyDeleted
	}
	page := pageOf(r, gatewayPageSize)
	listed, err := p.Gateways.List(r.Context(), c, which, page)
	if err != nil {
		return err
	}
	shown := gatewaysPage{layout: p.layoutFor(r, c, "gateways", "Gateways"), Deleted: deleted != "", Pager: listPager("/gateways", page, listed.Next, "deleted", deleted)}
	for _, g := range listed.Items {
		shown.Gateways = append(shown.Gateways, p.shownGatewayOf(c, g))
	}
	return show(w, http.StatusOK, shown)
}

func (p *Portal) gateway(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	g, err := p.Gateways.Find(r.Context(), c, r.PathValue("gateway"))
	if err != nil {
		return err
	}
	rights, err := p.Gateways.Rights(r.Context(), c, g.Name)
	if err != nil {
		return err
	}
	names := rights.Names()
	return show(w, http.StatusOK, gatewayPage{layout: p.layoutFor(r, c, "gateways", g.Name), Gateway: p.shownGatewayOf(c, g), Rights: names,
		May: gatewayMay{rights.Has(domain.GatewaySettings), rights.Has(domain.GatewayDelete), len(names) > 0}})
}

func (p *Portal) viewGatewayKey(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	key, err := p.Gateways.Key(r.Context(), c, r.PathValue("gateway"))
	if err != nil {
		return err
	}
	return p.showGatewayKey(w, r, c, key, "Gateway key", "Whoever has this key speaks for the gateway. It belongs on the gateway itself and nowhere else.")
}

func (p *Portal) showGatewayKey(w http.ResponseWriter, r *http.Request, c domain.Caller, key secret.Secret, heading, advice string) error {
	g, err := p.Gateways.Find(r.Context(), c, r.PathValue("gateway"))
	if err != nil {
		return err
	}
	return show(w, http.StatusOK, gatewayKeyPage{layout: p.layoutFor(r, c, "gateways", heading), Gateway: p.shownGatewayOf(c, g), Heading: heading, Advice: advice, Key: key.Reveal()})
}

func (p *Portal) rotateGatewayKeyForm(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	g, err := p.Gateways.Find(r.Context(), c, r.PathValue("gateway"))
	if err != nil {
		return err
	}
	href := gatewayHref(g.Name)
	return show(w, http.StatusOK, confirmPage{layout: p.layoutFor(r, c, "gateways", "New gateway key"), Form: filledForm(nil), Question: "Make a new key for " + g.Name + "?",
		Consequence: "The old key stops working at once. The gateway is cut off until it is given the new one.", Action: href + "/rotate-key", Yes: "Make a new key", Back: href, Danger: true})
}

func (p *Portal) rotateGatewayKey(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	key, err := p.Gateways.RotateKey(r.Context(), c, r.PathValue("gateway"))
	if err != nil {
		return err
	}
	return p.showGatewayKey(w, r, c, key, "New gateway key", "Give this key to the gateway: the old one no longer works. Keep it in a safe place, because it may not be shown again.")
}

func (p *Portal) deleteGatewayForm(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	g, err := p.Gateways.Find(r.Context(), c, r.PathValue("gateway"))
	if err != nil {
		return err
	}
	href := gatewayHref(g.Name)
	return show(w, http.StatusOK, confirmPage{layout: p.layoutFor(r, c, "gateways", "Delete "+g.Name), Form: filledForm(nil), Question: "Delete " + g.Name + "?",
		Consequence: "Its key stops working at once. For 30 days you can restore it from the list of deleted gateways; after that it is gone, and nobody can use its id again.",
		Action:      href + "/delete", Yes: "Delete the gateway", Back: href, Danger: true})
}

func (p *Portal) deleteGateway(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	if err := p.Gateways.Delete(r.Context(), c, r.PathValue("gateway")); err != nil {
		return err
	}
	return seeOther(w, r, "/gateways?deleted=1&notice=gateway-deleted")
}

func (p *Portal) restoreGateway(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	g, err := p.Gateways.Restore(r.Context(), c, r.PathValue("gateway"))
	if err != nil {
		return err
	}
	return seeOther(w, r, gatewayHref(g.Name)+"?notice=gateway-restored")
}
