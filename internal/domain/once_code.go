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
	ProveCode  OncePurpose = "prove" // an e-mail address
	ResetCode  OncePurpose = "reset" // a forgotten password
)

// How long mailed codes work.
const (
	ProveCodeLife = 3 * 24 * time.Hour
	ResetCodeLife = time.Hour
)

// OnceCode is a code that works once, until it expires.
type OnceCode struct {
	Hash      secret.Hash
	Purpose   OncePurpose
	ExpiresAt time.Time
	User      UserID // whom it is about; zero: nobody in particular
	Email     string // the address that it was mailed to
}
