package grant_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"strings"
	"sync"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/grant"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/store"
	"github.com/thingward/thingward/internal/store/storetest"
)

func vault(t *testing.T) *secret.Sealer {
	t.Helper()
	sealer, err := secret.NewSealer(secret.RandomBytes(32))
	if err != nil {
		t.Fatal(err)
	}
	return sealer
}

func newSigner(s *store.Store, algorithm string, vault *secret.Sealer) *grant.Signer {
	signer := &grant.Signer{Keys: s, Vault: vault, Purpose: domain.SigningTTN, Algorithm: algorithm, Now: storetest.NewClock().Now}
	s.OnChange(func(c store.Change) {
		if c.Touches(store.TopicSigningKey) {
			signer.Forget()
		}
	})
	return signer
}

// verify checks a token with the key that the signer publishes.
func verify(t *testing.T, signer *grant.Signer, token string) error {
	t.Helper()
	algorithm, text, err := signer.PublicKey(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode([]byte(text))
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	switch key.(type) {
	case *ecdsa.PublicKey, *rsa.PublicKey:
	default:
		t.Fatalf("got a %T", key)
	}
	signed, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.SignatureAlgorithm(algorithm)})
	if err != nil {
		return err
	}
	_, err = signed.Verify(key)
	return err
}

func TestWhatIsSignedVerifiesWithThePublishedKey(t *testing.T) {
	t.Parallel()
	for _, algorithm := range []string{domain.ES256, domain.RS256} {
		t.Run(algorithm, func(t *testing.T) {
			t.Parallel()
			signer := newSigner(storetest.Open(t), algorithm, vault(t))
			token, err := signer.Sign(context.Background(), map[string]string{"sub": "1"})
			if err != nil {
				t.Fatal(err)
			}
			if err := verify(t, signer, token.Reveal()); err != nil {
				t.Error(err)
			}
			header, err := base64.RawURLEncoding.DecodeString(strings.Split(token.Reveal(), ".")[0])
			if want := `{"alg":"` + algorithm + `","typ":"JWT"}`; err != nil || string(header) != want {
				t.Errorf("got the header %s, want %s", header, want)
			}
		})
	}
}

func TestTwentySignersOnOneStoreHaveOneKey(t *testing.T) {
	t.Parallel()
	s, shared := storetest.Open(t), vault(t)
	published := make([]string, 20)
	var starters sync.WaitGroup
	for i := range published {
		signer := newSigner(s, domain.ES256, shared)
		starters.Go(func() { _, published[i], _ = signer.PublicKey(context.Background()) })
	}
	starters.Wait()
	for _, pem := range published {
		if pem == "" || pem != published[0] {
			t.Fatalf("got different keys:\n%s%s", published[0], pem)
		}
	}
}

func TestARotatedKeyIsForgottenEverywhere(t *testing.T) {
	t.Parallel()
	ctx, s, shared := context.Background(), storetest.Open(t), vault(t)
	here, there := newSigner(s, domain.ES256, shared), newSigner(s, domain.ES256, shared)
	before, err := there.Sign(ctx, struct{}{})
	if err != nil {
		t.Fatal(err)
	}
	if err := here.Rotate(ctx, domain.Caller{Credential: domain.OperatorCredential}); err != nil {
		t.Fatal(err)
	}
	after, err := there.Sign(ctx, struct{}{})
	if err != nil {
		t.Fatal(err)
	}
	if err := verify(t, here, after.Reveal()); err != nil {
		t.Errorf("the other node signs with the old key: %v", err)
	}
	if verify(t, here, before.Reveal()) == nil {
		t.Error("the new key proves what the old one signed")
	}
}

func TestAnotherServerKeyDoesNotOpenTheSigningKey(t *testing.T) {
	t.Parallel()
	ctx, s := context.Background(), storetest.Open(t)
	if _, err := newSigner(s, domain.ES256, vault(t)).Sign(ctx, struct{}{}); err != nil {
		t.Fatal(err)
	}
	lost := newSigner(s, domain.ES256, vault(t))
	if _, err := lost.Sign(ctx, struct{}{}); err == nil || !strings.Contains(err.Error(), "signing-keys rotate") {
		t.Errorf("got %v, want what helps", err)
	}
	if err := lost.Rotate(ctx, domain.Caller{Credential: domain.OperatorCredential}); err != nil {
		t.Fatal(err)
	}
	if _, err := lost.Sign(ctx, struct{}{}); err != nil {
		t.Errorf("after the rotation: %v", err)
	}
}
