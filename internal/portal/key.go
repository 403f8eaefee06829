package portal

import (
	"net/http"
	"net/url"
	"time"

	"github.com/thingward/thingward/internal/domain"
)

const keyPageSize = 50

type keysPage struct {
	layout
	Keys  []shownKey
	Pager pager
	Curl  string
}

func (keysPage) template() string { return "keys" }

type keyPage struct {
	layout
	Key            shownKey
	Viewable       bool
	OldUntil       moment
	Allowed        []string
	Uses           []shownUse
	CurlHead, Curl string
}

func (keyPage) template() string { return "key" }

// shownKey is a key as pages show it.
type shownKey struct {
	ID, Href, Name, Description string
	Words                       []string
	Created, Ends, LastUsed     moment
	Address, Program            string
	State                       state
}

// shortWords is how many sentences the list of keys shows of each.
const shortWords = 4

// Brief returns the first sentences of what the key may do.
func (k shownKey) Brief() []string { return k.Words[:min(len(k.Words), shortWords)] }

// More counts the sentences that Brief leaves out.
func (k shownKey) More() int { return len(k.Words) - len(k.Brief()) }

// state is a word with the tone of its badge.
type state struct{ Word, Tone string }

type shownUse struct {
	Day, Thing, Act string
	Times           int64
	Last            moment
	Address         string
}

func (p *Portal) keys(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	page := pageOf(r, keyPageSize)
	listed, err := p.Keys.List(r.Context(), c, page)
	if err != nil {
		return err
	}
	shown := keysPage{layout: p.layoutFor(r, c, "keys", "Keys"), Pager: pagerOf("/keys", page, listed.Next),
		Curl: p.curl().send("KEYID", "KEYPASSWORD", c.User.Name+".greenhouse", nil)}
	for _, k := range listed.Items {
		shown.Keys = append(shown.Keys, p.shownKeyOf(c, k))
	}
	return show(w, http.StatusOK, shown)
}

func (p *Portal) shownKeyOf(c domain.Caller, k domain.Key) shownKey {
	now, zone := p.Now(), c.User.Location()
	return shownKey{ID: string(k.ID), Href: keyHref(k.ID), Name: k.Grant.Name, Description: k.Description,
		Words: scopeWords(k.Grant.Scopes), Created: momentOf(k.Grant.CreatedAt, now, zone), Ends: momentOf(k.Grant.ExpiresAt, now, zone),
		LastUsed: momentOf(k.Grant.LastUse.At, now, zone), Address: k.Grant.LastUse.Address, Program: shownProgram(k.Grant.LastUse.Program), State: stateOf(k, now)}
}

func shownProgram(agent string) string {
	if agent == "" {
		return ""
	}
	return programName(agent)
}

func keyHref(id domain.KeyID) string { return "/keys/" + url.PathEscape(string(id)) }

// soon is how long before its end a key says so.
const soon = 14 * 24 * time.Hour

func stateOf(k domain.Key, now time.Time) state {
	switch {
	case !k.Grant.RevokedAt.IsZero():
		return state{"deleted", "bad"}
	case !k.Grant.Alive(now):
		return state{"expired", "bad"}
	case !k.Grant.ExpiresAt.IsZero() && now.Add(soon).After(k.Grant.ExpiresAt):
		return state{"ends soon", "warn"}
	case now.Before(k.OldUntil):
		return state{"two passwords", "warn"}
	}
	return state{"active", "ok"}
}

func (p *Portal) findKey(r *http.Request, c domain.Caller) (domain.Key, error) {
	return p.Keys.Find(r.Context(), c, domain.KeyID(r.PathValue("key")))
}

// keyForm returns the key that the path names and the form that was posted
// about it. Whose key it is not learns nothing of faults in the form.
func (p *Portal) keyForm(w http.ResponseWriter, r *http.Request, c domain.Caller) (domain.Key, *form, error) {
	k, err := p.findKey(r, c)
	if err != nil {
		return domain.Key{}, nil, err
	}
	f, err := readForm(w, r)
	return k, f, err
}

func (p *Portal) key(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	k, err := p.findKey(r, c)
	if err != nil {
		return err
	}
	uses, err := p.Keys.Uses(r.Context(), c, k.ID)
	if err != nil {
		return err
	}
	shown := keyPage{layout: p.layoutFor(r, c, "keys", k.Grant.Name), Key: p.shownKeyOf(c, k), Viewable: k.Viewable,
		Uses: p.shownUsesOf(c, uses), CurlHead: "Use it", Curl: p.curl().forKey(string(k.ID), "KEYPASSWORD", c.User.Name, k.Grant.Scopes)}
	if p.Now().Before(k.OldUntil) {
		shown.OldUntil = momentOf(k.OldUntil, p.Now(), c.User.Location())
	}
	for _, prefix := range k.Allowed {
		shown.Allowed = append(shown.Allowed, prefixText(prefix))
	}
	return show(w, http.StatusOK, shown)
}

// rightWords says what was done with a thing.
var rightWords = map[domain.Right]string{
	domain.SensorRead:    "looked at it",
	domain.SensorWrite:   "changed it",
	domain.SensorDelete:  "deleted it",
	domain.ReadingsRead:  "read data",
	domain.ReadingsWrite: "sent data",
	domain.DeviceRead:    "looked at it",
	domain.DeviceWrite:   "changed it",
	domain.DeviceDelete:  "deleted it",
	domain.SensorShare:   "changed who works on it",
	domain.DeviceShare:   "changed who works on it",

	domain.ApplicationSee:           "looked at it",
	domain.ApplicationSettings:      "used its settings",
	domain.ApplicationDelete:        "deleted or restored it",
	domain.ApplicationCollaborators: "used the list of who works on it",
	domain.ApplicationDevices:       "used its end devices",
	domain.MessagesUpRead:           "read messages",
	domain.MessagesUpWrite:          "sent in the place of end devices",
	domain.MessagesDownWrite:        "sent messages",

	domain.GatewaySee:           "looked at it",
	domain.GatewaySettings:      "used its settings",
	domain.GatewayCollaborators: "used the list of who works on it",
	domain.GatewayDelete:        "deleted or restored it",
	domain.GatewayLocation:      "changed where it stands",
	domain.GatewayStatus:        "read its status",
	domain.GatewayOwner:         "handed it over",
	domain.GatewayMessages:      "used its messages",

	domain.ComponentSee:           "looked at it",
	domain.ComponentSettings:      "used its settings",
	domain.ComponentDelete:        "deleted or restored it",
	domain.ComponentCollaborators: "used the list of who works on it",
}

func (p *Portal) shownUsesOf(c domain.Caller, uses []domain.DayUse) []shownUse {
	shown := make([]shownUse, len(uses))
	for i, use := range uses {
		act := rightWords[use.Right]
		if act == "" {
			act = string(use.Right)
		}
		shown[i] = shownUse{Day: use.Day.UTC().Format("2 Jan 2006"), Thing: use.Thing, Act: act, Times: use.Uses,
			Last: momentOf(use.LastAt, p.Now(), c.User.Location()), Address: use.Address}
	}
	return shown
}
