package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/zalando/go-keyring"

	"github.com/thingward/thingward/apiclient"
)

// login is what the command line keeps of a sign-in to one server.
type login struct {
	Server       string
	User         string
	Scope        string
	AccessToken  apiclient.Password
	RefreshToken apiclient.Password // empty: there is none, and the login ends with the access token
	ExpiresAt    time.Time          // of the access token
	Revision     int64              // counts how often the login was stored; zero: never
}

// there reports whether there is a login at all.
func (l login) there() bool { return l.Revision > 0 }

// loginJSON is a login as it is stored.
type loginJSON struct {
	Server       string    `json:"server"`
	User         string    `json:"user"`
	Scope        string    `json:"scope"`
	AccessToken  string    `json:"access_token"`
	RefreshToken string    `json:"refresh_token,omitempty"`
	ExpiresAt    time.Time `json:"expires_at"`
	Revision     int64     `json:"revision"`
}

func (l login) encode() ([]byte, error) {
	return json.Marshal(loginJSON{l.Server, l.User, l.Scope, l.AccessToken.Reveal(), l.RefreshToken.Reveal(), l.ExpiresAt.UTC(), l.Revision})
}

func decodeLogin(text []byte) (login, error) {
	var l loginJSON
	if err := json.Unmarshal(text, &l); err != nil {
		return login{}, err
	}
	return login{l.Server, l.User, l.Scope, apiclient.NewPassword(l.AccessToken), apiclient.NewPassword(l.RefreshToken), l.ExpiresAt, l.Revision}, nil
}

// loginStore keeps the login to one server: in the keyring of the operating
// system, and where that takes nothing, in a file that only its owner reads.
type loginStore struct {
	server string
	ring   secretRing // nil: there is none
	folder string
}

// logins returns the store of the login to the server of the connection.
func (t *terminal) logins() (*loginStore, error) {
	folder, err := t.configFolder()
	if err != nil {
		return nil, err
	}
	return &loginStore{server: serverName(t.Server), ring: t.ring(), folder: filepath.Join(folder, "logins")}, nil
}

// serverName brings addresses that mean the same server to one form.
func serverName(address string) string {
	address = strings.TrimRight(address, "/")
	if u, err := url.Parse(address); err == nil {
		u.Scheme, u.Host = strings.ToLower(u.Scheme), strings.ToLower(u.Host)
		return u.String()
	}
	return address
}

// file is named for the server. The escaping keeps two servers apart and
// suits every file system.
func (s *loginStore) file() string {
	return filepath.Join(s.folder, url.QueryEscape(s.server)+".json")
}

// load returns the login, or one that is not there. A keyring that came or
// went may have left two of them: the later one counts.
func (s *loginStore) load() (login, error) {
	found, err := s.loadFile()
	if err != nil || s.ring == nil {
		return found, err
	}
	text, err := s.ring.Get(ringService, s.server)
	switch {
	case err == nil:
		kept, err := decodeLogin([]byte(text))
		if err != nil {
			return login{}, fmt.Errorf("the login in the keyring cannot be read (%w): run thingward logout", err)
		}
		if kept.Revision > found.Revision {
			return kept, nil
		}
	case errors.Is(err, errRingSilent) && !found.there():
		return login{}, err
	}
	return found, nil
}

func (s *loginStore) loadFile() (login, error) {
	text, err := os.ReadFile(s.file())
	if errors.Is(err, fs.ErrNotExist) {
		return login{}, nil
	}
	if err != nil {
		return login{}, fmt.Errorf("read the login: %w", err)
	}
	found, err := decodeLogin(text)
	if err != nil {
		return login{}, fmt.Errorf("the login in %s cannot be read (%w): run thingward logout", s.file(), err)
	}
	return found, nil
}

// save stores the login in the place of the one before. When it returns, the
// login is on the disk.
func (s *loginStore) save(l *login) error {
	l.Server = s.server
	l.Revision++
	text, err := l.encode()
	if err != nil {
		return err
	}
	if s.ring != nil && s.ring.Set(ringService, s.server, string(text)) == nil {
		if err := os.Remove(s.file()); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove the former login: %w", err)
		}
		return nil
	}
	return writePrivate(s.file(), text)
}

// place says where a login is kept now, for people.
func (s *loginStore) place() string {
	if _, err := os.Stat(s.file()); err == nil {
		return s.file()
	}
	return "the keyring"
}

// forget removes the login wherever it is.
func (s *loginStore) forget() error {
	err := os.Remove(s.file())
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	if s.ring == nil {
		return err
	}
	if fault := s.ring.Delete(ringService, s.server); fault != nil && !errors.Is(fault, keyring.ErrNotFound) {
		return errors.Join(err, fmt.Errorf("remove the login from the keyring: %w", fault))
	}
	return err
}

// writePrivate writes a file that only its owner may read. The file of that
// name holds the former content or the new one, never a part.
func writePrivate(file string, content []byte) error {
	folder := filepath.Dir(file)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("make the folder for logins: %w", err)
	}
	partial, err := os.CreateTemp(folder, ".partial-*") // made with mode 0600
	if err != nil {
		return fmt.Errorf("store the login: %w", err)
	}
	defer os.Remove(partial.Name())
	_, err = partial.Write(content)
	if err = errors.Join(err, partial.Sync(), partial.Close()); err == nil {
		err = os.Rename(partial.Name(), file)
	}
	if err != nil {
		return fmt.Errorf("store the login: %w", err)
	}
	return nil
}

// configFolder is where programs keep what belongs to a person (XDG Base
// Directory Specification).
func (t *terminal) configFolder() (string, error) {
	if folder := t.Env["XDG_CONFIG_HOME"]; filepath.IsAbs(folder) {
		return filepath.Join(folder, "thingward"), nil
	}
	if home := t.Env["HOME"]; home != "" {
		return filepath.Join(home, ".config", "thingward"), nil
	}
	return "", errors.New("there is no folder for logins: set HOME or XDG_CONFIG_HOME")
}
