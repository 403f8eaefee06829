package acceptance

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// tokenLoad is an app whose program does all that one does with tokens, over
// many connections, and keeps book of what it was answered and of what it
// asked without an answer. Its methods return an error where the server is
// gone, so that they can run beside a test.
type tokenLoad struct {
	app  oauthApp
	ask  string // an authorization request that the person said yes to before
	web  *http.Client
	site string

	over    atomic.Bool // ends the workers
	mu      sync.Mutex
	answers int
	live    []string // access tokens
	dead    []string // access tokens whose revocation was answered
	codes   []string // sent, and not answered
	chains  []*heldChain
}

// heldChain is what a program holds of one authorization code.
type heldChain struct {
	code     string
	access   []string
	refresh  string // the last one that it was given
	sent     bool   // it was sent, and not answered
	revoking bool   // its revocation was sent
	revoked  bool   // and answered
}

// newTokenLoad has the person say yes once, and sends on with its cookie.
func newTokenLoad(p person, app oauthApp) *tokenLoad {
	app.code(p)
	p.http.Transport.(*http.Transport).MaxIdleConnsPerHost = 64
	return &tokenLoad{app: app, ask: app.endpoint + "?" + app.ask().Encode(), web: p.http, site: app.s.URL}
}

// answered is what came back.
type answered struct {
	status int
	header http.Header
	body   []byte
}

func (l *tokenLoad) do(request *http.Request) (answered, error) {
	response, err := l.web.Do(request)
	if err != nil {
		return answered{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return answered{response.StatusCode, response.Header, body}, err
}

// post sends a form as the app.
func (l *tokenLoad) post(path string, pairs ...string) (answered, error) {
	form := pairsOf(url.Values{}, pairs...).Encode()
	request, err := http.NewRequest("POST", l.site+path, strings.NewReader(form))
	if err != nil {
		return answered{}, err
	}
	request.SetBasicAuth(l.app.ID, l.app.Secret)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return l.do(request)
}

// tokens is a token request. Whatever is no success is told with its status.
func (l *tokenLoad) tokens(pairs ...string) (oauthTokens, int, error) {
	var got oauthTokens
	a, err := l.post("/oauth/token", pairs...)
	if err == nil && a.status == http.StatusOK {
		err = json.Unmarshal(a.body, &got)
	}
	return got, a.status, err
}

// wanted is an error unless the status is 200.
func wanted(what string, status int, err error) error {
	if err == nil && status != http.StatusOK {
		err = unexpected{fmt.Sprintf("%s: got %d", what, status)}
	}
	return err
}

// unexpected is an answer that no server may give, killed or not.
type unexpected struct{ text string }

func (u unexpected) Error() string { return u.text }

// code gets an authorization code, as a browser that is signed in does.
func (l *tokenLoad) code() (string, error) {
	request, err := http.NewRequest("GET", l.site+l.ask, nil)
	if err != nil {
		return "", err
	}
	a, err := l.do(request)
	if err != nil {
		return "", err
	}
	back, err := url.Parse(a.header.Get("Location"))
	if code := back.Query().Get("code"); err == nil && code != "" {
		return code, nil
	}
	return "", unexpected{fmt.Sprintf("no code: got %d %.200s", a.status, a.body)}
}

func (l *tokenLoad) note(change func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change()
	l.answers++
}

// redeem begins a chain.
func (l *tokenLoad) redeem() (*heldChain, error) {
	code, err := l.code()
	if err != nil {
		return nil, err
	}
	got, status, err := l.tokens("grant_type", "authorization_code", "code", code, "redirect_uri", l.app.Redirect)
	if err = wanted("redeem", status, err); err != nil {
		l.note(func() { l.codes = append(l.codes, code) })
		return nil, err
	}
	chain := &heldChain{code: code, access: []string{got.Access}, refresh: got.Refresh}
	l.note(func() { l.chains = append(l.chains, chain) })
	return chain, nil
}

// rotate redeems the refresh token of a chain.
func (l *tokenLoad) rotate(chain *heldChain) error {
	chain.sent = true
	got, status, err := l.tokens("grant_type", "refresh_token", "refresh_token", chain.refresh)
	if err = wanted("refresh", status, err); err != nil {
		return err
	}
	l.note(func() {
		chain.access, chain.refresh, chain.sent = append(chain.access, got.Access), got.Refresh, false
	})
	return nil
}

// credentials gets a token for the app itself.
func (l *tokenLoad) credentials() (string, error) {
	got, status, err := l.tokens("grant_type", "client_credentials")
	return got.Access, wanted("client_credentials", status, err)
}

func (l *tokenLoad) revoke(token string) error {
	a, err := l.post("/oauth/revoke", "token", token)
	return wanted("revoke", a.status, err)
}

// active introspects an access token.
func (l *tokenLoad) active(token string) (bool, error) {
	a, err := l.post("/oauth/introspect", "token", token)
	if err = wanted("introspect", a.status, err); err != nil {
		return false, err
	}
	var found struct{ Active bool }
	return found.Active, json.Unmarshal(a.body, &found)
}

// The acts that workers repeat.

func (l *tokenLoad) redeemer() func() error {
	return func() error {
		_, err := l.redeem()
		return err
	}
}

func (l *tokenLoad) refresher() func() error {
	var chain *heldChain
	return func() (err error) {
		if chain == nil {
			chain, err = l.redeem()
			return err
		}
		return l.rotate(chain)
	}
}

func (l *tokenLoad) getter() func() error {
	return func() error {
		token, err := l.credentials()
		if err == nil {
			l.note(func() { l.live = append(l.live, token) })
		}
		return err
	}
}

// revoker takes back an access token and a chain in turn.
func (l *tokenLoad) revoker() func() error {
	return func() error {
		token, err := l.credentials()
		if err != nil {
			return err
		}
		if err := l.revoke(token); err != nil {
			return err
		}
		l.note(func() { l.dead = append(l.dead, token) })
		chain, err := l.redeem()
		if err != nil {
			return err
		}
		chain.revoking = true
		if err := l.revoke(chain.refresh); err != nil {
			return err
		}
		l.note(func() { chain.revoked = true })
		return nil
	}
}

// work runs so many workers of each kind until it is over or each has met an
// error. What it returns waits for them.
func (l *tokenLoad) work(t *testing.T, each int) (wait func()) {
	var group sync.WaitGroup
	for range each {
		for _, act := range []func() error{l.redeemer(), l.refresher(), l.getter(), l.revoker()} {
			group.Go(func() {
				for !l.over.Load() {
					err := act()
					if wrong, ok := err.(unexpected); ok {
						t.Error(wrong)
					}
					if err != nil {
						return
					}
				}
			})
		}
	}
	return group.Wait
}

func (l *tokenLoad) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.answers
}

// atOnce runs check on each of many things over sixteen connections, and
// returns how many are not as they should be.
func atOnce[T any](t *testing.T, things []T, check func(T) (bool, error)) (wrong int) {
	t.Helper()
	var mu sync.Mutex
	var group sync.WaitGroup
	queue := make(chan T)
	for range 16 {
		group.Go(func() {
			for thing := range queue {
				ok, err := check(thing)
				if err != nil {
					t.Error(err)
				}
				if !ok || err != nil {
					mu.Lock()
					wrong++
					mu.Unlock()
				}
			}
		})
	}
	for _, thing := range things {
		queue <- thing
	}
	close(queue)
	group.Wait()
	return wrong
}
