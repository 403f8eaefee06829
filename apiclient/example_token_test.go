package apiclient_test

import (
	"context"
	"fmt"
	"log"

	"golang.org/x/oauth2"

	"github.com/thingward/thingward/apiclient"
)

// oauthTokens are the tokens of golang.org/x/oauth2, which renews them.
type oauthTokens struct{ oauth2.TokenSource }

func (t oauthTokens) AccessToken(context.Context) (apiclient.Password, error) {
	token, err := t.Token()
	if err != nil {
		return apiclient.Password{}, err
	}
	return apiclient.NewPassword(token.AccessToken), nil
}

// An app acts for a person who allowed it to.
func ExampleTokenSource() {
	config := &oauth2.Config{ClientID: "weather-wall", ClientSecret: "…", Endpoint: oauth2.Endpoint{TokenURL: "https://things.example.org/oauth/token"}}
	kept := &oauth2.Token{RefreshToken: "…"} // from the authorization code, see oauth2.Config.Exchange
	client := &apiclient.Client{Server: "https://things.example.org", Tokens: oauthTokens{config.TokenSource(context.Background(), kept)}}
	me, err := client.Me(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(me.Name)
}
