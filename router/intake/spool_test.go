package intake_test

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"loket/internal/message"
	"loket/internal/store/storetest"
	"loket/router/intake"
	"loket/router/queue"
)

func keepSpool(o *intake.Options) { o.KeepSpool = true }

func TestStoreAwayAndBackLosesNothing(t *testing.T) {
	t.Parallel()
	server := storetest.Start(t, "--appendonly", "yes", "--appendfsync", "always")
	h := newEnv(t, storetest.On(t, &redis.Options{Network: "unix", Addr: server.Socket}))
	h.run()
	const before, after = 60, 40
	var wg sync.WaitGroup
	for n := range before {
		wg.Go(func() {
			if err := h.Accept(t.Context(), form(n)); err != nil {
				t.Errorf("Accept = %v", err)
			}
		})
		if n == before/2 {
			server.Kill() // in the middle of it
		}
	}
	wg.Wait()
	for n := range after {
		if err := h.Accept(t.Context(), form(before+n)); err != nil {
			t.Errorf("Accept with the store away = %v", err)
		}
		if err := h.Accept(t.Context(), form(before+n)); err != nil { // and again
			t.Errorf("Accept with the store away = %v", err)
		}
	}
	if s, err := h.Status(t.Context()); err == nil || s.SpoolMessages < after || s.SpoolBytes == 0 || s.SpoolOldest.IsZero() {
		t.Errorf("Status = %+v, %v; want the spool's beside an error", s, err)
	}
	server.Restart()
	for n := range before / 4 {
		if err := h.Accept(t.Context(), form(n)); err != nil { // the channel reads some again
			t.Errorf("Accept = %v", err)
		}
	}
	h.eventually("everything is in a task", func() bool {
		h.overdue() // what was under way when the store went would be taken up half a minute later
		s, err := h.Status(t.Context())
		return err == nil && s.Journal == 0 && s.SpoolMessages == 0
	})
	h.drain()
	h.want(before+after, before+after, 0, 0)
}

func TestTornOrVanishedSpoolFileDoesNotHoldUpTheOthers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	sp := openSpool(t, dir)
	for n := range 4 {
		if err := sp.Put(form(n)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, form(1).ID+".json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	h := newEnv(t, storetest.New(t), func(o *intake.Options) { o.Spool = openSpool(t, dir) })
	if err := os.Remove(filepath.Join(dir, form(0).ID+".json")); err != nil {
		t.Fatal(err)
	}
	if err := h.DrainSpool(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.drain()
	h.want(2, 2, 0, 0)
	if s := h.spool.Stats(); s.Messages != 0 || s.Bad != 1 {
		t.Errorf("spool = %+v, want the torn file set aside", s)
	}
}

func TestDeathBetweenJournalAndSpoolMakesNoSecondTask(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	st := storetest.New(t)
	sp := openSpool(t, dir)
	if err := sp.Put(form(1)); err != nil {
		t.Fatal(err)
	}
	left := newEnv(t, st, dying("unspooled"), func(o *intake.Options) { o.Spool = sp })
	var wg sync.WaitGroup
	wg.Go(func() { _ = left.DrainSpool(t.Context()) })
	wg.Wait()
	if n := sp.Stats().Messages; n != 1 {
		t.Fatalf("%d files are in the spool, want the one", n)
	}
	h := newEnv(t, st, func(o *intake.Options) { o.Spool = openSpool(t, dir) })
	for range 2 {
		if err := h.DrainSpool(t.Context()); err != nil {
			t.Fatal(err)
		}
		h.sweep()
	}
	h.drain()
	h.want(1, 1, 0, 0)
	if n := h.spool.Stats().Messages; n != 0 {
		t.Errorf("%d files are in the spool", n)
	}
}

func TestKeptSpoolHoldsMessagesUntilTheirTaskIsClosed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	st := storetest.New(t)
	h := newEnv(t, st, keepSpool, func(o *intake.Options) { o.Spool = openSpool(t, dir) })
	stop := h.run()
	for n := range 4 {
		h.accept(form(n))
	}
	more := form(10)
	more.Thread = form(0).Thread
	h.accept(more)
	h.want(4, 5, 0, 0)
	files := func(want int) {
		t.Helper()
		h.eventually(fmt.Sprint(want, " files are kept"), func() bool { return h.spool.Stats().Messages == want })
	}
	files(5)
	h.close(form(0).Thread)
	files(3)
	h.accept(more) // read again, it is not kept again
	files(3)
	late := form(11)
	late.Thread, late.Automatic = form(0).Thread, message.Reply
	h.accept(late) // a machine's answer to a closed task reopens nothing, and need not be kept
	files(3)
	h.accept(&message.Message{
		ID: message.NewID([]byte("report")), Kind: message.Delivery, Connector: "website", Report: &message.DeliveryReport{Of: "x", State: "read"},
	})
	h.accept(func() *message.Message { m := form(12); m.Problem = "x"; return m }())
	files(5)
	if err := h.Drop(t.Context(), form(12).ID); err != nil {
		t.Fatal(err)
	}
	for range 7 {
		h.sweep()
	}
	files(3)

	stop()
	st.Redis().FlushAll(t.Context())
	again := newEnv(t, st, keepSpool, func(o *intake.Options) { o.Spool = openSpool(t, dir) })
	again.run()
	again.eventually("what was open is back", func() bool { return len(again.tasks(t)) == 3 })
	again.drain()
	again.want(3, 3, 0, 0)
	h = again
	h.close(form(1).Thread)
	files(2)
}

func (h *env) close(thread string) {
	h.t.Helper()
	th, err := h.threads.Find(h.t.Context(), thread)
	if err != nil {
		h.t.Fatal(err)
	}
	if _, err := h.queue.Close(h.t.Context(), th.Task, queue.Actor{Agent: "anna", Anyway: true}, "solved"); err != nil {
		h.t.Fatal(err)
	}
}

func TestKeptSpoolIsReadAgainAfterTheStoreWasAway(t *testing.T) {
	t.Parallel()
	server := storetest.Start(t, "--appendonly", "yes", "--appendfsync", "always")
	server.Kill() // away from the start
	h := newEnv(t, storetest.On(t, &redis.Options{Network: "unix", Addr: server.Socket}), keepSpool)
	h.run()
	for n := range 10 {
		if err := h.Accept(t.Context(), form(n)); err != nil {
			t.Errorf("Accept with the store away = %v", err)
		}
	}
	server.Restart()
	h.eventually("everything is in a task", func() bool {
		page, err := h.queue.List(t.Context(), "support", "", 100, "")
		return err == nil && len(page.Tasks) == 10
	})
	h.drain()
	h.want(10, 10, 0, 0)
	if n := h.spool.Stats().Messages; n != 10 {
		t.Errorf("%d files are kept, want 10", n)
	}
	h.close(form(1).Thread)
	h.eventually("the file of the closed one goes", func() bool { return h.spool.Stats().Messages == 9 })
}

func TestRunEndsWhenToldTo(t *testing.T) {
	t.Parallel()
	for _, edit := range []func(*intake.Options){func(*intake.Options) {}, keepSpool} {
		h := newEnv(t, storetest.New(t), edit)
		stop := h.run()
		h.accept(form(1))
		begun := time.Now()
		stop()
		if took := time.Since(begun); took > 5*time.Second {
			t.Errorf("Run ended after %v", took)
		}
	}
}
