package mailbox

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestServerThatCannotBeReadShows(t *testing.T) {
	for _, row := range []struct {
		name, want string
		change     func(*script)
	}{
		{"greeting is BYE", "too many connections", func(s *script) { s.greet = "* BYE too many connections" }},
		{"no UIDVALIDITY", "UIDVALIDITY", func(s *script) { s.validity = 0 }},
		{"no password wanted here", "takes no password", func(s *script) { s.caps = "IMAP4rev1 LOGINDISABLED STARTTLS" }},
		{"not an IMAP server", "greeting", func(s *script) { s.greet = "220 mx.example.org ESMTP" }},
	} {
		t.Run(row.name, func(t *testing.T) {
			s, h := newScript(t, "m1"), newEnv()
			s.set(func() { row.change(s) })
			r := h.run(t, s.over(), func(m *Mailbox) { m.stall = 200 * time.Millisecond })
			eventually(t, "it shows", func() bool { return strings.Contains(r.State().Folders[0].Err, row.want) })
			r.stop(t)
			if s.commands("LOGIN")+s.commands("AUTHENTICATE") > 0 && row.name == "no password wanted here" {
				t.Error("the password was sent all the same")
			}
		})
	}
}

func TestUIDNextMissingReadsNothingOld(t *testing.T) {
	s, h := newScript(t, "old1", "old2"), newEnv()
	s.set(func() {
		s.on = func(c *peer, tag, command string) bool {
			if !strings.HasPrefix(command, "SELECT") {
				return false
			}
			c.say("* OK [UIDVALIDITY 7] x\r\n%s OK done", tag)
			return true
		}
	})
	cfg := s.over()
	cfg.First = 0
	r := h.run(t, cfg)
	r.rests(t, "INBOX")
	s.add(3, "new")
	h.wait(t, "new")
	r.stop(t)
	if got := len(h.letters); got != 1 {
		t.Errorf("%v taken, want only the new mail", h.taken())
	}
}

func TestTroubleOfTheWholeServerParksNothing(t *testing.T) {
	s, h := newScript(t, "m1", "m2", "m3"), newEnv()
	var refused atomic.Int64
	s.set(func() {
		s.on = func(c *peer, tag, command string) bool {
			if !strings.Contains(command, "BODY.PEEK") || refused.Load() > 100 {
				return false
			}
			refused.Add(1)
			c.say("%s NO [SERVERBUG] disk is away", tag)
			return true
		}
	})
	r := h.run(t, s.over(), func(m *Mailbox) { m.parkAfter, m.parkAnyway = parkAfter, parkAnyway })
	h.wait(t, "m1", "m2", "m3")
	r.stop(t)
	for _, l := range h.letters {
		if l.Problem != "" || l.Cut || string(l.Raw) != s.mails[l.UID] {
			t.Errorf("mail %d came with problem %q, cut %v", l.UID, l.Problem, l.Cut)
		}
	}
}

func TestSuspectIsGivenUpWhenOthersCame(t *testing.T) {
	s, h := newScript(t, "m1"), newEnv()
	s.set(func() {
		s.on = func(c *peer, tag, command string) bool {
			if !c.asks(command, 1) {
				return false
			}
			c.say("%s NO [SERVERBUG] this one is broken", tag)
			return true
		}
	})
	var later atomic.Int64
	r := h.run(t, s.over(), func(m *Mailbox) {
		m.parkAfter, m.parkAnyway = parkAfter, parkAnyway
		m.now = func() time.Time { return time.Now().Add(time.Duration(later.Load())) }
	})
	eventually(t, "it is a suspect", func() bool {
		p := h.position(t, r, "INBOX")
		return p.Open[1] != nil && p.Open[1].Strikes == headerFrom-1
	})
	later.Store(int64(parkAfter))
	s.add(2, "m2")
	h.until(t, "both came", func(l []Fetched) bool { return len(l) == 2 })
	r.stop(t)
}

func TestRestoredMailboxIsReadAgainByDate(t *testing.T) {
	s, h := newScript(t, "m1", "m2", "m3"), newEnv()
	r := h.run(t, s.over())
	h.wait(t, "m1", "m2", "m3")
	r.stop(t)
	// The same UIDVALIDITY, but numbers that were given out are given to others.
	s.remove(3)
	s.add(2, "other")
	r = h.run(t, s.over())
	h.wait(t, "other")
	r.stop(t)
	if h.logs.FilterMessageSnippet("renumbered").Len() != 1 {
		t.Error("the log does not tell of the renumbering")
	}
}

func TestStaleUIDNextIsNotBelieved(t *testing.T) {
	s, h := newScript(t, "m1", "m2", "m3"), newEnv()
	s.set(func() {
		s.on = func(c *peer, tag, command string) bool {
			if !strings.HasPrefix(command, "SELECT") {
				return false
			}
			c.say("* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 2] x\r\n%s OK done", tag)
			return true
		}
	})
	for range 2 {
		r := h.run(t, s.over())
		h.wait(t, "m1", "m2", "m3")
		r.rests(t, "INBOX")
		r.stop(t)
	}
	if got := len(h.letters); got != 3 {
		t.Errorf("%d letters, want 3: nothing was renumbered", got)
	}
}
