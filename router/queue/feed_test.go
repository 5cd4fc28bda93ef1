package queue_test

import (
	"context"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"loket/internal/store"
	"loket/internal/store/storetest"
	"loket/router/queue"
)

func TestFeedPassesEventsInTheirOrder(t *testing.T) {
	r := newRoom(t)
	r.follow()
	sub := r.Feed().Subscribe(100)
	defer sub.Close()
	r.begin("T1")
	r.close("T1", queue.Actor{Agent: "anna"}, "solved")
	last := ""
	for _, want := range []queue.EventType{queue.Created, queue.Picked, queue.Finished} {
		e := r.next(sub, "T1")
		if e.Type != want || e.ID <= last {
			t.Fatalf("event = %+v, want %s after %s", e, want, last)
		}
		last = e.ID
	}
	missed, err := r.Since(t.Context(), last, 10)
	if err != nil || len(missed) != 0 {
		t.Errorf("Since the last = %v, %v", missed, err)
	}
}

// next is the next event of a task.
func (r *room) next(sub *queue.Subscription, task string) queue.Event {
	r.t.Helper()
	for {
		select {
		case e, open := <-sub.C:
			if !open {
				r.t.Fatal("the subscription was dropped")
			}
			if e.Task == task {
				return e
			}
		case <-time.After(time.Minute):
			r.t.Fatal("no event within a minute")
		}
	}
}

func TestFeedDropsASlowSubscriberAndNobodyElse(t *testing.T) {
	r := newRoom(t)
	r.follow()
	slow, quick := r.Feed().Subscribe(1), r.Feed().Subscribe(100)
	defer quick.Close()
	for _, id := range []string{"T1", "T2", "T3"} {
		r.begin(id)
	}
	r.next(quick, "T3")
	<-slow.C
	if _, open := <-slow.C; open {
		t.Error("a subscriber that does not keep up is still served")
	}
	slow.Close()
	slow.Close()
}

func TestFeedSkipsWhatIsNoEvent(t *testing.T) {
	r := newRoom(t)
	r.follow()
	sub := r.Feed().Subscribe(100)
	defer sub.Close()
	strange := r.store.Redis().XAdd(t.Context(), &redis.XAddArgs{Stream: "lk:{q}:e", Values: []string{"hello", "world"}}).Val()
	r.begin("T1")
	r.next(sub, "T1")
	r.store.Redis().XDel(t.Context(), "lk:{q}:e", strange) // Check would tell of it
}

func TestFeedRidesOutAStoreThatIsAway(t *testing.T) {
	t.Parallel()
	server := storetest.Start(t, "--appendonly", "yes", "--appendfsync", "always")
	r := checked(roomOn(t, storetest.On(t, &redis.Options{Network: "unix", Addr: server.Socket})))
	r.follow()
	sub := r.Feed().Subscribe(1000)
	defer sub.Close()
	r.begin("T1")
	server.Kill()
	r.eventually("the store is found away", func() bool { _, _, err := r.store.Load(context.Background()); return err != nil })
	server.Restart()
	r.eventually("the store is back", func() bool {
		_, _, err := r.store.Load(context.Background(), store.Field{Key: "x", Name: "y"})
		return err == nil
	})
	r.begin("T2")
	r.next(sub, "T2")
}

func TestWatchIsHintedOfItsTaskOnly(t *testing.T) {
	r := newRoom(t)
	r.follow()
	one, other := r.Feed().Watch("T1"), r.Feed().Watch("T2")
	defer other.Close()
	sub := r.Feed().Subscribe(1000)
	defer sub.Close()
	r.begin("T1")
	r.next(sub, "T1")
	<-one.C
	select {
	case <-other.C:
		t.Error("a hint of another task")
	default:
	}
	one.Close()
	one.Close()
	r.take("T1", "anna")
	r.begin("T2")
	<-other.C
	select {
	case <-one.C:
		t.Error("a hint after the end")
	default:
	}
}
