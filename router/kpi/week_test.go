package kpi

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"loket/internal/store"
	"loket/internal/store/storetest"
	"loket/router/queue"
)

// The week of the test: the night of 28 to 29 March 2026 has no hour from two to three in Amsterdam, and 3 April is
// Good Friday, on which offices are closed.
func amsterdam(tb testing.TB) *time.Location {
	tb.Helper()
	z, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		tb.Fatal(err)
	}
	return z
}

// clock reads an instant of the week: "28 22:00" is in March, "2 09:00" in April.
func clock(tb testing.TB, s string) int64 {
	tb.Helper()
	var day, hour, minute int
	if _, err := fmt.Sscanf(s, "%d %d:%d", &day, &hour, &minute); err != nil {
		tb.Fatalf("clock %q: %v", s, err)
	}
	month := time.March
	if day < 20 {
		month = time.April
	}
	return time.Date(2026, month, day, hour, minute, 0, 0, amsterdam(tb)).UnixMilli()
}

// offices is what a calendar would say, counted minute by minute: nine to five on weekdays but Good Friday for support
// and billing, always for network, and webcare has none.
func offices(tb testing.TB) Working {
	zone := amsterdam(tb)
	return func(team string, from, to time.Time) (time.Duration, bool) {
		switch team {
		case "webcare":
			return 0, false
		case "network":
			return to.Sub(from), true
		}
		open := time.Duration(0)
		for t := from; t.Before(to); t = t.Add(time.Minute) {
			l := t.In(zone)
			weekend := l.Weekday() == time.Saturday || l.Weekday() == time.Sunday
			if !weekend && l.Hour() >= 9 && l.Hour() < 17 && !(l.Month() == time.April && l.Day() == 3) {
				open += time.Minute
			}
		}
		return open, true
	}
}

// A script is events as the queue writes them, at instants of the week.
type script struct {
	tb     testing.TB
	events []queue.Event
}

func (s *script) tell(at string, e queue.Event) {
	e.At = clock(s.tb, at)
	s.events = append(s.events, e)
}

func (s *script) at(of string) int64 { return clock(s.tb, of) }

// on writes the events into the stream of a store, in order, each with the id of its instant.
func (s *script) on(st *store.Store) {
	s.tb.Helper()
	slices.SortStableFunc(s.events, func(a, b queue.Event) int { return int(a.At - b.At) })
	for i, e := range s.events {
		text, err := json.Marshal(e)
		if err != nil {
			s.tb.Fatal(err)
		}
		id := fmt.Sprintf("%d-%d", e.At, i)
		if err := st.Redis().XAdd(s.tb.Context(), &redis.XAddArgs{Stream: "lk:{q}:e", ID: id, Values: []string{"e", string(text)}}).Err(); err != nil {
			s.tb.Fatal(err)
		}
	}
}

