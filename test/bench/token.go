package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// client is an OAuth client of the measured store.
type client struct{ ID, Secret string }

func (c client) authorization() string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(c.ID+":"+c.Secret))
}

const (
	backURI      = "http://127.0.0.1:9/back"
	benchScopes  = "readings.read sensors.read profile offline_access"
	liveTokens   = 1_000_000
	fleeting     = 200_000
	fleetingLife = 60 // seconds
	chainsEach   = 50 // of one connection
	pooled       = 20_000
)

// registerClients registers the clients whose tokens are measured.
func (b *bench) registerClients() error {
	for _, wanted := range []struct {
		into *client
		name string
		life int
	}{{&b.world.Client, "bench", 3600}, {&b.world.Fleeting, "fleeting", fleetingLife}} {
		body, err := json.Marshal(map[string]any{"name": wanted.name, "kind": "standard", "description": "made by the bench", "redirect_uris": []string{backURI},
			"scopes": strings.Fields(benchScopes), "grant_types": []string{"authorization_code", "refresh_token", "client_credentials"},
			"lives": map[string]int{"access_seconds": wanted.life}})
		if err != nil {
			return err
		}
		var made struct {
			ID     string `json:"client_id"`
			Secret string `json:"client_secret"`
		}
		if err := b.call("POST", "/api/v1/clients", body, &made); err != nil {
			return err
		}
		*wanted.into = client{made.ID, made.Secret}
	}
	return nil
}

func (b *bench) postAs(buf []byte, c client, path, body string) []byte {
	buf = append(buf, "POST "...)
	buf = append(buf, path...)
	buf = append(buf, " HTTP/1.1\r\nHost: "...)
	buf = append(buf, b.server.address...)
	buf = append(buf, "\r\nAuthorization: "...)
	buf = append(buf, c.authorization()...)
	buf = append(buf, "\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: "...)
	buf = strconv.AppendInt(buf, int64(len(body)), 10)
	buf = append(buf, "\r\n\r\n"...)
	return append(buf, body...)
}

func postCredentials(b *bench, buf []byte, _, _ int) []byte {
	return b.postAs(buf, b.world.Client, "/oauth/token", "grant_type=client_credentials")
}

// introspecting issues tokens to ask for before it measures.
func introspecting(b *bench, m measurement) error {
	if len(b.tokens) < pooled {
		if err := b.issue(b.world.Client, pooled-len(b.tokens)); err != nil {
			return err
		}
	}
	return throughput(b, m)
}

// postIntrospection asks for one token after the other in an order that no
// small cache is good at.
func postIntrospection(b *bench, buf []byte, c, n int) []byte {
	at := (n*b.connections + c) * 7919 % len(b.tokens)
	return b.postAs(buf, b.world.Client, "/oauth/introspect", "token="+b.tokens[at])
}

type tokenAnswer struct {
	Access  string `json:"access_token"`
	Refresh string `json:"refresh_token"`
}

// issue gets tokens from several connections until there are so many.
func (b *bench) issue(c client, wanted int) error {
	var tokens []string
	collect := func(_, _ int, body []byte) error {
		var answer tokenAnswer
		if err := json.Unmarshal(body, &answer); err != nil {
			return err
		}
		b.mu.Lock()
		defer b.mu.Unlock()
		tokens = append(tokens, answer.Access)
		return nil
	}
	request := func(buf []byte, _, _ int) []byte {
		return b.postAs(buf, c, "/oauth/token", "grant_type=client_credentials")
	}
	for len(tokens) < wanted {
		length := time.Second
		if _, err := (load{b.server.address, b.connections, request, collect}).run(length); err != nil {
			return err
		}
	}
	if c == b.world.Client {
		b.tokens = append(b.tokens, tokens...)
	}
	return nil
}

// fillTokens issues tokens until a million live, and says what that took.
func fillTokens(b *bench, m measurement) error {
	began := time.Now()
	if err := b.issue(b.world.Client, liveTokens-len(b.tokens)); err != nil {
		return err
	}
	resident, err := b.server.residentMiB()
	b.lines = append(b.lines, line{m.what, fmt.Sprintf("in %.0f s, then %.0f MiB resident", time.Since(began).Seconds(), resident), "", "", "", m.aim})
	return err
}

// refreshing gives each connection chains of its own before it measures.
func refreshing(b *bench, m measurement) error {
	if b.chains == nil {
		if err := b.startChains(); err != nil {
			return err
		}
	}
	return throughput(b, m)
}

func postRefresh(b *bench, buf []byte, c, n int) []byte {
	own := b.chains[c]
	return b.postAs(buf, b.world.Client, "/oauth/token", "grant_type=refresh_token&refresh_token="+own[n%len(own)])
}

func keepRefreshToken(b *bench, c, n int, body []byte) error {
	var answer tokenAnswer
	if err := json.Unmarshal(body, &answer); err != nil {
		return err
	}
	if answer.Refresh == "" || answer.Refresh == b.chains[c][n%len(b.chains[c])] {
		return fmt.Errorf("the refresh token did not rotate: %s", body)
	}
	b.chains[c][n%len(b.chains[c])] = answer.Refresh
	return nil
}

