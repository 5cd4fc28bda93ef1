package desk

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"loket/internal/field"
	"loket/internal/message"
	"loket/router/queue"
	"loket/router/thread"
)

// How much of a conversation is shown at once: so many messages, and as stored so many bytes of each thread. The rest is a page for itself.
const (
	MessagesShown = 50
	maxShownBytes = 8 << 20
)

// How much of a thread is looked through for the messages of one task, which may share it with others: at most so many messages at once.
const (
	lookedThrough = 200
	looksThrough  = 20
)

// A stretch is a part of what was said in a task: its newest messages before a position, in all threads.
type stretch struct {
	said []said // the newest first
	from thread.Position
	more bool // there are older ones, before from
}

type said struct {
	*message.Message
	holds bool // it was placed in the task itself
}

func (s said) at() thread.Position { return thread.PositionOf(s.Message) }

// stretch reads what was said in a task before a position, at most limit messages.
func (d *Desk) stretch(ctx context.Context, t *queue.Task, before thread.Position, limit int) (*stretch, error) {
	s := &stretch{}
	for _, id := range t.Threads {
		found, from, more, err := d.ofThread(ctx, t, id, before, limit)
		if err != nil {
			return nil, err
		}
		s.said = append(s.said, found...)
		if more && from.Compare(s.from) > 0 { // what stands before it in other threads comes later
			s.from = from
		}
		s.more = s.more || more
	}
	slices.SortFunc(s.said, func(a, b said) int { return b.at().Compare(a.at()) })
	if s.more {
		s.said = slices.DeleteFunc(s.said, func(m said) bool { return m.at().Compare(s.from) < 0 })
	}
	s.cut(limit)
	return s, nil
}

// cut leaves the newest limit messages, with what belongs to the oldest of them.
func (s *stretch) cut(limit int) {
	n := min(limit, len(s.said))
	for n < len(s.said) && !s.said[n].holds {
		n++
	}
	if n < len(s.said) {
		s.said, s.more = s.said[:n], true
		s.from = s.said[n-1].at()
	}
}

// ofThread are the newest messages of a task in one of its threads before a position, the newest first, and the position from which on
// there are no others. Before the first stands what one of us wrote in the channel's own app after the task before was over: it began
// what the task goes on with.
func (d *Desk) ofThread(ctx context.Context, t *queue.Task, id string, before thread.Position, limit int) (found []said, from thread.Position, more bool, err error) {
	from = before
	held, follows, most := 0, false, limit+1
	for range looksThrough {
		entries, older, err := d.threads.Older(ctx, id, from, most, maxShownBytes)
		if err != nil || len(entries) == 0 {
			return found, from, false, err
		}
		for _, e := range slices.Backward(entries) {
			holds := t.Holds(e.Task)
			if holds && held == limit {
				return found, from, true, nil
			}
			if follows = holds || follows && elsewhere(e.Message); follows {
				found = append(found, said{e.Message, holds})
			}
			if holds {
				held++
			}
			from = thread.PositionOf(e.Message)
		}
		if full := len(entries) < most && len(found) > 0; full || !older {
			return found, from, older, nil
		}
		most = lookedThrough
	}
	return found, from, true, nil
}

// elsewhere tells whether a message is one of ours that did not come from the desk.
func elsewhere(m *message.Message) bool {
	return m.Direction == message.Out && m.Automatic == message.ByPerson && m.Agent == ""
}

// cursor names the position before which the older messages stand; "" when there are none.
func (s *stretch) cursor() string {
	if !s.more {
		return ""
	}
	return strconv.FormatInt(s.from.At, 36) + "-" + s.from.ID
}

func readPosition(cursor string) (thread.Position, error) {
	if cursor == "" {
		return thread.Position{}, nil
	}
	at, id, ok := strings.Cut(cursor, "-")
	ms, err := strconv.ParseInt(at, 36, 64)
	if !ok || err != nil || id == "" || len(id) > MaxID {
		return thread.Position{}, field.Errorf("before", "must be what an answer of this task gives as older")
	}
	return thread.Position{At: ms, ID: id}, nil
}

// messages are those of a stretch of the task, and our answers that are still on their way there.
func (d *Desk) messages(ctx context.Context, t *queue.Task, v *Task, before thread.Position) error {
	s, err := d.stretch(ctx, t, before, MessagesShown)
	if err != nil {
		return err
	}
	v.Messages, v.Older, v.Until = []Message{}, s.cursor(), instant(before.At)
	if s.more {
		v.Since = instant(s.from.At)
	}
	ours := slices.Clone(t.Sending)
	var last *message.Message
	for _, m := range slices.Backward(s.said) {
		v.Messages = append(v.Messages, Message{Message: m.Message, Task: t.ID})
		last = later(last, m.Message)
		if m.Direction == message.Out && !slices.Contains(ours, m.ID) {
			ours = append(ours, m.ID)
		}
	}
	if err := d.deliveries(ctx, t, v, ours); err != nil {
		return err
	}
	v.Messages = slices.DeleteFunc(v.Messages, func(m Message) bool { return !s.holds(m.Message, before) })
	inOrder(v.Messages)
	v.followSubject()
	if !before.IsZero() {
		return nil
	}
	v.Seen = seenOf(t)
	v.LastWriter, err = d.writer(ctx, t, last)
	return err
}

// holds tells whether a message belongs to the stretch before a position, as all do that it read.
func (s *stretch) holds(m *message.Message, before thread.Position) bool {
	at := thread.PositionOf(m)
	return (before.IsZero() || at.Compare(before) < 0) && (!s.more || at.Compare(s.from) >= 0)
}

// inOrder sorts messages as they came.
func inOrder(list []Message) {
	slices.SortStableFunc(list, func(a, b Message) int {
		return cmp.Or(a.Received.Compare(b.Received), cmp.Compare(a.ID, b.ID))
	})
}

// AddOlder puts all that was said before into a task that is shown.
func (d *Desk) AddOlder(ctx context.Context, v *Task) error {
	for v.Older != "" {
		before, err := readPosition(v.Older)
		if err != nil {
			return err
		}
		older := &Task{Card: v.Card}
		if err := d.messages(ctx, v.Card, older, before); err != nil {
			return err
		}
		v.Messages, v.Older = append(older.Messages, v.Messages...), older.Older
	}
	return nil
}
