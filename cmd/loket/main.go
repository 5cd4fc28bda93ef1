// Command loket is one counter for every channel: the daemon that brings what customers say to the team that
// answers, and the commands of those who answer.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // who asks twice does not want to wait: the second signal kills
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Getenv))
}

// The exit codes.
const (
	exitDone   = 0
	exitNo     = 1 // the answer is no: nothing to claim, not found, check failed
	exitMisuse = 2 // used wrongly, or the daemon cannot be reached or not let answer
)

// errTold is a no that has been explained on standard output already.
var errTold = errors.New("the answer is no")

// A world is what a command can see and touch besides the network.
type world struct {
	in     io.Reader
	out    *output
	err    io.Writer
	colour bool // out is a terminal whose reader wants colours
	env    func(string) string
	from   *configured
	now    func() time.Time
	zone   string // in which people read times, as far as the daemon told
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

// run executes one command line and gives its exit code. It stops early when ctx ends.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer, env func(string) string) int {
	w := &world{
		in: stdin, out: &output{Writer: stdout}, err: stderr, colour: colourful(stdout, env), env: env, now: time.Now,
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
	parsed, err := parser.Parse(meant(args))
	if *helped {
		return exitDone
	}
	if err != nil {
		w.complain(usageOf(err))
		return exitMisuse
	}
	err = parsed.Run(w, &cli.daemon, &cli.configured)
	switch {
	case err == nil && w.out.err == nil:
		return exitDone
	case err == nil:
		err = fmt.Errorf("print answer: %w", w.out.err)
	case ctx.Err() != nil || errors.Is(err, errTold): // who stopped it knows
		return exitNo
	}
	text, code := explain(err)
	w.complain(text)
	return code
}

// meant reads the words that people try where the grammar has others: loket help reply, loket --version.
func meant(args []string) []string {
	switch args[0] {
	case "help":
		return append(slices.Clone(args[1:]), "--help")
	case "--version":
		return append([]string{"version"}, args[1:]...)
	}
	return args
}

// complain tells what is wrong, one sentence a line.
func (w *world) complain(text string) {
	for line := range strings.Lines(clean(text)) {
		_, _ = fmt.Fprintf(w.err, "loket: %s\n", strings.TrimRight(line, "\n"))
	}
}

// A misuse is a command line that cannot be carried out as it is.
type misuse struct{ error }

func misused(format string, args ...any) error { return misuse{fmt.Errorf(format, args...)} }

func (m misuse) Unwrap() error { return m.error }

// usageOf is what is wrong with a command line, and where help is.
func usageOf(err error) string {
	about, text := "loket", err.Error()
	var wrong *kong.ParseError
	if errors.As(err, &wrong) && wrong.Context != nil && wrong.Context.Selected() != nil {
		about = wrong.Context.Selected().FullPath()
	} else if typed, ok := strings.CutPrefix(text, "unexpected argument "); ok {
		text = "there is no command " + typed
	}
	return fmt.Sprintf("%s\nsee %s --help", text, about)
}
