// Package cli is the command line of loket: a file for each noun and verb.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"loket/cmd/loket/cli/format"
	"loket/config"
)

// A Process is what a command line needs of the process that it runs in.
type Process struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Getenv         func(string) string
	// Serve runs the daemon until ctx ends.
	Serve func(ctx context.Context, d Daemon) error
}

// A Daemon is what loket serve is to run.
type Daemon struct {
	Config         *config.Config
	ConfigPath     string
	Version        string
	Stdout, Stderr io.Writer
}

// The exit codes.
const (
	exitDone  = 0
	exitNo    = 1 // the answer is no: nothing to claim, not found, check failed
	exitUsage = 2 // used wrongly, or the daemon cannot be reached or not let answer
)

// errReported is a no that has been explained to the reader already.
var errReported = errors.New("the answer is no")

// The streams are what a command can see and touch besides the network.
type streams struct {
	in     io.Reader
	out    *output
	err    io.Writer
	colour bool // out is a terminal whose reader wants colours
	env    func(string) string
	from   *configured
	now    func() time.Time
	zone   string // in which people read times, as far as the daemon told
	serve  func(context.Context, Daemon) error
}

// output remembers the first thing that could not be written, so that nobody who prints has to.
type output struct {
	io.Writer
	err error
}

func (o *output) Write(b []byte) (int, error) {
	n, err := o.Writer.Write(b)
	if o.err == nil {
		o.err = err
	}
	return n, err
}

// Run executes one command line. It stops early when ctx ends. Report says what its error means.
func Run(ctx context.Context, args []string, p Process) error {
	w := &streams{
		in: p.Stdin, out: &output{Writer: p.Stdout}, err: p.Stderr, colour: format.Colourful(p.Stdout, p.Getenv), env: p.Getenv, now: time.Now, serve: p.Serve,
	}
	cli := &commands{}
	parser, helped, err := newParser(ctx, cli, w)
	if err != nil {
		panic(err) // a mistake in the grammar
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	w.from = &cli.configured
	parsed, err := parser.Parse(withAliases(args))
	if *helped {
		return nil
	}
	if err != nil {
		return usageError{usageOf(err)}
	}
	err = parsed.Run(w, &cli.daemon, &cli.configured)
	switch {
	case err == nil && w.out.err != nil:
		return fmt.Errorf("print answer: %w", w.out.err)
	case err != nil && ctx.Err() != nil:
		return errReported // who stopped it knows
	}
	return err
}

// Report tells on stderr what the error of Run means, one sentence a line, and gives the exit code for it.
func Report(stderr io.Writer, err error) int {
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errReported):
		return exitNo
	}
	text, code := explain(err)
	warn(stderr, text)
	return code
}

// withAliases reads the words that people try where the grammar has others: loket help reply, loket --version.
func withAliases(args []string) []string {
	switch args[0] {
	case "help":
		return append(slices.Clone(args[1:]), "--help")
	case "--version":
		return append([]string{"version"}, args[1:]...)
	}
	return args
}

// warn tells what is wrong, one sentence a line.
func (w *streams) warn(text string) { warn(w.err, text) }

func warn(stderr io.Writer, text string) {
	for line := range strings.Lines(format.Clean(text)) {
		_, _ = fmt.Fprintf(stderr, "loket: %s\n", strings.TrimRight(line, "\n"))
	}
}

// A usageError is a command line that cannot be carried out as it is.
type usageError struct{ error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

func (m usageError) Unwrap() error { return m.error }

// usageOf is what is wrong with a command line, and where help is.
func usageOf(err error) error {
	about := "loket"
	var wrong *kong.ParseError
	if errors.As(err, &wrong) && wrong.Context != nil && wrong.Context.Selected() != nil {
		about = wrong.Context.Selected().FullPath()
	}
	return fmt.Errorf("%w\nsee %s --help", err, about)
}
