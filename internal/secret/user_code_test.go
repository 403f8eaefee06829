package secret_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/thingward/thingward/internal/secret"
)

var userCode = regexp.MustCompile(`^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$`)

func TestUserCodesAreTypedInManyWays(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"WDJB-MJHT": "WDJB-MJHT", "wdjbmjht": "WDJB-MJHT", " wd jb – mj ht\r\n": "WDJB-MJHT", "W-D-J-B-M-J-H-T": "WDJB-MJHT", "\u00a0wDjB\u2011mJhT": "WDJB-MJHT",
		"": "", "WDJB-MJH": "", "WDJB-MJHTX": "", "WDJB-MJHA": "", "WDJB-MJH7": "", "WDJB_MJHT": "", "WDJB-MJH\u017f": "", "WDJB-MJH\u212a": "", "WDJB-MJH\x00T": "",
		strings.Repeat("-", 60) + "WDJBMJHT": "", "ＷＤＪＢＭＪＨＴ": "",
	} {
		got, ok := secret.ParseUserCode(typed)
		if got.Reveal() != want || ok != (want != "") {
			t.Errorf("%q: got %q, %t; want %q", typed, got.Reveal(), ok, want)
		}
	}
}

// TestUserCodesUseTheirWholeAlphabet draws enough that a letter which is
// missing, or twice as likely as others, would show.
func TestUserCodesUseTheirWholeAlphabet(t *testing.T) {
	t.Parallel()
	count, seen := map[rune]int{}, map[string]bool{}
	const codes = 5000
	for range codes {
		code := secret.NewUserCode().Reveal()
		if !userCode.MatchString(code) || seen[code] {
			t.Fatalf("got %q, seen before: %t", code, seen[code])
		}
		seen[code] = true
		for _, letter := range strings.ReplaceAll(code, "-", "") {
			count[letter]++
		}
	}
	for letter, times := range count {
		if usual := codes * 8 / 20; times < usual*3/4 || times > usual*5/4 {
			t.Errorf("%c came %d times, want about %d", letter, times, usual)
		}
	}
	if len(count) != 20 {
		t.Errorf("got %d letters, want 20", len(count))
	}
}

func FuzzUserCode(f *testing.F) {
	for _, typed := range []string{"WDJB-MJHT", "wdjb mjht", "", "-", "WDJB-MJHTX", "W\u0307", "\xff"} {
		f.Add(typed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		code, ok := secret.ParseUserCode(typed)
		if !ok {
			if !code.Empty() {
				t.Fatalf("%q: a code, and none", typed)
			}
			return
		}
		text := code.Reveal()
		if !userCode.MatchString(text) {
			t.Fatalf("%q: got %q", typed, text)
		}
		for _, way := range []string{text, strings.ToLower(text), strings.ReplaceAll(text, "-", ""), " " + text + " "} {
			if again, ok := secret.ParseUserCode(way); !ok || again.Reveal() != text {
				t.Fatalf("%q: read as %q, and that as %q", typed, text, again.Reveal())
			}
		}
	})
}
