package kpi

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/redis/go-redis/v9"
	"pgregory.net/rapid"

	"loket/internal/message"
	"loket/internal/store"
	"loket/internal/store/storetest"
	"loket/router/queue"
)

type promises struct{}

func (promises) Lease(string) time.Duration  { return time.Hour }
func (promises) Reopen(string) time.Duration { return time.Hour }
func (promises) Targets(_, priority string) (first, next, resolution time.Duration) {
	if priority == "high" {
		return 5 * time.Minute, 5 * time.Minute, time.Hour
	}
	return 20 * time.Minute, 10 * time.Minute, 0
}
func (promises) After(_ string, from time.Time, d time.Duration) time.Time { return from.Add(d) }

func (promises) LiftedAt(string, time.Time, int) time.Time { return time.Time{} }
func (promises) Aside(team, outcome string) bool {
	return team == "network" && strings.EqualFold(outcome, "wrong number")
}
func (promises) Answers(string, string) bool { return true }

// dying is a client that dies at one of its next calls of a script: before the store did it, or before it heard.
type dying struct {
	calls atomic.Int64 // until then; negative for never
	after bool
}

var errDied = fmt.Errorf("died: %w", context.Canceled)

func (d *dying) DialHook(next redis.DialHook) redis.DialHook { return next }
func (d *dying) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

func (d *dying) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if !strings.HasPrefix(cmd.Name(), "eval") || d.calls.Add(-1) != 0 {
			return next(ctx, cmd)
		}
		if d.after {
			_ = next(ctx, cmd)
		}
		cmd.SetErr(errDied)
		return errDied
	}
}

// half is working time for the tests: webcare has no calendar.
func half(team string, from, to time.Time) (time.Duration, bool) {
	return to.Sub(from) / 2, team != "webcare"
}

// TestFiguresAreThoseOfAnotherFold lets people and customers do anything on a real queue, while processes fold, die at
// any call, and fold beside each other; the figures are those that another reader of the events computes by following
// each task from event to event. Computed anew they are the same.
func TestFiguresAreThoseOfAnotherFold(t *testing.T) {
	t.Parallel()
	socket := storetest.Server(t)
	s := storetest.On(t, &redis.Options{Network: "unix", Addr: socket})
	client := redis.NewClient(&redis.Options{Network: "unix", Addr: socket})
	death := &dying{}
	client.AddHook(death)
	mortal := store.New(client, store.Info{}, nil)
	t.Cleanup(func() { _ = mortal.Close() })
	rapid.Check(t, func(t *rapid.T) {
		s.Redis().FlushAll(t.Context())
		q := queue.New(s, promises{})
		l := New(Options{Store: s, Queue: q, Working: half})
		d := &doings{t: t, q: q, begun: time.Now()}
		for range rapid.IntRange(5, 60).Draw(t, "steps") {
			switch rapid.IntRange(0, 9).Draw(t, "who") {
			case 0:
				if _, err := l.Fold(t.Context()); err != nil {
					t.Fatal(err)
				}
			case 1:
				death.after = rapid.Bool().Draw(t, "heard")
				death.calls.Store(rapid.Int64Range(1, 3).Draw(t, "dies at"))
				other := New(Options{Store: mortal, Queue: queue.New(mortal, promises{}), Working: half})
				if _, err := other.Fold(t.Context()); err != nil && !errors.Is(err, errDied) {
					t.Fatal(err)
				}
				death.calls.Store(-1)
			default:
				d.something()
			}
		}
		now := time.Now()
		facts := d.follow(now)
		query := Query{
			From: d.begun.Add(-48 * time.Hour), To: now.Add(time.Hour), Zone: time.UTC,
			By:     rapid.SampledFrom([][]Dimension{nil, {ByTeam}, {ByTag}, {ByAgent, ByTeam}, {ByPriority, ByHour}, {ByDay}, {ByChannel, ByRule}}).Draw(t, "by"),
			Within: rapid.SampledFrom([]time.Duration{0, 0, 5 * time.Minute}).Draw(t, "within"),
			Short:  rapid.SampledFrom([]time.Duration{0, 10 * time.Minute}).Draw(t, "short"),
			Tag:    rapid.SampledFrom([]string{"", "", "vip"}).Draw(t, "tag"),
		}
		d.compare(l, query, facts, now)
		rows := d.rows(l, query)
		if _, err := l.Rebuild(t.Context()); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(rows, d.rows(l, query), cmp.AllowUnexported(Sort{})); diff != "" {
			t.Fatalf("computed anew (-before +after):\n%s", diff)
		}
		d.compare(l, query, facts, now)
		if left, err := s.Redis().Keys(t.Context(), "lk:{k}:*").Result(); err != nil || len(left) > 4 {
			t.Fatalf("keys left: %q, %v", left, err)
		}
	})
}

