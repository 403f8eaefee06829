package domain

import (
	"strings"
	"time"
)

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
	MailAddressChanged  MailKind = "address_changed" // to the address that was before
	MailCollaborator    MailKind = "collaborator_added"
)

// HoldsCode reports whether a mail of the kind carries a code that lets its
// reader in: nothing of it is kept once it is sent.
func (k MailKind) HoldsCode() bool { return k == MailConfirmAddress || k == MailResetPassword }

// MailTo says who gets a mail.
type MailTo struct {
	User    UserID // at his proven address; if it is not proven, nothing is sent
	Admins  bool   // all administrators, but for Except
	Except  UserID
	Address string // of User, where the mail is about that very address being proven
}

// NewMail is a mail to be sent once the act that it is about is done: it is
// stored in that act's transaction. The zero NewMail is no mail.
type NewMail struct {
	To        MailTo
	Kind      MailKind
	MessageID string // id@host; every copy gets one of its own, see CopyID
	Subject   string
	Sealed    []byte // the letter, under the server key; see SealedUnder
}

// Nothing reports whether there is no mail.
func (m NewMail) Nothing() bool { return m.MessageID == "" }

// CopyID makes the Message-ID (RFC 5322 §3.6.4) of one copy of a mail: the
// first copy of id@host is id.1@host.
func (m NewMail) CopyID(copy string) string {
	id, host, _ := strings.Cut(m.MessageID, "@")
	return id + "." + copy + "@" + host
}

// SealedUnder names what the letter of a mail is sealed for. It is the same
// for all copies.
func SealedUnder(messageID string) string {
	id, _, _ := strings.Cut(messageID, "@")
	id, _, _ = strings.Cut(id, ".")
	return "mail:" + id
}

// Mail is a mail in the outbox.
type Mail struct {
	ID        MailID
	MessageID string // without angle brackets: the same at every attempt
	User      UserID // zero: nobody with an account
	Address   string
	Kind      MailKind
	Subject   string
	Sealed    []byte // empty in lists, and of mails that held a code and were sent
	CreatedAt time.Time
	NextTryAt time.Time
	Tries     int
	SentAt    time.Time // zero: not yet
	Kept      bool      // it was not sent but written into the outbox folder, at SentAt
	FailedAt  time.Time // given up; zero: not
	Fault     string    // of the last attempt
}

// MailMiss is an attempt to send that failed.
type MailMiss struct {
	Fault     string
	NextTryAt time.Time // zero: given up
}

// AddressProof is the way in which somebody proves that an e-mail address is
// his: a code, and the mail that brings it there.
type AddressProof struct {
	Code OnceCode
	Mail NewMail
}
