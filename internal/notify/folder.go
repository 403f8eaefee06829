package notify

import (
	"context"
	"errors"
	"fmt"
	"io"
	netmail "net/mail"
	"os"
	"path/filepath"
	"strings"

	"github.com/thingward/thingward/internal/domain"
)

// Folder keeps mails as files where there is no server to send them to: one
// .eml each, which mail programs open. Only the owner of the folder reads them.
type Folder struct {
	Path string
	From *netmail.Address
}

// Carry writes a mail into the folder. The same mail has the same file.
func (f *Folder) Carry(_ context.Context, m domain.Mail, r Rendered) (Result, error) {
	message, err := messageOf(f.From, m, r)
	if err != nil {
		return Failed, refusedError{err}
	}
	if err := errors.Join(os.MkdirAll(f.Path, 0o700), os.Chmod(f.Path, 0o700)); err != nil {
		return Failed, unreachableError{fmt.Errorf("outbox folder: %w", err)}
	}
	path := filepath.Join(f.Path, fileName(m))
	if err := write(path+".partial", message); err != nil {
		return Failed, unreachableError{fmt.Errorf("outbox folder: %w", err)}
	}
	if err := os.Rename(path+".partial", path); err != nil {
		return Failed, unreachableError{fmt.Errorf("outbox folder: %w", err)}
	}
	return Kept, nil
}

// write writes a file to the disk, or leaves none.
func write(path string, message io.WriterTo) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = message.WriteTo(file)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

// fileName is made of the time and the Message-ID, so that files stand in the
// order of the mails. Message-IDs of ours hold nothing that leads elsewhere.
func fileName(m domain.Mail) string {
	id, _, _ := strings.Cut(m.MessageID, "@")
	return m.CreatedAt.UTC().Format("20060102-150405") + "-" + filepath.Base(id) + ".eml"
}
