package sensor

import (
	"errors"
	"net/http"
	"strings"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/web"
)

// Routes are the sensors of the native API. What everybody may do with public
// sensors is open to everybody; the use cases decide about each sensor.
func (s *Service) Routes() []web.Route {
	anybody, read, write := web.Public(), web.Scoped(domain.ScopeSensorsRead), web.Scoped(domain.ScopeSensorsWrite)
	routes := []web.Route{
		{Pattern: "GET /api/v1/sensors", Need: anybody, Handle: s.list},
		{Pattern: "POST /api/v1/sensors", Need: write, Handle: s.create},
		{Pattern: "GET /api/v1/sensors/{sensor}", Need: anybody, Handle: s.show},
		{Pattern: "PATCH /api/v1/sensors/{sensor}", Need: write, Handle: s.change},
		{Pattern: "DELETE /api/v1/sensors/{sensor}", Need: write, Handle: s.remove},
		{Pattern: "GET /api/v1/sensors/{sensor}/fields", Need: anybody, Handle: s.listFields},
		{Pattern: "PUT /api/v1/sensors/{sensor}/fields/{field}", Need: write, Handle: s.putField},
		{Pattern: "DELETE /api/v1/sensors/{sensor}/fields/{field}", Need: write, Handle: s.removeField},
		{Pattern: "GET /api/v1/tags", Need: anybody, Handle: s.listTags},
		{Pattern: "GET /api/v1/subscriptions", Need: read, Handle: s.listSubscriptions},
		{Pattern: "PUT /api/v1/subscriptions/{sensor}", Need: write, Handle: s.subscribe},
		{Pattern: "DELETE /api/v1/subscriptions/{sensor}", Need: write, Handle: s.unsubscribe},
	}
	for i := range routes {
		routes[i].Handle = inSnakeCase(routes[i].Handle)
	}
	return routes
}

// inSnakeCase names attributes in errors as the native API does; the domain
// names them as WoTKit does.
func inSnakeCase(handle web.Handler) web.Handler {
	return func(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
		err := handle(w, r, c)
		var shown *domain.Error
		if !errors.As(err, &shown) || len(shown.Fields) == 0 {
			return err
		}
		renamed := *shown
		renamed.Message = faultNames.Replace(shown.Message)
		renamed.Fields = make(map[string]string, len(shown.Fields))
		for name, fault := range shown.Fields {
			if snake, ok := snakeNames[name]; ok {
				name = snake
			}
			renamed.Fields[name] = fault
		}
		return &renamed
	}
}

var (
	snakeNames = map[string]string{"longName": "long_name", "imageUrl": "image_url"}
	faultNames = strings.NewReplacer(" · longName: ", " · long_name: ", " · imageUrl: ", " · image_url: ",
		"needs a longName of", "needs a long_name of", "is NUMBER or STRING", "is number or string")
)

func (s *Service) show(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	sensor, err := s.Find(r.Context(), c, r.PathValue("sensor"), domain.SensorRead)
	if err != nil {
		return err
	}
	return s.answer(w, r, c, http.StatusOK, sensor)
}

// answer writes one sensor with its state.
func (s *Service) answer(w http.ResponseWriter, r *http.Request, c domain.Caller, status int, sensor domain.Sensor) error {
	states, err := s.StatesFor(r.Context(), c, sensor)
	if err != nil {
		return err
	}
	return web.WriteBytes(w, status, "application/json", appendSensor(make([]byte, 0, 1536), sensor, states[sensor.ID]))
}

func (s *Service) create(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	wanted, batch, err := readNew(w, r)
	if err != nil {
		return err
	}
	made, err := s.CreateAll(r.Context(), c, wanted)
	if err != nil {
		return err
	}
	if batch {
		return writeSensors(w, http.StatusCreated, domain.Listed[domain.Sensor]{Items: made, Total: len(made)}, nil)
	}
	w.Header().Set("Location", "/api/v1/sensors/"+made[0].FullName())
	return s.answer(w, r, c, http.StatusCreated, made[0])
}

func (s *Service) change(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	ref := r.PathValue("sensor")
	sensor, err := s.Find(r.Context(), c, ref, domain.SensorWrite)
	if err != nil {
		return err
	}
	edit, err := readEdit(w, r, sensor)
	if err != nil {
		return err
	}
	updated, err := s.Update(r.Context(), c, ref, edit)
	if err != nil {
		return err
	}
	return s.answer(w, r, c, http.StatusOK, updated)
}

func (s *Service) remove(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	return web.WriteDone(w, s.Delete(r.Context(), c, r.PathValue("sensor")))
}

func (s *Service) listFields(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	sensor, err := s.Find(r.Context(), c, r.PathValue("sensor"), domain.SensorRead)
	if err != nil {
		return err
	}
	states, err := s.StatesFor(r.Context(), c, sensor)
	if err != nil {
		return err
	}
	body := appendFields([]byte(`{"items":`), sensor.Fields, states[sensor.ID])
	return web.WriteBytes(w, http.StatusOK, "application/json", appendTotal(body, "", len(sensor.Fields)))
}

func (s *Service) putField(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	// Who may not see the sensor learns nothing of the body's faults.
	if _, err := s.Find(r.Context(), c, r.PathValue("sensor"), domain.SensorWrite); err != nil {
		return err
	}
	field, err := readField(w, r, r.PathValue("field"))
	if err != nil {
		return err
	}
	return web.WriteDone(w, s.PutField(r.Context(), c, r.PathValue("sensor"), field))
}

func (s *Service) removeField(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	return web.WriteDone(w, s.DeleteField(r.Context(), c, r.PathValue("sensor"), r.PathValue("field")))
}

func (s *Service) subscribe(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	return web.WriteDone(w, s.Subscribe(r.Context(), c, r.PathValue("sensor")))
}

func (s *Service) unsubscribe(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	return web.WriteDone(w, s.Unsubscribe(r.Context(), c, r.PathValue("sensor")))
}
