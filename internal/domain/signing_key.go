package domain

import "time"

// SigningKeyID identifies a signing key.
type SigningKeyID int64

// Signing keys are made for a purpose and an algorithm (RFC 7518 §3.1).
const (
	SigningTTN = "ttn" // tokens of The Things Network door
	ES256      = "ES256"
	RS256      = "RS256"
)

// SigningPurposes lists what signing keys are for.
func SigningPurposes() []string { return []string{SigningTTN} }

// SigningKey is a key with which tokens are signed, as the store keeps it.
type SigningKey struct {
	ID        SigningKeyID
	Purpose   string
	Algorithm string
	Public    string // PEM, SubjectPublicKeyInfo
	Sealed    []byte // PEM, PKCS #8, under the server key; empty once it is retired
	CreatedAt time.Time
	RetiredAt time.Time // zero: in use
}

// Row names the row of the key to what seals it.
func (k SigningKey) Row() string { return "signing-key " + k.Purpose + " " + k.Algorithm }
