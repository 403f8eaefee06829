package app

import (
	"fmt"
	"net"
	"time"
)

// steadyListener gives up on clients that take no part of an answer for
// longer than its patience. A whole answer may take as long as it likes: an
// export over a slow line is no attack.
type steadyListener struct {
	net.Listener
	patience time.Duration
}

// writePatience is how long a client may leave an answer unread.
const writePatience = time.Minute

// Accept waits for the next connection.
func (l steadyListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err // net/http looks at its type
	}
	return &steadyConn{Conn: conn, patience: l.patience}, nil
}

type steadyConn struct {
	net.Conn
	patience time.Duration
	until    time.Time // the deadline in force
}

// steadyPiece is how many bytes a client must take within the patience.
const steadyPiece = 16 << 10

// Write writes piece by piece, each with patience of its own.
func (c *steadyConn) Write(all []byte) (written int, err error) {
	for {
		if now := Now(); c.until.Sub(now) < c.patience/2 {
			c.until = now.Add(c.patience)
			if err := c.SetWriteDeadline(c.until); err != nil {
				return written, fmt.Errorf("write deadline: %w", err)
			}
		}
		piece := all[written:min(len(all), written+steadyPiece)]
		n, err := c.Conn.Write(piece)
		if written += n; err != nil || written >= len(all) {
			return written, err // as it is: net/http and crypto/tls look at its type
		}
	}
}
