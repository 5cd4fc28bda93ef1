package cli

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"loket/cmd/loket/cli/format"
	"loket/desk/api"
	"loket/internal/body"
)

// words is for commands that take a text.
type words struct {
	Text *string `placeholder:"TEXT" help:"What is said. Left out, it is read from standard input."`
}

// maxText bounds what is read from standard input; the daemon takes less.
const maxText = 4 << 20

func (c *words) read(w *streams) (string, error) {
	if c.Text != nil {
		return inUTF8(*c.Text)
	}
	if f, ok := w.in.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			_, _ = fmt.Fprintln(w.err, "type the text; Ctrl-D on a line of its own ends it")
		}
	}
	b, err := io.ReadAll(io.LimitReader(w.in, maxText+1))
	if err != nil {
		return "", usagef("read text: %w", err)
	}
	if len(b) > maxText {
		return "", usagef("read text: more than %s", format.Size(maxText))
	}
	text, err := inUTF8(string(b))
	return strings.TrimRight(text, "\r\n"), err
}

// inUTF8 gives a text in UTF-8, as it is or as a mark before it says. Another charset would lose its letters on the way to the
// customer.
func inUTF8(text string) (string, error) {
	b, err := io.ReadAll(body.Charset{}.Reader(strings.NewReader(text)))
	if err != nil {
		return "", usagef("the text must be UTF-8; iconv -f windows-1252 -t utf-8 makes it so")
	}
	return string(b), nil
}

// attached is for commands that take files along.
type attached struct {
	Attach []string `sep:"none" placeholder:"FILE" help:"A file that goes along. May be given several times."`
}

// maxFile bounds one file; the daemon takes less.
const maxFile = 64 << 20

func (c *attached) read() ([]api.File, error) {
	var files []api.File
	for _, path := range c.Attach {
		data, err := readFile(path, maxFile)
		if err != nil {
			return nil, usagef("attach: %w", err)
		}
		files = append(files, api.File{Name: filepath.Base(path), Data: data})
	}
	return files, nil
}

func readFile(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("%s: more than %s", path, format.Size(limit))
	}
	return data, nil
}

type replyCommand struct {
	about
	leased
	looking
	words
	attached
	All     bool     `help:"By mail: a copy to everybody else who wrote or got what is answered."`
	To      []string `sep:"none" placeholder:"ADDRESS" help:"By mail: to this address instead. May be given several times."`
	Cc      []string `sep:"none" placeholder:"ADDRESS" help:"By mail: a copy to this address. May be given several times."`
	Without []string `sep:"none" placeholder:"ADDRESS" help:"Not to this address of those whom it would go to. May be given several times."`
	Close   bool     `help:"Close the task with the answer."`
	Outcome string   `placeholder:"WORD" help:"How it ended, with --close."`
	Via     string   `enum:"same,preferred,private," default:"" placeholder:"WAY" help:"same: where the customer wrote; preferred: where they like to be answered; private: where only they read it."`
	Key     string   `placeholder:"KEY" help:"Makes a repeat of this answer one answer."`
}

// composed gives what a person says with a command: the client to say it by, the words and the files. The words are read
// last, from standard input if need be: nothing is typed in vain.
func (d *daemon) composed(w *streams, say words, with attached) (*api.Client, string, []api.File, error) {
	files, err := with.read()
	if err != nil {
		return nil, "", nil, err
	}
	client, err := d.client(w)
	if err != nil {
		return nil, "", nil, err
	}
	text, err := say.read(w)
	return client, text, files, err
}

func (c *replyCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	if c.Outcome != "" && !c.Close {
		return usagef("reply: --outcome needs --close")
	}
	client, text, files, err := d.composed(w, c.words, c.attached)
	if err != nil {
		return err
	}
	key := cmp.Or(c.Key, rand.Text())
	var done *api.Answered
	err = sendUntilKnown(ctx, w, key, func() (err error) {
		done, err = client.Under(c.Lease).Knowing(c.Seen, c.Anyway).Reply(ctx, c.Task, api.Answer{
			Text: text, Attachments: files, Via: c.Via, Close: c.Close, Outcome: c.Outcome, Key: key,
			All: c.All, To: c.To, Cc: c.Cc, Without: c.Without,
		})
		return err
	})
	if err != nil {
		c.giveBack(w, text, err)
		return err
	}
	return c.answered(w, done)
}

