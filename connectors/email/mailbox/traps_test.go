package mailbox

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/zap"
)

// Every row is a way of servers that a client must survive. "bad" is what becomes of the mail with UID 2 when it
// cannot be had; all others must come as they are.
func TestTrapsOfServers(t *testing.T) {
	once := func(f func(c *peer, tag, command string) bool) func(c *peer, tag, command string) bool {
		var done atomic.Bool
		return func(c *peer, tag, command string) bool {
			return !done.Load() && f(c, tag, command) && !done.Swap(true)
		}
	}
	silentAt := func(prefix string) func(c *peer, tag, command string) bool {
		return once(func(c *peer, tag, command string) bool { return strings.HasPrefix(command, prefix) })
	}
	// each answers bodies one by one, the one of UID 2 in its own way.
	each := func(second func(c *peer, command, raw string)) func(c *peer, tag, command string) bool {
		return func(c *peer, tag, command string) bool {
			if !c.asks(command, 2) {
				return false
			}
			for _, uid := range c.inSet(strings.Fields(command)[2]) {
				if uid == 2 {
					raw, _ := c.mail(2)
					second(c, command, raw)
				} else {
					c.fetch(uid, command)
				}
			}
			c.say("%s OK done", tag)
			return true
		}
	}
	isHeader := func(command string) bool { return strings.Contains(command, "HEADER") }
	for _, row := range []struct {
		name string
		on   func(c *peer, tag, command string) bool
		bad  string // "" all three come; "header": the header of 2 with the problem; "nothing": only the problem; "gone"
		tune func(*Mailbox)
	}{
		{name: "sign-in never answered", on: silentAt("AUTHENTICATE")},
		{name: "capabilities never answered", on: silentAt("CAPABILITY")},
		{name: "SELECT never answered", on: silentAt("SELECT")},
		{name: "SEARCH never answered", on: silentAt("UID SEARCH")},
		{name: "NOOP never answered", on: silentAt("NOOP")},
		{name: "FETCH never answered", on: silentAt("UID FETCH")},
		{name: "STORE never answered", on: silentAt("UID STORE")},
		{name: "a body stops in its middle", on: once(func(c *peer, _, command string) bool {
			if c.asks(command, 2) {
				c.say("* 2 FETCH (UID 2 BODY[] {500}\r\nSubject: m2")
				return true
			}
			return false
		})},
		{name: "the connection ends in the middle of a body", on: once(func(c *peer, _, command string) bool {
			if c.asks(command, 2) {
				c.say("* 2 FETCH (UID 2 BODY[] {500}\r\nSubject: m2")
				_ = c.conn.Close()
				return true
			}
			return false
		})},
		{name: "kept waiting with words for ever", on: once(func(c *peer, _, command string) bool {
			if !strings.HasPrefix(command, "UID SEARCH") {
				return false
			}
			for {
				if _, err := c.conn.Write([]byte("* OK still searching\r\n")); err != nil {
					return true
				}
				time.Sleep(time.Millisecond)
			}
		}), tune: func(m *Mailbox) { m.most = 100 * time.Millisecond }},
		{name: "UID stands behind the body", on: each(func(c *peer, command, raw string) {
			c.say("* 2 FETCH (FLAGS () BODY[] {%d}\r\n%s UID 2)", len(raw), raw)
		})},
		{name: "UID stands behind every body", on: func(c *peer, tag, command string) bool {
			if !c.asks(command, 2) {
				return false
			}
			for _, uid := range c.inSet(strings.Fields(command)[2]) {
				raw, _ := c.mail(uid)
				c.say("* %d FETCH (FLAGS () BODY[] {%d}\r\n%s UID %d)", uid, len(raw), raw, uid)
			}
			c.say("%s OK done", tag)
			return true
		}},
		{name: "FETCH comes in two pieces", on: each(func(c *peer, command, raw string) {
			c.say("* 2 FETCH (UID 2 FLAGS ())\r\n* 2 FETCH (UID 2 BODY[] {%d}\r\n%s)", len(raw), raw)
		})},
		{name: "another client changes a flag meanwhile", on: each(func(c *peer, command, raw string) {
			c.say("* 1 FETCH (FLAGS (\\Seen))\r\n* 2 FETCH (UID 2 FLAGS (\\Seen))\r\n* 3 FETCH (UID 3 FLAGS (\\Seen))")
			c.fetch(2, command)
		})},
		{name: "expunged meanwhile", bad: "gone", on: func(c *peer, tag, command string) bool {
			if c.asks(command, 2) {
				c.remove(2)
				c.say("* 2 EXPUNGE")
			}
			return false
		}},
		{name: "unknown attribute once", on: once(func(c *peer, _, command string) bool {
			if c.asks(command, 2) {
				c.say("* 1 FETCH (UID 1 X-GM-MSGID 99)")
				return true
			}
			return false
		})},
		{name: "unknown response once", on: once(func(c *peer, _, command string) bool {
			if strings.HasPrefix(command, "NOOP") {
				c.say("* VANISHED 41,43:116")
				return true
			}
			return false
		})},
		{name: "unknown attribute of one mail, always", bad: "header", on: func(c *peer, tag, command string) bool {
			if !c.asks(command, 2) || isHeader(command) {
				return false
			}
			c.say("* 2 FETCH (UID 2 RFC822 {2}\r\nhi)\r\n%s OK done", tag)
			return true
		}},
		{name: "whatever is asked of one mail ends in nonsense", bad: "nothing", on: func(c *peer, tag, command string) bool {
			if !strings.HasPrefix(command, "UID FETCH") || !c.asks(command+"BODY.PEEK", 2) {
				return false
			}
			c.say("* 2 FETCH (UID 2 X-NONSENSE 2)")
			return true
		}},
		{name: "an alert", on: func(c *peer, tag, command string) bool {
			if strings.HasPrefix(command, "NOOP") {
				c.say("%s OK [ALERT] the disk is full", tag)
				return true
			}
			return false
		}},
		{name: "999 GB announced", bad: "header", on: func(c *peer, tag, command string) bool {
			if !c.asks(command, 2) || isHeader(command) {
				return false
			}
			c.say("* 2 FETCH (UID 2 %s {999000000000}\r\nSubject: m2", sectionOf(command))
			return true
		}},
		{name: "999 GB announced, UID behind", bad: "header", on: func(c *peer, tag, command string) bool {
			if !c.asks(command, 2) || isHeader(command) {
				return false
			}
			c.say("* 2 FETCH (%s {999000000000}\r\nSubject: m2", sectionOf(command))
			return true
		}},
		{name: "search for later mails gives the last one", on: func(c *peer, tag, command string) bool {
			if strings.HasPrefix(command, "UID SEARCH") && strings.Contains(command, ":*") {
				c.say("* SEARCH 3%s\r\n%s OK done", strings.TrimPrefix(c.found("UID SEARCH UID 1:*"), " 1 2 3"), tag)
				return true
			}
			return false
		}},
		{name: "search gives numbers twice and in no order", on: func(c *peer, tag, command string) bool {
			if strings.HasPrefix(command, "UID SEARCH") && !strings.Contains(command, ":*") && c.commands("UID FETCH") == 0 {
				c.say("* SEARCH 3 1 3 2 1\r\n%s OK done", tag)
				return true
			}
			return false
		}},
		{name: "NO to one mail", bad: "header", on: func(c *peer, tag, command string) bool {
			if !c.asks(command, 2) || isHeader(command) {
				return false
			}
			c.say("%s NO [SERVERBUG] internal error", tag)
			return true
		}},
		{name: "one mail is always left out", bad: "nothing", on: each(func(*peer, string, string) {})},
		{name: "body of one mail is NIL", bad: "header", on: func(c *peer, tag, command string) bool {
			if !c.asks(command, 2) || isHeader(command) {
				return false
			}
			return each(func(c *peer, command, _ string) { c.say("* 2 FETCH (UID 2 %s NIL)", sectionOf(command)) })(c, tag, command)
		}},
		{name: "another section comes than was asked for", bad: "nothing", on: each(func(c *peer, _, raw string) {
			c.say("* 2 FETCH (UID 2 BODY[TEXT] {%d}\r\n%s)", len(raw), raw)
		})},
		{name: "the connection ends at one mail", bad: "header", on: func(c *peer, tag, command string) bool {
			if !c.asks(command, 2) || isHeader(command) {
				return false
			}
			_ = c.conn.Close()
			return true
		}},
		{name: "time of arrival of one mail is nonsense", on: func(c *peer, tag, command string) bool {
			if !strings.HasPrefix(command, "UID FETCH") || !strings.Contains(command, "INTERNALDATE") || !c.asks(command+"BODY.PEEK", 2) {
				return false
			}
			c.say("* 2 FETCH (UID 2 RFC822.SIZE 10 INTERNALDATE \"some day\")\r\n%s OK done", tag)
			return true
		}},
		{name: "sizes are never told", on: func(c *peer, tag, command string) bool {
			if !strings.Contains(command, "RFC822.SIZE") {
				return false
			}
			c.say("%s BAD what", tag)
			return true
		}},
		{name: "sizes are too small", on: func(c *peer, tag, command string) bool {
			if !strings.Contains(command, "RFC822.SIZE") {
				return false
			}
			for _, uid := range c.inSet(strings.Fields(command)[2]) {
				c.say("* %d FETCH (RFC822.SIZE 1 UID %d)", uid, uid)
			}
			c.say("%s OK done", tag)
			return true
		}},
		{name: "marking is refused", on: func(c *peer, tag, command string) bool {
			if strings.HasPrefix(command, "UID STORE") {
				c.say("%s NO [NOPERM] read only", tag)
				return true
			}
			return false
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			s, h := newScript(t, "m1", "m2", "m3"), newEnv()
			want := string(mailOf("m2")) + strings.Repeat("a longer mail than the others\r\n", 300)
			s.set(func() { s.mails[2], s.on = want, row.on })
			r := h.run(t, s.over(), func(m *Mailbox) {
				m.stall = 50 * time.Millisecond
				if row.tune != nil {
					row.tune(m)
				}
			})
			n := 3
			if row.bad == "gone" {
				n = 2
			}
			h.until(t, "all came", func(l []Fetched) bool { return len(l) >= n })
			s.add(4, "m4")
			h.wait(t, "m1", "m3", "m4")
			eventually(t, "nothing is open", func() bool {
				p := h.position(t, r, "INBOX")
				return p.High == 4 && len(p.Open) == 0
			})
			r.stop(t)
			if got := len(h.letters); got != n+1 {
				t.Errorf("%d letters %v, want %d", got, h.taken(), n+1)
			}
			for _, l := range h.letters {
				if l.UID != 2 {
					if l.Problem != "" || l.Cut || string(l.Raw) != s.mails[l.UID] {
						t.Errorf("mail %d came with problem %q, cut %v, as %q", l.UID, l.Problem, l.Cut, l.Raw)
					}
					continue
				}
				head, _, _ := strings.Cut(want, "\r\n\r\n")
				ok := map[string]bool{
					"":        l.Problem == "" && string(l.Raw) == want && !l.Cut,
					"header":  l.Problem != "" && string(l.Raw) == head+"\r\n\r\n" && l.Cut,
					"nothing": l.Problem != "" && len(l.Raw) == 0 && l.Cut,
				}[row.bad]
				if !ok {
					t.Errorf("mail 2 came with problem %q, cut %v, as %.80q; want %q", l.Problem, l.Cut, l.Raw, row.bad)
				}
			}
			if strings.Contains(s.flags[2], Keyword) != (row.bad == "") && row.bad != "gone" && row.name != "marking is refused" {
				t.Errorf("mail 2 has flags %q", s.flags[2])
			}
			if got := r.State().Folders[0].Parked; (got == 1) != (row.bad == "header" || row.bad == "nothing") {
				t.Errorf("%d parked", got)
			}
		})
	}
}

