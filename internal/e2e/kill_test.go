package e2e_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"loket/desk/api"
	"loket/internal/soak"
	"loket/internal/store/storetest"
)

const hangup = syscall.SIGHUP

// A sender posts messages and knows which were accepted. What was not is sent again under the same key, as a
// browser or program would.
type sender struct {
	d        *daemon
	mu       sync.Mutex
	accepted map[string]bool
}

func (s *sender) send(text string) bool {
	_, err := s.d.post(text, text)
	if err != nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.accepted[text] = true
	return true
}

// expectEach wants every accepted message in exactly one task, and no task without a message.
func (s *sender) expectEach() {
	t := s.d.tb
	t.Helper()
	s.d.settled()
	anna := s.d.client("anna")
	in := map[string]int{}
	for _, team := range []string{"support", "network"} {
		for _, summary := range s.d.tasks(team) {
			task, err := anna.Task(context.Background(), summary.ID)
			if err != nil {
				t.Fatal(err)
			}
			if len(task.Messages) == 0 {
				t.Errorf("task %s has no message", task.Number)
			}
			for _, m := range task.Messages {
				if m.Direction == "in" {
					in[m.Text]++
				}
			}
		}
	}
	for text := range s.accepted {
		if in[text] != 1 {
			t.Errorf("accepted %q is in %d tasks", text, in[text])
		}
	}
	for text, n := range in {
		if n > 1 {
			t.Errorf("%q came %d times", text, n)
		}
	}
	s.d.healthy()
}

func TestKilledAtEveryStepOfIntake(t *testing.T) {
	t.Parallel()
	for _, step := range []string{"admitted", "resolved", "placed", "put", "acked"} {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			server := storetest.Start(t)
			d := newDaemon(t, fmt.Sprintf(standard, "url: unix://"+server.Socket)).start("LOKET_FAIL_AT=" + step + ":3")
			s := &sender{d: d, accepted: map[string]bool{}}
			var again []string
			for i := range 6 {
				if text := fmt.Sprint("question ", i); !s.send(text) {
					again = append(again, text)
				}
			}
			d.await("loket to kill itself", d.dead)
			d.start()
			for _, text := range again {
				if !s.send(text) {
					t.Errorf("%q refused by a loket that is well", text)
				}
			}
			makeDue(t, server.Socket)
			s.expectEach()
			if len(s.accepted) != 6 {
				t.Errorf("%d accepted, want 6", len(s.accepted))
			}
		})
	}
}

// makeDue lets a new process take up at once what a dead one left, instead of after its time-outs.
func makeDue(t *testing.T, socket string) {
	t.Helper()
	rdb := redis.NewClient(&redis.Options{Network: "unix", Addr: socket})
	defer rdb.Close()
	for p := range 64 {
		key := fmt.Sprintf("lk:{j%d}:n", p)
		for _, id := range rdb.ZRange(t.Context(), key, 0, -1).Val() {
			rdb.ZAddXX(t.Context(), key, redis.Z{Score: 1, Member: id})
		}
	}
}

func TestKilledAtEveryStepOfAReply(t *testing.T) {
	t.Parallel()
	for _, step := range []string{"bound", "sending", "handed", "recorded", "settled"} {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			d := newDaemon(t, fmt.Sprintf(standard, embedded)).start("LOKET_FAIL_AT=" + step)
			a, err := d.post("k", "question")
			if err != nil {
				t.Fatal(err)
			}
			anna := d.client("anna")
			task, err := anna.Claim(t.Context(), "support", 10*time.Second, "")
			if err != nil || task == nil {
				t.Fatalf("claim: %v, %v", task, err)
			}
			answer := api.Answer{Text: "the one answer", Close: true, Key: "once"}
			_, _ = anna.Reply(t.Context(), task.ID, answer) // its answer may die with the process
			d.await("loket to kill itself", d.dead)
			d.start()
			anna = d.client("anna")
			if _, err := anna.Reply(t.Context(), task.ID, answer); err != nil {
				t.Fatalf("the same reply again: %v", err)
			}
			page := d.page(a)
			d.await("the answer on the customer's page", func() bool { return strings.Contains(d.get(page), "the one answer") })
			d.await("the reply to be settled", func() bool {
				got, err := anna.Task(t.Context(), task.ID)
				return err == nil && len(got.Messages) == 2 && got.Messages[1].Delivery != nil && got.Messages[1].Delivery.State == "delivered"
			})
			if n := strings.Count(d.get(page), "the one answer"); n != 1 {
				t.Errorf("the answer stands %d times on the page", n)
			}
			d.healthy()
		})
	}
}

