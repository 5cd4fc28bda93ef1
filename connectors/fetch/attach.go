package fetch

import (
	"cmp"
	"context"
	"errors"
	"time"

	"loket/connectors"
	"loket/internal/message"
)

// A Failed is a file that could not be had.
type Failed struct {
	File
	Err error
}

// Attach fetches files and adds those that came to m, in their order. A message is not held up for a file, so one that can't
// be had for good leaves a mark, and is among gone. Those among late are worth another try.
func (c *Client) Attach(ctx context.Context, m *message.Message, files []File) (gone, late []Failed) {
	for i, r := range c.All(ctx, files) {
		switch {
		case r.Err == nil:
			m.Attachments = append(m.Attachments, r.Attachment)
			if r.Disguised {
				m.Mark(c.o.Disguised)
			}
		case connectors.IsPermanent(r.Err):
			gone = append(gone, Failed{files[i], r.Err})
			m.Mark(c.o.Missing)
		default:
			late = append(late, Failed{files[i], r.Err})
		}
	}
	return gone, late
}

// AttachUntil is Attach for a vendor that brings what is not acknowledged again: a file that is late is an error until an
// instant, and given up after it. What our own store does not take is an error for as long as that lasts.
func (c *Client) AttachUntil(ctx context.Context, m *message.Message, files []File, until time.Time) error {
	return c.AttachWhile(ctx, m, files, func(context.Context) (bool, error) { return time.Now().Before(until), nil })
}

// FromFirstTry is what AttachWhile asks for a message that comes again and again: it waits from its first try on, however long it was on
// its way, and for wait altogether, in whatever process. once is that of the connector's cursor; the message is known for known. The shorter
// of two memories is asked first, so that who dies between them lets the message wait once more, and does not end the waiting.
func FromFirstTry(once func(ctx context.Context, key string, keep time.Duration) (bool, error), id string, wait, known time.Duration) func(context.Context) (bool, error) {
	return func(ctx context.Context) (bool, error) {
		fresh, err := once(ctx, "file:"+id, wait)
		if err != nil || !fresh {
			return true, err
		}
		return once(ctx, "waited:"+id, known)
	}
}

// AttachWhile is AttachUntil for who does not know the instant beforehand: waits is asked when a file is late, once, and tells
// whether it is an error yet. An error of waits is one.
func (c *Client) AttachWhile(ctx context.Context, m *message.Message, files []File, waits func(context.Context) (bool, error)) error {
	within, cancel := c.before(ctx)
	defer cancel()
	gone, late := c.Attach(within, m, files)
	if len(late) > 0 {
		if wait, err := waits(ctx); err != nil || wait {
			return cmp.Or(err, late[0].Err)
		}
	}
	for _, f := range late {
		if errors.Is(f.Err, ErrNotStored) && within.Err() == nil || ctx.Err() != nil {
			return f.Err
		}
		m.Mark(c.o.Missing)
	}
	for _, f := range append(gone, late...) {
		if c.o.GaveUp != nil {
			c.o.GaveUp(f.Err)
		}
	}
	return nil
}

// before is ctx without what is reserved.
func (c *Client) before(ctx context.Context) (context.Context, context.CancelFunc) {
	if end, ok := ctx.Deadline(); ok {
		return context.WithDeadline(ctx, end.Add(-c.o.Reserve))
	}
	return context.WithCancel(ctx)
}
