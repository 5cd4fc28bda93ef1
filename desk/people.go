package desk

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"loket/desk/access"
	"loket/internal/field"
	"loket/internal/message"
	"loket/router/queue"
)

const (
	maxRest    = 366 * 24 * time.Hour
	maxOutcome = 60 // characters
)

// outcomeForm has no bound: counted in the expression it costs every start of a command ten milliseconds.
var outcomeForm = regexp.MustCompile(`^[\pL\pN][\pL\pN _.-]*$|^$`)

func isOutcome(s string) bool {
	return utf8.RuneCountInString(s) <= maxOutcome && outcomeForm.MatchString(s)
}

// Assign keeps a task for one person of its team; whoever held it holds it no longer. It needs the role manager.
func (d *Desk) Assign(ctx context.Context, by access.Actor, ref, to string) (*Task, error) {
	if err := by.Require(access.RoleManager); err != nil {
		return nil, err
	}
	if to == "" {
		return nil, field.Errorf("agent", "must name the person who is to do it")
	}
	t, err := d.find(ctx, by.Principal, ref)
	if err != nil {
		return nil, err
	}
	people := d.access()
	if err := people.Known("agent", to); err != nil {
		return nil, err
	}
	if err := people.InTeam(to, t.Team); err != nil {
		return nil, err
	}
	manager := by.Person
	if manager == "" {
		manager = by.Name
	}
	if t, err = d.queue.Assign(ctx, t.ID, to, manager); err != nil {
		return nil, err
	}
	return d.shown(ctx, by, t, ""), nil
}

// Note adds what colleagues should know. Anybody may who can see the task, whoever holds it.
func (d *Desk) Note(ctx context.Context, by access.Actor, ref, text string) (*Task, error) {
	agent, err := d.access().Agent(by.Principal, by.Agent)
	if err != nil {
		return nil, err
	}
	if err := textMistake("text", text); err != nil {
		return nil, err
	}
	t, err := d.find(ctx, by.Principal, ref)
	if err != nil {
		return nil, err
	}
	named := d.named(agent, text)
	if t, err = d.queue.AddNote(ctx, t.ID, queue.Actor{Agent: agent, Lease: by.Lease}, message.CleanText(text), named...); err != nil {
		return nil, err
	}
	d.mention(ctx, t, named)
	return d.shown(ctx, by, t, agent), nil
}

// Transfer passes a task on to another team; its due time stays.
func (d *Desk) Transfer(ctx context.Context, by access.Actor, ref, team, note string) (*Task, error) {
	if team == "" {
		return nil, field.Errorf("team", "must name the team that is to answer")
	}
	if r := d.router(); !slices.Contains(r.Teams(), team) {
		return nil, field.Errorf("team", "no team is called %q%s", team, field.DidYouMean(team, r.Teams()))
	}
	if strings.TrimSpace(note) != "" {
		if err := textMistake("note", note); err != nil {
			return nil, err
		}
	}
	t, who, err := d.acting(ctx, by, ref)
	if err != nil {
		return nil, err
	}
	if t.Team == team {
		return nil, field.Errorf("team", "has the task already")
	}
	if t, err = d.queue.Transfer(ctx, t.ID, who, team, message.CleanText(strings.TrimSpace(note))); err != nil {
		return nil, err
	}
	return d.shown(ctx, by, t, who.Agent), nil
}

// Wait lets a task rest until a time: an instant in RFC 3339, how long from now (3d), or what clocks show where the task's
// times are read (17:30, 2026-11-22, both with a space between); "" is until the customer writes.
func (d *Desk) Wait(ctx context.Context, by access.Actor, ref, until string) (*Task, error) {
	t, who, err := d.acting(ctx, by, ref)
	if err != nil {
		return nil, err
	}
	now := d.now()
	at, err := Moment{Path: "until", Text: until, Now: now, Zone: d.zone(t.Team)}.Read()
	if err != nil {
		return nil, err
	}
	if !at.IsZero() && (!at.After(now) || at.After(now.Add(maxRest))) {
		return nil, field.Errorf("until", "must lie in the future, within a year")
	}
	if t, err = d.queue.Wait(ctx, t.ID, who, at); err != nil {
		return nil, d.unseen(ctx, err)
	}
	return d.shown(ctx, by, t, who.Agent), nil
}

