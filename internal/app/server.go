package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/thingward/thingward/internal/authserver/account"
	"github.com/thingward/thingward/internal/authserver/authorize"
	"github.com/thingward/thingward/internal/authserver/client"
	"github.com/thingward/thingward/internal/authserver/consent"
	"github.com/thingward/thingward/internal/authserver/introspect"
	"github.com/thingward/thingward/internal/authserver/key"
	"github.com/thingward/thingward/internal/authserver/mail"
	"github.com/thingward/thingward/internal/authserver/recovery"
	"github.com/thingward/thingward/internal/authserver/token"
	"github.com/thingward/thingward/internal/grant"
	"github.com/thingward/thingward/internal/guard"
	"github.com/thingward/thingward/internal/notify"
	"github.com/thingward/thingward/internal/resourceserver/application"
	"github.com/thingward/thingward/internal/resourceserver/collaborator"
	"github.com/thingward/thingward/internal/resourceserver/component"
	"github.com/thingward/thingward/internal/resourceserver/device"
	"github.com/thingward/thingward/internal/resourceserver/gateway"
	"github.com/thingward/thingward/internal/resourceserver/pushapp"
	"github.com/thingward/thingward/internal/resourceserver/reading"
	"github.com/thingward/thingward/internal/resourceserver/sensor"
	"github.com/thingward/thingward/internal/secret"
	"github.com/thingward/thingward/internal/store"
	"github.com/thingward/thingward/internal/web"
)

// server is Thingward wired together: the store, the slices on it and the
// doors before them.
type server struct {
	config        Config
	log           *slog.Logger
	lines         func(web.Line) // takes the line of each request; may be nil
	metrics       *metrics
	store         *store.Store
	vault         *secret.Sealer // seals what Thingward itself must read again; there with --secrets=shown-once too
	uses          *guard.Uses
	guard         *guard.Guard
	accounts      *account.Service
	keys          *key.Service
	consents      *consent.Service
	clients       *client.Service
	sensors       *sensor.Service
	readings      *reading.Service
	devices       *device.Service
	pushApps      *pushapp.Service
	applications  *application.Service
	gateways      *gateway.Service
	components    *component.Service
	collaborators *collaborator.Service
	tokens        *token.Service
	authorizer    *authorize.Service
	inspector     *introspect.Service
	composer      *notify.Composer
	recovery      *recovery.Service
	mails         *mail.Service
	ttnKeys       *grant.Signer // of tokens of The Things Network
}

// newServer opens the store and wires the slices. close ends it.
func newServer(ctx context.Context, c Config, log *slog.Logger) (*server, error) {
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	vault, err := c.loadServerKey(ctx)
	if err != nil {
		return nil, err
	}
	sealer := vault
	if c.Secrets == "shown-once" {
		sealer = nil
	}
	s := &server{config: c, log: log, metrics: newMetrics(), vault: vault}
	s.store, err = c.openStore(ctx, store.Options{Log: log, Now: Now, Observe: s.metrics})
	if err != nil {
		return nil, err
	}
	s.wire(sealer)
	s.heedRotation()
	return s, nil
}

