package cli

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/thingward/thingward/internal/domain"
)

// probeCallbacks asks whether to go on where a redirect URI does not answer:
// most often it is misspelt.
func (t *terminal) probeCallbacks(ctx context.Context, uris []string) error {
	for _, uri := range uris {
		fault := probe(ctx, uri)
		if fault == "" {
			continue
		}
		t.note("The redirect URI %s does not answer: %s.", oneLine(uri), oneLine(fault))
		if err := t.ask("Register the app all the same?", "Give --yes to register it all the same."); err != nil {
			return err
		}
	}
	return nil
}

// probe says why a redirect URI does not answer as the callback of an app; ""
// where it does, or nothing can be said from here.
func probe(ctx context.Context, uri string) string {
	target, err := url.Parse(uri)
	if err != nil || target.Scheme != "http" && target.Scheme != "https" || domain.IsLoopback(target.Hostname()) {
		return ""
	}
	query := target.Query()
	query.Set("code", "test")
	query.Set("state", "test")
	target.RawQuery = query.Encode()
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, target.String(), nil)
	if err != nil {
		return ""
	}
	request.Header.Set("User-Agent", programName())
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Do(request)
	if err != nil {
		return strings.TrimRight(rootCause(err), ".")
	}
	_ = answer.Body.Close()
	if answer.StatusCode == http.StatusNotFound || answer.StatusCode >= 500 {
		return fmt.Sprintf("it says %d %s", answer.StatusCode, http.StatusText(answer.StatusCode))
	}
	return ""
}
