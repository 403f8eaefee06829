package guard

import (
	"context"

	"github.com/thingward/thingward/internal/domain"
)

// Sensors looks sensors up. Unknown ones are NotFound.
type Sensors interface {
	SensorByID(ctx context.Context, id domain.SensorID) (domain.Sensor, error)
	SensorByName(ctx context.Context, owner, name string) (domain.Sensor, error)
}

// Finder finds the thing that a request names and decides in the same breath
// whether the caller may use the right on it. Slices reach things only
// through it, so that none can forget to ask.
type Finder struct {
	Sensors Sensors
	Uses    *Uses // may be nil
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
