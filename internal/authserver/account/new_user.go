package account

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
)

// NewUser is what it takes to make an account.
type NewUser struct {
	Name        string
	Email       string // may be empty
	DisplayName string
	TimeZone    string // IANA name; empty: UTC
	Password    secret.Secret
	Admin       bool          // counts only where an administrator makes the account
	Invite      secret.Secret // for sign-up by invitation
}

// check reports all faults at once, each under the name of its attribute.
func (n NewUser) check() error {
	faults := map[string]string{}
	note := func(field string, err error) {
		if err != nil {
			faults[field] = err.Error()
		}
	}
	note("name", domain.CheckOwnerName(n.Name))
	if n.Email != "" {
		note("email", domain.CheckEmail(n.Email))
	}
	note("display_name", domain.CheckDisplayName(n.DisplayName))
	note("time_zone", domain.CheckTimeZone(n.TimeZone))
	note("password", domain.CheckPassword(n.Password.Reveal(), n.Name))
	return together("invalid_user", faults)
}

// vouched is the user with an address that counts as his, because whoever
// makes the account says so.
func (n NewUser) vouched(now time.Time) domain.User {
	user := n.user()
	if user.Email != "" {
		user.EmailProvenAt = now
	}
	return user
}

func (n NewUser) user() domain.User {
	return domain.User{Name: n.Name, Email: n.Email, DisplayName: n.DisplayName, TimeZone: n.TimeZone, Admin: n.Admin}
}

// together makes one error of the faults of several attributes.
func together(code string, faults map[string]string) error {
	if len(faults) == 0 {
		return nil
	}
	texts := make([]string, 0, len(faults))
	for _, field := range slices.Sorted(maps.Keys(faults)) {
		texts = append(texts, faults[field])
	}
	return &domain.Error{Kind: domain.Invalid, Code: code, Message: strings.Join(texts, " "), Fields: faults}
}
