package domain

// Thing is what the decision needs to know of a sensor, device, application,
// gateway or component, and of what one caller was given on it.
type Thing struct {
	Noun   Noun
	ID     int64
	Owner  OwnerID
	Public bool
	Given  RightSet // what the caller's user has as a collaborator
}

// ThingKey names a thing, whoever asks.
type ThingKey struct {
	Noun Noun
	ID   int64
}

// Key returns which thing it is.
func (t Thing) Key() ThingKey { return ThingKey{t.Noun, t.ID} }
