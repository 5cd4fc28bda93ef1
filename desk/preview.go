package desk

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"loket/desk/access"
	"loket/internal/field"
	"loket/internal/message"
	"loket/router/queue"
	"loket/router/thread"
)

// A Preview says what an answer would do.
type Preview struct {
	Via       string
	To, Cc    []message.Identifier
	Connector string
	Channel   string
	Public    bool   // everybody can read it
	ToOthers  bool   // the customer would have no answer by it
	Length    string // how the channel cuts the text, in words, or how much of its longest text that is; "" when it takes any whole
	// Window is until when the channel takes free texts; nil where it always does.
	Window *Window
	// Refusal is why it would not be taken, in words; "" when it would.
	Refusal string
}

// Preview tells what an answer would do, and changes nothing. Whether the person holds the task, and was shown all that was said, is not
// looked at. Files count by their name, type and size.
func (d *Desk) Preview(ctx context.Context, by access.Actor, ref string, a Answer) (*Preview, error) {
	whom, err := a.Whom.read()
	err = errors.Join(err, viaMistake(a.Via), LongMistake("text", a.Text, MaxText), LongMistake("html", a.HTML, MaxText))
	if err != nil {
		return nil, err
	}
	t, err := d.find(ctx, by.Principal, ref)
	if err != nil {
		return nil, err
	}
	return d.preview(ctx, t, a, whom)
}

func (d *Desk) preview(ctx context.Context, t *queue.Task, a Answer, whom asked) (*Preview, error) {
	p := &Preview{Via: a.Via}
	if p.Via == "" {
		p.Via = ViaSame
	}
	m, th, err := d.letter(ctx, t, a, whom)
	if wrong := (*field.Error)(nil); errors.As(err, &wrong) {
		p.Refusal = wrong.Reason
		return p, nil
	}
	if err != nil {
		return nil, err
	}
	p.say(m, th)
	if w, limited := d.window(m.Connector, m); limited {
		p.Window = &w
	}
	for _, f := range a.Attachments {
		m.Attachments = append(m.Attachments, message.Attachment{Name: f.Name, Type: f.Type, Size: f.Length()})
	}
	if strings.TrimSpace(m.Text) != "" {
		p.Length = cmp.Or(d.measure(m.Connector, m), d.room(m.Connector, m))
	} else if len(m.Attachments) == 0 {
		m.Text = "…" // what is not written yet is no reason to refuse it
	}
	if err := d.canReply(m.Connector, m); err != nil {
		p.Refusal = err.Error()
	}
	return p, nil
}

func (p *Preview) say(m *message.Message, th *thread.Thread) {
	p.To, p.Cc, p.Connector, p.Channel, p.Public, p.ToOthers = m.To, m.Cc, m.Connector, m.Channel, th.Public, m.ToOthers
}

func viaMistake(via string) error {
	if slices.Contains([]string{"", ViaSame, ViaPreferred, ViaPrivate}, via) {
		return nil
	}
	return field.Errorf("via", "must be same, preferred or private, not %q", via)
}

// ways are those that an answer to a task may go, the usual first: where the customer wrote, where they like to be answered if that is
// elsewhere, where only they read it if the conversation is public. One that is refused is told with its refusal if it is the usual,
// else left out.
func (d *Desk) ways(ctx context.Context, t *queue.Task) ([]*Preview, error) {
	usual, err := d.preview(ctx, t, Answer{}, asked{})
	if err != nil {
		return nil, err
	}
	ways := []*Preview{usual}
	for _, via := range []string{ViaPreferred, ViaPrivate} {
		if via == ViaPrivate && !usual.Public {
			continue
		}
		p, err := d.preview(ctx, t, Answer{Via: via}, asked{})
		if err != nil {
			return nil, err
		}
		another := !slices.ContainsFunc(ways, func(w *Preview) bool { return w.Connector == p.Connector && slices.EqualFunc(w.To, p.To, same) })
		if p.Refusal == "" && another {
			ways = append(ways, p)
		}
	}
	return ways, nil
}