// week is what happened.
func week(tb testing.TB) *script {
	s := &script{tb: tb}
	at := s.at
	task := func(n int64, team, channel string, tags ...string) queue.Event {
		return queue.Event{Number: n, Task: fmt.Sprint("T", n), Team: team, Channel: channel, Connector: channel, Priority: "normal", Rule: "r", Tags: tags}
	}
	with := func(e queue.Event, typ queue.EventType, edit func(*queue.Event)) queue.Event {
		e.Type = typ
		if edit != nil {
			edit(&e)
		}
		return e
	}
	begins := func(e queue.Event, when string) {
		s.tell(when, with(e, queue.Created, func(e *queue.Event) { e.Created, e.Message, e.Wait, e.WaitSince = at(when), "m", 1, at(when) }))
	}
	ends := func(e *queue.Event, wait int, since, due, picked, heldSince, claimed string) {
		e.Wait, e.WaitSince, e.WaitDue, e.WaitEnded = wait, at(since), at(due), true
		e.PickedAt, e.HeldSince, e.ClaimedAt = at(picked), at(heldSince), at(claimed)
	}

	t1 := task(1, "support", "email", "launch") // over the night that is an hour shorter, and the weekend
	begins(t1, "28 22:00")
	s.tell("30 09:30", with(t1, queue.Replied, func(e *queue.Event) {
		e.Agent = "anna"
		ends(e, 1, "28 22:00", "30 13:00", "30 09:10", "28 22:00", "30 09:10")
	}))
	s.tell("30 09:30", with(t1, queue.Finished, func(e *queue.Event) { e.Agent, e.OpenedAt, e.Replies = "anna", at("28 22:00"), 1 }))

	t2 := task(2, "network", "phone") // before and after the missing hour, and late
	begins(t2, "29 01:30")
	s.tell("29 03:30", with(t2, queue.Replied, func(e *queue.Event) {
		e.Agent = "bob"
		ends(e, 1, "29 01:30", "29 03:00", "29 03:15", "29 01:30", "29 03:15")
	}))

	t3 := task(3, "webcare", "x", "launch", "outage") // passed on, left lying, answered late, reopened
	begins(t3, "31 10:00")
	s.tell("31 10:05", with(t3, queue.Arrived, func(e *queue.Event) { e.Message, e.Automatic, e.Received = "ooo", true, at("31 10:05") }))
	t3.Team = "support"
	s.tell("31 10:30", with(t3, queue.Transferred, func(e *queue.Event) {
		e.Agent, e.FromTeam, e.ClaimedAt, e.HeldSince = "eve", "webcare", at("31 10:20"), at("31 10:00")
	}))
	s.tell("31 10:45", with(t3, queue.Parked, func(e *queue.Event) { e.Agent, e.ClaimedAt = "anna", at("31 10:40") }))
	s.tell("1 10:30", with(t3, queue.Replied, func(e *queue.Event) {
		e.Agent = "anna"
		ends(e, 1, "31 10:00", "31 10:30", "31 10:20", "31 10:30", "1 10:20")
	}))
	s.tell("1 11:00", with(t3, queue.Finished, func(e *queue.Event) {
		e.Agent, e.OpenedAt, e.ClaimedAt, e.Replies = "anna", at("31 10:00"), at("1 10:59"), 1
	}))
	s.tell("2 09:00", with(t3, queue.Reopened, func(e *queue.Event) {
		e.Message, e.Received, e.ClosedAt, e.Wait, e.WaitSince = "m2", at("2 09:00"), at("1 11:00"), 2, at("2 09:00")
	}))
	s.tell("2 09:45", with(t3, queue.Replied, func(e *queue.Event) {
		e.Agent = "carl"
		ends(e, 2, "2 09:00", "2 17:00", "2 09:40", "2 09:00", "2 09:40")
	}))
	s.tell("2 09:45", with(t3, queue.Finished, func(e *queue.Event) { e.Agent, e.OpenedAt, e.Replies = "carl", at("2 09:00"), 2 }))

	t4 := task(4, "billing", "letter") // abandoned
	begins(t4, "2 16:00")
	s.tell("2 16:30", with(t4, queue.Finished, func(e *queue.Event) {
		e.Agent, e.Abandoned, e.OpenedAt = "dora", true, at("2 16:00")
		ends(e, 1, "2 16:00", "7 12:00", "2 16:20", "2 16:00", "2 16:20")
	}))

	t5 := task(5, "support", "email") // spam
	begins(t5, "1 12:00")
	s.tell("1 12:01", with(t5, queue.Finished, func(e *queue.Event) {
		e.Agent, e.Outcome, e.OpenedAt = "anna", "spam", at("1 12:00")
		ends(e, 1, "1 12:00", "1 16:00", "1 12:00", "1 12:00", "1 12:00")
	}))

	t6 := task(6, "support", "email", "launch") // over the holiday; a second answer; an older message that came late
	begins(t6, "2 15:00")
	s.tell("3 15:00", with(t6, queue.Replied, func(e *queue.Event) {
		e.Agent = "anna"
		ends(e, 1, "2 15:00", "7 11:00", "3 14:50", "2 15:00", "3 14:50")
	}))
	s.tell("3 15:05", with(t6, queue.Replied, func(e *queue.Event) { e.Agent, e.ClaimedAt = "anna", at("3 15:04") }))
	s.tell("3 16:00", with(t6, queue.Arrived, func(e *queue.Event) {
		e.Message, e.Received, e.Wait, e.WaitSince = "late", at("2 16:00"), 2, at("2 16:00")
	}))
	s.tell("3 17:00", with(t6, queue.Replied, func(e *queue.Event) {
		e.Agent = "carl"
		ends(e, 2, "2 16:00", "7 16:00", "3 16:55", "2 16:00", "3 16:55")
	}))

	t7 := task(7, "support", "email") // a machine's, which nobody waits for
	s.tell("1 13:00", with(t7, queue.Created, func(e *queue.Event) {
		e.Created, e.Message, e.Automatic, e.OnlyMachines = at("1 13:00"), "ooo", true, true
	}))
	s.tell("1 13:30", with(t7, queue.Finished, func(e *queue.Event) { e.Agent, e.ClaimedAt, e.OnlyMachines = "anna", at("1 13:29"), true }))
	s.tell("1 14:00", with(t7, queue.Reopened, func(e *queue.Event) { e.Agent, e.ClosedAt, e.OnlyMachines = "bob", at("1 13:30"), true }))
	s.tell("1 14:10", with(t7, queue.Finished, func(e *queue.Event) {
		e.Agent, e.ClaimedAt, e.OpenedAt, e.OnlyMachines = "bob", at("1 14:05"), at("1 14:00"), true
	}))

	t8 := task(8, "webcare", "x") // answered in the channel's own app, which we hear of later
	begins(t8, "1 14:00")
	s.tell("1 14:25", with(t8, queue.Replied, func(e *queue.Event) {
		e.Agent, e.Reason, e.AnsweredAt = "eve", "elsewhere", at("1 14:20")
		e.Wait, e.WaitSince, e.WaitDue, e.WaitEnded, e.HeldSince = 1, at("1 14:00"), at("1 14:30"), true, at("1 14:00")
	}))

	t9 := task(9, "support", "email") // the answer does not arrive, and a machine's never counts
	begins(t9, "30 12:00")
	s.tell("30 12:10", with(t9, queue.Replied, func(e *queue.Event) { e.Automatic = true }))
	s.tell("30 12:30", with(t9, queue.Replied, func(e *queue.Event) {
		e.Agent = "anna"
		ends(e, 1, "30 12:00", "30 16:00", "30 12:20", "30 12:00", "30 12:20")
	}))
	s.tell("30 12:30", with(t9, queue.Finished, func(e *queue.Event) { e.Agent, e.OpenedAt, e.Replies = "anna", at("30 12:00"), 1 }))
	s.tell("30 13:00", with(t9, queue.ReplyFailed, func(e *queue.Event) { e.ClosedAt, e.Wait, e.WaitSince = at("30 12:30"), 2, at("30 13:00") }))
	s.tell("30 13:20", with(t9, queue.Replied, func(e *queue.Event) {
		e.Agent = "anna"
		ends(e, 2, "30 13:00", "31 13:00", "30 13:10", "30 13:00", "30 13:10")
	}))

	t10 := task(10, "webcare", "x") // closed without an answer, which a colleague sees: the wait goes on
	begins(t10, "31 09:00")
	abandoned := func(e *queue.Event) {
		e.Agent, e.Abandoned, e.OpenedAt = "eve", true, at("31 09:00")
		e.Wait, e.WaitSince, e.WaitDue, e.WaitEnded, e.HeldSince = 1, at("31 09:00"), at("31 09:15"), true, at("31 09:00")
	}
	s.tell("31 09:30", with(t10, queue.Finished, abandoned))
	s.tell("31 10:00", with(t10, queue.Reopened, func(e *queue.Event) {
		e.Agent, e.ClosedAt, e.Continues, e.Wait, e.WaitSince = "bob", at("31 09:30"), true, 1, at("31 09:00")
	}))
	s.tell("31 11:00", with(t10, queue.Replied, func(e *queue.Event) {
		e.Agent, e.Wait, e.WaitSince, e.WaitDue, e.WaitEnded, e.HeldSince = "bob", 1, at("31 09:00"), at("31 09:15"), true, at("31 09:00")
	}))
	s.tell("31 11:00", with(t10, queue.Finished, func(e *queue.Event) { e.Agent, e.OpenedAt, e.Replies = "bob", at("31 10:00"), 1 }))
	return s
}

