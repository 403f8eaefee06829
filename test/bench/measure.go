package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"
)

// measurement is one row of the table.
type measurement struct {
	name    string
	what    string
	aim     string
	measure func(*bench, measurement) error
	request func(b *bench, buf []byte, c, n int) []byte
	each    int // readings in one request; 0: none
	answer  func(b *bench, c, n int, body []byte) error
}

func (m measurement) answerOf(b *bench) func(int, int, []byte) error {
	if m.answer == nil {
		return nil
	}
	return func(c, n int, body []byte) error { return m.answer(b, c, n, body) }
}

// line is one row as printed.
type line struct{ what, result, ratio, p50, p99, aim string }

// measurements are in the order in which they run: what the size of the store
// matters for comes before what makes it grow.
var measurements = []measurement{
	{name: "whoami", what: "who-am-I with a key", aim: "≥ 0.60", measure: throughput, request: getWhoAmI},
	{name: "sensor", what: "GET of one sensor with a key", aim: "≥ 0.30", measure: throughput, request: getSensor},
	{name: "last", what: "last 1,000 readings of a sensor", aim: "p50 ≤ 3 ms", measure: latency, request: getLast},
	{name: "hourly", what: "hourly means over 30 days of minutes", aim: "p50 ≤ 20 ms", measure: latency, request: getHourly},
	{name: "start", what: "start to first answer", aim: "≤ 300 ms", measure: startUp},
	{name: "idle", what: "memory idle (VmRSS)", aim: "≤ 45 MiB", measure: idle},
	{name: "disk", what: "disk per reading, all files of the store", aim: "", measure: disk},
	{name: "binary", what: "size of the binary", aim: "≤ 30 MB", measure: binary},
	{name: "post", what: "POST of one reading with a key, durable", aim: "≥ 0.18", measure: throughput, request: postOne},
	{name: "form", what: "the same by form at the WoTKit door", aim: "", measure: throughput, request: postForm},
	{name: "batch", what: "100 readings a request, durable", aim: "≥ 50,000 readings/s", measure: throughput, request: postHundred, each: 100},
	{name: "credentials", what: "client_credentials token, durable", aim: "≥ 0.15", measure: throughput, request: postCredentials},
	{name: "introspect", what: "introspection of an access token", aim: "≥ 0.45", measure: introspecting, request: postIntrospection},
	{name: "refresh", what: "refresh with rotation, durable", aim: "≥ 0.08", measure: refreshing, request: postRefresh, answer: keepRefreshToken},
	{name: "restrict", what: "restricting a token by token exchange, durable", aim: "≥ 0.10", measure: restricting, request: postExchange},
	{name: "signed", what: "signed token of The Things Network, durable", aim: "≥ 0.15", measure: signing, request: getGatewayToken},
	{name: "signed", what: "– restricted to an application at its own endpoint", aim: "≥ 0.10", measure: signing, request: postRestriction},
	{name: "signed", what: "– refresh with rotation", aim: "", measure: signing, request: postSignedRefresh, answer: keepSignedRefresh},
	{name: "applications", what: "100,000 end devices of one application: put, durable", aim: "", measure: fillApplications},
	{name: "applications", what: "– the first 50, with their keys", aim: "p50 ≤ 5 ms", measure: ofMany, request: getFirstEndDevices},
	{name: "applications", what: "– the 50 behind 99,000 others", aim: "p50 ≤ 5 ms", measure: ofMany, request: getDeepEndDevices},
	{name: "applications", what: "– one of them by its id", aim: "", measure: ofMany, request: getEndDevice},
	{name: "applications", what: "GET of one application, by an owner of 10", aim: "", measure: ofFew, request: getFewApplication},
	{name: "applications", what: "– by an owner of 10,000", aim: "as by an owner of 10", measure: ofMany, request: getManyApplication},
	{name: "million", what: "1,000,000 live access tokens: issued", aim: "", measure: fillTokens},
	{name: "million", what: "– client_credentials token, durable", aim: "as before ± 20 %", measure: throughput, request: postCredentials},
	{name: "million", what: "– introspection, any of them", aim: "as before ± 20 %", measure: introspecting, request: postIntrospection},
	{name: "million", what: "– refresh with rotation, durable", aim: "as before ± 20 %", measure: refreshing, request: postRefresh, answer: keepRefreshToken},
	{name: "expiry", what: "client_credentials token while 200,000 others are removed", aim: "no stall", measure: whileExpiring},
}

