// Package notify writes mails and brings them to people: what each says, how
// it looks as text and as HTML, and the way from the outbox to an SMTP server,
// with retries, or into a folder where there is no server. The outbox itself
// is a table of the store.
package notify

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
)

// Composer writes mails. What it writes is sealed under the server key until
// it is sent, because some mails carry codes.
type Composer struct {
	Host  string         // behind the @ of Message-IDs
	Vault *secret.Sealer // never nil
}

// Compose writes a mail of the kind. about says what it is about; which words
// a kind asks for stands in letters.go, and one that is missing is left out.
// Line breaks and other control characters in it become spaces.
func (c *Composer) Compose(kind domain.MailKind, to domain.MailTo, about map[string]string) (domain.NewMail, error) {
	write, ok := letters[kind]
	if !ok {
		return domain.NewMail{}, fmt.Errorf("there is no mail of the kind %q", kind)
	}
	written := write(tamed(about))
	body, err := json.Marshal(written)
	if err != nil {
		return domain.NewMail{}, fmt.Errorf("compose mail: %w", err)
	}
	mail := domain.NewMail{To: to, Kind: kind, MessageID: secret.NewPackage() + "@" + c.Host, Subject: written.Subject}
	mail.Sealed = c.Vault.Seal(secret.New(string(body)), domain.SealedUnder(mail.MessageID))
	return mail, nil
}

// Proof makes a code with which a user shows that he reads the mail of an
// address, and the mail that brings it there. The user may be one that is
// about to be made; then the store fills his id in.
func (c *Composer) Proof(purpose domain.OncePurpose, user domain.User, address string, now time.Time) (domain.AddressProof, error) {
	made, kind, life := secret.Generate(secret.ProveCode), domain.MailConfirmAddress, domain.ProveCodeLife
	if purpose == domain.ResetCode {
		made, kind, life = secret.Generate(secret.ResetCode), domain.MailResetPassword, domain.ResetCodeLife
	}
	mail, err := c.Compose(kind, domain.MailTo{User: user.ID, Address: address}, map[string]string{"name": user.Name, "code": made.Reveal()})
	code := domain.OnceCode{Hash: made.Hash(), Purpose: purpose, ExpiresAt: now.Add(life), User: user.ID, Email: address}
	return domain.AddressProof{Code: code, Mail: mail}, err
}
