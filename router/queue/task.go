package queue

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"time"

	"github.com/oklog/ulid/v2"

	"loket/internal/message"
)

// State is where a task stands.
type State string

// The states. A task is in exactly one.
const (
	Queued  State = "queued"  // anyone of the team may claim it
	Claimed State = "claimed" // one person holds it under a lease
	Waiting State = "waiting" // for the customer, or for a moment
	Closed  State = "closed"
)

// Open asks List for tasks in any state but closed. No task is in it.
const Open State = "open"

// ParseState reads a state; "" is not one.
func ParseState(s string) (State, bool) {
	switch st := State(s); st {
	case Queued, Claimed, Waiting, Closed:
		return st, true
	}
	return "", false
}

// A Task is one matter of a customer, in the queue of the team that answers for it. Instants are Unix
// milliseconds of the store's clock, 0 when they have not come.
//
// It is stored as one JSON card. A list that is empty must be absent: scripts can't tell it from an object.
type Task struct {
	Number   int64  `json:"number"` // first, because put.lua writes it
	ID       string `json:"id"`
	Team     string `json:"team"`
	State    State  `json:"state"`
	Priority string `json:"priority"`
	Band     int    `json:"band,omitempty"` // of the priority, 0 before 1 before 2 …
	Lift     int    `json:"lift,omitempty"` // bands that it rose by, because it is late
	LiftAt   int64  `json:"lift_at,omitempty"`
	Lane     string `json:"lane,omitempty"` // "" or "@agent"
	// LaneUntil is how long it is kept for that agent: then everybody in the team gets it.
	LaneUntil int64 `json:"lane_until,omitempty"`
	Due       int64 `json:"due"`
	Created   int64 `json:"created"`

	Channel   string               `json:"channel,omitempty"`
	Connector string               `json:"connector,omitempty"`
	Public    bool                 `json:"public,omitempty"`
	Subject   string               `json:"subject,omitempty"`
	Name      string               `json:"name,omitempty"`
	From      []message.Identifier `json:"from,omitempty"`
	Language  string               `json:"language,omitempty"`
	Threads   []string             `json:"threads,omitempty"` // the one last written in comes last
	Links     []string             `json:"links,omitempty"`

	// Into is the task that goes on with this one, which is closed; Merged are those that this one goes on with, and those
	// that they went on with.
	Into   Part   `json:"into,omitzero"`
	Merged []Part `json:"merged,omitempty"`

	Rule      string   `json:"rule,omitempty"`
	Tags      []string `json:"tags,omitempty"`
	NextReply int64    `json:"next_reply,omitempty"` // the rule's own target, ms
	// FirstReply is that of the rule for the first message of a person, while only machines wrote; 0 for the team's.
	FirstReply int64 `json:"first_reply,omitempty"`

	Agent      string `json:"agent,omitempty"`
	Lease      string `json:"lease,omitempty"` // of the last claim; it stays when the lease runs out
	LeaseUntil int64  `json:"lease_until,omitempty"`

	// The wait that runs, or ran last: Wait counts them, Since is 0 while the customer has our answer.
	Wait    int   `json:"wait,omitempty"`
	Since   int64 `json:"since,omitempty"`
	WaitDue int64 `json:"wait_due,omitempty"`
	// WaitTarget is the working time, ms, that was promised when it began, and WaitTeam who promised that if the task is with
	// another team by now.
	WaitTarget int64  `json:"wait_target,omitempty"`
	WaitTeam   string `json:"wait_team,omitempty"`
	// Unanswered is since when the customer waited whose wait the closing ended, 0 when it ended none.
	Unanswered int64 `json:"unanswered,omitempty"`
	// Asked is when the first message of a person came; 0 when that began the task, or there is none.
	Asked int64 `json:"asked,omitempty"`
	// ResolveBy is when the matter should be closed the first time, 0 when nobody promised that, or it was.
	// ResolveTold counts what was told of it, as Told does of the wait.
	ResolveBy   int64 `json:"resolve_by,omitempty"`
	ResolveTold int   `json:"resolve_told,omitempty"`

	QueuedAt  int64  `json:"queued_at,omitempty"`  // when it last came into a lane
	PickedAt  int64  `json:"picked_at,omitempty"`  // first claim of the running wait
	Told      int    `json:"told,omitempty"`       // of the running wait: 1 that it is due soon, 2 that it is late
	TeamSince int64  `json:"team_since,omitempty"` // when it came from another team
	OpenedAt  int64  `json:"opened_at,omitempty"`  // when it was last reopened
	ClaimedAt int64  `json:"claimed_at,omitempty"` // of the claim that holds
	WaitingAt int64  `json:"waiting_at,omitempty"`
	ClosedAt  int64  `json:"closed_at,omitempty"`
	Until     int64  `json:"until,omitempty"` // when a waiting task wakes
	Last      int64  `json:"last,omitempty"`  // the customer's newest message
	Outcome   string `json:"outcome,omitempty"`
	Failure   string `json:"failure,omitempty"` // why a reply did not arrive

	// Answerer is who answered last, or closed it while nobody had.
	Answerer string `json:"answerer,omitempty"`
	// Rating is what the customer says of the last closing, since RatedAt; "" when they said nothing, and while it is open.
	Rating  Rating `json:"rating,omitempty"`
	RatedAt int64  `json:"rated_at,omitempty"`

	Messages int            `json:"messages,omitempty"` // of the customer
	Later    []LaterMessage `json:"later,omitempty"`    // the newest of what people said after the message that began it
	Replies  int            `json:"replies,omitempty"`  // by people
	Reopened int            `json:"reopened,omitempty"`
	Hops     int            `json:"hops,omitempty"`   // transfers
	Drafts   int            `json:"drafts,omitempty"` // answers that were not taken and are kept
	Sending  []string       `json:"sending,omitempty"`
	Op       string         `json:"op,omitempty"` // the change that made it so, to recognise our own after a lost answer

	// Unattended counts what machines wrote since it was closed or began to wait, the last at UnattendedAt.
	Unattended   int   `json:"unattended,omitempty"`
	UnattendedAt int64 `json:"unattended_at,omitempty"`

	History     []Step `json:"history,omitempty"`      // the newest steps
	HistoryLost int    `json:"history_lost,omitempty"` // how many stood before them

	Archived *Archived `json:"-"` // what belongs to a task that is read from the archive; nil for one in the store
}

