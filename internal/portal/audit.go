package portal

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/thingward/thingward/internal/domain"
)

const auditPageSize = 50

type ownAuditPage struct {
	layout
	Log auditLog
}

func (ownAuditPage) template() string { return "settings_audit" }

type allAuditPage struct {
	layout
	Log auditLog
}

func (allAuditPage) template() string { return "admin_audit" }

type auditLog struct {
	Events    []shownEvent
	Everybody bool
	Pager     pager
}

type shownEvent struct {
	At                                             moment
	Actor, Act, Thing, Credential, Address, Result string
	OK, Mine                                       bool
}

// pager holds the addresses of other pages of a list.
type pager struct{ First, Next string }

func pagerOf(path string, page domain.Page, next string) pager {
	var links pager
	if page.Cursor != "" {
		links.First = path
	}
	if next != "" {
		links.Next = path + "?" + url.Values{"after": {next}}.Encode()
	}
	return links
}

// with keeps a parameter of the list on its other pages.
func (p pager) with(name, value string) pager {
	if value == "" {
		return p
	}
	kept := url.Values{name: {value}}.Encode()
	if p.First != "" {
		p.First += "?" + kept
	}
	if p.Next != "" {
		p.Next += "&" + kept
	}
	return p
}

func pageOf(r *http.Request, limit int) domain.Page {
	return domain.Page{Limit: limit, Cursor: r.URL.Query().Get("after")}
}

func (p *Portal) ownAudit(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	page := pageOf(r, auditPageSize)
	listed, err := p.Accounts.Audit(r.Context(), c, page)
	if err != nil {
		return err
	}
	log := p.auditLogOf(c, listed)
	log.Pager = pagerOf("/settings/audit", page, listed.Next)
	return show(w, http.StatusOK, ownAuditPage{layout: p.layoutFor(r, c, "settings", "My activity"), Log: log})
}

func (p *Portal) allAudit(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	page := pageOf(r, auditPageSize)
	listed, err := p.Accounts.AuditAll(r.Context(), c, page)
	if err != nil {
		return err
	}
	log := p.auditLogOf(c, listed)
	log.Everybody, log.Pager = true, pagerOf("/admin/audit", page, listed.Next)
	return show(w, http.StatusOK, allAuditPage{layout: p.layoutFor(r, c, "admin", "Audit"), Log: log})
}

func (p *Portal) auditLogOf(c domain.Caller, listed domain.Listed[domain.AuditEvent]) auditLog {
	var log auditLog
	for i, event := range listed.Items {
		if i > 0 && sameAct(event, listed.Items[i-1]) {
			continue
		}
		act := auditWords[event.Act]
		if act == "" {
			act = event.Act
		}
		log.Events = append(log.Events, shownEvent{At: momentOf(event.At, p.Now(), c.User.Location()), Actor: event.ActorName,
			Act: act, Thing: calledApp(event.Thing), Credential: calledApp(event.Credential), Address: event.Address, Result: event.Result, OK: event.Result == "ok",
			Mine: event.Actor != 0 && c.Is(event.Actor)})
	}
	return log
}

// sameAct reports whether two events are of one act, which stands in the log
// of everybody whom it concerns.
func sameAct(a, b domain.AuditEvent) bool {
	a.ID, a.Subject = b.ID, b.Subject
	return a == b
}

// calledApp calls a client what pages call it.
func calledApp(text string) string {
	if id, ok := strings.CutPrefix(text, "client "); ok {
		return "app " + id
	}
	return text
}

// auditWords says acts as people would.
var auditWords = map[string]string{
	"user.sign_up":           "Account made",
	"user.create":            "Account made by an administrator",
	"user.setup":             "First administrator made",
	"user.setup_code":        "Setup code made",
	"user.suspend":           "Account suspended",
	"user.resume":            "Account resumed",
	"user.invite":            "Invitation made",
	"profile.change":         "Profile changed",
	"password.change":        "Password changed",
	"password.confirm":       "Password entered again",
	"password.refused":       "Password refused",
	"password.reset":         "Password reset by an administrator",
	"password.forgot":        "New password asked for",
	"password.recover":       "Password set with a mailed code",
	"address.prove":          "E-mail address confirmed",
	"address.resend":         "Mail with a code sent again",
	"mail.read":              "Mail read by an administrator",
	"mail.send_again":        "Mail sent again by an administrator",
	"session.start":          "Signed in",
	"session.refused":        "Sign-in refused",
	"session.end":            "Signed out",
	"session.end_others":     "Signed out everywhere else",
	"key.create":             "Key made",
	"key.import":             "Key imported",
	"key.view":               "Key password viewed",
	"key.edit":               "Key changed",
	"key.rotate":             "New key password",
	"key.revoke":             "Key deleted",
	"grant.allow":            "App allowed",
	"grant.proceed":          "App came back to what it was allowed",
	"grant.deny":             "App denied",
	"client.create":          "App registered",
	"client.import":          "App imported",
	"client.edit":            "App changed",
	"client.delete":          "App deleted",
	"client.view_secret":     "Secret of an app viewed",
	"client.rotate_secret":   "New secret of an app",
	"client.approve":         "App approved",
	"client.reject":          "App rejected",
	"client.suspend":         "App suspended",
	"client.resume":          "App resumed",
	"client.official":        "App marked as official",
	"client.unofficial":      "App no longer official",
	"client.request":         "App waits for approval again",
	"grant.rename":           "Connection renamed",
	"grant.revoke":           "Connection ended",
	"grant.standing":         "App acts by its own secret",
	"device.create":          "Device added",
	"device.edit":            "Device changed",
	"device.delete":          "Device deleted",
	"device.view":            "LAN key shown",
	"device.rotate":          "New LAN key",
	"client.push_token":      "New push token",
	"collaborator.add":       "Collaborator added",
	"collaborator.change":    "Rights of a collaborator changed",
	"collaborator.remove":    "Collaborator removed",
	"collaborator.hand_over": "Handed over to a collaborator",
	"application.create":     "Application made",
	"application.edit":       "Application changed",
	"application.delete":     "Application deleted",
	"application.restore":    "Application restored",
	"application.register":   "Application registered at the application manager",
	"application.unregister": "Application taken from the application manager",
	"application.add-eui":    "EUI added to an application",
	"application.remove-eui": "EUI taken from an application",
	"access_key.create":      "Access key made",
	"access_key.delete":      "Access key deleted",
	"access_key.view":        "Access keys shown",
	"end_device.create":      "End device added",
	"end_device.edit":        "End device changed",
	"end_device.delete":      "End device deleted",
	"end_device.view":        "Network keys of end devices shown",
	"gateway.create":         "Gateway registered",
	"gateway.edit":           "Gateway changed",
	"gateway.delete":         "Gateway deleted",
	"gateway.restore":        "Gateway restored",
	"gateway.rotate":         "New gateway key",
	"gateway.view-key":       "Gateway key shown",
	"gateway.hand-over":      "Gateway handed over",
	"component.create":       "Network component made",
	"component.delete":       "Network component deleted",
	"component.restore":      "Network component restored",
	"signing_key.make":       "Signing key made",
	"signing_key.rotate":     "New signing key",
	"token.revoke":           "Token taken back by its app",
	"code.reuse":             "Authorization code came twice: connection ended",
	"refresh.reuse":          "Used refresh token came again: connection ended",
	"sensor.create":          "Sensor created",
	"sensor.update":          "Sensor changed",
	"sensor.delete":          "Sensor deleted",
}
