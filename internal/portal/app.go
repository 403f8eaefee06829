package portal

import (
	"net/url"

	"github.com/thingward/thingward/internal/domain"
)

func appHref(id domain.ClientID) string { return "/apps/" + url.PathEscape(string(id)) }
