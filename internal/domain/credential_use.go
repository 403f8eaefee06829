package domain

import (
	"net/netip"
	"time"
)

// CredentialUse counts how often a grant used a right on a thing on one day.
type CredentialUse struct {
	Grant   GrantID
	Thing   Thing
	Right   Right
	Day     int64 // days since 1970-01-01, UTC
	Uses    int64
	LastAt  time.Time
	Address netip.Addr
}
