package e2e_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"loket/connectors/x/xtest"
	"loket/desk/api"
	"loket/internal/soak"
	"loket/internal/store/storetest"
)

// onX is a configuration with one account of X; store is the store's section, more are further settings of the account.
func onX(f *xtest.X, version, store, more string) string {
	return fmt.Sprintf(`
store: {%s, data: ./data}
listen: {public: "127.0.0.1:0", desk: "127.0.0.1:0"}
teams:
  support: {first_reply: 4h, lease: 30s, reopen: 7d}
  webcare: {first_reply: 30m, lease: 30s, reopen: 7d}
connectors:
  - {name: care, type: x, settings: {%s, %s}}
rules:
  - {name: public, when: public, team: webcare}
fallback_team: support
log: {level: debug, format: json}
`, store, f.Settings(version), more)
}

const (
	byWebhook = "poll: 0s, poll_messages: 0s"
	byPolling = "webhook: false, poll: 50ms, poll_messages: 50ms"
)

// tell sends what X has to the webhook and wants it taken.
func (d *daemon) tell(body []byte) {
	d.tb.Helper()
	if status, err := xtest.Deliver(d.public+"/in/care/", body); err != nil || status != 200 {
		d.tb.Fatalf("delivery = %d, %v; want 200", status, err)
	}
}

func TestMentionAndPrivateMessageAreAnswered(t *testing.T) {
	t.Parallel()
	type way struct{ version, settings string }
	each := []way{{"v2", byWebhook}, {"v1.1", byPolling}} // version and way
	for _, way := range soak.Pick(each, append(each, way{"v1.1", byWebhook}, way{"v2", byPolling})) {
		t.Run(way.version+" "+way.settings, func(t *testing.T) {
			t.Parallel()
			f := xtest.Start(t)
			d := newDaemon(t, onX(f, way.version, embedded, way.settings)).start()
			tell := func([]byte) {}
			if way.settings == byWebhook {
				if err := xtest.Challenge(d.public + "/in/care/"); err != nil {
					t.Fatal(err)
				}
				tell = d.tell
			}

			// In public: her question, our answer, her thanks.
			post := f.Add(xtest.Post{Text: "@example no signal in Utrecht", Names: true, Lang: "en"})
			tell(f.PostCreated(post))
			task := d.only("webcare", "the post in a task", func(*api.Task) bool { return true })
			first := task.ID
			if m := task.Messages[0]; task.Rule != "public" || task.Channel != "x" || m.Text != "@example no signal in Utrecht" || m.From[0] != "xu:2244994945" {
				t.Fatalf("task = %+v, message %+v", task, m)
			}
			if out, code := d.loket("We are on it.\n", "reply", task.Number); code != 0 {
				t.Fatalf("loket reply: %d: %s", code, out)
			}
			d.await("the answer on X", func() bool { return len(f.Posts()) == 1 })
			own := f.Posts()[0]
			if own.ReplyTo != post.ID || !strings.HasSuffix(own.Text, "We are on it.") {
				t.Fatalf("answer = %+v", own)
			}
			tell(f.PostCreated(own))
			tell(f.PostCreated(f.Add(xtest.Post{Text: "@example thanks", Names: true, ReplyTo: own.ID})))
			task = d.only("webcare", "her thanks in the same task", func(task *api.Task) bool { return len(task.Messages) == 3 })
			if m := task.Messages[1]; m.Direction != "out" || m.Delivery == nil || m.Delivery.State != "sent" || len(task.Messages[2].Marks) != 0 {
				t.Errorf("messages = %+v, %+v", m, task.Messages[2])
			}

			// In private: another task, of another team; nothing of it is public.
			tell(f.DirectCreated(f.AddDirect(xtest.Direct{Text: "My number is 4711"})))
			task = d.only("support", "the private message in a task", func(*api.Task) bool { return true })
			if out, code := d.loket("Thank you, we see it.\n", "reply", task.Number); code != 0 {
				t.Fatalf("loket reply: %d: %s", code, out)
			}
			d.await("the private answer on X", func() bool { return len(f.Directs()) == 1 })
			if got := f.Directs()[0]; got.Text != "Thank you, we see it." || got.To != xtest.Kate().ID {
				t.Fatalf("private answer = %+v", got)
			}
			tell(f.DirectCreated(f.Directs()[0]))
			tell(xtest.DirectRead(f.Directs()[0]))
			tell(f.DirectCreated(f.AddDirect(xtest.Direct{Text: "Great"})))
			d.only("support", "her answer in the same task", func(task *api.Task) bool {
				return len(task.Messages) == 3 && (way.settings == byPolling || task.Messages[1].Delivery.State == "read")
			})

			// A colleague answers in X itself.
			tell(f.DirectCreated(f.AddDirect(xtest.Direct{From: xtest.Account(), To: xtest.Kate().ID, Text: "From my phone", At: time.Now().Add(time.Second)})))
			d.only("support", "the answer from elsewhere", func(task *api.Task) bool {
				return len(task.Messages) == 4 && task.Messages[3].Direction == "out" && task.State == "waiting"
			})

			// What she asked in public goes on in private by one answer, and stays in its task.
			piet := xtest.User{ID: "5001", Handle: "piet", Name: "Piet"}
			tell(f.PostCreated(f.Add(xtest.Post{Author: piet, Text: "@example my bill is wrong", Names: true})))
			var second *api.Task
			d.await("his post in a task", func() bool {
				tasks := d.tasks("webcare")
				if len(tasks) == 2 {
					second = tasks[0]
					if second.ID == first {
						second = tasks[1]
					}
				}
				return second != nil
			})
			if out, code := d.loket("Which number?\n", "reply", second.Number, "--via", "private"); code != 0 {
				t.Fatalf("loket reply --via private: %d: %s", code, out)
			}
			d.await("the private question on X", func() bool {
				directs := f.Directs()
				return len(directs) == 3 && directs[2].To == piet.ID
			})
			tell(f.DirectCreated(f.AddDirect(xtest.Direct{From: piet, Text: "4712"})))
			d.await("his number in the same task", func() bool {
				shown, err := d.client("anna").Task(t.Context(), second.ID)
				return err == nil && len(shown.Messages) == 3 && shown.Messages[2].Text == "4712" && !shown.Messages[2].Public && shown.Messages[0].Public
			})
			if got := len(f.Posts()); got != 1 {
				t.Errorf("%d public posts of ours, want 1", got)
			}
			d.settled()
			d.healthy()
			d.stop()
		})
	}
}

