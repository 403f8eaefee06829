// Package app puts Thingward together: configuration, wiring, the routes of
// all doors, running and stopping. It is the only place that reads the clock
// and the environment's files, and it decides nothing else.
package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/store"
)

// Config is what a Thingward process needs to know. The fields are named like
// the flags of `thingward serve`.
type Config struct {
	Listen         string
	PublicURL      string
	Data           string
	Database       string // postgres://…; empty: SQLite in Data
	Demo           bool
	MetricsListen  string
	SMTPURL        string   // smtp://user:password@host:port; empty: mails stay in the outbox
	MailFrom       string   // empty: thingward@ the host of PublicURL
	SignUp         string   // "open", "invite", "closed"
	Secrets        string   // "viewable", "shown-once"
	ClientApproval []string // kinds of clients that wait for an administrator
	WotkitHost     string
	WotkitQuery    string // "on", "off": access tokens in the query of the WoTKit API
	LametricHost   string
	TTNHost        string
	TTNIssuer      string // with which tokens and access keys of that door begin; no dot in it
	TTNSigning     string // "es256", "rs256"
	TTNHandler     string // address of the application manager; empty: on the main one only
	ServerKey      string // file; empty: server.key in Data
	TLSCert        string
	TLSKey         string
	ACMEDomain     string
	InsecureHTTP   bool
	TrustedProxies []string
	LogLevel       string // "debug", "info", "warn", "error"

	Log    io.Writer // where log lines go
	Out    io.Writer // where the setup link and the demo's tour go
	Ready  func(address string)
	WebLog bool // one line per request; on in `serve`

	MailRetry time.Duration // before the first retry of a mail; 0: the usual time
}

// Defaults returns the configuration of a first try on one's own machine.
func Defaults() Config {
	return Config{
		Listen: "127.0.0.1:8080", PublicURL: "http://localhost:8080", Data: "./thingward-data",
		SignUp: "open", Secrets: "viewable", WotkitQuery: "on", TTNIssuer: "ttn-account-v2", TTNSigning: "es256", ClientApproval: []string{"ttn", "dynamic"}, LogLevel: "info", Log: os.Stderr, Out: os.Stdout, WebLog: true,
	}
}

// Check returns all faults of the configuration at once, or nil.
func (c Config) Check() error {
	faults := []error{
		oneOf("sign-up", c.SignUp, "open", "invite", "closed"),
		oneOf("secrets", c.Secrets, "viewable", "shown-once"),
		oneOf("wotkit-query-tokens", c.WotkitQuery, "on", "off"),
		oneOf("ttn-signing", c.TTNSigning, "es256", "rs256"),
		oneOf("log-level", c.LogLevel, "debug", "info", "warn", "error"),
		address("listen", c.Listen),
		c.checkPublicURL(),
		c.checkTLS(),
		c.checkDatabase(),
		c.checkApproval(),
		c.checkMail(),
	}
	if c.MetricsListen != "" {
		faults = append(faults, address("metrics-listen", c.MetricsListen))
	}
	if c.TTNIssuer == "" || strings.Trim(c.TTNIssuer, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") != "" {
		faults = append(faults, fmt.Errorf("--ttn-issuer: %q is no issuer: it has letters, digits, - and _, and no dot, because access keys have one behind it", c.TTNIssuer))
	}
	if c.TTNHandler != "" {
		faults = append(faults, address("ttn-handler-listen", c.TTNHandler))
	}
	if _, err := c.proxies(); err != nil {
		faults = append(faults, err)
	}
	return errors.Join(faults...)
}

func oneOf(flag, value string, allowed ...string) error {
	if slices.Contains(allowed, value) {
		return nil
	}
	return fmt.Errorf("--%s is %q; possible: %s", flag, value, strings.Join(allowed, ", "))
}

func address(flag, value string) error {
	if _, _, err := net.SplitHostPort(value); err != nil {
		return fmt.Errorf("--%s is %q; it needs a host and a port such as 127.0.0.1:8080", flag, value)
	}
	return nil
}

// checkPublicURL refuses plain http except on loopback (SECURITY.md, Transport).
func (c Config) checkPublicURL() error {
	u, err := url.Parse(c.PublicURL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return fmt.Errorf("--public-url is %q; it must be like https://things.example", c.PublicURL)
	}
	if u.Scheme == "http" && !loopback(u.Hostname()) && !c.InsecureHTTP {
		return fmt.Errorf("--public-url is %q: passwords would travel in clear. Use https, or give --insecure-http if you know why", c.PublicURL)
	}
	return nil
}

func loopback(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

func (c Config) checkTLS() error {
	switch {
	case (c.TLSCert == "") != (c.TLSKey == ""):
		return errors.New("--tls-cert and --tls-key go together")
	case c.TLSCert != "" && c.ACMEDomain != "":
		return errors.New("--tls-cert and --acme-domain exclude each other")
	case (c.TLSCert != "" || c.ACMEDomain != "") && !c.https():
		return errors.New("with TLS, --public-url must start with https://")
	}
	return nil
}

func (c Config) checkDatabase() error {
	if c.Database == "" || strings.HasPrefix(c.Database, "postgres://") || strings.HasPrefix(c.Database, "postgresql://") {
		return nil
	}
	return errors.New("--database must start with postgres://; without it SQLite in --data is used")
}

func (c Config) proxies() ([]netip.Prefix, error) {
	var list []netip.Prefix
	for _, text := range c.TrustedProxies {
		prefix, err := domain.ParseNetwork(text)
		if err != nil {
			return nil, fmt.Errorf("--trusted-proxies has %q; it takes addresses and networks such as 10.0.0.0/8", text)
		}
		list = append(list, prefix)
	}
	return list, nil
}

// managerInClear reports whether the application manager has an address of its
// own that others reach without TLS, as far as one can tell.
func (c Config) managerInClear() bool {
	host, _, err := net.SplitHostPort(c.TTNHandler)
	return err == nil && !loopback(host) && c.TLSCert == "" && c.ACMEDomain == "" && !c.InsecureHTTP && len(c.TrustedProxies) == 0
}

func (c Config) https() bool { return strings.HasPrefix(c.PublicURL, "https://") }

func (c Config) baseURL() string { return strings.TrimSuffix(c.PublicURL, "/") }

func (c Config) databaseFile() string { return filepath.Join(c.Data, "thingward.db") }

func (c Config) serverKeyFile() string {
	if c.ServerKey != "" {
		return c.ServerKey
	}
	return filepath.Join(c.Data, "server.key")
}

// openStore opens the store that the configuration names.
func (c Config) openStore(ctx context.Context, o store.Options) (*store.Store, error) {
	return store.Open(ctx, c.storeOptions(o))
}

func (c Config) storeOptions(o store.Options) store.Options {
	o.Postgres = c.Database
	if c.Database == "" {
		o.SQLite = c.databaseFile()
	}
	return o
}
