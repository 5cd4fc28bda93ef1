package queue_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"loket/internal/message"
	"loket/router"
	"loket/router/queue"
)

func TestPutBeginsTask(t *testing.T) {
	r := newRoom(t)
	m := r.said("no signal since this morning", 0)
	m.Subject, m.Name, m.Language, m.Public = "No signal", "Kate", "en", true
	r.put(r.first("T1", m, func(p *queue.Put) {
		p.Decision.Tags, p.Decision.NextReply, p.Prior = []string{"a", "b"}, time.Hour, "T0"
	}), queue.PutCreated)
	due := ms(m.Received.Add(4 * time.Hour))
	want := &queue.Task{
		Number: 1, ID: "T1", Team: support, State: queue.Queued, Priority: "normal", Band: 2, Due: due, Created: ms(m.Received),
		Channel: "web", Connector: "website", Public: true, Subject: "No signal", Name: "Kate", From: m.From, Language: "en",
		Threads: []string{"thread"}, Links: []string{"T0"}, Rule: "fallback", Tags: []string{"a", "b"}, NextReply: time.Hour.Milliseconds(),
		Wait: 1, Since: ms(m.Received), WaitDue: due, WaitTarget: (4 * time.Hour).Milliseconds(), Last: ms(m.Received), Messages: 1,
	}
	if diff := cmp.Diff(want, r.task("T1"), cmpopts.IgnoreFields(queue.Task{}, "QueuedAt")); diff != "" {
		t.Errorf("task (-want +got):\n%s", diff)
	}
	e := r.newest("T1", queue.Created)
	if e.Number != 1 || e.Message != m.ID || e.Wait != 1 || e.WaitSince != want.Since || e.WaitDue != due || e.Team != support || e.At < want.Created {
		t.Errorf("event = %+v", e)
	}
	if id, err := r.ByNumber(t.Context(), 1); id != "T1" || err != nil {
		t.Errorf("ByNumber(1) = %s, %v", id, err)
	}
}

func TestPutAgainIsKnown(t *testing.T) {
	r := newRoom(t)
	p := r.first("T1", r.said("hello", 0))
	r.put(p, queue.PutCreated)
	r.put(p, queue.PutKnown)
	more := r.first("T1", r.said("more", time.Second))
	r.put(more, queue.PutJoined)
	r.put(more, queue.PutKnown)
	r.look("T1", "anna")
	r.close("T1", queue.Actor{Agent: "anna"}, "")
	r.teams.set(&r.teams.reopen, -time.Hour)
	before := r.everything()
	for _, p := range []queue.Put{p, more} {
		r.put(p, queue.PutKnown)
		p.Task = "T2" // placed again, naming T1: it still is where it is
		r.put(p, queue.PutKnown)
	}
	if diff := cmp.Diff(before, r.everything()); diff != "" {
		t.Errorf("delivering again changed (-before +after):\n%s", diff)
	}
}

func TestPutTwentyTimesAtOnceIsOneTask(t *testing.T) {
	r := newRoom(t)
	got := map[queue.PutResult]int{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			res, err := r.Put(t.Context(), r.first("T1", r.said("hello", 0)))
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			got[res]++
		})
	}
	wg.Wait()
	if diff := cmp.Diff(map[queue.PutResult]int{queue.PutCreated: 1, queue.PutKnown: 19}, got); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
	if n := r.task("T1").Messages; n != 1 {
		t.Errorf("the task has %d messages, want 1", n)
	}
}

func TestPutTwentyTimesAtOnceIntoATaskThatIsThereIsOneMessage(t *testing.T) {
	r := newRoom(t)
	for n := range 20 {
		id := number(n)
		r.begin(id)
		p := r.first(id, r.said("more in "+id, time.Second))
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				if res, err := r.Put(t.Context(), p); err != nil || res != queue.PutJoined && res != queue.PutKnown {
					t.Errorf("Put = %s, %v", res, err)
				}
			})
		}
		wg.Wait()
		if got := r.task(id).Messages; got != 2 {
			t.Errorf("task %s has %d messages, want 2", id, got)
		}
	}
}