type answeredCommand struct {
	about
	leased
	looking
	words
	By      string `required:"" offer:"phone,visit,letter,mail,app" placeholder:"WAY" help:"How the customer was answered: phone, visit, letter…"`
	Close   bool   `help:"Close the task with it."`
	Outcome string `placeholder:"WORD" help:"How it ended, with --close."`
	Key     string `placeholder:"KEY" help:"Makes a repeat of this one answer."`
}

func (c *answeredCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	if c.Outcome != "" && !c.Close {
		return usagef("answered: --outcome needs --close")
	}
	client, err := d.client(w)
	if err != nil {
		return err
	}
	text, err := c.words.read(w)
	if err != nil {
		return err
	}
	key := cmp.Or(c.Key, rand.Text())
	var done *api.Task
	err = sendUntilKnown(ctx, w, key, func() (err error) {
		done, err = client.Under(c.Lease).Knowing(c.Seen, c.Anyway).AnsweredOtherwise(ctx, c.Task, api.Otherwise{
			By: c.By, Text: text, Close: c.Close, Outcome: c.Outcome, Key: key,
		})
		return err
	})
	if err != nil {
		c.giveBack(w, text, err)
		return err
	}
	return c.result(w, done, nil, func(p *page) { p.brief(done) })
}

// answered prints what became of an answer.
func (c *about) answered(w *streams, done *api.Answered) error {
	if c.JSON {
		return w.printJSON(done)
	}
	p := w.page()
	if done.Task != nil {
		p.brief(done.Task)
	} else {
		p.Printf("Done, but the task could not be read: see loket show %s\n", format.CleanLine(c.Task))
	}
	whom := join(done.Channel, recipients("to", done.Channel, done.To), recipients("with a copy to", done.Channel, done.Cc))
	p.Printf("answer by %s %s\n", whom, p.delivery(&done.Delivery))
	if done.ToOthers {
		p.Printf("%s\n", format.Red.Of("the customer has no answer by it"))
	}
	if len(done.Newcomers) > 0 {
		p.Printf("%s\n", format.Red.Of("it goes to %s, who did not begin this conversation", format.CleanLine(strings.Join(done.Newcomers, ", "))))
	}
	if done.Length != "" {
		p.Printf("%s\n", format.CleanLine(done.Length))
	}
	return nil
}

// sendTries is how often an answer is handed to a daemon that may have taken it, or may soon. Its key makes that one answer.
const sendTries = 4

// sendUntilKnown hands over what has that key until it is known what became of it.
func sendUntilKnown(ctx context.Context, w *streams, key string, hand func() error) error {
	for try := 1; ; try++ {
		err := hand()
		if err == nil || !unsure(err) {
			return err
		}
		if try == sendTries || ctx.Err() != nil {
			_, _ = fmt.Fprintf(w.err, "It may have been taken all the same. To try again without saying it twice: --key %s\n", key)
			return err
		}
		select {
		case <-time.After(retryPause << try):
		case <-ctx.Done():
		}
	}
}

// unsure tells whether nobody knows what became of a call: the daemon could not say, or was gone before it did.
func unsure(err error) bool {
	var dialling *net.OpError
	if errors.As(err, &dialling) && dialling.Op == "dial" {
		return false // it was not reached
	}
	var broken *url.Error
	return isAway(err) || errors.As(err, &broken) || errors.Is(err, io.ErrUnexpectedEOF)
}

// giveBack prints a text that was typed, or read from a pipe, and may be nowhere else: it was not kept as a draft. Any text
// that the daemon says it gives back is printed.
func (c *words) giveBack(w *streams, text string, err error) {
	problem := &api.Problem{}
	_ = errors.As(err, &problem)
	if text == "" || problem.Draft != "" || c.Text != nil && problem.Text == "" {
		return
	}
	p := w.page()
	p.Out = w.err
	p.Printf("%s\n", format.Faint.Of("your text, for you to keep:"))
	p.Block("", text)
}
