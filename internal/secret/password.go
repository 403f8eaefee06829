package secret

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// Parameters of argon2id (RFC 9106; OWASP password storage): 19 MiB, two
// passes, one lane. About 17 ms a check.
const (
	argonMemory = 19 * 1024 // KiB
	argonTime   = 2
	argonLanes  = 1
	argonSalt   = 16
	argonKey    = 32
)

// hashing bounds how many slow hashes run at once, so that a flood of
// sign-ins costs at most this many times 19 MiB and leaves a core to others.
var hashing = make(chan struct{}, 2)

// decoy is what a sign-in with an unknown name is checked against, so that it
// takes as long as one with a wrong password.
var decoy = encodePHC([]byte("thingward-decoy-"), make([]byte, argonKey))

// HashPassword returns the argon2id PHC string of a password that somebody
// chose. It waits for its turn and returns the context's error if that ends.
func HashPassword(ctx context.Context, password Secret) (string, error) {
	if err := acquire(ctx); err != nil {
		return "", err
	}
	defer release()
	salt := RandomBytes(argonSalt)
	return encodePHC(salt, derive(password, salt)), nil
}

// PasswordMatches checks a password against a PHC string. With an empty
// string it does the same work and reports false.
func PasswordMatches(ctx context.Context, stored string, password Secret) (bool, error) {
	if err := acquire(ctx); err != nil {
		return false, err
	}
	defer release()
	known := stored != ""
	if !known {
		stored = decoy
	}
	salt, want, err := decodePHC(stored)
	if err != nil {
		return false, err
	}
	same := subtle.ConstantTimeCompare(derive(password, salt), want) == 1
	return same && known, nil
}

func acquire(ctx context.Context) error {
	select {
	case hashing <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for the password hash: %w", ctx.Err())
	}
}

func release() { <-hashing }

func derive(password Secret, salt []byte) []byte {
	return argon2.IDKey([]byte(password.Reveal()), salt, argonTime, argonMemory, argonLanes, argonKey)
}

func encodePHC(salt, key []byte) string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonTime, argonLanes,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(key))
}

// decodePHC reads only strings with the parameters in use. Should they ever
// change, old strings need a reader of their own.
func decodePHC(stored string) (salt, key []byte, err error) {
	prefix := fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$", argon2.Version, argonMemory, argonTime, argonLanes)
	rest, ok := strings.CutPrefix(stored, prefix)
	if !ok {
		return nil, nil, fmt.Errorf("stored password hash has unknown parameters")
	}
	saltText, keyText, ok := strings.Cut(rest, "$")
	if !ok {
		return nil, nil, fmt.Errorf("stored password hash is cut short")
	}
	if salt, err = base64.RawStdEncoding.DecodeString(saltText); err != nil {
		return nil, nil, fmt.Errorf("stored password hash: %w", err)
	}
	if key, err = base64.RawStdEncoding.DecodeString(keyText); err != nil {
		return nil, nil, fmt.Errorf("stored password hash: %w", err)
	}
	return salt, key, nil
}
