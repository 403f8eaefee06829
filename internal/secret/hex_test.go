package secret_test

import (
	"encoding/base64"
	"regexp"
	"testing"

	"github.com/thingward/thingward/internal/secret"
)

func TestSecretsInHexadecimalDigits(t *testing.T) {
	t.Parallel()
	key, token := secret.GenerateLANKey().Reveal(), secret.GeneratePushToken().Reveal()
	digits := regexp.MustCompile(`^[0-9a-f]{64}$`)
	if !digits.MatchString(key) {
		t.Errorf("a LAN key: got %d characters, want 64 lower-case hexadecimal digits", len(key))
	}
	if !regexp.MustCompile(`^[A-Za-z0-9]{86}==$`).MatchString(token) {
		t.Errorf("a push token: got %d characters, want 88 that end in ==", len(token))
	}
	if inside, err := base64.StdEncoding.DecodeString(token); err != nil || !digits.Match(inside) {
		t.Errorf("a push token: got %d bytes inside (%v), want 64 hexadecimal digits", len(inside), err)
	}
	if name := secret.NewPackage(); !regexp.MustCompile(`^[0-9a-f]{32}$`).MatchString(name) {
		t.Errorf("a package: got %q, want 32 lower-case hexadecimal digits", name)
	}
	if secret.GenerateLANKey().Hash() == secret.New(key).Hash() || secret.GeneratePushToken().Hash() == secret.New(token).Hash() {
		t.Error("two generated secrets are the same")
	}
}
