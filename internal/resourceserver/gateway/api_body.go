package gateway

import (
	"encoding/json"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/web"
)

// gatewayBody is a gateway as requests write it. What is missing is left as it
// is; so is what is null, but for the antenna: null takes it away.
type gatewayBody struct {
	ID              *string           `json:"id"`
	Owner           *string           `json:"owner"`
	FrequencyPlan   *string           `json:"frequency_plan"`
	Antenna         json.RawMessage   `json:"antenna"`
	Attributes      map[string]string `json:"attributes"`
	Router          *string           `json:"router"`
	FallbackRouters *[]string         `json:"fallback_routers"`
	LocationPublic  *bool             `json:"location_public"`
	StatusPublic    *bool             `json:"status_public"`
	OwnerPublic     *bool             `json:"owner_public"`
	AutoUpdate      *bool             `json:"auto_update"`
	BetaUpdates     *bool             `json:"beta_updates"`
}

// antenna reads where the gateway stands; nothing where that is missing or null.
func (b gatewayBody) antenna() (*domain.Location, error) {
	if len(b.Antenna) == 0 || string(b.Antenna) == "null" {
		return nil, nil
	}
	var in struct {
		Latitude  *float64 `json:"latitude"`
		Longitude *float64 `json:"longitude"`
		Altitude  int32    `json:"altitude"`
	}
	if err := web.UnmarshalStrict(b.Antenna, &in); err != nil {
		return nil, err
	}
	if in.Latitude == nil || in.Longitude == nil {
		return nil, domain.InvalidField("antenna", "An antenna has a latitude and a longitude in degrees, and may have an altitude in whole metres.")
	}
	return &domain.Location{Latitude: *in.Latitude, Longitude: *in.Longitude, Altitude: in.Altitude}, nil
}

func (b gatewayBody) wanted() (New, error) {
	antenna, err := b.antenna()
	if err != nil {
		return New{}, err
	}
	if b.Owner != nil {
		return New{}, domain.InvalidField("owner", "A new gateway is its maker's. Hand it over when it is there.")
	}
	wanted := New{Antenna: antenna, Attributes: b.Attributes}
	set(&wanted.Name, b.ID)
	set(&wanted.FrequencyPlan, b.FrequencyPlan)
	set(&wanted.Router, b.Router)
	set(&wanted.FallbackRouters, b.FallbackRouters)
	set(&wanted.LocationPublic, b.LocationPublic)
	set(&wanted.StatusPublic, b.StatusPublic)
	set(&wanted.OwnerPublic, b.OwnerPublic)
	set(&wanted.AutoUpdate, b.AutoUpdate)
	set(&wanted.BetaUpdates, b.BetaUpdates)
	return wanted, nil
}

func (b gatewayBody) edit(ref string) (Edit, error) {
	antenna, err := b.antenna()
	switch {
	case err != nil:
		return Edit{}, err
	case b.ID != nil && *b.ID != ref:
		return Edit{}, domain.InvalidField("id", "The id of a gateway cannot change.")
	}
	return Edit{FrequencyPlan: b.FrequencyPlan, Antenna: antenna, NoAntenna: string(b.Antenna) == "null", Attributes: b.Attributes, Router: b.Router,
		FallbackRouters: b.FallbackRouters, LocationPublic: b.LocationPublic, StatusPublic: b.StatusPublic, OwnerPublic: b.OwnerPublic,
		AutoUpdate: b.AutoUpdate, BetaUpdates: b.BetaUpdates, Owner: b.Owner}, nil
}
