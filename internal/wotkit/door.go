// Package wotkit is the door for programs that were written for WoTKit: its
// V1 and V2 API with the paths, bodies, errors and quirks of the contract. It
// decodes, calls a slice and answers; rules and data are elsewhere.
package wotkit

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/resourceserver/reading"
	"github.com/thingward/thingward/internal/resourceserver/sensor"
	"github.com/thingward/thingward/internal/web"
)

// Prefix is where the API of the door is mounted on the main host. V1 answers
// with and without "v1/" behind it, V2 only with "v2/".
const Prefix = "/wotkit/api/"

// Door serves the API from the slices.
type Door struct {
	Sensors  *sensor.Service
	Readings *reading.Service
	Tokens   Tokens
	// NoQueryTokens: the operator wants no access tokens in the query.
	NoQueryTokens bool
	Now           func() time.Time
}

// act is one documented method of the API: what the route table needs, and a
// sentence for the description of the API.
type act struct {
	pattern string // below the API root: "GET sensors/{sensor}"
	need    web.Need
	handle  web.Handler
	summary string
}

// Web returns the routes of the door.
func (d *Door) Web() *web.Door {
	v1, v2 := d.actsV1(), d.actsV2()
	v1 = append(v1, d.describing(slices.Concat(v1, []act{d.exchanging()}), v2))
	door := &web.Door{Name: "wotkit", Prefix: Prefix, Accepts: web.Accepts{Passwords: true, QueryTokens: !d.NoQueryTokens}, WriteError: WriteError, Wrap: withHeaders}
	for _, mount := range []struct {
		below string
		acts  []act
	}{{Prefix, v1}, {Prefix + "v1/", v1}, {Prefix + "v2/", v2}} {
		for _, a := range mount.acts {
			door.Routes = append(door.Routes, web.Route{Pattern: mounted(a.pattern, mount.below), Need: a.need, Handle: a.handle})
		}
	}
	return door
}

// actsV1 are the methods of V1. Those that the contract calls Private need a
// scope; the others answer everybody with what everybody may see.
func (d *Door) actsV1() []act {
	everybody := web.Public()
	readSensors, writeSensors := web.Scoped(domain.ScopeSensorsRead), web.Scoped(domain.ScopeSensorsWrite)
	writeReadings := web.Scoped(domain.ScopeReadingsWrite)
	return []act{
		{"GET sensors", everybody, d.listSensors, "Find sensors"},
		{"POST sensors", writeSensors, d.createSensor, "Create a sensor"},
		{"PUT sensors", writeSensors, d.createSensors, "Create up to 100 sensors, all or none"},
		{"GET sensors/{sensor}", everybody, d.showSensor, "A sensor"},
		{"PUT sensors/{sensor}", writeSensors, d.updateSensor, "Change a sensor"},
		{"DELETE sensors/{sensor}", writeSensors, d.deleteSensor, "Delete a sensor with its data"},
		{"GET sensors/{sensor}/fields", everybody, d.listFields, "The fields of a sensor"},
		{"GET sensors/{sensor}/fields/{field}", everybody, d.showField, "A field"},
		{"PUT sensors/{sensor}/fields/{field}", writeSensors, d.putField, "Create or change a field"},
		{"DELETE sensors/{sensor}/fields/{field}", writeSensors, d.deleteField, "Delete a field"},
		{"GET sensors/{sensor}/data", everybody, d.listData, "The data of a sensor"},
		{"POST sensors/{sensor}/data", writeReadings, d.sendData, "Send data"},
		{"PUT sensors/{sensor}/data", writeReadings, d.replaceData, "Replace the data of a range of time"},
		{"DELETE sensors/{sensor}/data/{timestamp}", writeReadings, d.deleteData, "Delete the data of one time"},
		{"GET sensors/{sensor}/dataTable", everybody, d.dataTable, "The data as a Chart Tools data source"},
		{"GET data", everybody, d.aggregate, "The data of many sensors"},
		{"GET subscribe", readSensors, d.listSubscriptions, "The sensors that the caller subscribes to"},
		{"PUT subscribe/{sensor}", writeSensors, d.subscribe, "Subscribe to a sensor"},
		{"DELETE subscribe/{sensor}", writeSensors, d.unsubscribe, "End a subscription"},
		{"GET tags", everybody, d.listTags, "The tags in use"},
	}
}

// actsV2 are the methods of V2.
func (d *Door) actsV2() []act {
	everybody, write := web.Public(), web.Scoped(domain.ScopeReadingsWrite)
	return []act{
		{"GET sensors/{sensor}/data", everybody, d.queryDataV2, "The data of a sensor"},
		{"POST sensors/{sensor}/data", write, d.sendData, "Send data"},
		{"PUT sensors/{sensor}/data", write, d.replaceDataV2, "Replace the data of single times"},
		{"DELETE sensors/{sensor}/data", write, d.deleteRangeV2, "Delete the data of a range"},
		{"GET sensors/{sensor}/data/{data_id}", everybody, d.showDataV2, "A record"},
		{"DELETE sensors/{sensor}/data/{data_id}", write, d.deleteDataV2, "Delete a record"},
		{"POST data/{owner}", write, d.sendManyV2, "Send data of several sensors, all or none"},
	}
}

// withHeaders lets pages of other origins read what everybody may read, has
// nothing kept that may have changed, and keeps an address with a token in it
// out of what a browser tells the next page.
func withHeaders(next http.Handler) http.Handler {
	return web.AnyOrigin(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Cache-Control"] = noCache
		if strings.Contains(r.URL.RawQuery, "access_token") {
			w.Header()["Referrer-Policy"] = noReferrer
		}
		next.ServeHTTP(w, r)
	}))
}

var (
	noCache    = []string{"no-cache"}
	noReferrer = []string{"no-referrer"}
)

// created answers 201 without a body.
func created(w http.ResponseWriter) error {
	w.Header()["Content-Length"] = []string{"0"}
	w.WriteHeader(http.StatusCreated)
	return nil
}
