package ttn

import (
	"encoding/json"
	"math"
	"strconv"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/resourceserver/gateway"
	"github.com/thingward/thingward/internal/secret"
)

// gatewayJSON is a gateway as programs read it. Lists and objects are never
// null.
type gatewayJSON struct {
	ID               string             `json:"id"`
	Activated        bool               `json:"activated"`
	FrequencyPlan    string             `json:"frequency_plan"`
	FrequencyPlanURL string             `json:"frequency_plan_url"`
	AutoUpdate       bool               `json:"auto_update"`
	LocationPublic   bool               `json:"location_public"`
	StatusPublic     bool               `json:"status_public"`
	OwnerPublic      bool               `json:"owner_public"`
	AntennaLocation  *locationJSON      `json:"antenna_location,omitempty"`
	Collaborators    []collaboratorJSON `json:"collaborators"`
	Key              string             `json:"key"`
	Attributes       map[string]string  `json:"attributes"`
	Router           routerJSON         `json:"router"`
	FallbackRouters  []routerJSON       `json:"fallback_routers"`
	BetaUpdates      bool               `json:"beta_updates"`
	Owner            ownerJSON          `json:"owner"`
}

// locationJSON has whole metres: programs refuse others.
type locationJSON struct {
	Longitude float64 `json:"longitude"`
	Latitude  float64 `json:"latitude"`
	Altitude  int32   `json:"altitude"`
}

// routerJSON is a router by its id. Its addresses are the network's to know.
type routerJSON struct {
	ID          string `json:"id"`
	Address     string `json:"address"`
	MQTTAddress string `json:"mqtt_address"`
}

type ownerJSON struct {
	ID       string `json:"id"`
	Username string `json:"username"`
}

func (d *Door) gatewayAsJSON(g domain.Gateway, key secret.Secret, collaborators []collaboratorJSON) gatewayJSON {
	out := gatewayJSON{ID: g.Name, Activated: !g.ActivatedAt.IsZero(), FrequencyPlan: g.FrequencyPlan, FrequencyPlanURL: d.Gateways.PlanURL(g.FrequencyPlan),
		AutoUpdate: g.AutoUpdate, LocationPublic: g.LocationPublic, StatusPublic: g.StatusPublic, OwnerPublic: g.OwnerPublic,
		Collaborators: collaborators, Key: key.Reveal(), Attributes: g.Attributes, Router: routerJSON{ID: g.Router},
		FallbackRouters: make([]routerJSON, len(g.FallbackRouters)), BetaUpdates: g.BetaUpdates}
	if g.Antenna != nil {
		out.AntennaLocation = &locationJSON{g.Antenna.Longitude, g.Antenna.Latitude, g.Antenna.Altitude}
	}
	if out.Attributes == nil {
		out.Attributes = map[string]string{}
	}
	for i, router := range g.FallbackRouters {
		out.FallbackRouters[i].ID = router
	}
	if g.Owner != 0 {
		out.Owner = ownerJSON{strconv.FormatInt(int64(g.Owner), 10), g.OwnerName}
	}
	return out
}

// gatewayBody is what programs say of a gateway, to register or change it.
// What is left out stays as it is.
type gatewayBody struct {
	ID              string             `json:"id"`
	Owner           *string            `json:"owner"`
	FrequencyPlan   *string            `json:"frequency_plan"`
	LocationPublic  *bool              `json:"location_public"`
	StatusPublic    *bool              `json:"status_public"`
	OwnerPublic     *bool              `json:"owner_public"`
	AutoUpdate      *bool              `json:"auto_update"`
	BetaUpdates     *bool              `json:"beta_updates"`
	AntennaLocation antennaBody        `json:"antenna_location"`
	Location        antennaBody        `json:"location"` // what the documentation calls it
	Attributes      map[string]*string `json:"attributes"`
	Router          *routerRef         `json:"router"`
	FallbackRouters *[]routerRef       `json:"fallback_routers"`
}

// antenna returns where the gateway is said to stand, by either name.
func (b gatewayBody) antenna() antennaBody {
	if b.AntennaLocation.said {
		return b.AntennaLocation
	}
	return b.Location
}

// attributes returns those that are said; null takes one away.
func (b gatewayBody) attributes() map[string]string {
	said := make(map[string]string, len(b.Attributes))
	for name, value := range b.Attributes {
		if said[name] = ""; value != nil {
			said[name] = *value
		}
	}
	return said
}

