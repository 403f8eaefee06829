package store

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"github.com/thingward/thingward/internal/domain"
	"github.com/thingward/thingward/internal/secret"
)

// mostDevices is how many devices wait at once: anybody can send one to wait,
// and none waits for long.
const mostDevices = 20_000

// KeepDeviceCode keeps the code of a device that begins to wait. It reports
// false where another device that waits has the same user code: make another.
// Where too many wait already it is TooMany.
func (s *Store) KeepDeviceCode(ctx context.Context, code domain.DeviceCode) (kept bool, err error) {
	network := domain.NetworkOf(code.Address).String()
	err = s.write(ctx, func(tx *Tx) error {
		if err := tx.roomForDevice(code, network); err != nil {
			return err
		}
		var err error
		kept, err = tx.execOne(`INSERT INTO device_codes (hash, user_hash, client_id, query, issued_at, expires_at, pace, polled_at, state, grant_id, scopes, audience, address, network)
			VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 'waiting', 0, '', '', $8, $9) ON CONFLICT DO NOTHING`,
			code.Hash.Bytes(), code.UserHash.Bytes(), code.Client, code.Query, millis(code.IssuedAt), millis(code.ExpiresAt), code.Pace.Milliseconds(), addressText(code.Address), network)
		if err != nil {
			return fmt.Errorf("keep device code: %w", err)
		}
		return nil
	})
	return kept, err
}

// roomForDevice refuses a device where too many of its client wait in its
// network, or too many at all.
func (tx *Tx) roomForDevice(code domain.DeviceCode, network string) error {
	var beside, all int
	err := tx.queryRow(`SELECT (SELECT COUNT(*) FROM device_codes WHERE client_id = $1 AND network = $2 AND state = 'waiting' AND expires_at > $3),
		(SELECT COUNT(*) FROM (SELECT 1 FROM device_codes WHERE expires_at > $3 ORDER BY expires_at LIMIT $4) AS counted)`,
		code.Client, network, millis(code.IssuedAt), mostDevices).Scan(&beside, &all)
	if err != nil {
		return fmt.Errorf("devices that wait: %w", err)
	}
	if beside >= domain.MaxDeviceCodes || all >= mostDevices {
		return &domain.Error{Kind: domain.TooMany, Code: "too_many_devices", RetryIn: 60,
			Message: "Too many devices wait for an answer already. Answer one, or wait until their codes expire."}
	}
	return nil
}

const selectDeviceCode = `SELECT hash, user_hash, client_id, query, issued_at, expires_at, pace, polled_at, state, grant_id, scopes, audience, address FROM device_codes`

func scanDeviceCode(r row) (domain.DeviceCode, error) {
	var c domain.DeviceCode
	var hash, userHash []byte
	var scopes, address string
	var issued, expires, pace, polled int64
	err := r.Scan(&hash, &userHash, &c.Client, &c.Query, &issued, &expires, &pace, &polled, &c.State, &c.Grant, &scopes, &c.Audience, &address)
	if err != nil {
		return domain.DeviceCode{}, err
	}
	c.Hash, c.UserHash = secret.HashFrom(hash), secret.HashFrom(userHash)
	c.IssuedAt, c.ExpiresAt, c.PolledAt = fromMillis(issued), fromMillis(expires), fromMillis(polled)
	c.Pace = time.Duration(pace) * time.Millisecond
	c.Address, _ = netip.ParseAddr(address) // empty where it was not known
	if c.Scopes, err = domain.ParseScopes(scopes); err != nil {
		return domain.DeviceCode{}, fmt.Errorf("stored scopes of a device code: %w", err)
	}
	return c, nil
}

// WaitingDevice returns the code of the device that shows the user code. One
// that is unknown, answered or expired is NotFound.
func (s *Store) WaitingDevice(ctx context.Context, userHash secret.Hash) (domain.DeviceCode, error) {
	code, err := scanDeviceCode(s.queryRow(ctx, selectDeviceCode+` WHERE user_hash = $1 AND state = 'waiting' AND expires_at > $2`, userHash.Bytes(), millis(s.now())))
	if err != nil {
		return domain.DeviceCode{}, notFound(err, "device_code_not_found", "No device waits with this code.")
	}
	return code, nil
}

// allowDevice answers a device with yes, once: of any number of answers, the
// first counts, and the others are undone with all that belongs to them.
func (tx *Tx) allowDevice(yes domain.DeviceYes, grant domain.GrantID) error {
	allowed, err := tx.execOne(`UPDATE device_codes SET state = 'allowed', grant_id = $1, scopes = $2, audience = $3
		WHERE hash = $4 AND state = 'waiting' AND expires_at > $5`, grant, yes.Scopes.String(), yes.Audience, yes.Hash.Bytes(), millis(tx.s.now()))
	if err != nil {
		return fmt.Errorf("allow device: %w", err)
	}
	if !allowed {
		return deviceOver()
	}
	return nil
}

