package app

import (
	"time"

	"github.com/thingward/thingward/internal/secret"
)

// TokenLook is what a secret tells of itself, whether it holds or not.
type TokenLook struct {
	Kind      string    // "access token", "refresh token", …; empty: it is none that Thingward makes
	ExpiresAt time.Time // of an access token, at the latest; else zero
}

// LookAtToken says what kind of secret a text is, without asking anybody.
func LookAtToken(text string) TokenLook {
	if number, ok := secret.NumberOf(secret.AccessToken, text); ok {
		return TokenLook{"access token", secret.TimeOfNumber(number)}
	}
	if number, ok := secret.NumberOfSigned(text); ok {
		return TokenLook{"signed access token", secret.TimeOfNumber(number)}
	}
	if _, _, ok := secret.StepOf(secret.RefreshToken, text); ok {
		return TokenLook{Kind: "refresh token"}
	}
	for kind, name := range map[secret.Kind]string{secret.Code: "authorization code", secret.ClientSecret: "client secret", secret.KeyPassword: "key password"} {
		if secret.WellFormed(kind, text) {
			return TokenLook{Kind: name}
		}
	}
	return TokenLook{}
}
