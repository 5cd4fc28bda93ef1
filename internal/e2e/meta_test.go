package e2e_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"loket/connectors/meta/metatest"
	"loket/desk/api"
	"loket/internal/soak"
)

// onMeta is a configuration with one app at the stand-in.
func onMeta(server *metatest.Server) string {
	return fmt.Sprintf(`
store: {url: embedded, data: ./data}
listen: {public: "127.0.0.1:0", desk: "127.0.0.1:0"}
teams:
  support: {first_reply: 4h, next_reply: 8h, lease: 30s, reopen: 7d}
connectors:
  - name: meta
    type: meta
    settings:
      app_id: "%s"
      app_secret: "%s"
      verify_token: "%s"
      api_url: "%s"
      whatsapp: [{id: "%s", number: "%s", account: "%s", token: "%s"}]
      pages: [{id: "%s", instagram: "%s", token: "%s"}]
      poll: 1s
fallback_team: support
log: {level: debug, format: json}
`, metatest.App, metatest.Secret, metatest.Verify, server.URL, metatest.NumberID, metatest.Number, metatest.Account, metatest.Token,
		metatest.Page, metatest.Instagram, metatest.Token)
}

// newMeta is a loket that runs with an app.
func newMeta(t *testing.T, env ...string) (*daemon, *metatest.Server) {
	t.Helper()
	server := metatest.Start(t)
	d := newDaemon(t, onMeta(server)).start(env...)
	server.Point(d.public + "/in/meta/")
	return d, server
}

const whatsApp = "whatsapp_business_account"

// told delivers a webhook of the number and wants it taken.
func (d *daemon) told(server *metatest.Server, entries ...any) {
	d.tb.Helper()
	d.toldOf(server, whatsApp, entries...)
}

// toldOf delivers a webhook of an object and wants it taken.
func (d *daemon) toldOf(server *metatest.Server, object string, entries ...any) {
	d.tb.Helper()
	if status := server.Deliver(metatest.Batch(object, entries...)); status != http.StatusOK {
		d.tb.Fatalf("webhook: %d\n%s", status, tail(d.log))
	}
}

// statusOf is a report on an answer.
func statusOf(m metatest.Sent, state string, more map[string]any) any {
	s := map[string]any{"id": m.ID, "status": state, "recipient_id": "31612345678", "biz_opaque_callback_data": m.Body["biz_opaque_callback_data"]}
	for k, v := range more {
		s[k] = v
	}
	return metatest.WhatsApp("statuses", s)
}

// silent looks that no secret of the app, and nothing of what was said, is in the log.
func (d *daemon) silent() {
	d.tb.Helper()
	for _, secret := range []string{metatest.Secret, metatest.Verify, metatest.Token} {
		if strings.Contains(d.log.String(), secret) {
			d.tb.Errorf("%q is in the log", secret)
		}
	}
}

