package fetch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.uber.org/zap"

	"loket/connectors"
	"loket/internal/message"
)

// Late hands messages over that do not wait for their files for long, nor are refused for their sake: files that could not be
// had in time are remembered, and brought later as a message of their own into the same conversation. Its methods may be called
// concurrently.
type Late struct {
	Client *Client
	Env    connectors.Env
	// Within is how long a message waits, but for what the client reserves. GiveUp is after when a file that can't be had is given up,
	// from when the message was sent, or with FromFirst from when its files were first tried.
	Within, GiveUp time.Duration
	FromFirst      bool
	// Mark is for messages whose files are still to come.
	Mark string
	// Key names a message to Awaited and Bring; nil is its Own, which it has then.
	Key func(m *message.Message) string
	// Remembered is called when there are files of a message to be brought, GaveUp with why one never comes. Without the former there is no message.
	Remembered func(ctx context.Context, key string) error
	GaveUp     func(err error)
	Now        func() time.Time
}

// Deliver fetches the files of a message and hands it over. whole tells that none of them is still to come.
func (l *Late) Deliver(ctx context.Context, m *message.Message, files []File) (whole bool, err error) {
	late, _, err := l.fetch(ctx, m, files)
	if err != nil {
		return false, err
	}
	if len(late) > 0 {
		if err := l.remember(ctx, m, late); err != nil {
			return false, err
		}
		m.Marks = append(m.Marks, l.Mark)
	}
	return len(late) == 0, l.Env.Accept(ctx, m)
}

// fetch adds the files to the message that can be had in time, and gives those worth another try. full tells that there was time, and our own
// store did not take one.
func (l *Late) fetch(ctx context.Context, m *message.Message, files []File) (late []File, full bool, err error) {
	all, cancel := l.Client.before(ctx)
	defer cancel()
	within, cancel := context.WithTimeout(all, l.Within)
	defer cancel()
	gone, notYet := l.Client.Attach(within, m, files)
	for _, f := range gone {
		l.GaveUp(f.Err)
		l.Env.Log.Debug("file given up", zap.String("message", m.ID), zap.Error(f.Err))
	}
	for _, f := range notYet {
		l.Env.Log.Debug("file not fetched yet", zap.String("message", m.ID), zap.Error(f.Err))
		late = append(late, f.File)
		full = full || errors.Is(f.Err, ErrNotStored) && within.Err() == nil
	}
	return late, full, ctx.Err()
}

// A later message is what is brought: one that says nothing but has the files.
type later struct {
	Message *message.Message `json:"message"`
	Files   []File           `json:"files"`
	Since   time.Time        `json:"since,omitzero"` // of the first try
}

func lateKey(key string) string { return "late:" + key }

// remember notes which files of m are still to come.
func (l *Late) remember(ctx context.Context, m *message.Message, files []File) error {
	key := m.Own
	if l.Key != nil {
		key = l.Key(m)
	}
	one := later{Since: l.Now().UTC(), Message: &message.Message{
		ID: message.NewID([]byte(m.ID), []byte("late")), Connector: m.Connector, Channel: m.Channel, From: m.From, To: m.To, Name: m.Name,
		Subject: m.Subject, References: append(slices.Clone(m.References), m.Own), Sent: m.Sent, Automatic: m.Automatic, Public: m.Public,
	}}
	for i, f := range files {
		f.Blob = fmt.Sprintf("%s/%d", one.Message.ID, i+1)
		one.Files = append(one.Files, f)
	}
	if err := connectors.Keep(ctx, l.Env.Cursor, lateKey(key), one); err != nil {
		return fmt.Errorf("remember files: %w", err)
	}
	return l.Remembered(ctx, key)
}

// Awaited tells whether files of a message are still to come.
func (l *Late) Awaited(ctx context.Context, key string) (bool, error) {
	saved, err := l.Env.Cursor.Load(ctx, lateKey(key))
	return saved != "", err
}

// Bring brings the files of a message that were late. done tells that there is nothing to come any more.
func (l *Late) Bring(ctx context.Context, key string) (done bool, err error) {
	var one later
	found, err := connectors.Recall(ctx, l.Env.Cursor, lateKey(key), &one)
	switch {
	case errors.Is(err, connectors.ErrUnreadable), found && one.Message == nil:
		return true, l.Env.Cursor.Save(ctx, lateKey(key), "")
	case err != nil || !found:
		return err == nil, err
	}
	m := one.Message
	late, full, err := l.fetch(ctx, m, one.Files)
	if err != nil {
		return false, err
	}
	since := m.Sent
	if l.FromFirst {
		since = one.Since
	}
	if len(late) > 0 && (full || l.Now().Sub(since) < l.GiveUp) {
		return false, nil
	}
	if len(late) > 0 {
		m.Marks = append(m.Marks, l.Client.o.Missing)
	}
	if len(m.Attachments) == 0 {
		m.Text = "(" + l.Client.o.Missing + ")"
	}
	m.Received = l.Now().UTC()
	if err := l.Env.Accept(ctx, m); err != nil {
		return false, err
	}
	return true, l.Env.Cursor.Save(ctx, lateKey(key), "")
}
