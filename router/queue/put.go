package queue

import (
	"cmp"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"loket/internal/message"
	"loket/internal/store"
	"loket/router"
)

//go:embed scripts/put.lua
var putSource string

var putScript = store.NewScript("put", putSource)

// A Put delivers one message of a customer into the task it was placed in.
type Put struct {
	Task    string // id of the task; it is made when it is not there
	Message *message.Message
	Thread  string
	// The decision that was recorded with the placing, when it was made, and whether for what nobody waits for an answer to.
	// A zero Decided forbids making the task.
	Decision router.Decision
	Decided  time.Time
	Machine  bool
	// Priority is what the message would have in a task of its own, and Band the place of that; "" is unknown.
	Priority string
	Band     int
	// Prior is the closed task that this one follows, if any.
	Prior string
}

// PutResult says what Put did.
type PutResult string

// What Put can answer.
const (
	PutCreated PutResult = "created"
	PutJoined  PutResult = "joined"
	PutKnown   PutResult = "known"  // delivered before; nothing was done
	PutClosed  PutResult = "closed" // too long ago to reopen, or as nothing but a note: place the message again, naming this task
	PutStale   PutResult = "stale"  // the task is gone and the decision too old to make it: place again
)

// Put delivers a message once: it begins the task, or refreshes the one that is there (the start of the wait, and with it the
// due time, only get earlier, the last message only later). Doing it again answers PutKnown.
func (q *Queue) Put(ctx context.Context, p Put) (PutResult, error) {
	answer, err := q.begin(ctx, &p)
	if err != nil {
		return "", fmt.Errorf("put message %s: %w", p.Message.ID, err)
	}
	switch kind := answer[0].(string); kind {
	case "known":
		return PutKnown, nil
	case "stale": // not in the store, and its decision is old: it may be archived
		if back, err := q.Restore(ctx, p.Task); err != nil {
			return "", fmt.Errorf("put message %s: %w", p.Message.ID, err)
		} else if !back {
			return PutStale, nil
		}
	case "created":
		return PutCreated, nil
	}
	res, err := q.join(ctx, &p)
	if err != nil {
		return "", fmt.Errorf("put message %s: %w", p.Message.ID, err)
	}
	return res, nil
}

// begin runs put.lua, which makes the task if it is not there.
func (q *Queue) begin(ctx context.Context, p *Put) ([]any, error) {
	t := q.firstTask(p)
	if t.Lane != "" && !q.teams.Answers(t.Team, t.person()) { // the decision is older than the people
		t.Lane = ""
	}
	q.settle(t, instant(t.Created))
	place, score := laneKey(t.Team, t.Lane), t.urgency()
	if t.State == Closed {
		place, score = closedKey(t.Team), -t.ClosedAt
	}
	keys := []string{tasksKey, deliveredKey, eventsKey, numberKey, numbersKey, place, allKey(t.Team), place, timersKey}
	if t.Lane != "" {
		keys[7] = personalKey(t.Team)
	}
	for _, f := range t.From {
		keys = append(keys, senderKey(f.String()))
	}
	e := t.event(Created, time.Time{})
	e.Message, e.Automatic = p.Message.ID, !p.Message.Awaits()
	if p.Message.Direction == message.Out { // one of us begins it: nobody wrote yet
		e.Message = ""
	}
	e.began(t)
	looking := ""
	if p.Decided.IsZero() {
		looking = "1"
	}
	timer := ""
	if at := t.timer(); at > 0 {
		timer = strconv.FormatInt(at, 10)
	}
	v, err := q.store.Run(ctx, putScript, keys, t.ID, p.Message.ID,
		afterField(t.encode(), `"number":0,`), afterField(e.encode(), `"number":0,"at":0,`),
		score, t.Created, millis(p.Decided), (Retention / 2).Milliseconds(), looking, timer)
	if err != nil {
		return nil, err
	}
	answer, ok := v.([]any)
	if !ok || len(answer) == 0 {
		return nil, fmt.Errorf("unexpected answer %v", v)
	}
	return answer, nil
}

// firstTask is the task that a message begins.
func (q *Queue) firstTask(p *Put) *Task {
	m, d := p.Message, p.Decision
	received, due := millis(m.Received), millis(d.Due)
	c := &change{teams: q.teams}
	if d.FirstReply > 0 { // the decision may be another message's, which has yet to come
		due = c.after(d.Team, received, d.FirstReply)
	}
	c.task = Task{
		ID: p.Task, Team: d.Team, State: Queued, Priority: d.Priority, Band: d.Band, Lane: d.Lane,
		Due: due, Created: received,
		Channel: m.Channel, Connector: m.Connector, Public: m.Public, Subject: subject(m), Name: m.Name,
		From: senders(m.From), Language: m.Language, Threads: []string{p.Thread},
		LaneUntil: keptUntil(received, due),
		Rule:      d.Rule, Tags: d.Tags, NextReply: d.NextReply.Milliseconds(),
		Last: received, Messages: 1,
	}
	t := &c.task
	switch {
	case m.Awaits() && p.Machine: // what was promised a machine is nothing to a person
		c.asks(received)
	case m.Awaits():
		t.ResolveBy = millis(d.ResolveBy)
		c.await(received, due, d.FirstReply)
	case m.Kind != message.Said: // there is nothing to do: it is noted
		t.State, t.ClosedAt, t.Outcome, t.Lane, t.LaneUntil = Closed, received, string(m.Kind), "", 0
	case !p.Machine: // the person whom the decision is for has yet to come
		t.FirstReply, t.ResolveBy = d.FirstReply.Milliseconds(), millis(d.ResolveBy)
	}
	if t.Since > 0 {
		c.press(p.Priority, p.Band, received)
		t.LaneUntil = keptUntil(received, t.Due)
	}
	if p.Prior != "" {
		t.Links = []string{p.Prior}
	}
	return t
}

