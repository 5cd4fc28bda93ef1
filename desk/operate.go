package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"loket/desk/access"
	"loket/internal/message"
	"loket/router/intake"
	"loket/router/queue"
)

// A Status is how the house stands.
type Status struct {
	Teams      []TeamStatus `json:"teams"`
	Journal    int64        `json:"journal"` // accepted, not yet in a task
	Quarantine int64        `json:"quarantine"`
	Caught     int64        `json:"caught"` // in quarantine as well, and goes by itself
	Spool      SpoolStatus  `json:"spool"`
	// Outgoing is what waits to go out, by connector.
	Outgoing []OutgoingStatus `json:"outgoing"`
	// StoreAway: the store does not answer, so that only the spool could be counted.
	StoreAway bool `json:"store_away"`
}

// A TeamStatus is how many tasks of a team stand where.
type TeamStatus struct {
	Team    string `json:"team"`
	Queued  int64  `json:"queued"`
	Claimed int64  `json:"claimed"`
	Waiting int64  `json:"waiting"`
	Closed  int64  `json:"closed"`
	Overdue int64  `json:"overdue"` // queued and past their due time
	Kept    int64  `json:"kept"`    // of those queued, kept for one person
	// Unattended: closed or waiting, and a machine wrote since, within the time in which a person's message would reopen it.
	Unattended int64 `json:"unattended"`
}

// An OutgoingStatus is what waits to go out by one connector.
type OutgoingStatus struct {
	Connector string `json:"connector"`
	Waiting   int    `json:"waiting"` // answers, of those that are looked at first
	Oldest    Time   `json:"oldest"`  // since when one waits
	// Error is what the channel said last of the one that waits longest. Only who may see every team is told.
	Error string `json:"error,omitempty"`
}

// A SpoolStatus is what waits on disk for the store to be back.
type SpoolStatus struct {
	Messages int   `json:"messages"`
	Bytes    int64 `json:"bytes"`
	Oldest   Time  `json:"oldest,omitzero"`
	Bad      int   `json:"bad"` // files that could not be read
}

// countTime is how long counting may take: a store that is slower than this is as good as away.
const countTime = 3 * time.Second

// Status counts what is where, of the teams that the principal may see, and with the store away what can be counted then.
// It needs the role manager.
func (d *Desk) Status(ctx context.Context, by access.Actor) (*Status, error) {
	if err := by.Require(access.RoleManager); err != nil {
		return nil, err
	}
	counting, cancel := context.WithTimeout(ctx, countTime)
	defer cancel()
	in, err := d.intake.Status(counting)
	s := &Status{
		Teams: []TeamStatus{}, Outgoing: []OutgoingStatus{}, Journal: in.Journal, Quarantine: in.Quarantine, Caught: in.Caught,
		Spool: SpoolStatus{Messages: in.SpoolMessages, Bytes: in.SpoolBytes, Oldest: Time{in.SpoolOldest}, Bad: in.SpoolBad},
	}
	if err == nil {
		s.Teams, err = d.countTeams(counting, by)
	}
	if err == nil {
		s.Outgoing, err = d.outgoing(counting, by)
	}
	if err == nil {
		return s, nil
	}
	if s.StoreAway = ctx.Err() == nil && (IsAway(err) || counting.Err() != nil); !s.StoreAway {
		return nil, err
	}
	s.Teams = []TeamStatus{} // some of the teams would pass for all of them
	return s, nil
}

func (d *Desk) outgoing(ctx context.Context, by access.Actor) ([]OutgoingStatus, error) {
	waiting, err := d.queue.Outgoing(ctx)
	list := make([]OutgoingStatus, len(waiting))
	for i, o := range waiting {
		list[i] = OutgoingStatus{Connector: o.Connector, Waiting: o.Waiting, Oldest: Time{o.Oldest}}
		if by.Everywhere() == nil {
			list[i].Error = o.Error
		}
	}
	return list, err
}

func (d *Desk) countTeams(ctx context.Context, by access.Actor) ([]TeamStatus, error) {
	list := []TeamStatus{}
	for _, team := range d.router().Teams() {
		if by.Sees(team) != nil {
			continue
		}
		c, err := d.queue.Count(ctx, team)
		if err != nil {
			return nil, err
		}
		list = append(list, TeamStatus{team, c.Queued, c.Claimed, c.Waiting, c.Closed, c.Overdue, c.Kept, c.Unattended})
	}
	return list, nil
}

// A Quarantined is a message that could not be brought into a task.
type Quarantined struct {
	ID       string `json:"id"`
	Error    string `json:"error"`
	Attempts int    `json:"attempts"`
	Since    Time   `json:"since,omitzero"`
	Until    Time   `json:"until,omitzero"` // when it goes by itself, if it does

	Connector string           `json:"connector,omitempty"`
	Channel   string           `json:"channel,omitempty"`
	Subject   string           `json:"subject,omitempty"`
	Received  Time             `json:"received,omitzero"`
	Message   *message.Message `json:"message,omitempty"` // absent in lists
	Body      string           `json:"body,omitempty"`    // what is stored, when it cannot be read; absent in lists
}

func quarantined(q *intake.Quarantined) Quarantined {
	v := Quarantined{ID: q.ID, Error: q.Error, Attempts: q.Attempts, Since: Time{q.Since}}
	if m := q.Message; m != nil {
		v.Connector, v.Channel, v.Subject, v.Received, v.Until = m.Connector, m.Channel, m.Subject, Time{m.Received}, Time{m.KeepUntil}
	}
	return v
}

