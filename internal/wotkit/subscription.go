package wotkit

import (
	"net/http"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/web"
)

// listSubscriptions is GET /subscribe.
func (d *Door) listSubscriptions(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	filter := filterQuery{SensorFilter: domain.SensorFilter{Relation: domain.Subscribed}}
	return d.writeSensors(w, r, c, queryOf(r), filter)
}

// subscribe is PUT /subscribe/{sensor}.
func (d *Door) subscribe(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	if err := d.Sensors.Subscribe(r.Context(), c, r.PathValue("sensor")); err != nil {
		return notPossible(err)
	}
	return web.WriteDone(w, nil)
}

// unsubscribe is DELETE /subscribe/{sensor}.
func (d *Door) unsubscribe(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	if err := d.Sensors.Unsubscribe(r.Context(), c, r.PathValue("sensor")); err != nil {
		return notPossible(err)
	}
	return web.WriteDone(w, nil)
}

// notPossible says a second subscription, and the end of none, as this
// contract does: 403.
func notPossible(err error) error {
	if !domain.IsKind(err, domain.Conflict) {
		return err
	}
	return &worded{cannotPerform, &domain.Error{Kind: domain.Forbidden, Code: domain.CodeOf(err), Message: err.Error(), Err: err}}
}
