package app

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// dataLock keeps a second server, and a restore, off a data folder in use.
// The kernel lets go of it when the process ends, however it ends.
type dataLock struct{ file *os.File }

// errDataInUse says that a server runs on the data folder.
var errDataInUse = errors.New("a server is running on this data folder")

func lockData(c Config) (*dataLock, error) {
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	file, err := os.OpenFile(filepath.Join(c.Data, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the data folder: %w", err)
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, errors.Join(fmt.Errorf("%s: %w", c.Data, errDataInUse), file.Close())
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock the data folder: %w", err), file.Close())
	}
	return &dataLock{file}, nil
}

func (l *dataLock) release() { _ = l.file.Close() }
