package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"loket/desk/api"
)

// words is for commands that take a text.
type words struct {
	Text *string `placeholder:"TEXT" help:"What is said. Left out, it is read from standard input."`
}

// mostText bounds what is read from standard input; the daemon takes less.
const mostText = 4 << 20

func (c *words) read(w *world) (string, error) {
	if c.Text != nil {
		return *c.Text, nil
	}
	if f, ok := w.in.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			_, _ = fmt.Fprintln(w.err, "type the text; Ctrl-D on a line of its own ends it")
		}
	}
	b, err := io.ReadAll(io.LimitReader(w.in, mostText+1))
	if err != nil {
		return "", misused("read text: %w", err)
	}
	if len(b) > mostText {
		return "", misused("read text: more than %s", size(mostText))
	}
	return strings.TrimRight(string(b), "\r\n"), nil
}

// attached is for commands that take files along.
type attached struct {
	Attach []string `sep:"none" placeholder:"FILE" help:"A file that goes along. May be given several times."`
}

// mostFile bounds one file; the daemon takes less.
const mostFile = 64 << 20

func (c *attached) read() ([]api.File, error) {
	var files []api.File
	for _, path := range c.Attach {
		data, err := readFile(path, mostFile)
		if err != nil {
			return nil, misused("attach: %w", err)
		}
		files = append(files, api.File{Name: filepath.Base(path), Data: data})
	}
	return files, nil
}

func readFile(path string, most int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, most+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > most {
		return nil, fmt.Errorf("%s: more than %s", path, size(most))
	}
	return data, nil
}

type replyCommand struct {
	about
	leased
	words
	attached
	Close   bool   `help:"Close the task with the answer."`
	Outcome string `placeholder:"WORD" help:"How it ended, with --close."`
	Via     string `enum:"same,preferred,private," default:"" placeholder:"WAY" help:"same: where the customer wrote; preferred: where he likes to be answered; private: where only he reads it."`
	Key     string `placeholder:"KEY" help:"Makes a repeat of this answer one answer."`
}

func (c *replyCommand) Run(ctx context.Context, w *world, d *daemon) error {
	if c.Outcome != "" && !c.Close {
		return misused("reply: --outcome needs --close")
	}
	files, err := c.attached.read()
	if err != nil {
		return err
	}
	client, err := d.client(w)
	if err != nil {
		return err
	}
	text, err := c.words.read(w)
	if err != nil {
		return err
	}
	done, err := client.Under(c.Lease).Reply(ctx, c.Task, api.Answer{
		Text: text, Attachments: files, Via: c.Via, Close: c.Close, Outcome: c.Outcome, Key: c.Key,
	})
	if err != nil {
		return err
	}
	if c.JSON {
		return w.printJSON(done)
	}
	p := w.page()
	if done.Task != nil {
		p.brief(done.Task)
	}
	p.printf("answer by %s %s\n", join(done.Channel, recipients("to", done.Channel, done.To)), delivery(&done.Delivery))
	if done.Length != "" {
		p.printf("%s\n", cleanLine(done.Length))
	}
	return nil
}
