package authorize

import (
	"net/http"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/web"
)

// Routes is the device authorization endpoint. The authorization endpoints
// show pages and are the portal's.
func (s *Service) Routes() []web.Route {
	return []web.Route{{Pattern: "POST /oauth/device_authorization", Need: web.ClientAuth(), Handle: s.deviceEndpoint}}
}

// deviceJSON is the answer to a device (RFC 8628 §3.2).
type deviceJSON struct {
	DeviceCode      string `json:"device_code"`
	UserCode        string `json:"user_code"`
	VerificationURI string `json:"verification_uri"`
	Complete        string `json:"verification_uri_complete"`
	ExpiresIn       int64  `json:"expires_in"` // seconds
	Interval        int64  `json:"interval"`   // seconds
}

func (s *Service) deviceEndpoint(w http.ResponseWriter, r *http.Request, _ domain.Caller) error {
	form, err := guard.ReadClientForm(w, r)
	if err != nil {
		return err
	}
	answer, err := s.BeginDevice(r.Context(), form)
	if err != nil {
		return err
	}
	page, code := s.Issuer+DevicePage, answer.UserCode.Reveal()
	web.NeverCached(w)
	return web.WriteJSON(w, http.StatusOK, deviceJSON{answer.DeviceCode.Reveal(), code, page, page + "?user_code=" + code,
		int64(answer.Life.Seconds()), int64(answer.Pace.Seconds())})
}
