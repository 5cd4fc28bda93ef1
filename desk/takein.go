package desk

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"loket/desk/access"
	"loket/identity"
	"loket/internal/field"
	"loket/internal/message"
	"loket/router"
	"loket/router/intake"
	"loket/router/queue"
	"loket/router/thread"
)

// TakenIn says what became of a message.
type TakenIn struct {
	ID     string
	Thread string // "" when only its references tell, later, which it joins
	URL    string // the customer's page of the thread, for who may see it
	Task   string // the number of the task that the message came into, if that was waited for
}

// TakeIn takes responsibility for a message that somebody wrote down, or another program brings. A message with
// an id may be taken in again by whoever is kept to the same teams: it stays one. It goes into a thread only if that is of a
// team that the principal, and the person who acts, answer for. Levels above claimed and whatever else only the channel
// itself knows need the role vouch. The URL is told to who may see the task.
func (d *Desk) TakeIn(ctx context.Context, by access.Actor, in *Incoming) (*TakenIn, error) {
	if err := in.complete(); err != nil {
		return nil, err
	}
	m := *in.Message
	if by.Agent == "" {
		by.Agent = m.Agent
	}
	if by.Agent != "" || by.Person != "" {
		var err error
		if m.Agent, err = d.access().Agent(by.Principal, by.Agent); err != nil {
			return nil, err
		}
	}
	if err := vouch(by, &m); err != nil {
		return nil, err
	}
	m.ID = messageID(by.Principal, &m)
	m.Received = d.now().UTC().Truncate(time.Millisecond)
	if err := d.place(ctx, by, &m); err != nil {
		return nil, err
	}
	kept, err := d.keep(ctx, m.ID, in.Files)
	if err != nil {
		return nil, err
	}
	m.Attachments = kept
	return d.accept(ctx, by, &m)
}

// accept takes responsibility for a message whose files are stored.
func (d *Desk) accept(ctx context.Context, by access.Actor, m *message.Message) (*TakenIn, error) {
	if err := d.intake.Accept(ctx, m); err != nil {
		if errors.Is(err, intake.ErrTooLarge) || ctx.Err() != nil {
			return nil, err
		}
		return nil, fmt.Errorf("%w: %w", ErrNotNow, err)
	}
	taken := &TakenIn{ID: m.ID, Thread: m.Thread}
	if m.Thread != "" && d.url != nil && d.mayRead(ctx, by, m) {
		taken.URL = d.url(m.Thread)
	}
	return taken, nil
}

// Placed waits, at most so long, until a message that was taken in stands in a task, and notes its number if the principal may
// see it. Without a number the message is on its way still, or only its references tell where it goes: that is no error.
func (d *Desk) Placed(ctx context.Context, by access.Actor, taken *TakenIn, wait time.Duration) error {
	if taken.Thread == "" || wait <= 0 {
		return nil
	}
	ctx, stop := context.WithTimeout(ctx, wait)
	defer stop()
	for {
		e, err := d.threads.Message(ctx, taken.Thread, taken.ID)
		if err == nil {
			t, err := d.queue.Current(ctx, e.Task)
			if err == nil && by.Sees(t.Team) == nil {
				taken.Task = queue.FormatNumber(t.Number)
			}
			if !errors.Is(err, ErrNone) {
				return err
			}
		}
		if err != nil && !errors.Is(err, thread.ErrNone) {
			return err
		}
		select {
		case <-time.After(placedEvery):
		case <-ctx.Done():
			return nil
		}
	}
}

// placedEvery is how often it is looked: a message is placed within milliseconds, unless something is in the way.
const placedEvery = 20 * time.Millisecond

// messageID is the id of a message that is taken in: the same for the same id of the caller's. Who is kept to some teams
// meets only those who are kept to the same: neither hears of the other's message, nor takes its place.
func messageID(p *access.Principal, m *message.Message) string {
	switch {
	case m.ID == "":
		return message.NewID([]byte("desk"), []byte(m.Connector), []byte(rand.Text()))
	case p.Teams == nil:
		return m.ID
	}
	teams := slices.Compact(slices.Sorted(slices.Values(p.Teams)))
	return message.NewID([]byte("desk of"), []byte(strings.Join(teams, "\n")), []byte(m.ID))
}

