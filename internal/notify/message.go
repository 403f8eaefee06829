package notify

import (
	"fmt"
	netmail "net/mail"

	"github.com/wneessen/go-mail"

	"github.com/thingward/thingward/internal/domain"
)

// ParseFrom reads the sender of all mails: an address, with or without a name.
func ParseFrom(text string) (*netmail.Address, error) {
	address, err := netmail.ParseAddress(text)
	if err != nil {
		return nil, fmt.Errorf("%q is no e-mail address; examples: things@example.org, Thingward <things@example.org>", text)
	}
	return address, nil
}

// messageOf makes the message of a mail. It is the same at every attempt but
// for the boundaries between its parts.
func messageOf(from *netmail.Address, m domain.Mail, r Rendered) (*mail.Msg, error) {
	message := mail.NewMsg(mail.WithNoDefaultUserAgent())
	message.FromMailAddress(from)
	message.ToMailAddress(&netmail.Address{Address: m.Address})
	if to, err := message.GetRecipients(); err != nil || len(to) != 1 {
		return nil, fmt.Errorf("nobody to send it to: %w", err)
	}
	message.Subject(oneLine(m.Subject))
	message.SetDateWithValue(m.CreatedAt)
	message.SetMessageIDWithValue(m.MessageID)
	message.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834 §5: nobody's out-of-office answers it
	message.SetBodyString(mail.TypeTextPlain, r.Text)
	message.AddAlternativeString(mail.TypeTextHTML, r.HTML)
	return message, nil
}
