package cli

import (
	"context"
	"time"

	"loket/cmd/loket/cli/format"
	"loket/desk/api"
)

type intakeCommand struct {
	outputFlags
	words
	attached
	Channel   string   `offer:"phone,counter,letter" placeholder:"WORD" help:"How it was said: phone, counter, letter…"`
	From      []string `sep:"none" placeholder:"KIND:VALUE" help:"Who said it: email:kate@example.org, phone:+31201234567. May be given several times."`
	Name      string   `placeholder:"NAME" help:"What they call themselves."`
	Subject   string   `placeholder:"TEXT" help:"What it is about, in a few words."`
	Thread    string   `placeholder:"ID" help:"The thread that it continues."`
	Language  string   `placeholder:"CODE" help:"nl, en…"`
	ID        string   `name:"id" placeholder:"ID" help:"Yours for it: the same again is the same message."`
	File      string   `placeholder:"FILE" type:"file" help:"A mail (.eml), or a mailbox of them (mbox): each is taken in, once however often."`
	Connector string   `placeholder:"NAME" help:"With --file: the mailbox of the configuration to take them in by; left out, the one that each was sent to."`
}

// untilPlaced is how long it is waited for the number of the task.
const untilPlaced = 5 * time.Second

func (c *intakeCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	if c.File != "" {
		return c.mails(ctx, w, d)
	}
	if c.Connector != "" {
		return usagef("intake: --connector goes with --file")
	}
	if c.Channel == "" && c.Thread == "" {
		return usagef("intake: give --channel: phone, counter, letter…")
	}
	client, text, files, err := d.composed(w, c.words, c.attached)
	if err != nil {
		return err
	}
	taken, err := client.TakeIn(ctx, api.NewMessage{
		ID: c.ID, Channel: c.Channel, From: c.From, Name: c.Name, Subject: c.Subject, Text: text, Attachments: files,
		Thread: c.Thread, Language: c.Language, Agent: client.Agent, Wait: untilPlaced,
	})
	if err != nil {
		return err
	}
	if c.JSON {
		return w.printJSON(taken)
	}
	rows := [][]any{{format.Faint.Of("Taken in"), taken.ID}}
	if taken.Task != "" {
		rows = append(rows, []any{format.Faint.Of("Task"), format.Bold.Of("%s", taken.Task)})
	}
	if taken.Thread != "" {
		rows = append(rows, []any{format.Faint.Of("Thread"), taken.Thread})
	}
	w.page().Table(nil, rows)
	return nil
}
