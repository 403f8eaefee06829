package domain

import "time"

// MailID numbers mails in the order in which they were written.
type MailID int64

// MailKind says on what occasion a mail is sent.
type MailKind string

// The occasions.
const (
	MailClientRequested MailKind = "client_requested" // to administrators
	MailClientApproved  MailKind = "client_approved"  // to the owner, as those that follow
	MailClientRejected  MailKind = "client_rejected"
	MailClientSuspended MailKind = "client_suspended"
	MailClientResumed   MailKind = "client_resumed"
	MailConfirmAddress  MailKind = "confirm_address"
	MailResetPassword   MailKind = "reset_password"
	MailPasswordChanged MailKind = "password_changed"
	MailNewSignIn       MailKind = "new_sign_in"
	MailCollaborator    MailKind = "collaborator_added"
)

// MailTo says who gets a mail.
type MailTo struct {
	User    UserID // at his proven address; if it is not proven, nothing is sent
	Admins  bool   // all administrators, but for Except
	Except  UserID
	Address string // of User, where the mail is about that very address being proven
}

// NewMail is a mail to be sent once the act that it is about is done: it is
// stored in that act's transaction. The body was sealed under MessageID.
type NewMail struct {
	To        MailTo
	Kind      MailKind
	MessageID string // without the part behind the @; every copy gets one of its own
	Subject   string
	Sealed    []byte // text and HTML, under the server key
}

// Mail is a mail in the outbox.
type Mail struct {
	ID        MailID
	MessageID string // without angle brackets: the same at every attempt
	User      UserID
	Address   string
	Kind      MailKind
	Subject   string
	Sealed    []byte
	CreatedAt time.Time
	NextTryAt time.Time
	Tries     int
	SentAt    time.Time // zero: not yet
	FailedAt  time.Time // given up; zero: not
	Fault     string    // of the last attempt
}
