package cli

import (
	"context"
	"strings"
	"testing"

	"github.com/skip2/go-qrcode"
)

func TestLoginWithoutABrowserWaitsForAnotherDevice(t *testing.T) {
	t.Parallel()
	for name, with := range map[string]struct {
		browser string
		args    []string
	}{
		"asked for":                {"true", []string{"login", "--no-browser"}},
		"no browser":               {"", []string{"login"}},
		"a browser that is not":    {"/nowhere/browser", []string{"login"}},
		"told to wait, and losing": {"", []string{"login", "--no-browser"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, alice := newOAuthServer(t), newPerson(t)
			alice.browser = with.browser
			if strings.Contains(name, "losing") {
				server.polls = []string{"authorization_pending", "lost"}
			}
			code, stdout, stderr := alice.run(t.Context(), server.URL, with.args...)
			if code != exitOK || !strings.Contains(stdout, "as alice") || len(alice.loginFiles(t)) != 1 {
				t.Fatalf("got %d, %q, %q", code, stdout, stderr)
			}
			for _, want := range []string{"    " + server.URL + "/device\n", "    WDJB- [31mMJHT\n", "at most 10 min"} {
				if !strings.Contains(stderr, want) {
					t.Errorf("got %q, want it to hold %q", stderr, want)
				}
			}
			if strings.ContainsAny(stderr, "\x1b█▀▄") {
				t.Errorf("a picture where there is no terminal: %q", stderr)
			}
			if asked := server.lastAsked(); asked.Get("client_id") != "thingward-cli" || !strings.Contains(asked.Get("scope"), "offline_access") {
				t.Errorf("asked %v", asked)
			}
		})
	}
}

func TestWhoIsNotLetInIsTold(t *testing.T) {
	t.Parallel()
	for said, want := range map[string]string{"access_denied": "not allowed to act for you", "expired_token": "nobody signed in", "invalid_grant": "No."} {
		t.Run(said, func(t *testing.T) {
			t.Parallel()
			server, alice := newOAuthServer(t), newPerson(t)
			server.polls = []string{said}
			code, stdout, stderr := alice.run(t.Context(), server.URL, "login", "--no-browser")
			if code != exitFailed || stdout != "" || !strings.Contains(stderr, want) || len(alice.loginFiles(t)) != 0 {
				t.Errorf("got %d, %q, %q", code, stdout, stderr)
			}
		})
	}
}

func TestALoginCanBeGivenUp(t *testing.T) {
	t.Parallel()
	server, alice := newOAuthServer(t), newPerson(t)
	ctx, giveUp := context.WithCancel(t.Context())
	defer giveUp()
	server.polls, server.polled = []string{"authorization_pending"}, giveUp
	code, stdout, stderr := alice.run(ctx, server.URL, "login", "--no-browser")
	if code != exitFailed || stdout != "" || len(alice.loginFiles(t)) != 0 || !strings.Contains(stderr, "Waiting") || !strings.Contains(stderr, "Interrupted") {
		t.Errorf("got %d, %q, %q", code, stdout, stderr)
	}
}

// TestAPictureIsWhatACameraReads compares it with the modules of the code.
func TestAPictureIsWhatACameraReads(t *testing.T) {
	t.Parallel()
	const address = "https://things.example/device?user_code=WDJB-MJHT"
	code, err := qrcode.New(address, qrcode.Low)
	if err != nil {
		t.Fatal(err)
	}
	want := code.Bitmap()
	lines := strings.Split(strings.TrimSuffix(qrFor(address, len(want)), "\n"), "\n")
	if len(lines) != (len(want)+1)/2 {
		t.Fatalf("got %d lines for %d rows", len(lines), len(want))
	}
	for i, line := range lines {
		line, inked := strings.CutPrefix(line, blackOnWhite)
		line, ended := strings.CutSuffix(line, asBefore)
		blocks := []rune(line)
		if !inked || !ended || len(blocks) != len(want) {
			t.Fatalf("line %d: %q", i, line)
		}
		for x, block := range blocks {
			lower := 2*i+1 < len(want) && want[2*i+1][x]
			if upper := want[2*i][x]; upper != (block == '█' || block == '▀') || lower != (block == '█' || block == '▄') {
				t.Fatalf("module %d,%d is %q", x, 2*i, block)
			}
		}
	}
	if got := qrFor(address, len(want)-1); got != "" {
		t.Errorf("a narrow terminal got %q", got)
	}
	if got := qrFor("", 200); got != "" {
		t.Errorf("no address: got %q", got)
	}
}
