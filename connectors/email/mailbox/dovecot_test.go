package mailbox

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"loket/connectors/email/mailbox/dovecottest"
	"loket/internal/secret"
)

func TestMailsAreReadAndNewOnesAtOnce(t *testing.T) {
	t.Parallel()
	for _, way := range []struct {
		name string
		cfg  func(s *dovecottest.Server, user string) Config
	}{
		{"TLS and IDLE", func(s *dovecottest.Server, user string) Config { return over(s.URL(user), s.CAFile) }},
		{"STARTTLS", func(s *dovecottest.Server, user string) Config { return over(s.PlainURL(user), s.CAFile) }},
		{"without TLS on this machine", func(s *dovecottest.Server, user string) Config {
			c := over(s.PlainURL(user), "")
			c.StartTLS = "none"
			return c
		}},
		{"polling", func(s *dovecottest.Server, user string) Config {
			c := over(s.URL(user), s.CAFile)
			c.Idle = false
			return c
		}},
	} {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			s, h, name := dovecot(t), newEnv(), user()
			for _, subject := range subjects("old", 120) {
				s.Deliver(name, "INBOX", mailOf(subject))
			}
			r := h.run(t, way.cfg(s, name), func(m *Mailbox) {
				if m.cfg.Idle {
					m.cfg.Poll = time.Hour // only IDLE can tell
				}
			})
			h.wait(t, subjects("old", 120)...)
			r.rests(t, "INBOX")
			s.Deliver(name, "INBOX", mailOf("new"))
			h.wait(t, "new")
			r.stop(t)
			if got := len(h.taken()); got != 121 {
				t.Errorf("%d mails taken, want 121", got)
			}
			want := mailOf("new")
			last := h.letters[120]
			if !bytes.Equal(last.Raw, want) || last.Size != int64(len(want)) || last.UID != 121 || last.UIDValidity == 0 ||
				last.Folder != "INBOX" || last.Cut || last.Junk || last.Sent || time.Since(last.Received) > time.Hour {
				t.Errorf("letter = %+v %q", last, last.Raw)
			}
			if p := h.position(t, r, "INBOX"); p.High != 121 || len(p.Open) != 0 {
				t.Errorf("position = %+v, want 121 and nothing open", p)
			}
		})
	}
}

func TestOutageIsMadeUpFor(t *testing.T) {
	t.Parallel()
	s, h, name := dovecot(t), newEnv(), user()
	s.Deliver(name, "INBOX", mailOf("before"))
	r := h.run(t, over(s.URL(name), s.CAFile))
	h.wait(t, "before")
	r.stop(t)
	longAgo := time.Now().Add(-400 * 24 * time.Hour)
	s.DeliverAt(name, "INBOX", mailOf("meanwhile, with an old date"), longAgo)
	for _, subject := range subjects("meanwhile", 300) {
		s.Deliver(name, "INBOX", mailOf(subject))
	}
	r = h.run(t, over(s.URL(name), s.CAFile))
	h.wait(t, append(subjects("meanwhile", 300), "meanwhile, with an old date")...)
	r.stop(t)
	if got := len(h.taken()); got != 302 {
		t.Errorf("%d mails taken, want each of 302 once", got)
	}
}

func TestFirstRunReadsBackSoFar(t *testing.T) {
	t.Parallel()
	s, h, name := dovecot(t), newEnv(), user()
	day := 24 * time.Hour
	for ago, subject := range map[time.Duration]string{90 * day: "quarter", 8 * day: "week", 6 * day: "recent", 0: "today"} {
		s.DeliverAt(name, "INBOX", mailOf(subject), time.Now().Add(-ago))
	}
	cfg := over(s.URL(name), s.CAFile)
	cfg.First = 7 * day
	r := h.run(t, cfg)
	h.wait(t, "recent", "today")
	r.rests(t, "INBOX")
	s.DeliverAt(name, "INBOX", mailOf("moved here"), time.Now().Add(-90*day))
	h.wait(t, "moved here")
	r.stop(t)
	if got := len(h.taken()); got != 3 {
		t.Errorf("%v taken, want what is younger than a week, and what came later", h.taken())
	}

	h = newEnv()
	cfg.First = 0
	r = h.run(t, cfg)
	r.rests(t, "INBOX")
	s.Deliver(name, "INBOX", mailOf("from now on"))
	h.wait(t, "from now on")
	r.stop(t)
	if got := len(h.taken()); got != 1 {
		t.Errorf("%v taken, want only what came after the first run", h.taken())
	}
}

