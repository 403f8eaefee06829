package portal

import (
	"context"
	"net/http"
	"net/url"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/resourceserver/application"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/web"
)

const applicationPageSize = 50

// Applications is what pages do with applications.
type Applications interface {
	ApplicationActs
	ApplicationKeys
	EndDevices
	List(ctx context.Context, c domain.Caller, which domain.Which, page domain.Page) (domain.Listed[domain.Application], error)
	Find(ctx context.Context, c domain.Caller, ref string) (domain.Application, error)
	Rights(ctx context.Context, c domain.Caller, ref string) (domain.RightSet, error)
}

// ApplicationActs makes and changes applications.
type ApplicationActs interface {
	Create(ctx context.Context, c domain.Caller, in application.New) (domain.Application, error)
	Edit(ctx context.Context, c domain.Caller, ref string, edit application.Edit) (domain.Application, error)
	Delete(ctx context.Context, c domain.Caller, ref string) error
	Restore(ctx context.Context, c domain.Caller, ref string) (domain.Application, error)
	AddEUI(ctx context.Context, c domain.Caller, ref, eui string) (string, error)
	RemoveEUI(ctx context.Context, c domain.Caller, ref, eui string) error
	Register(ctx context.Context, c domain.Caller, ref string) error
}

// ApplicationKeys handles the access keys of applications.
type ApplicationKeys interface {
	AccessKeys(ctx context.Context, c domain.Caller, ref string) ([]application.ShownKey, error)
	CreateAccessKey(ctx context.Context, c domain.Caller, ref, name string, rights domain.RightSet) (domain.AccessKey, secret.Secret, error)
	DeleteAccessKey(ctx context.Context, c domain.Caller, ref, name string) error
	Masked() string
	Kept() bool
}

func (p *Portal) applicationRoutes() []web.Route {
	person := web.Person()
	return []web.Route{
		{Pattern: "GET /applications", Need: person, Handle: p.applications},
		{Pattern: "GET /applications/new", Need: person, Handle: p.newApplicationForm},
		{Pattern: "POST /applications/new", Need: person, Handle: p.newApplication},
		{Pattern: "GET /applications/{application}", Need: person, Handle: p.application},
		{Pattern: "GET /applications/{application}/edit", Need: person, Handle: p.editApplicationForm},
		{Pattern: "POST /applications/{application}/edit", Need: person, Handle: p.editApplication},
		{Pattern: "GET /applications/{application}/delete", Need: person, Handle: p.deleteApplicationForm},
		{Pattern: "POST /applications/{application}/delete", Need: person, Handle: p.deleteApplication},
		{Pattern: "POST /applications/{application}/restore", Need: person, Handle: p.restoreApplication},
		{Pattern: "POST /applications/{application}/euis", Need: person, Handle: p.addEUI},
		{Pattern: "GET /applications/{application}/euis/{eui}/remove", Need: person, Handle: p.removeEUIForm},
		{Pattern: "POST /applications/{application}/euis/{eui}/remove", Need: person, Handle: p.removeEUI},
		{Pattern: "GET /applications/{application}/access-keys", Need: person, Handle: p.accessKeys},
		{Pattern: "POST /applications/{application}/access-keys", Need: person, Handle: p.newAccessKey},
		{Pattern: "POST /applications/{application}/access-keys/show", Need: person, Handle: p.viewAccessKeys},
		{Pattern: "GET /applications/{application}/access-keys/{key}/delete", Need: person, Handle: p.deleteAccessKeyForm},
		{Pattern: "POST /applications/{application}/access-keys/{key}/delete", Need: person, Handle: p.deleteAccessKey},
		{Pattern: "POST /applications/{application}/register", Need: person, Handle: p.registerApplication},
		{Pattern: "GET /applications/{application}/end-devices", Need: person, Handle: p.endDevices},
		{Pattern: "GET /applications/{application}/end-devices/new", Need: person, Handle: p.newEndDeviceForm},
		{Pattern: "POST /applications/{application}/end-devices/new", Need: person, Handle: p.newEndDevice},
		{Pattern: "GET /applications/{application}/end-devices/{device}", Need: person, Handle: p.endDevice},
		{Pattern: "POST /applications/{application}/end-devices/{device}/keys", Need: person, Handle: p.endDeviceKeys},
		{Pattern: "GET /applications/{application}/end-devices/{device}/edit", Need: person, Handle: p.editEndDeviceForm},
		{Pattern: "POST /applications/{application}/end-devices/{device}/edit", Need: person, Handle: p.editEndDevice},
		{Pattern: "GET /applications/{application}/end-devices/{device}/delete", Need: person, Handle: p.deleteEndDeviceForm},
		{Pattern: "POST /applications/{application}/end-devices/{device}/delete", Need: person, Handle: p.deleteEndDevice},
	}
}

