package notify

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/thingward/thingward/internal/domain"
)

// Outbox keeps mails until they are sent. See the store for what each promises.
type Outbox interface {
	NextMailAt(ctx context.Context) (time.Time, error)
	ClaimMail(ctx context.Context, lease time.Duration) (mail domain.Mail, claimed bool, err error)
	MailSent(ctx context.Context, mail domain.Mail) error
	MailKept(ctx context.Context, mail domain.Mail) error
	MailMissed(ctx context.Context, mail domain.Mail, miss domain.MailMiss) error
}

// Carrier brings a mail away. It returns Sent or Kept, or why it could not.
type Carrier interface {
	Carry(ctx context.Context, m domain.Mail, r Rendered) (Result, error)
}

// Result is what became of an attempt, as the metric names it.
type Result string

// The results. A mail is retried, or failed: it was given up.
const (
	Sent    Result = "sent"
	Kept    Result = "kept" // in the outbox folder
	Retried Result = "retried"
	Failed  Result = "failed"
)

// refusedError says that the server will never take this mail, so that trying
// again is of no use.
type refusedError struct{ error }

func (e refusedError) Unwrap() error { return e.error }

// unreachableError says that no mail can be sent right now.
type unreachableError struct{ error }

func (e unreachableError) Unwrap() error { return e.error }

// Deliverer empties the outbox: each mail at least once, with the same
// Message-ID at every attempt, and by one node at a time.
type Deliverer struct {
	Outbox  Outbox
	Letters *Renderer
	Carrier Carrier
	Observe func(Result)
	Log     *slog.Logger
	Now     func() time.Time
	// FirstRetry is how long the first retry waits, and the longest pause where
	// the server cannot be reached; 0: the usual times. The others double it.
	FirstRetry time.Duration

	pausedUntil time.Time // no mail can be sent before
}

// How mails are retried: after 30 s, 1 min, 2 min … 6 h, for three days. A
// lease is longer than an attempt can take.
const (
	firstRetry  = 30 * time.Second
	slowestTry  = 6 * time.Hour
	giveUpAfter = 3 * 24 * time.Hour
	lease       = 5 * time.Minute
	attemptTime = 2 * time.Minute
	lookAnyway  = time.Minute      // where nobody said that there is a mail
	pause       = 20 * time.Second // for a server that cannot be reached
	lastMinute  = 3 * time.Second  // for an attempt under way when it is told to stop
)

// Run sends what is due until ctx ends. It looks again at once when wake says
// so, and from time to time by itself.
func (d *Deliverer) Run(ctx context.Context, wake <-chan struct{}) {
	for ctx.Err() == nil {
		timer := time.NewTimer(d.work(ctx))
		select {
		case <-ctx.Done():
		case <-wake:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// work sends what is due and returns how long there is nothing to do.
func (d *Deliverer) work(ctx context.Context) time.Duration {
	for ctx.Err() == nil {
		if wait := d.pausedUntil.Sub(d.Now()); wait > 0 {
			return wait
		}
		next, err := d.Outbox.NextMailAt(ctx)
		if wait := next.Sub(d.Now()); err == nil && (next.IsZero() || wait > 0) {
			if next.IsZero() {
				return lookAnyway
			}
			return min(wait, lookAnyway)
		}
		if err == nil {
			err = d.sendOne(ctx)
		}
		if err != nil {
			if ctx.Err() == nil {
				d.Log.Error("outbox", "error", err)
			}
			return pause
		}
	}
	return 0
}

func (d *Deliverer) sendOne(ctx context.Context) error {
	mail, claimed, err := d.Outbox.ClaimMail(ctx, lease)
	if err != nil || !claimed {
		return err
	}
	attempt, cancel := context.WithTimeout(context.WithoutCancel(ctx), attemptTime)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(lastMinute, cancel) })
	defer stop()
	result, err := d.attempt(attempt, mail)
	return d.note(ctx, mail, result, err)
}

func (d *Deliverer) attempt(ctx context.Context, mail domain.Mail) (Result, error) {
	rendered, err := d.Letters.Render(mail)
	if err != nil {
		return Failed, refusedError{err}
	}
	return d.Carrier.Carry(ctx, mail, rendered)
}

// note writes down what became of an attempt. That must not fail because the
// server is being stopped: the mail would be sent twice.
func (d *Deliverer) note(ctx context.Context, mail domain.Mail, result Result, fault error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if fault == nil {
		d.Observe(result)
		if result == Kept {
			return d.Outbox.MailKept(ctx, mail)
		}
		return d.Outbox.MailSent(ctx, mail)
	}
	miss := domain.MailMiss{Fault: faultText(fault), NextTryAt: d.Now().Add(d.retryIn(mail.Tries))}
	result = Retried
	var refused refusedError
	if errors.As(fault, &refused) || d.waited(mail.Tries) >= patienceFor(mail.Kind) {
		miss.NextTryAt, result = time.Time{}, Failed
	}
	var unreachable unreachableError
	if errors.As(fault, &unreachable) {
		d.pausedUntil = d.Now().Add(min(pause, d.firstRetry()))
	}
	d.Observe(result)
	d.Log.Warn("mail not sent", "mail", int64(mail.ID), "kind", string(mail.Kind), "tries", mail.Tries, "result", string(result), "fault", miss.Fault)
	return d.Outbox.MailMissed(ctx, mail, miss)
}

// patienceFor returns how long a mail is worth trying: one with a code no
// longer than the code works.
func patienceFor(kind domain.MailKind) time.Duration {
	if kind == domain.MailResetPassword {
		return domain.ResetCodeLife
	}
	return giveUpAfter
}

// retryIn returns how long to wait after so many tries.
func (d *Deliverer) retryIn(tries int) time.Duration {
	return min(slowestTry, d.firstRetry()<<min(max(tries-1, 0), 16))
}

func (d *Deliverer) firstRetry() time.Duration {
	if d.FirstRetry > 0 {
		return d.FirstRetry
	}
	return firstRetry
}

// waited returns how long a mail has been tried for after so many tries.
func (d *Deliverer) waited(tries int) time.Duration {
	var total time.Duration
	for i := 1; i < tries; i++ {
		total += d.retryIn(i)
	}
	return total
}

// maxFault is how much is kept of what a server said, in bytes.
const maxFault = 300

func faultText(err error) string {
	text, _, _ := strings.Cut(oneLine(err.Error()), ", affected message ID")
	if len(text) > maxFault {
		text = text[:maxFault]
		for !utf8.ValidString(text) {
			text = text[:len(text)-1]
		}
	}
	return text
}