func TestDoneIsMarked(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ done, flags, there string }{
		{"keyword", Keyword, "INBOX"}, {"seen", "S", "INBOX"}, {"none", "", "INBOX"}, {"move:Done", "", "Done"},
	} {
		t.Run(c.done, func(t *testing.T) {
			t.Parallel()
			s, h, name := dovecot(t), newEnv(), user()
			s.MakeFolder(name, "Done")
			s.MakeFolder(name, "Junk")
			cfg := over(s.URL(name), s.CAFile)
			cfg.Done, cfg.Junk = c.done, "Junk"
			for _, subject := range subjects("m", 5) {
				s.Deliver(name, "INBOX", mailOf(subject))
			}
			s.Deliver(name, "Junk", mailOf("junk"))
			h.refusing(func(l Fetched) error {
				if subject(l) == "m-00002" {
					return errAway
				}
				return nil
			})
			r := h.run(t, cfg)
			h.wait(t, "m-00000", "m-00001", "m-00003", "m-00004", "junk")
			marked := func(folder, flags string) (n int) {
				for _, f := range s.Files(name, folder) {
					if f.Flags+strings.Join(f.Keywords, "") == flags {
						n++
					}
				}
				return n
			}
			eventually(t, "four are marked", func() bool { return marked(c.there, c.flags) >= 4 })
			if c.done != "none" {
				eventually(t, "only the refused one is not", func() bool { return marked("INBOX", "") == 1 })
			}
			h.refusing(nil)
			h.wait(t, "m-00002")
			eventually(t, "all are marked", func() bool { return marked(c.there, c.flags) == 5 })
			eventually(t, "no mark waits", func() bool {
				p := h.position(t, r, "INBOX")
				return len(p.Marks) == 0 && len(p.Open) == 0 && p.High == 5
			})
			r.stop(t)
			if marked("Junk", "") != 1 {
				t.Error("the mail in Junk was changed")
			}
		})
	}
}

func TestFoldersHaveTheirRoles(t *testing.T) {
	t.Parallel()
	s, h, name := dovecot(t), newEnv(), user()
	cfg := over(s.URL(name), s.CAFile)
	cfg.Folders, cfg.Junk, cfg.Sent = []string{"inbox", "Spoed"}, "Junk", "Sent"
	for _, folder := range []string{"INBOX", "Spoed", "Junk", "Sent"} {
		s.Deliver(name, folder, mailOf(folder))
	}
	r := h.run(t, cfg)
	h.wait(t, "INBOX", "Spoed", "Junk", "Sent")
	eventually(t, "all are connected", func() bool { return r.State().Connected() })
	r.stop(t)
	for _, l := range h.letters {
		if l.Junk != (subject(l) == "Junk") || l.Sent != (subject(l) == "Sent") {
			t.Errorf("letter from %s has junk %v, sent %v", subject(l), l.Junk, l.Sent)
		}
	}
}

func TestMissingFolderStopsNoOther(t *testing.T) {
	t.Parallel()
	s, h, name := dovecot(t), newEnv(), user()
	cfg := over(s.URL(name), s.CAFile)
	cfg.Folders = []string{"INBOX", "Nowhere"}
	s.Deliver(name, "INBOX", mailOf("hello"))
	r := h.run(t, cfg)
	h.wait(t, "hello")
	eventually(t, "the missing folder shows", func() bool { return r.State().Folders[1].Err != "" })
	s.Deliver(name, "Nowhere", mailOf("found"))
	h.wait(t, "found")
	r.stop(t)
}

