package wotkit

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/web"
)

// listSensors is GET /sensors.
func (d *Door) listSensors(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	q := queryOf(r)
	filter, err := sensorFilter(q, d.Now())
	if err != nil {
		return err
	}
	return d.writeSensors(w, r, c, q, filter)
}

// writeSensors answers the page of the selected sensors that the query asks
// for.
func (d *Door) writeSensors(w http.ResponseWriter, r *http.Request, c domain.Caller, q params, filter filterQuery) error {
	limit, offset, err := q.page()
	if err != nil {
		return err
	}
	var found []domain.Sensor
	if limit > 0 && !filter.nothing {
		filter.Limit, filter.Offset = limit, offset
		if found, err = d.Sensors.List(r.Context(), c, filter.SensorFilter); err != nil {
			return err
		}
	}
	shown, err := d.shown(r.Context(), c, found)
	if err != nil {
		return err
	}
	return writeJSON(w, shown)
}

// shown joins sensors with their states and subscribers.
func (d *Door) shown(ctx context.Context, c domain.Caller, sensors []domain.Sensor) ([]sensorJSON, error) {
	shown := make([]sensorJSON, len(sensors))
	if len(sensors) == 0 {
		return shown, nil
	}
	ids := make([]domain.SensorID, len(sensors))
	for i, s := range sensors {
		ids[i] = s.ID
	}
	states, err := d.Sensors.StatesFor(ctx, c, sensors...)
	if err != nil {
		return nil, err
	}
	subscribers, err := d.Sensors.Subscribers(ctx, ids...)
	if err != nil {
		return nil, err
	}
	for i, s := range sensors {
		shown[i] = shownSensor(s, states[s.ID], subscribers[s.ID])
	}
	return shown, nil
}

// showSensor is GET /sensors/{sensor}.
func (d *Door) showSensor(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	s, err := d.Sensors.Find(r.Context(), c, r.PathValue("sensor"), domain.SensorRead)
	if err != nil {
		return err
	}
	shown, err := d.shown(r.Context(), c, []domain.Sensor{s})
	if err != nil {
		return err
	}
	return writeJSON(w, shown[0])
}

// createSensor is POST /sensors.
func (d *Door) createSensor(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	o, err := readObject(w, r)
	if err != nil {
		return invalidAs(validationErrors, err)
	}
	s, err := newSensor(o)
	if err != nil {
		return invalidAs(validationErrors, allFaults(o, s))
	}
	if _, err := d.Sensors.Create(r.Context(), c, s); err != nil {
		return nameTaken(invalidAs(validationErrors, err))
	}
	return created(w)
}

// allFaults adds what the rules say of a sensor to what is wrong with the
// types of its attributes.
func allFaults(o *object, s domain.Sensor) error {
	s.Visibility, s.Fields = domain.Private, domain.DefaultFields()
	if err := s.Check(); err != nil {
		o.also(domainError(err).Fields)
	}
	return o.err()
}

// createSensors is PUT /sensors: all of them or none.
func (d *Door) createSensors(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	objects, err := readObjects(w, r)
	if err != nil {
		return invalidAs(validationErrors, err)
	}
	sensors := make([]domain.Sensor, len(objects))
	names := make(map[string]bool, len(objects))
	for i, o := range objects {
		if sensors[i], err = newSensor(o); err != nil {
			return invalidAs(validationErrors, err)
		}
		names[sensors[i].Name] = true
	}
	if _, err := d.Sensors.CreateAll(r.Context(), c, sensors); err != nil {
		return nameTaken(invalidAs(validationErrors, err))
	}
	body, err := json.Marshal(names)
	if err != nil {
		return err
	}
	return web.WriteBytes(w, http.StatusCreated, jsonType, body)
}

// nameTaken says a conflict in the words that the suites look for.
func nameTaken(err error) error {
	if !domain.IsKind(err, domain.Conflict) {
		return err
	}
	fields := domainError(err).Fields
	if len(fields) == 0 {
		fields = map[string]string{"name": "A sensor with this name already exists."}
	}
	return &worded{"A sensor with this name already exists.",
		&domain.Error{Kind: domain.Conflict, Code: domain.CodeOf(err), Message: "already exists", Fields: fields, Err: err}}
}

// updateSensor is PUT /sensors/{sensor}: only the attributes that are there
// change.
func (d *Door) updateSensor(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	ref := r.PathValue("sensor")
	s, err := d.Sensors.Find(r.Context(), c, ref, domain.SensorWrite)
	if err != nil {
		return err
	}
	o, err := readObject(w, r)
	if err != nil {
		return invalidAs(validationErrors, err)
	}
	if name := o.text("name"); name != nil && *name != s.Name {
		return invalidAs(validationErrors, domain.InvalidField("name", "The name of a sensor cannot be changed."))
	}
	edit, err := sensorEdit(o)
	if err != nil {
		return invalidAs(validationErrors, err)
	}
	if _, err := d.Sensors.Update(r.Context(), c, ref, edit); err != nil {
		return invalidAs(validationErrors, err)
	}
	return web.WriteDone(w, nil)
}

// deleteSensor is DELETE /sensors/{sensor}.
func (d *Door) deleteSensor(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	return web.WriteDone(w, d.Sensors.Delete(r.Context(), c, r.PathValue("sensor")))
}

// writeJSON answers 200 with a JSON document.
func writeJSON(w http.ResponseWriter, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return web.WriteBytes(w, http.StatusOK, jsonType, body)
}

// domainError returns the error that a caller may see, an empty one where
// there is none.
func domainError(err error) *domain.Error {
	var shown *domain.Error
	if errors.As(err, &shown) {
		return shown
	}
	return &domain.Error{}
}
