package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is a server that runs beside this program.
type process struct {
	cmd     *exec.Cmd
	address string
	ended   chan struct{}
}

// freeAddress asks the kernel for a port on the loopback.
func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	return listener.Addr().String(), nil
}

// start runs a program; its log goes to a file, as it would on a machine.
func start(logName, address, program string, args ...string) (*process, error) {
	log, err := os.OpenFile(logName, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	cmd := exec.Command(program, args...)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &process{cmd: cmd, address: address, ended: make(chan struct{})}
	go func() { _ = cmd.Wait(); close(p.ended) }()
	return p, nil
}

// startEmpty runs this program again as the empty handler, so that the
// yardstick too is a process of its own.
func startEmpty(folder string) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	p, err := start(filepath.Join(folder, "empty.log"), address, self, "--empty", address)
	if err != nil {
		return nil, err
	}
	return p, p.waitFor("/", time.Now())
}

// startThingward starts the server on the data folder and returns when it
// answers.
func (b *bench) startThingward() (*process, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	args := []string{"serve", "--listen", address, "--public-url", "http://" + address, "--data", b.data}
	if b.postgres != "" {
		args = append(args, "--database", b.postgres)
	}
	p, err := start(filepath.Join(b.folder, "server.log"), address, b.binary, append(args, b.serve...)...)
	if err != nil {
		return nil, err
	}
	if err := p.waitFor("/healthz", time.Now()); err != nil {
		log, _ := os.ReadFile(filepath.Join(b.folder, "server.log"))
		return nil, fmt.Errorf("%w\n%s", err, log)
	}
	return p, nil
}

// waitFor asks until there is an answer.
func (p *process) waitFor(path string, began time.Time) error {
	for time.Since(began) < 30*time.Second {
		answer, err := http.Get("http://" + p.address + path)
		if err == nil {
			_ = answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-p.ended:
			return fmt.Errorf("%s ended: %s", p.cmd.Path, p.cmd.ProcessState)
		case <-time.After(time.Millisecond):
		}
	}
	return fmt.Errorf("%s did not answer within 30 s", p.cmd.Path)
}

// stop ends the process cleanly.
func (p *process) stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case <-p.ended:
		return nil
	case <-time.After(20 * time.Second):
		return p.cmd.Process.Kill()
	}
}

// residentMiB reads how much memory the process holds.
func (p *process) residentMiB() (float64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kib, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 64)
			return kib / 1024, err
		}
	}
	return 0, fmt.Errorf("no VmRSS for process %d", p.cmd.Process.Pid)
}

// command runs an operator command on the data folder and decodes what it
// prints.
func (b *bench) command(into any, args ...string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	args = append(args, "--json", "--data", b.data)
	if b.postgres != "" {
		args = append(args, "--database", b.postgres)
	}
	output, err := exec.CommandContext(ctx, b.binary, args...).Output()
	if err != nil {
		if exit, ok := err.(*exec.ExitError); ok {
			return fmt.Errorf("thingward %s: %w: %s", args[0], err, exit.Stderr)
		}
		return err
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(output, into)
}
