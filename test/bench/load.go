package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"sync"
	"time"
)

// load is what one connection after the other sends: request writes the whole
// HTTP/1.1 request number n of connection c into buf.
type load struct {
	address     string
	connections int
	request     func(buf []byte, c, n int) []byte
	answer      func(c, n int, body []byte) error // looks at answers; nil: nobody does
}

// outcome is what a load measured.
type outcome struct {
	requests int
	took     time.Duration
	times    []time.Duration // sorted
}

func (o outcome) perSecond() float64 { return float64(o.requests) / o.took.Seconds() }

func (o outcome) quantile(q float64) time.Duration {
	if len(o.times) == 0 {
		return 0
	}
	return o.times[int(q*float64(len(o.times)-1))]
}

// run sends requests over keep-alive connections until the time is over. Any
// answer but 2xx is an error: a fast refusal must not count as speed.
func (l load) run(length time.Duration) (outcome, error) {
	var group sync.WaitGroup
	parts := make([]outcome, l.connections)
	errs := make([]error, l.connections)
	began := time.Now()
	for c := range l.connections {
		group.Go(func() { parts[c], errs[c] = l.one(c, began.Add(length)) })
	}
	group.Wait()
	total := outcome{took: time.Since(began)}
	for _, part := range parts {
		total.requests += part.requests
		total.times = append(total.times, part.times...)
	}
	slices.Sort(total.times)
	return total, errors.Join(errs...)
}

// one drives a connection: it writes a request, reads its answer, and again.
func (l load) one(c int, end time.Time) (outcome, error) {
	conn, err := net.Dial("tcp", l.address)
	if err != nil {
		return outcome{}, err
	}
	defer conn.Close()
	reader := bufio.NewReaderSize(conn, 64<<10)
	part := outcome{times: make([]time.Duration, 0, 1<<16)}
	var buf []byte
	for now := time.Now(); now.Before(end); part.requests++ {
		buf = l.request(buf[:0], c, part.requests)
		if _, err := conn.Write(buf); err != nil {
			return part, fmt.Errorf("connection %d, request %d: %w", c, part.requests, err)
		}
		if err := l.read(reader, c, part.requests); err != nil {
			return part, fmt.Errorf("connection %d, request %d: %w", c, part.requests, err)
		}
		then := time.Now()
		part.times = append(part.times, then.Sub(now))
		now = then
	}
	return part, nil
}

// read reads one answer, and shows its body to whoever wants it.
func (l load) read(r *bufio.Reader, c, n int) error {
	if l.answer == nil {
		return readAnswer(r, nil)
	}
	return readAnswer(r, func(body []byte) error { return l.answer(c, n, body) })
}

var (
	lengthName  = []byte("content-length:")
	chunkedLine = []byte("transfer-encoding: chunked")
)

// readAnswer reads one answer to its end and shows its body, which is valid
// until the next read. It allocates nothing where all is well.
func readAnswer(r *bufio.Reader, show func(body []byte) error) error {
	line, err := r.ReadSlice('\n')
	if err != nil {
		return err
	}
	status := 0
	if len(line) > 12 {
		status, _ = strconv.Atoi(string(line[9:12]))
	}
	length, chunked := 0, false
	for {
		if line, err = r.ReadSlice('\n'); err != nil {
			return err
		}
		line = bytes.TrimRight(line, "\r\n")
		switch {
		case len(line) == 0:
			return readBody(r, status, length, chunked, show)
		case len(line) > len(lengthName) && bytes.EqualFold(line[:len(lengthName)], lengthName):
			length, err = strconv.Atoi(string(bytes.TrimSpace(line[len(lengthName):])))
			if err != nil {
				return err
			}
		case bytes.EqualFold(line, chunkedLine):
			chunked = true
		}
	}
}

func readBody(r *bufio.Reader, status, length int, chunked bool, show func(body []byte) error) error {
	if status < 200 || status > 299 {
		body, _ := r.Peek(min(length, 300))
		return fmt.Errorf("answer %d: %s", status, body)
	}
	if show != nil {
		body, err := r.Peek(length) // tokens fit into the reader's buffer
		if err == nil && !chunked {
			err = show(body)
		}
		if err != nil {
			return err
		}
	}
	if !chunked {
		_, err := r.Discard(length)
		return err
	}
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return err
		}
		size, err := strconv.ParseInt(string(bytes.TrimSpace(line)), 16, 64)
		if err != nil {
			return err
		}
		if _, err := io.CopyN(io.Discard, r, size+2); err != nil {
			return err
		}
		if size == 0 {
			return nil
		}
	}
}
