package intake

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"loket/internal/message"
	"loket/router/queue"
)

// A world is what the threads, the journal and the queue should hold: the same promises as those rooms make, said
// once more without scripts, keys and retries.
type world struct {
	threads  map[string]scene
	messages map[string]letter
	tasks    map[string]queue.Task
	replies  map[string]string // task and key → what was said under it
	claims   map[string]lastClaim
	notes    map[string]int
	looks    map[look]int // what was said last when somebody looked
	number   int64
}

type look struct{ task, agent string }

// A scene is a thread: its task, and the decision that was recorded with it.
type scene struct {
	task string
	kept keep
}

type keep struct {
	decision recorded
	prior    string
}

// A letter is a message, and how far it came.
type letter struct {
	id, thread        string
	received          int64
	automatic         bool
	task              string // where it was placed last
	delivered, walked bool
}

type lastClaim struct{ request, task, lease string }

func newWorld() *world {
	return &world{
		threads: map[string]scene{}, messages: map[string]letter{}, tasks: map[string]queue.Task{},
		replies: map[string]string{}, claims: map[string]lastClaim{}, notes: map[string]int{}, looks: map[look]int{},
	}
}

func (w *world) clone() *world {
	c := *w
	c.threads, c.messages, c.tasks = maps.Clone(w.threads), maps.Clone(w.messages), maps.Clone(w.tasks)
	c.replies, c.claims, c.notes, c.looks = maps.Clone(w.replies), maps.Clone(w.claims), maps.Clone(w.notes), maps.Clone(w.looks)
	return &c
}

// now stands for the store's clock at the time of the operation, fresh for a lease that was not there before: what
// the store chose is looked at afterwards, and must fit.
const (
	now   = int64(1) << 50
	fresh = "a new lease"
	own   = "a request that the queue made up"
)

// promises are the same for all teams, and change from operation to operation.
type promises struct {
	lease   time.Duration
	reopens bool // the time for reopening has not passed
}

// promised is what teams promise at a priority.
func promised(team, priority string) (first, next, resolution time.Duration) {
	first = 4 * time.Hour
	if priority == "high" {
		first = 2 * time.Hour
	}
	if team == "webcare" {
		return first / 2, first, 0
	}
	return first, 2 * first, 0
}

// dealtWith lets who said what was seen, or that it does not matter, be shown it.
func (w *world) dealtWith(t *queue.Task, by queue.Actor) {
	if by.Anyway || by.Seen > 0 {
		w.looksAt(t, by.Agent, saidLast(t))
	}
}

// looksAt remembers how far somebody was shown the task; what began it needs no remembering.
func (w *world) looksAt(t *queue.Task, agent string, said int) {
	if at := (look{t.ID, agent}); said > max(w.looks[at], 1) {
		w.looks[at] = said
	}
}

// unseen refuses what would be done over something that the agent was not shown.
func (w *world) unseen(t *queue.Task, by queue.Actor) error {
	if by.Anyway || max(by.Seen, 1) >= saidLast(t) || by.Seen == 0 && w.looks[look{t.ID, by.Agent}] >= saidLast(t) {
		return nil
	}
	return queue.ErrUnseen
}

func targetOf(t *queue.Task) int64 {
	_, next, _ := promised(t.Team, t.Priority)
	return cmp.Or(t.NextReply, next.Milliseconds())
}

func intoLane(t *queue.Task) {
	outOfHands(t, queue.Queued)
	t.QueuedAt, t.Lane = now, ""
}

func outOfHands(t *queue.Task, state queue.State) {
	t.State = state
	t.Agent, t.LeaseUntil, t.ClaimedAt, t.WaitingAt, t.Until = "", 0, 0, 0, 0
	t.Unattended, t.UnattendedAt = 0, 0
}

func (w *world) link(task, other string) {
	t, ok := w.tasks[task]
	if ok && task != other && !slices.Contains(t.Links, other) {
		t.Links = append(slices.Clone(t.Links), other)
		w.tasks[task] = t
	}
}

