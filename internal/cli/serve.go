package cli

import (
	"context"
	"errors"
	"net"
	"strings"

	"github.com/thingward/thingward/internal/app"
)

type serveCommand struct {
	Config         string   `placeholder:"FILE" help:"TOML file with flags as keys: listen = \"0.0.0.0:8080\"." group:"Server"`
	Listen         string   `default:"127.0.0.1:8080" placeholder:"ADDRESS" help:"Address to listen on. Default: 127.0.0.1:8080." group:"Server"`
	PublicURL      string   `name:"public-url" placeholder:"URL" help:"Where users and programs reach it; the base of every URL it prints. Default: this machine at the port of --listen, http://localhost:8080." group:"Server"`
	Data           string   `default:"./thingward-data" placeholder:"DIR" help:"Folder for the database and the keys. Default: ./thingward-data." group:"Server"`
	Database       string   `placeholder:"URL" help:"PostgreSQL database, postgres://…, in the place of SQLite in the data folder." group:"Server"`
	Demo           bool     `help:"Fill an empty store with people, sensors and 30 days of readings to try things out." group:"Server"`
	MetricsListen  string   `placeholder:"ADDRESS" help:"Address for Prometheus metrics and profiles. Default: off." group:"Server"`
	SMTPURL        string   `name:"smtp-url" placeholder:"URL" help:"Server that takes mails: smtp://user:password@host:587 (STARTTLS) or smtps://…. Best given in the file or the environment, where others do not see it. Default: mails stay in the outbox folder and in the portal." group:"Server"`
	MailFrom       string   `placeholder:"ADDRESS" help:"Sender of mails. Default: thingward@ the host of the public URL." group:"Server"`
	SignUp         string   `default:"open" placeholder:"POLICY" help:"Who may make an account: open, invite or closed. Default: open." group:"Server"`
	Secrets        string   `default:"viewable" placeholder:"MODE" help:"viewable lets owners see the passwords of keys again, shown-once keeps nothing viewable. Default: viewable." group:"Server"`
	ClientApproval []string `default:"ttn,dynamic" placeholder:"KIND" help:"Kinds of apps that wait for an administrator before others can use them: standard, wotkit, lametric, ttn, dynamic; or all, or none. Default: ttn,dynamic." group:"Server"`
	WotkitHost     string   `placeholder:"HOST" help:"Serve the WoTKit API at the root of this host name too." group:"Server"`
	WotkitQuery    string   `name:"wotkit-query-tokens" default:"on" placeholder:"MODE" help:"on accepts access tokens in the query of the WoTKit API, as its programs send them; off does not. Default: on." group:"Server"`
	LametricHost   string   `placeholder:"HOST" help:"Serve the LaMetric API at the root of this host name too." group:"Server"`
	TTNHost        string   `name:"ttn-host" placeholder:"HOST" help:"Serve the account server and the application manager of The Things Network at the root of this host name too." group:"Server"`
	TTNIssuer      string   `name:"ttn-issuer" default:"ttn-account-v2" placeholder:"NAME" help:"Issuer in the tokens and access keys of The Things Network. Default: ttn-account-v2." group:"Server"`
	TTNHandler     string   `name:"ttn-handler-listen" placeholder:"ADDRESS" help:"Serve the application manager of The Things Network on an address of its own too, as :8084. Default: off." group:"Server"`
	TTNSigning     string   `name:"ttn-signing" default:"es256" placeholder:"ALGORITHM" help:"How tokens of The Things Network are signed: es256, or rs256 for readers that know no other. Default: es256." group:"Server"`
	ServerKey      string   `placeholder:"FILE" help:"Key that seals secrets. Default: server.key in the data folder." group:"Server"`
	TLSCert        string   `name:"tls-cert" placeholder:"FILE" help:"Certificate chain, PEM." group:"Server"`
	TLSKey         string   `name:"tls-key" placeholder:"FILE" help:"Private key of the certificate, PEM." group:"Server"`
	ACMEDomain     string   `name:"acme-domain" placeholder:"HOST" help:"Get a certificate for this host name by ACME." group:"Server"`
	InsecureHTTP   bool     `name:"insecure-http" help:"Allow a public URL with http that is not on this machine." group:"Server"`
	TrustedProxies []string `placeholder:"NETWORK" help:"Proxies whose X-Forwarded-For is believed." group:"Server"`
	LogLevel       string   `default:"info" placeholder:"LEVEL" help:"debug, info, warn or error. Default: info." group:"Server"`
}

// Help explains the command.
func (serveCommand) Help() string {
	return `Flags come before environment variables, and those before the file. On its
first start with an empty store it prints a link that makes the first
administrator. SIGTERM and Ctrl-C stop it cleanly.

Examples:

    thingward serve --demo
    thingward serve --data /var/lib/thingward --public-url https://things.example.org --acme-domain things.example.org --listen :443
    thingward serve --config /etc/thingward.toml
    thingward serve --database postgres://thingward@localhost/thingward --trusted-proxies 10.0.0.0/8`
}

// Run serves until it is told to stop.
func (c *serveCommand) Run(ctx context.Context, t *terminal, from *settings) error {
	config := c.config(t)
	if err := errors.Join(from.fault, config.Check()); err != nil {
		return usagef("%s", strings.ReplaceAll(err.Error(), "\n", "\nthingward: "))
	}
	return app.Run(ctx, config)
}

// publicURL is where a browser finds the server unless --public-url says it:
// a link to a port on which nothing listens would help nobody.
func (c *serveCommand) publicURL() string {
	_, port, err := net.SplitHostPort(c.Listen)
	switch {
	case c.PublicURL != "":
		return c.PublicURL
	case c.ACMEDomain != "":
		return "https://" + c.ACMEDomain
	case err != nil || port == "0":
		return app.Defaults().PublicURL
	case c.TLSCert != "":
		return "https://localhost:" + port
	}
	return "http://localhost:" + port
}

func (c *serveCommand) config(t *terminal) app.Config {
	config := app.Defaults()
	config.Listen, config.PublicURL, config.Data, config.Database = c.Listen, c.publicURL(), c.Data, c.Database
	config.Demo, config.MetricsListen, config.SignUp, config.Secrets = c.Demo, c.MetricsListen, c.SignUp, c.Secrets
	config.WotkitHost, config.WotkitQuery, config.LametricHost, config.ServerKey, config.LogLevel = c.WotkitHost, c.WotkitQuery, c.LametricHost, c.ServerKey, c.LogLevel
	config.TTNHost, config.TTNHandler, config.TTNIssuer, config.TTNSigning = c.TTNHost, c.TTNHandler, c.TTNIssuer, c.TTNSigning
	config.TLSCert, config.TLSKey, config.ACMEDomain, config.InsecureHTTP = c.TLSCert, c.TLSKey, c.ACMEDomain, c.InsecureHTTP
	config.TrustedProxies, config.ClientApproval = c.TrustedProxies, c.ClientApproval
	config.SMTPURL, config.MailFrom = c.SMTPURL, c.MailFrom
	config.Log, config.Out = t.Stderr, t.Stdout
	return config
}
