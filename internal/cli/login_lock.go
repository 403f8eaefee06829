package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// lockPatience is how long a command waits for another one that renews the
// same login.
const lockPatience = 45 * time.Second

// locked calls the function while no other process changes the login. Two that
// renew it at once would each hold what the other made useless.
func (s *loginStore) locked(ctx context.Context, do func() error) error {
	if err := os.MkdirAll(s.folder, 0o700); err != nil {
		return fmt.Errorf("make the folder for logins: %w", err)
	}
	file, err := os.OpenFile(filepath.Join(s.folder, ".lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("lock the login: %w", err)
	}
	defer file.Close() // which lets go of the lock
	waiting, cancel := context.WithTimeout(ctx, lockPatience)
	defer cancel()
	if err := waitForLock(waiting, file); err != nil {
		if ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
			return errors.New("another thingward has been renewing the login for long; try again")
		}
		return fmt.Errorf("lock the login: %w", err)
	}
	return do()
}

func waitForLock(ctx context.Context, file *os.File) error {
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil || !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			return err
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
