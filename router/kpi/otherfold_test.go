package kpi

import (
	"slices"
	"strings"
	"time"

	"loket/router/queue"
)

// A fact is one thing that a figure counts.
type fact struct {
	figure     string
	at         int64
	agent      string
	of         queue.Event // for the rest of what it is counted under
	team       string
	wall, work int64
	target     int64
	answer     int64  // when the answer was given that made it one
	closing    string // the event that ended the wait that it tells of, if that was a closing
}

// matter is a task as somebody sees it who follows its events.
type matter struct {
	wait                  int
	since, due            int64 // of the wait that runs
	claimed, team, opened int64
	picked                int64
	everWaited            bool
	closed, reopened      bool
	closing               string // the last
	unanswered            int64  // since when the customer waited whose wait that ended
	answers               int
	answerer              string // who answered last, or closed it while nobody had
	newest                queue.Event
}

// joins lets a matter go on in this one.
func (m *matter) joins(o *matter) {
	m.answers += o.answers
	if m.answerer == "" {
		m.answerer = o.answerer
	}
	if o.closed {
		return
	}
	switch {
	case !o.everWaited:
	case !m.everWaited:
		if m.opened, m.wait = o.opened, o.wait; o.since > 0 {
			m.wait--
		}
	default:
		m.opened = min(m.opened, o.opened)
	}
	if o.everWaited {
		m.everWaited, m.reopened = true, true // it is not another message that tells since when
	}
	if o.since == 0 {
		return
	}
	turn := max(o.since, o.team)
	if m.since == 0 {
		m.wait, m.since, m.due, m.picked = m.wait+1, o.since, o.due, o.picked
	} else {
		turn = min(turn, max(m.since, m.team))
		m.since, m.due = min(m.since, o.since), min(m.due, o.due)
		if m.picked == 0 || o.picked > 0 && o.picked < m.picked {
			m.picked = o.picked
		}
	}
	if max(m.since, m.team) != turn { // else what is heard of late, and came before, still lay with this team
		m.team = turn
	}
}

