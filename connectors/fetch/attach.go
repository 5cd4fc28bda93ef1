package fetch

import (
	"context"
	"slices"

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
				mark(m, c.o.Disguised)
			}
		case connectors.IsPermanent(r.Err):
			gone = append(gone, Failed{files[i], r.Err})
			mark(m, c.o.Missing)
		default:
			late = append(late, Failed{files[i], r.Err})
		}
	}
	return gone, late
}

// mark adds a mark once.
func mark(m *message.Message, text string) {
	if text != "" && !slices.Contains(m.Marks, text) {
		m.Marks = append(m.Marks, text)
	}
}