const (
	minute = 60.0
	hour   = 3600.0
)

func share(n, of int) *float64 {
	s := float64(n) / float64(of)
	return &s
}

func stats(count int, mean, p50, p90, p95 float64) *Stats { return &Stats{count, mean, p50, p90, p95} }

// one is the description of a single span.
func one(v float64) *Stats { return stats(1, v, v, v, v) }

func TestFiguresOfAWeekAreThoseComputedByHand(t *testing.T) {
	t.Parallel()
	st := storetest.New(t)
	week(t).on(st)
	l := ledgerOn(t, Options{Store: st, Queue: queueOn(t, st), Working: offices(t)})
	q := weekQuery(t, ByTeam)
	r, err := l.Report(t.Context(), q, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]byHand{
		"support": {
			// T1, T5, T6 and its late one, T9; T3 wrote to webcare first, and to support when it was reopened.
			Messages: 6, Automatic: 1, Replies: 8, // of T7; the out-of-office of T3 came to webcare
			Answered: 7, Unanswered: 1, InTime: 6, Counted: 7, ServiceLevel: share(6, 7), Late: 1,
			// T1 34:30 (an hour of it never was), T3 24:30, T6 24:00, T9 0:30; in the office 0:30, 8:30, 2:00, 0:30.
			FirstResponse: Times{stats(4, 83.5*hour/4, 24*hour, 34.5*hour, 34.5*hour), stats(4, 11.5*hour/4, 0.5*hour, 8.5*hour, 8.5*hour)},
			// T3 0:45, T6 25:00, T9 0:20; in the office 0:45, 1:00, 0:20.
			NextResponse: Times{stats(3, 93900.0/3, 45*minute, 25*hour, 25*hour), stats(3, 7500.0/3, 45*minute, hour, hour)},
			// T1 34:10, T3 0:20 and 0:40, T6 23:50 and 24:55, T9 0:20 and 0:10; in the office 0:10, 0:20, 0:40, 2:00, 1:00, 0:20, 0:10.
			SpeedOfAnswer: Times{stats(7, (34*60+10+20+40+23*60+50+24*60+55+20+10)*minute/7, 40*minute, 34*hour+10*minute, 34*hour+10*minute),
				stats(7, (10+20+40+120+60+20+10)*minute/7, 20*minute, 2*hour, 2*hour)},
			// T1 20, T3 10, 1 and 5, T5 1, T6 10, 1 and 5, T9 10 and 10 minutes; T7 is nobody's matter.
			Handling: Times{stats(10, (20+10+1+5+1+10+1+5+10+10)*minute/10, 5*minute, 10*minute, 20*minute), nil},
			// T1 34:30, T3 25:00 and 0:45, T9 0:30; in the office 0:30, 9:00, 0:45, 0:30.
			Resolution: Times{stats(4, (34.5+25+0.75+0.5)*hour/4, 0.75*hour, 34.5*hour, 34.5*hour), stats(4, (0.5+9+0.75+0.5)*hour/4, 0.5*hour, 9*hour, 9*hour)},
			// The waits, but of T3 only from the passing on: 24:00 and in the office 8:00; and T5 a minute.
			Held: Times{stats(8, (34.5+24+0.75+24+25+0.5)*hour/8+(20+1)*minute/8, 0.75*hour, 34.5*hour, 34.5*hour),
				stats(8, (0.5+8+0.75+2+1+0.5)*hour/8+(20+1)*minute/8, 0.5*hour, 8*hour, 8*hour)},
			Resolved: 4, Aside: 1, Reopened: 2, TransferredIn: 1,
		},
		"network": {
			Messages: 1, Replies: 1, Answered: 1, Counted: 1, ServiceLevel: share(0, 1), Late: 1,
			FirstResponse: Times{one(hour), one(hour)}, SpeedOfAnswer: Times{one(45 * minute), one(45 * minute)},
			Handling: Times{one(15 * minute), nil}, Held: Times{one(hour), one(hour)},
		},
		"webcare": { // no calendar: nothing in working time, and not zero either
			Messages: 3, Automatic: 1, Replies: 2, Answered: 2, InTime: 1, Counted: 2, ServiceLevel: share(1, 2), Late: 1, TransferredOut: 1,
			FirstResponse: Times{Wall: stats(2, 70*minute, 20*minute, 2*hour, 2*hour)}, // T8, T10
			Held:          Times{Wall: stats(3, (20+30+120)*minute/3, 30*minute, 2*hour, 2*hour)},
			Resolution:    Times{Wall: stats(2, 45*minute, 30*minute, hour, hour)}, Resolved: 2, Reopened: 1, // T10, twice
		},
		"billing": {
			Messages: 1, Abandoned: 1, Counted: 1, ServiceLevel: share(0, 1), Handling: Times{one(10 * minute), nil},
			Resolution: Times{one(30 * minute), one(30 * minute)}, Resolved: 1, Held: Times{one(30 * minute), one(30 * minute)},
		},
	}
	if len(r.Groups) != len(want) {
		t.Errorf("%d groups, want %d", len(r.Groups), len(want))
	}
	for _, g := range r.Groups {
		if diff := cmp.Diff(want[g.Key[0]].named(), named(g.Figures), approximately()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", g.Key[0], diff)
		}
	}
	for name, want := range map[string]int{
		"messages": 11, "answered": 10, "abandoned": 1, "in_time": 7, "counted": 11, "late": 3, "transferred_in": 1, "transferred_out": 1,
	} {
		if got := r.Total.Count(name); got != want {
			t.Errorf("total of %s = %d, want %d", name, got, want)
		}
	}
	if n := r.Total.Times("first_response").Wall.Count; n != 7 {
		t.Errorf("%d first responses in all, want 7", n)
	}
}

// approximately lets sums of fractions differ in their last bits.
func approximately() cmp.Option {
	return cmp.Comparer(func(a, b float64) bool { return a == b || (a-b)*(a-b) < 1e-12*(a*a+b*b) })
}

func weekQuery(tb testing.TB, by ...Dimension) Query {
	zone := amsterdam(tb)
	return Query{From: time.Date(2026, 3, 28, 0, 0, 0, 0, zone), To: time.Date(2026, 4, 4, 0, 0, 0, 0, zone), Zone: zone, By: by}
}
