// Package smtpserver is a small SMTP server (RFC 5321) for tests. It takes
// mails over a real socket, with and without TLS, and fails where it is told to.
package smtpserver

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"io"
	"math/big"
	"net"
	"net/textproto"
	"strings"
	"sync"
	"testing"
	"time"
)

// Host is the name in the server's certificate.
const Host = "mail.test.example"

// Options say what a server offers.
type Options struct {
	StartTLS       bool   // STARTTLS (RFC 3207)
	TLS            bool   // from the first byte on
	User, Password string // for AUTH PLAIN (RFC 4954); empty: nobody is asked
}

// Message is a mail that the server took.
type Message struct {
	From, To  string
	Header    textproto.MIMEHeader
	Raw       string
	Encrypted bool
	User      string
}

// Server is a running server.
type Server struct {
	Address string
	Roots   *x509.CertPool // trust the server's certificate

	options     Options
	certificate tls.Certificate
	mu          sync.Mutex
	planned     map[string][]string // verb → replies in the place of the usual one
	taken       []Message
	arrived     chan Message
}

// Start starts a server on loopback that ends with the test.
func Start(t testing.TB, options Options) *Server {
	t.Helper()
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{Address: socket.Addr().String(), options: options, planned: map[string][]string{}, arrived: make(chan Message, 1000)}
	s.certify(t)
	if options.TLS {
		socket = tls.NewListener(socket, s.settings())
	}
	t.Cleanup(func() { _ = socket.Close() })
	go func() {
		for {
			conn, err := socket.Accept()
			if err != nil {
				return
			}
			go s.serve(conn)
		}
	}()
	return s
}

// Drop in the place of a reply closes the connection without a word.
const Drop = "drop"

// Plan answers the next uses of a verb (CONNECT, EHLO, AUTH, MAIL, RCPT, DATA,
// or BODY for the end of a message) with the replies in the place of the usual
// one. Drop at BODY closes the connection in the middle of a message; DropAfter
// takes the message first.
func (s *Server) Plan(verb string, replies ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.planned[verb] = append(s.planned[verb], replies...)
}

// Clear forgets what was planned.
func (s *Server) Clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.planned)
}

// DropAfter takes a message and closes the connection without saying so.
const DropAfter = "drop after"

// Hang in the place of a reply says nothing until the client goes away.
const Hang = "hang"

// hang waits until the client goes away.
func (c *session) hang() bool {
	_, _ = io.Copy(io.Discard, c.conn)
	return false
}

// Taken returns the mails that the server took, also those that it did not
// admit to.
func (s *Server) Taken() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Message(nil), s.taken...)
}

// Next waits for the next mail.
func (s *Server) Next(t testing.TB) Message {
	t.Helper()
	select {
	case m := <-s.arrived:
		return m
	case <-time.After(20 * time.Second):
		t.Fatal("no mail came within 20 s")
		return Message{}
	}
}

func (s *Server) reply(verb, usual string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if planned := s.planned[verb]; len(planned) > 0 {
		s.planned[verb] = planned[1:]
		return planned[0]
	}
	return usual
}

// session is one connection.
type session struct {
	s         *Server
	conn      net.Conn
	in        *bufio.Reader
	encrypted bool
	user      string
	mail      Message
}

func (s *Server) serve(conn net.Conn) {
	c := &session{s: s, conn: conn, in: bufio.NewReader(conn), encrypted: s.options.TLS}
	defer func() { _ = c.conn.Close() }()
	if !c.say("CONNECT", "220 "+Host+" ready") {
		return
	}
	for {
		line, err := c.in.ReadString('\n')
		if err != nil || !c.answer(strings.TrimRight(line, "\r\n")) {
			return
		}
	}
}

// say sends a reply, or drops the connection where that is planned.
func (c *session) say(verb, usual string) bool {
	reply := c.s.reply(verb, usual)
	switch reply {
	case Drop:
		return false
	case Hang:
		return c.hang()
	}
	_, err := c.conn.Write([]byte(reply + "\r\n"))
	return err == nil && !strings.HasPrefix(reply, "221")
}