// follow reads the events as they tell of beginnings; what they say of what they end it does not look at.
func (d *doings) follow(now time.Time) []fact {
	events, err := d.q.Since(d.t.Context(), "", 100_000)
	if err != nil {
		d.t.Fatal(err)
	}
	var facts []fact
	matters := map[string]*matter{}
	answered := map[moment]matter{} // as it was, when it was answered
	var gone *matter                // the one that goes on in another, as it was
	work := func(team string, ms int64) int64 {
		if team == "webcare" {
			return None
		}
		return (time.Duration(ms) * time.Millisecond / 2).Milliseconds()
	}
	for _, e := range events {
		m := matters[e.Task]
		if m == nil {
			m = &matter{opened: e.Created}
			matters[e.Task] = m
		}
		m.newest = e
		tell := func(figure string, at int64, agent, team string, ms int64) {
			if !m.everWaited && figure != "automatic" && figure != "messages" { // nobody's matter
				return
			}
			facts = append(facts, fact{figure: figure, at: at, agent: agent, of: e, team: team, wall: ms, work: work(team, ms)})
		}
		end := func(figure string, at int64) {
			ms := at - m.since
			before := len(facts)
			defer func() {
				for i := before; i < len(facts) && e.Type == queue.Finished; i++ {
					facts[i].closing = e.ID
				}
			}()
			tell(figure, at, e.Agent, e.Team, ms)
			facts[len(facts)-1].target = m.due - m.since
			if at > m.due {
				tell("late", at, e.Agent, e.Team, ms)
			}
			tell("held", at, e.Agent, e.Team, max(0, at-max(m.since, m.team))) // answered elsewhere before it was passed on: never this team's turn
			if figure == "answered" {
				name := "next"
				if m.wait == 1 {
					name = "first"
				}
				tell(name, at, e.Agent, e.Team, ms)
				if m.picked > 0 {
					tell("speed", at, e.Agent, e.Team, m.picked-m.since)
				}
			}
			m.since = 0
		}
		released := func() {
			if m.claimed > 0 {
				tell("handling", e.At, e.Agent, e.Team, e.At-m.claimed)
			}
			m.claimed = 0
		}
		before := len(facts)
		switch e.Type {
		case queue.ReplyFailed: // it is as if nobody had answered
			if e.UndoneAt > 0 {
				of := e.Number
				if e.UndoneOf > 0 { // it was given in a task that goes on in this one since
					of = e.UndoneOf
				}
				facts = slices.DeleteFunc(facts, func(f fact) bool { return f.of.Number == of && f.answer == e.UndoneAt })
				m.answers--
			}
		case queue.Created, queue.Arrived, queue.Reopened:
			at := e.Received
			if e.Type == queue.Created {
				at = e.Created
			}
			if e.Message != "" && e.Automatic {
				tell("automatic", at, "", e.Team, None)
			} else if e.Message != "" {
				tell("messages", at, "", e.Team, None)
				if !m.reopened && (at < m.opened || !m.everWaited) {
					m.opened = at
				}
			}
			if e.Type == queue.Reopened && e.Message == "" && m.unanswered > 0 { // it never ended
				facts = slices.DeleteFunc(facts, func(f fact) bool { return f.closing != "" && f.closing == m.closing })
				m.since = m.unanswered
			}
		case queue.Picked:
			m.claimed = e.At
			if e.FirstPick && m.since > 0 {
				m.picked = e.At
			}
		case queue.Returned, queue.Expired, queue.Assigned, queue.Parked:
			m.claimed = 0
		case queue.Merged:
			if strings.HasPrefix(e.Reason, "into ") {
				was := *m
				gone = &was
				m.closed, m.since, m.claimed = true, 0, 0
				break
			}
			m.joins(gone)
		case queue.Transferred:
			tell("out", e.At, e.Agent, e.FromTeam, None)
			tell("in", e.At, e.Agent, e.Team, None)
			if m.since > 0 {
				tell("held", e.At, e.Agent, e.FromTeam, e.At-max(m.since, m.team))
			}
			m.claimed, m.team = 0, e.At
		case queue.Replied:
			at := e.At
			if e.AnsweredAt > 0 {
				at = e.AnsweredAt
			} else if e.Reason != "sent again" {
				released()
			}
			if given := (moment{e.Number, at}); answered[given].since == 0 { // of two in one millisecond the first ended the wait
				answered[given] = *m
			}
			tell("replies", at, e.Agent, e.Team, None)
			if m.since > 0 && m.since <= at {
				end("answered", at)
			}
			m.answers++
			m.answerer = e.Agent
			for i := before; i < len(facts); i++ {
				facts[i].answer = at
			}
		case queue.Rated:
			tell("rated", e.At, m.answerer, e.Team, None)
			if e.Rating == queue.Good {
				tell("rated_good", e.At, m.answerer, e.Team, None)
			}
		case queue.Finished:
			m.closed = true
			if m.answerer == "" {
				m.answerer = e.Agent
			}
			released()
			m.closing, m.unanswered = e.ID, m.since
			aside := e.Outcome == "Spam" || e.Outcome == "Wrong Number" && e.Team == "network"
			switch {
			case m.since > 0 && m.answers == 0 && !aside:
				end("abandoned", e.At)
			case m.since > 0:
				end("unanswered", e.At)
			}
			if aside {
				tell("aside", e.At, e.Agent, e.Team, None)
			} else {
				tell("resolution", e.At, e.Agent, e.Team, e.At-m.opened)
			}
		}
		if e.Type == queue.Reopened || e.ClosedAt > 0 {
			m.closed = false
		}
		if e.ClosedAt > 0 && m.everWaited {
			tell("reopened", e.At, e.Agent, e.Team, None)
			m.opened, m.reopened = e.At, true
			if e.Received > 0 {
				m.opened = e.Received
			}
		}
		if begins := e.Type == queue.Created || e.Type == queue.Labelled || e.Type == queue.Arrived || e.Type == queue.Reopened || e.Type == queue.ReplyFailed || e.Type == queue.Woken; begins && e.WaitSince > 0 {
			if e.Type == queue.ReplyFailed && !m.everWaited {
				d.t.Fatalf("a wait begins in a task in which only machines wrote: %+v", e)
			}
			if m.since == 0 {
				m.picked, m.everWaited = 0, true
			}
			given := moment{e.Number, e.UndoneAt}
			if e.UndoneOf > 0 {
				given.task = e.UndoneOf
			}
			if was := answered[given]; was.since > 0 && e.WaitSince <= was.since && was.picked > 0 {
				m.picked = was.picked // it was claimed before it was answered
			}
			m.wait, m.since, m.due = e.Wait, e.WaitSince, e.WaitDue
		}
	}
	for _, m := range matters {
		if m.since > 0 {
			ms, team := now.UnixMilli()-m.since, m.newest.Team
			facts = append(facts, fact{figure: "backlog", at: now.UnixMilli(), agent: "?", of: m.newest, team: team, wall: ms, work: work(team, ms), target: m.due - m.since})
		}
	}
	return facts
}

