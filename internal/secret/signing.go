package secret

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
)

// KeyPair is a key with which tokens are signed.
type KeyPair struct {
	Private Secret // PEM, PKCS #8 (RFC 5958)
	Public  string // PEM, SubjectPublicKeyInfo (RFC 5280 §4.1)
}

// GenerateES256 makes a key for ES256: ECDSA on the curve P-256 (RFC 7518 §3.4).
func GenerateES256() (KeyPair, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return KeyPair{}, fmt.Errorf("make a signing key: %w", err)
	}
	return pairOf(key)
}

// rsaBits are as many as RFC 7518 §3.3 asks for at least.
const rsaBits = 2048

// GenerateRS256 makes a key for RS256: RSA with 2048 bits (RFC 7518 §3.3).
func GenerateRS256() (KeyPair, error) {
	key, err := rsa.GenerateKey(rand.Reader, rsaBits)
	if err != nil {
		return KeyPair{}, fmt.Errorf("make a signing key: %w", err)
	}
	return pairOf(key)
}

func pairOf(key crypto.Signer) (KeyPair, error) {
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return KeyPair{}, fmt.Errorf("encode a signing key: %w", err)
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return KeyPair{}, fmt.Errorf("encode a signing key: %w", err)
	}
	return KeyPair{
		Private: New(string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}))),
		Public:  string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public})),
	}, nil
}

// ParseKeyPair reads a private key, and refuses one that the public key does
// not belong to.
func ParseKeyPair(pair KeyPair) (crypto.Signer, error) {
	block, rest := pem.Decode([]byte(pair.Private.Reveal()))
	if block == nil || block.Type != "PRIVATE KEY" || len(rest) > 0 {
		return nil, errors.New("a signing key is not in PEM")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, errors.New("a signing key is damaged") // the cause could show some of it
	}
	key, signs := parsed.(crypto.Signer)
	if !signs {
		return nil, errors.New("a signing key is of a kind that cannot sign")
	}
	if again, err := pairOf(key); err != nil || again.Public != pair.Public {
		return nil, errors.New("a signing key does not belong to its public key")
	}
	return key, nil
}
