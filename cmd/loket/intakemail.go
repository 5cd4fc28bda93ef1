package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"loket/connectors/email"
	"loket/desk/api"
	"loket/internal/message"
)

// What the API takes of one message.
const (
	mostMailText = 200_000 // bytes
	mostFiles    = 50
)

// mails takes in the mails of a file. One that is refused holds up no other.
func (c *intakeCommand) mails(ctx context.Context, w *world, d *daemon) error {
	if c.Channel != "" || len(c.From) > 0 || c.Name != "" || c.Subject != "" || c.Thread != "" || c.ID != "" || len(c.Attach) > 0 || c.Text != nil {
		return misused("intake: a mail says itself what it is: give --file alone, or with --connector")
	}
	data, err := readInput(w, c.File)
	if err != nil {
		return misuse{fmt.Errorf("read mail: %w", err)}
	}
	client, err := d.client(w)
	if err != nil {
		return err
	}
	var refused []error
	err = email.ReadFile(data, time.Now(), nil, func(l email.Letter) error {
		m := c.mail(l, data)
		m.Agent = client.Agent
		taken, err := client.TakeIn(ctx, m)
		var problem *api.Problem
		if errors.As(err, &problem) && problem.Status < 500 {
			refused = append(refused, fmt.Errorf("%s: %w", c.File, err))
			return nil
		}
		if err != nil {
			return err
		}
		if c.JSON {
			return w.printJSONLine(taken)
		}
		w.page().table(nil, [][]any{{faint.of("Taken in"), taken.ID, m.Subject}})
		return nil
	})
	return errors.Join(append(refused, err)...)
}

// mail is a mail as the API takes it, with the original among its files.
func (c *intakeCommand) mail(l email.Letter, original []byte) api.NewMessage {
	m := l.Message
	n := api.NewMessage{
		ID: m.ID, Channel: "email", Connector: c.Connector, Name: message.Head(m.Name, 200), Subject: message.Head(m.Subject, 300),
		Text: message.Head(m.Text, mostMailText), References: m.References, Own: m.Own, Automatic: m.Automatic.Word(), Language: m.Language,
	}
	if len(m.HTML) <= mostMailText {
		n.HTML = m.HTML
	}
	for _, id := range m.From {
		n.From = append(n.From, id.String())
	}
	if !m.Sent.IsZero() {
		n.Sent = m.Sent.Format(time.RFC3339)
	}
	for i, a := range m.Attachments[:min(len(m.Attachments), mostFiles-1)] {
		n.Attachments = append(n.Attachments, api.File{Name: a.Name, Type: a.Type, Data: l.Files[i].Data})
	}
	if len(m.Raw) > 0 {
		original = m.Raw
	} else if last := l.Files[len(l.Files)-1]; last.Blob == m.RawBlob {
		original = last.Data
	}
	n.Attachments = append(n.Attachments, api.File{Name: "original.eml", Type: "message/rfc822", Data: original})
	if strings.TrimSpace(n.Text) == "" {
		n.Text = "" // its files say it
	}
	return n
}