// doings do things to a queue.
type doings struct {
	t     *rapid.T
	q     *queue.Queue
	begun time.Time
	said  int
	sent  []string // replies that were handed to their channel
}

func (d *doings) something() {
	t, ctx := d.t, d.t.Context()
	task := fmt.Sprint("T", rapid.IntRange(1, 4).Draw(t, "task"))
	by := queue.By{Agent: rapid.SampledFrom([]string{"anna", "bob"}).Draw(t, "agent"), Anyway: true}
	team := rapid.SampledFrom([]string{"support", "webcare", "network"}).Draw(t, "team")
	at := d.begun.Add(-time.Duration(rapid.IntRange(0, 3000).Draw(t, "seconds ago")) * time.Second).Truncate(time.Millisecond)
	d.said++
	m := &message.Message{ID: message.NewID([]byte(fmt.Sprint(d.said))), Connector: "website", Channel: rapid.SampledFrom([]string{"web", "email", "phone"}).Draw(t, "channel"), Thread: "t", Text: "x", Received: at}
	answer := queue.Answer{Message: &message.Message{Connector: "website", Channel: "web", Thread: "t", Text: "y"}}
	var err error
	switch rapid.SampledFrom([]string{"put", "put", "put", "claim", "take", "return", "label", "merge", "merge", "transfer", "wait", "assign", "reply", "reply", "reply and close", "answered", "close", "reopen", "elsewhere", "send", "send", "report", "report", "resend", "reap"}).Draw(t, "doing") {
	case "put":
		if rapid.IntRange(0, 4).Draw(t, "machine") == 0 {
			m.Automatic = message.Reply
		}
		if rapid.IntRange(0, 7).Draw(t, "opt-out") == 0 {
			m.Kind = message.Consent
		}
		first := time.Duration(rapid.IntRange(1, 90).Draw(t, "due")) * time.Minute
		decision := queue.Decision{
			Team: team, Priority: "normal", Band: 2, FirstReply: first, Due: at.Add(first), Rule: "r" + team, At: time.Now(),
			Tags: rapid.SampledFrom([][]string{nil, {"vip"}, {"vip", "launch"}}).Draw(t, "tags"),
		}
		if rapid.Bool().Draw(t, "high") {
			decision.Priority, decision.Band = "high", 1
		}
		_, err = d.q.Put(ctx, queue.Put{Task: task, Message: m, Thread: "t", Decision: decision, Priority: decision.Priority, Band: decision.Band})
	case "claim":
		_, err = d.q.Claim(ctx, queue.Claim{Team: team, Agent: by.Agent})
	case "take":
		_, err = d.q.Take(ctx, task, by.Agent)
	case "return":
		_, err = d.q.Return(ctx, task, by)
	case "merge":
		_, err = d.q.Merge(ctx, queue.Merging{Stays: task, Goes: fmt.Sprint("T", rapid.IntRange(1, 4).Draw(t, "goes"))}, queue.By{Agent: by.Agent})
	case "label":
		tags := rapid.SampledFrom([][]string{{}, {"vip"}, {"launch"}}).Draw(t, "other tags")
		_, err = d.q.Label(ctx, task, queue.By{Agent: by.Agent}, queue.Labels{
			Priority: rapid.SampledFrom([]string{"high", "normal"}).Draw(t, "other priority"),
			Tags:     func([]string) ([]string, error) { return tags, nil },
		})
	case "transfer":
		_, err = d.q.Transfer(ctx, task, by, team, "")
	case "wait":
		_, err = d.q.Wait(ctx, task, by, time.Time{})
	case "assign":
		_, err = d.q.Assign(ctx, task, by.Agent, "mary")
	case "reply":
		_, _, err = d.q.Reply(ctx, task, by, answer)
	case "reply and close":
		answer.Close = true
		_, _, err = d.q.Reply(ctx, task, by, answer)
	case "close":
		_, err = d.q.Close(ctx, task, by, rapid.SampledFrom([]string{"", "solved", "Spam", "Wrong Number"}).Draw(t, "outcome"))
	case "answered":
		_, err = d.q.AnsweredOtherwise(ctx, task, by, queue.Otherwise{Way: "phone", Text: "rang back", Close: rapid.Bool().Draw(t, "closes")})
	case "reopen":
		_, err = d.q.Reopen(ctx, task, by.Agent)
	case "elsewhere":
		m.Agent = "eve"
		err = d.q.AnsweredElsewhere(ctx, task, m, at)
	case "send":
		err = d.send()
	case "report":
		if len(d.sent) > 0 {
			state := rapid.SampledFrom([]queue.ReplyState{queue.ReplyGaveUp, queue.ReplyGaveUp, queue.ReplyDelivered}).Draw(t, "reported")
			err = d.q.Report(ctx, "website", rapid.SampledFrom(d.sent).Draw(t, "of"), state, "so it says")
		}
	case "resend":
		if len(d.sent) > 0 {
			_, err = d.q.Resend(ctx, rapid.SampledFrom(d.sent).Draw(t, "again"), by.Agent)
		}
	case "reap":
		_, err = d.q.Reap(ctx)
	}
	var refusal *queue.Refusal
	if err != nil && !errors.As(err, &refusal) && !errors.Is(err, queue.ErrNone) && !errors.Is(err, queue.ErrNothing) && !errors.Is(err, queue.ErrConflict) {
		t.Fatal(err)
	}
}

