package e2e_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"loket/connectors/webhook/webhooktest"
	"loket/desk/api"
	"loket/internal/soak"
)

// paged is a configuration with one webhook, of the stand-in.
func paged(server *webhooktest.Server) string {
	return fmt.Sprintf(`
store: {url: embedded, data: ./data}
listen: {public: "127.0.0.1:0", desk: "127.0.0.1:0"}
teams:
  support: {first_reply: 4h, next_reply: 8h, lease: 30s, reopen: 7d}
connectors:
  - {name: pager, type: webhook, settings: %s}
fallback_team: support
log: {level: debug, format: json}
`, webhooktest.Settings(server.URL))
}

// hook posts events as the stand-in does.
func (d *daemon) hook(secret string, events ...map[string]any) int {
	return webhooktest.Post(d.public+"/in/pager/", secret, webhooktest.Body(events...))
}

func TestConversationByAWebhook(t *testing.T) {
	t.Parallel()
	server := webhooktest.Start(t)
	d := newDaemon(t, paged(server)).start()
	hello := webhooktest.Said("in-1", "+31612345678", "Geen bereik")
	hello["files"] = []any{server.Keep("a.pdf", "%PDF-1.7 the bill")}
	if status := d.hook("a-secret-of-somebody", hello); status != http.StatusForbidden {
		t.Errorf("forged: status %d, want 403", status)
	}
	for range 2 {
		if status := d.hook(webhooktest.Secret, hello); status != http.StatusOK {
			t.Fatalf("webhook: %d\n%s", status, tail(d.log))
		}
	}
	task := d.only("support", "the message in a task", func(*api.Task) bool { return true })
	if m := task.Messages[0]; m.Text != "Geen bereik" || m.From[0] != "phone:+31612345678" || task.Channel != "pager" || len(m.Attachments) != 1 {
		t.Fatalf("message %+v on %s", m, task.Channel)
	}
	if out, code := d.loket("Wij \"kijken\" ernaar.\n", "reply", task.Number); code != 0 {
		t.Fatalf("loket reply: %d: %s", code, out)
	}
	d.delivery(1, "sent")
	if sent := server.Sent(); len(sent) != 1 || sent[0].To != "+31612345678" || sent[0].Text != "Wij \"kijken\" ernaar." || sent[0].Answered != "in-1" {
		t.Fatalf("sent %+v", sent)
	}
	if status := d.hook(webhooktest.Secret, map[string]any{"type": "report", "id": "out-1", "state": "delivered"}); status != http.StatusOK {
		t.Fatalf("report: %d", status)
	}
	d.delivery(1, "delivered")
	thanks := webhooktest.Said("in-2", "+31612345678", "Dank u")
	thanks["answers"] = "out-1"
	d.hook(webhooktest.Secret, thanks)
	task = d.only("support", "their answer in the same task", func(task *api.Task) bool { return len(task.Messages) == 3 })

	// What cannot be understood is in quarantine, and a system that does not answer is told to the person.
	if status := d.hook(webhooktest.Secret, map[string]any{"type": "message", "text": "without an id"}); status != http.StatusOK {
		t.Fatalf("webhook: %d", status)
	}
	d.await("quarantine", func() bool {
		out, code := d.loket("", "quarantine", "list")
		return code == 0 && strings.Contains(out, "id: is missing")
	})
	d.settled()
	d.run("show", task.Number)
	server.Fail(webhooktest.Fault{Taken: true})
	if out, code := d.loket("Graag gedaan.\n", "reply", task.Number); code != 0 {
		t.Fatalf("loket reply: %d: %s", code, out)
	}
	d.delivery(3, "doubt")
	if n := len(server.Sent()); n != 2 {
		t.Errorf("%d sent, want it once", n)
	}
	for _, secret := range []string{webhooktest.Secret, webhooktest.Token} {
		if strings.Contains(d.log.String(), secret) {
			t.Errorf("%q is in the log", secret)
		}
	}
	d.healthy()
	d.stop()
}