// Messages of one thread reach the queue in any order, and all carry the decision of the one that was placed first.
func TestPutInAnyOrderGivesTheSameWait(t *testing.T) {
	r := newRoom(t)
	messages := []*message.Message{
		r.said("first", 0), r.said("second", 2*time.Second), r.said("third", time.Second), r.automatic("away", -10*time.Second),
	}
	decisions := []router.Decision{ // each by itself
		{Team: support, Priority: "normal", Band: 2, FirstReply: 3 * time.Hour, NextReply: 5 * time.Hour},
		{Team: webcare, Priority: "normal", Band: 2, FirstReply: 20 * time.Minute, NextReply: 30 * time.Minute},
		{Team: support, Priority: "high", Band: 1, FirstReply: 40 * time.Minute, NextReply: time.Hour},
		{Team: support, Priority: "normal", Band: 2, FirstReply: 90 * time.Hour, NextReply: 90 * time.Hour},
	}
	// As the decision of the one that was placed first says, and for a person in a machine's task as the team does; what is
	// high, from then on, by the team too: support promises it in two hours, webcare in half an hour.
	for placed, want := range []time.Duration{2*time.Hour + time.Second, 20 * time.Minute, 40 * time.Minute, 2*time.Hour + time.Second} {
		for n, order := range permutations(len(messages)) {
			id := fmt.Sprint("T", placed, "-", n)
			for _, i := range order {
				m := *messages[i]
				m.ID = message.NewID([]byte(id), []byte(m.Text))
				p := r.first(id, &m)
				p.Decision, p.Machine, p.Priority, p.Band = decisions[placed], placed == 3, decisions[i].Priority, decisions[i].Band
				p.Decision.Due, p.Decided = messages[placed].Received.Add(p.Decision.FirstReply), time.Now()
				if _, err := r.Put(t.Context(), p); err != nil {
					t.Fatal(err)
				}
			}
			got := r.task(id)
			if got.Wait != 1 || got.Since != ms(messages[0].Received) || got.Last != ms(messages[1].Received) || got.Messages != 4 {
				t.Errorf("order %v: wait %d since %d, last %d, %d messages", order, got.Wait, got.Since, got.Last, got.Messages)
			}
			if in := time.UnixMilli(got.WaitDue).Sub(messages[0].Received); in != want || got.Due != got.WaitDue || got.Priority != "high" {
				t.Errorf("order %v, decision of %d: %s, due %d, the wait's after %s; want high and %s", order, placed, got.Priority, got.Due, in, want)
			}
		}
	}
}

func permutations(n int) [][]int {
	if n == 0 {
		return [][]int{{}}
	}
	var all [][]int
	for _, p := range permutations(n - 1) {
		for at := range n {
			all = append(all, append(append(append([]int{}, p[:at]...), n-1), p[at:]...))
		}
	}
	return all
}

func TestPutLeavesClaimedTaskWithItsHolder(t *testing.T) {
	r := newRoom(t)
	r.begin("T1")
	by := r.take("T1", "anna")
	before := r.task("T1")
	r.again("T1", r.said("more", time.Minute), queue.PutJoined)
	got := r.want("T1", queue.Claimed)
	if got.Agent != "anna" || got.Lease != by.Lease || got.LeaseUntil != before.LeaseUntil || got.Due != before.Due || got.Wait != 1 {
		t.Errorf("task = %+v, was %+v", got, before)
	}
	r.look("T1", "anna")
	r.answer("T1", by, answer("look here"))
}

func TestPutWakesWaitingTaskWithTheNextReplyTarget(t *testing.T) {
	for _, tt := range []struct {
		name string
		next time.Duration
		want time.Duration
	}{
		{"the team's", 0, 8 * time.Hour},
		{"the rule's", 20 * time.Minute, 20 * time.Minute},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRoom(t)
			r.begin("T1", func(p *queue.Put) { p.Decision.NextReply = tt.next })
			r.answer("T1", r.take("T1", "anna"), answer("hello"))
			r.want("T1", queue.Waiting)
			m := r.said("thanks, but", time.Hour)
			r.again("T1", m, queue.PutJoined)
			got := r.want("T1", queue.Queued)
			due := ms(m.Received.Add(tt.want))
			if got.Due != due || got.WaitDue != due || got.Wait != 2 || got.Since != ms(m.Received) || got.PickedAt != 0 || got.Agent != "" {
				t.Errorf("task = %+v, want the second wait, due %d", got, due)
			}
			if e := r.newest("T1", queue.Arrived); e.Wait != 2 || e.WaitSince != ms(m.Received) || e.WaitDue != due {
				t.Errorf("event = %+v", e)
			}
			// An older one that was held up on its way makes the wait begin earlier, not anew.
			late := r.said("held up", 30*time.Minute)
			r.again("T1", late, queue.PutJoined)
			if got := r.task("T1"); got.Wait != 2 || got.Since != ms(late.Received) || got.Due != ms(late.Received.Add(tt.want)) || got.Last != ms(m.Received) {
				t.Errorf("after the older message: %+v", got)
			}
		})
	}
}

