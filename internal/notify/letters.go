package notify

import (
	"net/url"
	"strings"
	"unicode"

	"github.com/thingward/thingward/internal/domain"
)

// letter is what a mail says, before it is text or HTML. It is kept as JSON,
// and made into a mail by the server that sends it: the links lead there.
type letter struct {
	Subject  string   `json:"subject"`
	Greeting string   `json:"greeting"`
	Lines    []string `json:"lines"`
	Facts    []fact   `json:"facts,omitempty"`
	Button   string   `json:"button,omitempty"`
	Path     string   `json:"path,omitempty"` // below the public URL
	Code     string   `json:"code,omitempty"` // for whoever cannot follow the link
	After    []string `json:"after,omitempty"`
	Why      string   `json:"why"` // this person gets the mail
}

// fact is something with its name.
type fact struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// letters are the mails by their occasion. What they ask for:
//
//	name       how to address who gets it
//	client     name of an app; client_id, owner, website, scopes
//	reason     what an administrator said; by: which one
//	code       from the secret package
//	at         time, as it is shown
//	program    that signed in, or changed something; address: from where
//	thing      name of what is shared; rights: on it; path: page of it
var letters = map[domain.MailKind]func(about words) letter{
	domain.MailClientRequested: clientRequested,
	domain.MailClientApproved:  clientApproved,
	domain.MailClientRejected:  clientRejected,
	domain.MailClientSuspended: clientSuspended,
	domain.MailClientResumed:   clientResumed,
	domain.MailConfirmAddress:  confirmAddress,
	domain.MailResetPassword:   resetPassword,
	domain.MailPasswordChanged: passwordChanged,
	domain.MailAddressChanged:  addressChanged,
	domain.MailNewSignIn:       newSignIn,
	domain.MailCollaborator:    collaborator,
}

// words are what a mail is about, tamed.
type words map[string]string

// greeting addresses whoever gets the mail.
func (w words) greeting() string {
	if w["name"] == "" {
		return "Hello,"
	}
	return "Hello " + w["name"] + ","
}

// facts are those that are known. Names and keys alternate.
func (w words) facts(namesAndKeys ...string) []fact {
	var known []fact
	for i := 0; i+1 < len(namesAndKeys); i += 2 {
		if value := w[namesAndKeys[i+1]]; value != "" {
			known = append(known, fact{namesAndKeys[i], value})
		}
	}
	return known
}

func (w words) client() string { return "“" + w["client"] + "”" }

func (w words) clientPath() string { return "/apps/" + url.PathEscape(w["client_id"]) }

const (
	ownerWhy = "You get this mail because the app is registered under your account."
	safetyAd = "If this was not you, set a new password now: whoever has the present one can get in."
)

func clientRequested(w words) letter {
	return letter{Subject: "An app waits for your decision: " + w["client"], Greeting: w.greeting(),
		Lines: []string{"Somebody registered the app " + w.client() + ". Until an administrator has looked at it, it works only for its owner and testers."},
		Facts: w.facts("App", "client", "Client id", "client_id", "Registered by", "owner", "Website", "website", "It may ask for", "scopes"),
		Path:  w.clientPath(), Button: "Look at the app", Why: "You get this mail because you administer this Thingward."}
}

func clientApproved(w words) letter {
	return letter{Subject: "Your app is approved: " + w["client"], Greeting: w.greeting(),
		Lines: []string{"Your app " + w.client() + " was approved. Everybody can use it from now on."},
		Facts: w.facts("App", "client", "Client id", "client_id", "Approved by", "by"),
		Path:  w.clientPath(), Button: "Open the app", Why: ownerWhy}
}

func clientRejected(w words) letter {
	return letter{Subject: "Your app was rejected: " + w["client"], Greeting: w.greeting(),
		Lines: []string{"Your app " + w.client() + " was rejected. It works for nobody as it is. Edit it as the reason asks, and it is looked at again."},
		Facts: w.facts("Reason", "reason", "App", "client", "Client id", "client_id", "Decided by", "by"),
		Path:  w.clientPath(), Button: "Open the app", Why: ownerWhy}
}

