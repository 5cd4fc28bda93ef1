package queue_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"loket/router/queue"
)

func (r *room) claim(agent string) *queue.Task {
	r.t.Helper()
	t, err := r.Claim(r.t.Context(), queue.Claim{Team: support, Agent: agent})
	if err != nil {
		r.t.Fatalf("Claim(%s) = %v", agent, err)
	}
	return t
}

func (r *room) claimNothing(c queue.Claim) {
	r.t.Helper()
	c.Team = support
	if got, err := r.Claim(r.t.Context(), c); !errors.Is(err, queue.ErrNothing) {
		r.t.Fatalf("Claim(%+v) = %+v, %v; want nothing", c, got, err)
	}
}

func decided(band int, due time.Duration, lane string) func(*queue.Put) {
	return func(p *queue.Put) {
		p.Decision.Band, p.Decision.Lane, p.Decision.Due, p.Decision.FirstReply = band, lane, p.Message.Received.Add(due), 0
	}
}

func TestClaimGivesTheBandFirstAndInsideItWhatIsDueFirst(t *testing.T) {
	r := newRoom(t)
	r.begin("low early", decided(3, -100*24*time.Hour, ""))
	r.begin("normal late", decided(2, 100*24*time.Hour, ""))
	r.begin("normal early", decided(2, time.Hour, ""))
	r.begin("urgent very late", decided(0, 10*365*24*time.Hour, ""))
	r.begin("hers, normal", decided(2, 2*time.Hour, "@anna"))
	r.begin("hers, at the same time", decided(2, time.Hour, "@anna"))
	r.begin("his", decided(0, 0, "@bob"))
	r.begin("another team's", func(p *queue.Put) { p.Decision.Team = webcare })
	var got []string
	for range 6 {
		got = append(got, r.claim("anna").ID)
	}
	want := []string{"urgent very late", "hers, at the same time", "normal early", "hers, normal", "normal late", "low early"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	r.claimNothing(queue.Claim{Agent: "anna"})
	if got := r.claim("bob").ID; got != "his" {
		t.Errorf("bob got %s", got)
	}
}

func TestClaimSaysWhatKPINeeds(t *testing.T) {
	r := newRoom(t)
	r.begin("T1", func(p *queue.Put) { p.Decision.Tags = []string{"outage"} })
	queued := r.task("T1").QueuedAt
	got := r.claim("anna")
	if diff := cmp.Diff(r.task("T1"), got); diff != "" {
		t.Errorf("Claim gave another card than is stored (-stored +given):\n%s", diff)
	}
	if got.State != queue.Claimed || got.Agent != "anna" || got.Lease == "" || got.LeaseUntil != got.ClaimedAt+time.Hour.Milliseconds() || got.PickedAt != got.ClaimedAt {
		t.Errorf("task = %+v", got)
	}
	want := queue.Event{
		Number: 1, Type: queue.Picked, Task: "T1", State: queue.Claimed, Team: support, Agent: "anna", Channel: "web", Connector: "website",
		Priority: "normal", Rule: "fallback", Tags: []string{"outage"}, Due: got.Due, Created: got.Created, At: got.ClaimedAt,
		Wait: 1, WaitSince: got.Since, WaitDue: got.WaitDue, QueuedAt: queued, FirstPick: true,
	}
	e := r.newest("T1", queue.Picked)
	e.ID = ""
	if diff := cmp.Diff(want, e); diff != "" {
		t.Errorf("event (-want +got):\n%s", diff)
	}
	if _, err := r.Return(t.Context(), "T1", queue.Actor{Agent: "anna", Lease: got.Lease}); err != nil {
		t.Fatal(err)
	}
	r.claim("bob")
	if e := r.newest("T1", queue.Picked); e.FirstPick {
		t.Error("the second claim of one wait counts as its first")
	}
}

func TestTakeAndClaimTellTheSame(t *testing.T) {
	r := newRoom(t)
	r.begin("T1")
	r.begin("T2")
	r.take("T1", "anna")
	r.claim("anna")
	a, b := r.newest("T1", queue.Picked), r.newest("T2", queue.Picked)
	b.ID, b.Number, b.Task, b.At, b.QueuedAt = a.ID, a.Number, a.Task, a.At, a.QueuedAt
	if diff := cmp.Diff(a, b); diff != "" {
		t.Errorf("events of Take and Claim differ:\n%s", diff)
	}
}

func TestClaimAgainWithTheSameRequestGivesTheSameTask(t *testing.T) {
	r := newRoom(t)
	r.begin("T1")
	r.begin("T2")
	c := queue.Claim{Team: support, Agent: "anna", Request: "r1"}
	first, err := r.Claim(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		again, err := r.Claim(t.Context(), c)
		if diff := cmp.Diff(first, again); diff != "" || err != nil {
			t.Fatalf("the same request (-first +again):\n%s%v", diff, err)
		}
	}
	// Heartbeats rewrite the card, the claim stays the same one.
	if _, err := r.Heartbeat(t.Context(), first.ID, queue.Actor{Agent: "anna", Lease: first.Lease}); err != nil {
		t.Fatal(err)
	}
	if again, err := r.Claim(t.Context(), c); err != nil || again.ID != first.ID || again.Lease != first.Lease {
		t.Fatalf("after a heartbeat: %+v, %v", again, err)
	}
	if n := len(r.events(first.ID)); n != 2 {
		t.Errorf("%d events, want created and one claimed", n)
	}
	r.expire(first.ID)
	r.claimNothing(c)
	r.want("T2", queue.Queued)
	c.Request = "r2"
	if got, err := r.Claim(t.Context(), c); err != nil || got.ID != first.ID {
		t.Errorf("a new request: %+v, %v", got, err)
	}
}

func TestClaimWithoutANameOrWithSpacesIsRefused(t *testing.T) {
	r := newRoom(t)
	r.begin("T1")
	before := r.everything()
	for _, c := range []queue.Claim{{}, {Agent: "an na"}, {Agent: "anna", Request: "a\tb"}, {Agent: "anna", Request: "a b"}, {Agent: "a\nb"}} {
		c.Team = support
		if got, err := r.Claim(t.Context(), c); err == nil {
			t.Errorf("Claim(%+q) = %+v, want an error", c, got)
		}
	}
	if got, err := r.Take(t.Context(), "T1", ""); err == nil {
		t.Errorf("Take by nobody = %+v, want an error", got)
	}
	if got, err := r.Heartbeat(t.Context(), "T1", queue.Actor{}); err == nil {
		t.Errorf("Heartbeat by nobody = %+v, want an error", got)
	}
	if diff := cmp.Diff(before, r.everything()); diff != "" {
		t.Errorf("what was refused changed (-before +after):\n%s", diff)
	}
}

func TestTwentyAgentsOnTenTasksGetEachOnce(t *testing.T) {
	r := newRoom(t)
	const tasks, agents = 10, 20
	for i := range tasks {
		r.begin(number(i), decided(2, time.Duration(i)*time.Second, map[bool]string{true: "@agent3"}[i == 5]))
	}
	var mu sync.Mutex
	var got []string
	var wg sync.WaitGroup
	for i := range agents {
		wg.Go(func() {
			for n := range tasks { // so that agent3 gets to the one that is kept for him
				task, err := r.Claim(t.Context(), queue.Claim{Team: support, Agent: fmt.Sprint("agent", i), Request: fmt.Sprint(n)})
				if errors.Is(err, queue.ErrNothing) {
					continue
				}
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				got = append(got, task.ID)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	slices.Sort(got)
	var want []string
	for i := range tasks {
		want = append(want, number(i))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("claimed (-want +got):\n%s", diff)
	}
}

func TestTake(t *testing.T) {
	r := newRoom(t)
	r.begin("T1")
	by := r.take("T1", "anna")
	if _, err := r.Take(t.Context(), "T1", "bob"); !errors.Is(err, queue.ErrTaken) {
		t.Errorf("Take of what another holds = %v, want ErrTaken", err)
	}
	if again := r.take("T1", "anna"); again != by {
		t.Errorf("Take of what one holds = %v, want the lease %v", again, by)
	}
	r.answer("T1", by, answer("hello"))
	r.want("T1", queue.Waiting)
	r.take("T1", "bob") // what waits for the customer may be taken up
	r.close("T1", queue.Actor{Agent: "bob"}, "")
	if _, err := r.Take(t.Context(), "T1", "anna"); !errors.Is(err, queue.ErrClosed) {
		t.Errorf("Take of a closed task = %v, want ErrClosed", err)
	}
	if _, err := r.Take(t.Context(), "T9", "anna"); !errors.Is(err, queue.ErrNone) {
		t.Errorf("Take of no task = %v, want ErrNone", err)
	}
}

func TestHeartbeatRenewsTheLease(t *testing.T) {
	r := newRoom(t)
	r.begin("T1")
	by := r.take("T1", "anna")
	r.teams.set(&r.teams.lease, 3*time.Hour)
	for _, by := range []queue.Actor{by, {Agent: "anna"}, {Lease: by.Lease}} {
		before := len(r.events("T1"))
		got, err := r.Heartbeat(t.Context(), "T1", by)
		if err != nil || time.Until(time.UnixMilli(got.LeaseUntil)) < 2*time.Hour || got.Agent != "anna" {
			t.Errorf("Heartbeat(%+v) = %+v, %v; want a longer lease", by, got, err)
		}
		if n := len(r.events("T1")) - before; n != 0 {
			t.Errorf("Heartbeat wrote %d events", n)
		}
	}
}

func TestLongPollWakesWhenWorkComes(t *testing.T) {
	r := newRoom(t)
	r.follow()
	for i, come := range map[string]func(id string){
		"put":          func(id string) { r.begin(id) },
		"put for anna": func(id string) { r.begin(id, decided(2, 0, "@anna")) },
		"assign": func(id string) {
			r.begin(id, decided(2, 0, "@bob"))
			if _, err := r.Assign(t.Context(), id, "anna", "boss"); err != nil {
				t.Error(err)
			}
		},
		"transfer": func(id string) {
			r.begin(id, func(p *queue.Put) { p.Decision.Team = webcare })
			if _, err := r.Transfer(t.Context(), id, queue.Actor{Agent: "bob"}, support, ""); err != nil {
				t.Error(err)
			}
		},
	} {
		// Of three tries one may be slow on a busy machine; a poll without a bell takes 750 ms at least, each time.
		var took time.Duration
		for try := range 3 {
			if took = r.wakes(fmt.Sprint(i, try), come); took < 500*time.Millisecond {
				break
			}
		}
		if took >= 500*time.Millisecond {
			t.Errorf("%s: the claim woke after %v", i, took)
		}
	}
}

// wakes tells how long a waiting claim took to get the work that came.
func (r *room) wakes(id string, come func(string)) time.Duration {
	r.t.Helper()
	type end struct {
		task *queue.Task
		err  error
		at   time.Time
	}
	ended := make(chan end, 1)
	go func() {
		task, err := r.Claim(r.t.Context(), queue.Claim{Team: support, Agent: "anna", Wait: 20 * time.Second})
		ended <- end{task, err, time.Now()}
	}()
	r.eventually("the claim waits", func() bool { return r.Feed().Waiting() == 1 })
	begun := time.Now()
	come(id)
	e := <-ended
	if e.err != nil || e.task.ID != id {
		r.t.Fatalf("Claim = %+v, %v; want %s", e.task, e.err, id)
	}
	return e.at.Sub(begun)
}

// follow runs the feed and returns when it passes events on.
func (r *room) follow() {
	r.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { _ = r.Feed().Run(ctx) })
	r.t.Cleanup(wg.Wait)
	r.t.Cleanup(cancel)
	sub := r.Feed().Subscribe(1000)
	defer sub.Close()
	n := 0
	r.eventually("the feed runs", func() bool {
		n++
		r.begin(fmt.Sprint("feed ", n), func(p *queue.Put) { p.Decision.Team = "elsewhere" })
		select {
		case <-sub.C:
			return true
		case <-time.After(10 * time.Millisecond):
			return false
		}
	})
}

// eventually asks until the answer is yes, at most a minute: a busy machine is slow.
func (r *room) eventually(what string, ask func() bool) {
	r.t.Helper()
	for end := time.Now().Add(time.Minute); !ask(); {
		if time.Now().After(end) {
			r.t.Fatalf("not within a minute: %s", what)
		}
		time.Sleep(time.Millisecond)
	}
}

func TestClaimWaitEndsWithItsContextOrItsTime(t *testing.T) {
	r := newRoom(t)
	begun := time.Now()
	r.claimNothing(queue.Claim{Agent: "anna", Wait: 30 * time.Millisecond})
	if took := time.Since(begun); took < 30*time.Millisecond || took > 700*time.Millisecond {
		t.Errorf("a claim that waits 30ms took %v", took)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.Claim(ctx, queue.Claim{Team: support, Agent: "anna", Wait: time.Hour}); !errors.Is(err, context.Canceled) {
		t.Errorf("Claim of one who left = %v, want context.Canceled", err)
	}
	if n := r.Feed().Waiting(); n != 0 {
		t.Errorf("%d claims are still waiting", n)
	}
}
