package domain

import (
	"net/netip"
	"strings"
)

// Mailing is a network that has mails sent to a mailbox, for bounds on how
// many: anybody can give an address that is not his.
type Mailing struct {
	From    netip.Prefix
	Mailbox string
}

// MailingOf returns whose mails to the address are counted together: those
// asked for from one network, however the address writes the same mailbox in
// upper case, or with a tag (RFC 5233).
func MailingOf(from netip.Addr, address string) Mailing {
	at := strings.LastIndex(address, "@")
	local, host := address[:max(at, 0)], address[max(at, 0):]
	if tag := strings.Index(local, "+"); tag > 0 {
		local = local[:tag]
	}
	return Mailing{NetworkOf(from), strings.ToLower(local + host)}
}
