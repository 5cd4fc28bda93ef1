package e2e_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"loket/connectors/email"
	"loket/connectors/email/mailbox"
	"loket/connectors/email/mailbox/dovecottest"
	"loket/connectors/email/mailbox/faultproxy"
	"loket/connectors/email/send/smtptest"
	"loket/internal/soak"
)

// TestEveryMailInOneTaskThroughEverything is the storm: loket is killed, Dovecot too, connections are cut, the folder
// is renumbered, and mails of every kind come meanwhile.
func TestEveryMailInOneTaskThroughEverything(t *testing.T) {
	t.Parallel()
	s := newStorm(t, soak.Pick(600, 10_000))
	s.deliver(s.mails[:len(s.mails)/2])
	s.d.start()
	began := time.Now()
	var late sync.WaitGroup
	late.Go(func() {
		for part := range slices.Chunk(s.mails[len(s.mails)/2:], 50) {
			s.disk.RLock() // a folder is not renumbered while mail comes in
			s.deliver(part)
			s.disk.RUnlock()
		}
	})
	for _, e := range []struct {
		at   int // hundredths of the mails taken
		what func()
	}{
		{5, s.killLoket}, {15, s.server.Restart}, {25, s.proxy.CutAll}, {30, s.killLoket}, {45, s.renumber},
		{60, s.killLoket}, {61, s.killLoket}, {75, s.server.Restart}, {85, s.killLoket},
	} {
		s.d.await(fmt.Sprintf("%d %% of the mails to be taken", e.at), func() bool { return s.taken()*100 >= e.at*s.files })
		e.what()
	}
	late.Wait()
	s.calm.Store(true)
	s.d.await("every mail to be marked as taken", func() bool { return s.taken() == s.files })
	s.d.settled()
	took := time.Since(began)
	s.expectEach()
	s.d.healthy()
	s.d.stop()
	t.Logf("%d mails in %d files, %d connections, %s, %.0f/s; read through the API in %s", len(s.want), s.files, s.proxy.Connections(),
		took.Round(time.Millisecond), float64(s.files)/took.Seconds(), time.Since(began)-took)
}

// A storm is a mailbox, what comes into it, and what shall become of that.
type storm struct {
	t      *testing.T
	server *dovecottest.Server
	proxy  *faultproxy.Proxy
	d      *daemon
	calm   atomic.Bool // connections are no longer cut
	disk   sync.RWMutex

	mails []stormMail
	files int            // mails in folders, copies too
	want  map[string]int // message id → conversation, 0 for one of its own
}

type stormMail struct {
	folder string
	raw    []byte
}

func newStorm(t *testing.T, n int) *storm {
	t.Helper()
	server, sink := dovecottest.Start(t), smtptest.Start(t, smtptest.Options{})
	server.MakeFolder("help", "INBOX")
	server.MakeFolder("help", "Orders")
	s := &storm{t: t, server: server, want: map[string]int{}}
	s.proxy = faultproxy.Start(t, server.TLSAddr, func(n int) faultproxy.Fault {
		r := rand.New(rand.NewPCG(7, uint64(n)))
		if s.calm.Load() || r.IntN(3) == 0 {
			return faultproxy.Fault{}
		}
		return faultproxy.Fault{Kind: []faultproxy.Kind{faultproxy.Cut, faultproxy.Reset}[r.IntN(2)], After: r.Int64N(3_000_000)}
	})
	configuration := strings.ReplaceAll(mailed(server, sink, "folders: [INBOX, Orders]\nauthserv: [mx.example.org]"), server.TLSAddr, s.proxy.Addr)
	s.d = newDaemon(t, configuration)
	t.Cleanup(func() {
		if log := server.Log(); t.Failed() {
			t.Logf("dovecot: %s", log[max(0, len(log)-4000):])
		}
	})
	s.write(n)
	return s
}