// NewTaskID computes the id of the task that a message begins, from its recorded arrival: a replay computes the
// same. prior is the closed task that it follows, if any. Ids sort by arrival.
func NewTaskID(received time.Time, messageID, prior string) string {
	var id ulid.ULID
	// Only an arrival before 1970 or after 10889 fails; sorting is all that is lost then.
	_ = id.SetTime(uint64(max(received.UnixMilli(), 0)))
	sum := sha256.Sum256([]byte(messageID + "\x00" + prior))
	copy(id[6:], sum[:10])
	return id.String()
}

// Bands is how many bands of priority there are.
const Bands = 8

// urgency is the score in a lane: the band it rose to first, inside it what is due first. 2^42 ms reach to the year 2109,
// and a double is exact to 2^53.
func (t *Task) urgency() int64 { return int64(max(0, t.Band-t.Lift))<<42 + t.Due }

// places are all sorted sets that a task stands in, with its score: derived from the card and nothing else.
func (t *Task) places() map[string]int64 {
	p := map[string]int64{allKey(t.Team): t.Created}
	switch t.State {
	case Queued:
		p[laneKey(t.Team, t.Lane)] = t.urgency()
		if t.Lane != "" {
			p[personalKey(t.Team)] = t.urgency()
		}
	case Claimed:
		p[leasesKey] = t.LeaseUntil
		p[heldKey(t.Team)] = t.ClaimedAt
	case Waiting:
		p[waitingKey(t.Team)] = t.WaitingAt
		if t.Since > 0 {
			p[parkedKey(t.Team)] = t.Since
		}
	case Closed:
		p[closedKey(t.Team)] = -t.ClosedAt
	}
	if t.Unattended > 0 {
		p[unattendedKey(t.Team)] = t.UnattendedAt
	}
	if t.Failure != "" {
		p[failedKey(t.Team)] = t.Created
	}
	if at := t.timer(); at > 0 {
		p[timersKey] = at
	}
	return p
}

func (t *Task) encode() string {
	b, err := json.Marshal(t)
	if err != nil {
		panic(err) // strings and numbers always encode
	}
	return string(b)
}

func decodeTask(card string) (*Task, error) {
	var t Task
	if err := json.Unmarshal([]byte(card), &t); err != nil {
		return nil, fmt.Errorf("read task card: %w", err)
	}
	return &t, nil
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