func TestIdleEndsAndBreaks(t *testing.T) {
	for _, row := range []struct {
		name string
		idle func(c *peer, tag string)
	}{
		{"new mail is told", func(c *peer, tag string) {
			c.say("+ idling")
			c.add(2, "second")
			c.say("* 2 EXISTS")
			c.line()
			c.say("%s OK done", tag)
		}},
		{"BYE and the end", func(c *peer, _ string) {
			c.say("+ idling")
			c.add(2, "second")
			c.say("* BYE the server goes down")
			_ = c.conn.Close()
		}},
		{"the end without a word", func(c *peer, _ string) {
			c.say("+ idling")
			c.add(2, "second")
			_ = c.conn.Close()
		}},
		{"DONE is never answered", func(c *peer, _ string) {
			c.say("+ idling")
			c.add(2, "second")
			c.say("* 2 EXISTS")
			c.line()
		}},
		{"nothing is told", func(c *peer, tag string) {
			c.say("+ idling")
			c.add(2, "second")
			c.line()
			c.say("%s OK done", tag)
		}},
		{"IDLE itself is never answered", func(c *peer, _ string) { c.add(2, "second") }},
		{"IDLE is refused", func(c *peer, tag string) {
			c.add(2, "second")
			c.say("%s NO not today", tag)
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			s, h := newScript(t, "first"), newEnv()
			var used atomic.Bool
			s.set(func() {
				s.on = func(c *peer, tag, command string) bool {
					if command != "IDLE" || used.Swap(true) {
						return false
					}
					row.idle(c, tag)
					return true
				}
			})
			cfg := s.over()
			cfg.Idle = true
			r := h.run(t, cfg, func(m *Mailbox) { m.stall, m.idleFor = 50*time.Millisecond, 100*time.Millisecond })
			h.wait(t, "first", "second")
			r.stop(t)
		})
	}
}