// Killed between webhook and queue: what was acknowledged is in one task, and what was not comes again.
func TestKilledWhileTakingWebhooks(t *testing.T) {
	t.Parallel()
	for _, step := range soak.Pick([]string{"admitted"}, []string{"admitted", "placed", "put"}) {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			server := webhooktest.Start(t)
			d := newDaemon(t, paged(server)).start("LOKET_FAIL_AT=" + step + ":2")
			said := func(i int) map[string]any {
				return webhooktest.Said(fmt.Sprint("in-", i), fmt.Sprintf("+3161234567%d", i), fmt.Sprint("question ", i))
			}
			acknowledged := 0
			for i := range 4 {
				if d.hook(webhooktest.Secret, said(i)) == http.StatusOK {
					acknowledged++
				}
			}
			d.await("loket to kill itself", d.dead)
			if acknowledged == 4 {
				t.Fatal("it was not killed between them")
			}
			d.start()
			for i := range 4 { // the other system posts again
				if status := d.hook(webhooktest.Secret, said(i)); status != http.StatusOK {
					t.Fatalf("webhook: %d", status)
				}
			}
			d.settled()
			d.eachOnce(4)
			d.healthy()
			d.stop()
		})
	}
}

// Killed between the call and its answer: whether it arrived is for a person to decide, never sent twice by itself.
func TestKilledBetweenCallAndReceipt(t *testing.T) {
	t.Parallel()
	server := webhooktest.Start(t)
	d := newDaemon(t, paged(server)).start()
	d.hook(webhooktest.Secret, webhooktest.Said("in-1", "+31612345678", "Geen bereik"))
	task := d.only("support", "the message", func(*api.Task) bool { return true })
	server.Fail(webhooktest.Fault{Taken: true, Hang: true})
	if out, code := d.loket("Wij kijken.\n", "reply", task.Number); code != 0 {
		t.Fatalf("loket reply: %d: %s", code, out)
	}
	d.await("the call", func() bool { return server.Asked() == 1 })
	d.kill()
	d.start()
	d.settled()
	d.delivery(1, "doubt")
	if n := server.Asked(); n != 1 {
		t.Errorf("called %d times, want once", n)
	}
	d.stop()
}

// A request is tried, and the call of an answer shown, without a daemon.
func TestWebhookIsRehearsed(t *testing.T) {
	t.Parallel()
	server := webhooktest.Start(t)
	d := newDaemon(t, paged(server))
	d.write("payload.json", webhooktest.Body(webhooktest.Said("in-1", "+31612345678", "Geen bereik"), map[string]any{"type": "typing"}))
	out, code := d.loket("", "route", "-c", "config.yaml", "--connector", "pager", "payload.json", "--reply", "Wij \"kijken\".")
	for _, want := range []string{"→ support", "phone:+31612345678", "POST " + server.URL + "/messages", "Authorization: Bearer ***", `"text":"Wij \"kijken\"."`} {
		if code != 0 || !strings.Contains(out, want) {
			t.Errorf("loket route: %d: %s\nwant %s", code, out, want)
		}
	}
	if strings.Contains(out, webhooktest.Token) || server.Asked() != 0 {
		t.Errorf("a secret is shown, or it was called: %s", out)
	}
	out, code = d.loket("", "route", "-c", "config.yaml", "--json", "--connector", "pager", "payload.json")
	var routed api.Routed
	if err := json.Unmarshal([]byte(out), &routed); code != 0 || err != nil || routed.Message.Text != "Geen bereik" || routed.Message.Channel != "pager" {
		t.Errorf("loket route --json: %d, %v: %s", code, err, out)
	}
	d.write("broken.json", []byte(`{"events":[{"type":"message"}]}`))
	if out, code := d.loket("", "route", "-c", "config.yaml", "--connector", "pager", "broken.json"); code != 1 || !strings.Contains(out, "id: is missing") {
		t.Errorf("loket route of a request without an id: %d: %s", code, out)
	}
}
