package app

import (
	"bufio"
	"bytes"
	"io"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"github.com/thingward/thingward/internal/web"
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
	line []byte // of a request, written anew each time
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

// request writes the line of a request as the handler of the other lines
// would, but without what makes that one general: there is one per request.
func (b *lineBuffer) request(l web.Line) {
	b.mu.Lock()
	defer b.mu.Unlock()
	to := append(b.line[:0], "time="...)
	to = l.At.AppendFormat(to, "2006-01-02T15:04:05.000Z07:00")
	to = append(to, " level=INFO msg=request"...)
	to = appendPair(to, "request", l.Request)
	to = appendPair(to, "method", l.Method)
	to = appendPair(to, "route", l.Route)
	to = strconv.AppendInt(append(to, " status="...), int64(l.Status), 10)
	to = append(append(to, " took="...), l.Took.String()...)
	to = strconv.AppendInt(append(to, " bytes="...), l.Bytes, 10)
	to = appendPair(to, "door", l.Door)
	to = appendPair(to, "user", l.User)
	to = appendPair(to, "credential", l.Credential)
	to = appendPair(to, "code", l.Code)
	if l.Address.IsValid() {
		to = l.Address.AppendTo(append(to, " address="...))
	}
	b.line = append(to, '\n')
	_, _ = b.out.Write(b.line)
}

// appendPair writes a key and a value, quoted where it would be mistaken for
// more than one; an empty value is left out.
func appendPair(to []byte, key, value string) []byte {
	if value == "" {
		return to
	}
	to = append(append(append(to, ' '), key...), '=')
	for i := range len(value) {
		if c := value[i]; c <= ' ' || c >= 0x7f || c == '"' || c == '=' || c == '\\' {
			return strconv.AppendQuote(to, value)
		}
	}
	return append(to, value...)
}

func (b *lineBuffer) close() {
	close(b.stop)
	<-b.done
}
