// Package kpi keeps the figures: one row for each wait that ended, each closing, each message, each passing on, written
// from the queue's events and from nothing else, and the sums over them.
//
// An event carries the instants that it closes, so a row is computed from one event alone (Fold): no order between
// tasks matters, and nothing has to be remembered but how far the stream was read.
package kpi

import (
	"strings"
)

// A Kind says what a row is about.
type Kind uint8

// The kinds of rows. Their numbers are stored: new ones go to the end.
const (
	Answer      Kind = iota // a person of ours answered; it may end a wait, and a claim
	Closing                 // a task was closed; it may end a wait, and a claim
	Said                    // a person wrote to us
	Machine                 // a machine wrote to us: an out-of-office, a list
	PassedOn                // a team gave a task to another
	TakenOver               // the same, of the team that got it
	Reopening               // a closed task came back
	Running                 // a wait that runs; never stored
	Undelivered             // the answer of that task at that instant did not arrive: its row counts for nothing
	Continued               // the wait that the closing of that task at that instant ended goes on: it ended none
	RatedGood               // the customer says of a closing that it was good
	RatedBad                // or that it was not
	kinds
)

// An Ending says how a wait ended.
type Ending uint8

// The endings. Their numbers are stored.
const (
	NoWait     Ending = iota // the row ends none
	Answered                 // by a person
	Abandoned                // closed, and no person ever answered in the task
	Unanswered               // closed without an answer to this, but earlier ones, or set aside
)

func (e Ending) String() string { return [...]string{"", "answered", "abandoned", "unanswered"}[e] }

// None stands where there is nothing to measure: no wait, or no calendar to measure working time by.
const None int64 = -1

// An ID is that of the event that a row came from. Together with its kind it is the row's own.
type ID struct{ Ms, Seq int64 }

// Sort is what a row is counted under besides its agent and its instant.
type Sort struct {
	Team, Channel, Connector, Priority, Rule string
	tags                                     string // one after the other, so that a Sort can be compared
}

// Tags are those that the task had at that moment.
func (s Sort) Tags() []string {
	if s.tags == "" {
		return nil
	}
	return strings.Split(s.tags, "\x00")
}

// text is what the rows are counted under by a dimension; "" by one of which a row has none, or several.
func (s *Sort) text(d Dimension) string {
	switch d {
	case ByTeam:
		return s.Team
	case ByChannel:
		return s.Channel
	case ByConnector:
		return s.Connector
	case ByPriority:
		return s.Priority
	case ByRule:
		return s.Rule
	}
	return ""
}

// A Row is one thing that happened, with what it ended. Instants and spans are milliseconds; a span that is not
// measured is None. Working spans are None without a calendar, never 0 for that reason.
type Row struct {
	ID    ID
	Kind  Kind
	At    int64 // when it counts: of an answer, that of the answer
	Task  int64 // its number
	Sort  Sort  // of the team that the row is credited to
	Agent string

	Wait      int // the wait that it ended, the first is 1
	Ending    Ending
	Wall      int64 // from the customer's message to At
	Working   int64
	Target    int64 // the time that was promised for it, from its beginning to its due time
	Picked    int64 // when it was first claimed, before At
	Speed     int64 // from the customer's message to the first claim
	SpeedWork int64
	Held      int64 // how long of the wait it was this team's turn
	HeldWork  int64
	Handling  int64 // from the claim to the answer, or to the closing
	Resolved  int64 // from the beginning of the task, or its reopening, to its closing
	ResolWork int64
	Aside     bool // closed as spam, duplicate, erased, or what the team says: nobody was there to be helped
	DueSoon   bool // of a wait that runs
}

// endless makes the row one that ended no wait.
func (r *Row) endless() {
	r.Wait, r.Ending = 0, NoWait
	r.Wall, r.Working, r.Target, r.Picked, r.Speed, r.SpeedWork, r.Held, r.HeldWork = None, None, None, None, None, None, None, None
}

// Late tells whether the wait that the row ended was answered after its due time, or closed unanswered after it.
func (r *Row) Late() bool { return r.Target != None && r.Wall > r.Target }
