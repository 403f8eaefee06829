package store

import (
	"slices"

	"github.com/thingward/thingward/internal/domain"
)

// stateMemory is what the only writer of SQLite remembers between commits: the
// states of sensors and the counter of ids, as the last commit left them. It
// saves reading them back in every commit. Whatever else changes the database
// makes it forget everything. A nil memory remembers nothing.
type stateMemory struct {
	sensors map[domain.SensorID]sensorWrite
	ids     idCount
}

// rememberedSensors bounds the memory.
const rememberedSensors = 5000

// recall returns a copy of the state of a sensor.
func (m *stateMemory) recall(id domain.SensorID) (*sensorWrite, bool) {
	if m == nil {
		return nil, false
	}
	w, ok := m.sensors[id]
	w.last = slices.Clone(w.last)
	return &w, ok
}

// count returns where the count of ids stands, as far as it is known.
func (m *stateMemory) count() idCount {
	if m == nil {
		return idCount{}
	}
	return m.ids
}

// learn takes over what a commit left.
func (m *stateMemory) learn(from *stateWrites) {
	if from.ids.next != 0 {
		m.ids = from.ids
	}
	if m.sensors == nil || len(m.sensors)+len(from.sensors) > rememberedSensors {
		m.sensors = map[domain.SensorID]sensorWrite{}
	}
	for id, w := range from.sensors {
		if w.gone {
			delete(m.sensors, id)
			continue
		}
		m.sensors[id] = *w
	}
}

func (m *stateMemory) forget() { *m = stateMemory{} }