// claim gives the agent what is most urgent, or what the same request got before.
func (w *world) claim(team, agent, request string, p promises) string {
	if last := w.claims[agent]; request != "" && last.request == request {
		if t := w.tasks[last.task]; t.State == queue.Claimed && (t.Lease == last.lease) {
			return last.task
		}
		return "nothing"
	}
	best := ""
	for id, t := range w.tasks {
		if t.State == queue.Queued && t.Team == team && (t.Lane == "" || t.Lane == "@"+agent) && (best == "" || before(t, w.tasks[best])) {
			best = id
		}
	}
	if best == "" {
		return "nothing"
	}
	t := w.tasks[best]
	hold(&t, agent, p)
	w.tasks[best] = t
	w.claims[agent] = lastClaim{cmp.Or(request, own), best, fresh}
	return best
}

func before(a, b queue.Task) bool {
	general := func(t queue.Task) int { return map[bool]int{true: 1}[t.Lane == ""] }
	due := func(t queue.Task) int64 {
		if t.Due >= now {
			return t.Due - now + time.Now().UnixMilli()
		}
		return t.Due
	}
	return cmp.Or(cmp.Compare(a.Band, b.Band), cmp.Compare(due(a), due(b)), cmp.Compare(general(a), general(b)), cmp.Compare(a.ID, b.ID)) < 0
}

func hold(t *queue.Task, agent string, p promises) {
	if t.PickedAt == 0 {
		t.PickedAt = now
	}
	t.State, t.Agent, t.Lease, t.LeaseUntil, t.ClaimedAt = queue.Claimed, agent, fresh, now+p.lease.Milliseconds(), now
	t.WaitingAt, t.Until, t.Unattended, t.UnattendedAt = 0, 0, 0, 0
}

// take makes the agent the holder of this very task.
func take(t *queue.Task, agent string, p promises) error {
	switch {
	case t.State == queue.Closed:
		return queue.ErrClosed
	case t.State != queue.Claimed:
		hold(t, agent, p)
	case t.Agent != agent:
		return queue.ErrTaken
	default:
		t.LeaseUntil = now + p.lease.Milliseconds()
	}
	return nil
}

// fence lets pass who holds the task, and who lost it to nobody.
func fence(t *queue.Task, by queue.Actor, p promises) error {
	switch {
	case by.Lease == "" && t.State == queue.Claimed && t.Agent == by.Agent:
		return nil
	case by.Lease == "":
		return take(t, by.Agent, p)
	case by.Lease != t.Lease || t.State == queue.Claimed && t.Agent != by.Agent:
		return queue.ErrTaken
	case t.State == queue.Claimed:
		return nil
	}
	if err := take(t, by.Agent, p); err != nil {
		return err
	}
	t.Lease = by.Lease
	return nil
}

// act is what a person does with a task. It changes the world only when it answers nil.
func (w *world) act(a act, p promises) error {
	t, ok := w.tasks[a.task]
	if !ok {
		return queue.ErrNone
	}
	if err := w.done(&t, a, p); err != nil {
		return err
	}
	w.tasks[a.task] = t
	return nil
}

