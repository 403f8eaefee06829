package portal

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/thingward/thingward/internal/authserver/client"
	"github.com/thingward/thingward/internal/domain"
)

type adminAppsPage struct {
	layout
	State   string // empty: all
	States  []stateLink
	Waiting []waitingApp // shown first where all are
	Apps    []adminApp
	Pager   pager
}

func (adminAppsPage) template() string { return "admin_apps" }

// stateLink leads to the apps in one state.
type stateLink struct {
	State, Title, Href string
	Current            bool
}

// adminApp is a row of the list. waitingApp is one with what there is to
// decide about.
type (
	adminApp struct {
		shownApp
		Kind    string
		Created moment
	}
	waitingApp struct {
		adminApp
		RedirectURIs []string
		Words        []string
		Risks        []choice
		Public       bool
		Seen         int64 // version that the form is about
	}
)

var adminStates = []stateLink{{"", "All", "/admin/apps", false}, {"requested", "Requested", "/admin/apps?state=requested", false},
	{"approved", "Approved", "/admin/apps?state=approved", false}, {"rejected", "Rejected", "/admin/apps?state=rejected", false},
	{"suspended", "Suspended", "/admin/apps?state=suspended", false}}

func (p *Portal) adminApps(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	wanted, page := r.URL.Query().Get("state"), pageOf(r, appPageSize)
	shown := adminAppsPage{layout: p.layoutFor(r, c, "admin", "Apps"), State: wanted}
	known := false
	for _, link := range adminStates {
		link.Current = link.State == wanted
		known = known || link.Current
		shown.States = append(shown.States, link)
	}
	if !known {
		return seeOther(w, r, "/admin/apps")
	}
	if (wanted == "" || wanted == string(domain.ClientRequested)) && page.Cursor == "" {
		waiting, err := p.Clients.List(r.Context(), c, client.Filter{Which: domain.ClientsAll, State: domain.ClientRequested}, domain.Page{Limit: appPageSize})
		if err != nil {
			return err
		}
		for _, client := range waiting.Items {
			shown.Waiting = append(shown.Waiting, p.waitingAppOf(c, client))
		}
	}
	listed, err := p.Clients.List(r.Context(), c, client.Filter{Which: domain.ClientsAll, State: domain.ClientState(wanted)}, page)
	if err != nil {
		return err
	}
	for _, client := range listed.Items {
		shown.Apps = append(shown.Apps, p.adminAppOf(c, client))
	}
	shown.Pager = listPager("/admin/apps", page, listed.Next, "state", wanted)
	return show(w, http.StatusOK, shown)
}

func (p *Portal) adminAppOf(c domain.Caller, client domain.Client) adminApp {
	shown := adminApp{shownApp: shownAppOf(c, client), Kind: kindOf(client.Kind).Title, Created: momentOf(client.CreatedAt, p.Now(), c.User.Location())}
	shown.State = appStates[client.State]
	return shown
}

func (p *Portal) waitingAppOf(c domain.Caller, client domain.Client) waitingApp {
	risky := chosenOnly(grantTypeChoices(client.Kind, client.GrantTypes))
	risky = append(risky, chosenOnly(switchChoices(client.Kind, client.Switches))...)
	shown := waitingApp{adminApp: p.adminAppOf(c, client), RedirectURIs: client.RedirectURIs, Words: clientWords(client.Kind, client.Scopes), Public: client.Public, Seen: client.ChangedAt.UnixMilli()}
	for _, one := range risky {
		if one.Warning != "" {
			shown.Risks = append(shown.Risks, one)
		}
	}
	return shown
}

// appReasonPage asks an administrator for the reason that the owner reads.
type appReasonPage struct {
	layout
	Form                  *form
	Question, Consequence string
	Action, Yes, Back     string
}

func (appReasonPage) template() string { return "admin_app_reason" }

func adminAppHref(r *http.Request) string {
	return "/admin" + appHref(domain.ClientID(r.PathValue("client")))
}