func TestLargeMailIsCut(t *testing.T) {
	t.Parallel()
	s, h, name := dovecot(t), newEnv(), user()
	cfg := over(s.URL(name), s.CAFile)
	cfg.MaxSize = 100_000
	large := append(mailOf("large"), bytes.Repeat([]byte("0123456789abcdef0123456789abcdef\r\n"), 100_000)...)
	s.Deliver(name, "INBOX", mailOf("small"))
	s.Deliver(name, "INBOX", large)
	s.Deliver(name, "INBOX", mailOf("after"))
	r := h.run(t, cfg)
	h.wait(t, "small", "large", "after")
	r.stop(t)
	for _, l := range h.letters {
		if subject(l) != "large" {
			continue
		}
		if !l.Cut || l.Size != int64(len(large)) || !bytes.Equal(l.Raw, large[:100_000]) {
			t.Errorf("cut %v, size %d, %d bytes; want the first 100000 of %d", l.Cut, l.Size, len(l.Raw), len(large))
		}
	}
	if got := len(h.taken()); got != 3 {
		t.Errorf("%d mails taken, want 3", got)
	}
}

func TestRefusedMailStopsNoOther(t *testing.T) {
	t.Parallel()
	s, h, name := dovecot(t), newEnv(), user()
	for _, subject := range subjects("m", 60) {
		s.Deliver(name, "INBOX", mailOf(subject))
	}
	h.refusing(func(l Fetched) error {
		if l.UID%20 == 7 {
			return errAway
		}
		return nil
	})
	r := h.run(t, over(s.URL(name), s.CAFile), func(m *Mailbox) {
		m.backoff = func(int) time.Duration { return time.Hour }
	})
	rest := slices.DeleteFunc(subjects("m", 60), func(s string) bool { return s == "m-00006" || s == "m-00026" || s == "m-00046" })
	h.wait(t, rest...)
	r.stop(t)
	p := h.position(t, r, "INBOX")
	if p.High != 60 || len(p.Open) != 3 || p.Open[7] == nil || p.Open[27] == nil || p.Open[47] == nil {
		t.Errorf("position = %+v, want 60 with 7, 27 and 47 open", p)
	}
	// A new process knows them.
	h.refusing(nil)
	r = h.run(t, over(s.URL(name), s.CAFile), func(m *Mailbox) {
		m.now = func() time.Time { return time.Now().Add(2 * time.Hour) }
	})
	h.wait(t, subjects("m", 60)...)
	r.stop(t)
	if got := len(h.taken()); got != 60 {
		t.Errorf("%d mails taken, want each of 60 once", got)
	}
}

func TestStoreAwayStopsReadingUntilItIsBack(t *testing.T) {
	t.Parallel()
	s, h, name := dovecot(t), newEnv(), user()
	for _, subject := range subjects("m", 500) {
		s.Deliver(name, "INBOX", mailOf(subject))
	}
	h.refusing(func(Fetched) error { return errAway })
	away := make(chan struct{})
	r := h.run(t, over(s.URL(name), s.CAFile), func(m *Mailbox) {
		m.backoff = func(int) time.Duration {
			select {
			case <-away:
				return 0
			default:
				return time.Hour
			}
		}
	})
	r.rests(t, "INBOX")
	if st := r.State().Folders[0]; st.Open < maxOpen || st.Open > maxOpen+metaChunk {
		t.Errorf("%d mails open, want about %d: what the daemon does not take is not read on and on", st.Open, maxOpen)
	}
	r.stop(t)
	close(away)
	h.refusing(nil)
	r = h.run(t, over(s.URL(name), s.CAFile), func(m *Mailbox) {
		m.now = func() time.Time { return time.Now().Add(2 * time.Hour) }
	})
	h.wait(t, subjects("m", 500)...)
	r.stop(t)
}

