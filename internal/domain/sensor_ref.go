package domain

import "strconv"

// SensorRef names a sensor: by its id, or by owner and name.
type SensorRef struct {
	ID    SensorID
	Owner string
	Name  string
}

// ParseSensorRef reads "17", "owner.name" or, for the sensor of the caller
// himself, a bare "name" (WoTKit V1, Sensors). It reports false where the
// text can name nothing: then nothing is found.
func ParseSensorRef(text string, caller Caller) (SensorRef, bool) {
	if id, err := strconv.ParseInt(text, 10, 64); err == nil {
		return SensorRef{ID: SensorID(id)}, id > 0
	}
	if id, ok := ThingID(text); ok {
		return SensorRef{ID: SensorID(id)}, true
	}
	owner, name := SplitSensorName(text)
	if owner == "" {
		owner = caller.User.Name
	}
	return SensorRef{Owner: owner, Name: name}, owner != "" && name != ""
}