// join refreshes the task that is there with one more message.
func (q *Queue) join(ctx context.Context, p *Put) (PutResult, error) {
	result := PutJoined
	m := p.Message
	_, err := q.changeCurrent(ctx, p.Task, m.ID, func(c *change) error {
		c.again = func(ctx context.Context) error { return q.notDelivered(ctx, m.ID) }
		c.tx.IfNoMember(deliveredKey, m.ID)
		result = PutJoined
		if m.Awaits() && c.tooLate() {
			if err := q.notDelivered(ctx, m.ID); err != nil {
				return err
			}
			result = PutClosed
			return errUnchanged
		}
		c.take(p)
		return nil
	})
	switch {
	case errors.Is(err, errUnchanged):
		return result, nil
	case errors.Is(err, errKnown):
		return PutKnown, nil
	}
	return result, err
}

// tooLate tells whether the task is closed and not to be reopened: it was closed too long ago, or it is but a note.
func (c *change) tooLate() bool {
	t := &c.task
	return t.State == Closed &&
		(t.Wait == 0 && t.Outcome == string(message.Consent) || c.now.Sub(instant(t.ClosedAt)) > c.teams.Reopen(t.Team))
}

// take adds one more message to the task.
func (c *change) take(p *Put) {
	t, m, received, automatic := &c.task, p.Message, millis(p.Message.Received), !p.Message.Awaits()
	t.Last = max(t.Last, received)
	t.Messages++
	if !automatic || !slices.Contains(t.Threads, p.Thread) { // where answers go is for people to say
		t.thread(p.Thread)
	}
	e := c.event(Arrived)
	e.Message, e.Automatic, e.Received = m.ID, automatic, received
	switch {
	case m.Automatic != message.ByPerson:
		c.notAttended()
	case !automatic:
		c.hear(p, e)
	}
	for _, f := range senders(m.From) {
		c.tx.ZAdd(senderKey(f.String()), t.Created, t.ID)
	}
	c.tx.ZAdd(deliveredKey, millis(c.now), m.ID)
}

// hear notes what a person said: it brings the task back, and may begin a wait or make it more pressing. e tells of it.
func (c *change) hear(p *Put, e *Event) {
	t, received := &c.task, millis(p.Message.Received)
	t.said(LaterMessage{ID: p.Message.ID, At: received, Agent: p.Message.Agent})
	reopens := t.State == Closed
	if reopens || t.State == Waiting {
		c.enqueue()
	}
	if reopens {
		e.Type, t.Lease = Reopened, ""
		c.open(e, received)
	}
	t.asked(received)
	c.asks(received)
	was := t.Priority
	pressed := c.press(p.Priority, p.Band, received)
	e.began(t)
	if pressed {
		e := c.event(Labelled)
		e.Reason = "priority " + t.Priority + ", was " + was + ": the customer wrote"
		e.began(t)
	}
}

// asked notes when a person wrote, before the wait is told of it.
func (t *Task) asked(at int64) {
	if first := cmp.Or(t.Asked, t.Created); t.Wait == 0 && at != t.Created || t.Wait > 0 && at < first {
		t.Asked = at
	}
}

// thread notes that a thread belongs to the task and was written in last.
func (t *Task) thread(id string) {
	if id == "" {
		return
	}
	t.Threads = slices.DeleteFunc(t.Threads, func(have string) bool { return have == id })
	t.Threads = append(t.Threads, id)
}

// maxSenders bounds the identifiers kept on a card; a message has few, a hostile one may have many.
const maxSenders = 8

func senders(from []message.Identifier) []message.Identifier {
	return slices.Clip(from[:min(len(from), maxSenders)])
}

// maxSubject bounds what a task is called, in characters.
const maxSubject = 120

// subject is what the task is called in lists: the message's, else the beginning of what was said.
func subject(m *message.Message) string {
	s := m.Subject
	if s == "" {
		s = m.Text
	}
	s = strings.ToValidUTF8(s[:min(len(s), 4*maxSubject)], "")
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) <= maxSubject {
		return s
	}
	n := 0
	for i := range s {
		if n++; n == maxSubject {
			return s[:i] + "…"
		}
	}
	return s
}

// afterField gives what follows the leading fields of an object, which a script writes itself.
func afterField(object, leading string) string {
	rest, ok := strings.CutPrefix(object, "{"+leading)
	if !ok {
		panic("queue: " + leading + " does not come first") // programmer's mistake in a struct's order
	}
	return rest
}