// place settles the thread: the one that was named, or a new one unless the references will tell. Whatever leads to a
// thread, writing there takes who answers for its team.
func (d *Desk) place(ctx context.Context, by access.Actor, m *message.Message) error {
	if m.Thread != "" {
		th, err := d.mayWrite(ctx, by, m.Agent, m.Thread)
		if err != nil {
			return err
		}
		m.Channel = cmp.Or(m.Channel, th.Channel)
	}
	leads, err := d.threads.LeadTo(ctx, m)
	if err != nil {
		return err
	}
	for _, id := range leads {
		if id == m.ID || by.Everywhere() == nil { // it is here already, or all are theirs
			continue
		}
		if _, err := d.mayWrite(ctx, by, m.Agent, id); err != nil {
			return err
		}
	}
	if m.Thread == "" && len(m.References) == 0 && m.Own == "" {
		m.Thread = m.ID
	}
	return nil
}

// mayWrite gives a thread that the principal, and the person if there is one, may write in. Who is kept to some teams does
// not hear whether there is one of others.
func (d *Desk) mayWrite(ctx context.Context, by access.Actor, agent, id string) (*thread.Thread, error) {
	elsewhere := fmt.Errorf("%w: none of the token's teams has this thread", access.ErrForbidden)
	th, err := d.threads.Find(ctx, id)
	switch {
	case errors.Is(err, thread.ErrNone) && by.Everywhere() != nil:
		return nil, elsewhere
	case errors.Is(err, thread.ErrNone):
		return nil, field.Errorf("thread", "there is no such thread")
	case err != nil:
		return nil, err
	}
	t, err := d.queue.Current(ctx, th.Task)
	if errors.Is(err, ErrNone) && by.Everywhere() == nil {
		return th, nil // what is written begins a task
	}
	if errors.Is(err, ErrNone) || err == nil && by.Sees(t.Team) != nil {
		return nil, elsewhere
	}
	if err == nil && agent != "" {
		err = d.access().InTeam(agent, t.Team)
	}
	return th, err
}

// mayRead tells whether the principal may see the task of a message that was just taken in. Where it is not there yet the
// rules say whose it will be. What cannot be told is no.
func (d *Desk) mayRead(ctx context.Context, by access.Actor, m *message.Message) bool {
	if by.Everywhere() == nil {
		return true
	}
	if th, err := d.threads.Find(ctx, m.Thread); err == nil {
		t, err := d.queue.Current(ctx, th.Task)
		if err == nil || !errors.Is(err, ErrNone) {
			return err == nil && by.Sees(t.Team) == nil
		}
	}
	_, decision, err := d.decide(ctx, m, m.Received)
	return err == nil && by.Sees(decision.Team) == nil
}

// A Routed is what the rules make of a message: the answer of a dry run.
type Routed struct {
	Message  *message.Message // in the language that the rules went by
	Decision router.Decision
}

// Route asks the rules that hold now what they make of a message that came at an instant. Nothing is stored.
func (d *Desk) Route(ctx context.Context, in *Incoming, received time.Time) (*Routed, error) {
	m := *in.Message
	if m.ID == "" {
		m.ID = message.NewID([]byte("desk"), []byte(m.Connector), []byte(m.Subject), []byte(m.Text))
	}
	if received.IsZero() {
		received = d.now()
	}
	decided, decision, err := d.decide(ctx, &m, received)
	if err != nil {
		return nil, err
	}
	return &Routed{decided, decision}, nil
}

// decide is what the rules would make of m if it were taken in at that instant, and m in the language that it is in.
func (d *Desk) decide(ctx context.Context, m *message.Message, received time.Time) (*message.Message, router.Decision, error) {
	asked := *m
	asked.Received = received
	subject := identity.Subject{IDs: m.From, Name: m.Name, At: received, Message: m.ID, Look: true}
	who, err := d.registry.Resolve(ctx, subject)
	if err != nil {
		return nil, router.Decision{}, err
	}
	if who.Customer == "" && !who.Contested && len(who.Candidates) == 0 { // taken in, they would be a customer from now on
		who.Customer = identity.Newcomer(subject).Customer
	}
	rules := d.router()
	return intake.Decide(rules, &asked, who, func() (string, error) { return intake.Spoken(ctx, d.queue, rules, m, who) })
}

// DryRun is what rules make of a message of somebody who is not known yet: what Route answers, without a store.
func DryRun(r *router.Router, m *message.Message) Routed {
	decided, decision, _ := intake.Decide(r, m, identity.Newcomer(identity.Subject{IDs: m.From, Name: m.Name}), nil) // fails only where it asks
	return Routed{decided, decision}
}
