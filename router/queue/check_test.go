package queue_test

import (
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"loket/internal/store/storetest"
	"loket/router/queue"
)

// busy is a queue with tasks in every state and replies in several.
func busy(t *testing.T) *room {
	t.Helper()
	t.Parallel()
	r := roomOn(t, storetest.New(t))
	r.begin("queued")
	r.begin("hers", decided(2, 0, "@anna"))
	r.begin("claimed")
	r.take("claimed", "anna")
	r.answered("waiting")
	r.begin("parked")
	if _, err := r.Wait(t.Context(), "parked", queue.Actor{Agent: "anna"}, r.begun.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	r.begin("closed")
	r.close("closed", queue.Actor{Agent: "anna"}, "")
	r.send(r.answered("sent").ID)
	doubted := r.answered("doubted").ID
	s := r.beginSend(doubted, time.Hour, queue.ReplySending)
	if err := r.InDoubt(t.Context(), doubted, s.Token, 0, "x"); err != nil {
		t.Fatal(err)
	}
	return r
}

// edit changes a stored card by hand.
func edit(key, id, old, text string) func(*room, redis.UniversalClient) {
	return func(r *room, rdb redis.UniversalClient) {
		card := rdb.HGet(r.t.Context(), key, id).Val()
		if !strings.Contains(card, old) {
			r.t.Fatalf("card %s has no %s", card, old)
		}
		rdb.HSet(r.t.Context(), key, id, strings.Replace(card, old, text, 1))
	}
}

func score(key, member string, score float64) func(*room, redis.UniversalClient) {
	return func(r *room, rdb redis.UniversalClient) {
		rdb.ZAdd(r.t.Context(), key, redis.Z{Score: score, Member: member})
	}
}

func remove(key, member string) func(*room, redis.UniversalClient) {
	return func(r *room, rdb redis.UniversalClient) {
		if rdb.ZRem(r.t.Context(), key, member).Val()+rdb.HDel(r.t.Context(), key, member).Val() == 0 {
			r.t.Fatalf("%s has no %s", key, member)
		}
	}
}

// underWay breaks something of the reply that is queued.
func underWay(f func(id string) func(*room, redis.UniversalClient)) func(*room, redis.UniversalClient) {
	return func(r *room, rdb redis.UniversalClient) { f(r.task("waiting").Sending[0])(r, rdb) }
}

func event(text string) func(*room, redis.UniversalClient) {
	return func(r *room, rdb redis.UniversalClient) {
		rdb.XAdd(r.t.Context(), &redis.XAddArgs{Stream: "lk:{q}:e", Values: []string{"e", text}})
	}
}

func TestCheckFindsEachBrokenInvariant(t *testing.T) {
	const tasks, replies = "lk:{q}:t", "lk:{q}:o"
	for _, tt := range []struct {
		name  string
		spoil func(*room, redis.UniversalClient)
		want  string
	}{
		{"a card that is torn", edit(tasks, "queued", "{", ""), "card of task queued cannot be read"},
		{"a card under another's id", edit(tasks, "queued", `"id":"queued"`, `"id":"other"`), "card of task queued cannot be read"},
		{"claimed by nobody", edit(tasks, "claimed", `"agent":"anna"`, `"agent":""`), "task claimed is claimed by nobody"},
		{"claimed without an end", edit(tasks, "claimed", `"lease_until":`, `"was":`), "task claimed is claimed by nobody"},
		{"queued and held", edit(tasks, "queued", `"id"`, `"agent":"bob","id"`), "task queued is queued and yet held"},
		{"in no lane", remove("lk:{q}:r:support:", "queued"), "lk:{q}:r:support: lacks task queued"},
		{"in no personal lane", remove("lk:{q}:r:support:@anna", "hers"), "lk:{q}:r:support:@anna lacks task hers"},
		{"not in the personal index", remove("lk:{q}:p:support", "hers"), "lk:{q}:p:support lacks task hers"},
		{"in two lanes", score("lk:{q}:r:support:", "hers", 1), "lk:{q}:r:support: holds task hers"},
		{"at another urgency", score("lk:{q}:r:support:", "queued", 1), "lk:{q}:r:support: holds task queued at 1"},
		{"a stranger in a lane", score("lk:{q}:r:support:", "nobody", 1), "holds nobody, which is no task"},
		{"queued and in a lane of a team that has no card", score("lk:{q}:r:ghost:", "queued", 1), "lk:{q}:r:ghost: holds task queued"},
		{"closed and queued", score("lk:{q}:r:support:", "closed", 1), "lk:{q}:r:support: holds task closed"},
		{"no lease", remove("lk:{q}:l", "claimed"), "lk:{q}:l lacks task claimed"},
		{"a lease on what is queued", score("lk:{q}:l", "queued", 1), "lk:{q}:l holds task queued"},
		{"not among the held", remove("lk:{q}:h:support", "claimed"), "lk:{q}:h:support lacks task claimed"},
		{"not among the waiting", remove("lk:{q}:w:support", "waiting"), "lk:{q}:w:support lacks task waiting"},
		{"no timer", remove("lk:{q}:y", "parked"), "lk:{q}:y lacks task parked"},
		{"a timer too many", score("lk:{q}:y", "waiting", 1), "lk:{q}:y holds task waiting"},
		{"not among the closed", remove("lk:{q}:c:support", "closed"), "lk:{q}:c:support lacks task closed"},
		{"not among all", remove("lk:{q}:a:support", "closed"), "lk:{q}:a:support lacks task closed"},
		{"no number", remove("lk:{q}:num", "1"), "7 numbers for 8 tasks"},
		{"a number too many", func(r *room, rdb redis.UniversalClient) { rdb.HSet(r.t.Context(), "lk:{q}:num", 99, "queued") }, "number 99 names task queued"},
		{"a number of nothing", func(r *room, rdb redis.UniversalClient) { rdb.HSet(r.t.Context(), "lk:{q}:num", 99, "none") }, "number 99 names task none"},
		{"a task that is gone", remove(tasks, "queued"), "holds queued, which is no task"},
		{"a reply that is torn", underWay(func(id string) func(*room, redis.UniversalClient) { return edit(replies, id, "{", "") }), "cannot be read"},
		{"a reply not in the order", underWay(func(id string) func(*room, redis.UniversalClient) { return remove("lk:{q}:s", id) }), "the outbox has it at 0"},
		{"a reply at another time", underWay(func(id string) func(*room, redis.UniversalClient) { return score("lk:{q}:s", id, 7) }), "the outbox has it at 7"},
		{"a reply of no task", underWay(func(id string) func(*room, redis.UniversalClient) { return edit(replies, id, `"waiting"`, `"none"`) }), "which is no task"},
		{"a reply its task does not know", underWay(func(id string) func(*room, redis.UniversalClient) { return edit(tasks, "waiting", id, "other") }), "its task does not know"},
		{"a sent reply in the order", func(r *room, rdb redis.UniversalClient) {
			for id, card := range rdb.HGetAll(r.t.Context(), replies).Val() {
				if strings.Contains(card, `"task":"sent"`) {
					score("lk:{q}:s", id, 7)(r, rdb)
				}
			}
		}, "is sent for"},
		{"no reply in the order", score("lk:{q}:s", "nobody", 1), "the outbox has nobody, which is no reply"},
		{"an event that is torn", event("{"), "cannot be read"},
		{"an event of nothing", event(`{"type":"closed","task":"none"}`), "event closed tells of task none"},
		{"a state without its event", event(`{"type":"closed","task":"queued","state":"closed","team":"support"}`), "its newest event says closed in support"},
		{"a team without its event", event(`{"type":"transferred","task":"queued","state":"queued","team":"webcare"}`), "its newest event says queued in webcare"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := busy(t)
			if found, err := r.Check(t.Context()); err != nil || len(found) != 0 {
				t.Fatalf("Check before = %q, %v; want nothing", found, err)
			}
			tt.spoil(r, r.store.Redis())
			found, err := r.Check(t.Context())
			if err != nil || !strings.Contains(strings.Join(found, "\n"), tt.want) {
				t.Errorf("Check = %q, %v; want %q", found, err, tt.want)
			}
		})
	}
}

func TestCheckIsSilentWhileOthersWork(t *testing.T) {
	r := checked(busy(t))
	worked := make(chan struct{})
	go func() {
		defer close(worked)
		for i := range 100 {
			id := number(i)
			if _, err := r.Put(t.Context(), r.first(id, r.said(id, 0))); err != nil {
				t.Error(err)
			}
			if _, err := r.Take(t.Context(), id, "bob"); err != nil {
				t.Error(err)
			}
			if _, _, err := r.Reply(t.Context(), id, queue.Actor{Agent: "bob"}, answer("hello")); err != nil {
				t.Error(err)
			}
		}
	}()
	for {
		if found, err := r.Check(t.Context()); err != nil || len(found) != 0 {
			t.Errorf("Check = %q, %v; want nothing", found, err)
		}
		select {
		case <-worked:
			return
		default:
		}
	}
}
