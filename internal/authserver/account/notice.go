package account

import (
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/guard"
)

// Mails writes mails.
type Mails interface {
	Compose(kind domain.MailKind, to domain.MailTo, about map[string]string) (domain.NewMail, error)
	Proof(purpose domain.OncePurpose, user domain.User, address string, now time.Time) (domain.AddressProof, error)
}

// notice writes a mail to a user on the safety of his account: what happened
// when, from where and with what program. It goes to the address, or to his
// proven one where none is given.
func (s *Service) notice(kind domain.MailKind, user domain.User, address string, from Origin) (domain.NewMail, error) {
	about := map[string]string{"address": from.address()}
	if from.Program != "" {
		about["program"] = domain.ProgramName(from.program())
	}
	return s.noticeOf(kind, domain.MailTo{User: user.ID, Address: address}, user, about)
}

// noticeOf is notice of what is said in other words.
func (s *Service) noticeOf(kind domain.MailKind, to domain.MailTo, user domain.User, about map[string]string) (domain.NewMail, error) {
	if s.Mails == nil {
		return domain.NewMail{}, nil
	}
	about["name"], about["account"] = user.Shown(), user.Name
	about["at"] = s.now().In(user.Location()).Format("2 January 2006, 15:04 MST")
	return s.Mails.Compose(kind, to, about)
}

// originOf is where a caller's request comes from.
func originOf(c domain.Caller) Origin { return Origin{Address: c.Address, Program: c.Program} }

// proofOf writes the mail with which a user shows that an address is his. Too
// many from one network to one mailbox are TooMany.
func (s *Service) proofOf(user domain.User, address string, from Origin) (*domain.AddressProof, error) {
	if s.Mails == nil || address == "" {
		return nil, nil
	}
	if err := s.mailed.Admit(s.now(), domain.MailingOf(from.Address, address), mailedBound); err != nil {
		return nil, err
	}
	proof, err := s.Mails.Proof(domain.ProveCode, user, address, s.now())
	return &proof, err
}

// mailedBound is how many mails one network has sent to one mailbox, with
// however many accounts.
var mailedBound = guard.Bound{Burst: 5, Every: 10 * time.Minute, Code: "too_many_mails", Message: "Too many mails were sent to this address. Wait 10 min and try again."}

// proofBound is how many addresses one account has mails sent to.
var proofBound = guard.Bound{Burst: 5, Every: 10 * time.Minute, Code: "too_many_mails", Message: "Too many mails were sent for this account. Wait 10 min and try again."}