// Close ends a task. Closing what is closed already changes nothing. A call, a visit or a letter is answered by closing it
// with an outcome, but for spam and duplicates.
func (d *Desk) Close(ctx context.Context, by access.Actor, ref, outcome string) (*Task, error) {
	if err := outcomeMistake(outcome); err != nil {
		return nil, err
	}
	return d.act(ctx, by, ref, func(id string, who queue.Actor) (*queue.Task, error) {
		return d.queue.Close(ctx, id, who, outcome)
	})
}

func outcomeMistake(outcome string) error {
	if isOutcome(outcome) {
		return nil
	}
	return field.Errorf("outcome", "must be at most 60 letters, digits, spaces and _ . -")
}

// An Otherwise is an answer that the customer had by another way than loket.
type Otherwise struct {
	By      string // how: phone, visit, letter…
	Text    string // what was said, for colleagues
	Close   bool
	Outcome string // of the task, when it is closed
	Key     string // makes a repeat of the same answer one answer
}

// AnsweredOtherwise notes that the person answered the customer by another way: the wait ends as with a reply, and what was
// said stands as a note.
func (d *Desk) AnsweredOtherwise(ctx context.Context, by access.Actor, ref string, o Otherwise) (*Task, error) {
	o.By = strings.TrimSpace(o.By)
	errs := []error{textMistake("text", o.Text), keyMistake(o.Key), outcomeMistake(o.Outcome), outcomeWithClose(o.Outcome, o.Close)}
	if o.By == "" || !isOutcome(o.By) {
		errs = append(errs, field.Errorf("by", "must say how: phone, visit, letter…, at most 60 letters, digits, spaces and _ . -"))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return d.act(ctx, by, ref, func(id string, who queue.Actor) (*queue.Task, error) {
		key := ""
		if o.Key != "" {
			key = who.Agent + "\x00" + o.Key
		}
		return d.queue.AnsweredOtherwise(ctx, id, who, queue.Otherwise{
			Key: key, Way: o.By, Text: message.CleanText(o.Text), Close: o.Close, Outcome: o.Outcome,
		})
	})
}

// Reopen brings a closed task back into the queue of its team.
func (d *Desk) Reopen(ctx context.Context, by access.Actor, ref string) (*Task, error) {
	return d.act(ctx, by, ref, func(id string, who queue.Actor) (*queue.Task, error) {
		if err := d.current(ctx, id, who); err != nil {
			return nil, err
		}
		return d.queue.Reopen(ctx, id, who.Agent)
	})
}

// Link notes that two tasks have to do with each other, in both.
func (d *Desk) Link(ctx context.Context, by access.Actor, ref, other string) (*Task, error) {
	t, who, err := d.acting(ctx, by, ref)
	if err != nil {
		return nil, err
	}
	if err := d.current(ctx, t.ID, who); err != nil {
		return nil, err
	}
	o, err := d.other(ctx, by, t, other)
	if err != nil {
		return nil, err
	}
	if _, err := d.queue.Link(ctx, o.ID, t.ID, who.Agent); err != nil {
		return nil, err
	}
	if t, err = d.queue.Link(ctx, t.ID, o.ID, who.Agent); err != nil {
		return nil, err
	}
	return d.shown(ctx, by, t, who.Agent), nil
}

// other is the second task that a call is about, if by may see it.
func (d *Desk) other(ctx context.Context, by access.Actor, t *queue.Task, ref string) (*queue.Task, error) {
	if ref == "" {
		return nil, field.Errorf("task", "must name the other task")
	}
	o, err := d.find(ctx, by.Principal, ref)
	switch {
	case errors.Is(err, ErrNone):
		return nil, field.Errorf("task", "there is no task %q", ref)
	case err == nil && o.ID == t.ID:
		return nil, field.Errorf("task", "must be another task than this one")
	}
	return o, err
}

// textMistake is an error for a text that says nothing or too much.
func textMistake(path, text string) error {
	switch {
	case strings.TrimSpace(text) == "":
		return field.Errorf(path, "must not be empty")
	case utf8.RuneCountInString(text) > MaxText:
		return field.Errorf(path, "must be at most %d characters", MaxText)
	}
	return nil
}