func TestConversationByWhatsAppCloud(t *testing.T) {
	t.Parallel()
	d, server := newMeta(t)
	for query, want := range map[string]string{
		"hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=" + metatest.Verify: "200 1158201444",
		"hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=guess":              "403",
	} {
		res, err := http.Get(d.public + "/in/meta/?" + query)
		if err != nil {
			t.Fatal(err)
		}
		b, _ := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if got := fmt.Sprint(res.StatusCode, " ", string(b)); !strings.HasPrefix(got, want) {
			t.Errorf("challenge: %s, want %s", got, want)
		}
	}
	server.Keep("7001", "\xff\xd8\xff\xe0\x00\x10JFIF a photograph")
	hello := metatest.Said("1", map[string]any{"type": "image", "image": map[string]any{"id": "7001", "mime_type": "image/jpeg", "caption": "Geen bereik in Delft 😢"}})
	res, err := http.Post(d.public+"/in/meta/", "application/json", strings.NewReader(string(metatest.Batch(whatsApp, metatest.WhatsApp("messages", hello)))))
	if err != nil || res.StatusCode != http.StatusForbidden {
		t.Errorf("without a signature: %v, %v", res, err)
	}
	_ = res.Body.Close()
	for range 2 {
		d.told(server, metatest.WhatsApp("messages", hello))
	}
	task := d.only("support", "the message in a task", func(*api.Task) bool { return true })
	m := task.Messages[0]
	if m.Text != "Geen bereik in Delft 😢" || m.From[0] != "wa:31612345678" || task.Channel != "whatsapp" || m.Name != "Kate Jansen" || len(m.Attachments) != 1 || m.Public {
		t.Fatalf("message %+v on %s", m, task.Channel)
	}

	// Its report comes before the answer to the sending.
	server.Fail("messages", metatest.Fault{Meanwhile: func(m metatest.Sent) { d.told(server, statusOf(m, "delivered", nil)) }})
	file := filepath.Join(d.dir, "plan.txt")
	if err := os.WriteFile(file, []byte("zet hem uit en aan"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, code := d.loket("Wij kijken ernaar.\n", "reply", task.Number, "--attach", file); code != 0 {
		t.Fatalf("loket reply: %d: %s", code, out)
	}
	d.delivery(1, "delivered")
	sent := server.Sent()
	if len(sent) != 1 || sent[0].Body["to"] != "31612345678" || sent[0].Body["type"] != "document" || server.Uploads()[0] != "plan.txt zet hem uit en aan" {
		t.Fatalf("sent %+v, uploaded %q", sent, server.Uploads())
	}
	d.told(server, statusOf(sent[0], "read", nil), statusOf(sent[0], "sent", nil)) // late, and nothing goes back
	d.delivery(1, "read")

	// She points at our answer, without telling her number.
	d.told(server, metatest.WhatsAppOf(metatest.NumberID, map[string]any{
		"contacts": []any{map[string]any{"wa_id": "31612345678", "user_id": "NL.45", "profile": map[string]any{"name": "Kate Jansen"}}},
		"messages": []any{metatest.Said("2", map[string]any{"from_user_id": "NL.45", "text": map[string]any{"body": "Werkt!"}, "context": map[string]any{"id": sent[0].ID}})},
	}))
	d.only("support", "it in the same task", func(task *api.Task) bool { return len(task.Messages) == 3 && task.State == "queued" })
	d.settled()
	d.told(server, metatest.WhatsAppOf(metatest.NumberID, map[string]any{
		"contacts": []any{map[string]any{"user_id": "NL.45", "profile": map[string]any{"name": "Kate Jansen", "username": "kate.j"}}},
		"messages": []any{metatest.Said("3", map[string]any{"from": nil, "from_user_id": "NL.45", "text": map[string]any{"body": "Dank"}})},
	}))
	d.only("support", "both in the same task", func(task *api.Task) bool { return len(task.Messages) == 4 })
	d.settled()
	task = d.only("support", "both, to be answered", func(task *api.Task) bool { return task.State == "queued" })
	for _, m := range task.Messages[2:3] { // an id alone that came later is new in the thread
		if len(m.Marks) > 0 {
			t.Errorf("marks %q: she is no stranger", m.Marks)
		}
	}

	// An answer that fails brings the task back, in words; it goes to the id, as there is no number.
	if out, code := d.loket("Graag gedaan.\n", "reply", task.Number, "--anyway"); code != 0 {
		t.Fatalf("loket reply: %d: %s", code, out)
	}
	d.delivery(4, "sent")
	sent = server.Sent()
	if sent[1].Body["recipient"] != "NL.45" || sent[1].Body["to"] != nil {
		t.Errorf("sent %+v", sent[1].Body)
	}
	d.told(server, statusOf(sent[1], "failed", map[string]any{"errors": []any{map[string]any{"code": 131026}}}))
	task = d.only("support", "the task back", func(task *api.Task) bool {
		return task.State == "queued" && task.Messages[4].Delivery.State == "failed"
	})
	if e := task.Messages[4].Delivery.Error; !strings.Contains(e, "not on WhatsApp") {
		t.Errorf("reason %q", e)
	}

	// A colleague answers on the telephone; she likes it, which is nobody's work.
	d.told(server, metatest.WhatsApp("message_echoes", map[string]any{
		"from": "31201234567", "to": "31612345678", "id": "wamid.E1", "timestamp": hello["timestamp"], "type": "text", "text": map[string]any{"body": "Van mijn telefoon"},
	}))
	d.told(server, metatest.WhatsApp("messages", metatest.Said("4", map[string]any{"type": "reaction", "reaction": map[string]any{"message_id": "wamid.E1", "emoji": "👍"}})))
	d.only("support", "both in the task", func(task *api.Task) bool { return len(task.Messages) == 7 })

	// What is wrong is counted by reason, and what cannot be read is kept.
	d.told(server, metatest.WhatsAppOf("999", map[string]any{"messages": []any{metatest.Text("5", "of others")}}))
	d.told(server, metatest.WhatsApp("messages", "hallo?"))
	metrics := d.get(d.desk + "/metrics")
	for _, want := range []string{
		`loket_meta_refused_total{connector="meta",reason="asset"} 1`, `loket_meta_refused_total{connector="meta",reason="signature"} 1`,
		`loket_meta_refused_total{connector="meta",reason="challenge"} 1`, `loket_meta_refused_total{connector="meta",reason="unreadable"} 1`,
		`loket_meta_taken_total{by="webhook",connector="meta",event="echo"} 1`,
	} {
		if !strings.Contains(metrics, want) {
			t.Errorf("no %s in the metrics", want)
		}
	}
	if out, code := d.loket("", "quarantine", "list"); code != 0 || !strings.Contains(out, "what Meta tells of whatsapp cannot be read") {
		t.Errorf("loket quarantine: %d: %s", code, out)
	}
	d.silent()
	d.stop()
}

// Killed between the webhook and the queue: Meta brings again what was not acknowledged, and each is in one task.
func TestKilledBetweenMetasWebhookAndQueue(t *testing.T) {
	t.Parallel()
	for _, step := range soak.Pick([]string{"admitted", "put"}, []string{"admitted", "placed", "put"}) {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			d, server := newMeta(t, "LOKET_FAIL_AT="+step+":2")
			var batch []any
			for i := range 4 {
				batch = append(batch, metatest.WhatsAppOf(metatest.NumberID, map[string]any{
					"contacts": []any{}, "messages": []any{metatest.Said(fmt.Sprint(i), map[string]any{"from": fmt.Sprint("3161234567", i), "text": map[string]any{"body": fmt.Sprint("question ", i)}})},
				}))
			}
			server.Deliver(metatest.Batch(whatsApp, batch...))
			d.await("loket to kill itself", d.dead)
			d.start()
			server.Point(d.public + "/in/meta/")
			d.told(server, batch...)
			d.await("all four", func() bool { return len(d.tasks("support")) >= 4 })
			d.settled()
			d.eachOnce(4)
			d.stop()
		})
	}
}

