package domain

import (
	"time"

	"github.com/thingward/thingward/internal/secret"
)

// EndDeviceID identifies an end device. Programs know it by its name within
// its application.
type EndDeviceID int64

// EndDevice is a device that belongs to an application.
type EndDevice struct {
	ID          EndDeviceID
	Application ApplicationID
	Name        string // 2 to 36 letters and digits; what programs call its id
	AppEUI      string // 16 hexadecimal digits in capitals
	DevEUI      string
	DevAddr     string // 8 hexadecimal digits in capitals; empty: none
	Description string
	Latitude    float64
	Longitude   float64
	Altitude    int32 // metres
	Attributes  map[string]string
	Constraints string // otaa, abp, world, local, private, testing, with commas between
	NoCounter   bool   // frame counters are not checked
	WideCounter bool   // 32-bit frame counters
	CounterUp   uint32
	CounterDown uint32
	LastSeen    int64 // Unix nanoseconds; zero: never
	Keys        EndDeviceKeys
	CreatedAt   time.Time
	ChangedAt   time.Time
}

// EndDeviceKeys are the network keys of an end device: 32 hexadecimal digits
// in capitals each, or empty.
type EndDeviceKeys struct {
	App, AppSession, NetworkSession secret.Secret
}
