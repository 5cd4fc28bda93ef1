package queue_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"loket/internal/message"
	"loket/router/queue"
)

// dueIn makes the task's first message one that came before the test and is due so long from its beginning.
func dueIn(since, due time.Duration) func(*queue.Put) {
	return func(p *queue.Put) {
		p.Message.Received = p.Message.Received.Add(since)
		p.Decision.FirstReply = due - since
		p.Decision.Due = p.Message.Received.Add(due - since)
	}
}

// told are the warnings of a task, oldest first.
func (r *room) told(task string) []queue.EventType {
	r.t.Helper()
	var all []queue.EventType
	for _, e := range r.events(task) {
		if e.Type == queue.DueSoon || e.Type == queue.Breached {
			all = append(all, e.Type)
		}
	}
	return all
}

func (r *room) wantTold(task string, want ...queue.EventType) {
	r.t.Helper()
	if got := r.told(task); !slices.Equal(got, want) {
		r.t.Errorf("told of %s: %q, want %q", task, got, want)
	}
}

func TestDueSoonAndBreachedAreToldOnceAWait(t *testing.T) {
	r := newRoom(t)
	r.begin("fresh", dueIn(0, 4*time.Hour))
	r.begin("soon", dueIn(-time.Hour, 10*time.Minute))
	r.begin("quarter left", dueIn(-4*time.Minute, time.Minute)) // of five minutes one: fifteen would be before it began
	r.begin("three left", dueIn(-2*time.Minute, 3*time.Minute))
	r.begin("late", dueIn(-time.Hour, -time.Minute))
	r.reap(3)
	r.reap(0)
	r.wantTold("fresh")
	r.wantTold("soon", queue.DueSoon)
	r.wantTold("quarter left", queue.DueSoon)
	r.wantTold("three left")
	r.wantTold("late", queue.Breached) // that it would be late soon is no news any more
	e := r.newest("late", queue.Breached)
	if task := r.task("late"); e.Wait != 1 || e.WaitSince != task.Since || e.WaitDue != task.WaitDue || e.State != queue.Queued || e.WaitEnded {
		t.Errorf("event = %+v of %+v", e, task)
	}
}