// DenyDevice answers a device with no. One that has its answer, or whose code
// expired, is a Conflict (device_over).
func (s *Store) DenyDevice(ctx context.Context, hash secret.Hash, event domain.AuditEvent) error {
	return s.write(ctx, func(tx *Tx) error {
		denied, err := tx.execOne(`UPDATE device_codes SET state = 'denied' WHERE hash = $1 AND state = 'waiting' AND expires_at > $2`, hash.Bytes(), millis(tx.s.now()))
		if err != nil {
			return fmt.Errorf("deny device: %w", err)
		}
		if !denied {
			return deviceOver()
		}
		return tx.audit(event)
	})
}

func deviceOver() error {
	return domain.Errorf(domain.Conflict, "device_over", "The device waits no more: it was answered already, or its code expired. Start again there, and enter the new code.")
}

// PollDevice notes that a device asks, and returns how its code stands. A poll
// that comes before the pace of the code allows is early, and makes the pace
// slower from then on (RFC 8628 §3.5). A code that is unknown, or another
// client's, is NotFound, and nothing changes.
func (s *Store) PollDevice(ctx context.Context, poll domain.DevicePoll) (code domain.DeviceCode, early bool, err error) {
	code, err = s.deviceCode(ctx, poll)
	if err != nil || !code.Waiting(poll.At) {
		return code, false, err
	}
	if code.Pace > domain.DeviceCodeLife { // too slow to ever be kept: a flood of polls writes no more
		return code, true, nil
	}
	err = s.write(ctx, func(tx *Tx) (err error) {
		if early, err = tx.poll(poll); err != nil {
			return err
		}
		code, err = scanDeviceCode(tx.queryRow(selectDeviceCode+` WHERE hash = $1`, poll.Hash.Bytes()))
		return err
	})
	return code, early, err
}

func (s *Store) deviceCode(ctx context.Context, poll domain.DevicePoll) (domain.DeviceCode, error) {
	code, err := scanDeviceCode(s.queryRow(ctx, selectDeviceCode+` WHERE hash = $1 AND client_id = $2`, poll.Hash.Bytes(), poll.Client))
	if err != nil {
		return domain.DeviceCode{}, notFound(err, "device_code_not_found", "There is no such device code.")
	}
	return code, nil
}

// poll notes the time of a poll of a device that waits. It reports whether
// that was early.
func (tx *Tx) poll(poll domain.DevicePoll) (early bool, err error) {
	inTime, err := tx.execOne(`UPDATE device_codes SET polled_at = $1
		WHERE hash = $2 AND state = 'waiting' AND (polled_at = 0 OR polled_at + pace <= $3)`,
		millis(poll.At), poll.Hash.Bytes(), millis(poll.At.Add(domain.DevicePaceGrace)))
	if err != nil {
		return false, fmt.Errorf("poll of a device: %w", err)
	}
	if inTime {
		return false, nil
	}
	early, err = tx.execOne(`UPDATE device_codes SET polled_at = $1, pace = pace + $2 WHERE hash = $3 AND state = 'waiting'`,
		millis(poll.At), domain.DevicePaceStep.Milliseconds(), poll.Hash.Bytes())
	if err != nil {
		return false, fmt.Errorf("slow a device down: %w", err)
	}
	return early, nil // answered meanwhile: then it does not matter how early
}

// RedeemDevice hands a device what it was allowed and stores what came of it.
// To all but the first it reports false. What the first got stays: to ask
// again is the nature of a poll, and proves no theft.
func (s *Store) RedeemDevice(ctx context.Context, hash secret.Hash, chain domain.Chain, token domain.AccessToken) (redeemed bool, err error) {
	_, generation, _ := s.caches.tokens.get(token.Hash)
	scopes := token.Scopes.String()
	err = s.write(ctx, func(tx *Tx) (err error) {
		redeemed, err = tx.execOne(`UPDATE device_codes SET state = 'redeemed' WHERE hash = $1 AND state = 'allowed' AND expires_at > $2`,
			hash.Bytes(), millis(chain.StartedAt))
		if err != nil {
			return fmt.Errorf("redeem device code: %w", err)
		}
		if !redeemed {
			return nil
		}
		if err := tx.insertChain(chain); err != nil {
			return err
		}
		return tx.insertToken(token, scopes)
	})
	if err == nil && redeemed {
		s.holdToken(token, scopes, generation)
	}
	return redeemed, err
}

// deviceKept is how long a code is kept after it expired, so that a device
// which polls late learns that it did.
const deviceKept = time.Hour

// SweepDeviceCodes deletes the codes of devices that expired a while ago, as many
// as fit into one short commit, and says how many.
func (s *Store) SweepDeviceCodes(ctx context.Context, now time.Time) (int64, error) {
	return s.sweep(ctx, sweepTexts{
		bound: `SELECT COALESCE((SELECT expires_at FROM device_codes WHERE expires_at < $1 ORDER BY expires_at LIMIT 1 OFFSET $2), (SELECT MAX(expires_at) FROM device_codes WHERE expires_at < $1), 0)`,
		clear: `DELETE FROM device_codes WHERE expires_at <= $1`,
	}, millis(now.Add(-deviceKept)))
}
