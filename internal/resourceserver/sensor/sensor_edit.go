package sensor

import (
	"context"
	"slices"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
)

// Edit changes the attributes of a sensor that are not nil. Tags, metadata and
// fields are replaced whole.
type Edit struct {
	LongName, Description, ImageURL *string
	Latitude, Longitude             *float64
	Visibility                      *domain.Visibility
	Tags                            *[]string
	Metadata                        *map[string]domain.Value
	Fields                          *[]domain.Field
}

func (e Edit) apply(to *domain.Sensor) {
	set(&to.LongName, e.LongName)
	set(&to.Description, e.Description)
	set(&to.ImageURL, e.ImageURL)
	set(&to.Latitude, e.Latitude)
	set(&to.Longitude, e.Longitude)
	set(&to.Visibility, e.Visibility)
	set(&to.Metadata, e.Metadata)
	set(&to.Fields, e.Fields)
	if e.Tags != nil {
		to.Tags = domain.CleanTags(*e.Tags)
	}
}

func set[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}

// Update edits a sensor. Making a public one private ends all subscriptions
// to it, the owner's included.
func (s *Service) Update(ctx context.Context, c domain.Caller, ref string, e Edit) (domain.Sensor, error) {
	return s.edit(ctx, c, ref, func(sensor *domain.Sensor) error {
		e.apply(sensor)
		return sensor.Check()
	})
}

// edit changes a sensor in one transaction and asks for the right again
// there, because what he was given may be less by then.
func (s *Service) edit(ctx context.Context, c domain.Caller, ref string, change func(*domain.Sensor) error) (domain.Sensor, error) {
	sensor, err := s.Finder.Sensor(ctx, c, ref, domain.SensorWrite)
	if err != nil {
		return domain.Sensor{}, err
	}
	return s.Store.UpdateSensor(ctx, c, sensor.ID, func(now *domain.Sensor) error {
		if err := guard.Require(c, domain.SensorWrite, now.Thing()); err != nil {
			return err
		}
		return change(now)
	})
}

// PutField creates the field, behind the others, or replaces the one of the
// same name in its place.
func (s *Service) PutField(ctx context.Context, c domain.Caller, ref string, field domain.Field) error {
	_, err := s.edit(ctx, c, ref, func(sensor *domain.Sensor) error {
		if err := field.Check(); err != nil {
			return err
		}
		fields := slices.Clone(sensor.Fields)
		if i := indexOf(fields, field.Name); i >= 0 {
			fields[i] = field
		} else {
			fields = append(fields, field)
		}
		sensor.Fields = fields
		return domain.CheckFields(fields)
	})
	return err
}

// DeleteField deletes a field; those behind it move up. Its data stays, under
// a name that no field has. The last field cannot be deleted (Invalid,
// last_field); an unknown one is NotFound (field_not_found).
func (s *Service) DeleteField(ctx context.Context, c domain.Caller, ref, name string) error {
	_, err := s.edit(ctx, c, ref, func(sensor *domain.Sensor) error {
		i := indexOf(sensor.Fields, name)
		switch {
		case i < 0:
			return domain.Errorf(domain.NotFound, "field_not_found", "The sensor has no such field.")
		case len(sensor.Fields) == 1:
			return domain.Errorf(domain.Invalid, "last_field", "Cannot delete last field from sensor.")
		}
		sensor.Fields = slices.Delete(slices.Clone(sensor.Fields), i, i+1)
		return nil
	})
	return err
}

func indexOf(fields []domain.Field, name string) int {
	return slices.IndexFunc(fields, func(f domain.Field) bool { return f.Name == name })
}
