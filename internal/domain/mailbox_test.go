package domain

import (
	"net/netip"
	"testing"
)

func TestOneMailboxIsCountedAsOne(t *testing.T) {
	t.Parallel()
	home := netip.MustParseAddr("192.0.2.7")
	want := MailingOf(home, "ada@example.org")
	for _, address := range []string{"Ada@Example.org", "ada+1@example.org", "ada+1+2@EXAMPLE.org"} {
		if got := MailingOf(home, address); got != want {
			t.Errorf("%s: got %v, want %v", address, got, want)
		}
	}
	for _, other := range []Mailing{MailingOf(home, "bob@example.org"), MailingOf(home, "ada@example.com"), MailingOf(home, "+ada@example.org"), MailingOf(home, ""),
		MailingOf(netip.MustParseAddr("198.51.100.7"), "ada@example.org")} {
		if other == want {
			t.Errorf("got %v for another mailbox or network", other)
		}
	}
}
