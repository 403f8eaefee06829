package app

import (
	"testing"
	"time"

	"github.com/thingward/thingward/internal/secret"
)

func TestATokenTellsItsKindAndEnd(t *testing.T) {
	t.Parallel()
	ends := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	refresh, _ := secret.GenerateStep(secret.RefreshToken, 7, "")
	for text, want := range map[string]TokenLook{
		secret.GenerateNumbered(secret.AccessToken, secret.NewNumber(ends)).Reveal(): {"access token", ends},
		refresh.Reveal():                              {Kind: "refresh token"},
		secret.Generate(secret.Code).Reveal():         {Kind: "authorization code"},
		secret.Generate(secret.ClientSecret).Reveal(): {Kind: "client secret"},
		secret.Generate(secret.KeyPassword).Reveal():  {Kind: "key password"},
		secret.Generate(secret.Session).Reveal():      {},
		"twa_":                                        {},
		"":                                            {},
	} {
		if got := LookAtToken(text); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
}