// Quarantine lists what was set aside, oldest first. It needs the role manager and a token that is kept to no team, as all
// about quarantine: what is there is of no team yet, and may be of any.
func (d *Desk) Quarantine(ctx context.Context, by access.Actor, limit int, cursor string) ([]Quarantined, string, error) {
	if err := by.Overall(); err != nil {
		return nil, "", err
	}
	limit, err := PageSize(limit)
	if err != nil {
		return nil, "", err
	}
	found, next, err := d.intake.Quarantine(ctx, limit, cursor)
	list := make([]Quarantined, len(found))
	for i := range found {
		list[i] = quarantined(&found[i])
	}
	return list, next, err
}

// Quarantined gives one message that was set aside.
func (d *Desk) Quarantined(ctx context.Context, by access.Actor, id string) (*Quarantined, error) {
	if err := quarantineID(by, id); err != nil {
		return nil, err
	}
	q, err := d.intake.Quarantined(ctx, id)
	if err != nil {
		return nil, missing(err)
	}
	v := quarantined(q)
	v.Message, v.Body = q.Message, q.Body
	return &v, nil
}

// Retry sends a message that was set aside on its way again.
func (d *Desk) Retry(ctx context.Context, by access.Actor, id string) error {
	if err := quarantineID(by, id); err != nil {
		return err
	}
	return missing(d.intake.Retry(ctx, id))
}

// Drop deletes a message that was set aside, with its files, for good.
func (d *Desk) Drop(ctx context.Context, by access.Actor, id string) error {
	if err := quarantineID(by, id); err != nil {
		return err
	}
	return missing(d.drop(ctx, id))
}

// drop deletes the message first: whoever sends it on its way at the same moment must find its files.
func (d *Desk) drop(ctx context.Context, id string) error {
	q, err := d.intake.Quarantined(ctx, id)
	if err == nil {
		err = d.intake.Drop(ctx, id)
	}
	if err != nil || q.Message == nil {
		return err
	}
	return d.DropFiles(ctx, q.Message)
}

// dropAtOnce is how many messages of a partition are deleted at a time.
const dropAtOnce = 100

// DropPassed deletes what was set aside for a time that is over, such as what a form's honeypot caught, and gives how many.
// Any process may do it at any time.
func (d *Desk) DropPassed(ctx context.Context) (int, error) {
	ids, err := d.intake.Passed(ctx, dropAtOnce)
	if err != nil {
		return 0, err
	}
	dropped := 0
	for _, id := range ids {
		switch err := d.drop(ctx, id); {
		case err == nil:
			dropped++
		case !errors.Is(err, intake.ErrNone): // another was faster
			return dropped, err
		}
	}
	return dropped, nil
}

func quarantineID(by access.Actor, id string) error {
	if err := by.Overall(); err != nil {
		return err
	}
	if !message.ValidID(id) {
		return fmt.Errorf("message %q in quarantine: %w", id, ErrNotFound)
	}
	return nil
}

func missing(err error) error {
	if errors.Is(err, intake.ErrNone) {
		return fmt.Errorf("%w: %w", ErrNotFound, err)
	}
	return err
}

// Doctor checks every invariant of the store and gives those that are broken, in words. It needs the role manager and a
// token that is kept to no team.
func (d *Desk) Doctor(ctx context.Context, by access.Actor) ([]string, error) {
	if err := by.Overall(); err != nil {
		return nil, err
	}
	var broken []string
	checks := []func(context.Context) ([]string, error){d.queue.Check, d.intake.Check, d.registry.Check, d.Stranded}
	if d.figures != nil {
		checks = append(checks, d.figures.Check)
	}
	for _, check := range checks {
		found, err := check(ctx)
		if err != nil {
			return nil, err
		}
		broken = append(broken, found...)
	}
	return slices.Compact(slices.Sorted(slices.Values(filled(broken)))), nil
}

// Stranded names what nobody can claim: open tasks of teams that are not configured any more, or that none of the people is
// in, and tasks that are kept for somebody who is not in the team.
func (d *Desk) Stranded(ctx context.Context) ([]string, error) {
	teams, err := d.queue.TeamsInUse(ctx)
	if err != nil {
		return nil, err
	}
	var stranded []string
	for _, team := range teams {
		why := ""
		if _, configured := d.router().Team(team); !configured {
			why = "is not configured"
		} else if d.access().Empty(team) {
			why = "has nobody of the people in it"
		}
		more, err := d.strandedIn(ctx, team, why)
		if err != nil {
			return nil, err
		}
		stranded = append(stranded, more...)
	}
	return stranded, nil
}

// strandedIn is Stranded of one team; why says why nobody can claim from it, "" when somebody can.
func (d *Desk) strandedIn(ctx context.Context, team, why string) ([]string, error) {
	if why == "" {
		kept, err := d.queue.Kept(ctx, team)
		var lost []string
		for _, t := range kept {
			if person := strings.TrimPrefix(t.Lane, "@"); !d.access().Answers(team, person) {
				lost = append(lost, fmt.Sprintf("teams: %s of %q is kept for %s, who is not in the team", queue.FormatNumber(t.Number), team, person))
			}
		}
		return lost, err
	}
	c, err := d.queue.Count(ctx, team)
	open := c.Queued + c.Claimed + c.Waiting
	if err != nil || open == 0 {
		return nil, err
	}
	return []string{fmt.Sprintf("teams: %q %s and has %d open tasks that nobody can claim; a manager can transfer them", team, why, open)}, nil
}
