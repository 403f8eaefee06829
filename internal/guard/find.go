package guard

import (
	"context"
	"strconv"

	"github.com/thingward/thingward/internal/domain"
)

// Sensors looks sensors up. Unknown ones are NotFound.
type Sensors interface {
	SensorByID(ctx context.Context, id domain.SensorID) (domain.Sensor, error)
	SensorByName(ctx context.Context, owner, name string) (domain.Sensor, error)
}

// Devices looks devices up. Unknown ones are NotFound.
type Devices interface {
	DeviceByID(ctx context.Context, id domain.DeviceID) (domain.Device, error)
}

// Network looks up what belongs to a network of end devices: by name, or by
// "#" and the id. Unknown and deleted ones are NotFound.
type Network interface {
	Application(ctx context.Context, ref string) (domain.Application, error)
	Gateway(ctx context.Context, ref string) (domain.Gateway, error)
	Component(ctx context.Context, ref string) (domain.Component, error)
}

// Shares looks up what collaborators were given.
type Shares interface {
	// GivenRights returns what the user was given on the thing; nothing where
	// he is no collaborator. It is answered from memory until that changes.
	GivenRights(ctx context.Context, thing domain.ThingKey, user domain.UserID) (domain.RightSet, error)
}

// Finder finds the thing that a request names and decides in the same breath
// whether the caller may use the right on it. Slices reach things only
// through it, so that none can forget to ask.
type Finder struct {
	Sensors Sensors
	Devices Devices
	Network Network
	Shares  Shares
	Names   ThingNames
	Uses    *Uses // may be nil
}

// Things looks up every kind of thing.
type Things interface {
	Sensors
	Devices
	Network
	Shares
	ThingNames
}

// NewFinder makes a finder. uses may be nil: nothing is counted then.
func NewFinder(things Things, uses *Uses) *Finder {
	return &Finder{Sensors: things, Devices: things, Network: things, Shares: things, Names: things, Uses: uses}
}

// Given returns what the caller's user was given on a thing that is not his
// own; nothing where that cannot matter.
func (f *Finder) Given(ctx context.Context, c domain.Caller, thing domain.Thing) (domain.RightSet, error) {
	if c.User.ID == 0 || c.User.ID.Owner() == thing.Owner {
		return 0, nil
	}
	return f.Shares.GivenRights(ctx, thing.Key(), c.User.ID)
}

// found decides about a thing that was looked up, counts the use and returns
// what the caller was given on it. err is what the look-up came to.
func (f *Finder) found(ctx context.Context, c domain.Caller, thing domain.Thing, right domain.Right, err error) (domain.RightSet, error) {
	if domain.IsKind(err, domain.NotFound) {
		return 0, NotThere(right.Noun())
	}
	if err != nil {
		return 0, err
	}
	if !right.ForEverybody() || !thing.Public {
		if thing.Given, err = f.Given(ctx, c, thing); err != nil {
			return 0, err
		}
	}
	if err := Require(c, right, thing); err != nil {
		return 0, err
	}
	f.Uses.Count(c, thing, right)
	return thing.Given, nil
}

// Sensor returns the sensor named by ref ("17", "owner.name", "name") if the
// caller has the right on it. Unknown and invisible sensors are NotFound in
// the same words.
func (f *Finder) Sensor(ctx context.Context, c domain.Caller, ref string, right domain.Right) (domain.Sensor, error) {
	named, ok := domain.ParseSensorRef(ref, c)
	if !ok {
		return domain.Sensor{}, NotThere(domain.NounSensor)
	}
	sensor, err := f.lookUp(ctx, named)
	if sensor.Given, err = f.found(ctx, c, sensor.Thing(), right, err); err != nil {
		return domain.Sensor{}, err
	}
	return sensor, nil
}

func (f *Finder) lookUp(ctx context.Context, ref domain.SensorRef) (domain.Sensor, error) {
	if ref.ID != 0 {
		return f.Sensors.SensorByID(ctx, ref.ID)
	}
	return f.Sensors.SensorByName(ctx, ref.Owner, ref.Name)
}

// Device returns the device with the number, if the caller has the right on
// it. Unknown and invisible devices are NotFound in the same words.
func (f *Finder) Device(ctx context.Context, c domain.Caller, ref string, right domain.Right) (domain.Device, error) {
	id, err := strconv.ParseInt(ref, 10, 64)
	if err != nil {
		return domain.Device{}, NotThere(domain.NounDevice)
	}
	device, err := f.Devices.DeviceByID(ctx, domain.DeviceID(id))
	if device.Given, err = f.found(ctx, c, device.Thing(), right, err); err != nil {
		return domain.Device{}, err
	}
	return device, nil
}

// Application returns the application with the name, or "#" and its id, if
// the caller has the right on it. Unknown and invisible ones are NotFound in
// the same words.
func (f *Finder) Application(ctx context.Context, c domain.Caller, ref string, right domain.Right) (domain.Application, error) {
	application, err := f.Network.Application(ctx, ref)
	if application.Given, err = f.found(ctx, c, application.Thing(), right, err); err != nil {
		return domain.Application{}, err
	}
	return application, nil
}

// Gateway is Application for gateways.
func (f *Finder) Gateway(ctx context.Context, c domain.Caller, ref string, right domain.Right) (domain.Gateway, error) {
	gateway, err := f.Network.Gateway(ctx, ref)
	if gateway.Given, err = f.found(ctx, c, gateway.Thing(), right, err); err != nil {
		return domain.Gateway{}, err
	}
	return gateway, nil
}

// Component is Application for components.
func (f *Finder) Component(ctx context.Context, c domain.Caller, ref string, right domain.Right) (domain.Component, error) {
	component, err := f.Network.Component(ctx, ref)
	if component.Given, err = f.found(ctx, c, component.Thing(), right, err); err != nil {
		return domain.Component{}, err
	}
	return component, nil
}

// Thing returns what the decision needs to know of a thing of any kind, if
// the caller has the right on it; the reference is as for its own kind.
func (f *Finder) Thing(ctx context.Context, c domain.Caller, noun domain.Noun, ref string, right domain.Right) (domain.Thing, error) {
	switch noun {
	case domain.NounSensor:
		sensor, err := f.Sensor(ctx, c, ref, right)
		return sensor.Thing(), err
	case domain.NounDevice:
		device, err := f.Device(ctx, c, ref, right)
		return device.Thing(), err
	case domain.NounApplication:
		application, err := f.Application(ctx, c, ref, right)
		return application.Thing(), err
	case domain.NounGateway:
		gateway, err := f.Gateway(ctx, c, ref, right)
		return gateway.Thing(), err
	case domain.NounComponent:
		component, err := f.Component(ctx, c, ref, right)
		return component.Thing(), err
	}
	return domain.Thing{}, NotThere(noun)
}

// NotRestorable says why a thing, of which the store knows nothing to restore,
// cannot be restored: it is there (a Conflict, such as gateway_not_deleted), or
// it is not found.
func (f *Finder) NotRestorable(ctx context.Context, c domain.Caller, ref string, right domain.Right) error {
	if _, err := f.Thing(ctx, c, right.Noun(), ref, right); err != nil {
		return err
	}
	return domain.Errorf(domain.Conflict, string(right.Noun())+"_not_deleted", "The %s is not deleted.", right.Noun())
}
