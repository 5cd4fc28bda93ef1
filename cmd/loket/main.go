// Command loket is one counter for every channel: the daemon that brings what customers say to the team that
// answers, and the commands of those who answer.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"loket/cmd/loket/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // who asks twice does not want to wait: the second signal kills
	os.Exit(cli.Run(ctx, os.Args[1:], cli.Process{Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv, Serve: serve}))
}
