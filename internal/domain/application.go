package domain

import (
	"regexp"
	"strings"
	"time"
)

// ApplicationID identifies an application. Programs know it by its name.
type ApplicationID int64

// PayloadFormat says how an application reads the bytes of its end devices.
type PayloadFormat string

// The payload formats.
const (
	PayloadNone    PayloadFormat = ""
	PayloadCustom  PayloadFormat = "custom"
	PayloadCayenne PayloadFormat = "cayennelpp"
)

// Application is a named set of end devices.
type Application struct {
	ID           ApplicationID
	Name         string // 2 to 36 letters and digits; what programs call its id
	Owner        OwnerID
	OwnerName    string
	Description  string
	EUIs         []string  // 16 hexadecimal digits in capitals, at least one
	RegisteredAt time.Time // at the application manager; zero: not
	Payload      Payload
	JoinKey      AccessKeyID // the access key with which end devices register themselves; zero: none
	EndDevices   int64       // how many it has
	CreatedAt    time.Time
	ChangedAt    time.Time
	DeletedAt    time.Time // zero: there
	Given        RightSet  // what the caller who looked it up was given on it; never stored
}

// Payload is what an application does with the bytes of its end devices. The
// functions are programs of its users; Thingward keeps them and runs none.
type Payload struct {
	Format                                 PayloadFormat
	Decoder, Converter, Validator, Encoder string
}

// MaxPayloadFunction is the longest payload function, in bytes.
const MaxPayloadFunction = 32 << 10

// Thing returns what the decision needs to know of the application.
func (a Application) Thing() Thing {
	return Thing{Noun: NounApplication, ID: int64(a.ID), Owner: a.Owner, Given: a.Given}
}

// RestoreWithin is how long a deleted application, gateway or component can be
// restored. What is left of it then is its name, which nobody gets again.
const RestoreWithin = 30 * 24 * time.Hour

var networkName = regexp.MustCompile(`^[0-9a-z](?:[_-]?[0-9a-z]){1,35}$`)

// CheckNetworkName accepts what may be the name of an application, an end
// device, a gateway or a component: 2 to 36 lower-case letters and digits,
// with single - or _ between them.
func CheckNetworkName(field, name string) error {
	if len(name) > 36 || !networkName.MatchString(name) {
		return InvalidField(field, "%q is no id: it has 2 to 36 lower-case letters and digits, with single - or _ between them.", Clip(name))
	}
	return nil
}

// NormalEUI returns an EUI-64 as 16 hexadecimal digits in capitals.
func NormalEUI(field, text string) (string, error) { return normalHex(field, text, 16) }

// normalHex returns text in capitals, if it is so many hexadecimal digits.
func normalHex(field, text string, digits int) (string, error) {
	if len(text) != digits || strings.Trim(text, "0123456789abcdefABCDEF") != "" {
		return "", InvalidField(field, "%s has %d hexadecimal digits.", field, digits)
	}
	return strings.ToUpper(text), nil
}
