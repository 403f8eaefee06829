package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/thingward/thingward/internal/domain"
)

// controlSocket is the file in the data folder through which commands reach
// the server that runs there. Whoever may open it may do everything, as
// whoever may read the database could.
const controlSocket = "control.sock"

// listenControl opens the socket. The data lock is held, so a socket that is
// there was left behind by a process that is gone.
func listenControl(path string) (net.Listener, error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("control socket: %w", err)
	}
	socket, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("control socket: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("control socket: %w", err), socket.Close())
	}
	return socket, nil
}

// controlAnswer is the answer to an operation.
type controlAnswer struct {
	Result json.RawMessage `json:"result,omitempty"`
	Error  string          `json:"error,omitempty"`
}

// controlHandler runs operations: POST /NAME with the arguments as JSON.
func (s *server) controlHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /backup", func(w http.ResponseWriter, r *http.Request) {
		if err := s.store.Backup(r.Context(), w); err != nil {
			s.log.Error("backup", "error", err)
			panic(http.ErrAbortHandler) // the reader must see that it is cut short
		}
	})
	mux.HandleFunc("POST /{name}", func(w http.ResponseWriter, r *http.Request) {
		do, ok := operations[r.PathValue("name")]
		if !ok {
			writeControl(w, nil, errors.New("this server does not know that command: it may be older than the program that asks"))
			return
		}
		in, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
		if err != nil {
			writeControl(w, nil, err)
			return
		}
		result, err := do(r.Context(), s, in)
		writeControl(w, result, err)
	})
	return mux
}

func writeControl(w http.ResponseWriter, result any, err error) {
	var answer controlAnswer
	if err == nil {
		answer.Result, err = json.Marshal(result)
	}
	if err != nil {
		answer = controlAnswer{Error: plainly(err).Error()}
	}
	_ = json.NewEncoder(w).Encode(answer)
}

// plainly drops what was put, for the log, around an error that is meant for
// people.
func plainly(err error) error {
	var known *domain.Error
	if errors.As(err, &known) && known.Kind != domain.Internal {
		return known
	}
	return err
}

// controlClient reaches a running server.
type controlClient struct{ http *http.Client }

// dialControl returns nil where no server answers.
func dialControl(ctx context.Context, c Config) *controlClient {
	path := filepath.Join(c.Data, controlSocket)
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{Timeout: 2 * time.Second}).DialContext(ctx, "unix", path)
	}
	probe, err := dial(ctx, "", "")
	if err != nil {
		return nil
	}
	_ = probe.Close()
	return &controlClient{&http.Client{Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true}}}
}

func (c *controlClient) call(ctx context.Context, name string, in []byte, out any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://control/"+name, bytes.NewReader(in))
	if err != nil {
		return fmt.Errorf("control: %w", err)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return unanswered(err)
	}
	defer response.Body.Close()
	var answer controlAnswer
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return fmt.Errorf("answer of the running server: %w", err)
	}
	if answer.Error != "" {
		return errors.New(strings.TrimSpace(answer.Error))
	}
	return json.Unmarshal(answer.Result, out)
}

// unanswered leaves out the URL, which means nothing on the control socket and
// would be taken for the address of a server.
func unanswered(err error) error {
	var request *url.Error
	if errors.As(err, &request) {
		err = request.Err
	}
	return fmt.Errorf("the server that runs on this data folder ended before it answered: %w", err)
}

func (c *controlClient) backup(ctx context.Context, to io.Writer) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://control/backup", nil)
	if err != nil {
		return fmt.Errorf("control: %w", err)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return unanswered(err)
	}
	defer response.Body.Close()
	if _, err := io.Copy(to, response.Body); err != nil {
		return fmt.Errorf("backup from the running server: %w", err)
	}
	return nil
}