func TestRenumberedFolderIsReadAgainByDate(t *testing.T) {
	t.Parallel()
	s, h, name := dovecottest.Start(t), newEnv(), "anna"
	day := 24 * time.Hour
	cfg := over(s.URL(name), s.CAFile)
	cfg.Done, cfg.First = "none", 60*day
	s.DeliverAt(name, "INBOX", mailOf("month"), time.Now().Add(-30*day))
	s.DeliverAt(name, "INBOX", mailOf("refused"), time.Now().Add(-40*day))
	s.Deliver(name, "INBOX", mailOf("today"))
	h.refusing(func(l Fetched) error {
		if subject(l) == "refused" {
			return errAway
		}
		return nil
	})
	r := h.run(t, cfg, func(m *Mailbox) { m.backoff = func(n int) time.Duration { return time.Duration(n) * time.Minute } })
	h.wait(t, "month", "today")
	eventually(t, "one is refused", func() bool { return r.State().Folders[0].Open == 1 })
	before := r.State().Folders[0].UIDValidity
	r.stop(t)
	s.DeliverAt(name, "INBOX", mailOf("ancient"), time.Now().Add(-300*day))
	s.Deliver(name, "INBOX", mailOf("meanwhile"))
	s.Renumber(name, "INBOX")
	h.refusing(nil)
	r = h.run(t, cfg)
	h.wait(t, "meanwhile", "refused")
	r.rests(t, "INBOX")
	s.Deliver(name, "INBOX", mailOf("later"))
	h.wait(t, "later")
	r.stop(t)
	if after := r.State().Folders[0].UIDValidity; after == before {
		t.Fatalf("UIDVALIDITY stayed %d: nothing was tested", after)
	}
	if slices.Contains(h.taken(), "ancient") {
		t.Error("a mail from before the first run was read: the position went back to the beginning")
	}
	if h.logs.FilterMessageSnippet("renumbered").Len() != 1 {
		t.Error("the log does not tell of the renumbering")
	}
}

func TestKeywordSparesReadingTwiceAfterRenumbering(t *testing.T) {
	t.Parallel()
	s, h, name := dovecottest.Start(t), newEnv(), "anna"
	for _, subject := range subjects("m", 20) {
		s.Deliver(name, "INBOX", mailOf(subject))
	}
	r := h.run(t, over(s.URL(name), s.CAFile))
	h.wait(t, subjects("m", 20)...)
	eventually(t, "all are marked", func() bool {
		return !slices.ContainsFunc(s.Files(name, "INBOX"), func(f dovecottest.File) bool { return !slices.Contains(f.Keywords, Keyword) })
	})
	s.Renumber(name, "INBOX")
	s.Deliver(name, "INBOX", mailOf("new"))
	h.wait(t, "new")
	r.stop(t)
	if got := len(h.taken()); got != 21 {
		t.Errorf("%d mails taken, want 21: those with our keyword are known", got)
	}
}

func TestRestartedServerIsReadOn(t *testing.T) {
	t.Parallel()
	s, h, name := dovecottest.Start(t), newEnv(), "anna"
	r := h.run(t, over(s.URL(name), s.CAFile))
	for i := range 4 {
		subject := fmt.Sprintf("m-%d", i)
		s.Deliver(name, "INBOX", mailOf(subject))
		h.wait(t, subject)
		s.Restart()
	}
	r.stop(t)
	if got := len(h.taken()); got != 4 {
		t.Errorf("%d mails taken, want 4", got)
	}
}

func TestWrongPasswordIsToldOnceWithoutIt(t *testing.T) {
	t.Parallel()
	s, h, name := dovecot(t), newEnv(), user()
	s.Deliver(name, "INBOX", mailOf("hello"))
	cfg := over(s.URL(name), s.CAFile)
	cfg.URL = secret.New("imaps://" + name + "%40example.org:hunter2hunter2@" + s.TLSAddr)
	tries := make(chan struct{}, 100)
	r := h.run(t, cfg, func(m *Mailbox) {
		m.slow = func() time.Duration { tries <- struct{}{}; return time.Millisecond }
	})
	for range 2 {
		<-tries
	}
	st := r.State()
	r.stop(t)
	errors := h.logs.FilterLevelExact(2).All()
	if len(errors) != 1 {
		t.Errorf("%d errors logged for 2 refusals, want 1", len(errors))
	}
	all := fmt.Sprint(h.logs.All(), st)
	if strings.Contains(all, "hunter2") || strings.Contains(all, name) {
		t.Errorf("password or user shows: %s", all)
	}
	if st.Folders[0].Err == "" || st.Connected() {
		t.Errorf("state = %+v, want the refusal", st)
	}
}

func TestUntrustedServerGetsNoPassword(t *testing.T) {
	t.Parallel()
	s, h, name := dovecot(t), newEnv(), user()
	r := h.run(t, over(s.URL(name), ""))
	eventually(t, "it is refused", func() bool { return strings.Contains(r.State().Folders[0].Err, "certificate") })
	r.stop(t)
}