func (w *world) done(t *queue.Task, a act, p promises) error {
	switch a.verb {
	case "take":
		return take(t, a.by.Agent, p)
	case "assign":
		if t.State == queue.Closed {
			return queue.ErrClosed
		}
		queued := now
		if t.State == queue.Queued {
			queued = t.QueuedAt
		}
		intoLane(t)
		t.Lane, t.Lease, t.QueuedAt = "@"+a.to, "", queued
		return nil
	case "reopen":
		if t.Into.ID != "" {
			if err := w.unmerge(t); err != nil {
				return err
			}
		}
		if t.State == queue.Closed {
			intoLane(t)
			if t.Since, t.Due = t.Unanswered, t.WaitDue; t.Since == 0 {
				t.Due = now + targetOf(t)
			}
			opens(t, now)
		}
		return nil
	case "look":
		w.looksAt(t, a.by.Agent, a.said)
		return nil
	case "link":
		if a.to != t.ID && !slices.Contains(t.Links, a.to) {
			t.Links = append(slices.Clone(t.Links), a.to)
		}
		return nil
	case "merge":
		return w.merge(t, a.to, a.by)
	case "label":
		if a.by.Lease != "" && a.by.Lease != t.Lease {
			return queue.ErrTaken
		}
		if t.Band != bandOf(a.to) {
			press(t, a.to, bandOf(a.to), now)
			t.Priority, t.Band, t.NextReply = a.to, bandOf(a.to), 0
		}
		if !slices.Contains(t.Tags, a.to) {
			t.Tags = append(slices.Clone(t.Tags), a.to)
		}
		return nil
	case "note":
		if a.by.Lease != "" && a.by.Lease != t.Lease {
			return queue.ErrTaken
		}
		w.notes[t.ID]++
		return nil
	case "reply", "reply and close", "answered":
		said, key := a.verb+a.to, t.ID+" "+a.key
		if a.verb == "answered" {
			key += " otherwise"
		}
		if before, ok := w.replies[key]; ok && a.key != "" {
			if before != said {
				return queue.ErrConflict
			}
			return nil
		}
		if err := fence(t, a.by, p); err != nil {
			return err
		}
		if err := w.unseen(t, a.by); err != nil {
			return err
		}
		w.dealtWith(t, a.by)
		w.replies[key] = said
		t.Replies++
		t.Answerer = cmp.Or(a.by.Agent, t.Agent)
		if isLate(t, time.Now().UnixMilli()) {
			t.Told = 2
		}
		t.Since = 0
		if a.verb == "answered" {
			w.notes[t.ID]++
		}
		if a.verb != "reply and close" {
			outOfHands(t, queue.Waiting)
			t.WaitingAt, t.Lease = now, ""
			return nil
		}
		outOfHands(t, queue.Closed)
		t.ClosedAt, t.Outcome = now, "answered"
		return nil
	case "close":
		if t.State == queue.Closed && (a.by.Lease == "" || a.by.Lease == t.Lease) {
			if a.to != "" && a.to != t.Outcome {
				return queue.ErrClosed
			}
			return nil
		}
	case "return":
		if a.by.Lease == "" && t.State != queue.Claimed {
			return queue.ErrNotHeld
		}
	}
	if err := fence(t, a.by, p); err != nil {
		return err
	}
	if a.verb == "close" || a.verb == "wait" {
		if err := w.unseen(t, a.by); err != nil {
			return err
		}
		w.dealtWith(t, a.by)
	}
	switch a.verb {
	case "heartbeat":
		t.LeaseUntil = now + p.lease.Milliseconds()
	case "return":
		intoLane(t)
		t.Lease = ""
	case "transfer":
		intoLane(t)
		if t.Since > 0 {
			t.WaitTeam = cmp.Or(t.WaitTeam, t.Team)
		}
		t.Team, t.Lease, t.FirstReply, t.NextReply = a.to, "", 0, 0
		t.TeamSince = now
		t.Hops++
	case "wait":
		outOfHands(t, queue.Waiting)
		t.WaitingAt, t.Lease, t.Until = now, "", a.until
	case "close":
		if isLate(t, time.Now().UnixMilli()) {
			t.Told = 2
		}
		t.Answerer = cmp.Or(t.Answerer, a.by.Agent, t.Agent)
		outOfHands(t, queue.Closed)
		t.ClosedAt, t.Outcome, t.Unanswered, t.Since = now, a.to, t.Since, 0
	}
	return nil
}

// reap returns what ran out, wakes what is to wake by at, and tells what is due soon or late.
func (w *world) reap(at int64) int {
	changed := 0
	for id, t := range w.tasks {
		if t.State == queue.Claimed && t.LeaseUntil <= at {
			intoLane(&t)
			changed++
		}
		told, wakes := t.Told, t.State == queue.Waiting && t.Until > 0 && t.Until <= at
		if wakes {
			until := t.Until
			intoLane(&t)
			if t.Since == 0 {
				t.Due = until
			}
		}
		if left := t.WaitDue - at; isLate(&t, at) {
			t.Told = 2
		} else if t.Since > 0 && t.Told == 0 && (left*4 <= t.WaitDue-t.Since && left <= (15*time.Minute).Milliseconds()) {
			t.Told = 1
		}
		// Nobody keeps a task longer than until it is due soon.
		left := t.Lane != "" && t.LaneUntil > 0 && t.LaneUntil <= at
		if left && t.State == queue.Queued {
			t.Lane = ""
		}
		if left {
			t.LaneUntil = 0
		}
		if wakes || told != t.Told || left {
			changed++
		}
		w.tasks[id] = t
	}
	return changed
}

