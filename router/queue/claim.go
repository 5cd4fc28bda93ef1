package queue

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	mrand "math/rand/v2"
	"strings"
	"time"

	"loket/internal/store"
)

//go:embed scripts/claim.lua
var claimSource string

var claimScript = store.NewScript("claim", claimSource)

// ErrNothing says that nothing came into the queue in the time given.
var ErrNothing = errors.New("nothing to claim")

// errNobody says that who claims was not named.
var errNobody = errors.New("an agent must be named")

// safetyPoll is how often a waiting claim looks although nobody told it to: wake-ups are hints.
const safetyPoll = 1500 * time.Millisecond

// claimWithin bounds the store's answer to one look.
const claimWithin = 5 * time.Second

// A Claim asks for work.
type Claim struct {
	Team    string
	Agent   string
	Request string        // of the caller: asking again with it gives the same task; "" for none
	Wait    time.Duration // how long to wait for work; 0 looks once
}

// Claim gives the agent the most urgent task of the team, what is assigned to that agent included, under a
// lease that begins now. ErrNothing when none came within the wait. When ctx ends while the store claims, the task is
// given all the same: nobody else knows that it is held. When the store does not answer and claims later, Reap gives the task
// back, unless the caller named a request to ask again with.
func (q *Queue) Claim(ctx context.Context, c Claim) (*Task, error) {
	if strings.ContainsAny(c.Agent+c.Request, " \t\n\v\f\r") {
		return nil, fmt.Errorf("claim from %s: agent and request must not contain spaces", c.Team)
	}
	if c.Agent == "" {
		return nil, fmt.Errorf("claim from %s: %w", c.Team, errNobody)
	}
	nobodys := c.Request == ""
	if nobodys {
		c.Request = newToken() // so that asking again after a lost answer does not take a second task
	}
	waiter := q.feed.wait(c.Team, c.Agent)
	defer waiter.stop()
	end := time.Now().Add(c.Wait)
	for {
		lease := newToken()
		t, err := q.claimOnce(ctx, c, lease)
		if nobodys && store.MayHaveRun(err) {
			q.lost.note(lease, lostClaim{team: c.Team, agent: c.Agent})
		}
		if err != nil || t != nil {
			return t, err
		}
		left := time.Until(end)
		if left <= 0 {
			return nil, ErrNothing
		}
		look := safetyPoll/2 + mrand.N(safetyPoll/2)
		select {
		case <-waiter.wake:
		case <-time.After(min(left, look)):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (q *Queue) claimOnce(ctx context.Context, c Claim, lease string) (*Task, error) {
	keys := []string{
		tasksKey, leasesKey, heldKey(c.Team), eventsKey, requestsKey,
		laneKey(c.Team, ""), laneKey(c.Team, "@"+c.Agent), personalKey(c.Team),
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), claimWithin)
	defer cancel()
	v, err := q.store.Run(ctx, claimScript, keys, c.Agent, c.Request, lease, q.teams.Lease(c.Team).Milliseconds(), maxSteps)
	if err != nil {
		return nil, fmt.Errorf("claim from %s: %w", c.Team, err)
	}
	card, _ := v.(string)
	if card == "" {
		return nil, nil
	}
	return decodeTask(card)
}

// Take claims this very task for the agent, whatever its place in the queue. A task that another holds is
// ErrTaken; one the agent holds already is given with its lease renewed.
func (q *Queue) Take(ctx context.Context, id, agent string) (*Task, error) {
	t, err := q.change(ctx, id, newToken(), func(c *change) error {
		c.agent = agent
		return c.claim(agent, q.teams.Lease(c.task.Team))
	})
	return t, wrap(err, "claim task %s", id)
}

// claim makes the agent the holder.
func (c *change) claim(agent string, lease time.Duration) error {
	t := &c.task
	until := millis(c.now.Add(lease))
	if agent == "" {
		return errNobody
	}
	switch t.State {
	case Closed:
		return t.closed()
	case Claimed:
		if t.Agent != agent {
			return t.Taken()
		}
		t.LeaseUntil = until
		return nil
	}
	e := c.event(Picked)
	e.QueuedAt, e.Wait, e.WaitSince, e.WaitDue = t.QueuedAt, t.Wait, t.Since, t.WaitDue
	if t.PickedAt == 0 {
		e.FirstPick, t.PickedAt = true, millis(c.now)
	}
	t.State, t.Agent, t.Lease, t.LeaseUntil, t.ClaimedAt = Claimed, agent, newToken(), until, millis(c.now)
	t.WaitingAt, t.Until = 0, 0
	t.attended()
	c.tell()
	return nil
}

// Heartbeat renews the lease of a task that is held under it.
func (q *Queue) Heartbeat(ctx context.Context, id string, by Actor) (*Task, error) {
	t, err := q.change(ctx, id, newToken(), func(c *change) error {
		if err := q.hold(c, by); err != nil {
			return err
		}
		c.tx.MakeRoom() // who works on it shall not lose it
		c.task.LeaseUntil = millis(c.now.Add(q.teams.Lease(c.task.Team)))
		return nil
	})
	return t, wrap(err, "heartbeat task %s", id)
}

// Actor says who acts, and under which lease. Without a lease the agent acts on what they hold, and claims first
// what nobody holds.
type Actor struct {
	Agent string
	Lease string
	// Seen is the number of what was said last when the agent looked; 0 for what Looked remembers. Answering, closing and
	// parking over something newer is Unseen, unless it is to be done Anyway.
	Seen   int
	Anyway bool
}

// hold is the fence: it makes sure that who acts holds the task, or nobody else does. Until it answers nil
// nothing of the task may change.
func (q *Queue) hold(c *change, by Actor) error {
	t := &c.task
	c.agent = by.Agent
	if by.Lease == "" {
		if t.State == Claimed && t.Agent == by.Agent {
			return nil
		}
		return c.claim(by.Agent, q.teams.Lease(t.Team))
	}
	if t.Lease != by.Lease {
		return t.Taken()
	}
	if t.State == Claimed {
		if by.Agent != "" && t.Agent != by.Agent {
			return t.Taken()
		}
		c.agent = t.Agent
		return nil
	}
	// The lease ran out and nobody took the task since: the work is welcome, as a claim begun again.
	lease := t.Lease
	if err := c.claim(by.Agent, q.teams.Lease(t.Team)); err != nil {
		return err
	}
	t.Lease = lease
	return nil
}

func wrap(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf(format+": %w", append(args, err)...)
}
