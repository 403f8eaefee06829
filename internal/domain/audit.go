package domain

import "time"

// AuditEvent records who did what to which thing, when, from where and with
// what result. It is written in the transaction of the act itself.
type AuditEvent struct {
	ID         int64
	At         time.Time
	Actor      UserID // zero: nobody known, or the operator
	ActorName  string
	Subject    UserID // whose account it concerns; zero: nobody's
	Credential string // key id, "session", "password", "operator"
	Act        string // "key.create", "session.start", …
	Thing      string // "key 0123…", "sensor alice.greenhouse", …
	Address    string
	Result     string // "ok" or the code of the error
}

// NewAudit makes an event of an act that the caller did.
func NewAudit(c Caller, now time.Time, act, thing string) AuditEvent {
	event := AuditEvent{At: now, Actor: c.User.ID, ActorName: c.User.Name, Subject: c.User.ID,
		Credential: c.CredentialID(), Act: act, Thing: thing, Result: "ok"}
	if c.Address.IsValid() {
		event.Address = c.Address.String()
	}
	return event
}
