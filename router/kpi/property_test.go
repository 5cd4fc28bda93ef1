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
	"github.com/redis/go-redis/v9"
	"pgregory.net/rapid"

	"loket/internal/message"
	"loket/internal/proptest"
	"loket/internal/store"
	"loket/internal/store/storetest"
	"loket/router"
	"loket/router/queue"
)

type promises struct{}

// A failer is a test, or one case of a property.
type failer interface {
	Helper()
	Fatal(args ...any)
}

// ledgerOn is one of these options.
func ledgerOn(t failer, o Options) *Ledger {
	t.Helper()
	l, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// queueOn is the queue of a store, whose teams promise that.
func queueOn(t failer, s *store.Store) *queue.Queue {
	t.Helper()
	q, err := queue.New(queue.Options{Store: s, Teams: promises{}})
	if err != nil {
		t.Fatal(err)
	}
	return q
}

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
	proptest.Check(t, proptest.Usual, func(t *rapid.T) {
		s.Redis().FlushAll(t.Context())
		q := queueOn(t, s)
		l := ledgerOn(t, Options{Store: s, Queue: q, Working: half})
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
				other := ledgerOn(t, Options{Store: mortal, Queue: queueOn(t, mortal), Working: half})
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
			By:     rapid.SampledFrom([][]Dimension{nil, {ByTeam}, {ByTag}, {ByAgent, ByTeam}, {ByPriority, ByHour}, {ByDay}, {ByChannel, ByRule}, {ByWeekday}, {ByHour, ByTeam, ByWeekday}}).Draw(t, "by"),
			Within: rapid.SampledFrom([]time.Duration{0, 0, 5 * time.Minute}).Draw(t, "within"),
			Short:  rapid.SampledFrom([]time.Duration{0, 10 * time.Minute}).Draw(t, "short"),
			Only:   rapid.SampledFrom([]map[Dimension]string{nil, nil, {ByTag: "vip"}, {ByTag: ""}, {ByWeekday: weekdays[weekdayOf(now.UTC())]}, {ByHour: hourLabel(now.UTC().Hour())}}).Draw(t, "only"),
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
	by := queue.Actor{Agent: rapid.SampledFrom([]string{"anna", "bob"}).Draw(t, "agent"), Anyway: true}
	team := rapid.SampledFrom([]string{"support", "webcare", "network"}).Draw(t, "team")
	at := d.begun.Add(-time.Duration(rapid.IntRange(0, 3000).Draw(t, "seconds ago")) * time.Second).Truncate(time.Millisecond)
	d.said++
	m := &message.Message{ID: message.NewID([]byte(fmt.Sprint(d.said))), Connector: "website", Channel: rapid.SampledFrom([]string{"web", "email", "phone"}).Draw(t, "channel"), Thread: "t", Text: "x", Received: at}
	answer := queue.Answer{Message: &message.Message{Connector: "website", Channel: "web", Thread: "t", Text: "y"}}
	var err error
	switch rapid.SampledFrom([]string{"put", "put", "put", "claim", "take", "return", "label", "merge", "merge", "transfer", "wait", "assign", "reply", "reply", "reply and close", "answered", "close", "reopen", "elsewhere", "send", "send", "report", "report", "resend", "reap", "rate", "rate"}).Draw(t, "doing") {
	case "put":
		if rapid.IntRange(0, 4).Draw(t, "machine") == 0 {
			m.Automatic = message.Reply
		}
		if rapid.IntRange(0, 7).Draw(t, "opt-out") == 0 {
			m.Kind = message.Consent
		}
		first := time.Duration(rapid.IntRange(1, 90).Draw(t, "due")) * time.Minute
		decision := router.Decision{
			Team: team, Priority: "normal", Band: 2, FirstReply: first, Due: at.Add(first), Rule: "r" + team,
			Tags: rapid.SampledFrom([][]string{nil, {"vip"}, {"vip", "launch"}}).Draw(t, "tags"),
		}
		if rapid.Bool().Draw(t, "high") {
			decision.Priority, decision.Band = "high", 1
		}
		_, err = d.q.Put(ctx, queue.Put{Task: task, Message: m, Thread: "t", Decision: decision, Decided: time.Now(), Priority: decision.Priority, Band: decision.Band})
	case "claim":
		_, err = d.q.Claim(ctx, queue.Claim{Team: team, Agent: by.Agent})
	case "take":
		_, err = d.q.Take(ctx, task, by.Agent)
	case "return":
		_, err = d.q.Return(ctx, task, by)
	case "merge":
		_, err = d.q.Merge(ctx, queue.Merging{Stays: task, Goes: fmt.Sprint("T", rapid.IntRange(1, 4).Draw(t, "goes"))}, queue.Actor{Agent: by.Agent})
	case "label":
		tags := rapid.SampledFrom([][]string{{}, {"vip"}, {"launch"}}).Draw(t, "other tags")
		_, err = d.q.Label(ctx, task, queue.Actor{Agent: by.Agent}, queue.Labels{
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
	case "rate":
		if _, err = d.q.Rate(ctx, task, rapid.SampledFrom([]queue.Rating{queue.Good, queue.Bad}).Draw(t, "rating")); errors.Is(err, queue.ErrNotRatable) {
			err = nil
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

func (d *doings) compare(l *Ledger, q Query, facts []fact, now time.Time) {
	t := d.t
	r, err := l.Report(t.Context(), q, now)
	if err != nil {
		t.Fatal(err)
	}
	want, all := map[string][]fact{}, []fact(nil)
	backlog := 0
	for _, f := range facts {
		if tag, asked := q.Only[ByTag]; asked && (tag == "" && len(f.of.Tags) > 0 || tag != "" && !slices.Contains(f.of.Tags, tag)) {
			continue
		}
		if !q.wantsAt(f.at) {
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
	for _, g := range r.Groups {
		key := strings.Join(g.Key, "|")
		if diff := cmp.Diff(figuresOf(want[key], q).named(), named(g.Figures), approximately()); diff != "" {
			t.Fatalf("group %q (-want +got):\n%s", key, diff)
		}
		delete(want, key)
	}
	for key := range want {
		if key != "" || len(q.By) > 0 {
			t.Fatalf("no group %q", key)
		}
	}
	if diff := cmp.Diff(figuresOf(all, q).named(), named(r.Total), approximately()); diff != "" {
		t.Fatalf("total (-want +got):\n%s", diff)
	}
	if n := r.Total.Count("backlog"); !r.Total.Now || n != backlog {
		t.Fatalf("a backlog of %d (told: %v), want %d", n, r.Total.Now, backlog)
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
	f := r.Total
	want := map[string]int{"missed": f.Count("counted") - f.Count("in_time")}
	for _, name := range []string{
		"messages", "automatic", "replies", "answered", "abandoned", "unanswered", "in_time", "counted", "late",
		"resolved", "aside", "reopened", "transferred_out", "transferred_in", "rated", "rated_good", "backlog", "due_soon", "breached",
	} {
		want[name] = f.Count(name)
	}
	for _, name := range []string{"first_response", "next_response", "speed_of_answer", "handling", "resolution", "held"} {
		want[name] = 0
		if wall := f.Times(name).Wall; wall != nil {
			want[name] = wall.Count
		}
	}
	for _, figure := range FigureNames() {
		if _, known := want[figure]; !known {
			d.t.Fatalf("nothing is known here of %s", figure)
		}
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
