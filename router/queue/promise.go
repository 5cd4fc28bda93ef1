package queue

import (
	"cmp"
	"time"
)

// What was promised when a wait began holds until it ends: by the team that the task was with, in its calendar. What the
// customer writes meanwhile does not move it, whatever rule its words would have met, nor does passing the task on. Only a
// more pressing priority brings it forward, to what the task's own team promises at that from then on.

// asks lets a person's message of an instant begin a wait. One that runs only begins earlier, if the message came before
// it and was held up: messages come in any order.
func (c *change) asks(at int64) {
	t := &c.task
	switch {
	case t.Since == 0:
		target := c.next()
		if t.Wait == 0 {
			target = c.first(at)
		}
		c.await(at, c.after(t.Team, at, target), target)
	case at >= t.Since: // it is part of what was promised
	case t.WaitTarget > 0:
		c.await(at, c.after(t.promisedBy(), at, time.Duration(t.WaitTarget)*time.Millisecond), 0)
	default:
		c.await(at, t.WaitDue, 0)
	}
}

// first is how soon the first person is to be answered in a task that a machine's message made, to whom nothing was
// promised.
func (c *change) first(at int64) time.Duration {
	t := &c.task
	if promised := time.Duration(t.FirstReply) * time.Millisecond; promised > 0 { // the rule's, for that very person
		t.FirstReply = 0
		return promised
	}
	first, _, resolution := c.teams.Targets(t.Team, t.Priority)
	t.ResolveBy = c.after(t.Team, at, resolution)
	return first
}

// await begins a wait that was promised a target, or lets the one that runs begin and fall due earlier.
func (c *change) await(since, due int64, target time.Duration) {
	t := &c.task
	if t.Since == 0 {
		t.Wait++
		t.Since, t.WaitDue, t.Due, t.WaitTarget, t.WaitTeam = since, due, due, target.Milliseconds(), ""
		t.PickedAt, t.Told = 0, 0
		return
	}
	t.Since = min(t.Since, since)
	c.forward(due)
}

// forward lets the wait that runs fall due earlier.
func (c *change) forward(due int64) {
	t := &c.task
	t.WaitDue, t.Due = min(t.WaitDue, due), min(t.Due, due)
}

// press gives the task a more pressing priority from an instant on, and tells whether it is one.
func (c *change) press(priority string, band int, at int64) bool {
	t := &c.task
	if priority == "" || band >= t.Band {
		return false
	}
	c.prioritise(priority, band)
	target := c.next()
	if t.Wait == 1 {
		target, _, _ = c.teams.Targets(t.Team, priority)
	}
	if t.Since > 0 {
		c.forward(c.after(t.Team, at, target))
	}
	return true
}

// next is how soon a later message is to be answered: as the rule says, else the team.
func (c *change) next() time.Duration {
	t := &c.task
	_, next, _ := c.teams.Targets(t.Team, t.Priority)
	return cmp.Or(time.Duration(t.NextReply)*time.Millisecond, next)
}

// due is when what comes back now is to be answered.
func (c *change) due() int64 { return c.after(c.task.Team, millis(c.now), c.next()) }

// after is when so much of a team's working time has passed; 0 when that is none.
func (c *change) after(team string, from int64, d time.Duration) int64 {
	if d == 0 {
		return 0
	}
	return millis(c.teams.After(team, instant(from), d))
}

// promisedBy is the team that the task was with when the wait that runs began.
func (t *Task) promisedBy() string { return cmp.Or(t.WaitTeam, t.Team) }
