package domain

import (
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"
)

// Limits of a gateway.
const (
	maxOwnAttributes   = 20  // beside those that every gateway may have
	maxAttributeText   = 200 // characters
	maxDescriptionText = 500 // characters
	maxFallbackRouters = 10
	maxAltitude        = 100_000 // metres: balloons carry gateways
)

// gatewayAttributes lists the attributes that every gateway may have, as
// programs know them (The Things Network).
var gatewayAttributes = []string{"brand", "model", "placement", "antenna_type", "antenna_model", "description"}

var attributeName = regexp.MustCompile(`^[0-9A-Za-z](?:[0-9A-Za-z_.-]{0,38}[0-9A-Za-z])?$`)

// Tidy returns the gateway in the one spelling in which it is kept: an
// attribute without a value is none.
func (g Gateway) Tidy() Gateway {
	kept := make(map[string]string, len(g.Attributes))
	for name, value := range g.Attributes {
		if value = strings.TrimSpace(value); value != "" {
			kept[name] = value
		}
	}
	g.Attributes = kept
	g.Router = strings.TrimSpace(g.Router)
	g.FallbackRouters = slices.DeleteFunc(slices.Clone(g.FallbackRouters), func(router string) bool { return router == "" })
	return g
}

// Check refuses a gateway that is not valid: a name that is no id, an unknown
// frequency plan, a place that is not on Earth, attributes that are too long
// or too many.
func (g Gateway) Check() error {
	if err := CheckNetworkName("id", g.Name); err != nil {
		return err
	}
	if _, err := FindFrequencyPlan(g.FrequencyPlan); err != nil {
		return err
	}
	if g.Antenna != nil {
		if err := g.Antenna.Check(); err != nil {
			return err
		}
	}
	if err := g.checkRouters(); err != nil {
		return err
	}
	return g.checkAttributes()
}

func (g Gateway) checkRouters() error {
	if g.Router != "" {
		if err := CheckNetworkName("router", g.Router); err != nil {
			return err
		}
	}
	if len(g.FallbackRouters) > maxFallbackRouters {
		return InvalidField("fallback_routers", "A gateway has at most %d fallback routers.", maxFallbackRouters)
	}
	for _, router := range g.FallbackRouters {
		if err := CheckNetworkName("fallback_routers", router); err != nil {
			return err
		}
	}
	return nil
}

func (g Gateway) checkAttributes() error {
	own := 0
	for _, name := range slices.Sorted(maps.Keys(g.Attributes)) {
		if !slices.Contains(gatewayAttributes, name) {
			own++
		}
		if err := checkGatewayAttribute(name, g.Attributes[name]); err != nil {
			return err
		}
	}
	if own > maxOwnAttributes {
		return InvalidField("attributes", "A gateway has at most %d attributes beside %s.", maxOwnAttributes, strings.Join(gatewayAttributes, ", "))
	}
	return nil
}

func checkGatewayAttribute(name, value string) error {
	most := maxAttributeText
	if name == "description" {
		most = maxDescriptionText
	}
	switch {
	case !attributeName.MatchString(name):
		return InvalidField("attributes", "%q is no name of an attribute: it has 1 to 40 letters and digits, with _ - . between them.", Clip(name))
	case !oneLine(value, most):
		return InvalidField("attributes", "The attribute %s has more than %d characters, or a line break in it.", name, most)
	case name == "placement" && value != "indoor" && value != "outdoor":
		return InvalidField("attributes", "The placement is indoor or outdoor.")
	}
	return nil
}

// Check refuses what is no place on Earth, or not near it.
func (l Location) Check() error {
	switch {
	case math.IsNaN(l.Latitude) || math.Abs(l.Latitude) > 90:
		return InvalidField("latitude", "A latitude is from -90 to 90 degrees.")
	case math.IsNaN(l.Longitude) || math.Abs(l.Longitude) > 180:
		return InvalidField("longitude", "A longitude is from -180 to 180 degrees.")
	case l.Altitude > maxAltitude || l.Altitude < -maxAltitude:
		return InvalidField("altitude", "An altitude is in metres, from -%d to %d.", maxAltitude, maxAltitude)
	}
	return nil
}

// Blurred returns the place as those are told it who shall not find it: to
// two decimals, which is a kilometre, and without its height.
func (l Location) Blurred() Location {
	return Location{Latitude: math.Round(l.Latitude*100) / 100, Longitude: math.Round(l.Longitude*100) / 100}
}

// ForEverybody returns what everybody is told of a gateway that lets something
// of itself be known: its id and frequency plan, and what it shows.
func (g Gateway) ForEverybody() Gateway {
	shown := Gateway{ID: g.ID, Name: g.Name, FrequencyPlan: g.FrequencyPlan, Attributes: map[string]string{}, CreatedAt: g.CreatedAt,
		LocationPublic: g.LocationPublic, StatusPublic: g.StatusPublic, OwnerPublic: g.OwnerPublic}
	if g.LocationPublic {
		shown.Antenna = g.Antenna
	}
	if g.StatusPublic {
		shown.ActivatedAt = g.ActivatedAt
	}
	if g.OwnerPublic {
		shown.Owner, shown.OwnerName = g.Owner, g.OwnerName
	}
	return shown
}

// GatewayKeyName is what the one access key of a gateway is called.
const GatewayKeyName = "gateway key"

// GatewayKeyRights are what the key of a gateway may do: relay messages and
// know where it stands and how it does, but change nothing.
func GatewayKeyRights() RightSet { return SetOf(GatewayLocation, GatewayStatus, GatewayMessages) }