func clientSuspended(w words) letter {
	return letter{Subject: "Your app is suspended: " + w["client"], Greeting: w.greeting(),
		Lines: []string{"Your app " + w.client() + " is suspended. Nothing that it holds works until an administrator lets it go on."},
		Facts: w.facts("Reason", "reason", "App", "client", "Client id", "client_id", "Decided by", "by"),
		Path:  w.clientPath(), Button: "Open the app", Why: ownerWhy}
}

func clientResumed(w words) letter {
	return letter{Subject: "Your app works again: " + w["client"], Greeting: w.greeting(),
		Lines: []string{"Your app " + w.client() + " is no longer suspended. What people allowed it counts again."},
		Facts: w.facts("App", "client", "Client id", "client_id", "Decided by", "by"),
		Path:  w.clientPath(), Button: "Open the app", Why: ownerWhy}
}

func confirmAddress(w words) letter {
	return letter{Subject: "Confirm your e-mail address", Greeting: w.greeting(),
		Lines: []string{"Please confirm that this address is yours. Until then, Thingward sends nothing else to it."},
		Path:  "/confirm?code=" + url.QueryEscape(w["code"]), Button: "Confirm the address", Code: w["code"],
		After: []string{"The code works once, for three days."},
		Why:   "You get this mail because somebody gave this address for the Thingward account " + w["name"] + ". If that was not you, ignore it: nothing happens without the code."}
}

func resetPassword(w words) letter {
	return letter{Subject: "Set a new password", Greeting: w.greeting(),
		Lines: []string{"Somebody asked for a new password for your account. With the code you can set one; you are then signed out everywhere."},
		Path:  "/reset?code=" + url.QueryEscape(w["code"]), Button: "Set a new password", Code: w["code"],
		After: []string{"The code works once, for one hour. If you did not ask for it, ignore this mail: your password stays as it is."},
		Why:   "You get this mail because this is the confirmed address of the Thingward account " + w["name"] + "."}
}

func passwordChanged(w words) letter {
	return letter{Subject: "Your password was changed", Greeting: w.greeting(),
		Lines: []string{"The password of your account was changed, and other browsers were signed out. Keys and apps go on working."},
		Facts: w.facts("When", "at", "From", "address", "With", "program", "By", "by"),
		Path:  "/forgot", Button: "It was not me", After: []string{"If it was you, there is nothing to do."},
		Why: "You get this mail because it is about the safety of your account."}
}

func addressChanged(w words) letter {
	return letter{Subject: "Your account has another e-mail address", Greeting: w.greeting(),
		Lines: []string{"This is no longer the e-mail address of your account. Mails go to the new one from now on, and passwords are reset through it."},
		Facts: w.facts("Account", "account", "When", "at", "From", "address"),
		Path:  "/settings", Button: "Open the settings", After: []string{"If you did not change it, somebody else can get into your account: sign in and change your password now, or ask an administrator."},
		Why: "You get this mail because this was the address of the account."}
}

func newSignIn(w words) letter {
	return letter{Subject: "New sign-in to your account", Greeting: w.greeting(),
		Lines: []string{"Somebody signed in to your account from where you had not signed in before."},
		Facts: w.facts("When", "at", "With", "program", "From", "address"),
		Path:  "/settings", Button: "Look at your sessions", After: []string{"If it was you, there is nothing to do. " + safetyAd},
		Why: "You get this mail because it is about the safety of your account."}
}

func collaborator(w words) letter {
	path := w["path"]
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") {
		path = "/"
	}
	return letter{Subject: "You can work on " + w["thing"], Greeting: w.greeting(),
		Lines: []string{w["by"] + " lets you work on “" + w["thing"] + "”."},
		Facts: w.facts("Thing", "thing", "Your rights", "rights", "Shared by", "by"),
		Path:  path, Button: "Open it", After: []string{"If you want nothing to do with it, you can leave it there."},
		Why: "You get this mail because something was shared with your account."}
}

// tamed makes one line of each word: what people chose must not add headers
// or lines to a mail, nor turn the direction of what follows.
func tamed(about map[string]string) words {
	clean := words{}
	for key, text := range about {
		clean[key] = oneLine(text)
	}
	return clean
}

func oneLine(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r), r == '\u2028', r == '\u2029':
			return ' '
		case r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069', r == '\u200e', r == '\u200f':
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "\ufffd"))
	return strings.Join(strings.Fields(text), " ")
}
