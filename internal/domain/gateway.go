package domain

import "time"

// GatewayID identifies a gateway. Programs know it by its name.
type GatewayID int64

// Gateway is a thing that relays.
type Gateway struct {
	ID              GatewayID
	Name            string // 2 to 36 letters and digits; what programs call its id
	Owner           OwnerID
	OwnerName       string
	FrequencyPlan   string
	Antenna         *Location // nil: nobody said where it stands
	Attributes      map[string]string
	Router          string // the id of a router; may be empty
	FallbackRouters []string
	LocationPublic  bool
	StatusPublic    bool
	OwnerPublic     bool
	AutoUpdate      bool
	BetaUpdates     bool
	ActivatedAt     time.Time // zero: not yet
	CreatedAt       time.Time
	ChangedAt       time.Time
	DeletedAt       time.Time // zero: there
	Given           RightSet  // what the caller who looked it up was given on it; never stored
}

// Location is where something stands.
type Location struct {
	Latitude, Longitude float64 // degrees, WGS 84
	Altitude            int32   // metres
}

// Thing returns what the decision needs to know of the gateway. Who lets
// everybody know something of it lets them know that it is there.
func (g Gateway) Thing() Thing {
	return Thing{Noun: NounGateway, ID: int64(g.ID), Owner: g.Owner, Public: g.LocationPublic || g.StatusPublic || g.OwnerPublic, Given: g.Given}
}
