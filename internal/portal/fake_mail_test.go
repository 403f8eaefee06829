package portal

import (
	"context"

	"github.com/thingward/thingward/internal/authserver/recovery"
	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
)

// fakeRecovery knows one code for everything, "right-code".
type fakeRecovery struct{ *world }

const rightCode = "right-code"

func (w fakeRecovery) Confirm(_ context.Context, code secret.Secret, _ recovery.Origin) error {
	if code.Reveal() != rightCode {
		return domain.Errorf(domain.Forbidden, "code_not_valid", "This code is not valid.")
	}
	for _, user := range w.users {
		user.EmailProvenAt = w.now
	}
	return nil
}

func (w fakeRecovery) Pending(_ context.Context, c domain.Caller) (string, error) {
	if user := w.users[c.User.Name].User; !user.EmailProven() {
		return user.Email, nil
	}
	return "", nil
}

func (w fakeRecovery) Resend(_ context.Context, c domain.Caller) error {
	w.note(c, "address.resend", "")
	return nil
}

func (w fakeRecovery) Forgot(_ context.Context, nameOrAddress string, _ recovery.Origin) error {
	switch {
	case nameOrAddress == "":
		return domain.InvalidField("name", "Say who you are.")
	case w.throttled:
		return &domain.Error{Kind: domain.TooMany, Code: "too_many_attempts", Message: "Too many attempts.", RetryIn: 600}
	}
	return nil
}

func (w fakeRecovery) Reset(_ context.Context, code, password secret.Secret, _ recovery.Origin) error {
	if code.Reveal() != rightCode {
		return domain.Errorf(domain.Forbidden, "code_not_valid", "This code is not valid.")
	}
	return domain.CheckPassword(password.Reveal(), "")
}

// fakeMails is an outbox with a mail in each state.
type fakeMails struct{ *world }

func (w fakeMails) mails() []domain.Mail {
	one := domain.Mail{MessageID: "0a.1@localhost", Address: "alice@example.org", Kind: domain.MailClientApproved, Subject: "Your app is approved: <Wall>", CreatedAt: w.now, Tries: 1}
	sent, kept, failed, waits := one, one, one, one
	sent.ID, sent.SentAt = 4, w.now
	kept.ID, kept.SentAt, kept.Kept = 3, w.now, true
	failed.ID, failed.FailedAt, failed.Fault = 2, w.now, "550 no such user"
	waits.ID, waits.NextTryAt, waits.Fault = 1, w.now, "connection refused"
	return []domain.Mail{sent, kept, failed, waits}
}

func (w fakeMails) Sends() bool { return !w.unkept }

func (w fakeMails) List(_ context.Context, _ domain.Caller, page domain.Page) (domain.Listed[domain.Mail], error) {
	return listed(w.mails(), page), nil
}

func (w fakeMails) Read(_ context.Context, _ domain.Caller, id domain.MailID) (domain.Mail, string, error) {
	for _, mail := range w.mails() {
		if mail.ID == id && mail.ID == 4 {
			return mail, "", nil
		} else if mail.ID == id {
			return mail, "Hello alice,\n\nYour app <Wall> was approved.", nil
		}
	}
	return domain.Mail{}, "", domain.Errorf(domain.NotFound, "mail_not_found", "There is no such mail.")
}

func (w fakeMails) SendAgain(_ context.Context, c domain.Caller, id domain.MailID) error {
	w.note(c, "mail.send_again", "mail")
	return nil
}

func (w fakeClients) History(_ context.Context, _ domain.Caller, id domain.ClientID) ([]domain.ClientStage, error) {
	return []domain.ClientStage{{Number: 1, At: w.now, ByName: "alice", State: domain.ClientRequested},
		{Number: 2, At: w.now, ByName: "root", State: domain.ClientRejected, Reason: "It asks for too much."}}, nil
}
