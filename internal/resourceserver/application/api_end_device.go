package application

import (
	"net/http"
	"strings"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/web"
)

// endDeviceBody is an end device as requests write it and answers show it.
type endDeviceBody struct {
	ID          string            `json:"id"`
	Description string            `json:"description"`
	AppEUI      string            `json:"app_eui"`
	DevEUI      string            `json:"dev_eui"`
	DevAddr     string            `json:"dev_addr"`
	AppKey      string            `json:"app_key"`
	AppSKey     string            `json:"app_s_key"`
	NwkSKey     string            `json:"nwk_s_key"`
	Latitude    float64           `json:"latitude"`
	Longitude   float64           `json:"longitude"`
	Altitude    int32             `json:"altitude"`
	Attributes  map[string]string `json:"attributes"`
	Constraints string            `json:"activation_constraints"`
	NoCounter   bool              `json:"disable_f_cnt_check"`
	WideCounter bool              `json:"uses_32_bit_f_cnt"`
	CounterUp   uint32            `json:"f_cnt_up"`
	CounterDown uint32            `json:"f_cnt_down"`
	LastSeenAt  *time.Time        `json:"last_seen_at"`
}

type endDeviceJSON struct {
	endDeviceBody
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

func endDeviceAsJSON(d domain.EndDevice) endDeviceJSON {
	body := endDeviceBody{ID: d.Name, Description: d.Description, AppEUI: d.AppEUI, DevEUI: d.DevEUI, DevAddr: d.DevAddr,
		AppKey: d.Keys.App.Reveal(), AppSKey: d.Keys.AppSession.Reveal(), NwkSKey: d.Keys.NetworkSession.Reveal(),
		Latitude: d.Latitude, Longitude: d.Longitude, Altitude: d.Altitude, Attributes: d.Attributes, Constraints: d.Constraints,
		NoCounter: d.NoCounter, WideCounter: d.WideCounter, CounterUp: d.CounterUp, CounterDown: d.CounterDown}
	if d.LastSeen != 0 {
		body.LastSeenAt = web.Moment(time.Unix(0, d.LastSeen).UTC())
	}
	return endDeviceJSON{body, d.CreatedAt, d.ChangedAt}
}

// endDevice reads what a request says. Times beyond what nanoseconds can count
// are refused.
func (b endDeviceBody) endDevice() (domain.EndDevice, error) {
	d := domain.EndDevice{Name: b.ID, Description: b.Description, AppEUI: b.AppEUI, DevEUI: b.DevEUI, DevAddr: b.DevAddr,
		Latitude: b.Latitude, Longitude: b.Longitude, Altitude: b.Altitude, Attributes: b.Attributes, Constraints: b.Constraints,
		NoCounter: b.NoCounter, WideCounter: b.WideCounter, CounterUp: b.CounterUp, CounterDown: b.CounterDown,
		Keys: domain.EndDeviceKeys{App: secret.New(b.AppKey), AppSession: secret.New(b.AppSKey), NetworkSession: secret.New(b.NwkSKey)}}
	if b.LastSeenAt != nil {
		if year := b.LastSeenAt.Year(); year < 1970 || year > 2200 {
			return domain.EndDevice{}, domain.InvalidField("last_seen_at", "An end device was seen in a year from 1970 to 2200.")
		}
		d.LastSeen = b.LastSeenAt.UnixNano()
	}
	return d, nil
}

// readEndDevice reads an end device for who may manage those of the application.
func (s *Service) readEndDevice(w http.ResponseWriter, r *http.Request, c domain.Caller) (domain.EndDevice, error) {
	if _, err := s.Finder.Application(r.Context(), c, ref(r), domain.ApplicationDevices); err != nil {
		return domain.EndDevice{}, err
	}
	var in endDeviceBody
	if err := web.DecodeJSON(w, r, web.SmallBody, &in); err != nil {
		return domain.EndDevice{}, err
	}
	if name := r.PathValue("device"); name != "" {
		if in.ID != "" && in.ID != name {
			return domain.EndDevice{}, domain.InvalidField("id", "The id in the body is not the one in the path.")
		}
		in.ID = name
	}
	return in.endDevice()
}

func (s *Service) listEndDevices(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	page, err := web.ReadPage(r)
	if err != nil {
		return err
	}
	listed, err := s.EndDevices(r.Context(), c, ref(r), page)
	if err != nil {
		return err
	}
	web.NotKept(w)
	return web.WriteList(w, r, listed, endDeviceAsJSON)
}

func (s *Service) createEndDevice(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	device, err := s.readEndDevice(w, r, c)
	if err != nil {
		return err
	}
	made, err := s.CreateEndDevice(r.Context(), c, ref(r), device)
	if err != nil {
		return err
	}
	web.NotKept(w)
	w.Header().Set("Location", strings.TrimSuffix(r.URL.EscapedPath(), "/")+"/"+made.Name)
	return web.WriteJSON(w, http.StatusCreated, endDeviceAsJSON(made))
}

func (s *Service) showEndDevice(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	device, err := s.EndDevice(r.Context(), c, ref(r), r.PathValue("device"))
	if err != nil {
		return err
	}
	web.NotKept(w)
	return web.WriteJSON(w, http.StatusOK, endDeviceAsJSON(device))
}

func (s *Service) setEndDevice(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	device, err := s.readEndDevice(w, r, c)
	if err != nil {
		return err
	}
	stored, err := s.SetEndDevice(r.Context(), c, ref(r), device)
	if err != nil {
		return err
	}
	web.NotKept(w)
	return web.WriteJSON(w, http.StatusOK, endDeviceAsJSON(stored))
}

func (s *Service) removeEndDevice(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	return web.WriteDone(w, s.DeleteEndDevice(r.Context(), c, ref(r), r.PathValue("device")))
}
