package domain

import "time"

// SensorFilter selects sensors. All its parts are joined by "and"; a zero part
// selects everything.
type SensorFilter struct {
	VisibleTo     UserID         // public sensors, and those this user owns or works on; zero: only public ones
	Asker         UserID         // whose rights come with each sensor, also where he sees no more than everybody; zero: those of VisibleTo
	Given         Right          // what a collaborator must have been given to see a private one; empty: anything
	OnlyThings    []SensorID     // of a credential that is narrowed to things; nil: any
	Everyones     bool           // an administrator sees all; OnlyThings still holds
	Relation      SensorRelation // to the user VisibleTo
	Owners        []string       // any of these owner names
	Tags          [][]string     // any of these groups, of which all tags must be there; case is ignored
	Text          string         // case-insensitive part of name, long name or description
	Visibility    Visibility     // empty: any
	ActiveSince   time.Time      // zero: any; else last update at or after
	InactiveSince time.Time      // zero: any; else last update before
	Area          *Area
	Metadata      []MetadataTerm // all must match
	Offset        int            // WoTKit pages by offset …
	After         SensorID       // … the native API by the last id seen
	Limit         int            // 0: no limit
}

// SensorRelation is how sensors belong to a user.
type SensorRelation int

// The relations (WoTKit's scopes "all", "subscribed", "contributed", and two of
// ours). Contributed are the user's own, Shared those that he works on as a
// collaborator, Workable both.
const (
	AnyRelation SensorRelation = iota
	Subscribed
	Contributed
	Shared
	Workable
)

// Area is a rectangle on the map in degrees. West > East crosses the date line.
type Area struct {
	North, West, South, East float64
}

// MetadataTerm matches metadata by key and, unless AnyValue, by the text of
// the value, whole or its beginning.
type MetadataTerm struct {
	Key      string
	AnyValue bool
	Value    string
	Prefix   bool
}

// Tag is a tag with its use among the sensors that a caller may see.
type Tag struct {
	Name     string
	Count    int
	LastUsed time.Time // creation time of the newest sensor with the tag
}
