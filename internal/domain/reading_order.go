package domain

// Direction is the order in which readings are asked for.
type Direction int

// The directions. The zero direction is the order of time.
const (
	OldestFirst Direction = iota
	NewestFirst
)

// Once makes a request that is sent again happen once: the user's name for
// it (the Idempotency-Key) and a digest of what was sent. The zero Once makes
// no promise.
type Once struct {
	User   UserID
	Name   string
	Digest []byte
}

// After returns what is left of the range behind a position, in the direction.
func (r Range) After(p Position, d Direction) Range {
	if d == NewestFirst {
		r.To = p.before()
		return r
	}
	r.From = p
	return r
}

// before returns the position right before this one. Ids are positive.
func (p Position) before() Position {
	if p.ID > 0 {
		return Position{At: p.At, ID: p.ID - 1}
	}
	return (p.At - 1).AfterAll()
}

// Appended is what became of readings that were sent.
type Appended struct {
	IDs      []ReadingID // in the order of the readings
	Repeated bool        // the same was stored before, so nothing was stored now
}
