package portal

import (
	"net/http"

	"github.com/thingward/thingward/internal/authserver/account"
	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/secret"
)

// setCookie signs the browser in.
func (p *Portal) setCookie(w http.ResponseWriter, session secret.Secret) {
	p.writeCookie(w, session.Reveal(), int(domain.SessionAbsolute.Seconds()))
}

// clearCookie makes the browser forget its session.
func (p *Portal) clearCookie(w http.ResponseWriter) { p.writeCookie(w, "", -1) }

func (p *Portal) writeCookie(w http.ResponseWriter, value string, maxAge int) {
	http.SetCookie(w, &http.Cookie{
		Name: guard.SessionCookie(p.https()), Value: value, Path: "/", MaxAge: maxAge,
		HttpOnly: true, Secure: p.https(), SameSite: http.SameSiteLaxMode,
	})
}

func origin(c domain.Caller) account.Origin {
	return account.Origin{Address: c.Address, Program: c.Program}
}
