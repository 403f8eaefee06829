package lametric

import (
	"encoding/json"
	"net/http"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/web"
)

// userJSON has the fields in the order of the contract.
type userJSON struct {
	ID          domain.UserID `json:"id"`
	Email       string        `json:"email"` // empty for credentials that may not see it
	Name        string        `json:"name"`
	Apps        int           `json:"apps_count"`
	Devices     int           `json:"private_device_count"`
	PrivateApps int           `json:"private_apps_count"` // those that are not for everybody yet
}

func (d *Door) showUser(w http.ResponseWriter, r *http.Request, c domain.Caller) error {
	user := userJSON{ID: c.User.ID, Name: c.User.Shown()}
	if c.Holds(domain.ScopeEmail) {
		user.Email = c.ToldAddress()
	}
	var err error
	if user.Devices, err = d.Devices.Count(r.Context(), c); err != nil {
		return err
	}
	if user.Apps, user.PrivateApps, err = d.Apps.Made(r.Context(), c); err != nil {
		return err
	}
	web.NotKept(w)
	return writeJSON(w, user)
}

// writeJSON answers 200, which is the only status that some programs take for
// success.
func writeJSON(w http.ResponseWriter, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return web.WriteBytes(w, http.StatusOK, jsonType, body)
}