var hiddenInput = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`)

// signIn returns the browser of the user, signed in.
func (b *bench) signIn() (*http.Client, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	browser := &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	password, err := os.ReadFile(filepath.Join(b.folder, "password"))
	if err != nil {
		return nil, err
	}
	_, err = visit(browser, "POST", "http://"+b.server.address+"/login", url.Values{"name": {"bench"}, "password": {strings.TrimSpace(string(password))}})
	return browser, err
}

// startChains signs the user in, says yes once, and redeems a code for each
// chain.
func (b *bench) startChains() error {
	browser, err := b.signIn()
	if err != nil {
		return err
	}
	site := "http://" + b.server.address
	ask := site + "/oauth/authorize?" + url.Values{"client_id": {b.world.Client.ID}, "response_type": {"code"}, "redirect_uri": {backURI}, "scope": {benchScopes}}.Encode()
	for range b.connections {
		var own []string
		for range chainsEach {
			token, err := b.newChain(browser, site, ask)
			if err != nil {
				return err
			}
			own = append(own, token)
		}
		b.chains = append(b.chains, own)
	}
	return nil
}

func (b *bench) newChain(browser *http.Client, site, ask string) (string, error) {
	back, err := visit(browser, "GET", ask, nil)
	if err != nil {
		return "", err
	}
	if back.location == "" { // asked for the first time
		if back, err = visit(browser, "POST", site+back.action, back.form); err != nil {
			return "", err
		}
	}
	answer, err := url.Parse(back.location)
	if err != nil {
		return "", err
	}
	var tokens tokenAnswer
	form := url.Values{"grant_type": {"authorization_code"}, "code": {answer.Query().Get("code")}, "redirect_uri": {backURI},
		"client_id": {b.world.Client.ID}, "client_secret": {b.world.Client.Secret}}
	got, err := http.PostForm(site+"/oauth/token", form)
	if err != nil {
		return "", err
	}
	defer got.Body.Close()
	if err := json.NewDecoder(got.Body).Decode(&tokens); err != nil || tokens.Refresh == "" {
		return "", fmt.Errorf("no refresh token for a code (%s): %w", got.Status, err)
	}
	b.signed.parents = append(b.signed.parents, tokens.Access)
	return tokens.Refresh, nil
}

// visited is what a browser got: where it is sent, or the form of the page.
type visited struct {
	location, action string
	form             url.Values
}

var formAction = regexp.MustCompile(`<form method="post" action="(/oauth/[^"]*)"`)
var tickedBox = regexp.MustCompile(`<input type="(?:checkbox|radio)" name="([^"]+)" value="([^"]*)"[^>]* checked`)

func visit(browser *http.Client, method, address string, form url.Values) (visited, error) {
	request, err := http.NewRequest(method, address, strings.NewReader(form.Encode()))
	if err != nil {
		return visited{}, err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := browser.Do(request)
	if err != nil {
		return visited{}, err
	}
	defer answer.Body.Close()
	page, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode > 399 {
		return visited{}, fmt.Errorf("%s %s: %s: %w", method, request.URL.Path, answer.Status, err)
	}
	got := visited{location: answer.Header.Get("Location"), form: url.Values{"decision": {"allow"}}}
	if action := formAction.FindSubmatch(page); action != nil {
		got.action = string(action[1])
	}
	for _, input := range slices.Concat(hiddenInput.FindAllSubmatch(page, -1), tickedBox.FindAllSubmatch(page, -1)) {
		got.form.Add(string(input[1]), unescape(string(input[2])))
	}
	return got, nil
}

// unescape undoes what HTML does to the values of our own form.
func unescape(text string) string {
	return strings.NewReplacer("&amp;", "&", "&#43;", "+", "&#34;", `"`, "&#39;", "'", "&lt;", "<", "&gt;", ">").Replace(text)
}

// whileExpiring issues tokens while as many others as said come to their end
// and are removed.
func whileExpiring(b *bench, m measurement) error {
	if err := b.issue(b.world.Fleeting, fleeting); err != nil {
		return err
	}
	time.Sleep((fleetingLife - 20) * time.Second) // the first ones expire about now
	request := func(buf []byte, c, n int) []byte { return postCredentials(b, buf, c, n) }
	got, err := load{address: b.server.address, connections: b.connections, request: request}.run(30 * time.Second)
	if err != nil {
		return err
	}
	b.lines = append(b.lines, line{m.what, thousands(got.perSecond()) + "/s", "", fmt.Sprintf("%.2f ms", milliseconds(got.quantile(0.5))),
		fmt.Sprintf("%.2f ms (slowest %.0f ms)", milliseconds(got.quantile(0.99)), milliseconds(got.quantile(1))), m.aim})
	return nil
}
