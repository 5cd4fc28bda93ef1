package mailbox

import (
	"bytes"
	"context"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/semaphore"

	"loket/connectors/email/mailbox/dovecottest"
	"loket/connectors/email/mailbox/faultproxy"
)

func TestEveryMailComesThroughCutsAndRestarts(t *testing.T) {
	t.Parallel()
	const mails = 2000
	s, h, name := dovecottest.Start(t), newEnv(), "anna"
	sizes := rand.New(rand.NewPCG(1, 2))
	want := map[string][]byte{}
	deliver := func(subject string) {
		raw := append(mailOf(subject), bytes.Repeat([]byte("all work and no play\r\n"), sizes.IntN(100))...)
		want[subject] = raw
		s.Deliver(name, "INBOX", raw)
	}
	for _, subject := range subjects("early", mails/2) {
		deliver(subject)
	}
	var calm atomic.Bool // once everything has come
	proxy := faultproxy.Start(t, s.TLSAddr, func(n int) faultproxy.Fault {
		if calm.Load() {
			return faultproxy.Fault{}
		}
		r := rand.New(rand.NewPCG(3, uint64(n)))
		kinds := []faultproxy.Kind{faultproxy.Cut, faultproxy.Cut, faultproxy.Cut, faultproxy.Reset, faultproxy.Reset, faultproxy.Reset, faultproxy.Stall}
		return faultproxy.Fault{Kind: kinds[r.IntN(len(kinds))], After: r.Int64N(r.Int64N(800_000) + 1)}
	})
	h.refusing(func(l Fetched) error {
		if rand.IntN(50) == 0 {
			return errAway
		}
		return nil
	})
	impatient := func(m *Mailbox) { m.stall, m.cfg.Poll = 200*time.Millisecond, 50*time.Millisecond }
	r := h.run(t, over(s.URLAt(proxy.Addr, name), s.CAFile), impatient)
	for i, subject := range subjects("late", mails/2) {
		deliver(subject)
		switch i {
		case 300, 600:
			s.Restart()
		case 450:
			r.stop(t)
			r = h.run(t, over(s.URLAt(proxy.Addr, name), s.CAFile), impatient)
		}
	}
	all := append(subjects("early", mails/2), subjects("late", mails/2)...)
	h.wait(t, all...)
	calm.Store(true)
	proxy.CutAll()
	eventually(t, "the position is at the end", func() bool {
		p := h.position(t, r, "INBOX")
		return p.High == mails && len(p.Open) == 0 && len(p.Marks) == 0
	})
	r.stop(t)
	for _, l := range h.letters {
		if l.Problem != "" || l.Cut || !bytes.Equal(l.Raw, want[subject(l)]) {
			t.Errorf("mail %d: problem %q, cut %v, %d bytes, want %d as they were", l.UID, l.Problem, l.Cut, len(l.Raw), len(want[subject(l)]))
		}
	}
	for _, f := range s.Files(name, "INBOX") {
		if !slices.Contains(f.Keywords, Keyword) { // a server that is killed may name a lost keyword of its own beside it
			t.Errorf("%s is not marked: %q", f.Path, f.Keywords)
		}
	}
	t.Logf("%d connections, %d takes of %d mails", proxy.Connections(), len(h.letters), mails)
}

func TestDeadConnectionIsNoticed(t *testing.T) {
	t.Parallel()
	s, h, name := dovecot(t), newEnv(), user()
	s.Deliver(name, "INBOX", mailOf("first"))
	var n atomic.Int64
	proxy := faultproxy.Start(t, s.TLSAddr, func(i int) faultproxy.Fault {
		n.Store(int64(i))
		if i == 0 {
			return faultproxy.Fault{Kind: faultproxy.Stall, After: 6000} // somewhere in IDLE or soon after
		}
		return faultproxy.Fault{}
	})
	cfg := over(s.URLAt(proxy.Addr, name), s.CAFile)
	r := h.run(t, cfg, func(m *Mailbox) {
		m.stall = 300 * time.Millisecond
		m.idleFor = 100 * time.Millisecond // as after five minutes: the server is asked whether it lives
	})
	h.wait(t, "first")
	eventually(t, "it connects again", func() bool { return n.Load() > 0 })
	s.Deliver(name, "INBOX", mailOf("second"))
	h.wait(t, "second")
	r.stop(t)
}

func TestCursorThatCannotBeSavedStopsNothing(t *testing.T) {
	t.Parallel()
	s, h, name := dovecot(t), newEnv(), user()
	h.saveErr = errAway
	for _, subject := range subjects("m", 5) {
		s.Deliver(name, "INBOX", mailOf(subject))
	}
	r := h.run(t, over(s.URL(name), s.CAFile))
	h.wait(t, subjects("m", 5)...)
	eventually(t, "it shows", func() bool { return strings.Contains(r.State().Folders[0].Err, errAway.Error()) })
	h.mu.Lock()
	h.saveErr = nil
	h.mu.Unlock()
	eventually(t, "it is saved", func() bool { return r.State().Folders[0].Err == "" })
	r.stop(t)
	if p := h.position(t, r, "INBOX"); p.High != 5 || len(p.Open) != 0 {
		t.Errorf("position = %+v, want 5", p)
	}
}

func TestBytesInFlightAreBounded(t *testing.T) {
	t.Parallel()
	s, h, name := dovecot(t), newEnv(), user()
	const room, each, mails = 1 << 20, 200 << 10, 12
	filler := bytes.Repeat([]byte("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcd\r\n"), each/64)
	for i := range mails {
		s.Deliver(name, "INBOX", append(mailOf("m"+strconv.Itoa(i)), filler...))
	}
	s.Deliver(name, "INBOX", append(mailOf("larger than the room"), bytes.Repeat(filler, 6)...))
	var inFlight, most atomic.Int64
	gate := make(chan struct{})
	r := h.run(t, over(s.URL(name), s.CAFile), func(m *Mailbox) {
		take := m.take
		m.take = func(ctx context.Context, l Fetched) error {
			now := inFlight.Add(int64(len(l.Raw)))
			defer inFlight.Add(-int64(len(l.Raw)))
			for {
				if was := most.Load(); now <= was || most.CompareAndSwap(was, now) {
					break
				}
			}
			<-gate
			return take(ctx, l)
		}
		m.room, m.bytes = room, semaphore.NewWeighted(room)
	})
	eventually(t, "the room is as good as full", func() bool { return inFlight.Load() > room/2 })
	if got := most.Load(); got > room {
		t.Errorf("%d bytes in flight, want at most %d", got, room)
	}
	close(gate)
	h.until(t, "all are taken", func(l []Fetched) bool { return len(l) == mails+1 })
	r.stop(t)
	if got, large := most.Load(), int64(6*len(filler)+200); got > large {
		t.Errorf("%d bytes in flight, want at most one mail of %d", got, large)
	}
}
