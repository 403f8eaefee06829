package domain

// SensorIDs returns the ids of the things to which scopes of the set are
// narrowed, in their stored form.
func (set ScopeSet) SensorIDs() []SensorID {
	var ids []SensorID
	for _, scope := range set {
		if id, ok := ThingID(scope.Thing); ok {
			ids = append(ids, SensorID(id))
		}
	}
	return ids
}

// Named returns the set with the sensors by their full names. Things that are
// not among them keep their id, so that no scope is mistaken for a wider one.
func (set ScopeSet) Named(sensors []Sensor) ScopeSet {
	names := map[string]string{}
	for _, sensor := range sensors {
		names[ThingRef(int64(sensor.ID))] = sensor.FullName()
	}
	named, _ := set.MapThings(func(scope Scope) (string, error) { // which fails only where this does
		if name, ok := names[scope.Thing]; ok {
			return name, nil
		}
		return scope.Thing, nil
	})
	return named
}
