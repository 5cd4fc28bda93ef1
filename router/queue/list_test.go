package queue_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"loket/internal/message"
	"loket/router/queue"
)

func ids(tasks []*queue.Task) []string {
	var out []string
	for _, t := range tasks {
		out = append(out, t.ID)
	}
	return out
}

// walk reads a list to its end, page by page.
func (r *room) walk(state queue.State, limit int, between func()) []string {
	r.t.Helper()
	var all []string
	for cursor := ""; ; {
		page, err := r.List(r.t.Context(), support, state, limit, cursor)
		if err != nil {
			r.t.Fatal(err)
		}
		if len(page.Tasks) > limit {
			r.t.Fatalf("a page of %d, want at most %d", len(page.Tasks), limit)
		}
		all = append(all, ids(page.Tasks)...)
		if page.Cursor == "" {
			return all
		}
		cursor = page.Cursor
		between()
	}
}

func TestListIsInTheOrderOfGivingOut(t *testing.T) {
	r := newRoom(t)
	for i := range 12 {
		lane := ""
		if i%4 == 1 {
			lane = "@anna"
		}
		r.begin(number(i), decided(i%3, time.Duration(i/6)*time.Hour, lane))
	}
	r.begin("another team's", func(p *queue.Put) { p.Decision.Team = webcare })
	for _, limit := range []int{1, 2, 5, 11, 12, 13, 100} {
		got := r.walk(queue.Queued, limit, func() {})
		var want []string
		for band := range 3 {
			for late := range 2 {
				for i := range 12 {
					if i%3 == band && i/6 == late {
						want = append(want, number(i))
					}
				}
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("pages of %d (-want +got):\n%s", limit, diff)
		}
	}
	if page, err := r.List(t.Context(), support, queue.Queued, 0, ""); err != nil || len(page.Tasks) != 1 {
		t.Errorf("a page of 0 = %v, %v; want one task", page, err)
	}
}

func TestListOfEachState(t *testing.T) {
	r := newRoom(t)
	for i := range 8 {
		r.put(r.first(number(i), r.said(number(i), time.Duration(i)*time.Second)), queue.PutCreated)
	}
	for _, i := range []int{3, 2, 4} {
		r.take(number(i), "anna")
	}
	r.take(number(4), "anna")
	for _, i := range []int{5, 6, 7} {
		r.close(number(i), queue.Actor{Agent: "anna"}, "")
		r.eventually("the clock moves", func() bool { return ms(time.Now()) > r.task(number(i)).ClosedAt })
	}
	if _, err := r.Wait(t.Context(), number(4), queue.Actor{Agent: "anna"}, time.Time{}); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		state queue.State
		want  []string
	}{
		{queue.Queued, []string{number(0), number(1)}},
		{queue.Waiting, []string{number(4)}},
		{queue.Closed, []string{number(7), number(6), number(5)}},
		{"", []string{number(0), number(1), number(2), number(3), number(4), number(5), number(6), number(7)}},
	} {
		for _, limit := range []int{1, 2, 3, 10} {
			if diff := cmp.Diff(tt.want, r.walk(tt.state, limit, func() {})); diff != "" {
				t.Errorf("%q in pages of %d (-want +got):\n%s", tt.state, limit, diff)
			}
		}
	}
	held, err := r.Held(t.Context(), "anna")
	got := ids(held)
	slices.Sort(got)
	if diff := cmp.Diff([]string{number(2), number(3)}, got); diff != "" || err != nil {
		t.Errorf("Held (-want +got):\n%s%v", diff, err)
	}
	if held, _ := r.Held(t.Context(), "bob"); len(held) != 0 {
		t.Errorf("bob holds %v", ids(held))
	}
	counts, err := r.Count(t.Context(), support)
	if want := (queue.Counts{Queued: 2, Claimed: 2, Waiting: 1, Closed: 3}); counts != want || err != nil {
		t.Errorf("Count = %+v, %v; want %+v", counts, err, want)
	}
}

func TestListOfOpenTasksIsByUrgency(t *testing.T) {
	r := newRoom(t)
	for i := range 9 {
		lane := ""
		if i == 3 {
			lane = "@anna"
		}
		r.begin(number(i), decided(2-i%3, time.Duration(i)*time.Minute, lane)) // urgency: 2 5 8, 1 4 7, 0 3 6
	}
	for _, i := range []int{1, 8, 0, 5, 6} {
		r.take(number(i), "anna")
	}
	r.close(number(6), queue.Actor{Agent: "anna"}, "")
	for _, i := range []int{5, 0} {
		if _, err := r.Wait(t.Context(), number(i), queue.Actor{Agent: "anna"}, time.Time{}); err != nil {
			t.Fatal(err)
		}
		r.eventually("the clock moves", func() bool { return ms(time.Now()) > r.task(number(i)).WaitingAt })
	}
	r.begin("another team's", func(p *queue.Put) { p.Decision.Team = webcare })
	want := []string{number(2), number(8), number(1), number(4), number(7), number(3), number(5), number(0)}
	for _, limit := range []int{1, 2, 3, 5, 6, 7, 8, 100} {
		if diff := cmp.Diff(want, r.walk(queue.Open, limit, func() {})); diff != "" {
			t.Errorf("in pages of %d (-want +got):\n%s", limit, diff)
		}
	}
}

