package domain

// Which says whether a list holds living things, deleted ones, or both.
type Which int

// What a list holds.
const (
	Living      Which = iota
	WithDeleted       // also what was deleted and can still be restored
	OnlyDeleted       // nothing but that
)

// NetworkFilter selects the applications, gateways or components that a user
// works on.
type NetworkFilter[ID ~int64] struct {
	User  UserID
	Only  []ID // of these only; nil: all of them
	Which Which
}

// MayApplication says whether something may be done to an application as it
// stands in the transaction that does it.
type MayApplication = func(Application) error

// SealEndDevice seals the network keys of an end device under the id that it
// has; nil where it has none.
type SealEndDevice = func(EndDeviceID) []byte

// NotRegistered is the error for the end devices of an application that is
// not registered at the application manager.
func NotRegistered(name string) error {
	return Errorf(NotFound, "application_not_registered", "The application %s is not registered at the application manager. Register it first.", name)
}
