package pages

import (
	"slices"
	"strings"
	"time"

	"loket/desk"
	"loket/desk/access"
	"loket/router/queue"
)

// callFor is for how long something that happened calls whoever is told of it late.
const callFor = time.Minute

// A call tells somebody that something waits for them, without a word of what: it may stand on a locked screen.
type call struct {
	Task string `json:"task"` // its number
	Team string `json:"team"`
	Why  string `json:"why"`
}

// Why somebody is called.
const (
	calledByName   = "named"
	calledByAnswer = "answer"
	calledByTask   = "task"
)

// A cause is what may call people, of one change of a task or of several at once.
type cause struct {
	came  bool     // to the team
	said  bool     // by the customer
	named []string // in a note
	by    string   // who did it, of us
}

// causeOf is what may call people in an event. What machines write calls nobody.
func causeOf(e *desk.Event) cause {
	c := cause{named: e.Named, by: e.Agent}
	switch e.Type {
	case queue.Created, queue.Transferred:
		c.came = !e.Automatic
	case queue.Reopened:
		c.came = true
		c.said = e.Message != ""
	case queue.Arrived:
		c.said = !e.Automatic
	}
	return c
}

// and joins what happened with what happened before it.
func (c cause) and(before cause) cause {
	return cause{came: c.came || before.came, said: c.said || before.said, named: append(before.named, c.named...), by: c.by}
}

// calls is the event that calls somebody, "" when nothing does.
func (n *news) calls(by access.Actor) string {
	why := n.cause
	told := call{Task: n.number, Team: n.team}
	switch {
	case slices.Contains(why.named, by.Agent):
		told.Why = calledByName
	case why.said && slices.Contains(n.whose, by.Agent):
		told.Why = calledByAnswer
	case why.came && n.queued && why.by != by.Agent:
		told.Why = calledByTask
	default:
		return ""
	}
	return event("call", "", told)
}

// whoseIs are those whom a task awaits: who holds it or for whom it is kept, else who answered last.
func whoseIs(t *queue.Task) []string {
	switch {
	case t.Agent != "":
		return []string{t.Agent}
	case t.Lane != "":
		return []string{strings.TrimPrefix(t.Lane, "@")}
	}
	return []string{t.Answerer}
}
