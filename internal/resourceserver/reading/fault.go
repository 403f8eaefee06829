package reading

import (
	"errors"
	"fmt"

	"github.com/thingward/thingward/internal/domain"
)

// atPlace says which of several readings was refused: its place counts from 0,
// in the message and in the names of the fields ("[17].value").
func atPlace(err error, place, of int) error {
	var fault *domain.Error
	if of < 2 || !errors.As(err, &fault) {
		return err
	}
	placed := *fault
	placed.Message = fmt.Sprintf("Reading [%d]: %s", place, fault.Message)
	placed.Fields = make(map[string]string, len(fault.Fields))
	for field, message := range fault.Fields {
		placed.Fields[fmt.Sprintf("[%d].%s", place, field)] = message
	}
	return &placed
}

func tooMany() error {
	return domain.Errorf(domain.TooLarge, "too_many_readings", "One request carries at most %d readings.", domain.MaxBatch)
}
