package app

import (
	"context"
	"time"
)

// CreateClient registers an OAuth client for a user. It is approved at once.
func (o *Operator) CreateClient(ctx context.Context, c OperatorClient) (made MadeClient, err error) {
	return made, o.call(ctx, "client.create", c, &made)
}

// ImportClient stores a client of a former system for a user, with its id and
// secret. It is approved at once.
func (o *Operator) ImportClient(ctx context.Context, c OperatorClient) (made MadeClient, err error) {
	return made, o.call(ctx, "client.import", c, &made)
}

// Clients returns the clients of a user, newest first; everybody's where the
// name is empty.
func (o *Operator) Clients(ctx context.Context, user string) (clients []ListedClient, err error) {
	return clients, o.call(ctx, "clients", named{user}, &clients)
}

// ApproveClient lets everybody use a requested or rejected client.
func (o *Operator) ApproveClient(ctx context.Context, id string) error {
	return o.call(ctx, "client.approve", judged{ID: id}, &nothing{})
}

// RejectClient refuses a requested client and tells its owner why.
func (o *Operator) RejectClient(ctx context.Context, id, reason string) error {
	return o.call(ctx, "client.reject", judged{id, reason}, &nothing{})
}

// SuspendClient stops an approved client until it is resumed.
func (o *Operator) SuspendClient(ctx context.Context, id, reason string) error {
	return o.call(ctx, "client.suspend", judged{id, reason}, &nothing{})
}

// ResumeClient lets a suspended client work again.
func (o *Operator) ResumeClient(ctx context.Context, id string) error {
	return o.call(ctx, "client.resume", judged{ID: id}, &nothing{})
}

// DeleteClient ends a client and everything that was issued through it.
func (o *Operator) DeleteClient(ctx context.Context, id string) error {
	return o.call(ctx, "client.delete", judged{ID: id}, &nothing{})
}

// RotateClientSecret gives a client a new secret and returns it. The old one
// works for the overlap.
func (o *Operator) RotateClientSecret(ctx context.Context, id string, overlap time.Duration) (next string, err error) {
	return next, o.call(ctx, "client.rotate_secret", rotation{id, overlap}, &next)
}
