// Command loket is one counter for every channel: the daemon that brings what customers say to the team that
// answers, and the commands of those who answer.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"

	"loket/cmd/loket/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // who asks twice does not want to wait: the second signal kills
	err := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	os.Exit(cli.Report(os.Stderr, err))
}

// run executes one command line.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	return cli.Run(ctx, args, cli.Process{Stdin: stdin, Stdout: stdout, Stderr: stderr, Getenv: os.Getenv, Serve: serve})
}
