package domain

import (
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/thingward/thingward/internal/secret"
)

// Limits of an end device.
const (
	maxAttributes     = 20
	maxAttributeName  = 36  // characters
	maxAttributeValue = 200 // characters
	lowest, highest   = -12_000, 100_000
)

// LocalActivation is what an end device is constrained to that says nothing.
const LocalActivation = "local"

// activationConstraints are the words of which the constraints are made.
var activationConstraints = []string{"otaa", "abp", "world", "local", "private", "testing"}

// Normal returns the end device in the one form in which it is kept: digits
// in capitals, constraints in lower case. What is not valid is Invalid, named
// as programs call it (The Things Network): "dev_eui", "nwk_s_key".
func (d EndDevice) Normal() (EndDevice, error) {
	for _, rule := range []func(*EndDevice) error{
		(*EndDevice).normalIDs, (*EndDevice).normalKeys, (*EndDevice).normalConstraints, (*EndDevice).checkPlace, (*EndDevice).normalAttributes,
	} {
		if err := rule(&d); err != nil {
			return EndDevice{}, err
		}
	}
	return d, CheckDescription(d.Description)
}

func (d *EndDevice) normalIDs() error {
	if err := CheckNetworkName("dev_id", d.Name); err != nil {
		return err
	}
	var err error
	if d.AppEUI, err = NormalEUI("app_eui", d.AppEUI); err != nil {
		return err
	}
	if d.DevEUI, err = NormalEUI("dev_eui", d.DevEUI); err != nil {
		return err
	}
	if d.DevAddr != "" {
		d.DevAddr, err = normalHex("dev_addr", d.DevAddr, 8)
	}
	return err
}

func (d *EndDevice) normalKeys() error {
	for _, key := range []struct {
		field string
		key   *secret.Secret
	}{{"app_key", &d.Keys.App}, {"app_s_key", &d.Keys.AppSession}, {"nwk_s_key", &d.Keys.NetworkSession}} {
		if key.key.Empty() {
			continue
		}
		text, err := normalHex(key.field, key.key.Reveal(), 32)
		if err != nil {
			return err
		}
		*key.key = secret.New(text)
	}
	return nil
}

func (d *EndDevice) normalConstraints() error {
	var words []string
	for word := range strings.SplitSeq(strings.ToLower(d.Constraints), ",") {
		word = strings.TrimSpace(word)
		switch {
		case word == "" || slices.Contains(words, word):
		case slices.Contains(activationConstraints, word):
			words = append(words, word)
		default:
			return InvalidField("activation_constraints", "%q is no activation constraint. Possible, with commas between: %s.", Clip(word), strings.Join(activationConstraints, ", "))
		}
	}
	if d.Constraints = strings.Join(words, ","); d.Constraints == "" {
		d.Constraints = LocalActivation
	}
	return nil
}

func (d *EndDevice) checkPlace() error {
	switch {
	case !(math.Abs(d.Latitude) <= 90): // no number is not within
		return InvalidField("latitude", "The latitude is in degrees, from -90 to 90.")
	case !(math.Abs(d.Longitude) <= 180):
		return InvalidField("longitude", "The longitude is in degrees, from -180 to 180.")
	case d.Altitude < lowest || d.Altitude > highest:
		return InvalidField("altitude", "The altitude is in metres, from %d to %d.", lowest, highest)
	case d.LastSeen < 0:
		return InvalidField("last_seen", "last_seen counts nanoseconds since 1970.")
	}
	return nil
}

func (d *EndDevice) normalAttributes() error {
	if len(d.Attributes) > maxAttributes {
		return InvalidField("attributes", "An end device has at most %d attributes.", maxAttributes)
	}
	for name, value := range d.Attributes {
		if name == "" || !oneLine(name, maxAttributeName) || !oneLine(value, maxAttributeValue) {
			return InvalidField("attributes", "An attribute has a name of 1 to %d characters and a value of at most %d, on one line each.", maxAttributeName, maxAttributeValue)
		}
	}
	if d.Attributes = maps.Clone(d.Attributes); d.Attributes == nil {
		d.Attributes = map[string]string{}
	}
	return nil
}

// EndDeviceRow names the row of an end device to what seals its keys.
func EndDeviceRow(id EndDeviceID) string { return "end-device " + ThingRef(int64(id)) }

// SealedEndDevice is an end device whose network keys are under the server
// key; Sealed is empty where it has none.
type SealedEndDevice struct {
	EndDevice
	Sealed []byte
}

// Joined returns the keys in one text, to be sealed together; empty where
// there are none.
func (k EndDeviceKeys) Joined() secret.Secret {
	if k.App.Empty() && k.AppSession.Empty() && k.NetworkSession.Empty() {
		return secret.Secret{}
	}
	return secret.New(k.App.Reveal() + " " + k.AppSession.Reveal() + " " + k.NetworkSession.Reveal())
}

// SplitEndDeviceKeys reads what Joined made.
func SplitEndDeviceKeys(joined secret.Secret) EndDeviceKeys {
	app, rest, _ := strings.Cut(joined.Reveal(), " ")
	session, network, _ := strings.Cut(rest, " ")
	return EndDeviceKeys{App: secret.New(app), AppSession: secret.New(session), NetworkSession: secret.New(network)}
}