func TestMoveDeletesNothingThatWasNotCopied(t *testing.T) {
	s, h := newScript(t, "m1", "m2"), newEnv()
	s.set(func() {
		s.caps = "IMAP4rev1 UIDPLUS AUTH=PLAIN"
		s.on = func(c *peer, tag, command string) bool {
			if strings.HasPrefix(command, "UID COPY") {
				c.say("%s NO [TRYCREATE] no such folder", tag)
				return true
			}
			return false
		}
	})
	cfg := s.over()
	cfg.Done = "move:Done"
	r := h.run(t, cfg)
	h.wait(t, "m1", "m2")
	eventually(t, "moving was tried", func() bool { return s.commands("UID COPY") > 0 })
	r.rests(t, "INBOX")
	s.add(3, "m3")
	h.wait(t, "m3")
	r.stop(t)
	if s.commands("UID STORE") != 0 || s.commands("UID EXPUNGE") != 0 {
		t.Errorf("a mail that could not be copied was deleted: %q", s.heard)
	}
	if p := h.position(t, r, "INBOX"); len(p.Marks) != 3 {
		t.Errorf("%d mails wait to be moved, want 3", len(p.Marks))
	}
}

func TestMoveIsRefusedWhereItWouldPurge(t *testing.T) {
	s, h := newScript(t, "m1"), newEnv()
	s.set(func() { s.caps = "IMAP4rev1 AUTH=PLAIN" })
	cfg := s.over()
	cfg.Done = "move:Done"
	m, err := New(cfg, h, h.take, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "done: must be keyword, seen or none") {
		t.Errorf("Run = %v, want an error that names done", err)
	}
}

func TestFlagsAreOnesTheServerKeeps(t *testing.T) {
	for _, row := range []struct{ done, permanent, want string }{
		{"keyword", `\Seen \*`, Keyword},
		{"keyword", `\Seen ` + Keyword, Keyword},
		{"keyword", `\Seen`, `\Seen`},
		{"seen", `\Seen \*`, `\Seen`},
	} {
		s, h := newScript(t, "m1"), newEnv()
		s.set(func() { s.permanent = row.permanent })
		cfg := s.over()
		cfg.Done = row.done
		r := h.run(t, cfg)
		h.wait(t, "m1")
		eventually(t, "it is marked", func() bool {
			s.mu.Lock()
			defer s.mu.Unlock()
			return s.flags[1] == "("+row.want+")"
		})
		r.stop(t)
	}
}
