package wotkit

import (
	"strings"
	"time"

	"github.com/thingward/thingward/internal/domain"
)

// filterQuery is a filter of sensors that a query asks for.
type filterQuery struct {
	domain.SensorFilter
	nothing bool // the query can match no sensor
}

// sensorFilter reads the query parameters of V1's sensors. Limit and offset are
// the caller's affair.
func sensorFilter(q params, now time.Time) (filterQuery, error) {
	f := filterQuery{SensorFilter: domain.SensorFilter{
		Owners: append(list(q["orgs"]), list(q["owners"])...),
		Tags:   domain.ParseTagQuery(q["tags"]),
		Text:   q["text"],
	}}
	for _, read := range []func(params) error{f.scope, f.visibility, f.area, f.metadata} {
		if err := read(q); err != nil {
			return filterQuery{}, err
		}
	}
	if err := f.activity(q, now); err != nil {
		return filterQuery{}, err
	}
	return f, f.Check()
}

func (f *filterQuery) scope(q params) error {
	switch strings.ToLower(q["scope"]) {
	case "", "all":
	case "subscribed":
		f.Relation = domain.Subscribed
	case "contributed":
		f.Relation = domain.Contributed
	default:
		return domain.InvalidField("scope", "scope must be all, subscribed or contributed.")
	}
	return nil
}

// visibility reads visibility, or its deprecated form private. No sensor is
// visible to an organization alone, but asking for it is no fault.
func (f *filterQuery) visibility(q params) error {
	switch visibility := domain.Visibility(strings.ToUpper(q["visibility"])); visibility {
	case domain.Public, domain.Private:
		f.Visibility = visibility
		return nil
	case "ORGANIZATION":
		f.nothing = true
		return nil
	case "":
	default:
		return domain.InvalidField("visibility", "visibility must be public or private.")
	}
	if !q.has("private") {
		return nil
	}
	private, err := q.truth("private")
	f.Visibility = domain.Public
	if private {
		f.Visibility = domain.Private
	}
	return err
}

func (f *filterQuery) area(q params) error {
	if !q.has("location") {
		return nil
	}
	area, err := domain.ParseArea(q["location"])
	f.Area = &area
	return err
}

func (f *filterQuery) metadata(q params) error {
	terms, err := domain.ParseMetadataQuery(q["metadata"])
	f.Metadata = terms
	if domain.CodeOf(err) == "invalid_metadata_query" {
		return &worded{"Unexpected format for metadata query", err}
	}
	return err
}

func (f *filterQuery) activity(q params, now time.Time) error {
	if !q.has("active") {
		return nil
	}
	active, err := q.truth("active")
	since := now.Add(-domain.ActiveWithin)
	if active {
		f.ActiveSince = since
	} else {
		f.InactiveSince = since
	}
	return err
}
