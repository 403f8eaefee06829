// Command thingward is the server, its operator's tools and its users'
// command line in one program.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/thingward/thingward/internal/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	os.Exit(cli.Main(ctx, os.Args[1:], os.Environ(), os.Stdin, os.Stdout, os.Stderr))
}
