package domain

import (
	"net/mail"
	"strings"
	"time"
	"unicode/utf8"
)

// UserID identifies a user. It is the user's OwnerID as well.
type UserID int64

// Owner returns the id under which the user owns things.
func (id UserID) Owner() OwnerID { return OwnerID(id) }

// User is a person with an account.
type User struct {
	ID           UserID
	Name         string // unique; see CheckOwnerName
	Email        string // may be empty
	DisplayName  string // what pages show; empty: the name
	TimeZone     string // IANA name; times in WoTKit answers follow it
	Admin        bool
	Suspended    bool
	NoPasswordIn bool // "keys only": user name and password are refused as an API credential
	CreatedAt    time.Time
	LastSignInAt time.Time // zero: never
	// EmailProvenAt is when Email was shown to be the user's, by a mailed code or
	// by an operator who made the account. Zero: mails do not go there yet.
	EmailProvenAt time.Time
}

// EmailProven reports whether mails about the account may go to its address.
func (u User) EmailProven() bool { return u.Email != "" && !u.EmailProvenAt.IsZero() }

// Shown returns the display name, or the name where there is none.
func (u User) Shown() string {
	if u.DisplayName != "" {
		return u.DisplayName
	}
	return u.Name
}

// Location returns the user's time zone, UTC where it is unknown.
func (u User) Location() *time.Location {
	if zone, err := time.LoadLocation(u.TimeZone); err == nil && u.TimeZone != "" {
		return zone
	}
	return time.UTC
}

// CheckEmail accepts a single bare address of at most 254 characters.
func CheckEmail(email string) error {
	parsed, err := mail.ParseAddress(email)
	if err != nil || parsed.Address != email || len(email) > 254 {
		return InvalidField("email", "%q is not an e-mail address.", email)
	}
	return nil
}

// CheckPassword holds NIST SP 800-63B §5.1.1.2: a length, no composition
// rules. The upper bound keeps hashing cheap; name must not be the password.
func CheckPassword(password, name string) error {
	switch {
	case utf8.RuneCountInString(password) < 10:
		return InvalidField("password", "A password has at least 10 characters. A few unrelated words make a good one.")
	case len(password) > 256:
		return InvalidField("password", "A password has at most 256 bytes.")
	case !utf8.ValidString(password):
		return InvalidField("password", "The password is not valid UTF-8.")
	case strings.EqualFold(password, name):
		return InvalidField("password", "The password must not be the name.")
	}
	return nil
}

// CheckTimeZone accepts the empty text (UTC) and IANA names.
func CheckTimeZone(name string) error {
	if _, err := time.LoadLocation(name); err != nil || name == "Local" {
		return InvalidField("time_zone", "%q is not a time zone. Examples: UTC, Europe/Berlin, America/Vancouver.", name)
	}
	return nil
}

// CheckDisplayName accepts up to 100 characters without line breaks.
func CheckDisplayName(name string) error {
	if !utf8.ValidString(name) || utf8.RuneCountInString(name) > 100 || strings.ContainsAny(name, "\r\n\x00") {
		return InvalidField("display_name", "A display name has at most 100 characters on one line.")
	}
	return nil
}

// NewUser is a user to be stored. The store gives the id and the times.
type NewUser struct {
	User         User
	PasswordHash string // argon2id PHC string; empty: no password
	// Proof mails a code to the address; its user is filled in. Nil: the address
	// counts as User.EmailProvenAt says.
	Proof *AddressProof
}

// ProfileChange is what a user may change about himself: e-mail address,
// display name, time zone and NoPasswordIn. An address that differs from the
// present one is not proven.
type ProfileChange struct {
	User  User
	Proof *AddressProof // of an address to be proven; codes mailed before end. Nil: none
	Mails []NewMail
}

// PasswordChange replaces the password of a user and ends his sessions.
type PasswordChange struct {
	User UserID
	Old  string    // PHC string that was verified; empty: whatever it is
	New  string    // PHC string
	Keep SessionID // the session that goes on; zero: none
}