func TestListGivesNothingTwiceWhileOthersChange(t *testing.T) {
	for _, tie := range []bool{true, false} {
		t.Run(fmt.Sprint("same due time ", tie), func(t *testing.T) {
			r := newRoom(t)
			const tasks = 40
			for i := range tasks {
				r.begin(fmt.Sprintf("m%03d", i), decided(2, map[bool]time.Duration{true: 0, false: time.Duration(i) * time.Second}[tie], ""))
			}
			n := 0
			got := r.walk(queue.Queued, 7, func() {
				// Some go, some come before, some after, one is given to a person.
				r.take(fmt.Sprintf("m%03d", n), "anna")
				r.take(fmt.Sprintf("m%03d", tasks-1-n), "anna")
				r.begin(fmt.Sprintf("a%03d", n), decided(2, 0, ""))
				r.begin(fmt.Sprintf("z%03d", n), decided(2, time.Hour, ""))
				if _, err := r.Assign(t.Context(), fmt.Sprintf("m%03d", 20+n), "anna", "boss"); err != nil {
					t.Fatal(err)
				}
				n++
			})
			seen := map[string]bool{}
			for _, id := range got {
				if seen[id] {
					t.Errorf("task %s came twice", id)
				}
				seen[id] = true
			}
			for i := 10; i < 30; i++ { // those nobody touched, and those that were assigned meanwhile
				if id := fmt.Sprintf("m%03d", i); !seen[id] {
					t.Errorf("task %s never came", id)
				}
			}
		})
	}
}

func TestListGivesNothingTwiceAtFullSpeed(t *testing.T) {
	r := newRoom(t)
	const tasks = 30
	for i := range tasks {
		r.begin(number(i), decided(2, 0, ""))
	}
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for w := range 3 {
		wg.Go(func() {
			for i := w; ; i = (i + 3) % tasks {
				select {
				case <-stop:
					return
				default:
				}
				if _, err := r.Assign(t.Context(), number(i), []string{"anna", "bob"}[i%2], "boss"); err != nil {
					t.Error(err)
				}
				if _, err := r.Take(t.Context(), number(i), "anna"); err != nil {
					t.Error(err)
				}
				if _, err := r.Return(t.Context(), number(i), queue.Actor{Agent: "anna"}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range 30 {
		seen := map[string]bool{}
		for cursor := ""; ; {
			page, err := r.List(t.Context(), support, queue.Queued, 4, cursor)
			if err != nil {
				t.Fatal(err)
			}
			for _, task := range page.Tasks {
				if seen[task.ID] {
					t.Errorf("task %s came twice", task.ID)
				}
				seen[task.ID] = true
				if task.State != queue.Queued {
					t.Errorf("task %s in the list of queued ones is %s", task.ID, task.State)
				}
			}
			if cursor = page.Cursor; cursor == "" {
				break
			}
		}
	}
	close(stop)
	wg.Wait()
}

func TestCountKnowsWhatIsOverdue(t *testing.T) {
	r := newRoom(t)
	for i, due := range []time.Duration{-time.Hour, -time.Second, time.Hour} {
		for band := range 3 {
			r.begin(fmt.Sprint(i, band), decided(band, due, ""))
			r.begin(fmt.Sprint(i, band, "hers"), decided(band, due, "@anna"))
		}
	}
	got, err := r.Count(t.Context(), support)
	if want := (queue.Counts{Queued: 18, Overdue: 12, Kept: 9}); got != want || err != nil {
		t.Errorf("Count = %+v, %v; want %+v", got, err, want)
	}
	if got, err := r.Count(t.Context(), "nobody"); got != (queue.Counts{}) || err != nil {
		t.Errorf("Count of a team without tasks = %+v, %v", got, err)
	}
}

func TestListRefusesAStrangeCursor(t *testing.T) {
	r := newRoom(t)
	for _, cursor := range []string{"x", ".", "!.T1", "zzzzzzzzzzzzzzzzzzzz.T1"} {
		if _, err := r.List(t.Context(), support, "", 10, cursor); !errors.Is(err, queue.ErrCursor) {
			t.Errorf("List(%q) = %v, want ErrCursor", cursor, err)
		}
	}
}

func TestFindByNumberAndIdentifier(t *testing.T) {
	r := newRoom(t)
	for i := range 4 {
		r.put(r.first(number(i), r.said(number(i), time.Duration(i)*time.Second)), queue.PutCreated)
	}
	if id, err := r.ByNumber(t.Context(), 3); id != number(2) || err != nil {
		t.Errorf("ByNumber(3) = %s, %v", id, err)
	}
	if _, err := r.ByNumber(t.Context(), 9); !errors.Is(err, queue.ErrNone) {
		t.Errorf("ByNumber(9) = %v, want ErrNone", err)
	}
	kate := message.Identifier{Kind: "email", Value: "kate@example.org"}
	got, err := r.ByIdentifier(t.Context(), kate, 3)
	if diff := cmp.Diff([]string{number(3), number(2), number(1)}, ids(got)); diff != "" || err != nil {
		t.Errorf("ByIdentifier (-want +got):\n%s%v", diff, err)
	}
	kate.Value = "nobody@example.org"
	if got, err := r.ByIdentifier(t.Context(), kate, 3); len(got) != 0 || err != nil {
		t.Errorf("ByIdentifier of a stranger = %v, %v", got, err)
	}
	some, err := r.Tasks(t.Context(), number(1), "none", number(0))
	if diff := cmp.Diff([]string{number(1), number(0)}, ids(some)); diff != "" || err != nil {
		t.Errorf("Tasks (-want +got):\n%s%v", diff, err)
	}
}
