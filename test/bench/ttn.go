package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// signed is what is measured of the tokens of The Things Network, which are
// signed.
type signed struct {
	parents []string // access tokens of the client, of a person
	whole   string   // unrestricted token of the network
	gateway string   // access key of a gateway
	chains  []string // per connection: its next refresh token
}

// restricting gets tokens to be restricted before it measures.
func restricting(b *bench, m measurement) error {
	if b.chains == nil {
		if err := b.startChains(); err != nil {
			return err
		}
	}
	return throughput(b, m)
}

// postExchange restricts a token of a person to the readings of one sensor.
func postExchange(b *bench, buf []byte, c, n int) []byte {
	parent := b.signed.parents[(n*b.connections+c)%len(b.signed.parents)]
	return b.postAs(buf, b.world.Client, "/oauth/token", "grant_type=urn:ietf:params:oauth:grant-type:token-exchange&subject_token_type=urn:ietf:params:oauth:token-type:access_token"+
		"&scope=readings.read:bench.written-0&subject_token="+parent)
}

// signing signs in with ttnctl, and makes an application and a gateway, before
// it measures.
func signing(b *bench, m measurement) error {
	if b.signed.whole == "" {
		if err := b.startNetwork(); err != nil {
			return err
		}
	}
	return throughput(b, m)
}

func (b *bench) startNetwork() error {
	browser, err := b.signIn()
	if err != nil {
		return err
	}
	for range b.connections + 1 {
		tokens, err := b.copiedCode(browser)
		if err != nil {
			return err
		}
		b.signed.whole = tokens.Access
		b.signed.chains = append(b.signed.chains, tokens.Refresh)
	}
	return b.as("Bearer "+b.signed.whole, func() error {
		if err := b.call("POST", "/ttn/api/v2/applications", []byte(`{"id":"apitest","name":"made by the bench"}`), nil); err != nil {
			return err
		}
		var gateway struct{ Key string }
		if err := b.call("POST", "/ttn/api/v2/gateways", []byte(`{"id":"mygtw","frequency_plan":"EU_863_870"}`), &gateway); err != nil {
			return err
		}
		b.signed.gateway = gateway.Key
		return nil
	})
}

// copiedCode gets tokens as a person does who copies the code into ttnctl.
func (b *bench) copiedCode(browser *http.Client) (tokenAnswer, error) {
	site := "http://" + b.server.address
	next := site + "/ttn/users/authorize?client_id=ttnctl&redirect_uri=/oauth/callback/ttnctl&response_type=code"
	for range 5 {
		at, err := visit(browser, "GET", next, nil)
		if err != nil {
			return tokenAnswer{}, err
		}
		if at.location == "" { // asked for the first time
			if at, err = visit(browser, "POST", site+at.action, at.form); err != nil {
				return tokenAnswer{}, err
			}
		}
		back, err := url.Parse(at.location)
		if err != nil {
			return tokenAnswer{}, err
		}
		if code := back.Query().Get("code"); code != "" {
			return b.redeemCopied(site, code)
		}
		next = site + back.RequestURI()
	}
	return tokenAnswer{}, fmt.Errorf("the way to the code of ttnctl does not end: %s", next)
}

func (b *bench) redeemCopied(site, code string) (tokens tokenAnswer, err error) {
	got, err := http.PostForm(site+"/ttn/users/token", url.Values{"grant_type": {"authorization_code"}, "code": {code}, "client_id": {"ttnctl"}, "client_secret": {"ttnctl"}})
	if err != nil {
		return tokens, err
	}
	defer got.Body.Close()
	body, err := io.ReadAll(got.Body)
	if err != nil {
		return tokens, err
	}
	if err := json.Unmarshal(body, &tokens); err != nil || tokens.Refresh == "" {
		return tokens, fmt.Errorf("no tokens for a copied code: %s: %.200s", got.Status, body)
	}
	return tokens, nil
}

// getGatewayToken is the bare making of a signed token: the key of a gateway
// asks for it.
func getGatewayToken(b *bench, buf []byte, _, _ int) []byte {
	return fmt.Appendf(buf, "GET /ttn/api/v2/gateways/mygtw/token HTTP/1.1\r\nHost: %s\r\nAuthorization: key %s\r\n\r\n", b.server.address, b.signed.gateway)
}

func postRestriction(b *bench, buf []byte, _, _ int) []byte {
	const body = `{"scope":["apps:apitest"]}`
	return fmt.Appendf(buf, "POST /ttn/users/restrict-token HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %s\r\n\r\n%s",
		b.server.address, b.signed.whole, strconv.Itoa(len(body)), body)
}

func postSignedRefresh(b *bench, buf []byte, c, _ int) []byte {
	return b.postAs(buf, client{"ttnctl", "ttnctl"}, "/ttn/users/token", "grant_type=refresh_token&refresh_token="+b.signed.chains[c])
}

func keepSignedRefresh(b *bench, c, _ int, body []byte) error {
	var answer tokenAnswer
	if err := json.Unmarshal(body, &answer); err != nil {
		return err
	}
	if answer.Refresh == "" || !strings.HasPrefix(answer.Access, "eyJ") {
		return fmt.Errorf("no signed token: %.200s", body)
	}
	b.signed.chains[c] = answer.Refresh
	return nil
}