func (c *session) answer(line string) bool {
	verb, rest, _ := strings.Cut(line, " ")
	switch verb = strings.ToUpper(verb); verb {
	case "EHLO", "HELO":
		return c.say("EHLO", c.greeting())
	case "STARTTLS":
		return c.startTLS()
	case "AUTH":
		return c.authenticate(rest)
	case "MAIL":
		if c.s.options.User != "" && c.user == "" {
			return c.say(verb, "530 5.7.0 Authentication required")
		}
		c.mail = Message{From: addressIn(rest), Encrypted: c.encrypted, User: c.user}
		return c.say(verb, "250 2.1.0 Ok")
	case "RCPT":
		c.mail.To = addressIn(rest)
		return c.say(verb, "250 2.1.5 Ok")
	case "DATA":
		reply := c.s.reply(verb, "354 Go on")
		if reply == Drop || !c.write(reply) {
			return false
		}
		return !strings.HasPrefix(reply, "354") || c.body()
	case "QUIT":
		return c.say(verb, "221 2.0.0 Bye")
	case "RSET", "NOOP":
		return c.say(verb, "250 2.0.0 Ok")
	}
	return c.say(verb, "502 5.5.2 Not known")
}

func (c *session) write(reply string) bool {
	_, err := c.conn.Write([]byte(reply + "\r\n"))
	return err == nil
}

func (c *session) greeting() string {
	lines := []string{"250-" + Host}
	if c.s.options.StartTLS && !c.encrypted {
		lines = append(lines, "250-STARTTLS")
	}
	if c.s.options.User != "" {
		lines = append(lines, "250-AUTH PLAIN")
	}
	return strings.Join(append(lines, "250 8BITMIME"), "\r\n")
}

func (c *session) startTLS() bool {
	if !c.write("220 2.0.0 Go on") {
		return false
	}
	secured := tls.Server(c.conn, c.s.settings())
	if secured.Handshake() != nil {
		return false
	}
	c.conn, c.in, c.encrypted = secured, bufio.NewReader(secured), true
	return true
}

func (c *session) authenticate(rest string) bool {
	_, given, _ := strings.Cut(rest, " ")
	decoded, _ := base64.StdEncoding.DecodeString(given)
	if parts := strings.Split(string(decoded), "\x00"); len(parts) == 3 && parts[1] == c.s.options.User && parts[2] == c.s.options.Password {
		c.user = parts[1]
		return c.say("AUTH", "235 2.7.0 Welcome")
	}
	return c.say("AUTH", "535 5.7.8 Wrong user or password")
}

func (c *session) body() bool {
	reply := c.s.reply("BODY", "250 2.0.0 Taken")
	switch reply {
	case Drop:
		_, _ = c.in.ReadString('\n')
		return false
	case Hang:
		return c.hang()
	}
	raw, err := textproto.NewReader(c.in).ReadDotBytes()
	if err != nil {
		return false
	}
	c.mail.Raw = string(raw)
	c.mail.Header, _ = textproto.NewReader(bufio.NewReader(strings.NewReader(c.mail.Raw))).ReadMIMEHeader()
	if strings.HasPrefix(reply, "250") || reply == DropAfter {
		c.s.take(c.mail)
	}
	return reply != DropAfter && c.write(reply)
}

func (s *Server) take(m Message) {
	s.mu.Lock()
	s.taken = append(s.taken, m)
	s.mu.Unlock()
	s.arrived <- m
}

func addressIn(rest string) string {
	_, after, _ := strings.Cut(rest, "<")
	address, _, _ := strings.Cut(after, ">")
	return address
}

func (s *Server) settings() *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{s.certificate}, MinVersion: tls.VersionTLS12}
}

// certify makes a certificate for Host that only this test trusts.
func (s *Server) certify(t testing.TB) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: Host}, DNSNames: []string{Host},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	s.certificate = tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
	s.Roots = x509.NewCertPool()
	s.Roots.AddCert(leaf)
}
