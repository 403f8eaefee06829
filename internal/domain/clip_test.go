package domain

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestClip(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"short": "short", "": "", "a\xffb": "a\uFFFDb", strings.Repeat("x", 100): strings.Repeat("x", 100),
		strings.Repeat("x", 101): strings.Repeat("x", 100) + "…", strings.Repeat("x", 99) + "ö": strings.Repeat("x", 99) + "…",
	} {
		if got := Clip(text); got != want || !utf8.ValidString(got) {
			t.Errorf("Clip(%q): got %q, want %q", text, got, want)
		}
	}
}
