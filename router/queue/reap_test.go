package queue_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"loket/router/queue"
)

func TestReapReturnsWhatRanOutAndNothingElse(t *testing.T) {
	r := newRoom(t)
	r.begin("runs out")
	r.begin("is held")
	r.begin("is queued")
	r.take("is held", "bob")
	r.teams.set(&r.teams.lease, 0)
	by := r.take("runs out", "anna")
	before := r.task("runs out")
	r.reap(1)
	r.reap(0)
	got := r.want("runs out", queue.Queued)
	if got.Due != before.Due || got.Agent != "" || got.LeaseUntil != 0 || got.Lease != by.Lease {
		t.Errorf("task = %+v, was %+v", got, before)
	}
	if e := r.newest("runs out", queue.Expired); e.Agent != "anna" || e.ClaimedAt != before.ClaimedAt {
		t.Errorf("event = %+v", e)
	}
	r.want("is held", queue.Claimed)
}

func TestATaskThatCannotBeReadHoldsUpNoOther(t *testing.T) {
	r := newRoom(t)
	r.teams.set(&r.teams.lease, 0)
	for _, id := range []string{"broken", "runs out"} {
		r.begin(id)
		r.take(id, "anna")
	}
	r.begin("wakes")
	if _, err := r.Wait(t.Context(), "wakes", queue.Actor{Agent: "anna"}, r.begun.Add(-time.Minute)); err != nil {
		t.Fatal(err)
	}
	rdb := r.store.Redis()
	card := rdb.HGet(t.Context(), "lk:{q}:t", "broken").Val()
	if err := rdb.HSet(t.Context(), "lk:{q}:t", "broken", "{").Err(); err != nil {
		t.Fatal(err)
	}
	for _, want := range []int{2, 0} {
		if n, err := r.Reap(t.Context()); n != want || err == nil {
			t.Errorf("Reap = %d, %v; want %d and the error", n, err, want)
		}
	}
	r.want("runs out", queue.Queued)
	r.want("wakes", queue.Queued)
	if err := rdb.HSet(t.Context(), "lk:{q}:t", "broken", card).Err(); err != nil {
		t.Fatal(err)
	}
	r.reap(1)
}

func TestReapInManyProcessesMovesEachOnce(t *testing.T) {
	r := newRoom(t)
	r.teams.set(&r.teams.lease, 0)
	const tasks = 120 // more than one round
	for i := range tasks {
		r.begin(number(i))
		r.claim("anna")
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
		t.Errorf("moved %v, want %d in all", total, tasks)
	}
}

func TestReapWakesWhatWaitedForAMoment(t *testing.T) {
	for _, tt := range []struct {
		name     string
		answered bool // then nobody waits for us, and it is due when it wakes
	}{{"with an open wait", false}, {"after an answer", true}} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRoom(t)
			r.begin("T1")
			r.begin("T2")
			if tt.answered {
				r.answer("T1", queue.Actor{Agent: "anna"}, answer("we call you back"))
			}
			until := r.begun.Add(-time.Minute)
			for id, until := range map[string]time.Time{"T1": until, "T2": r.begun.Add(time.Hour)} {
				if _, err := r.Wait(t.Context(), id, queue.Actor{Agent: "anna"}, until); err != nil {
					t.Fatal(err)
				}
			}
			before := r.want("T1", queue.Waiting)
			r.reap(1)
			got := r.want("T1", queue.Queued)
			want := before.Due
			if tt.answered {
				want = ms(until)
			}
			if got.Due != want || got.Since != before.Since || got.Until != 0 || got.Wait != 1 {
				t.Errorf("task = %+v, was %+v, want it due %d", got, before, want)
			}
			r.newest("T1", queue.Woken)
			r.want("T2", queue.Waiting)
		})
	}
}

func TestTrimForgetsWhatIsOld(t *testing.T) {
	r := newRoom(t)
	r.begin("T1")
	rdb := r.store.Redis()
	rdb.ZAdd(t.Context(), "lk:{q}:d", redis.Z{Score: float64(ms(time.Now().Add(-queue.Retention - time.Minute))), Member: "old"})
	if err := r.Trim(t.Context(), time.Hour); err != nil {
		t.Fatal(err)
	}
	if got := rdb.ZRange(t.Context(), "lk:{q}:d", 0, -1).Val(); !cmp.Equal(got, []string{r.said("begins T1", 0).ID}) {
		t.Errorf("delivered = %v, want the fresh one", got)
	}
	if len(r.events("T1")) != 1 {
		t.Error("a fresh event is gone")
	}
	for i := range 300 {
		r.begin(fmt.Sprint("more", i))
	}
	if err := r.Trim(t.Context(), -time.Hour); err != nil {
		t.Fatal(err)
	}
	if n := rdb.XLen(t.Context(), "lk:{q}:e").Val(); n > 100 {
		t.Errorf("%d events are left, want at most a node of the stream", n)
	}
}
