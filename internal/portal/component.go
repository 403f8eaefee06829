package portal

import (
	"context"
	"net/http"
	"net/url"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/web"
)

const componentPageSize = 50

// Components is what pages do with the components of the network.
type Components interface {
	Create(ctx context.Context, c domain.Caller, kind domain.ComponentKind, name string) (domain.Component, error)
	Find(ctx context.Context, c domain.Caller, ref string) (domain.Component, error)
	List(ctx context.Context, c domain.Caller, which domain.Which, page domain.Page) (domain.Listed[domain.Component], error)
	Rights(ctx context.Context, c domain.Caller, ref string) (domain.RightSet, error)
	Delete(ctx context.Context, c domain.Caller, ref string) error
	Restore(ctx context.Context, c domain.Caller, name string) (domain.Component, error)
}

func (p *Portal) componentRoutes() []web.Route {
	person := web.Person()
	return []web.Route{
		{Pattern: "GET /components", Need: person, Handle: p.components},
		{Pattern: "POST /components", Need: person, Handle: p.newComponent},
		{Pattern: "GET /components/{component}", Need: person, Handle: p.component},
		{Pattern: "GET /components/{component}/delete", Need: person, Handle: p.deleteComponentForm},
		{Pattern: "POST /components/{component}/delete", Need: person, Handle: p.deleteComponent},
		{Pattern: "POST /components/{component}/restore", Need: person, Handle: p.restoreComponent},
	}
}

// componentsPage lists components, with the form for another one.
type componentsPage struct {
	layout
	Form       *form
	Components []shownComponent
	Kinds      []planChoice
	KindFault  string
	Deleted    bool
	Pager      pager
}

func (componentsPage) template() string { return "components" }

type componentPage struct {
	layout
	Component shownComponent
	Rights    []string
	MayDelete bool
}

func (componentPage) template() string { return "component" }

type shownComponent struct {
	Name, Href, Kind, Owner string
	Created, Deleted        moment
}

func componentHref(name string) string { return "/components/" + url.PathEscape(name) }

func (p *Portal) shownComponentOf(c domain.Caller, one domain.Component) shownComponent {
	now, zone := p.Now(), c.User.Location()
	return shownComponent{Name: one.Name, Href: componentHref(one.Name), Kind: string(one.Kind), Owner: one.OwnerName, Created: momentOf(one.CreatedAt, now, zone), Deleted: momentOf(one.DeletedAt, now, zone)}
}

func (p *Portal) components(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	return p.showComponents(w, r, c, filledForm(nil))
}

func (p *Portal) showComponents(w http.ResponseWriter, r *http.Request, c domain.Caller, f *form) error {
	which, deleted := domain.Living, r.URL.Query().Get("deleted")
	if deleted != "" {
		which = domain.OnlyDeleted
	}
	page := pageOf(r, componentPageSize)
	listed, err := p.Components.List(r.Context(), c, which, page)
	if err != nil {
		return err
	}
	shown := componentsPage{layout: p.layoutFor(r, c, "components", "Network components"), Form: f, Deleted: deleted != "", KindFault: f.Faults["kind"],
		Pager: listPager("/components", page, listed.Next, "deleted", deleted)}
	for _, kind := range []domain.ComponentKind{domain.HandlerComponent, domain.RouterComponent, domain.BrokerComponent} {
		shown.Kinds = append(shown.Kinds, planChoice{string(kind), string(kind), string(kind) == f.text("kind")})
	}
	for _, one := range listed.Items {
		shown.Components = append(shown.Components, p.shownComponentOf(c, one))
	}
	return show(w, f.Status(), shown)
}

func (p *Portal) newComponent(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	f, err := readForm(w, r)
	if err != nil {
		return err
	}
	made, err := p.Components.Create(r.Context(), c, domain.ComponentKind(f.text("kind")), f.text("id"))
	if err != nil {
		if !f.refuse(err) {
			return err
		}
		return p.showComponents(w, r, c, f)
	}
	return seeOther(w, r, componentHref(made.Name)+"?notice=component-created")
}

func (p *Portal) component(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	one, err := p.Components.Find(r.Context(), c, r.PathValue("component"))
	if err != nil {
		return err
	}
	rights, err := p.Components.Rights(r.Context(), c, one.Name)
	if err != nil {
		return err
	}
	return show(w, http.StatusOK, componentPage{p.layoutFor(r, c, "components", one.Name), p.shownComponentOf(c, one), rights.Names(), rights.Has(domain.ComponentDelete)})
}

func (p *Portal) deleteComponentForm(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	one, err := p.Components.Find(r.Context(), c, r.PathValue("component"))
	if err != nil {
		return err
	}
	href := componentHref(one.Name)
	return show(w, http.StatusOK, confirmPage{layout: p.layoutFor(r, c, "components", "Delete "+one.Name), Form: filledForm(nil), Question: "Delete the " + string(one.Kind) + " " + one.Name + "?",
		Consequence: "Its tokens stop working at once. For 30 days you can restore it; after that it is gone, and nobody can use its id again.",
		Action:      href + "/delete", Yes: "Delete the component", Back: href, Danger: true})
}

func (p *Portal) deleteComponent(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	if err := p.Components.Delete(r.Context(), c, r.PathValue("component")); err != nil {
		return err
	}
	return seeOther(w, r, "/components?deleted=1&notice=component-deleted")
}

func (p *Portal) restoreComponent(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	one, err := p.Components.Restore(r.Context(), c, r.PathValue("component"))
	if err != nil {
		return err
	}
	return seeOther(w, r, componentHref(one.Name)+"?notice=component-restored")
}
