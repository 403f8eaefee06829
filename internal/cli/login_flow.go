package cli

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"golang.org/x/oauth2"

	"github.com/thingward/thingward/internal/domain"
)

// loginFlow is one authorization request and the wait for its answer, which
// comes to a listener on the loopback (RFC 8252 §7.3).
//
//	browser → /oauth/authorize → 303 to 127.0.0.1:PORT/callback → code → token
type loginFlow struct {
	config   *oauth2.Config
	issuer   string // whom the answer must come from (RFC 9207)
	state    string
	verifier string // of PKCE (RFC 7636)

	mu     sync.Mutex
	token  *oauth2.Token
	fault  error
	over   bool
	closed chan struct{} // closed when token or fault is there
}

// loginPath is where the answer comes to.
const loginPath = "/callback"

var (
	errOtherLogin = errors.New("this is not the answer to the sign-in that the command line waits for")
	errLoginOver  = errors.New("this sign-in is over: run thingward login once more")
)

func newLoginFlow(server, issuer string, scopes []string) *loginFlow {
	config := commandLineClient(server)
	config.Scopes = scopes
	return &loginFlow{config: config, issuer: issuer, state: oauth2.GenerateVerifier(), verifier: oauth2.GenerateVerifier(), closed: make(chan struct{})}
}

// listen opens the loopback address and answers there until ctx ends.
func (f *loginFlow) listen(ctx context.Context) (stop func(), err error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for the browser: %w", err)
	}
	f.config.RedirectURL = "http://" + listener.Addr().String() + loginPath
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+loginPath, func(w http.ResponseWriter, r *http.Request) { f.callback(ctx, w, r) })
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second, MaxHeaderBytes: 32 << 10}
	go func() { _ = server.Serve(listener) }()
	return func() {
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer cancel()
		if server.Shutdown(closing) != nil { // the browser keeps its last connection open
			_ = server.Close()
		}
	}, nil
}

// address is what the browser is to open.
func (f *loginFlow) address() string {
	return f.config.AuthCodeURL(f.state, oauth2.S256ChallengeOption(f.verifier))
}

// callback answers the browser with the outcome, in plain text.
func (f *loginFlow) callback(ctx context.Context, w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Content-Type", "text/plain; charset=utf-8")
	header.Set("Cache-Control", "no-store")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Connection", "close")
	if err := f.answer(ctx, r.URL.Query()); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, "It did not work: %s\n", oneLine(sentence(err.Error())))
		return
	}
	fmt.Fprintln(w, "You are signed in. You can close this window and go back to the command line.")
}

// answer takes an authorization response. One with another state belongs to
// no request of this flow: it changes nothing, and the right one may come yet.
func (f *loginFlow) answer(ctx context.Context, response url.Values) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if subtle.ConstantTimeCompare([]byte(response.Get("state")), []byte(f.state)) != 1 {
		return errOtherLogin
	}
	if f.over {
		return errLoginOver
	}
	f.token, f.fault = f.redeem(ctx, response)
	f.over = true
	close(f.closed)
	return f.fault
}

// redeem checks who answered and what, and trades the code for tokens.
func (f *loginFlow) redeem(ctx context.Context, response url.Values) (*oauth2.Token, error) {
	switch code := response.Get("error"); {
	case response.Get("iss") != f.issuer:
		return nil, fmt.Errorf("the answer came from %s and not from %s: nobody was signed in", orDash(domain.Clip(response.Get("iss"))), f.issuer)
	case code == "access_denied":
		return nil, errNotAllowed
	case code != "":
		return nil, fmt.Errorf("the server refused the sign-in: %s (%s)", domain.Clip(response.Get("error_description")), domain.Clip(code))
	}
	token, err := f.config.Exchange(withProgram(ctx), response.Get("code"), oauth2.VerifierOption(f.verifier))
	if err != nil {
		return nil, fmt.Errorf("redeem the authorization code: %w", tokenFault(err))
	}
	return token, nil
}

// wait returns the tokens when the answer has come.
func (f *loginFlow) wait(ctx context.Context) (*oauth2.Token, error) {
	select {
	case <-f.closed:
		return f.token, f.fault
	case <-ctx.Done():
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return nil, errNobodyCame
		}
		return nil, ctx.Err()
	}
}