func TestPutReopensWithinTheTeamsTime(t *testing.T) {
	r := newRoom(t)
	r.begin("T1")
	r.close("T1", queue.Actor{Agent: "anna"}, "solved")
	closed := r.task("T1").ClosedAt
	r.again("T1", r.said("it is back", time.Minute), queue.PutJoined)
	got := r.want("T1", queue.Queued)
	if got.Wait != 2 || got.Reopened != 1 || got.Outcome != "" || got.ClosedAt != 0 || got.Lease != "" || got.Due != ms(r.begun.Add(8*time.Hour+time.Minute)) {
		t.Errorf("task = %+v", got)
	}
	if e := r.newest("T1", queue.Reopened); e.ClosedAt != closed || e.Wait != 2 || e.Message == "" {
		t.Errorf("event = %+v", e)
	}
}

func TestPutIntoLongClosedTask(t *testing.T) {
	r := newRoom(t)
	r.begin("T1")
	r.close("T1", queue.Actor{Agent: "anna"}, "solved")
	r.teams.set(&r.teams.reopen, -time.Second)
	before := r.everything()
	m := r.said("it is back", time.Minute)
	r.again("T1", m, queue.PutClosed)
	r.again("T1", m, queue.PutClosed)
	if diff := cmp.Diff(before, r.everything()); diff != "" {
		t.Errorf("PutClosed changed (-before +after):\n%s", diff)
	}
	r.put(r.first("T2", m, func(p *queue.Put) { p.Prior = "T1" }), queue.PutCreated)
	if got := r.task("T2").Links; !cmp.Equal(got, []string{"T1"}) {
		t.Errorf("links = %v, want T1", got)
	}
}

func TestAutomaticMailNeitherReopensNorUnparksNorBeginsAWait(t *testing.T) {
	t.Run("queued", func(t *testing.T) {
		r := newRoom(t)
		r.begin("T1")
		before := r.task("T1")
		r.again("T1", r.automatic("away", -time.Hour), queue.PutJoined)
		got := r.want("T1", queue.Queued)
		if got.Since != before.Since || got.Due != before.Due || got.Wait != 1 || got.Messages != 2 {
			t.Errorf("task = %+v, was %+v", got, before)
		}
		if e := r.newest("T1", queue.Arrived); !e.Automatic || e.Wait != 0 {
			t.Errorf("event = %+v", e)
		}
	})
	t.Run("waiting", func(t *testing.T) {
		r := newRoom(t)
		r.begin("T1")
		r.answer("T1", r.take("T1", "anna"), answer("hello"))
		r.again("T1", r.automatic("away", time.Hour), queue.PutJoined)
		if got := r.want("T1", queue.Waiting); got.Since != 0 || got.Wait != 1 {
			t.Errorf("task = %+v", got)
		}
	})
	for _, reopen := range []time.Duration{time.Hour, -time.Hour} {
		t.Run(fmt.Sprint("closed, reopen ", reopen), func(t *testing.T) {
			r := newRoom(t)
			r.begin("T1")
			r.close("T1", queue.Actor{Agent: "anna"}, "")
			r.teams.set(&r.teams.reopen, reopen)
			r.again("T1", r.automatic("away", time.Hour), queue.PutJoined)
			if got := r.want("T1", queue.Closed); got.Since != 0 || got.Wait != 1 || got.Reopened != 0 {
				t.Errorf("task = %+v", got)
			}
		})
	}
	t.Run("first", func(t *testing.T) {
		r := newRoom(t)
		r.put(r.first("T1", r.automatic("newsletter", 0)), queue.PutCreated)
		got := r.want("T1", queue.Queued)
		if got.Wait != 0 || got.Since != 0 || got.Due != ms(r.begun.Add(4*time.Hour)) {
			t.Errorf("task = %+v, want no wait and its place in the queue", got)
		}
		r.close("T1", queue.Actor{Agent: "anna"}, "")
		if e := r.newest("T1", queue.Finished); e.Abandoned || e.WaitEnded {
			t.Errorf("event = %+v, want nobody abandoned", e)
		}
	})
}

