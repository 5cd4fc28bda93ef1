package desk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"loket/desk/access"
	"loket/internal/message"
	"loket/router"
	"loket/router/intake"
	"loket/router/queue"
)

// A Status is how the daemon stands.
type Status struct {
	intake.Status
	Teams []TeamStatus
	// Outgoing is what waits to go out, by connector. What the channel said last is told only to who may see every team.
	Outgoing []queue.Outgoing
	// StoreAway: the store does not answer, so that only the spool could be counted.
	StoreAway bool
}

// A TeamStatus is how many tasks of a team stand where.
type TeamStatus struct {
	Team string
	queue.Counts
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
	s := &Status{Status: in}
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
	s.Teams = nil // some of the teams would pass for all of them
	return s, nil
}

func (d *Desk) outgoing(ctx context.Context, by access.Actor) ([]queue.Outgoing, error) {
	waiting, err := d.queue.Outgoing(ctx)
	for i := range waiting {
		if by.Everywhere() != nil {
			waiting[i].Error = ""
		}
	}
	return waiting, err
}

func (d *Desk) countTeams(ctx context.Context, by access.Actor) ([]TeamStatus, error) {
	var list []TeamStatus
	for _, team := range d.router().Teams() {
		if by.Sees(team) != nil {
			continue
		}
		c, err := d.queue.Count(ctx, team)
		if err != nil {
			return nil, err
		}
		list = append(list, TeamStatus{team, c})
	}
	return list, nil
}

// Quarantine lists what was set aside, oldest first. It needs the role manager and a token that is kept to no team, as all
// about quarantine: what is there is of no team yet, and may be of any.
func (d *Desk) Quarantine(ctx context.Context, by access.Actor, limit int, cursor string) ([]intake.Quarantined, string, error) {
	if err := by.Overall(); err != nil {
		return nil, "", err
	}
	limit, err := PageSize(limit)
	if err != nil {
		return nil, "", err
	}
	return d.intake.Quarantine(ctx, limit, cursor)
}

// Quarantined gives one message that was set aside.
func (d *Desk) Quarantined(ctx context.Context, by access.Actor, id string) (*intake.Quarantined, error) {
	if err := quarantineID(by, id); err != nil {
		return nil, err
	}
	q, err := d.intake.Quarantined(ctx, id)
	return q, missing(err)
}

// Original opens what came of a message that was set aside, as it came, where that is kept: a mail's own bytes. ErrNotFound where it is
// not. The caller closes it.
func (d *Desk) Original(ctx context.Context, by access.Actor, id string) (io.ReadCloser, error) {
	q, err := d.Quarantined(ctx, by, id)
	switch {
	case err != nil:
		return nil, err
	case q.Message == nil && q.Body != "":
		return io.NopCloser(strings.NewReader(q.Body)), nil
	case q.Message != nil && len(q.Message.Raw) > 0:
		return io.NopCloser(bytes.NewReader(q.Message.Raw)), nil
	case q.Message != nil && q.Message.RawBlob != "":
		return d.File(ctx, q.Message.RawBlob)
	}
	return nil, fmt.Errorf("original of message %s: %w", id, ErrNotFound)
}

// Rules are the rules that hold now, in order, the fallback team's last. It needs the role manager.
func (d *Desk) Rules(by access.Actor) ([]router.Rule, error) {
	if err := by.Require(access.RoleManager); err != nil {
		return nil, err
	}
	return d.router().Rules(), nil
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
	checks := []func(context.Context) ([]string, error){d.queue.Check, d.intake.Check, d.registry.Check, d.Stranded, d.checkHeld}
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
	return slices.Compact(slices.Sorted(slices.Values(broken))), nil
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