func TestKilledUnderLoad(t *testing.T) {
	t.Parallel()
	server := storetest.Start(t, "--appendonly", "yes", "--appendfsync", "everysec")
	d := newDaemon(t, fmt.Sprintf(standard, "url: unix://"+server.Socket)).start()
	s := &sender{d: d, accepted: map[string]bool{}}
	messages := soak.Pick(int64(500), 1500)
	var next, done atomic.Int64
	var wg sync.WaitGroup
	var gate sync.RWMutex // closed while loket is down
	for range 16 {
		wg.Go(func() {
			for i := next.Add(1); i <= messages; i = next.Add(1) {
				text := fmt.Sprintf("question %d", i)
				for {
					gate.RLock()
					ok := s.send(text)
					gate.RUnlock()
					if ok {
						done.Add(1)
						break
					}
				}
			}
		})
	}
	kills := 0
	for done.Load() < messages {
		at := done.Load() + 150 + rand.Int64N(150)
		d.await("some messages", func() bool { return done.Load() >= min(at, messages) })
		d.kill()
		kills++
		gate.Lock()
		d.start()
		gate.Unlock()
	}
	wg.Wait()
	makeDue(t, server.Socket)
	s.expectEach()
	t.Logf("%d messages accepted, %d kills, nothing lost, nothing doubled", len(s.accepted), kills)
}

func TestRedisAwayAndBack(t *testing.T) {
	t.Parallel()
	server := storetest.Start(t, "--appendonly", "yes", "--appendfsync", "always")
	d := newDaemon(t, fmt.Sprintf(standard, "url: unix://"+server.Socket)).start()
	s := &sender{d: d, accepted: map[string]bool{}}
	away, n := soak.Pick(6*time.Second, time.Minute), 0
	post := func(until time.Time) {
		for time.Now().Before(until) {
			n++
			if !s.send(fmt.Sprint("question ", n)) {
				t.Errorf("question %d refused", n)
			}
			time.Sleep(20 * time.Millisecond) // customers come at a pace; this waits for nothing
		}
	}
	post(time.Now().Add(200 * time.Millisecond))
	server.Kill()
	post(time.Now().Add(away / 2))
	d.await("/readyz to tell", func() bool {
		ready, err := d.client("anna").Ready(t.Context())
		return err == nil && strings.Contains(fmt.Sprint(ready), "store is away")
	})
	d.kill() // loket dies meanwhile, and starts without a store
	d.start()
	post(time.Now().Add(away / 2))
	server.Restart()
	post(time.Now().Add(200 * time.Millisecond))
	makeDue(t, server.Socket)
	s.expectEach()
	if len(s.accepted) != n {
		t.Errorf("%d of %d accepted", len(s.accepted), n)
	}
	t.Logf("%d messages accepted, %s without Redis, loket killed meanwhile", n, away)
}

func TestTwentyDeliveriesOfOneMessage(t *testing.T) {
	t.Parallel()
	d := newDaemon(t, fmt.Sprintf(standard, embedded)).start()
	threads := make([]string, 20)
	var wg sync.WaitGroup
	for i := range threads {
		wg.Go(func() {
			a, err := d.post("same key", "same words")
			if err != nil {
				t.Error(err)
			}
			threads[i] = a.Thread
		})
	}
	wg.Wait()
	d.settled()
	if n := len(d.tasks("support")); n != 1 {
		t.Errorf("%d tasks, want 1", n)
	}
	for _, th := range threads {
		if th != threads[0] {
			t.Errorf("two threads: %s and %s", th, threads[0])
		}
	}
}

func TestSecondLoketOnOneDirectoryIsRefused(t *testing.T) {
	t.Parallel()
	d := newDaemon(t, fmt.Sprintf(standard, embedded)).start()
	out, code := d.loket("", "serve", "-c", d.dir+"/config.yaml")
	if code == 0 || !strings.Contains(out, "data") {
		t.Errorf("second loket: exit %d: %s", code, out)
	}
	if d.dead() {
		t.Error("the first one died of it")
	}
}
