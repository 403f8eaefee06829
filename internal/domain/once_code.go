package domain

import (
	"time"

	"github.com/thingward/thingward/internal/secret"
)

// OncePurpose says what a code that works once is for.
type OncePurpose string

// The purposes of codes.
const (
	SetupCode  OncePurpose = "setup"
	InviteCode OncePurpose = "invite"
)

// OnceCode is a code that works once, until it expires.
type OnceCode struct {
	Hash      secret.Hash
	Purpose   OncePurpose
	ExpiresAt time.Time
}
