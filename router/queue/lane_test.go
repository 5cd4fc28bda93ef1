package queue_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"loket/internal/proptest"
	"loket/internal/store/storetest"
	"loket/router/queue"
)

// due lets a task be due so long after now.
func due(in time.Duration) func(*queue.Put) {
	return func(p *queue.Put) {
		p.Decision.Due, p.Decision.FirstReply = time.Now().Add(in), 0
	}
}

func band(n int) func(*queue.Put) { return func(p *queue.Put) { p.Decision.Band = n } }

func lane(agent string) func(*queue.Put) { return func(p *queue.Put) { p.Decision.Lane = "@" + agent } }

func (r *room) gets(agent string) string {
	r.t.Helper()
	t, err := r.Claim(r.t.Context(), queue.Claim{Team: support, Agent: agent})
	if errors.Is(err, queue.ErrNothing) {
		return ""
	}
	if err != nil {
		r.t.Fatal(err)
	}
	return t.ID
}

func (r *room) regain(want int) {
	r.t.Helper()
	if n, err := r.Regain(r.t.Context(), support); err != nil || n != want {
		r.t.Fatalf("Regain = %d, %v; want %d", n, err, want)
	}
}

// A task that was kept for somebody who was away was given to nobody, however late it got.
func TestWhatOneLeavesTooLongIsGivenToTheTeam(t *testing.T) {
	r := newRoom(t)
	early := time.Now().Add(-4 * time.Hour)
	for task, in := range map[string]time.Duration{"T1": 10 * time.Minute, "T2": time.Hour} {
		p := r.first(task, r.said("begins "+task, 0), due(in), lane("joris"))
		p.Message.Received = early
		r.put(p, queue.PutCreated)
	}
	if got := r.gets("anna"); got != "" {
		t.Fatalf("anna was given %s, which is kept for joris", got)
	}
	r.reap(1) // T1 is due within 15 minutes
	e := r.events("T1")[1]
	want := queue.Event{Type: queue.Released, Task: "T1", State: queue.Queued, Team: support, Agent: "joris", Reason: "not claimed in time"}
	if diff := cmp.Diff(want, e, cmpopts.IgnoreFields(queue.Event{}, "Number", "At", "ID", "Channel", "Connector", "Priority", "Rule", "Due", "Created")); diff != "" {
		t.Errorf("event (-want +got):\n%s", diff)
	}
	r.reap(0)
	if got := r.gets("anna"); got != "T1" {
		t.Errorf("anna was given %q, want T1", got)
	}
	if got := r.gets("joris"); got != "T2" {
		t.Errorf("joris was given %q, want T2", got)
	}
	r.reap(0)
}

func TestWhatIsLateCanStillBeAssigned(t *testing.T) {
	r := newRoom(t)
	r.begin("T1", due(-time.Hour))
	r.reap(1)
	got, err := r.Assign(t.Context(), "T1", "joris", "mary")
	if at := ms(time.Now()); err != nil || got.LaneUntil > at+15*60_000 || got.LaneUntil < at {
		t.Fatalf("Assign = %+v, %v", got, err)
	}
	r.reap(0)
	if got := r.gets("anna"); got != "" {
		t.Errorf("anna was given %s, which was just assigned to joris", got)
	}
	if got := r.gets("joris"); got != "T1" {
		t.Errorf("joris was given %q", got)
	}
}

// joris was taken out of the people, and his tasks were given to nobody.
func TestTasksOfWhoLeftTheTeamGoToTheTeam(t *testing.T) {
	r := newRoom(t)
	r.begin("T1", lane("joris"))
	r.begin("T2", lane("anna"))
	r.begin("T3", lane("joris"))
	r.take("T3", "joris")
	r.regain(0)
	r.teams.leaves("joris")
	r.regain(1)
	r.regain(0)
	if e := r.newest("T1", queue.Released); e.Agent != "joris" || e.Lane != "" || e.State != queue.Queued {
		t.Errorf("event = %+v", e)
	}
	// A decision from before he left is put afterwards.
	r.begin("T4", lane("joris"))
	if got := r.want("T4", queue.Queued); got.Lane != "" {
		t.Errorf("T4 is in the lane of %s", got.Lane)
	}
	r.want("T2", queue.Queued)
	if got := []string{r.gets("mary"), r.gets("mary"), r.gets("mary")}; !cmp.Equal(got, []string{"T1", "T4", ""}) {
		t.Errorf("mary was given %q", got)
	}
	r.expire("T3") // what he held comes back to the team
	if got := r.want("T3", queue.Queued); got.Lane != "" {
		t.Errorf("T3 is in the lane of %s", got.Lane)
	}
}

