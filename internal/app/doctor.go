package app

import (
	"context"
	"fmt"
	"os"
	"syscall"

	"github.com/thingward/thingward/internal/secret"
)

// Check is one finding of the doctor.
type Check struct {
	Name   string
	OK     bool
	Detail string // what was found, and what to do where it is not OK
}

// leastFree is how much disk space the doctor wants to see.
const leastFree = 500 << 20 // bytes

// examine checks all that a running Thingward stands on.
func examine(ctx context.Context, s *server, _ nothing) ([]Check, error) {
	checks := []Check{
		s.examineFolder(),
		s.examineServerKey(),
		s.examineDisk(),
		check("database answers", s.store.Ping(ctx), s.store.Kind()),
		check("database is sound", s.store.Examine(ctx), "no damage found"),
		s.examineSealed(ctx),
		s.examineSigningKeys(ctx),
		s.examineAdministrators(ctx),
		s.examineMail(ctx),
		check("configuration", s.config.Check(), s.config.baseURL()),
	}
	return checks, nil
}

func check(name string, err error, fine string) Check {
	if err != nil {
		return Check{Name: name, Detail: err.Error()}
	}
	return Check{Name: name, OK: true, Detail: fine}
}

func (s *server) examineFolder() Check {
	info, err := os.Stat(s.config.Data)
	if err == nil && info.Mode().Perm()&0o077 != 0 {
		err = fmt.Errorf("others may look into %s: chmod 700 %s", s.config.Data, s.config.Data)
	}
	return check("data folder", err, s.config.Data)
}

func (s *server) examineServerKey() Check {
	_, err := secret.LoadServerKey(s.config.serverKeyFile())
	return check("server key", err, s.config.serverKeyFile())
}

func (s *server) examineDisk() Check {
	var disk syscall.Statfs_t
	err := syscall.Statfs(s.config.Data, &disk)
	free := disk.Bavail * uint64(disk.Bsize)
	if err == nil && free < leastFree {
		err = fmt.Errorf("only %d MiB are free; make room before writes fail", free>>20)
	}
	return check("disk space", err, fmt.Sprintf("%d MiB free", free>>20))
}

// examineSealed opens some sealed passwords and secrets: with another server
// key than the one they were sealed under, nobody can view them.
func (s *server) examineSealed(ctx context.Context) Check {
	if s.keys.Sealer == nil {
		return Check{Name: "viewable secrets", OK: true, Detail: "switched off: nothing is kept"}
	}
	opened := 0
	var err error
	for _, examine := range []func(context.Context) (int, error){s.keys.ExamineSealed, s.clients.ExamineSealed, s.devices.ExamineSealed, s.applications.ExamineSealed} {
		var some int
		if some, err = examine(ctx); err != nil {
			err = fmt.Errorf("%w; start with the server key that made them, or rotate those keys and secrets", err)
			break
		}
		opened += some
	}
	return check("viewable secrets", err, fmt.Sprintf("%d of the newest open with this server key", opened))
}

func (s *server) examineAdministrators(ctx context.Context) Check {
	users, err := listUsers(ctx, s, nothing{})
	if err == nil {
		err = fmt.Errorf("nobody administers this Thingward: thingward users create NAME --email E --admin --data %s", s.config.Data)
		for _, user := range users {
			if user.Admin && !user.Suspended {
				err = nil
			}
		}
	}
	return check("administrator", err, fmt.Sprintf("%d users, an administrator among them", len(users)))
}
