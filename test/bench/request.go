package main

import (
	"strconv"
	"time"
)

// The requests of the measurements, written as bytes without a detour.

func emptyRequest(buf []byte, _, _ int) []byte {
	return append(buf, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"...)
}

func (b *bench) head(buf []byte, method, path string) []byte {
	buf = append(buf, method...)
	buf = append(buf, ' ')
	buf = append(buf, path...)
	buf = append(buf, " HTTP/1.1\r\nHost: "...)
	buf = append(buf, b.server.address...)
	buf = append(buf, "\r\nAuthorization: "...)
	buf = append(buf, b.auth...)
	return append(buf, "\r\n"...)
}

func (b *bench) get(buf []byte, path string) []byte {
	return append(b.head(buf, "GET", path), "\r\n"...)
}

func (b *bench) post(buf []byte, path, contentType string, body []byte) []byte {
	buf = b.head(buf, "POST", path)
	buf = append(buf, "Content-Type: "...)
	buf = append(buf, contentType...)
	buf = append(buf, "\r\nContent-Length: "...)
	buf = strconv.AppendInt(buf, int64(len(body)), 10)
	buf = append(buf, "\r\n\r\n"...)
	return append(buf, body...)
}

func getWhoAmI(b *bench, buf []byte, _, _ int) []byte { return b.get(buf, "/api/v1/users/me") }

func getSensor(b *bench, buf []byte, c, _ int) []byte {
	return b.get(buf, "/api/v1/sensors/"+strconv.Itoa(b.world.Written[c%len(b.world.Written)]))
}

func postOne(b *bench, buf []byte, c, n int) []byte {
	var room [64]byte
	body := append(room[:0], `{"values":{"value":`...)
	body = strconv.AppendFloat(body, float64(n%1000)/10, 'f', 1, 64)
	body = append(body, "}}"...)
	return b.post(buf, b.writtenPath("/api/v1/sensors/", c, "/readings"), "application/json", body)
}

func postForm(b *bench, buf []byte, c, n int) []byte {
	body := strconv.AppendFloat([]byte("value="), float64(n%1000)/10, 'f', 1, 64)
	return b.post(buf, b.writtenPath("/wotkit/api/sensors/", c, "/data"), "application/x-www-form-urlencoded", body)
}

func (b *bench) writtenPath(before string, c int, after string) string {
	return before + strconv.Itoa(b.world.Written[c%len(b.world.Written)]) + after
}

// postHundred sends a hundred readings, a millisecond apart, up to now.
func postHundred(b *bench, buf []byte, c, n int) []byte {
	at := time.Now().UnixMilli() - 100
	body := append(make([]byte, 0, 5000), '[')
	for i := range 100 {
		if i > 0 {
			body = append(body, ',')
		}
		body = append(body, `{"at":`...)
		body = strconv.AppendInt(body, at+int64(i), 10)
		body = append(body, `,"values":{"value":`...)
		body = strconv.AppendFloat(body, float64((n+i)%1000)/10, 'f', 1, 64)
		body = append(body, "}}"...)
	}
	return b.post(buf, b.writtenPath("/api/v1/sensors/", c, "/readings"), "application/json", append(body, ']'))
}

func (b *bench) filledPath(n int, after string) string {
	return "/api/v1/sensors/" + strconv.Itoa(b.world.Filled[n*7919%len(b.world.Filled)]) + after
}

func getLast(b *bench, buf []byte, _, n int) []byte {
	return b.get(buf, b.filledPath(n, "/readings?limit=1000"))
}

func getHourly(b *bench, buf []byte, _, n int) []byte {
	from := time.Now().Add(-minutesOf30Days*time.Minute - time.Hour).UnixMilli()
	return b.get(buf, b.filledPath(n, "/readings/summary?field=value&step=1h&from="+strconv.FormatInt(from, 10)))
}
