// Command bench measures the hot paths of a built thingward on one machine,
// against an empty net/http handler under the same load in the same run. It
// prints a table and writes nothing by itself; BENCHMARKS.md says how to read
// it.
//
//	go run ./test/bench --binary bin/thingward --rows 10000000
package main

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// bench is one run with its settings.
type bench struct {
	binary      string
	postgres    string
	data        string // data folder of the server under test
	folder      string // logs
	rounds      int
	length      time.Duration
	connections int
	rows        int
	only        []string
	serve       []string // more flags for the server

	empty   *process
	server  *process
	world   world
	network network
	signed  signed
	auth    string // the Authorization header of every request
	lines   []line

	mu     sync.Mutex
	tokens []string   // live access tokens of the client
	chains [][]string // per connection: the next refresh token of each of its chains
}

func main() {
	if len(os.Args) == 3 && os.Args[1] == "--empty" {
		fmt.Fprintln(os.Stderr, http.ListenAndServe(os.Args[2], http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})))
		os.Exit(1)
	}
	b := &bench{}
	flag.StringVar(&b.binary, "binary", "bin/thingward", "the built program")
	flag.StringVar(&b.postgres, "postgres", "", "URL of an empty PostgreSQL database (empty: SQLite)")
	flag.StringVar(&b.data, "data", "", "data folder to fill, or filled by an earlier run (empty: a temporary one)")
	flag.IntVar(&b.rounds, "rounds", 3, "rounds; medians are printed")
	flag.DurationVar(&b.length, "duration", 3*time.Second, "length of one measurement")
	flag.IntVar(&b.connections, "connections", 16, "keep-alive connections")
	flag.IntVar(&b.rows, "rows", 1_000_000, "readings in the store before it is measured")
	only := flag.String("only", "", "measure only these, commas between: "+strings.Join(names(), ","))
	serve := flag.String("serve", "", "more flags for the server, such as --metrics-listen=127.0.0.1:9100 to take profiles")
	flag.Parse()
	b.serve = strings.Fields(*serve)
	if *only != "" {
		b.only = strings.Split(*only, ",")
	}
	if err := b.run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func (b *bench) run() error {
	folder, err := os.MkdirTemp("", "thingward-bench.")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	b.folder = folder
	if b.data == "" {
		b.data = filepath.Join(folder, "data")
	}
	if b.empty, err = startEmpty(folder); err != nil {
		return err
	}
	defer b.empty.stop()
	if err := b.prepare(); err != nil {
		return err
	}
	defer func() { _ = b.server.stop() }()
	for _, m := range measurements {
		if len(b.only) > 0 && !slices.Contains(b.only, m.name) {
			continue
		}
		fmt.Fprintln(os.Stderr, "bench: measuring", m.name)
		if err := m.measure(b, m); err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
	}
	b.print()
	return nil
}

func names() []string {
	var list []string
	for _, m := range measurements {
		list = append(list, m.name)
	}
	return list
}
