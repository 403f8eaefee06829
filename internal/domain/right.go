package domain

// Noun names a kind of thing that has an owner.
type Noun string

// The kinds of things.
const (
	NounSensor Noun = "sensor"
	NounDevice Noun = "device"
)

// Right is what a user may do with a thing (ARCHITECTURE.md,
// The one decision).
type Right string

// The rights on a sensor.
const (
	SensorRead    Right = "sensor/read"
	SensorWrite   Right = "sensor/write"
	SensorDelete  Right = "sensor/delete"
	ReadingsRead  Right = "sensor/readings.read"
	ReadingsWrite Right = "sensor/readings.write"
)

// The rights on a device.
const (
	DeviceRead   Right = "device/read"
	DeviceWrite  Right = "device/write"
	DeviceDelete Right = "device/delete"
)

// rightScopes says which scope carries a right.
var rightScopes = map[Right]Scope{
	SensorRead:    ScopeSensorsRead,
	SensorWrite:   ScopeSensorsWrite,
	SensorDelete:  ScopeSensorsWrite,
	ReadingsRead:  ScopeReadingsRead,
	ReadingsWrite: ScopeReadingsWrite,
	DeviceRead:    ScopeDevicesRead,
	DeviceWrite:   ScopeDevicesWrite,
	DeviceDelete:  ScopeDevicesWrite,
}

// publicRights are what everybody may do with a public thing.
var publicRights = map[Right]bool{SensorRead: true, ReadingsRead: true}

// ScopeOf returns the scope that a credential must hold to use the right.
// An unknown right has a scope that nothing covers.
func ScopeOf(right Right) Scope {
	if scope, ok := rightScopes[right]; ok {
		return scope
	}
	return Scope{Noun: "nothing", Verb: string(right)}
}

// ForEverybody reports whether everybody has the right on a public thing.
func (r Right) ForEverybody() bool { return publicRights[r] }

// Rights lists every right, for pages and for tests that walk them all.
func Rights() []Right {
	return append(RightsOn(NounSensor), RightsOn(NounDevice)...)
}

// RightsOn lists the rights on things of one kind.
func RightsOn(noun Noun) []Right {
	switch noun {
	case NounSensor:
		return []Right{SensorRead, SensorWrite, SensorDelete, ReadingsRead, ReadingsWrite}
	case NounDevice:
		return []Right{DeviceRead, DeviceWrite, DeviceDelete}
	}
	return nil
}

// Thing is what the decision needs to know of a sensor, device, application
// or gateway.
type Thing struct {
	Noun   Noun
	ID     int64
	Owner  OwnerID
	Public bool
}
