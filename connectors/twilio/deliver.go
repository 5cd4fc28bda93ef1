package twilio

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"go.uber.org/zap"

	"loket/connectors/fetch"
	"loket/internal/message"
)

// fetchWithin is how long a message waits for its files. Twilio gives a webhook fifteen seconds in all.
const fetchWithin = 8 * time.Second

// deliver fetches the files of a message and hands it over. A message does not wait for a file for long, nor is it
// refused for its sake: one that could not be had in time is marked, its files are remembered, and the reconciler brings
// them as a message of their own into the same conversation.
func (t *Twilio) deliver(ctx context.Context, m *message.Message, files []fetch.File) error {
	late, err := t.fetchAll(ctx, m, files)
	if err != nil {
		return err
	}
	if len(late) > 0 {
		if err := t.remember(ctx, m, late); err != nil {
			return err
		}
		m.Marks = append(m.Marks, MarkLate)
	}
	return t.env.Accept(ctx, m)
}

// fetchAll adds the files to the message that can be had in time, and gives those worth another try.
func (t *Twilio) fetchAll(ctx context.Context, m *message.Message, files []fetch.File) (late []fetch.File, err error) {
	within, cancel := context.WithTimeout(ctx, fetchWithin)
	defer cancel()
	gone, notYet := t.files.Attach(within, m, files)
	for _, f := range gone {
		t.counts.Refused("media", f.Err)
		t.env.Log.Debug("file given up", zap.String("message", m.ID), zap.Error(f.Err))
	}
	for _, f := range notYet {
		t.env.Log.Debug("file not fetched yet", zap.String("message", m.ID), zap.Error(f.Err))
		late = append(late, f.File)
	}
	return late, ctx.Err()
}

// A later is what is brought when the files of a message can be had: a message that says nothing but has them.
type later struct {
	Message *message.Message `json:"message"`
	Files   []fetch.File     `json:"files"`
}

func lateKey(own string) string { return "late:" + own }

// remember notes which files of m are still to come.
func (t *Twilio) remember(ctx context.Context, m *message.Message, files []fetch.File) error {
	l := later{Message: &message.Message{
		ID: t.id(m.Own, "late"), Connector: m.Connector, Channel: m.Channel, From: m.From, To: m.To, Name: m.Name, Subject: m.Subject,
		References: append(slices.Clone(m.References), m.Own), Sent: m.Sent, Automatic: m.Automatic,
	}}
	for i, f := range files {
		f.Blob = fmt.Sprintf("%s/%d", l.Message.ID, i+1)
		l.Files = append(l.Files, f)
	}
	b, err := json.Marshal(l)
	if err != nil {
		return fmt.Errorf("remember files: %w", err)
	}
	if err := t.env.Cursor.Save(ctx, lateKey(m.Own), string(b)); err != nil {
		return fmt.Errorf("remember files: %w", err)
	}
	t.loop.Wake()
	return nil
}

// bringLate brings the files of a message that were late. done tells that there is nothing to come any more.
func (t *Twilio) bringLate(ctx context.Context, own string) (done bool, err error) {
	saved, err := t.env.Cursor.Load(ctx, lateKey(own))
	if err != nil || saved == "" {
		return err == nil, err
	}
	var l later
	if err := json.Unmarshal([]byte(saved), &l); err != nil || l.Message == nil {
		return true, t.env.Cursor.Save(ctx, lateKey(own), "")
	}
	m := l.Message
	late, err := t.fetchAll(ctx, m, l.Files)
	if err != nil {
		return false, err
	}
	if len(late) > 0 && t.now().Sub(m.Sent) < giveUpFiles {
		return false, nil
	}
	if len(late) > 0 {
		m.Marks = append(m.Marks, MarkMissing)
	}
	if len(m.Attachments) == 0 {
		m.Text = "(" + MarkMissing + ")"
	}
	m.Received = t.now().UTC()
	if err := t.env.Accept(ctx, m); err != nil {
		return false, err
	}
	return true, t.env.Cursor.Save(ctx, lateKey(own), "")
}
