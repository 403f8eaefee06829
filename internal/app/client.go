package app

import (
	"fmt"

	"github.com/thingward/thingward/internal/authserver/client"
	"github.com/thingward/thingward/internal/secret"
)

// checkApproval refuses kinds of clients that there are not.
func (c Config) checkApproval() error {
	if _, err := client.ParseApproval(c.ClientApproval); err != nil {
		return fmt.Errorf("--client-approval is %w", err)
	}
	return nil
}

// wireClients makes the service of OAuth clients. Under a policy that cannot
// be read, which Check refuses, every client waits.
func (s *server) wireClients(sealer *secret.Sealer) {
	policy, err := client.ParseApproval(s.config.ClientApproval)
	if err != nil {
		policy, _ = client.ParseApproval([]string{"all"})
	}
	s.clients = &client.Service{Store: s.store, Reader: s.store, Sealer: sealer, Mails: s.composer, Approval: policy, Now: Now}
}
