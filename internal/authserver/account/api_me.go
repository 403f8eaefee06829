package account

import (
	"strconv"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/web"
)

// appendMe appends who the caller is and what his credential may do. It is
// the answer that programs ask for most often, so it is written without
// reflection:
//
//	{"name","display_name","email","admin","time_zone","created_at",
//	 "credential":{"kind","id","scopes","restricted","expires_at"}}
//
// The e-mail address is there only for credentials with the scope email. A
// token tells of the person only where he let the client know (profile); what
// the token itself may do is told always.
func appendMe(to []byte, c domain.Caller) []byte {
	to = append(to, '{')
	if c.Credential != domain.TokenCredential || c.Holds(domain.ScopeProfile) || c.Holds(domain.ScopeOpenID) {
		to = appendPerson(to, c)
	}
	if c.Holds(domain.ScopeEmail) {
		to = append(web.AppendText(append(to, `"email":`...), c.ToldAddress()), ',')
	}
	to = web.AppendText(append(to, `"credential":{"kind":`...), string(c.Credential))
	if id := string(c.KeyID) + string(c.Client); id != "" {
		to = web.AppendText(append(to, `,"id":`...), id)
	}
	to = append(to, `,"scopes":"`...)
	for i, scope := range c.Scopes {
		if i > 0 {
			to = append(to, ' ')
		}
		to = appendScope(to, scope)
	}
	to = append(to, '"')
	if c.Credential == domain.TokenCredential && !c.Unnarrowed {
		to = append(to, `,"restricted":true`...)
	}
	if !c.ExpiresAt.IsZero() {
		to = appendTime(append(to, `,"expires_at":`...), c.ExpiresAt)
	}
	return append(to, "}}"...)
}

func appendPerson(to []byte, c domain.Caller) []byte {
	to = web.AppendText(append(to, `"name":`...), c.User.Name)
	to = web.AppendText(append(to, `,"display_name":`...), c.User.DisplayName)
	to = strconv.AppendBool(append(to, `,"admin":`...), c.User.Admin)
	to = web.AppendText(append(to, `,"time_zone":`...), c.User.TimeZone)
	return append(appendTime(append(to, `,"created_at":`...), c.User.CreatedAt), ',')
}

// appendScope appends a scope, which by its grammar holds nothing that JSON
// would escape.
func appendScope(to []byte, scope domain.Scope) []byte {
	to = append(to, scope.Noun...)
	if scope.Verb != "" {
		to = append(append(to, '.'), scope.Verb...)
	}
	if scope.Thing != "" {
		to = append(append(to, ':'), scope.Thing...)
	}
	return to
}

func appendTime(to []byte, t time.Time) []byte {
	to = t.UTC().AppendFormat(append(to, '"'), time.RFC3339Nano)
	return append(to, '"')
}