// WhatsApp can't be asked what was sent. Whether its answer was lost or loket died before it came: Meta's report settles the doubt, and
// nothing is sent a second time.
func TestReportSettlesAnAnswerInDoubt(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		env   []string
		fault metatest.Fault
	}{
		"the answer is lost":                      {nil, metatest.Fault{Taken: true}},
		"killed between the call and the receipt": {[]string{"LOKET_FAIL_AT=handed:1"}, metatest.Fault{Meanwhile: func(metatest.Sent) {}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, server := newMeta(t, test.env...)
			d.told(server, metatest.WhatsApp("messages", metatest.Text("1", "Hallo?")))
			task := d.only("support", "the message in a task", func(*api.Task) bool { return true })
			server.Fail("messages", test.fault)
			if out, code := d.loket("Ja?\n", "reply", task.Number); code != 0 && test.env == nil { // else it may die first
				t.Fatalf("loket reply: %d: %s", code, out)
			}
			d.await("the answer at Meta", func() bool { return len(server.Sent()) == 1 })
			if test.env != nil {
				d.await("loket to kill itself", d.dead)
				d.start()
				server.Point(d.public + "/in/meta/")
			}
			d.told(server, statusOf(server.Sent()[0], "delivered", nil))
			d.delivery(1, "delivered")
			d.told(server, metatest.WhatsApp("messages", metatest.Text("2", "Werkt weer")))
			d.only("support", "what she says next", func(task *api.Task) bool { return len(task.Messages) == 3 })
			if n := len(server.Sent()); n != 1 {
				t.Errorf("sent %d times", n)
			}
			d.settled()
			d.healthy()
			d.silent()
			d.stop()
		})
	}
}

