package portal

import (
	"fmt"
	"time"

	"loket/internal/message"
)

// A State is how a matter stands with us, as its customer may know it. Who of us has it, and in which team, is ours to know.
type State string

// How a matter may stand.
// The states.
const (
	Received State = "received" // it waits for somebody of us
	Looking  State = "looking"  // somebody of us looks at it
	Answered State = "answered" // the customer has our answer
	Closed   State = "closed"   // it is over until the customer writes again
)

// A Matter is what a thread is about.
type Matter struct {
	State    State          // "" when it can't be told
	AnswerBy time.Time      // until when an answer was promised; zero when none is owed
	InLine   bool           // it waits for its turn, and the customer is told how many do before it
	Before   int            // those
	Rating   Rating         // what the customer said of the closing
	Ratable  bool           // they may say it now
	Zone     *time.Location // in which its times are read
	ReadTo   int            // how far we read what the customer wrote: another number is another page
	// Read tells whether one of us had a message of the customer's on screen; nil tells nothing.
	Read func(m *message.Message) bool
}

// hasRead tells whether one of us had a message on screen, which the customer wrote.
func (m *Matter) hasRead(one *message.Message) bool {
	return m.Read != nil && one.Direction == message.In && m.Read(one)
}

// matterView is a matter in words.
type matterView struct {
	State, Promise string
	AnswerBy       string // for programs
	Late           bool
	Turn           string // how many are before them
	Rated          string // what they said, in words
	Ratable        bool
}

func (w *words) matter(m Matter, now time.Time) (v matterView) {
	v.State, v.Rated, v.Ratable = w.States[m.State], w.Rated[m.Rating], m.Ratable
	switch {
	case m.InLine && m.Before == 0:
		v.Turn = w.NextTurn
	case m.InLine && m.Before == 1:
		v.Turn = w.OneBefore
	case m.InLine:
		v.Turn = fmt.Sprintf(w.ManyBefore, m.Before)
	}
	if m.AnswerBy.IsZero() {
		return v
	}
	v.AnswerBy = stamp(m.AnswerBy)
	by := w.by(m.AnswerBy.In(m.Zone), now.In(m.Zone))
	if v.Late = now.After(m.AnswerBy); v.Late {
		v.Promise = fmt.Sprintf(w.LatePromise, by)
	} else {
		v.Promise = fmt.Sprintf(w.Promise, by)
	}
	return v
}

// by is an instant as people say it: with the day only when it is another than now's.
func (w *words) by(t, now time.Time) string {
	clock := fmt.Sprintf("%02d:%02d", t.Hour(), t.Minute())
	switch day := func(t time.Time) string { return t.Format(time.DateOnly) }; day(t) {
	case day(now):
		return fmt.Sprintf(w.Today, clock)
	case day(now.AddDate(0, 0, 1)):
		return fmt.Sprintf(w.Tomorrow, clock)
	case day(now.AddDate(0, 0, -1)):
		return fmt.Sprintf(w.Yesterday, clock)
	}
	return fmt.Sprintf(w.OnDay, fmt.Sprintf("%d %s", t.Day(), w.Months[t.Month()-1]), clock)
}
