package queue

import (
	"encoding/json"
	"time"
)

// EventType says what happened to a task.
type EventType string

// What can happen. Every change of a task's state is exactly one event, written with it.
const (
	Created     EventType = "created"
	Arrived     EventType = "message" // the customer wrote again
	Picked      EventType = "claimed"
	Returned    EventType = "returned"
	Expired     EventType = "expired"
	Transferred EventType = "transferred"
	Assigned    EventType = "assigned"
	Released    EventType = "released" // kept for one person, and the team's now
	Replied     EventType = "replied"
	Parked      EventType = "waiting"
	Woken       EventType = "woken"
	Finished    EventType = "closed"
	Reopened    EventType = "reopened"
	ToOthers    EventType = "to_others" // one of us wrote to others than the customer
	Noted       EventType = "noted"
	Linked      EventType = "linked"
	Labelled    EventType = "labelled" // other tags, another priority or language
	Merged      EventType = "merged"   // of two tasks: of the one that goes on in the other, then of the other
	Unmerged    EventType = "unmerged" // the one that went on in it was taken out; that one is reopened
	Rated       EventType = "rated"    // by the customer, after the closing
	ReplySent   EventType = "sent"
	ReplyMoved  EventType = "delivery" // delivered, read, in doubt
	ReplyFailed EventType = "failed"
	DueSoon     EventType = "due_soon" // once a wait, when little is left of its time
	Breached    EventType = "breached" // once a wait, when its time is over and nobody has answered
)

// An Event says everything about one change that figures need: who, where, and the instants it closes, so that
// nothing else has to be read to count it. Instants are Unix milliseconds.
type Event struct {
	Number int64     `json:"number"` // of the task; first, because put.lua writes it
	At     int64     `json:"at"`     // second, for the same reason
	ID     string    `json:"-"`      // in the stream; events sort by it
	Type   EventType `json:"type"`
	Task   string    `json:"task"`
	State  State     `json:"state"` // of the task, after it
	Team   string    `json:"team"`  // after it
	Lane   string    `json:"lane,omitempty"`
	Agent  string    `json:"agent,omitempty"` // who did it, or from whom it was taken

	Channel   string   `json:"channel,omitempty"`
	Connector string   `json:"connector,omitempty"`
	Priority  string   `json:"priority,omitempty"`
	Rule      string   `json:"rule,omitempty"`
	Tags      []string `json:"tags,omitempty"`

	Message   string `json:"message,omitempty"` // the customer's or ours
	Automatic bool   `json:"automatic,omitempty"`
	FromTeam  string `json:"from_team,omitempty"`
	Outcome   string `json:"outcome,omitempty"`
	Abandoned bool   `json:"abandoned,omitempty"` // closed, and a customer waited whom no person ever answered
	Aside     bool   `json:"aside,omitempty"`     // closed with an outcome that doesn't count
	// OnlyMachines: no person has written in the task so far. It counts in no figure but the messages of machines.
	OnlyMachines bool     `json:"only_machines,omitempty"`
	Reason       string   `json:"reason,omitempty"`
	Rating       Rating   `json:"rating,omitempty"` // rated; the agent is who answered last
	Named        []string `json:"named,omitempty"`  // noted: colleagues whom the note names
	Due          int64    `json:"due,omitempty"`

	// ResolveBy is when the matter should have been closed: of a warning whose reason is "resolution", and of the first
	// closed event.
	ResolveBy int64 `json:"resolve_by,omitempty"`

	// The wait it began (created, message, reopened, failed, woken), may have brought forward (labelled) or ended (replied, closed).
	Wait      int   `json:"wait,omitempty"`
	WaitSince int64 `json:"wait_since,omitempty"`
	WaitDue   int64 `json:"wait_due,omitempty"`
	WaitEnded bool  `json:"wait_ended,omitempty"`

	Created   int64 `json:"created,omitempty"`
	QueuedAt  int64 `json:"queued_at,omitempty"`  // claimed: since when it was in the lane
	FirstPick bool  `json:"first_pick,omitempty"` // claimed: the first of this wait
	ClaimedAt int64 `json:"claimed_at,omitempty"` // whatever ends a claim: since when it was held
	ClosedAt  int64 `json:"closed_at,omitempty"`  // reopened: when it had been closed
	Continues bool  `json:"continues,omitempty"`  // reopened: the wait that the closing ended goes on, as if it had not ended
	Replies   int   `json:"replies,omitempty"`
	Until     int64 `json:"until,omitempty"`
	Unseen    int   `json:"unseen,omitempty"` // replied, waiting, closed: over so many messages that the agent was not shown

	Received   int64 `json:"received,omitempty"`    // message, reopened by one: when it came in
	AnsweredAt int64 `json:"answered_at,omitempty"` // replied elsewhere: when the answer was given
	UndoneAt   int64 `json:"undone_at,omitempty"`   // failed: when the answer was given that did not arrive
	UndoneOf   int64 `json:"undone_of,omitempty"`   // failed: the number of the task that it was given in, when that is merged into this one
	PickedAt   int64 `json:"picked_at,omitempty"`   // a wait ended: when it was first claimed
	HeldSince  int64 `json:"held_since,omitempty"`  // a wait ended or passed on: since when it was this team's turn
	OpenedAt   int64 `json:"opened_at,omitempty"`   // closed: when the first person wrote, or the task was last reopened
}

// Time is when it happened.
func (e *Event) Time() time.Time { return instant(e.At) }

// event begins an event about t as it is now.
func (t *Task) event(typ EventType, at time.Time) Event {
	return Event{
		Number: t.Number, Type: typ, At: millis(at), Task: t.ID, State: t.State, Team: t.Team, Lane: t.Lane, Agent: t.Agent,
		Channel: t.Channel, Connector: t.Connector, Priority: t.Priority, Rule: t.Rule, Tags: t.Tags, Due: t.Due, Created: t.Created,
		OnlyMachines: t.Wait == 0,
	}
}

// began says that the task's wait begins, or goes on, with the event.
func (e *Event) began(t *Task) { e.Wait, e.WaitSince, e.WaitDue = t.Wait, t.Since, t.WaitDue }

func (e *Event) encode() string {
	b, err := json.Marshal(e)
	if err != nil {
		panic(err) // strings and numbers always encode
	}
	return string(b)
}