func TestPollingXMissesAndDoublesNothingAcrossRestarts(t *testing.T) {
	t.Parallel()
	f := xtest.Start(t)
	f.PageSize(7)
	server := storetest.Start(t)
	rdb := redis.NewClient(&redis.Options{Network: "unix", Addr: server.Socket})
	t.Cleanup(func() { _ = rdb.Close() })
	d := newDaemon(t, onX(f, "v2", "url: unix://"+server.Socket, byPolling))
	var mu sync.Mutex
	posted := 0
	post := func(n int) {
		mu.Lock()
		defer mu.Unlock()
		for range n {
			posted++
			who := xtest.User{ID: fmt.Sprint(5000 + posted), Handle: fmt.Sprint("u", posted), Name: "U"}
			f.Add(xtest.Post{Author: who, Text: fmt.Sprint("question ", posted), Names: true})
			f.AddDirect(xtest.Direct{From: who, Text: fmt.Sprint("secret ", posted)})
		}
	}
	post(30)
	d.start()
	for round := range 3 {
		done := make(chan struct{})
		go func() {
			defer close(done)
			for range 20 {
				post(1)
				time.Sleep(5 * time.Millisecond) // the customers' pace, not ours
			}
		}()
		if round == 1 {
			f.Fail("/2/users/", xtest.Fault{Status: 503, Body: "<html>over capacity</html>"}, 2)
			f.Fail("/2/dm_events", xtest.Limited(time.Now().Add(2*time.Second)), 1)
		}
		<-done
		if round == 1 {
			d.kill()
			// Else the next process would wait until the dead one's lease has run out.
			if err := rdb.Del(t.Context(), "lk:{s:connector:care}:l").Err(); err != nil {
				t.Fatal(err)
			}
		} else {
			d.stop()
		}
		post(10)
		d.start()
	}
	count := func(team string) int { return len(d.tasks(team)) }
	d.await("every post and message in a task", func() bool { return count("webcare") >= posted && count("support") >= posted })
	d.settled()
	seen := map[string]int{}
	for _, team := range []string{"webcare", "support"} {
		for _, task := range d.tasks(team) {
			shown, err := d.client("anna").Task(t.Context(), task.ID)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range shown.Messages {
				seen[m.Text]++
			}
		}
	}
	for n := range posted {
		for _, text := range []string{fmt.Sprint("question ", n+1), fmt.Sprint("secret ", n+1)} {
			if seen[text] != 1 {
				t.Errorf("%q came %d times, want once", text, seen[text])
			}
		}
	}
	d.healthy()
}