// A Meta that takes no more for a moment gets it later; what it refuses comes back in words.
func TestMetaTakesNoMore(t *testing.T) {
	t.Parallel()
	d, server := newMeta(t)
	d.told(server, metatest.WhatsApp("messages", metatest.Text("1", "Hallo?")))
	task := d.only("support", "the message in a task", func(*api.Task) bool { return true })
	server.Fail("messages", metatest.Fault{Status: 403}, metatest.Fault{Status: 400, Code: 131026})
	if out, code := d.loket("Ja?\n", "reply", task.Number); code != 0 {
		t.Fatalf("loket reply: %d: %s", code, out)
	}
	task = d.delivery(1, "failed")
	if e := task.Messages[1].Delivery.Error; !strings.Contains(e, "not on WhatsApp") || server.Asked("messages") != 2 {
		t.Errorf("reason %q after %d calls", e, server.Asked("messages"))
	}
	d.silent()
	d.stop()
}

// onPage is something that Kate does in private with the Page.
func onPage(what string, content map[string]any) any {
	return metatest.Messaging(metatest.Page, metatest.Private(metatest.Kate, metatest.Page, what, content))
}

// fromPage is what Meta tells of a message from the Page.
func fromPage(content map[string]any) any {
	content["is_echo"] = true
	return metatest.Messaging(metatest.Page, metatest.Private(metatest.Page, metatest.Kate, "message", content))
}

// A comment is answered in public, then once in private; what she says there is in the same task, and is seen by nobody else.
func TestCommentGoesOnInPrivate(t *testing.T) {
	t.Parallel()
	d, server := newMeta(t)
	server.Answer(metatest.Kate, map[string]any{"first_name": "Kate", "last_name": "Jansen"})
	d.toldOf(server, "page", metatest.Comment("900_1", "Weer geen bereik!", nil))
	task := d.only("support", "the comment in a task", func(*api.Task) bool { return true })
	if m := task.Messages[0]; !m.Public || task.Channel != "facebook" || m.Text != "Weer geen bereik!" || m.From[0] != "psid:"+metatest.Page+":"+metatest.Kate {
		t.Fatalf("message %+v on %s", m, task.Channel)
	}
	if out, code := d.loket("Wij kijken ernaar.\n", "reply", task.Number); code != 0 {
		t.Fatalf("loket reply: %d: %s", code, out)
	}
	d.delivery(1, "sent")
	sent := server.Sent()[0]
	if sent.Path != "900_1/comments" || sent.Body["message"] != "Wij kijken ernaar." {
		t.Fatalf("sent %+v", sent)
	}
	page := map[string]any{"id": metatest.Page, "name": "Example"}
	d.toldOf(server, "page", metatest.Comment(sent.ID, "Wij kijken ernaar.", map[string]any{"from": page, "parent_id": "900_1"}), // ours
		metatest.Comment("900_2", "Graag snel", map[string]any{"parent_id": "900_1"}),
		metatest.Comment("900_2", "Graag heel snel", map[string]any{"parent_id": "900_1", "verb": "edited"}))
	task = d.only("support", "what she says, and her edit, in the same task", func(task *api.Task) bool { return len(task.Messages) == 4 })
	if out, code := d.loket("Wat is uw adres?\n", "reply", task.Number, "--via", "private", "--anyway"); code != 0 {
		t.Fatalf("loket reply --via private: %d: %s", code, out)
	}
	d.delivery(4, "sent")
	if got := server.Sent()[1]; got.Path != metatest.Page+"/messages" || got.Body["recipient"].(map[string]any)["comment_id"] != "900_2" {
		t.Fatalf("sent %+v", got)
	}
	d.toldOf(server, "page", onPage("message", map[string]any{"mid": "m_1", "text": "Kerkstraat 1"}))
	task = d.only("support", "her address in the same task", func(task *api.Task) bool { return len(task.Messages) == 6 })
	if m := task.Messages[5]; m.Public || len(m.Marks) > 0 || m.Text != "Kerkstraat 1" {
		t.Errorf("message %+v", m)
	}
	if out, code := d.loket("Dank u.\n", "reply", task.Number, "--anyway"); code != 0 {
		t.Fatalf("loket reply: %d: %s", code, out)
	}
	d.delivery(6, "sent")
	if got := server.Sent()[2]; got.Body["recipient"].(map[string]any)["id"] != metatest.Kate || got.Body["messaging_type"] != "RESPONSE" {
		t.Fatalf("sent %+v", got)
	}
	d.healthy()
	d.silent()
	d.stop()
}