// send hands a reply to its channel, which takes it or not.
func (d *doings) send() error {
	due, err := d.q.DueReplies(d.t.Context(), 0, 1)
	if err != nil || len(due) == 0 {
		return err
	}
	r, err := d.q.BeginSend(d.t.Context(), due[0].ID, time.Minute)
	if err != nil || r == nil {
		return err
	}
	d.sent = append(d.sent, r.ID)
	if rapid.Bool().Draw(d.t, "taken") {
		return d.q.Sent(d.t.Context(), r.ID, r.Token, "", false)
	}
	return d.q.GiveUp(d.t.Context(), r.ID, r.Token, "no such address")
}

// A fact is one thing that a figure counts.
type fact struct {
	figure            string
	at                int64
	agent             string
	of                queue.Event // for the rest of what it is counted under
	team              string
	wall, work        int64
	target, untilHere int64
	answer            int64  // when the answer was given that made it one
	closing           string // the event that ended the wait that it tells of, if that was a closing
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
	newest                queue.Event
}

// joins lets a matter go on in this one.
func (m *matter) joins(o *matter) {
	m.answers += o.answers
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
			answered[moment{e.Number, at}] = *m
			tell("replies", at, e.Agent, e.Team, None)
			if m.since > 0 && m.since <= at {
				end("answered", at)
			}
			m.answers++
			for i := before; i < len(facts); i++ {
				facts[i].answer = at
			}
		case queue.Finished:
			m.closed = true
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
			at := time.UnixMilli(f.at).UTC()
			parts = append(parts, map[Dimension]string{
				ByTeam: f.team, ByAgent: f.agent, ByChannel: f.of.Channel, ByPriority: f.of.Priority, ByRule: f.of.Rule, ByTag: tag,
				ByHour: at.Format("2006-01-02T15:00Z"), ByDay: at.Format("2006-01-02"),
			}[by])
		}
		keys = append(keys, strings.Join(parts, "|"))
	}
	return keys
}

