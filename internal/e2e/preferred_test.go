package e2e_test

import (
	"bytes"
	"net/http"
	"net/mail"
	"path/filepath"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"loket/connectors/email/mailbox/dovecottest"
	"loket/connectors/email/send/smtptest"
	"loket/desk/api"
	"loket/internal/store/storetest"
)

// TestPhoneCallIsAnsweredByMail: what was asked by phone is answered at the address she prefers, her answer comes back
// into the same task, and when she asks to be forgotten, nothing of either channel is left.
func TestPhoneCallIsAnsweredByMail(t *testing.T) {
	t.Parallel()
	server, sink := dovecottest.Start(t), smtptest.Start(t, smtptest.Options{User: "help", Password: "secret"})
	redisServer := storetest.Start(t, "--appendonly", "yes", "--appendfsync", "always")
	d := newDaemon(t, strings.Replace(mailed(server, sink, ""), "url: embedded", "url: unix://"+redisServer.Socket, 1)).start()
	anna := d.client("anna")
	kate, err := anna.Register(t.Context(), []string{"cno:482913057", "email:kate@vriesema.example", "phone:+31612345678"}, "Kate Vriesema", api.Because{})
	if err != nil {
		t.Fatal(err)
	}
	d.api(http.MethodPost, "/api/v1/messages", `{"channel":"phone","name":"Kate Vriesema","subject":"Geheimzaak","text":"swordfish",
		"from":[{"kind":"phone","value":"+31612345678","level":"attested"}]}`)
	task := d.only("support", "the call in a task", func(task *api.Task) bool { return task.Customer.ID == kate.ID })

	if out, code := d.loket("", "customer", "prefer", "cno:482913057", "email:kate@vriesema.example"); code != 0 {
		t.Fatalf("loket customer prefer: %d: %s", code, out)
	}
	if out, code := d.loket("Swordfish it is.\n", "reply", task.Number, "--via", "preferred"); code != 0 || !strings.Contains(out, "email") {
		t.Fatalf("loket reply --via preferred: %d: %s", code, out)
	}
	sent := sink.Wait(t, 1)[0]
	answer, err := mail.ReadMessage(bytes.NewReader(sent.Data))
	if err != nil {
		t.Fatal(err)
	}
	if len(sent.To) != 1 || sent.To[0] != "kate@vriesema.example" || answer.Header.Get("Subject") != "Re: Geheimzaak" {
		t.Fatalf("answer to %v:\n%s", sent.To, sent.Data)
	}
	server.Deliver("help", "INBOX", letter("From: Kate Vriesema <kate@vriesema.example>\nTo: help@example.org\nSubject: Re: Geheimzaak\nMessage-ID: <2@vriesema.example>\nIn-Reply-To: "+
		answer.Header.Get("Message-ID"), "Thanks for the swordfish."))
	task = d.only("support", "her answer in the same task", func(task *api.Task) bool { return len(task.Messages) == 3 && task.State == "queued" })
	if len(task.Messages[2].Marks) != 0 {
		t.Errorf("her answer is marked %q, want her known in the thread that we began", task.Messages[2].Marks)
	}

	if out, code := d.loket("", "customer", "erase", kate.ID, "--confirm", "--reason", "she asked"); code != 0 {
		t.Fatalf("loket customer erase: %d: %s", code, out)
	}
	rdb := redis.NewClient(&redis.Options{Network: "unix", Addr: redisServer.Socket})
	t.Cleanup(func() { _ = rdb.Close() })
	d.await("the order to be done", func() bool { return rdb.Exists(t.Context(), "lk:{desk}:erase").Val() == 0 })
	all := storetest.Everything(t, rdb)
	readFiles(t, filepath.Join(d.dir, "data"), all)
	for key, value := range all {
		for _, text := range []string{"vriesema", "swordfish", "geheim", "482913057", "+31612345678"} {
			if strings.Contains(strings.ToLower(key+" "+value), text) {
				t.Errorf("%s still has %q: %.300s", key, text, value)
			}
		}
	}
	d.healthy()
}

// api makes a call that no client would make.
func (d *daemon) api(method, path, body string) {
	d.tb.Helper()
	req, err := http.NewRequestWithContext(d.tb.Context(), method, d.desk+path, strings.NewReader(body))
	if err != nil {
		d.tb.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+d.client("").Token.Reveal())
	res, err := poster.Do(req)
	if err != nil {
		d.tb.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode >= 300 {
		d.tb.Fatalf("%s %s = %s", method, path, res.Status)
	}
}