// What a colleague writes in Meta's own inbox ends the wait; what Meta tells of ours settles a doubt; what no webhook brought is fetched.
func TestConversationByMessenger(t *testing.T) {
	t.Parallel()
	d, server := newMeta(t)
	d.toldOf(server, "page", onPage("message", map[string]any{"mid": "m_1", "text": "Geen bereik in Delft"}))
	task := d.only("support", "the message in a task", func(*api.Task) bool { return true })
	if m := task.Messages[0]; m.Public || task.Channel != "messenger" || m.Text != "Geen bereik in Delft" {
		t.Fatalf("message %+v on %s", m, task.Channel)
	}
	d.toldOf(server, "page", fromPage(map[string]any{"mid": "m_2", "app_id": 26390203743090, "text": "Vanuit de inbox"}))
	d.only("support", "the answer of a colleague", func(task *api.Task) bool { return len(task.Messages) == 2 && task.State == "waiting" })
	d.toldOf(server, "page", onPage("message", map[string]any{"mid": "m_3", "text": "Nog steeds niet", "reply_to": map[string]any{"mid": "m_2"}}))
	d.only("support", "her answer", func(task *api.Task) bool { return len(task.Messages) == 3 && task.State == "queued" })

	server.Fail("messages", metatest.Fault{Taken: true})
	if out, code := d.loket("Wij kijken.\n", "reply", task.Number); code != 0 {
		t.Fatalf("loket reply: %d: %s", code, out)
	}
	d.await("the answer at Meta", func() bool { return len(server.Sent()) == 1 })
	ours := server.Sent()[0].Body["message"].(map[string]any)["metadata"]
	d.toldOf(server, "page", fromPage(map[string]any{"mid": "m_9000", "app_id": metatest.App, "metadata": ours, "text": "Wij kijken."}))
	d.delivery(3, "sent")
	if n := len(server.Sent()); n != 1 {
		t.Errorf("sent %d times", n)
	}
	d.settled()

	d.stop()
	at := time.Now().Add(-10 * time.Minute).Format("2006-01-02T15:04:05-0700")
	server.Answer(metatest.Page+"/conversations", map[string]any{"data": []any{map[string]any{"messages": map[string]any{"data": []any{
		map[string]any{"id": "m_4", "message": "Is er al iets bekend?", "from": map[string]any{"id": metatest.Kate}, "created_time": at},
	}}}}})
	d.start()
	d.only("support", "what was written meanwhile", func(task *api.Task) bool { return len(task.Messages) == 5 })
	d.healthy()
	d.silent()
	d.stop()
}
