package token_test

import (
	"context"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/thingward/thingward/internal/authserver/token"
	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/web"
)

// FuzzTokenForm sends any body in both encodings of a form. Nothing fails
// inside, and nobody gets a token without the secret of a client.
func FuzzTokenForm(f *testing.F) {
	w := newWorld(f)
	garden := w.register(f, "garden")
	native := w.register(f, "native", public)
	_, code := w.allow(f, native, w.alice, "readings.read", challenged)
	for _, seed := range []string{
		"grant_type=client_credentials&client_id=garden&client_secret=x",
		"grant_type=authorization_code&client_id=native&code=" + code + "&redirect_uri=" + url.QueryEscape(back),
		"grant_type=refresh_token&client_id=native&refresh_token=" + unknownRefresh(),
		"grant_type=&client_id=%ff&x=%00&resource=a&resource=b", "grant_type=password;client_id=garden", "&&&===", "%", "",
		"--x\r\nContent-Disposition: form-data; name=\"grant_type\"\r\n\r\nrefresh_token\r\n--x--\r\n",
		"--x\r\nContent-Disposition: form-data; name=\"client_id\"; filename=\"f\"\r\n\r\nnative\r\n--x--\r\n", "--x--", "--x\r\n\r\n\r\n",
	} {
		f.Add(seed, false)
		f.Add(seed, true)
	}
	f.Fuzz(func(t *testing.T, body string, multipart bool) {
		form, err := readForm(body, multipart)
		if err == nil && !strings.Contains(body, garden.secret.Reveal()) {
			var answer token.Answer
			answer, err = w.Exchange(context.Background(), token.Request{Kind: domain.StandardClient, Form: form})
			if !answer.AccessToken.Empty() {
				t.Errorf("got a token for %q", body)
			}
		}
		if err == nil {
			t.Errorf("no error for %q", body)
		}
		if fault := web.OAuthFaultOf(err); fault.Status < 400 || fault.Status > 499 {
			t.Errorf("got %d for %q: %v", fault.Status, body, err)
		}
	})
}

func readForm(body string, multipart bool) (url.Values, error) {
	r := httptest.NewRequest("POST", "/oauth/token", strings.NewReader(body))
	if multipart {
		r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
		return web.ReadMultipartBody(httptest.NewRecorder(), r)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return web.ReadFormBody(httptest.NewRecorder(), r)
}
