package grant

import (
	"context"
	"crypto"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
)

// SigningKeys keeps signing keys. Each method is one transaction.
type SigningKeys interface {
	SigningKey(ctx context.Context, purpose, algorithm string) (domain.SigningKey, error)
	AddSigningKey(ctx context.Context, key domain.SigningKey, event domain.AuditEvent) (domain.SigningKey, error)
	RotateSigningKey(ctx context.Context, key domain.SigningKey, event domain.AuditEvent) error
}

// Signer signs tokens with the key in use for one purpose, which is made at
// its first use. It is safe for concurrent use.
type Signer struct {
	Keys      SigningKeys
	Vault     *secret.Sealer // seals the private keys
	Purpose   string         // domain.SigningTTN
	Algorithm string         // domain.ES256 or domain.RS256
	Now       func() time.Time

	opening    sync.Mutex
	generation atomic.Int64
	held       atomic.Pointer[heldKey]
}

// heldKey is the key in use, ready to sign.
type heldKey struct {
	signer jose.Signer
	header string // of every token, encoded
	public string
}

// Sign returns the claims as a JWT (RFC 7519) in compact form. Its header says
// the algorithm and that it is a JWT, and nothing else: old readers have one
// key and no names for it.
func (s *Signer) Sign(ctx context.Context, claims any) (secret.Secret, error) {
	key, err := s.key(ctx)
	if err != nil {
		return secret.Secret{}, err
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		return secret.Secret{}, fmt.Errorf("encode claims: %w", err)
	}
	signed, err := key.signer.Sign(payload)
	if err != nil {
		return secret.Secret{}, fmt.Errorf("sign a token: %w", err)
	}
	return secret.New(key.compact(payload, signed.Signatures[0].Signature)), nil
}

// compact puts a token together (RFC 7515 §7.1). All have the same header, so
// it is not encoded for each anew.
func (k *heldKey) compact(payload, signature []byte) string {
	encoding := base64.RawURLEncoding
	text := make([]byte, 0, len(k.header)+2+encoding.EncodedLen(len(payload))+encoding.EncodedLen(len(signature)))
	text = encoding.AppendEncode(append(append(text, k.header...), '.'), payload)
	return string(encoding.AppendEncode(append(text, '.'), signature))
}

// PublicKey returns the key that proves what is signed now, as PEM, and its
// algorithm.
func (s *Signer) PublicKey(ctx context.Context) (algorithm, pem string, err error) {
	key, err := s.key(ctx)
	if err != nil {
		return "", "", err
	}
	return s.Algorithm, key.public, nil
}

// Forget makes the next token be signed with what the store then has in use.
// It returns at once.
func (s *Signer) Forget() {
	s.generation.Add(1)
	s.held.Store(nil)
}

// Rotate makes a new key and signs with it from now on. Who checks signatures
// by a copy of the old one refuses new tokens until he fetches the new key.
func (s *Signer) Rotate(ctx context.Context, c domain.Caller) error {
	key, err := s.generate()
	if err != nil {
		return err
	}
	if err := s.Keys.RotateSigningKey(ctx, key, domain.NewAudit(c, key.CreatedAt, "signing_key.rotate", s.name())); err != nil {
		return err
	}
	s.Forget()
	return nil
}

func (s *Signer) name() string { return "signing key " + s.Purpose + " " + s.Algorithm }

// key returns the key in use. What was read before a call of Forget is not
// kept after it.
func (s *Signer) key(ctx context.Context) (*heldKey, error) {
	if held := s.held.Load(); held != nil {
		return held, nil
	}
	s.opening.Lock()
	defer s.opening.Unlock()
	if held := s.held.Load(); held != nil {
		return held, nil
	}
	generation := s.generation.Load()
	stored, err := s.Keys.SigningKey(ctx, s.Purpose, s.Algorithm)
	if domain.IsKind(err, domain.NotFound) {
		stored, err = s.first(ctx)
	}
	if err != nil {
		return nil, err
	}
	held, err := s.open(stored)
	if err != nil {
		return nil, err
	}
	s.held.Store(held)
	if s.generation.Load() != generation {
		s.held.Store(nil)
	}
	return held, nil
}

// first makes the first key. Of many that do so at once, all get the same.
func (s *Signer) first(ctx context.Context) (domain.SigningKey, error) {
	key, err := s.generate()
	if err != nil {
		return domain.SigningKey{}, err
	}
	return s.Keys.AddSigningKey(ctx, key, domain.NewAudit(domain.Caller{}, key.CreatedAt, "signing_key.make", s.name()))
}

func (s *Signer) generate() (domain.SigningKey, error) {
	generate := secret.GenerateES256
	if s.Algorithm == domain.RS256 {
		generate = secret.GenerateRS256
	}
	pair, err := generate()
	if err != nil {
		return domain.SigningKey{}, err
	}
	key := domain.SigningKey{Purpose: s.Purpose, Algorithm: s.Algorithm, Public: pair.Public, CreatedAt: s.Now()}
	key.Sealed = s.Vault.Seal(pair.Private, key.Row())
	return key, nil
}

func (s *Signer) open(stored domain.SigningKey) (*heldKey, error) {
	private, err := OpenSigningKey(s.Vault, stored)
	if err != nil {
		return nil, err
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.SignatureAlgorithm(stored.Algorithm), Key: private}, (&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		return nil, fmt.Errorf("signing key %d: %w", stored.ID, err)
	}
	header, err := headerOf(signer)
	if err != nil {
		return nil, fmt.Errorf("signing key %d: %w", stored.ID, err)
	}
	return &heldKey{signer, header, stored.Public}, nil
}

// headerOf reads the header from a first token.
func headerOf(signer jose.Signer) (string, error) {
	signed, err := signer.Sign([]byte("{}"))
	if err != nil {
		return "", err
	}
	text, err := signed.CompactSerialize()
	header, _, _ := strings.Cut(text, ".")
	return header, err
}

// OpenSigningKey opens the private half of a signing key.
func OpenSigningKey(vault *secret.Sealer, stored domain.SigningKey) (crypto.Signer, error) {
	private, err := vault.Open(stored.Sealed, stored.Row())
	if err != nil {
		return nil, fmt.Errorf("signing key %d (thingward signing-keys rotate makes another): %w", stored.ID, err)
	}
	key, err := secret.ParseKeyPair(secret.KeyPair{Private: private, Public: stored.Public})
	if err != nil {
		return nil, fmt.Errorf("signing key %d (thingward signing-keys rotate makes another): %w", stored.ID, err)
	}
	return key, nil
}
