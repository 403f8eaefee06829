package lametric

import (
	"net/http"
	"strings"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/resourceserver/pushapp"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/web"
)

// pushToken is the header with the token of an app, which is none of OAuth.
const pushToken = "X-Access-Token"

type pushed struct {
	Success struct {
		Data struct{} `json:"data"`
		Path string   `json:"path"`
	} `json:"success"`
}

// push takes frames for an app. No media type is asked for: the body is JSON,
// but the example of the contract sends it as curl -d does.
func (d *Door) push(w http.ResponseWriter, r *http.Request, _ domain.Caller) error {
	tokens := r.Header.Values(pushToken)
	if len(tokens) != 1 || tokens[0] == "" {
		return domain.Errorf(domain.Unauthenticated, "credential_missing", "Send the push token of the app as %s.", pushToken)
	}
	body, err := web.ReadBody(w, r, web.SmallBody)
	if err != nil {
		return err
	}
	wanted := pushapp.Push{App: r.PathValue("app"), Version: r.PathValue("version"), Token: secret.New(tokens[0]), Body: body}
	if err := d.Apps.Push(r.Context(), wanted); err != nil {
		return err
	}
	var answer pushed
	answer.Success.Path = "/" + strings.TrimPrefix(r.URL.Path, Prefix)
	return writeJSON(w, answer)
}
