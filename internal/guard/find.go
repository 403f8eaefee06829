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

// Finder finds the thing that a request names and decides in the same breath
// whether the caller may use the right on it. Slices reach things only
// through it, so that none can forget to ask.
type Finder struct {
	Sensors Sensors
	Devices Devices
	Names   ThingNames
	Uses    *Uses // may be nil
}

// Things looks up every kind of thing.
type Things interface {
	Sensors
	Devices
	ThingNames
}

// NewFinder makes a finder. uses may be nil: nothing is counted then.
func NewFinder(things Things, uses *Uses) *Finder {
	return &Finder{Sensors: things, Devices: things, Names: things, Uses: uses}
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
	if domain.IsKind(err, domain.NotFound) {
		return domain.Sensor{}, NotThere(domain.NounSensor)
	}
	if err != nil {
		return domain.Sensor{}, err
	}
	if err := Require(c, right, sensor.Thing()); err != nil {
		return domain.Sensor{}, err
	}
	f.Uses.Count(c, sensor.Thing(), right)
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
	if domain.IsKind(err, domain.NotFound) {
		return domain.Device{}, NotThere(domain.NounDevice)
	}
	if err != nil {
		return domain.Device{}, err
	}
	if err := Require(c, right, device.Thing()); err != nil {
		return domain.Device{}, err
	}
	f.Uses.Count(c, device.Thing(), right)
	return device, nil
}
