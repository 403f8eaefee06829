package portal

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/web"
)

//go:embed templates/*.html
var templateFiles embed.FS

// layout is what every page shows around its own part.
type layout struct {
	Title    string
	Section  string // which entry of the navigation the page belongs to
	User     *shownUser
	SignUp   bool
	Bare     bool // no navigation: an error, where nobody knows who is there
	Notice   string
	Insecure bool
	Version  string
}

// shownUser is the person who is signed in.
type shownUser struct {
	Name, Shown, Initial string
	Admin                bool
}

// layoutFor fills the frame of a page for whoever looks at it.
func (p *Portal) layoutFor(r *http.Request, c domain.Caller, section, title string) layout {
	l := layout{Title: title, Section: section, SignUp: p.signUpShown(), Insecure: p.InsecureHTTP, Version: p.Version,
		Notice: notices[r.URL.Query().Get("notice")]}
	if signedIn(c) {
		first, _ := utf8.DecodeRuneInString(c.User.Shown())
		l.User = &shownUser{Name: c.User.Name, Shown: c.User.Shown(), Initial: string(first), Admin: c.User.Admin}
	}
	return l
}

func (p *Portal) signUpShown() bool { return p.SignUp == SignUpOpen || p.SignUp == SignUpInvite }

func signedIn(c domain.Caller) bool { return c.Credential == domain.SessionCredential }

// notices are what a page says after a form that led to it. The address
// carries only the name, so that nobody can make a page say something else.
var notices = map[string]string{
	"welcome":                "Welcome! Your account is ready.",
	"welcome-confirm":        "Welcome! Your account is ready. Please confirm your e-mail address: the link is in your mailbox.",
	"address-again":          "Now enter the new address once more: nothing was changed yet.",
	"address-mailed":         "A mail with a link is on its way. The address counts when you have followed it.",
	"address-confirmed":      "The e-mail address is confirmed.",
	"password-reset":         "The new password is set. Please sign in with it.",
	"mail-again":             "The mail is sent again, at once.",
	"set-up":                 "This server is set up, and you are its administrator.",
	"signed-out":             "You are signed out.",
	"profile-saved":          "The profile is saved.",
	"password-changed":       "The password is changed. You are signed out everywhere else.",
	"session-ended":          "That browser is signed out.",
	"sessions-ended":         "You are signed out everywhere else.",
	"key-saved":              "The key is saved.",
	"key-deleted":            "The key is deleted. It stopped working at once.",
	"app-created":            "The app is registered.",
	"app-saved":              "The app is saved.",
	"app-requested":          "The app is saved. It waits for an administrator now.",
	"app-deleted":            "The app is deleted, and nothing that was issued through it works any more.",
	"app-approved":           "The app is approved: everybody can use it.",
	"app-rejected":           "The app is rejected. Its owner reads why.",
	"app-suspended":          "The app is suspended: nothing that it holds works.",
	"app-resumed":            "The app can go on.",
	"app-official":           "The app is marked as official.",
	"app-unofficial":         "The app is no longer marked as official.",
	"connection-renamed":     "The connection has its new name.",
	"connection-ended":       "The connection has ended. Nothing that it held works any more.",
	"connections-ended":      "Everything that acted for you has ended.",
	"device-added":           "The device is added.",
	"device-saved":           "The device is saved.",
	"device-deleted":         "The device is deleted.",
	"application-created":    "The application is made.",
	"application-saved":      "The application is saved.",
	"application-deleted":    "The application is deleted. You can restore it for 30 days.",
	"application-restored":   "The application is back, with all that belongs to it.",
	"application-registered": "The application takes end devices now.",
	"eui-added":              "The EUI is added.",
	"eui-removed":            "The EUI is removed.",
	"access-key-deleted":     "The access key is deleted. It stopped working at once.",
	"end-device-saved":       "The end device is saved.",
	"end-device-deleted":     "The end device is deleted.",
	"gateway-saved":          "The gateway is saved.",
	"gateway-deleted":        "The gateway is deleted. You can restore it for 30 days.",
	"gateway-restored":       "The gateway is back.",
	"component-created":      "The component is made.",
	"component-deleted":      "The component is deleted. You can restore it for 30 days.",
	"component-restored":     "The component is back.",
	"collaborator-set":       "The rights are given. They count at once.",
	"collaborator-removed":   "The rights are taken back. They ended at once.",
	"collaborator-left":      "You left it. It is no longer there for you.",
	"user-created":           "The user is created.",
	"user-suspended":         "The user is suspended: no session, password or key works any more.",
	"user-resumed":           "The user can sign in again.",
}

var functions = template.FuncMap{
	"static": staticPath,
	"field":  fieldOf,
	"zones":  func() []string { return timeZones },
}

// templates holds each page, joined with the frame.
var templates = parseTemplates()

func parseTemplates() map[string]*template.Template {
	frame := template.Must(template.New("frame").Funcs(functions).ParseFS(templateFiles,
		"templates/layout.html", "templates/partials.html", "templates/settings_nav.html", "templates/app_fields.html"))
	entries, err := templateFiles.ReadDir("templates")
	if err != nil {
		panic(err) // impossible: the folder is part of the program
	}
	pages := map[string]*template.Template{}
	for _, entry := range entries {
		name := strings.TrimSuffix(entry.Name(), ".html")
		if name == "layout" || name == "partials" || name == "settings_nav" || name == "app_fields" {
			continue
		}
		page := template.Must(frame.Clone())
		pages[name] = template.Must(page.ParseFS(templateFiles, "templates/"+entry.Name()))
	}
	return pages
}

// page is a struct that a template of the same name shows.
type page interface{ template() string }

// show answers with a page.
func show(w http.ResponseWriter, status int, shown page) error {
	body, err := render(shown)
	if err != nil {
		return err
	}
	return web.WriteBytes(w, status, "text/html; charset=utf-8", body)
}

func render(shown page) ([]byte, error) {
	parsed, ok := templates[shown.template()]
	if !ok {
		return nil, fmt.Errorf("there is no template %s", shown.template())
	}
	var body bytes.Buffer
	if err := parsed.ExecuteTemplate(&body, "layout", shown); err != nil {
		return nil, fmt.Errorf("show page %s: %w", shown.template(), err)
	}
	return body.Bytes(), nil
}