func TestKilledBetweenWebhookAndQueue(t *testing.T) {
	t.Parallel()
	for _, step := range soak.Pick([]string{"admitted", "put"}, []string{"admitted", "resolved", "placed", "put", "acked"}) { // TestKilledAtEveryStepOfIntake has all
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			server := storetest.Start(t)
			f := xtest.Start(t)
			d := newDaemon(t, onX(f, "v2", "url: unix://"+server.Socket, byWebhook)).start("LOKET_FAIL_AT=" + step + ":3")
			var bodies [][]byte
			var lost []int
			for n := range 5 {
				who := xtest.User{ID: fmt.Sprint(5000 + n), Handle: fmt.Sprint("u", n)}
				bodies = append(bodies, f.PostActivity("post.mention.create", f.Add(xtest.Post{Author: who, Text: fmt.Sprint("question ", n), Names: true})))
				if status, err := xtest.Deliver(d.public+"/in/care/", bodies[n]); err != nil || status != 200 {
					lost = append(lost, n)
				}
			}
			d.await("loket to kill itself", d.dead)
			d.start()
			for _, n := range lost { // X replays what was not acknowledged
				d.tell(bodies[n])
			}
			makeDue(t, server.Socket)
			d.settled()
			if got := len(d.tasks("webcare")); got != 5 {
				t.Errorf("%d tasks, want 5", got)
			}
			d.healthy()
		})
	}
}

// Killed when X has taken an answer and nobody has written that down: it is found, and there once.
func TestKilledBetweenXAndTheReceipt(t *testing.T) {
	t.Parallel()
	f := xtest.Start(t)
	d := newDaemon(t, onX(f, "v2", embedded, byWebhook)).start("LOKET_FAIL_AT=handed")
	d.tell(f.PostCreated(f.Add(xtest.Post{Text: "@example no signal in Utrecht", Names: true})))
	task := d.only("webcare", "the post in a task", func(*api.Task) bool { return true })
	d.loket("We are on it.\n", "reply", task.Number) // which may be killed before it is told that it was taken
	d.await("loket to kill itself", d.dead)
	d.start()
	d.only("webcare", "the answer", sent)
	d.settled()
	if n := len(f.Posts()); n != 1 {
		t.Errorf("%d posts, want 1", n)
	}
	d.healthy()
	d.stop()
}

func TestOneEventDeliveredTwentyTimesIsOneMessage(t *testing.T) {
	t.Parallel()
	f := xtest.Start(t)
	d := newDaemon(t, onX(f, "v2", embedded, byWebhook)).start()
	post := f.Add(xtest.Post{Text: "@example hello?", Names: true})
	bodies := [][]byte{f.PostActivity("post.mention.create", post), f.PostActivity("post.reply.create", post), f.PostCreated(post)}
	var wg sync.WaitGroup
	for n := range 20 {
		wg.Go(func() {
			if status, err := xtest.Deliver(d.public+"/in/care/", bodies[n%len(bodies)]); err != nil || status != 200 {
				t.Errorf("delivery = %d, %v; want 200", status, err)
			}
		})
	}
	wg.Wait()
	d.settled()
	if task := d.only("webcare", "the post in a task", func(*api.Task) bool { return true }); len(task.Messages) != 1 {
		t.Errorf("%d messages, want 1", len(task.Messages))
	}
	forged := xtest.Request(d.public+"/in/care/", bodies[0])
	forged.Header.Set("X-Twitter-Webhooks-Signature", "sha256=AAAA")
	res, err := poster.Do(forged)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	metrics := d.get(d.desk + "/metrics")
	if res.StatusCode != 403 || !strings.Contains(metrics, `loket_x_refused_total{connector="care",reason="signature"} 1`) ||
		!strings.Contains(metrics, `loket_x_taken_total{by="webhook",connector="care",event="post"} 20`) {
		t.Errorf("forged delivery = %d, want 403, counted", res.StatusCode)
	}
	d.healthy()
}
