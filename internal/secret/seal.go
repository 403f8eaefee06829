package secret

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// Sealer encrypts secrets that their owner may view again (AES-256-GCM) under
// the server key, which lives outside the database.
type Sealer struct {
	aead  cipher.AEAD
	keyID string
}

// ErrWrongServerKey says that a sealed secret was made with another server key.
var ErrWrongServerKey = errors.New("sealed with another server key")

// LoadServerKey reads the server key (64 hexadecimal digits) from a file that
// only its owner may read.
func LoadServerKey(path string) (*Sealer, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("server key: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("server key %s may be read by others: chmod 600 %s", path, path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("server key: %w", err)
	}
	key, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(key) != 32 {
		return nil, fmt.Errorf("server key %s is not 64 hexadecimal digits", path)
	}
	return NewSealer(key)
}

// LoadOrMakeServerKey reads the server key and makes one where there is none.
// Of two processes that make it at once, one wins and both read that one.
func LoadOrMakeServerKey(path string) (*Sealer, error) {
	sealer, err := LoadServerKey(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return sealer, err
	}
	temporary := path + "." + NewID()
	text := hex.EncodeToString(RandomBytes(32)) + "\n"
	if err := os.WriteFile(temporary, []byte(text), 0o600); err != nil {
		return nil, fmt.Errorf("make server key: %w", err)
	}
	defer os.Remove(temporary)
	if err := os.Link(temporary, path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("make server key: %w", err)
	}
	return LoadServerKey(path)
}

// NewSealer makes a sealer of a key of 32 bytes.
func NewSealer(key []byte) (*Sealer, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("server key: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("server key: %w", err)
	}
	sum := sha256.Sum256(key)
	return &Sealer{aead: aead, keyID: hex.EncodeToString(sum[:4])}, nil
}

// Seal encrypts s so that it opens only for the same row: row names the table
// and the id, for example "key:0123456789abcdef:1".
func (s *Sealer) Seal(plain Secret, row string) []byte {
	nonce := RandomBytes(s.aead.NonceSize())
	head := append([]byte(s.keyID), nonce...)
	return s.aead.Seal(head, nonce, []byte(plain.Reveal()), []byte(s.keyID+"|"+row))
}

// Open decrypts what Seal made for the same row.
func (s *Sealer) Open(sealed []byte, row string) (Secret, error) {
	head := len(s.keyID) + s.aead.NonceSize()
	if len(sealed) < head {
		return Secret{}, errors.New("sealed secret is cut short")
	}
	if string(sealed[:len(s.keyID)]) != s.keyID {
		return Secret{}, ErrWrongServerKey
	}
	plain, err := s.aead.Open(nil, sealed[len(s.keyID):head], sealed[head:], []byte(s.keyID+"|"+row))
	if err != nil {
		return Secret{}, fmt.Errorf("open sealed secret: %w", err)
	}
	return New(string(plain)), nil
}
