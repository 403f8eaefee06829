package notify

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
)

// Relay is an SMTP server that takes our mails.
type Relay struct {
	Host     string
	Port     int
	User     string // empty: it asks nobody who he is
	Password secret.Secret
	TLS      bool // from the first byte on (smtps); otherwise by STARTTLS
}

// ParseRelay reads smtp://user:password@host:port, and smtps:// for TLS from
// the first byte on. The ports are 587 and 465 where none is given. No error
// repeats what it was given: a password may be in it.
func ParseRelay(text string) (Relay, error) {
	const like = "it must be like smtp://user:password@mail.example.org:587, or smtps://…; write special characters of the password as %25, %40 and so on"
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.Opaque != "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return Relay{}, errors.New(like)
	}
	relay := Relay{Host: u.Hostname(), Port: 587, User: u.User.Username()}
	switch u.Scheme {
	case "smtp":
	case "smtps":
		relay.Port, relay.TLS = 465, true
	default:
		return Relay{}, errors.New(like)
	}
	if port := u.Port(); port != "" {
		if relay.Port, err = strconv.Atoi(port); err != nil || relay.Port < 1 || relay.Port > 65535 {
			return Relay{}, errors.New(like)
		}
	}
	password, given := u.User.Password()
	if given != (relay.User != "") {
		return Relay{}, errors.New("it has a user without a password, or a password without a user")
	}
	relay.Password = secret.New(password)
	return relay, nil
}

// Local reports whether the server is on this machine: nobody is on the way.
func (r Relay) Local() bool {
	if r.Host == "localhost" || strings.HasSuffix(r.Host, ".localhost") {
		return true
	}
	ip, err := netip.ParseAddr(r.Host)
	return err == nil && ip.IsLoopback()
}

// Address returns host and port, without what is secret.
func (r Relay) Address() string { return net.JoinHostPort(r.Host, strconv.Itoa(r.Port)) }

// SMTP sends mails through a server (RFC 5321). The connection is encrypted,
// by STARTTLS (RFC 3207) or from the start, and the server's certificate
// checked, unless the server is on this machine.
type SMTP struct {
	Relay Relay
	From  *netmail.Address
	Roots *x509.CertPool                                              // nil: those of the system
	Dial  func(ctx context.Context, address string) (net.Conn, error) // nil: TCP
}

// stepTime is how long the server may take for one answer.
const stepTime = 30 * time.Second

// Carry sends a mail. What the server will never take is told apart from what
// may go well later.
func (s *SMTP) Carry(ctx context.Context, m domain.Mail, r Rendered) (Result, error) {
	message, err := messageOf(s.From, m, r)
	if err != nil {
		return Failed, refusedError{err}
	}
	line, err := s.connect(ctx)
	if err != nil {
		return Failed, unreachableError{fmt.Errorf("%s: %w", s.Relay.Address(), err)}
	}
	defer line.end()
	err = line.client.Send(message)
	if message.IsDelivered() { // whatever came after it
		return Sent, nil
	}
	if err == nil {
		err = errors.New("the server did not say that it took the mail")
	}
	switch {
	case forGood(err):
		err = refusedError{err}
	case fromUs(err):
		err = unreachableError{err}
	}
	return Failed, err
}

// Check connects and introduces us, as it would be done for a mail.
func (s *SMTP) Check(ctx context.Context) error {
	line, err := s.connect(ctx)
	if err != nil {
		return fmt.Errorf("SMTP server %s: %w", s.Relay.Address(), err)
	}
	line.end()
	return nil
}

// forGood reports whether a server refused the recipient or the message
// itself (5yz, RFC 5321 §4.2.1). That it refuses us as the sender is a matter
// of configuration, which can be put right.
func forGood(err error) bool {
	var refusal *mail.SendError
	if !errors.As(err, &refusal) || refusal.ErrorCode() < 500 {
		return false
	}
	return refusal.Reason == mail.ErrSMTPRcptTo || refusal.Reason == mail.ErrSMTPData || refusal.Reason == mail.ErrSMTPDataClose
}

// fromUs reports whether a server takes no mail of ours at all, for now.
func fromUs(err error) bool {
	var refusal *mail.SendError
	return errors.As(err, &refusal) && refusal.Reason == mail.ErrSMTPMailFrom
}

// line is a connection to the server.
type line struct {
	client *mail.Client
	conn   net.Conn
	stop   func() bool
}

func (l *line) end() {
	_ = l.client.Close()
	_ = l.conn.Close()
	l.stop()
}

// connect opens a connection that ends with ctx, at the latest: also where the
// server leaves us waiting before it let us in.
func (s *SMTP) connect(ctx context.Context) (*line, error) {
	l := &line{}
	dial := func(dialing context.Context, _, address string) (net.Conn, error) {
		conn, err := s.dial(dialing, address)
		if err == nil {
			l.conn, l.stop = conn, context.AfterFunc(ctx, func() { _ = conn.Close() })
		}
		return conn, err
	}
	var err error
	if l.client, err = mail.NewClient(s.Relay.Host, s.options(dial)...); err != nil {
		return nil, err
	}
	if err = l.client.DialWithContext(ctx); err == nil {
		return l, nil
	}
	if l.conn != nil {
		_ = l.conn.Close()
		l.stop()
	}
	return nil, err
}

func (s *SMTP) dial(ctx context.Context, address string) (net.Conn, error) {
	if s.Dial != nil {
		conn, err := s.Dial(ctx, address)
		if err != nil || !s.Relay.TLS {
			return conn, err
		}
		return s.encrypted(ctx, conn)
	}
	dialer := net.Dialer{Timeout: stepTime}
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil || !s.Relay.TLS {
		return conn, err
	}
	return s.encrypted(ctx, conn)
}

func (s *SMTP) encrypted(ctx context.Context, conn net.Conn) (net.Conn, error) {
	secured := tls.Client(conn, s.tls())
	if err := secured.HandshakeContext(ctx); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return secured, nil
}

// tls checks the certificate, but not that of this machine: there is nobody
// between, and local servers have certificates that they made themselves.
func (s *SMTP) tls() *tls.Config {
	return &tls.Config{ServerName: s.Relay.Host, RootCAs: s.Roots, MinVersion: tls.VersionTLS12, InsecureSkipVerify: s.Relay.Local()}
}

func (s *SMTP) options(dial mail.DialContextFunc) []mail.Option {
	options := []mail.Option{mail.WithPort(s.Relay.Port), mail.WithTimeout(stepTime), mail.WithTLSConfig(s.tls()), mail.WithDialContextFunc(dial), mail.WithoutNoop()}
	switch {
	case s.Relay.TLS:
		options = append(options, mail.WithSSL())
	case s.Relay.Local():
		options = append(options, mail.WithTLSPolicy(mail.TLSOpportunistic))
	default:
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	if s.Relay.User == "" {
		return options
	}
	ways := []mail.SMTPAuthType{mail.SMTPAuthSCRAMSHA256, mail.SMTPAuthPlain, mail.SMTPAuthLogin, mail.SMTPAuthCramMD5}
	if s.Relay.Local() {
		ways = []mail.SMTPAuthType{mail.SMTPAuthSCRAMSHA256, mail.SMTPAuthPlainNoEnc, mail.SMTPAuthLoginNoEnc, mail.SMTPAuthCramMD5}
	}
	return append(options, mail.WithOpportunisticSMTPAuth(ways...), mail.WithUsername(s.Relay.User), mail.WithPassword(s.Relay.Password.Reveal()))
}
