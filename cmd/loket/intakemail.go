package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
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
	mostOwn      = 300      // bytes of a Message-ID
	mostMail     = 24 << 20 // bytes of all files: a third more in base64, and the text, make a request of 32 MB
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
	if err := c.knows(ctx, client); err != nil {
		return err
	}
	var refused []error
	err = email.ReadFile(data, time.Now(), nil, func(l email.Letter) error {
		m, err := c.mail(l)
		if err != nil {
			refused = append(refused, fmt.Errorf("%s: %w", c.File, err))
			return nil
		}
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

// knows asks whether there is such a mailbox: answers would leave from nowhere. Who may not ask is believed.
func (c *intakeCommand) knows(ctx context.Context, client *api.Client) error {
	if c.Connector == "" {
		return nil
	}
	status, err := client.Status(ctx)
	if err != nil || slices.ContainsFunc(status.Connectors, func(s api.ConnectorStatus) bool { return s.Name == c.Connector }) {
		return nil
	}
	return misused("--connector: the daemon has none called %q", c.Connector)
}

// mail is a mail as the API takes it, with the original among its files. Of a large one the original alone goes along, or
// only what is attached to it.
func (c *intakeCommand) mail(l email.Letter) (api.NewMessage, error) {
	m := l.Message
	n := api.NewMessage{
		ID: m.ID, Channel: "email", Connector: c.Connector, Name: message.Head(m.Name, 200), Subject: message.Head(m.Subject, 300),
		Text: message.Head(m.Text, mostMailText), References: m.References, Own: m.Own, Automatic: m.Automatic.Word(), Language: m.Language,
	}
	if len(n.Own) > mostOwn {
		n.Own, n.References = "", append(slices.Clone(n.References), n.Own) // its answers find it all the same
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
	attached := 0
	for i, a := range m.Attachments {
		n.Attachments = append(n.Attachments, api.File{Name: a.Name, Type: a.Type, Data: l.Files[i].Data})
		attached += len(l.Files[i].Data)
	}
	raw := original(l)
	whole := api.File{Name: "original.eml", Type: "message/rfc822", Data: raw}
	switch n.Attachments = n.Attachments[:min(len(n.Attachments), mostFiles-1)]; {
	case len(raw) == 0:
		return n, errors.New("there is nothing in it")
	case attached+len(raw) <= mostMail:
		n.Attachments = append(n.Attachments, whole)
	case len(raw) <= mostMail:
		n.Attachments = []api.File{whole}
	case attached > mostMail:
		return n, fmt.Errorf("is too large: the files of one message may have %s together", size(mostMail))
	}
	if strings.TrimSpace(n.Text) == "" {
		n.Text = "" // its files say it
	}
	return n, nil
}

// original is the mail as it came.
func original(l email.Letter) []byte {
	if l.Message.RawBlob == "" {
		return l.Message.Raw
	}
	return l.Files[len(l.Files)-1].Data
}
