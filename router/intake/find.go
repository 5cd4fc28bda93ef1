package intake

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"loket/internal/message"
	"loket/router/queue"
	"loket/router/thread"
)

// Warnings for the agent about where a message was put.
const (
	MarkNewParticipant = "new participant" // began nothing here, and had no answer of a person yet
	MarkOthersTask     = "names a task of somebody else"
	MarkLessSure       = "sender less sure than before"
	MarkCopied         = "had a copy of an answer" // and began nothing here: it is not whom the conversation is with
)

// found says where a message belongs.
type found struct {
	message *message.Message     // with its thread, and all that only the thread knows
	related string               // a task that it names and does not belong to
	began   []message.Identifier // who began the thread, where that was looked at
}

// find finds the thread, and fills in what only the thread knows: the customer's page sends bare text. Whoever shows
// to have read a message of a thread, by its token or a reference, is let in, and marked until somebody of ours has
// answered them there: the agent sees that somebody else joined. A number that anybody can write is not enough.
func (in *Intake) find(ctx context.Context, m *message.Message) (found, error) {
	m, err := in.follow(ctx, m)
	if err != nil {
		return found{}, err
	}
	refers := len(m.References) > 0 || m.Own != ""
	if m.Thread != "" && m.Connector != "" && !refers {
		return in.look(ctx, found{message: m})
	}
	full := *m
	f := found{message: &full}
	if m.Thread == "" {
		named, err := in.ticket(ctx, m)
		if err != nil {
			return found{}, err
		}
		full.Thread, f.related = cmp.Or(named.thread, m.ID), named.foreign
	}
	if refers {
		asked := *m
		joined, err := in.threads.Join(ctx, &asked, full.Thread)
		if err != nil {
			return found{}, err
		}
		full.Thread = joined
	}
	if m.Connector == "" {
		th, err := in.threads.Find(ctx, m.Thread)
		if err != nil {
			return found{}, err
		}
		full.Thread, full.Connector, full.Channel, full.Public = th.ID, th.Connector, th.Channel, th.Public
		own := m.Channel != "" && m.Channel == th.Channel
		full.From, full.Name, full.Subject = writers(th, m, own), cmp.Or(th.Name, m.Name), th.Subject
		if th.Absorbed != "" || own && slices.ContainsFunc(m.From, surely) { // whoever has its link did not begin the thread
			return in.look(ctx, f)
		}
		return f, nil
	}
	if f.related != "" && full.Thread == m.ID {
		full.Marks = append(slices.Clone(full.Marks), MarkOthersTask)
	} else {
		f.related = "" // it is in a thread already, for a better reason
	}
	return in.look(ctx, f)
}

// writers are who writes by the link of a thread: whoever has it. Where the channel of the thread took it (own), it is believed who signed in there, and
// what somebody typed comes before what was typed earlier, there or on another device: they may have mistyped it.
func writers(th *thread.Thread, m *message.Message, own bool) []message.Identifier {
	if own && slices.ContainsFunc(m.From, surely) {
		return m.From
	}
	if !own {
		return claimsOf(addresses(th.Given), th.From, m.From)
	}
	given := slices.Clone(th.Given)
	for _, id := range m.From {
		given = append(given, thread.Given{Address: id, At: typed(m)})
	}
	slices.SortStableFunc(given, func(a, b thread.Given) int { return b.At.Compare(a.At) })
	return claimsOf(addresses(given), th.From)
}

func addresses(given []thread.Given) (all []message.Identifier) {
	for _, g := range given {
		all = append(all, g.Address)
	}
	return all
}

// typed is when the addresses that the sender of m claims were typed.
func typed(m *message.Message) time.Time {
	if m.Typed.IsZero() {
		return m.Received
	}
	return m.Typed
}

