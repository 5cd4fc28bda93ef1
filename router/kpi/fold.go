package kpi

import (
	"strconv"
	"strings"
	"time"

	"loket/router/queue"
)

// Working measures a span in the working time of a team; false when the team has no calendar. It must be safe for
// concurrent use.
type Working func(team string, from, to time.Time) (time.Duration, bool)

// Fold gives the rows of an event, of which no two have the same kind. It is pure: the same event and the same
// calendars give the same rows, whatever came before.
func Fold(e *queue.Event, working Working) []Row {
	f := &fold{e: e, id: parseID(e.ID), working: working}
	switch e.Type {
	case queue.Created:
		f.message(e.Created)
	case queue.Arrived, queue.Reopened:
		f.message(e.Received)
	}
	if e.OnlyMachines {
		return f.rows
	}
	switch e.Type {
	case queue.Replied:
		f.answer()
	case queue.Finished:
		f.closing()
	case queue.Transferred:
		f.passing()
	case queue.Rated:
		f.rating()
	}
	if e.UndoneAt > 0 {
		r := f.row(Undelivered, e.UndoneAt)
		if e.UndoneOf > 0 {
			r.Task = e.UndoneOf
		}
	}
	if e.ClosedAt > 0 { // reopened, or an answer that failed after the closing
		f.row(Reopening, e.At)
	}
	if e.Continues {
		f.row(Continued, e.ClosedAt)
	}
	return f.rows
}

type fold struct {
	e       *queue.Event
	id      ID
	working Working
	rows    []Row
}

func (f *fold) row(kind Kind, at int64) *Row {
	f.rows = append(f.rows, Row{
		ID: f.id, Kind: kind, At: clampAt(at, f.id), Task: f.e.Number, Agent: f.e.Agent, Sort: sortOf(f.e, f.e.Team),
		Wall: None, Working: None, Target: None, Picked: None, Speed: None, SpeedWork: None, Held: None, HeldWork: None,
		Handling: None, Resolved: None, ResolWork: None,
	})
	return &f.rows[len(f.rows)-1]
}

// clampAt is the instant a row counts at. Nothing is later than the event that tells of it: a clock that goes ahead
// somewhere must not put a row into tomorrow.
func clampAt(at int64, id ID) int64 {
	if at <= 0 || at > id.Ms {
		return id.Ms
	}
	return at
}

func (f *fold) message(received int64) {
	if f.e.Message == "" {
		return // reopened by one of ours
	}
	kind := Said
	if f.e.Automatic {
		kind = Machine
	}
	f.row(kind, received).Agent = ""
}

// answer is credited to its author. One that a machine gave answers nobody.
func (f *fold) answer() {
	if f.e.Automatic {
		return
	}
	at := f.e.At
	if f.e.AnsweredAt > 0 {
		at = f.e.AnsweredAt
	}
	r := f.row(Answer, at)
	f.end(r, Answered)
	f.handled(r)
}

func (f *fold) closing() {
	r := f.row(Closing, f.e.At)
	ending := Unanswered
	if f.e.Abandoned {
		ending = Abandoned
	}
	f.end(r, ending)
	f.handled(r)
	r.Aside = f.e.Aside || queue.Aside(f.e.Outcome)
	if f.e.OpenedAt > 0 {
		r.Resolved = max(0, r.At-f.e.OpenedAt)
		r.ResolWork = f.work(r.Sort.Team, f.e.OpenedAt, r.At)
	}
}

// rating is credited to whoever answered last.
func (f *fold) rating() {
	switch f.e.Rating {
	case queue.Good:
		f.row(RatedGood, f.e.At)
	case queue.Bad:
		f.row(RatedBad, f.e.At)
	}
}

// passing charges the team that passes the task on with the part of the wait in which it was its turn.
func (f *fold) passing() {
	out := f.row(PassedOn, f.e.At)
	out.Sort = sortOf(f.e, f.e.FromTeam)
	if f.e.HeldSince > 0 {
		out.Held = max(0, out.At-f.e.HeldSince)
		out.HeldWork = f.work(f.e.FromTeam, f.e.HeldSince, out.At)
	}
	f.row(TakenOver, f.e.At)
}

// end measures the wait that the event ended, in the working time of the team that ended it.
func (f *fold) end(r *Row, how Ending) {
	e, team := f.e, r.Sort.Team
	if !e.WaitEnded || e.WaitSince == 0 {
		return
	}
	r.Wait, r.Ending = e.Wait, how
	r.Wall, r.Working = max(0, r.At-e.WaitSince), f.work(team, e.WaitSince, r.At)
	if e.WaitDue > 0 {
		r.Target = max(0, e.WaitDue-e.WaitSince)
	}
	if e.HeldSince > 0 {
		r.Held, r.HeldWork = max(0, r.At-e.HeldSince), f.work(team, e.HeldSince, r.At)
	}
	if e.PickedAt > 0 {
		r.Picked = max(0, r.At-e.PickedAt)
		r.Speed, r.SpeedWork = max(0, e.PickedAt-e.WaitSince), f.work(team, e.WaitSince, e.PickedAt)
	}
}

func (f *fold) handled(r *Row) {
	if f.e.ClaimedAt > 0 {
		r.Handling = max(0, r.At-f.e.ClaimedAt)
	}
}

func (f *fold) work(team string, from, to int64) int64 {
	if f.working == nil {
		return None
	}
	d, ok := f.working(team, time.UnixMilli(from), time.UnixMilli(max(from, to)))
	if !ok {
		return None
	}
	return d.Milliseconds()
}

func sortOf(e *queue.Event, team string) Sort {
	return Sort{
		Team: team, Channel: e.Channel, Connector: e.Connector, Priority: e.Priority, Rule: e.Rule,
		tags: strings.Join(e.Tags, "\x00"),
	}
}

func parseID(id string) ID {
	ms, seq, _ := strings.Cut(id, "-")
	var out ID
	out.Ms, _ = strconv.ParseInt(ms, 10, 64) // the stream's own: always numbers
	out.Seq, _ = strconv.ParseInt(seq, 10, 64)
	return out
}

func (id ID) less(o ID) bool { return id.Ms < o.Ms || id.Ms == o.Ms && id.Seq < o.Seq }

func (id ID) String() string {
	return strconv.FormatInt(id.Ms, 10) + "-" + strconv.FormatInt(id.Seq, 10)
}
