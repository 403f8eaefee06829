package app

import (
	"context"
	"errors"
	"time"

	"github.com/thingward/thingward/internal/domain"
)

// sweeper removes what has expired, a short commit at a time, so that nobody
// who waits for the same commit notices.
type sweeper struct {
	*server
	chain domain.ChainID // where the walk through the chains stands
}

const (
	sweepEvery = time.Second
	sweepSteps = 64 // short commits in a row
)

// sweep removes expired tokens and answers, and ends what deleted clients and
// registrations left behind, as far as one round goes.
func (s *sweeper) sweep(ctx context.Context, now time.Time) error {
	return removeAll(ctx, now, s.store.SweepTokens, s.store.SweepRefreshAnswers, s.store.SweepRequests, s.store.SweepDeviceCodes, s.store.SweepDeletedClients, s.store.SweepEndDevices)
}

// removeAll lets each remove what it has, up to sweepSteps short commits.
func removeAll(ctx context.Context, now time.Time, removes ...func(context.Context, time.Time) (int64, error)) error {
	for _, remove := range removes {
		for range sweepSteps {
			removed, err := remove(ctx, now)
			if err != nil {
				return err
			}
			if removed == 0 {
				break
			}
		}
	}
	return nil
}

// sweepSlowly removes what may lie around for an hour.
func (s *sweeper) sweepSlowly(ctx context.Context, now time.Time) error {
	_, sessionErr := s.store.SweepSessions(ctx)
	_, onceErr := s.store.SweepOnceCodes(ctx)
	codeErr := removeAll(ctx, now, s.store.SweepCodes, s.store.SweepMails, s.store.SweepSignInPlaces, s.store.SweepApplications, s.store.SweepGateways, s.store.SweepComponents)
	var chainErr error
	for range sweepSteps {
		if s.chain, chainErr = s.store.SweepChains(ctx, now, s.chain); chainErr != nil || s.chain == 0 {
			break
		}
	}
	return errors.Join(sessionErr, onceErr, codeErr, chainErr)
}