// noteGiven notes in the thread of placed, what asked became, at which addresses a visitor of the chat can be reached, for what they write on
// another device.
func (in *Intake) noteGiven(ctx context.Context, asked, placed *message.Message) error {
	given := slices.DeleteFunc(slices.Clone(asked.From), surely)
	if placed.Channel != "chat" || asked.Channel != placed.Channel || len(given) == 0 {
		return nil
	}
	return in.threads.Give(ctx, placed.Thread, typed(asked), given)
}

func surely(id message.Identifier) bool { return !id.Claim() }

// follow gives m with the thread that took up what should have begun the one it names.
func (in *Intake) follow(ctx context.Context, m *message.Message) (*message.Message, error) {
	if m.Thread == "" || m.Thread == m.ID || m.Connector == "" {
		return m, nil
	}
	absorber, err := in.threads.Absorber(ctx, m.Thread)
	if err != nil || absorber == "" {
		return m, err
	}
	led := *m
	led.Thread = absorber
	return &led, nil
}

// look marks a message of somebody who did not begin its thread and had no answer of a person in it, and one of somebody
// who only claims to be who surely did. Who took it down, or brought it as a file, changes nothing of that.
func (in *Intake) look(ctx context.Context, f found) (found, error) {
	m := f.message
	if m.Thread == m.ID || len(m.From) == 0 {
		return f, nil
	}
	part, err := in.part(ctx, m.Thread, m.From)
	if err != nil {
		return f, err
	}
	f.began = part.Began
	mark := ""
	switch {
	case !part.In:
		mark = MarkNewParticipant
	case (part.Level == message.Attested || part.Level == message.Proven) &&
		!slices.ContainsFunc(m.From, func(id message.Identifier) bool { return !id.Claim() }):
		mark = MarkLessSure
	case part.Copied:
		mark = MarkCopied
	}
	if mark != "" {
		full := *m
		full.Marks = append(slices.Clone(full.Marks), mark)
		f.message = &full
	}
	return f, nil
}

// part is what the senders have in a thread. Several addresses are several people, and each must take part; what else
// shows who somebody is, such as the id and the number of one telephone, is one person's.
func (in *Intake) part(ctx context.Context, id string, from []message.Identifier) (thread.Part, error) {
	var one []message.Identifier
	var all thread.Part
	for i, w := range from {
		if !w.IsMailbox() || len(from) == 1 {
			one = append(one, w)
			continue
		}
		part, err := in.threads.PartOf(ctx, id, from[i:i+1])
		if err != nil || !part.In {
			return thread.Part{}, err
		}
		all = thread.Part{In: true, Level: max(all.Level, part.Level), Copied: all.Copied || part.Copied}
	}
	if len(one) == 0 {
		return all, nil
	}
	part, err := in.threads.PartOf(ctx, id, one)
	part.Level = max(part.Level, all.Level)
	return part, err
}

// named is what the number of a task leads to: a thread of it that the sender takes part in, or a task that is
// somebody else's.
type named struct{ thread, foreign string }

// ticket follows the number of a task that the sender wrote. A number that is none leads nowhere.
func (in *Intake) ticket(ctx context.Context, m *message.Message) (named, error) {
	if m.Ticket == "" || len(m.From) == 0 {
		return named{}, nil
	}
	number, err := queue.ParseNumber(m.Ticket)
	if err != nil {
		return named{}, nil
	}
	id, err := in.queue.ByNumber(ctx, number)
	if errors.Is(err, queue.ErrNone) {
		return named{}, nil
	}
	if err != nil {
		return named{}, err
	}
	task, err := in.queue.Current(ctx, id)
	if errors.Is(err, queue.ErrNone) {
		return named{}, nil
	}
	if err != nil {
		return named{}, err
	}
	for _, id := range slices.Backward(task.Threads) {
		th, err := in.threads.Find(ctx, id)
		if errors.Is(err, thread.ErrNone) || err == nil && th.Connector != m.Connector {
			continue
		}
		if err != nil {
			return named{}, err
		}
		part, err := in.part(ctx, id, m.From)
		if err != nil {
			return named{}, err
		}
		if part.In {
			return named{thread: id}, nil
		}
	}
	return named{foreign: task.ID}, nil
}