// throughput measures the empty handler and the request in turn.
func throughput(b *bench, m measurement) error {
	var rates, ratios, p50s, p99s []float64
	for range b.rounds {
		base, err := load{address: b.empty.address, connections: b.connections, request: emptyRequest}.run(b.length)
		if err != nil {
			return fmt.Errorf("empty handler: %w", err)
		}
		got, err := load{address: b.server.address, connections: b.connections, request: func(buf []byte, c, n int) []byte { return m.request(b, buf, c, n) }, answer: m.answerOf(b)}.run(b.length)
		if err != nil {
			return err
		}
		rates = append(rates, got.perSecond())
		ratios = append(ratios, got.perSecond()/base.perSecond())
		p50s = append(p50s, milliseconds(got.quantile(0.5)))
		p99s = append(p99s, milliseconds(got.quantile(0.99)))
	}
	result := fmt.Sprintf("%s/s", thousands(median(rates)))
	if m.each > 0 {
		result = fmt.Sprintf("%s readings/s", thousands(median(rates)*float64(m.each)))
	}
	b.lines = append(b.lines, line{m.what, result, fmt.Sprintf("%.2f", median(ratios)),
		fmt.Sprintf("%.2f ms", median(p50s)), fmt.Sprintf("%.2f ms", median(p99s)), m.aim})
	return nil
}

// latency measures one request after the other on one connection.
func latency(b *bench, m measurement) error {
	if len(b.world.Filled) == 0 {
		return fmt.Errorf("the store is empty: --rows")
	}
	var p50s, p99s, rates []float64
	for range b.rounds {
		got, err := load{address: b.server.address, connections: 1, request: func(buf []byte, c, n int) []byte { return m.request(b, buf, c, n) }}.run(b.length)
		if err != nil {
			return err
		}
		rates = append(rates, got.perSecond())
		p50s = append(p50s, milliseconds(got.quantile(0.5)))
		p99s = append(p99s, milliseconds(got.quantile(0.99)))
	}
	b.lines = append(b.lines, line{m.what, fmt.Sprintf("%s/s on one connection", thousands(median(rates))), "",
		fmt.Sprintf("%.2f ms", median(p50s)), fmt.Sprintf("%.2f ms", median(p99s)), m.aim})
	return nil
}

func startUp(b *bench, m measurement) error {
	var times []float64
	for range max(5, b.rounds) {
		if err := b.server.stop(); err != nil {
			return err
		}
		began := time.Now()
		server, err := b.startThingward()
		if err != nil {
			return err
		}
		b.server = server
		times = append(times, milliseconds(time.Since(began)))
	}
	b.lines = append(b.lines, line{m.what, fmt.Sprintf("%.0f ms", median(times)), "", "", "", m.aim})
	return nil
}

// idle measures a server that was just started, answered once and was then
// left alone.
func idle(b *bench, m measurement) error {
	if err := b.server.stop(); err != nil {
		return err
	}
	server, err := b.startThingward()
	if err != nil {
		return err
	}
	b.server = server
	if err := b.call("GET", "/api/v1/users/me", nil, nil); err != nil {
		return err
	}
	time.Sleep(5 * time.Second)
	mib, err := server.residentMiB()
	b.lines = append(b.lines, line{m.what, fmt.Sprintf("%.1f MiB", mib), "", "", "", m.aim})
	return err
}

func disk(b *bench, m measurement) error {
	if b.postgres != "" {
		return nil
	}
	if err := b.server.stop(); err != nil { // the log of writes is folded into the database
		return err
	}
	var bytes int64
	err := filepath.WalkDir(b.data, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			bytes += info.Size()
		}
		return err
	})
	if err != nil {
		return err
	}
	b.lines = append(b.lines, line{m.what, fmt.Sprintf("%.1f bytes (%s MB)", float64(bytes)/float64(b.world.Rows), thousands(float64(bytes)/1e6)), "", "", "", m.aim})
	b.server, err = b.startThingward()
	return err
}

func binary(b *bench, m measurement) error {
	info, err := os.Stat(b.binary)
	if err != nil {
		return err
	}
	b.lines = append(b.lines, line{m.what, fmt.Sprintf("%.1f MB", float64(info.Size())/1e6), "", "", "", m.aim})
	return nil
}

// print writes the table.
func (b *bench) print() {
	base, err := load{address: b.empty.address, connections: b.connections, request: emptyRequest}.run(b.length)
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench: empty handler:", err)
	}
	fmt.Printf("%d connections, %s × %d rounds, %s readings in the store\n\n", b.connections, b.length, b.rounds, thousands(float64(b.world.Rows)))
	fmt.Println("| what | result | × empty handler | p50 | p99 | aim |")
	fmt.Println("|---|---|---|---|---|---|")
	fmt.Printf("| empty `net/http` handler | %s/s | 1.00 | %.2f ms | %.2f ms | |\n", thousands(base.perSecond()),
		milliseconds(base.quantile(0.5)), milliseconds(base.quantile(0.99)))
	for _, l := range b.lines {
		fmt.Printf("| %s | %s | %s | %s | %s | %s |\n", l.what, l.result, l.ratio, l.p50, l.p99, l.aim)
	}
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// thousands prints a whole number with commas.
func thousands(value float64) string {
	text := strconv.FormatInt(int64(value+0.5), 10)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
