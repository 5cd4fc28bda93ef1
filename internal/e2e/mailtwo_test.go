package e2e_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"loket/connectors/email/mailbox"
	"loket/connectors/email/mailbox/dovecottest"
	"loket/connectors/email/send/smtptest"
	"loket/internal/store/storetest"
)

// TestTwoLoketsReadOneMailboxOnce: one of them reads at a time; when it dies the other goes on, and when both read, as
// after a lease was forgotten, each mail is one message all the same.
func TestTwoLoketsReadOneMailboxOnce(t *testing.T) {
	t.Parallel()
	server, sink := dovecottest.Start(t), smtptest.Start(t, smtptest.Options{})
	redisServer := storetest.Start(t, "--appendonly", "yes", "--appendfsync", "always")
	rdb := redis.NewClient(&redis.Options{Network: "unix", Addr: redisServer.Socket})
	t.Cleanup(func() { _ = rdb.Close() })
	forget := func() { // the lease of whoever reads
		for _, key := range rdb.Keys(t.Context(), "lk:{s:*}:l").Val() {
			rdb.Del(t.Context(), key)
		}
	}
	delivered := 0
	deliver := func(mails int) {
		for range mails {
			delivered++
			server.Deliver("help", "INBOX", question(delivered))
		}
	}
	configuration := strings.Replace(mailed(server, sink, ""), "url: embedded", "url: unix://"+redisServer.Socket, 1) + oneKey
	deliver(100)
	one, two := newDaemon(t, configuration).start(), newDaemon(t, configuration).start()
	taken := func(mails int) func() bool { return func() bool { return marks(server, "help") >= mails } }
	one.await("some mails", taken(20))
	forget() // both read now
	deliver(100)
	one.await("most mails", taken(150))
	one.kill()
	forget() // its time is up
	deliver(100)
	two.await("every mail", taken(delivered))
	one.start()
	two.stop()
	deliver(50)
	one.await("the mails after the other stopped", taken(delivered))
	makeDue(t, redisServer.Socket)
	one.settled()
	in := map[string]int{}
	tasks := one.tasks("support")
	for _, task := range tasks {
		shown, err := one.client("anna").Task(t.Context(), task.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range shown.Messages {
			in[m.Text]++
		}
	}
	for n := 1; n <= delivered; n++ {
		if text := fmt.Sprintf("Question %d.", n); in[text] != 1 {
			t.Errorf("%q is in %d tasks", text, in[text])
		}
	}
	if len(tasks) != delivered {
		t.Errorf("%d tasks, want %d", len(tasks), delivered)
	}
	one.healthy()
}

// TestOneMailToTwoOfOurMailboxes is one message, or each mailbox's own.
func TestOneMailToTwoOfOurMailboxes(t *testing.T) {
	t.Parallel()
	server, sink := dovecottest.Start(t), smtptest.Start(t, smtptest.Options{})
	raw := letter("From: Kate <kate@example.com>\nTo: help@example.org, sales@example.org\nSubject: To whom it may concern\nMessage-ID: <1@example.com>", "I want to buy what is broken.")
	for copies, want := range map[string]int{"one": 1, "each": 2} {
		t.Run(copies, func(t *testing.T) {
			t.Parallel()
			for _, box := range []string{"help", "sales"} {
				way := []byte("Delivered-To: " + box + "@example.org\r\n") // what servers write on each copy
				server.Deliver(box+copies, "INBOX", append(way, raw...))
			}
			one := mailed(server, sink, "copies: "+copies)
			at := strings.Index(one, "  - name: mail")
			end := strings.Index(one, "fallback_team")
			two := strings.NewReplacer("name: mail", "name: sales", "address: help@", "address: sales@", "//help:", "//sales"+copies+":").Replace(one[at:end])
			d := newDaemon(t, strings.Replace(one[:end], "//help:", "//help"+copies+":", 1)+two+one[end:]).start()
			d.await("both copies to be taken", func() bool {
				return marks(server, "help"+copies) == 1 && marks(server, "sales"+copies) == 1
			})
			d.settled()
			if n := len(d.tasks("support")); n != want {
				t.Errorf("%d tasks, want %d", n, want)
			}
			d.healthy()
		})
	}
}

// marks counts the mails of an inbox that were marked as taken.
func marks(server *dovecottest.Server, box string) (n int) {
	for _, f := range server.Files(box, "INBOX") {
		if slices.Contains(f.Keywords, mailbox.Keyword) {
			n++
		}
	}
	return n
}