// Whatever is pressing came first, for ever: a low task waited as long as there was anything else.
func TestWhatIsLateRises(t *testing.T) {
	r := newRoom(t)
	r.teams.set(&r.teams.age, time.Hour)
	r.begin("LOW", band(3), due(-150*time.Minute))
	r.begin("NORMAL", band(2), due(time.Hour))
	r.begin("HIGH", band(1), due(time.Hour))
	r.begin("URGENT", band(0), due(time.Hour))
	r.reap(1)
	low := r.want("LOW", queue.Queued)
	if low.Lift != 2 || low.Band != 3 || low.Priority != "normal" || low.LiftAt != low.Due+3*3_600_000 {
		t.Errorf("LOW = %+v, want it two bands up", low)
	}
	if n := len(r.events("LOW")); n != 2 {
		t.Errorf("%d events of LOW, want created and breached", n)
	}
	var order []string
	page, err := r.List(t.Context(), support, queue.Queued, 10, "")
	for _, task := range page.Tasks {
		order = append(order, task.ID)
	}
	want := []string{"URGENT", "LOW", "HIGH", "NORMAL"}
	if diff := cmp.Diff(want, order); err != nil || diff != "" {
		t.Errorf("order (-want +got): %v\n%s", err, diff)
	}
	for _, id := range want {
		if got := r.gets("anna"); got != id {
			t.Errorf("next = %q, want %q", got, id)
		}
	}
	c, err := r.Count(t.Context(), support)
	if err != nil || c.Overdue != 0 || c.Claimed != 4 {
		t.Errorf("Count = %+v, %v", c, err)
	}
}

func TestWhoseTeamPromisesNothingDoesNotRise(t *testing.T) {
	r := newRoom(t)
	r.begin("LOW", band(3), due(-100*time.Hour))
	r.reap(1)
	if low := r.task("LOW"); low.Lift != 0 || low.LiftAt != 0 {
		t.Errorf("LOW = %+v", low)
	}
	r.teams.set(&r.teams.age, time.Hour)
	r.regain(1)
	if low := r.task("LOW"); low.Lift != 3 || low.LiftAt != 0 {
		t.Errorf("LOW = %+v, want it at the top once the team says so", low)
	}
	r.teams.set(&r.teams.age, 0)
	r.regain(1)
	if low := r.task("LOW"); low.Lift != 0 {
		t.Errorf("LOW = %+v", low)
	}
}

func TestANewWaitBeginsAtItsOwnBand(t *testing.T) {
	r := newRoom(t)
	r.teams.set(&r.teams.age, time.Minute)
	r.begin("LOW", band(3), due(-time.Hour))
	r.reap(1)
	r.answer("LOW", queue.Actor{Agent: "anna"}, answer("here you are"))
	if got := r.want("LOW", queue.Waiting); got.Lift != 0 || got.LiftAt != 0 {
		t.Errorf("answered = %+v", got)
	}
	r.again("LOW", r.said("and then?", time.Hour), queue.PutJoined)
	if got := r.want("LOW", queue.Queued); got.Lift != 0 || got.LiftAt != got.Due+60_000 {
		t.Errorf("asked again = %+v", got)
	}
}

// TestNobodyStarves: as long as somebody claims, every task is claimed, whatever arrives meanwhile, and each at the latest
// after what was in the queue or pressing when it reached the top.
func TestNobodyStarves(t *testing.T) {
	t.Parallel()
	s := storetest.New(t)
	proptest.Check(t, proptest.Usual, func(t *rapid.T) {
		s.Redis().FlushAll(t.Context())
		r := roomOn(nil, s)
		age := time.Hour
		r.teams.set(&r.teams.age, age)
		n := rapid.IntRange(1, 6).Draw(t, "tasks")
		for i := range n {
			p := r.first(number(i), r.said(number(i), 0), band(rapid.IntRange(0, 3).Draw(t, "band")), due(-time.Duration(rapid.IntRange(1, 600).Draw(t, "late"))*time.Minute))
			p.Message.Received = p.Decision.Due.Add(-time.Hour)
			if rapid.Bool().Draw(t, "kept") {
				p.Decision.Lane = "@" + rapid.SampledFrom([]string{"joris", "eve"}).Draw(t, "for")
			}
			if got, err := r.Put(t.Context(), p); err != nil || got != queue.PutCreated {
				t.Fatal(got, err)
			}
		}
		if rapid.Bool().Draw(t, "joris leaves") {
			r.teams.leaves("joris")
		}
		claimed := map[string]bool{}
		for i := 0; len(claimed) < n; i++ {
			if i > 4*n+8 {
				t.Fatalf("after %d claims only %v are claimed", i, claimed)
			}
			// An urgent task arrives with each claim, due later than what is there; time goes on by itself as the promise shrinks.
			p := r.first(fmt.Sprint("U", i), r.said(fmt.Sprint("U", i), 0), band(0), due(time.Hour))
			if _, err := r.Put(t.Context(), p); err != nil {
				t.Fatal(err)
			}
			age /= 4
			r.teams.set(&r.teams.age, max(age, time.Second))
			if _, err := r.Reap(t.Context()); err != nil {
				t.Fatal(err)
			}
			if _, err := r.Regain(t.Context(), support); err != nil {
				t.Fatal(err)
			}
			got, err := r.Claim(t.Context(), queue.Claim{Team: support, Agent: "anna"})
			if err != nil {
				t.Fatal(err)
			}
			if got.ID[0] == 'T' {
				claimed[got.ID] = true
			}
			if found, err := r.Check(t.Context()); err != nil || len(found) > 0 {
				t.Fatalf("Check = %q, %v", found, err)
			}
		}
	})
}
