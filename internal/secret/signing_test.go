package secret_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"strings"
	"testing"

	"github.com/thingward/thingward/internal/secret"
)

func TestASigningKeySurvivesItsText(t *testing.T) {
	t.Parallel()
	for name, generate := range map[string]func() (secret.KeyPair, error){"ES256": secret.GenerateES256, "RS256": secret.GenerateRS256} {
		pair, err := generate()
		if err != nil {
			t.Fatal(err)
		}
		key, err := secret.ParseKeyPair(pair)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		switch key := key.(type) {
		case *ecdsa.PrivateKey:
			if name != "ES256" || key.Curve != elliptic.P256() {
				t.Errorf("%s: got a key on %v", name, key.Curve)
			}
		case *rsa.PrivateKey:
			if name != "RS256" || key.N.BitLen() != 2048 {
				t.Errorf("%s: got %d bits of RSA", name, key.N.BitLen())
			}
		default:
			t.Errorf("%s: got a %T", name, key)
		}
		if !strings.HasPrefix(pair.Public, "-----BEGIN PUBLIC KEY-----\n") {
			t.Errorf("%s: got the public key %q", name, pair.Public)
		}
	}
}

func TestASigningKeyOfAnotherPairIsRefused(t *testing.T) {
	t.Parallel()
	one, err := secret.GenerateES256()
	if err != nil {
		t.Fatal(err)
	}
	other, err := secret.GenerateES256()
	if err != nil {
		t.Fatal(err)
	}
	for _, pair := range []secret.KeyPair{{Private: one.Private, Public: other.Public}, {Private: secret.New(one.Public), Public: one.Public}, {Public: one.Public}} {
		if _, err := secret.ParseKeyPair(pair); err == nil {
			t.Errorf("a private key was taken for that of %s", pair.Public)
		}
	}
}