type applicationsPage struct {
	layout
	Applications []shownApplication
	Deleted      bool // those that can be restored
	Pager        pager
}

func (applicationsPage) template() string { return "applications" }

type applicationPage struct {
	layout
	Application shownApplication
	Rights      []string
	May         applicationMay
	Form        *form
}

func (applicationPage) template() string { return "application" }

// shownApplication is an application as pages show it.
type shownApplication struct {
	Name, Href, Description, Owner string
	EUIs                           []string
	EndDevices                     int64
	Format                         string
	Created, Changed, Registered   moment
	Deleted                        moment
	Payload                        domain.Payload
}

// applicationMay says what the viewer may do with an application.
type applicationMay struct{ Settings, Delete, Collaborators, Devices bool }

func applicationMayOf(rights domain.RightSet) applicationMay {
	return applicationMay{rights.Has(domain.ApplicationSettings), rights.Has(domain.ApplicationDelete), rights.Has(domain.ApplicationCollaborators), rights.Has(domain.ApplicationDevices)}
}

// formatWords say what the payload formats mean.
var formatWords = map[domain.PayloadFormat]string{domain.PayloadNone: "none", domain.PayloadCustom: "own functions", domain.PayloadCayenne: "Cayenne LPP"}

func applicationHref(name string) string { return "/applications/" + url.PathEscape(name) }

func (p *Portal) shownApplicationOf(c domain.Caller, a domain.Application) shownApplication {
	now, zone := p.Now(), c.User.Location()
	return shownApplication{Name: a.Name, Href: applicationHref(a.Name), Description: a.Description, Owner: a.OwnerName, EUIs: a.EUIs, EndDevices: a.EndDevices,
		Format: formatWords[a.Payload.Format], Payload: a.Payload, Created: momentOf(a.CreatedAt, now, zone), Changed: momentOf(a.ChangedAt, now, zone),
		Registered: momentOf(a.RegisteredAt, now, zone), Deleted: momentOf(a.DeletedAt, now, zone)}
}

func (p *Portal) applications(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	which, deleted := domain.Living, r.URL.Query().Get("deleted")
	if deleted != "" {
		which = domain.OnlyDeleted
	}
	page := pageOf(r, applicationPageSize)
	listed, err := p.Applications.List(r.Context(), c, which, page)
	if err != nil {
		return err
	}
	shown := applicationsPage{layout: p.layoutFor(r, c, "applications", "Applications"), Deleted: deleted != "", Pager: listPager("/applications", page, listed.Next, "deleted", deleted)}
	for _, a := range listed.Items {
		shown.Applications = append(shown.Applications, p.shownApplicationOf(c, a))
	}
	return show(w, http.StatusOK, shown)
}

func (p *Portal) application(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	return p.showApplication(w, r, c, filledForm(nil))
}

// showApplication shows an application, with the form for another EUI.
func (p *Portal) showApplication(w http.ResponseWriter, r *http.Request, c domain.Caller, f *form) error {
	ref := r.PathValue("application")
	a, err := p.Applications.Find(r.Context(), c, ref)
	if err != nil {
		return err
	}
	rights, err := p.Applications.Rights(r.Context(), c, ref)
	if err != nil {
		return err
	}
	return show(w, f.Status(), applicationPage{layout: p.layoutFor(r, c, "applications", a.Name), Application: p.shownApplicationOf(c, a),
		Rights: rights.Names(), May: applicationMayOf(rights), Form: f})
}

func (p *Portal) deleteApplicationForm(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	a, err := p.Applications.Find(r.Context(), c, r.PathValue("application"))
	if err != nil {
		return err
	}
	href := applicationHref(a.Name)
	return show(w, http.StatusOK, confirmPage{layout: p.layoutFor(r, c, "applications", "Delete "+a.Name), Form: filledForm(nil),
		Question: "Delete " + a.Name + "?", Consequence: "Its end devices and access keys stop working at once. For 30 days you can restore it from the list of deleted applications; after that it is gone, and nobody can use its id again.",
		Action: href + "/delete", Yes: "Delete the application", Back: href, Danger: true})
}

func (p *Portal) deleteApplication(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	if err := p.Applications.Delete(r.Context(), c, r.PathValue("application")); err != nil {
		return err
	}
	return seeOther(w, r, "/applications?deleted=1&notice=application-deleted")
}

func (p *Portal) restoreApplication(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	a, err := p.Applications.Restore(r.Context(), c, r.PathValue("application"))
	if err != nil {
		return err
	}
	return seeOther(w, r, applicationHref(a.Name)+"?notice=application-restored")
}

func (p *Portal) registerApplication(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	name := r.PathValue("application")
	if err := p.Applications.Register(r.Context(), c, name); err != nil && domain.CodeOf(err) != "application_registered" {
		return err
	}
	return seeOther(w, r, applicationHref(name)+"/end-devices?notice=application-registered")
}
