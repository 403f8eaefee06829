package app

import (
	"bufio"
	"bytes"
	"io"
	"log/slog"
	"sync"
	"time"
)

// newLog makes the logger: one line of key=value pairs per record.
func newLog(out io.Writer, level string) (*slog.Logger, *lineBuffer) {
	var least slog.Level
	_ = least.UnmarshalText([]byte(level)) // Config.Check knows the names
	buffer := newLineBuffer(out)
	return slog.New(slog.NewTextHandler(buffer, &slog.HandlerOptions{Level: least})), buffer
}

// lineBuffer gathers log lines, so that a line per request does not cost a
// system call per request. Lines are out within flushEvery; warnings and
// errors at once.
type lineBuffer struct {
	mu   sync.Mutex
	out  *bufio.Writer
	stop chan struct{}
	done chan struct{}
}

const flushEvery = 200 * time.Millisecond

func newLineBuffer(out io.Writer) *lineBuffer {
	b := &lineBuffer{out: bufio.NewWriterSize(out, 64<<10), stop: make(chan struct{}), done: make(chan struct{})}
	go b.run()
	return b
}

func (b *lineBuffer) run() {
	defer close(b.done)
	ticker := time.NewTicker(flushEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			b.flush()
		case <-b.stop:
			b.flush()
			return
		}
	}
}

func (b *lineBuffer) flush() {
	b.mu.Lock()
	defer b.mu.Unlock()
	_ = b.out.Flush()
}

// Write takes one line.
func (b *lineBuffer) Write(line []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	n, err := b.out.Write(line)
	if urgent(line) {
		err = b.out.Flush()
	}
	return n, err
}

// urgent looks for the level, which the handler writes behind the time.
func urgent(line []byte) bool {
	head := line[:min(len(line), 64)]
	return bytes.Contains(head, []byte("level=WARN")) || bytes.Contains(head, []byte("level=ERROR"))
}

func (b *lineBuffer) close() {
	close(b.stop)
	<-b.done
}
