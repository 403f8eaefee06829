// Package portal is all HTML of Thingward: the pages on which people sign in,
// manage their account, keys and sensors, and administer the server. It calls
// the same use cases as the JSON doors and decides nothing itself. Every page
// works without JavaScript.
package portal

import (
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/web"
)

// SignUp says who may make an account on the sign-up page.
type SignUp string

// The sign-up policies. The zero policy is closed.
const (
	SignUpOpen   SignUp = "open"
	SignUpInvite SignUp = "invite"
	SignUpClosed SignUp = "closed"
)

// Portal holds what the pages need.
type Portal struct {
	Accounts      Accounts
	Keys          Keys
	Connections   Connections
	Clients       Clients
	Authorize     Authorizer
	Devices       Devices
	Collaborators Collaborators
	Applications  Applications
	Gateways      Gateways
	Components    Components
	Recovery      Recovery
	Mails         Mails
	Sensors       Sensors
	Readings      Readings
	PublicURL     string // base of every URL on pages, without a slash at its end
	SignUp        SignUp
	InsecureHTTP  bool // reached by plain http from elsewhere: every page says so
	Version       string
	Now           func() time.Time
	Log           *slog.Logger
}

// Web returns the door: its routes, its error pages and its headers.
func (p *Portal) Web() *web.Door {
	return &web.Door{
		Name: "portal", Prefix: "/", Routes: p.Routes(),
		Accepts:    web.Accepts{Sessions: true},
		WriteError: p.writeError,
		Wrap:       p.wrap,
	}
}

// Routes lists every page and form with what it needs.
func (p *Portal) Routes() []web.Route {
	person, admin, public := web.Person(), web.Administrator(), web.Public()
	routes := []web.Route{
		{Pattern: "GET /", Need: public, Handle: p.front},
		{Pattern: "GET /static/{file}", Need: public, Handle: p.static},
		{Pattern: "GET /favicon.ico", Need: public, Handle: p.favicon},
		{Pattern: "GET /login", Need: public, Handle: p.loginForm},
		{Pattern: "POST /login", Need: public, Handle: p.login},
		{Pattern: "POST /logout", Need: public, Handle: p.logout},
		{Pattern: "GET /sign-up", Need: public, Handle: p.signUpForm},
		{Pattern: "POST /sign-up", Need: public, Handle: p.signUp},
		{Pattern: "GET /setup", Need: public, Handle: p.setupForm},
		{Pattern: "POST /setup", Need: public, Handle: p.setup},

		{Pattern: "GET /confirm-password", Need: person, Handle: p.confirmPasswordForm},
		{Pattern: "POST /confirm-password", Need: person, Handle: p.confirmPassword},
		{Pattern: "GET /settings", Need: person, Handle: p.settings},
		{Pattern: "POST /settings/profile", Need: person, Handle: p.editProfile},
		{Pattern: "POST /settings/password", Need: person, Handle: p.changePassword},
		{Pattern: "POST /settings/sessions/end-others", Need: person, Handle: p.endOtherSessions},
		{Pattern: "POST /settings/sessions/{session}/end", Need: person, Handle: p.endSession},
		{Pattern: "GET /settings/audit", Need: person, Handle: p.ownAudit},

		{Pattern: "GET /keys", Need: person, Handle: p.keys},
		{Pattern: "GET /wotkit/keys", Need: person, Handle: redirectTo("/keys")},
		{Pattern: "GET /keys/new", Need: person, Handle: p.newKeyForm},
		{Pattern: "POST /keys/new", Need: person, Handle: p.newKey},
		{Pattern: "GET /keys/{key}", Need: person, Handle: p.key},
		{Pattern: "GET /keys/{key}/view", Need: person, Handle: p.viewSecretForm(p.keyHolder)},
		{Pattern: "POST /keys/{key}/view", Need: person, Handle: p.viewSecret(p.keyHolder)},
		{Pattern: "GET /keys/{key}/edit", Need: person, Handle: p.editKeyForm},
		{Pattern: "POST /keys/{key}/edit", Need: person, Handle: p.editKey},
		{Pattern: "GET /keys/{key}/rotate", Need: person, Handle: p.rotateSecretForm(p.keyHolder)},
		{Pattern: "POST /keys/{key}/rotate", Need: person, Handle: p.rotateSecret(p.keyHolder)},
		{Pattern: "GET /keys/{key}/delete", Need: person, Handle: p.deleteKeyForm},
		{Pattern: "POST /keys/{key}/delete", Need: person, Handle: p.deleteKey},

		{Pattern: "GET /sensors", Need: person, Handle: p.sensors},
		{Pattern: "GET /sensors/{sensor}", Need: public, Handle: p.sensor},

		{Pattern: "GET /admin", Need: admin, Handle: redirectTo("/admin/users")},
		{Pattern: "GET /admin/users", Need: admin, Handle: p.users},
		{Pattern: "GET /admin/users/new", Need: admin, Handle: p.newUserForm},
		{Pattern: "POST /admin/users/new", Need: admin, Handle: p.newUser},
		{Pattern: "GET /admin/users/{user}/suspend", Need: admin, Handle: p.suspendForm},
		{Pattern: "POST /admin/users/{user}/suspend", Need: admin, Handle: p.suspend},
		{Pattern: "GET /admin/users/{user}/resume", Need: admin, Handle: p.resumeForm},
		{Pattern: "POST /admin/users/{user}/resume", Need: admin, Handle: p.resume},
		{Pattern: "GET /admin/users/{user}/reset-password", Need: admin, Handle: p.resetPasswordForm},
		{Pattern: "POST /admin/users/{user}/reset-password", Need: admin, Handle: p.resetPassword},
		{Pattern: "POST /admin/invite", Need: admin, Handle: p.invite},
		{Pattern: "GET /admin/audit", Need: admin, Handle: p.allAudit},
	}
	return slices.Concat(routes, p.mailRoutes(), p.connectionRoutes(), p.appRoutes(), p.deviceRoutes(), p.applicationRoutes(), p.gatewayRoutes(), p.componentRoutes(), p.collaboratorRoutes(), p.deviceCodeRoutes(), p.authorizeRoutes())
}

