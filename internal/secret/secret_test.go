package secret

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

func TestASecretCannotBePrinted(t *testing.T) {
	t.Parallel()
	const text = "do-not-show-me"
	holder := struct {
		Name   string
		Secret Secret
	}{"x", New(text)}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x", "%t", "%T"} {
		fmt.Fprintf(&out, verb+" "+verb+" "+verb+"\n", holder, &holder, holder.Secret)
	}
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "holder", holder, "secret", holder.Secret)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "holder", holder, "secret", holder.Secret)
	if err := json.NewEncoder(&out).Encode(holder); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out.String(), text) || strings.Contains(out.String(), fmt.Sprintf("%x", text)) {
		t.Errorf("the secret leaked:\n%s", out.String())
	}
}

func TestGeneratedSecretsAreWellFormed(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 200 {
		text := Generate(KeyPassword).Reveal()
		if !WellFormed(KeyPassword, text) || WellFormed(Session, text) || seen[text] {
			t.Fatalf("%q is not well formed, or not new", text)
		}
		seen[text] = true
		if strings.Trim(strings.TrimPrefix(text, string(KeyPassword)), alphabet) != "" {
			t.Fatalf("%q has more than letters and digits", text)
		}
	}
}

func TestATypingErrorIsNotWellFormed(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := []byte(Generate(KeyPassword).Reveal())
		at := rapid.IntRange(0, len(text)-1).Draw(t, "place")
		other := rapid.SampledFrom([]byte(alphabet)).Draw(t, "character")
		changed := text[at] != other
		text[at] = other
		if changed && WellFormed(KeyPassword, string(text)) {
			t.Fatalf("%q passes", text)
		}
	})
}

func TestHashMatches(t *testing.T) {
	t.Parallel()
	a, b := New("a"), New("b")
	if !a.Hash().Matches(HashFrom(a.Hash().Bytes())) {
		t.Error("a stored hash does not match its secret")
	}
	if a.Hash().Matches(b.Hash()) {
		t.Error("two secrets match")
	}
	var zero Hash
	if zero.Matches(zero) || HashFrom([]byte("short")).Matches(HashFrom(nil)) {
		t.Error("the zero hash matches something")
	}
}

func TestPasswords(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	stored, err := HashPassword(ctx, New("correct horse"))
	if err != nil {
		t.Fatal(err)
	}
	for password, want := range map[string]bool{"correct horse": true, "correct horsf": false, "": false} {
		if got, err := PasswordMatches(ctx, stored, New(password)); got != want || err != nil {
			t.Errorf("%q: got %v, %v; want %v", password, got, err, want)
		}
	}
	if got, err := PasswordMatches(ctx, "", New("correct horse")); got || err != nil {
		t.Errorf("an unknown account: got %v, %v; want false", got, err)
	}
	if _, err := PasswordMatches(ctx, "$2a$10$abc", New("x")); err == nil {
		t.Error("a hash of another kind is accepted")
	}
}

func TestHashingStopsWaitingWhenTheCallerIsGone(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for range cap(hashing) {
		hashing <- struct{}{}
	}
	defer func() {
		for range cap(hashing) {
			<-hashing
		}
	}()
	if _, err := HashPassword(ctx, New("x")); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

func TestSealedSecretsOpenOnlyForTheirRow(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "server.key")
	sealer, err := LoadOrMakeServerKey(path)
	if err != nil {
		t.Fatal(err)
	}
	sealed := sealer.Seal(New("pw"), "key:a:1")
	if got, err := sealer.Open(sealed, "key:a:1"); err != nil || got.Reveal() != "pw" {
		t.Errorf("got %q, %v", got.Reveal(), err)
	}
	if _, err := sealer.Open(sealed, "key:b:1"); err == nil {
		t.Error("it opens for another row")
	}
	sealed[len(sealed)-1] ^= 1
	if _, err := sealer.Open(sealed, "key:a:1"); err == nil {
		t.Error("it opens although it was changed")
	}
	if _, err := sealer.Open([]byte("x"), "key:a:1"); err == nil {
		t.Error("nonsense opens")
	}
	other, err := LoadOrMakeServerKey(filepath.Join(t.TempDir(), "server.key"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Open(sealer.Seal(New("pw"), "r"), "r"); !errors.Is(err, ErrWrongServerKey) {
		t.Errorf("with another server key: got %v, want ErrWrongServerKey", err)
	}
}

func TestTheServerKeyIsMadeOnceByManyAtOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "server.key")
	ids := make([]string, 10)
	var wait sync.WaitGroup
	for i := range ids {
		wait.Go(func() {
			sealer, err := LoadOrMakeServerKey(path)
			if err != nil {
				t.Error(err)
				return
			}
			ids[i] = sealer.keyID
		})
	}
	wait.Wait()
	for _, id := range ids {
		if id != ids[0] {
			t.Fatalf("different keys: %v", ids)
		}
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadServerKey(path); err == nil {
		t.Error("a key that everybody may read is accepted")
	}
}

func TestLooksChosen(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"0123456789abcdef": false, "aB3dEf6hIj9lMn2pQr5tUv8x": false, "password": true, "summer2024": true, "hunter2hunter2hunter2hunter2": true,
	} {
		if got := LooksChosen(New(text)); got != want {
			t.Errorf("LooksChosen(%q): got %v, want %v", text, got, want)
		}
	}
}