func isLate(t *queue.Task, at int64) bool { return t.Since > 0 && t.WaitDue < at }

// fit fills in what the store chose, where it may be that, and tells what may not.
func (w *world) fit(got map[string]queue.Task, begun, ended time.Time) error {
	for id, t := range w.tasks {
		g, ok := got[id]
		if !ok {
			return fmt.Errorf("task %s is not there", id)
		}
		for _, at := range []struct {
			name      string
			want, got *int64
		}{
			{"since", &t.Since, &g.Since}, {"wait due", &t.WaitDue, &g.WaitDue}, {"due", &t.Due, &g.Due}, {"queued", &t.QueuedAt, &g.QueuedAt},
			{"picked", &t.PickedAt, &g.PickedAt}, {"claimed", &t.ClaimedAt, &g.ClaimedAt}, {"waiting", &t.WaitingAt, &g.WaitingAt},
			{"closed", &t.ClosedAt, &g.ClosedAt}, {"lease until", &t.LeaseUntil, &g.LeaseUntil},
			{"team since", &t.TeamSince, &g.TeamSince}, {"opened", &t.OpenedAt, &g.OpenedAt},
			{"unattended", &t.UnattendedAt, &g.UnattendedAt},
		} {
			if *at.want < now {
				continue
			}
			after := *at.want - now
			if *at.got < begun.UnixMilli()+after || *at.got > ended.UnixMilli()+after {
				return fmt.Errorf("task %s: %s is %d, the operation was at %d", id, at.name, *at.got, begun.UnixMilli()+after)
			}
			*at.want = *at.got
		}
		t.LaneUntil = 0
		if t.Lane != "" && (t.State == queue.Queued || t.State == queue.Claimed) {
			t.LaneUntil = g.LaneUntil
			if t.State == queue.Queued && (g.LaneUntil == 0 || g.LaneUntil > max(t.Due, ended.Add(15*time.Minute).UnixMilli())) {
				return fmt.Errorf("task %s is kept until %d, it is due at %d", id, g.LaneUntil, t.Due)
			}
		}
		if t.Lease == fresh {
			if g.Lease == "" {
				return fmt.Errorf("task %s has no lease", id)
			}
			t.Lease = g.Lease
		}
		w.tasks[id] = t
	}
	return nil
}

// fitClaims does the same for the claims that are remembered.
func (w *world) fitClaims(got map[string]string) error {
	if len(got) != len(w.claims) {
		return fmt.Errorf("the last claims are %v, want %v", got, w.claims)
	}
	for agent, c := range w.claims {
		last := strings.Fields(got[agent])
		if len(last) != 3 || last[1] != c.task || c.request != own && last[0] != c.request || c.lease != fresh && last[2] != c.lease {
			return fmt.Errorf("the last claim of %s is %v, want %v", agent, last, c)
		}
		c.lease = last[2]
		w.claims[agent] = c
	}
	return nil
}

// word is an outcome as both sides name it.
func word(err error) string {
	for _, known := range []error{
		queue.ErrNone, queue.ErrTaken, queue.ErrClosed, queue.ErrNotHeld, queue.ErrConflict, queue.ErrNothing, queue.ErrUnseen,
		errCrash,
	} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	if err != nil {
		return "unexpected: " + err.Error()
	}
	return ""
}

var errCrash = errors.New("the process died")

func (m letter) message() *message.Message {
	out := &message.Message{
		ID: m.id, Thread: m.thread, Connector: "website", Channel: "web", Text: m.id, Received: time.UnixMilli(m.received).UTC(),
	}
	if m.automatic {
		out.Automatic = message.Reply
	}
	return out
}