func TestTimersRingWhereverTheTaskIs(t *testing.T) {
	r := newRoom(t)
	for _, id := range []string{"held", "parked", "passed on", "parked, wakes before"} {
		r.begin(id, dueIn(-time.Hour, -time.Minute))
	}
	r.take("held", "anna")
	for id, until := range map[string]time.Time{"parked": {}, "parked, wakes before": r.begun.Add(-2 * time.Minute)} {
		if _, err := r.Wait(t.Context(), id, queue.Actor{Agent: "anna"}, until); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := r.Transfer(t.Context(), "passed on", queue.Actor{Agent: "anna"}, webcare, ""); err != nil {
		t.Fatal(err)
	}
	r.reap(4)
	r.reap(0)
	for _, id := range []string{"held", "parked", "passed on", "parked, wakes before"} {
		r.wantTold(id, queue.Breached)
	}
	if e := r.newest("held", queue.Breached); e.Agent != "anna" {
		t.Errorf("event = %+v, want whose hands it is in", e)
	}
	r.want("parked", queue.Waiting)
	r.want("parked, wakes before", queue.Queued)
}

func TestWhatIsAnsweredLateIsToldLateAlthoughNobodyLooked(t *testing.T) {
	r := newRoom(t)
	for _, id := range []string{"answered", "closed", "elsewhere", "elsewhere in time", "in time"} {
		r.begin(id, dueIn(-time.Hour, -time.Minute))
	}
	r.begin("in time, too", dueIn(-time.Hour, time.Hour))
	r.answer("answered", queue.Actor{Agent: "anna"}, answer("sorry"))
	r.answer("in time, too", queue.Actor{Agent: "anna"}, answer("here"))
	r.close("closed", queue.Actor{Agent: "anna"}, "")
	for id, at := range map[string]time.Duration{"elsewhere": 0, "elsewhere in time": -2 * time.Minute, "in time": -time.Minute} {
		if err := r.AnsweredElsewhere(t.Context(), id, r.said("of us, "+id, at), r.begun.Add(at)); err != nil {
			t.Fatal(err)
		}
	}
	r.reap(0)
	for _, id := range []string{"answered", "closed", "elsewhere"} {
		r.wantTold(id, queue.Breached)
	}
	r.wantTold("elsewhere in time")
	r.wantTold("in time") // to the millisecond
	r.wantTold("in time, too")
}

func TestEachWaitHasItsOwnWarning(t *testing.T) {
	r := newRoom(t)
	r.begin("T1", dueIn(-time.Hour, -time.Minute))
	r.reap(1)
	r.answer("T1", queue.Actor{Agent: "anna"}, answer("sorry"))
	r.teams.set(&r.teams.next, 10*time.Minute)
	r.again("T1", r.said("and this?", -20*time.Minute), queue.PutJoined)
	r.reap(1)
	r.wantTold("T1", queue.Breached, queue.Breached)
	if e := r.newest("T1", queue.Breached); e.Wait != 2 {
		t.Errorf("event = %+v, want the second wait", e)
	}
	// What a machine says begins no wait, and so nothing falls due.
	r.put(r.first("T2", r.automatic("out of office", -10*time.Hour)), queue.PutCreated)
	r.reap(0)
	r.wantTold("T2")
}

func TestManyProcessesTellEachOnce(t *testing.T) {
	r := newRoom(t)
	const tasks = 120 // more than one round
	for i := range tasks {
		r.begin(number(i), dueIn(-time.Hour, -time.Minute))
	}
	total := make([]int, 4)
	var wg sync.WaitGroup
	for i := range total {
		wg.Go(func() {
			n, err := r.Reap(t.Context())
			if err != nil {
				t.Error(err)
			}
			total[i] = n
		})
	}
	wg.Wait()
	if sum := total[0] + total[1] + total[2] + total[3]; sum != tasks {
		t.Errorf("told %v, want %d in all", total, tasks)
	}
	for i := range tasks {
		r.wantTold(number(i), queue.Breached)
	}
}

func TestEventsCarryTheInstantsTheyClose(t *testing.T) {
	r := newRoom(t)
	r.begin("T1", dueIn(-time.Hour, time.Hour))
	queued := r.task("T1").QueuedAt
	if _, err := r.Assign(t.Context(), "T1", "anna", "mary"); err != nil {
		t.Fatal(err)
	}
	if got := r.task("T1").QueuedAt; got != queued {
		t.Errorf("assigned, it was queued at %d, want %d: it waits for a hand all the while", got, queued)
	}
	by := r.take("T1", "anna")
	picked := r.task("T1").PickedAt
	if _, err := r.Transfer(t.Context(), "T1", by, webcare, ""); err != nil {
		t.Fatal(err)
	}
	passed := r.newest("T1", queue.Transferred)
	if passed.HeldSince != ms(r.begun.Add(-time.Hour)) || passed.FromTeam != support {
		t.Errorf("passed on: %+v", passed)
	}
	r.answer("T1", queue.Actor{Agent: "bob"}, answer("here"))
	if e := r.newest("T1", queue.Replied); e.PickedAt != picked || e.HeldSince != passed.At {
		t.Errorf("answered: %+v, want picked %d, held since %d", e, picked, passed.At)
	}
	r.close("T1", queue.Actor{Agent: "bob"}, "")
	if e := r.newest("T1", queue.Finished); e.OpenedAt != ms(r.begun.Add(-time.Hour)) {
		t.Errorf("closed: %+v", e)
	}
	r.again("T1", r.said("once more", -time.Second), queue.PutJoined)
	if e := r.newest("T1", queue.Reopened); e.Received != ms(r.begun.Add(-time.Second)) || e.ClosedAt == 0 {
		t.Errorf("reopened: %+v", e)
	}
	r.look("T1", "bob")
	r.close("T1", queue.Actor{Agent: "bob"}, "")
	if e := r.newest("T1", queue.Finished); e.OpenedAt != ms(r.begun.Add(-time.Second)) {
		t.Errorf("closed again: %+v", e)
	}
}

func TestOpenWaitsAreThoseWhoseCustomerWaits(t *testing.T) {
	r := newRoom(t)
	for _, id := range []string{"queued", "assigned", "held", "parked", "answered", "closed"} {
		r.begin(id)
	}
	r.begin("theirs", func(p *queue.Put) { p.Decision.Team = webcare })
	r.put(r.first("machine's", r.automatic("out of office", 0)), queue.PutCreated)
	if _, err := r.Assign(t.Context(), "assigned", "anna", "mary"); err != nil {
		t.Fatal(err)
	}
	r.take("held", "anna")
	for _, id := range []string{"parked", "answered"} {
		if id == "answered" {
			r.answer(id, queue.Actor{Agent: "anna"}, answer("here"))
		}
		if _, err := r.Wait(t.Context(), id, queue.Actor{Agent: "anna"}, time.Time{}); err != nil {
			t.Fatal(err)
		}
	}
	r.close("closed", queue.Actor{Agent: "anna"}, "")
	open, err := r.OpenWaits(t.Context(), support)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, task := range open {
		got = append(got, task.ID)
	}
	if want := []string{"assigned", "held", "parked", "queued"}; !slices.Equal(got, want) {
		t.Errorf("OpenWaits = %q, want %q", got, want)
	}
}

func TestAResolutionIsToldAsAWaitIs(t *testing.T) {
	r := newRoom(t)
	resolve := func(since, in time.Duration) func(*queue.Put) {
		return func(p *queue.Put) {
			dueIn(since, 4*time.Hour)(p)
			p.Decision.ResolveBy = p.Message.Received.Add(-since + in)
		}
	}
	r.begin("fresh", resolve(0, 24*time.Hour))
	r.begin("soon", resolve(-time.Hour, 10*time.Minute))
	r.begin("late", resolve(-time.Hour, -time.Minute))
	r.begin("machine", resolve(-time.Hour, -time.Minute), func(p *queue.Put) { p.Message.Automatic = message.Notice })
	r.reap(2)
	r.reap(0)
	r.wantTold("fresh")
	r.wantTold("soon", queue.DueSoon)
	r.wantTold("late", queue.Breached)
	r.wantTold("machine") // nobody waits for it to be solved
	e := r.newest("late", queue.Breached)
	if task := r.task("late"); e.Reason != "resolution" || e.ResolveBy != task.ResolveBy || e.Wait != 0 || task.ResolveBy == 0 {
		t.Errorf("event = %+v of %+v", e, task)
	}
	// The promise ends with the first closing, which says whether it was kept.
	by := r.take("late", "anna")
	was := r.task("late").ResolveBy
	if _, err := r.Close(t.Context(), "late", by, "solved"); err != nil {
		t.Fatal(err)
	}
	if e := r.newest("late", queue.Finished); e.ResolveBy != was || r.task("late").ResolveBy != 0 {
		t.Errorf("closed = %+v, want the promise in it and none left", e)
	}
	if _, err := r.Reopen(t.Context(), "late", "anna"); err != nil {
		t.Fatal(err)
	}
	r.reap(0)
	r.wantTold("late", queue.Breached)
}
