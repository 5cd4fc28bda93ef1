package e2e_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"loket/connectors/email/mailbox/dovecottest"
	"loket/connectors/email/send/smtptest"
	"loket/desk/api"
)

// TestWhatGoesOutIsVisible: an answer that the mail server does not take stands in the status and the metrics with what the
// server said, and a mailbox that is away in /readyz, until it is over.
func TestWhatGoesOutIsVisible(t *testing.T) {
	t.Parallel()
	server, sink := dovecottest.Start(t), smtptest.Start(t, smtptest.Options{})
	d := newDaemon(t, mailed(server, sink, "")).start()
	server.Deliver("help", "INBOX", letter("From: Kate <kate@example.com>\nSubject: Signal\nMessage-ID: <1@example.com>", "No signal"))
	task := d.only("support", "the task", func(*api.Task) bool { return true })
	sink.Fail(smtptest.Data, smtptest.Fault{Code: 451, Text: "4.3.0 come back later"}, 1000)
	if out, code := d.loket("We look into it\n", "reply", task.Number); code != 0 {
		t.Fatalf("loket reply: %d: %s", code, out)
	}
	metric := func(line string) bool {
		res, err := http.Get(d.desk + "/metrics")
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		all, _ := io.ReadAll(res.Body)
		return strings.Contains(string(all), "\n"+line+"\n")
	}
	d.await("the status to say what the server said", func() bool {
		s, err := d.client("anna").Status(t.Context())
		return err == nil && len(s.Outgoing) == 1 && s.Outgoing[0].Connector == "mail" && s.Outgoing[0].Waiting == 1 &&
			!s.Outgoing[0].Oldest.IsZero() && strings.Contains(s.Outgoing[0].Error, "come back later")
	})
	if out, code := d.loket("", "status"); code != 0 || !strings.Contains(out, "come back later") {
		t.Errorf("loket status: %d: %s", code, out)
	}
	if !metric(`loket_outgoing_replies{connector="mail"} 1`) {
		t.Error("the metric does not count the answer that waits")
	}
	sink.Heal()
	d.await("the answer to go out", func() bool { return len(sink.Mails()) == 1 })
	d.await("the metric to say that nothing waits", func() bool {
		return metric(`loket_outgoing_replies{connector="mail"} 0`) && metric(`loket_outgoing_oldest_seconds{connector="mail"} 0`)
	})

	tells := func() bool {
		ready, err := d.client("anna").Ready(t.Context())
		return err == nil && ready.OK && strings.Contains(fmt.Sprint(ready.Reasons), "connector mail is in trouble")
	}
	server.Kill()
	d.await("/readyz to name the mailbox", tells)
	server.Restart()
	d.await("/readyz to name it no more", func() bool { return !tells() })
	d.healthy()
}