// loadServerKey reads the server key, and makes one where nothing can be
// sealed yet: beside what another key sealed, a new one would hide the loss.
// With --secrets=shown-once it is needed all the same: signing keys and the
// keys of end devices are always sealed.
func (c Config) loadServerKey(ctx context.Context) (*secret.Sealer, error) {
	file := c.serverKeyFile()
	if exists(file) {
		return secret.LoadServerKey(file)
	}
	sealed, err := store.MayHoldSealed(ctx, c.storeOptions(store.Options{}))
	if err != nil {
		return nil, err
	}
	if !sealed {
		return secret.LoadOrMakeServerKey(file)
	}
	return nil, fmt.Errorf("server key %s is missing: put back the one that this store was used with. "+
		"Where it is lost for good, make another, and rotate the keys whose passwords are to be viewed again: (umask 077; openssl rand -hex 32 > %s)", file, file)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

func (s *server) wire(sealer *secret.Sealer) {
	s.uses = &guard.Uses{Now: Now}
	finder := guard.NewFinder(s.store, s.uses)
	s.wireMail()
	s.accounts = account.New(s.store, account.SignUpPolicy(s.config.SignUp), Now)
	s.accounts.Finder, s.accounts.Mails = finder, s.composer
	s.keys = &key.Service{Store: s.store, Reader: s.store, Finder: finder, Sealer: sealer, Now: Now}
	s.wireClients(sealer)
	s.consents = &consent.Service{Store: s.store, Finder: finder, Now: Now}
	s.sensors = &sensor.Service{Store: s.store, Finder: finder, Now: Now}
	s.readings = &reading.Service{Store: s.store, Finder: finder, Now: Now}
	s.devices = &device.Service{Store: s.store, Finder: finder, Sealer: sealer, Now: Now}
	s.pushApps = &pushapp.Service{Store: s.store, BaseURL: s.lametricURL(), Now: Now}
	s.applications = &application.Service{Store: s.store, Finder: finder, Issuer: s.config.TTNIssuer, Sealer: sealer, Vault: s.vault, Now: Now}
	s.gateways = &gateway.Service{Store: s.store, Finder: finder, Sealer: sealer, Issuer: s.config.TTNIssuer, PublicURL: s.config.baseURL(), Now: Now}
	s.components = &component.Service{Store: s.store, Finder: finder}
	s.collaborators = &collaborator.Service{Store: s.store, Finder: finder, Notifier: s.composer, Now: Now}
	s.wireOAuth(finder)
	s.wireTTN(finder)
	s.guard = &guard.Guard{Credentials: s.store, Tokens: s.store, Passwords: s.accounts, Uses: s.uses, Observe: s.metrics, Now: Now, HTTPS: s.config.https(), KeyIssuer: s.config.TTNIssuer}
}

// handler joins the doors behind the edge.
func (s *server) handler() (http.Handler, error) {
	proxies, err := s.config.proxies()
	if err != nil {
		return nil, err
	}
	table := web.NewTable(s.guard.Identify, s.log, s.doors()...)
	return &web.Edge{Next: s.byHost(table), Log: s.log, Lines: s.lines, Now: Now, NewID: secret.RandomUint64,
		Proxies: proxies, HTTPS: s.config.https(), Observe: s.metrics}, nil
}

// close flushes what is counted in memory and closes the store.
func (s *server) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return errors.Join(s.uses.Flush(ctx, s.store), s.store.Close())
}

// startBackground starts the background work. What it returns ends it and
// waits for that, so that nobody counts while the store closes.
func (s *server) startBackground(ctx context.Context) (stop func()) {
	working, cancel := context.WithCancel(ctx)
	var ended sync.WaitGroup
	ended.Go(func() { s.background(working) })
	ended.Go(func() { s.deliverMails(working) })
	return func() {
		cancel()
		ended.Wait()
	}
}

// background does what is due now and then, until ctx ends.
func (s *server) background(ctx context.Context) {
	flush := time.NewTicker(4 * time.Second)
	sweep := time.NewTicker(sweepEvery)
	sweepSlowly := time.NewTicker(time.Hour)
	defer flush.Stop()
	defer sweep.Stop()
	defer sweepSlowly.Stop()
	sweeper := &sweeper{server: s}
	for {
		var err error
		select {
		case <-ctx.Done():
			return
		case <-flush.C:
			err = s.uses.Flush(ctx, s.store)
		case now := <-sweep.C:
			err = sweeper.sweep(ctx, now)
		case now := <-sweepSlowly.C:
			err = sweeper.sweepSlowly(ctx, now)
		}
		if err != nil && ctx.Err() == nil {
			s.log.Error("background work", "error", err)
		}
	}
}
