package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"golang.org/x/oauth2"
)

// call sends JSON with a token, and reads the answer.
func (p *program) call(method, path, token string, in, out interface{}) error {
	var body bytes.Buffer
	if in != nil {
		if err := json.NewEncoder(&body).Encode(in); err != nil {
			return err
		}
	}
	request, err := http.NewRequest(method, p.mount+path, &body)
	if err != nil {
		return err
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "bearer "+token)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode/100 != 2 {
		return fmt.Errorf("%s %s: %s", method, path, answer.Status)
	}
	if out == nil {
		return nil
	}
	return json.NewDecoder(answer.Body).Decode(out)
}

// restricted exchanges a token for one that is good for one thing.
func (p *program) restricted(token, scope string) (string, error) {
	var got struct {
		AccessToken string `json:"access_token"`
	}
	err := p.call("POST", "/users/restrict-token", token, map[string][]string{"scope": {scope}}, &got)
	p.given = append(p.given, &oauth2.Token{AccessToken: got.AccessToken})
	return got.AccessToken, err
}

// makesAnApplication is applications add, and the key that comes with it.
func (p *program) makesAnApplication(login *oauth2.Token) error {
	if err := p.call("POST", "/api/v2/applications", login.AccessToken, map[string]interface{}{"id": "from-2017", "name": "An old one", "euis": nil}, nil); err != nil {
		return err
	}
	next, err := p.refreshed(login)
	if err != nil {
		return fmt.Errorf("refresh: %v", err)
	}
	if got, err := p.reader.read(next.AccessToken); err != nil || !has(got.Apps["from-2017"], "devices") || got.may("devices", "from-2017") {
		return fmt.Errorf("after the refresh: %+v %v", got, err)
	}
	token, err := p.restricted(next.AccessToken, "apps:from-2017")
	if err != nil {
		return err
	}
	if got, err := p.reader.read(token); err != nil || !got.may("devices", "from-2017") || got.Interchangeable || got.Username != "" {
		return fmt.Errorf("restricted: %+v %v", got, err)
	}
	var application struct {
		Keys []struct {
			Key string `json:"key"`
		} `json:"access_keys"`
	}
	if err := p.call("GET", "/api/v2/applications/from-2017", token, nil, &application); err != nil || len(application.Keys) != 1 {
		return fmt.Errorf("%d access keys: %v", len(application.Keys), err)
	}
	return p.exchangesAKey(application.Keys[0].Key)
}

// exchangesAKey is what a handler does with an access key: the library's
// password grant, at an address of its own.
func (p *program) exchangesAKey(key string) error {
	client := p.client
	client.Endpoint.TokenURL = p.mount + "/api/v2/applications/token"
	token, err := client.PasswordCredentialsToken(context.Background(), "from-2017", key)
	if err != nil {
		return fmt.Errorf("the access key: %v", err)
	}
	p.given = append(p.given, token, &oauth2.Token{AccessToken: key})
	if got, err := p.reader.read(token.AccessToken); err != nil || !got.may("messages:up:r", "from-2017") || !got.may("messages:down:w", "from-2017") || got.may("devices", "from-2017") {
		return fmt.Errorf("the access key: %+v %v", got, err)
	}
	_, err = client.PasswordCredentialsToken(context.Background(), "from-2017", key+"x")
	if err == nil || len(fault.FindStringSubmatch(err.Error())) != 3 {
		return fmt.Errorf("a wrong access key: got %v", err)
	}
	return nil
}

// makesAGateway is gateways register and gateways token.
func (p *program) makesAGateway(login *oauth2.Token) error {
	var gateway struct {
		Key string `json:"key"`
	}
	if err := p.call("POST", "/api/v2/gateways", login.AccessToken, map[string]string{"id": "gw-2017", "frequency_plan": "EU_863_870"}, &gateway); err != nil {
		return err
	}
	token, err := p.restricted(login.AccessToken, "gateways:gw-2017")
	if err != nil {
		return err
	}
	if got, err := p.reader.read(token); err != nil || !has(got.Gateways["gw-2017"], "gateway:settings") || got.scoped("gateways") {
		return fmt.Errorf("restricted: %+v %v", got, err)
	}
	var own struct {
		AccessToken string `json:"access_token"`
	}
	if err := p.call("GET", "/api/v2/gateways/gw-2017/token", token, nil, &own); err != nil {
		return err
	}
	p.given = append(p.given, &oauth2.Token{AccessToken: own.AccessToken}, &oauth2.Token{AccessToken: gateway.Key})
	if got, err := p.reader.read(own.AccessToken); err != nil || got.Type != "gateway" || got.Subject != "gw-2017" {
		return fmt.Errorf("the gateway: %+v %v", got, err)
	}
	return nil
}