// describe sorts, and looks up.
func describe(values []int64) *Stats {
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
func figuresOf(facts []fact, q Query) Figures {
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
	times := func(name string) Times { return Times{describe(wall[name]), describe(work[name])} }
	out := Figures{
		Messages: n["messages"], Automatic: n["automatic"], Replies: n["replies"], Answered: n["answered"], Abandoned: n["abandoned"],
		Unanswered: n["unanswered"], InTime: inTime, Counted: counted, Late: n["late"], FirstResponse: times("first"), NextResponse: times("next"),
		SpeedOfAnswer: times("speed"), Handling: Times{Wall: describe(wall["handling"])}, Resolution: times("resolution"), Held: times("held"),
		Resolved: n["resolution"], Aside: n["aside"], Reopened: n["reopened"], TransferredOut: n["out"], TransferredIn: n["in"],
	}
	if counted > 0 {
		out.ServiceLevel = share(inTime, counted)
	}
	return out
}

func (d *doings) compare(l *Ledger, q Query, facts []fact, now time.Time) {
	t := d.t
	r, err := l.Report(t.Context(), q, now)
	if err != nil {
		t.Fatal(err)
	}
	want, all := map[string][]fact{}, []fact(nil)
	backlog := 0
	for _, f := range facts {
		if q.Tag != "" && !slices.Contains(f.of.Tags, q.Tag) {
			continue
		}
		if f.figure == "backlog" {
			backlog++
			if f.agent == "?" && slices.Contains(q.By, ByAgent) { // whoever holds it
				f.agent = d.holder(f.of.Task)
			}
		}
		all = append(all, f)
		for _, key := range f.keys(q) {
			want[key] = append(want[key], f)
		}
	}
	same := cmp.Options{approximately(), cmpopts.IgnoreFields(Figures{}, "Now")}
	for _, g := range r.Groups {
		key := strings.Join(g.Key, "|")
		if diff := cmp.Diff(figuresOf(want[key], q), g.Figures, same); diff != "" {
			t.Fatalf("group %q (-want +got):\n%s", key, diff)
		}
		delete(want, key)
	}
	for key := range want {
		if key != "" || len(q.By) > 0 {
			t.Fatalf("no group %q", key)
		}
	}
	if diff := cmp.Diff(figuresOf(all, q), r.Total, same); diff != "" {
		t.Fatalf("total (-want +got):\n%s", diff)
	}
	if r.Total.Now == nil || r.Total.Now.Backlog != backlog {
		t.Fatalf("now = %+v, want a backlog of %d", r.Total.Now, backlog)
	}
	d.compareLists(l, q, r, now)
}

func (d *doings) holder(task string) string {
	t, err := d.q.Task(d.t.Context(), task)
	if err != nil {
		d.t.Fatal(err)
	}
	return t.Agent
}

// compareLists holds the length of each figure's list against the figure.
func (d *doings) compareLists(l *Ledger, q Query, r *Report, now time.Time) {
	n := func(t Times) int {
		if t.Wall == nil {
			return 0
		}
		return t.Wall.Count
	}
	f := r.Total
	want := map[string]int{
		"messages": f.Messages, "automatic": f.Automatic, "replies": f.Replies, "answered": f.Answered, "abandoned": f.Abandoned,
		"unanswered": f.Unanswered, "in_time": f.InTime, "counted": f.Counted, "missed": f.Counted - f.InTime, "late": f.Late,
		"first_response": n(f.FirstResponse), "next_response": n(f.NextResponse), "speed_of_answer": n(f.SpeedOfAnswer),
		"handling": n(f.Handling), "resolution": n(f.Resolution), "held": n(f.Held), "resolved": f.Resolved, "aside": f.Aside,
		"reopened": f.Reopened, "transferred_out": f.TransferredOut, "transferred_in": f.TransferredIn,
		"backlog": f.Now.Backlog, "due_soon": f.Now.DueSoon, "breached": f.Now.Breached,
	}
	for _, figure := range FigureNames() {
		got, cursor := 0, ""
		for {
			items, next, err := l.Tasks(d.t.Context(), q, figure, Page{7, cursor}, now)
			if err != nil {
				d.t.Fatal(err)
			}
			if got += len(items); next == "" {
				break
			}
			cursor = next
		}
		if got != want[figure] {
			d.t.Fatalf("%s lists %d, the figure is %d", figure, got, want[figure])
		}
	}
}

// rows are all rows, in order.
func (d *doings) rows(l *Ledger, q Query) []Row {
	rows, err := l.Rows(d.t.Context(), q.From.UnixMilli(), q.To.UnixMilli())
	if err != nil {
		d.t.Fatal(err)
	}
	slices.SortFunc(rows, func(a, b Row) int { return markOf(&a).compare(markOf(&b)) })
	return rows
}
