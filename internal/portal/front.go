package portal

import (
	"net/http"
	"time"

	"github.com/thingward/thingward/internal/domain"
)

type frontPage struct {
	layout
	SetupNeeded bool
	Curl        string
}

func (frontPage) template() string { return "front" }

type homePage struct {
	layout
	Sensors, Keys        int
	Connections          int
	Applications         int
	Gateways             int
	LastReading          moment
	CreateCurl, SendCurl string
}

func (homePage) template() string { return "home" }

// AllDone reports whether there is nothing left of the first steps.
func (h homePage) AllDone() bool { return h.Sensors > 0 && h.Keys > 0 && h.LastReading.ISO != "" }

// front is the home of who is signed in, and an introduction for others.
func (p *Portal) front(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	if signedIn(c) {
		return p.home(w, r, c)
	}
	needed, err := p.Accounts.SetupNeeded(r.Context())
	if err != nil {
		return err
	}
	return show(w, http.StatusOK, frontPage{layout: p.layoutFor(r, c, "home", "Welcome"), SetupNeeded: needed,
		Curl: p.curl().send("KEYID", "KEYPASSWORD", "alice.greenhouse", nil)})
}

func (p *Portal) home(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	ctx := r.Context()
	keys, err := p.Keys.List(ctx, c, domain.Page{Limit: 1})
	if err != nil {
		return err
	}
	connections, err := p.Connections.Connections(ctx, c, domain.Page{Limit: 1})
	if err != nil {
		return err
	}
	count, err := p.Sensors.Count(ctx, c, domain.SensorFilter{Relation: domain.Contributed})
	if err != nil {
		return err
	}
	sensors, err := p.Sensors.List(ctx, c, domain.SensorFilter{Relation: domain.Contributed, Limit: 100})
	if err != nil {
		return err
	}
	last, err := p.lastReading(r, c, sensors)
	if err != nil {
		return err
	}
	applications, err := p.Applications.List(ctx, c, domain.Living, domain.Page{Limit: 1})
	if err != nil {
		return err
	}
	gateways, err := p.Gateways.List(ctx, c, domain.Living, domain.Page{Limit: 1})
	if err != nil {
		return err
	}
	name, fields := c.User.Name+".greenhouse", []domain.Field(nil)
	if len(sensors) > 0 {
		name, fields = sensors[0].FullName(), sensors[0].Fields
	}
	return show(w, http.StatusOK, homePage{layout: p.layoutFor(r, c, "home", "Home"), Sensors: count, Keys: keys.Total, Connections: connections.Total,
		Applications: applications.Total, Gateways: gateways.Total,
		LastReading: momentOf(last, p.Now(), c.User.Location()), CreateCurl: p.curl().create("KEYID", "KEYPASSWORD"),
		SendCurl: p.curl().send("KEYID", "KEYPASSWORD", name, fields)})
}

func (p *Portal) lastReading(r *http.Request, c domain.Caller, sensors []domain.Sensor) (time.Time, error) {
	states, err := p.Sensors.StatesFor(r.Context(), c, sensors...)
	var last time.Time
	for _, state := range states {
		if state.LastUpdate.After(last) {
			last = state.LastUpdate
		}
	}
	return last, err
}
