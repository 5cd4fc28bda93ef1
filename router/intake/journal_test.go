package intake

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"go.uber.org/zap"

	"loket/internal/spool"
	"loket/internal/store/storetest"
)

// Two processes may walk one message when the first is slow: what the slower one notes must not outlive the message.
func TestWhatIsEndedIsNotBuriedNorPostponed(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	f := &fake{}
	f.now.Store(&promises{})
	st := storetest.New(t)
	r := newRooms(t, st, f)
	in := r.intake(nil)
	sp, err := spool.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer sp.Close()
	in.spool = sp
	m := letter{id: "aaaaaaaaaaaaaaaaaaaaaaaaaa", thread: "t", received: 1}.message()
	body, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	quarantine := func() error { return in.quarantine(ctx, m.ID, reason{Error: "x", Since: time.Now()}) }
	retryLater := func() error { return in.retryLater(ctx, m.ID, time.Second) }
	for _, tt := range []struct {
		name            string
		late            func() error
		journal, buried int64
	}{
		{"quarantine", quarantine, 0, 1},
		{"retryLater", retryLater, 1, 0},
	} {
		st.Redis().FlushAll(ctx)
		if _, err := in.admit(ctx, m, body); err != nil {
			t.Fatal(err)
		}
		want := func(when string, journal, buried int64) {
			t.Helper()
			s, err := in.Status(ctx)
			if err != nil || s.Journal != journal || s.Quarantine != buried {
				t.Errorf("%s, %s: %d in the journal, %d in quarantine, %v; want %d, %d", tt.name, when, s.Journal, s.Quarantine, err, journal, buried)
			}
			if found, err := in.Check(ctx); err != nil || len(found) > 0 {
				t.Errorf("%s, %s: Check = %q, %v", tt.name, when, found, err)
			}
		}
		if err := tt.late(); err != nil {
			t.Fatal(err)
		}
		want("before its end", tt.journal, tt.buried)
		if err := in.ack(ctx, m.ID, 2); err != nil {
			t.Fatal(err)
		}
		want("at its end", 0, 0)
		if err := tt.late(); err != nil {
			t.Fatal(err)
		}
		want("after its end", 0, 0)
	}
}

func TestKeptSpoolIsReadUntilTheStoreTookIt(t *testing.T) {
	t.Parallel()
	server := storetest.Start(t)
	st := storetest.On(t, &redis.Options{Network: "unix", Addr: server.Socket, MaxRetries: -1})
	sp, err := spool.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer sp.Close()
	m := letter{id: "aaaaaaaaaaaaaaaaaaaaaaaaaa"}.message()
	m.Problem = "not to be walked"
	if err := sp.Put(m); err != nil {
		t.Fatal(err)
	}
	in := &Intake{store: st, spool: sp, keepSpool: true, log: zap.NewNop(), step: func(string) {}}
	in.behind.Store(true)
	server.Kill()
	for range 2 {
		if err := in.rereadSpool(t.Context()); err == nil {
			t.Error("rereadSpool with the store away = nil, want an error")
		}
	}
	server.Restart()
	for end := time.Now().Add(time.Minute); in.rereadSpool(t.Context()) != nil; {
		if time.Now().After(end) {
			t.Fatal("the spool is not read within a minute")
		}
	}
	if s, err := in.Status(t.Context()); err != nil || s.Quarantine != 1 || s.SpoolMessages != 1 {
		t.Errorf("Status = %+v, %v; want the message in both", s, err)
	}
}

func TestCheckFindsEachBrokenInvariantOfTheJournal(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	st := storetest.New(t)
	in := &Intake{store: st}
	id := "aaaaaaaaaaaaaaaaaaaaaaaaaa"
	p := partitionOf(id)
	for _, tt := range []struct {
		name  string
		spoil func(ctx context.Context)
		want  string
	}{
		{"both", func(ctx context.Context) { st.Redis().HSet(ctx, p.quarantine(), id, "{}") }, "is on its way and in quarantine"},
		{"neither", func(ctx context.Context) { st.Redis().ZRem(ctx, p.next(), id) }, "is neither on its way nor in quarantine"},
		{"not seen", func(ctx context.Context) { st.Redis().ZRem(ctx, p.seen(), id) }, "would be accepted a second time"},
		{"due without a text", func(ctx context.Context) { st.Redis().HDel(ctx, p.bodies(), id) }, "is due but its text is gone"},
		{"buried without a text", func(ctx context.Context) {
			st.Redis().HDel(ctx, p.bodies(), id)
			st.Redis().ZRem(ctx, p.next(), id)
			st.Redis().HSet(ctx, p.quarantine(), id, "{}")
		}, "is in quarantine but its text is gone"},
		{"goes from nowhere", func(ctx context.Context) { st.Redis().ZAdd(ctx, p.passing(), redis.Z{Member: id}) }, "would go by itself and is not in quarantine"},
	} {
		st.Redis().FlushAll(ctx)
		if _, err := in.admit(ctx, letter{id: id}.message(), []byte("{}")); err != nil {
			t.Fatal(err)
		}
		if found, err := in.Check(ctx); err != nil || len(found) != 0 {
			t.Errorf("%s: Check before = %q, %v; want nothing", tt.name, found, err)
		}
		tt.spoil(ctx)
		found, err := in.Check(ctx)
		if want := "journal: message " + id + " " + tt.want; err != nil || len(found) != 1 || found[0] != want {
			t.Errorf("%s: Check = %q, %v; want %q", tt.name, found, err, want)
		}
	}
}
