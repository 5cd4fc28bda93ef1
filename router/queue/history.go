package queue

import "slices"

// A Step is one entry of a task's history: what people and the daemon did with it. It stands on the card, because the stream
// of events is one for all tasks and is kept for a time only.
type Step struct {
	At      int64     `json:"at"`
	Type    EventType `json:"type"`
	Agent   string    `json:"agent,omitempty"` // who did it, or from whom it was taken
	From    string    `json:"from,omitempty"`  // transferred: the team before
	Team    string    `json:"team,omitempty"`  // transferred: the team after
	Outcome string    `json:"outcome,omitempty"`
	Reason  string    `json:"reason,omitempty"`
	Message string    `json:"message,omitempty"` // reopened, failed: by which one, the customer's or ours that did not arrive; to others: which
	Until   int64     `json:"until,omitempty"`   // waiting
}

// maxSteps is how many stand on a card.
const maxSteps = 32

// isStep tells whether events of a kind are steps. What was said in a task is not: messages and notes tell that themselves.
func (typ EventType) isStep() bool {
	return slices.Contains([]EventType{
		Picked, Returned, Expired, Transferred, Assigned, Released, Parked, Woken, Finished, Reopened, ReplyFailed, Labelled, ToOthers,
		Merged, Unmerged, Rated,
	}, typ)
}

// recall puts what happened on the card, where the newest steps stay. Whatever brings a closed task back reopens it.
func (t *Task) recall(e *Event) {
	typ := e.Type
	if e.ClosedAt > 0 {
		typ = Reopened
	}
	if !typ.isStep() {
		return
	}
	s := Step{At: e.At, Type: typ, Agent: e.Agent, From: e.FromTeam, Outcome: e.Outcome, Reason: e.Reason, Until: e.Until}
	if e.FromTeam != "" {
		s.Team = e.Team
	}
	if typ == Reopened || typ == ReplyFailed || typ == ToOthers {
		s.Message = e.Message
	}
	if typ == Rated { // by the customer, not by whom it counts for
		s.Agent, s.Reason = "", string(e.Rating)
	}
	switch e.Type { // what the channel said of it is the answer's, and is forgotten with it
	case ReplyFailed:
		s.Reason = "an answer was not delivered"
	case ReplyMoved:
		s.Reason = "nobody knows whether an answer arrived"
	}
	t.History = append(slices.Clone(t.History), s)
	if over := len(t.History) - maxSteps; over > 0 {
		t.History, t.HistoryLost = t.History[over:], t.HistoryLost+over
	}
}