// appAct is an act of an administrator that needs no reason.
func appAct(notice string, act func(ctx context.Context, c domain.Caller, id domain.ClientID) error) func(http.ResponseWriter, *http.Request, domain.Caller) error {
	return func(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
		id := domain.ClientID(r.PathValue("client"))
		if err := act(r.Context(), c, id); err != nil {
			return err
		}
		return seeOther(w, r, appHref(id)+"?notice="+notice)
	}
}

func (p *Portal) approveApp(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	return p.actOnSeen(w, r, c, "app-approved", p.Clients.ApproveSeen)
}

func (p *Portal) resumeApp(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	return p.actOnSeen(w, r, c, "app-resumed", p.Clients.ResumeSeen)
}

// actOnSeen is appAct for what counts for the app as the page showed it: the
// form says which version that was.
func (p *Portal) actOnSeen(w http.ResponseWriter, r *http.Request, c domain.Caller, notice string, act func(ctx context.Context, c domain.Caller, id domain.ClientID, seen time.Time) error) error {
	f, err := readForm(w, r)
	if err != nil {
		return err
	}
	seen, err := strconv.ParseInt(f.text("seen"), 10, 64)
	if err != nil {
		return domain.Errorf(domain.Invalid, "invalid_form", "The form does not say which version of the app it is about. Look at the app again.")
	}
	return appAct(notice, func(ctx context.Context, c domain.Caller, id domain.ClientID) error {
		return act(ctx, c, id, time.UnixMilli(seen).UTC())
	})(w, r, c)
}

func (p *Portal) makeAppOfficial(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	return appAct("app-official", p.Clients.MakeOfficial)(w, r, c)
}

func (p *Portal) makeAppUnofficial(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	return appAct("app-unofficial", p.Clients.MakeUnofficial)(w, r, c)
}

func (p *Portal) rejectAppForm(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	return p.askAppReason(w, r, c, filledForm(nil), rejecting)
}

func (p *Portal) rejectApp(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	return p.actWithReason(w, r, c, rejecting, p.Clients.Reject)
}

func (p *Portal) suspendAppForm(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	return p.askAppReason(w, r, c, filledForm(nil), suspending)
}

func (p *Portal) suspendApp(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	return p.actWithReason(w, r, c, suspending, p.Clients.Suspend)
}

// refusal is how an administrator refuses an app.
type refusal struct{ path, yes, consequence, notice string }

var (
	rejecting  = refusal{"/reject", "Reject", "It works for nobody then. Its owner reads the reason, and can edit the app and ask again.", "app-rejected"}
	suspending = refusal{"/suspend", "Suspend", "Every token that it holds stops working at once, and it gets no new ones, until you let it go on. Its owner and the people who use it see that it is suspended; its owner reads the reason.", "app-suspended"}
)

func (p *Portal) askAppReason(w http.ResponseWriter, r *http.Request, c domain.Caller, f *form, how refusal) error {
	found, err := p.findApp(r, c)
	if err != nil {
		return err
	}
	return show(w, f.Status(), appReasonPage{layout: p.layoutFor(r, c, "admin", how.yes+" "+found.Name), Form: f, Question: how.yes + " the app " + found.Name + "?",
		Consequence: how.consequence, Action: adminAppHref(r) + how.path, Yes: how.yes, Back: appHref(found.ID)})
}

func (p *Portal) actWithReason(w http.ResponseWriter, r *http.Request, c domain.Caller, how refusal, act func(ctx context.Context, c domain.Caller, id domain.ClientID, reason string) error) error {
	f, err := readForm(w, r)
	if err != nil {
		return err
	}
	id := domain.ClientID(r.PathValue("client"))
	if err := act(r.Context(), c, id, strings.Join(strings.Fields(f.text("reason")), " ")); err != nil {
		if !f.refuse(err) {
			return err
		}
		return p.askAppReason(w, r, c, f, how)
	}
	return seeOther(w, r, appHref(id)+"?notice="+how.notice)
}
