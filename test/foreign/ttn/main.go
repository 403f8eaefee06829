// Command ttn is a program of The Things Network, written with the libraries
// that its Go programs had in 2017: golang.org/x/oauth2 of that year, and a
// reader of tokens that knows the published key and nothing else. The test
// tells it a story on standard input, and plays the person at the browser.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"regexp"

	"golang.org/x/oauth2"
)

// story is what the test says in its first line.
type story struct {
	Server   string `json:"server"`
	ID       string `json:"client_id"`
	Secret   string `json:"client_secret"`
	Redirect string `json:"redirect_uri"`
}

// program is one run of the story.
type program struct {
	mount  string // the address that such programs call the account server
	reader reader
	client oauth2.Config
	given  []*oauth2.Token
	input  *bufio.Scanner
}

func main() {
	p := program{input: bufio.NewScanner(os.Stdin)}
	name, err := p.run()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	out, err := json.Marshal(map[string]interface{}{"name": name, "tokens": p.given})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("done %s\n", out)
}

// run walks the story, and returns whom the program acted for.
func (p *program) run() (string, error) {
	var s story
	p.input.Scan()
	if err := json.Unmarshal(p.input.Bytes(), &s); err != nil {
		return "", err
	}
	p.mount = s.Server + "/ttn"
	p.reader = reader{key: p.mount + "/key"}
	p.client = oauth2.Config{ClientID: s.ID, ClientSecret: s.Secret,
		Endpoint: oauth2.Endpoint{AuthURL: p.mount + "/users/authorize", TokenURL: p.mount + "/users/token"}}
	login, err := p.login()
	if err != nil {
		return "", err
	}
	if err := p.makesAnApplication(login); err != nil {
		return "", err
	}
	if err := p.makesAGateway(login); err != nil {
		return "", err
	}
	var me struct {
		Username string `json:"username"`
	}
	err = p.call("GET", "/api/v2/users/me", login.AccessToken, nil, &me)
	return me.Username, err
}

// fault is where these programs look for what a token endpoint said: on one
// line of the error's text.
var fault = regexp.MustCompile(`cannot fetch token: (\d+)[^\n]*\nResponse: (\{.*\})`)

// login is what somebody does who copies a code from the page. The program
// says no redirect URI, neither there nor here.
func (p *program) login() (*oauth2.Token, error) {
	fmt.Printf("open %s\n", p.client.AuthCodeURL(""))
	p.input.Scan()
	code := p.input.Text()
	token, err := p.client.Exchange(context.Background(), code)
	if err != nil {
		return nil, fmt.Errorf("login: %v", err)
	}
	p.given = append(p.given, token)
	got, err := p.reader.read(token.AccessToken)
	if err != nil {
		return nil, fmt.Errorf("login: %v", err)
	}
	if got.Type != "user" || got.Client != p.client.ClientID || !got.Interchangeable || !got.scoped("apps") || got.Username == "" || token.RefreshToken == "" {
		return nil, fmt.Errorf("login: got the claims %+v", got)
	}
	_, err = p.client.PasswordCredentialsToken(context.Background(), "alice", "a guess")
	if err == nil || len(fault.FindStringSubmatch(err.Error())) != 3 {
		return nil, fmt.Errorf("the password grant: got %v", err)
	}
	return token, nil
}

// refreshed gives a token that knows what was made since the last one.
func (p *program) refreshed(token *oauth2.Token) (*oauth2.Token, error) {
	old := &oauth2.Token{RefreshToken: token.RefreshToken}
	next, err := p.client.TokenSource(context.Background(), old).Token()
	if err == nil {
		p.given = append(p.given, next)
		*token = *next
	}
	return next, err
}