// write makes the mails: conversations whose parts come in any order, machines' mail, copies, and what hostile or broken
// programs send.
func (s *storm) write(n int) {
	hostile, err := filepath.Glob("../../connectors/email/mail/testdata/*.eml")
	if err != nil || len(hostile) < 150 {
		s.t.Fatalf("%d mails, %v; want the corpus", len(hostile), err)
	}
	for _, path := range hostile {
		raw, err := os.ReadFile(path)
		if err != nil {
			s.t.Fatal(err)
		}
		bare := bytes.Count(raw, []byte("\n")) != bytes.Count(raw, []byte("\r\n"))
		if !bare && !bytes.Contains(raw, []byte{0}) { // of those Dovecot shows other bytes than it was given
			s.add(raw, 0)
		}
	}
	s.add([]byte("X: y\r\n\r\n"), 0) // nothing in it: for quarantine
	s.add([]byte("Y: z\r\n\r\n"), 0)
	for i := len(s.mails); len(s.mails) < n; i++ {
		header := fmt.Sprintf("From: Customer %d <customer%d@example.com>\nTo: help@example.org\nSubject: question %d\nMessage-ID: <%d@example.com>\nDate: Sun, 22 Nov 2026 10:29:00 +0100", i%700, i%700, i, i)
		if i%2 == 0 {
			header = "Authentication-Results: mx.example.org; dmarc=pass header.from=example.com\n" + header
		}
		if i%100 == 3 {
			header += "\nAuto-Submitted: auto-replied"
		}
		root := letter(header, fmt.Sprintf("My question number %d.\n", i))
		if i%20 != 0 {
			s.add(root, 0)
			continue
		}
		s.add(root, i)
		for k := range 1 + i/20%3 { // refer to it, and to one that never comes
			s.add(letter(fmt.Sprintf("From: customer%d@example.com\nTo: help@example.org\nSubject: Re: question %d\nMessage-ID: <%d.%d@example.com>\nReferences: <%d@example.com> <never%d@example.com>", i%700, i, i, k, i, i), fmt.Sprintf("And more on %d, %d.\n", i, k)), i)
		}
	}
	shuffle := rand.New(rand.NewPCG(5, 6))
	for i, m := range s.mails {
		if i%50 == 7 { // the same mail, to another address of ours and twice here
			s.mails = append(s.mails, stormMail{"Orders", m.raw}, m)
		}
	}
	shuffle.Shuffle(len(s.mails), func(i, j int) { s.mails[i], s.mails[j] = s.mails[j], s.mails[i] })
	s.files = len(s.mails)
}

// add puts a mail on the list. conversation is the one it belongs to, 0 for its own.
func (s *storm) add(raw []byte, conversation int) {
	box := email.Box{Connector: "mail", Config: &email.Config{Address: "help@example.org", Copies: "one"}}
	err := email.ReadFile(raw, time.Now(), []email.Box{box}, func(l email.Incoming) error {
		if l.Skip == "" && l.Message.Report == nil {
			s.want[l.Message.ID] = conversation
		}
		return nil
	})
	if err != nil {
		s.t.Fatal(err)
	}
	s.mails = append(s.mails, stormMail{"INBOX", raw})
}

func (s *storm) deliver(mails []stormMail) {
	for _, m := range mails {
		s.server.Deliver("help", m.folder, m.raw)
	}
}

func (s *storm) killLoket() {
	s.d.kill()
	s.d.start()
}

func (s *storm) renumber() {
	s.disk.Lock()
	defer s.disk.Unlock()
	s.server.Renumber("help", "INBOX")
}

// taken counts the mails that loket has marked.
func (s *storm) taken() (n int) {
	for _, folder := range []string{"INBOX", "Orders"} {
		for _, f := range s.server.Files("help", folder) {
			if slices.Contains(f.Keywords, mailbox.Keyword) {
				n++
			}
		}
	}
	return n
}

// expectEach wants each mail in exactly one task or in quarantine, those of a conversation in the same task, and nothing
// else.
func (s *storm) expectEach() {
	s.t.Helper()
	in := map[string][]string{} // message id → tasks
	var mu sync.Mutex
	tasks := s.d.tasks("support")
	var readers sync.WaitGroup
	for part := range slices.Chunk(tasks, (len(tasks)+7)/8) {
		readers.Go(func() {
			for _, summary := range part {
				task, err := s.d.client("anna").Task(s.t.Context(), summary.ID)
				if err != nil {
					s.t.Error(err)
					return
				}
				mu.Lock()
				for _, m := range task.Messages {
					in[m.ID] = append(in[m.ID], task.Number)
				}
				mu.Unlock()
			}
		})
	}
	readers.Wait()
	quarantine, err := s.d.client("anna").Quarantine(s.t.Context(), 500, "")
	if err != nil {
		s.t.Fatal(err)
	}
	for _, q := range quarantine.Messages {
		in[q.ID] = append(in[q.ID], "quarantine")
	}
	if len(quarantine.Messages) != 2 {
		s.t.Errorf("%d mails in quarantine, want the two that say nothing", len(quarantine.Messages))
	}
	conversations := map[int]string{}
	for id, conversation := range s.want {
		switch {
		case len(in[id]) != 1:
			s.t.Errorf("mail %s of conversation %d is in %v, want one place", id, conversation, in[id])
		case conversation == 0:
		case conversations[conversation] == "":
			conversations[conversation] = in[id][0]
		case conversations[conversation] != in[id][0]:
			s.t.Errorf("conversation %d is in %s and %s", conversation, conversations[conversation], in[id][0])
		}
	}
	for id, places := range in {
		if _, wanted := s.want[id]; !wanted {
			s.t.Errorf("message %s in %v is none of the mails", id, places)
		}
	}
}