// contentPolicy lets a page load only what this server serves as files: no
// inline script or style, no frame around it.
const contentPolicy = "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// wrap sets the headers of every answer and refuses forms that another site
// sent.
func (p *Portal) wrap(next http.Handler) http.Handler {
	protection := http.NewCrossOriginProtection()
	if origin := originOf(p.PublicURL); origin != "" {
		_ = protection.AddTrustedOrigin(origin) // a proxy may change Host
	}
	protection.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.writeError(w, r, domain.Errorf(domain.Forbidden, "cross_origin", "Another site sent this form. Open Thingward itself and try again."))
	}))
	protected := protection.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy", contentPolicy)
		header.Set("Referrer-Policy", "same-origin")
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Cross-Origin-Opener-Policy", "same-origin")
		header.Set("Cache-Control", "no-store") // files under /static say otherwise
		if p.https() {
			header.Set("Strict-Transport-Security", "max-age=31536000")
		}
		if isAuthorizePath(r.URL.Path) && r.Method == http.MethodPost {
			next.ServeHTTP(w, withoutCookies(r)) // every client's site may send this form; it acts for nobody
			return
		}
		protected.ServeHTTP(w, r)
	})
}

func (p *Portal) https() bool { return strings.HasPrefix(p.PublicURL, "https://") }

// redirectTo answers with the address under which a page really lives.
func redirectTo(target string) web.Handler {
	return func(w http.ResponseWriter, r *http.Request, _ domain.Caller) error {
		return seeOther(w, r, target)
	}
}

func seeOther(w http.ResponseWriter, r *http.Request, target string) error {
	http.Redirect(w, r, target, http.StatusSeeOther)
	return nil
}