// keys are the groups that a fact belongs to.
func (f *fact) keys(q Query) []string {
	tags := []string{""}
	if slices.Contains(q.By, ByTag) && len(f.of.Tags) > 0 {
		tags = f.of.Tags
	}
	var keys []string
	for _, tag := range tags {
		var parts []string
		for _, by := range q.By {
			at, hour := time.UnixMilli(f.at).UTC(), "2006-01-02T15:00Z"
			if slices.Contains(q.By, ByWeekday) {
				hour = "15"
			}
			parts = append(parts, map[Dimension]string{
				ByTeam: f.team, ByAgent: f.agent, ByChannel: f.of.Channel, ByPriority: f.of.Priority, ByRule: f.of.Rule, ByTag: tag,
				ByHour: at.Format(hour), ByDay: at.Format("2006-01-02"), ByWeekday: strings.ToLower(at.Format("Mon")),
			}[by])
		}
		keys = append(keys, strings.Join(parts, "|"))
	}
	return keys
}

// described sorts, and looks up.
func described(values []int64) *Stats {
	if len(values) == 0 {
		return nil
	}
	slices.Sort(values)
	sum := 0.0
	for _, v := range values {
		sum += float64(v)
	}
	rank := func(p float64) float64 {
		for i, v := range values { // the first that so many do not exceed
			if float64(i+1) >= p/100*float64(len(values))-1e-9 {
				return float64(v) / 1000
			}
		}
		return 0
	}
	return &Stats{len(values), sum / float64(len(values)) / 1000, rank(50), rank(90), rank(95)}
}

// figuresOf computes figures of facts.
func figuresOf(facts []fact, q Query) byHand {
	n, wall, work := map[string]int{}, map[string][]int64{}, map[string][]int64{}
	counted, inTime := 0, 0
	for _, f := range facts {
		n[f.figure]++
		if f.wall != None {
			wall[f.figure] = append(wall[f.figure], f.wall)
		}
		if f.wall != None && f.work != None {
			work[f.figure] = append(work[f.figure], f.work)
		}
		in := f.wall <= f.target
		if q.Within > 0 {
			in = f.wall <= q.Within.Milliseconds()
			if f.work != None {
				in = f.work <= q.Within.Milliseconds()
			}
		}
		switch {
		case f.figure == "answered":
			counted++
			if in {
				inTime++
			}
		case f.figure == "abandoned" && (q.Short == 0 || f.wall > q.Short.Milliseconds()), f.figure == "backlog" && !in:
			counted++
		}
	}
	times := func(name string) Times { return Times{described(wall[name]), described(work[name])} }
	out := byHand{
		Messages: n["messages"], Automatic: n["automatic"], Replies: n["replies"], Answered: n["answered"], Abandoned: n["abandoned"],
		Unanswered: n["unanswered"], InTime: inTime, Counted: counted, Late: n["late"], FirstResponse: times("first"), NextResponse: times("next"),
		SpeedOfAnswer: times("speed"), Handling: Times{Wall: described(wall["handling"])}, Resolution: times("resolution"), Held: times("held"),
		Resolved: n["resolution"], Aside: n["aside"], Reopened: n["reopened"], TransferredOut: n["out"], TransferredIn: n["in"],
		Rated: n["rated"], RatedGood: n["rated_good"],
	}
	if counted > 0 {
		out.ServiceLevel = share(inTime, counted)
	}
	if out.Rated > 0 {
		out.Satisfaction = share(out.RatedGood, out.Rated)
	}
	return out
}
