package wotkit

import (
	"net/http"
	"strconv"
	"sync"
)

// stream writes an answer of any length through a buffer that is used again.
// Until the buffer is full for the first time nothing has been sent, so that
// an early error can still be answered as one.
type stream struct {
	w           http.ResponseWriter
	contentType string
	buffer      *[]byte
	started     bool
}

const streamBuffer = 32 << 10

var buffers = sync.Pool{New: func() any {
	buffer := make([]byte, 0, streamBuffer+4096)
	return &buffer
}}

func newStream(w http.ResponseWriter, contentType string) *stream {
	return &stream{w: w, contentType: contentType, buffer: buffers.Get().(*[]byte)}
}

// Write adds to the answer.
func (s *stream) Write(part []byte) (int, error) {
	*s.buffer = append(*s.buffer, part...)
	return len(part), s.flushFull()
}

// text adds to the answer.
func (s *stream) text(part string) error {
	*s.buffer = append(*s.buffer, part...)
	return s.flushFull()
}

// flushFull sends the buffer once it is full.
func (s *stream) flushFull() error {
	if len(*s.buffer) < streamBuffer {
		return nil
	}
	s.start()
	_, err := s.w.Write(*s.buffer)
	*s.buffer = (*s.buffer)[:0]
	return err
}

func (s *stream) start() {
	if !s.started {
		s.started = true
		s.w.Header()["Content-Type"] = []string{s.contentType}
		s.w.WriteHeader(http.StatusOK)
	}
}

// end sends what is left, or, after an error, says what can still be done
// about it. The stream cannot be used afterwards.
func (s *stream) end(err error) error {
	defer s.release()
	if err != nil {
		if s.started {
			return &cutShort{err}
		}
		return err
	}
	if !s.started {
		s.w.Header()["Content-Length"] = []string{strconv.Itoa(len(*s.buffer))}
	}
	s.start()
	_, _ = s.w.Write(*s.buffer) // the client is gone: nothing to do about it
	return nil
}

func (s *stream) release() {
	*s.buffer = (*s.buffer)[:0]
	buffers.Put(s.buffer)
	s.buffer = nil
}
