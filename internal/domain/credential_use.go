package domain

import (
	"net/netip"
	"time"
)

// CredentialUse counts how often a grant used a right on a thing on one day.
type CredentialUse struct {
	Grant   GrantID
	Thing   ThingKey
	Right   Right
	Day     int64 // days since 1970-01-01, UTC
	Uses    int64
	LastAt  time.Time
	Address netip.Addr
}

// DayUse is a CredentialUse in the words of people: what a credential did with
// one thing on one day.
type DayUse struct {
	Thing   string // full name, or "sensor #7 (deleted)"
	Right   Right
	Day     time.Time // midnight, UTC
	Uses    int64
	LastAt  time.Time
	Address string // of the last use
}

// InWords says a use with the name that its thing has now; empty: it is gone.
func (u CredentialUse) InWords(thing string) DayUse {
	said := DayUse{Thing: thing, Right: u.Right, Day: time.Unix(u.Day*86400, 0).UTC(), Uses: u.Uses, LastAt: u.LastAt}
	if u.Address.IsValid() {
		said.Address = u.Address.String()
	}
	if thing == "" {
		said.Thing = string(u.Thing.Noun) + " " + ThingRef(u.Thing.ID) + " (deleted)"
	}
	return said
}