func (b gatewayBody) fallbackRouters() *[]string {
	if b.FallbackRouters == nil {
		return nil
	}
	ids := make([]string, len(*b.FallbackRouters))
	for i, router := range *b.FallbackRouters {
		ids[i] = string(router)
	}
	return &ids
}

func (b gatewayBody) asNew() (gateway.New, error) {
	antenna, err := b.antenna().place(nil)
	in := gateway.New{Name: b.ID, FrequencyPlan: orZero(b.FrequencyPlan), Antenna: antenna, Attributes: b.attributes(), Router: string(orZero(b.Router)),
		FallbackRouters: orZero(b.fallbackRouters()), LocationPublic: orZero(b.LocationPublic), StatusPublic: orZero(b.StatusPublic),
		OwnerPublic: orZero(b.OwnerPublic), AutoUpdate: orZero(b.AutoUpdate), BetaUpdates: orZero(b.BetaUpdates)}
	return in, err
}

// asEdit needs to know where the gateway stands, for those who say no more
// than another height.
func (b gatewayBody) asEdit(stands *domain.Location) (gateway.Edit, error) {
	edit := gateway.Edit{FrequencyPlan: b.FrequencyPlan, Attributes: b.attributes(), FallbackRouters: b.fallbackRouters(), LocationPublic: b.LocationPublic,
		StatusPublic: b.StatusPublic, OwnerPublic: b.OwnerPublic, AutoUpdate: b.AutoUpdate, BetaUpdates: b.BetaUpdates}
	if orZero(b.Owner) != "" {
		edit.Owner = b.Owner
	}
	if b.Router != nil {
		router := string(*b.Router)
		edit.Router = &router
	}
	if said := b.antenna(); said.said {
		place, err := said.place(stands)
		if err != nil {
			return gateway.Edit{}, err
		}
		edit.Antenna, edit.NoAntenna = place, place == nil
	}
	return edit, nil
}

func orZero[T any](p *T) (value T) {
	if p != nil {
		value = *p
	}
	return value
}

// antennaBody is a location as programs of all ages send it: longitude,
// latitude and altitude, or lng and lat; false, null or {} where there is none.
type antennaBody struct {
	said                          bool
	longitude, latitude, altitude *float64
}

// UnmarshalJSON reads a location of whatever age.
func (a *antennaBody) UnmarshalJSON(text []byte) error {
	*a = antennaBody{said: true}
	if string(text) == "false" || string(text) == "null" {
		return nil
	}
	var in struct{ Longitude, Latitude, Altitude, Lng, Lat *float64 }
	if err := json.Unmarshal(text, &in); err != nil {
		return err
	}
	if in.Longitude == nil {
		in.Longitude = in.Lng
	}
	if in.Latitude == nil {
		in.Latitude = in.Lat
	}
	a.longitude, a.latitude, a.altitude = in.Longitude, in.Latitude, in.Altitude
	return nil
}

// place returns the location; nil for none. Who says no more than a height
// means the place where it stands.
func (a antennaBody) place(stands *domain.Location) (*domain.Location, error) {
	if a.longitude == nil && a.latitude == nil && a.altitude == nil {
		return nil, nil
	}
	var place domain.Location
	switch {
	case a.longitude != nil && a.latitude != nil:
		place = domain.Location{Longitude: *a.longitude, Latitude: *a.latitude}
	case a.longitude == nil && a.latitude == nil && stands != nil:
		place = *stands
	default:
		return nil, domain.InvalidField("antenna_location", "A location has a longitude and a latitude.")
	}
	if metres := math.Round(orZero(a.altitude)); math.Abs(metres) <= math.MaxInt32 {
		place.Altitude = int32(metres)
		return &place, nil
	}
	return nil, domain.InvalidField("altitude", "An altitude is in metres.")
}

// routerRef is the id of a router. Some programs send back the object that
// they got.
type routerRef string

// UnmarshalJSON reads an id, or an object that has one.
func (r *routerRef) UnmarshalJSON(text []byte) error {
	var id string
	if err := json.Unmarshal(text, &id); err == nil {
		*r = routerRef(id)
		return nil
	}
	var router struct {
		ID string `json:"id"`
	}
	err := json.Unmarshal(text, &router)
	*r = routerRef(router.ID)
	return err
}