func TestPutStaleDecisionMakesNoTask(t *testing.T) {
	r := newRoom(t)
	for _, tt := range []struct {
		name string
		at   time.Time
	}{
		{"no decision", time.Time{}},
		{"too old", time.Now().Add(-queue.Retention/2 - time.Minute)},
	} {
		p := r.first("T1", r.said("hello", 0), func(p *queue.Put) { p.Decided = tt.at })
		r.put(p, queue.PutStale)
	}
	if all := r.everything(); len(all) != 0 {
		t.Errorf("the store holds %v, want nothing", all)
	}
	r.begin("T1", func(p *queue.Put) { p.Decided = time.Now().Add(-queue.Retention/2 + time.Minute) })
	// A task that is there is joined, however old the decision.
	r.put(r.first("T1", r.said("more", 0), func(p *queue.Put) { p.Decision, p.Decided = router.Decision{}, time.Time{} }), queue.PutJoined)
}

func TestPutRemembersSendersAndThreads(t *testing.T) {
	r := newRoom(t)
	r.begin("T1")
	m := r.said("from another thread", time.Minute)
	m.Thread, m.From = "elsewhere", []message.Identifier{{Kind: "phone", Value: "+31612345678", Level: message.Attested}}
	r.again("T1", m, queue.PutJoined)
	r.again("T1", r.said("back again", 2*time.Minute), queue.PutJoined)
	if got, want := r.task("T1").Threads, []string{"elsewhere", "thread"}; !cmp.Equal(got, want) {
		t.Errorf("threads = %v, want %v", got, want)
	}
	for _, i := range append(m.From, r.said("", 0).From...) {
		i.Level = message.Mentioned
		tasks, err := r.ByIdentifier(t.Context(), i, 10)
		if err != nil || len(tasks) != 1 || tasks[0].ID != "T1" {
			t.Errorf("ByIdentifier(%s) = %v, %v; want T1", i, tasks, err)
		}
	}
}

func TestPutManyIntoOneTaskAtOnce(t *testing.T) {
	r := newRoom(t)
	const many = 30
	var wg sync.WaitGroup
	for i := range many {
		wg.Go(func() {
			if _, err := r.Put(t.Context(), r.first("T1", r.said(fmt.Sprint("message ", i), time.Duration(i)*time.Second))); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := r.task("T1"); got.Messages != many || got.Last != ms(r.begun.Add((many-1)*time.Second)) || got.Since != ms(r.begun) {
		t.Errorf("task has %d messages, since %d, last %d", got.Messages, got.Since, got.Last)
	}
	if n := len(r.events("T1")); n != many {
		t.Errorf("%d events, want %d", n, many)
	}
}

func TestTaskIDIsComputedFromArrivalAndMessage(t *testing.T) {
	at := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	id := queue.NewTaskID(at, "m", "")
	if again := queue.NewTaskID(at, "m", ""); again != id {
		t.Errorf("the same arrival gives %s and %s", id, again)
	}
	if other := queue.NewTaskID(at, "m", "T0"); other == id {
		t.Errorf("the follower of a closed task has the id %s of another", other)
	}
	if later := queue.NewTaskID(at.Add(time.Millisecond), "a", ""); later <= id {
		t.Errorf("%s of a later arrival sorts before %s", later, id)
	}
	for _, odd := range []time.Time{{}, time.Unix(1<<50, 0)} {
		if id := queue.NewTaskID(odd, "m", ""); len(id) != 26 {
			t.Errorf("NewTaskID(%v) = %q", odd, id)
		}
	}
}
