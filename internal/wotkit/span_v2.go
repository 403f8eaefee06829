package wotkit

import (
	"strconv"
	"time"

	"github.com/thingward/thingward/internal/domain"
)

// spanV2 is what a query of V2 selects, and how it was understood.
type spanV2 struct {
	span
	limit, offset int
	echo          echoV2
}

// echoV2 is the attribute "query" of an answer of V2.
type echoV2 struct {
	Limit   int    `json:"limit"`
	Offset  *int   `json:"offset,omitempty"`
	RecentT *int64 `json:"recent_t,omitempty"`
	RecentN *int   `json:"recent_n,omitempty"`
	Start   string `json:"start,omitempty"`
	StartID *int64 `json:"start_id,omitempty"`
	End     string `json:"end,omitempty"`
	EndID   *int64 `json:"end_id,omitempty"`
}

// timeOf says at which time a record stands; unknown records are an error.
type timeOf func(domain.ReadingID) (domain.Millis, error)

// parseSpanV2 reads the query groups of V2, which cannot be mixed.
func parseSpanV2(q params, now time.Time, at timeOf) (spanV2, error) {
	limit, offset, err := q.page()
	if err != nil {
		return spanV2{}, err
	}
	s := spanV2{limit: limit, offset: offset, echo: echoV2{Limit: limit}}
	byTime, byCount, byRange := q.has("recent_t"), q.has("recent_n"), q.has("start", "start_id", "end", "end_id", "offset")
	switch {
	case byTime && byCount, byTime && byRange, byCount && byRange:
		return spanV2{}, domain.Errorf(domain.Invalid, "mixed_groups", "recent_t, recent_n, and the group of start, start_id, end, end_id and offset cannot be mixed.")
	case byTime:
		err = s.recentTime(q, now)
	case byRange:
		s.echo.Offset = &s.offset
		err = s.bounds(q, at)
	default:
		err = s.recentCount(q)
	}
	s.nothing = s.nothing || limit == 0
	return s, err
}

func (s *spanV2) recentTime(q params, now time.Time) error {
	duration, err := durationParameter(q, "recent_t")
	if err != nil {
		return err
	}
	back := int64(min(duration, float64(domain.MaxMillis)))
	s.echo.RecentT = &back
	s.in = domain.Range{From: afterMillis(float64(now.UnixMilli()) - duration), To: domain.LastPosition}
	s.newest = s.limit
	return nil
}

func (s *spanV2) recentCount(q params) error {
	n := newestByDefault
	if q.has("recent_n") {
		var err error
		if n, err = q.count("recent_n"); err != nil {
			return err
		}
	}
	s.echo.RecentN = &n
	s.in, s.newest, s.nothing = domain.Everything(), min(n, s.limit), n == 0
	return nil
}

// bounds reads group 3: start < t <= end, and with ids the records after, and
// up to, the one with that id at that very time.
func (s *spanV2) bounds(q params, at timeOf) error {
	s.in = domain.Everything()
	from, err := q.bound("start", at)
	if err != nil {
		return err
	}
	to, err := q.bound("end", at)
	if err != nil {
		return err
	}
	if from.given {
		s.in.From, s.echo.Start, s.echo.StartID = from.position, from.iso(), from.id
	}
	if to.given {
		s.in.To, s.echo.End, s.echo.EndID = to.position, to.iso(), to.id
	}
	return nil
}

// bound is one end of a range of group 3.
type bound struct {
	given    bool
	timed    bool
	id       *int64
	position domain.Position
}

func (b bound) iso() string {
	if !b.timed {
		return ""
	}
	return b.position.At.Time().Format(isoMillis)
}

// bound reads name and name_id. An id alone uses that record's own time; the
// id 0 comes before all.
func (q params) bound(name string, at timeOf) (bound, error) {
	b := bound{given: q.has(name, name+"_id"), timed: q.has(name)}
	if !b.given {
		return b, nil
	}
	if b.timed {
		time, err := timeParameter(q, name)
		if err != nil {
			return b, err
		}
		b.position = afterMillis(time)
	}
	if !q.has(name + "_id") {
		return b, nil
	}
	id, err := strconv.ParseInt(q[name+"_id"], 10, 64)
	if err != nil || id < 0 {
		return b, domain.InvalidField(name+"_id", "%s_id must be the id of a record.", name)
	}
	b.id = &id
	b.position.ID = domain.ReadingID(id)
	switch {
	case b.timed:
	case id == 0:
		b.position = domain.FirstPosition
	default:
		b.position.At, err = at(domain.ReadingID(id))
		if domain.IsKind(err, domain.NotFound) {
			err = domain.InvalidField(name+"_id", "There is no record %d; with %s it need not exist.", id, name)
		}
		b.timed = err == nil
	}
	return b, err
}
