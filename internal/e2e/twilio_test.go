package e2e_test

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"loket/connectors/twilio/twiliotest"
	"loket/desk/api"
	"loket/internal/soak"
)

// phoned is a configuration with one number at the stand-in.
func phoned(server *twiliotest.Server, store string) string {
	return fmt.Sprintf(`
store: {%s, data: ./data}
listen: {public: "127.0.0.1:0", desk: "127.0.0.1:0"}
teams:
  support: {first_reply: 4h, next_reply: 8h, lease: 30s, reopen: 7d}
connectors:
  - name: phone
    type: twilio
    settings: {account_sid: %s, auth_token: %s, number: "%s", whatsapp: "%s", poll: 1s, api_url: "%s"}
fallback_team: support
log: {level: debug, format: json}
`, store, twiliotest.Account, twiliotest.Token, twiliotest.Number, twiliotest.Number, server.URL)
}

// newPhone is a loket that runs with a number.
func newPhone(t *testing.T) (*daemon, *twiliotest.Server) {
	t.Helper()
	server := twiliotest.Start(t)
	d := newDaemon(t, phoned(server, "url: embedded")).start()
	server.Point(d.public + "/in/phone")
	return d, server
}

// delivery waits until the answer at that place of the only task has come so far.
func (d *daemon) delivery(n int, state string) *api.Task {
	d.tb.Helper()
	return d.only("support", "the answer to be "+state, func(task *api.Task) bool {
		return len(task.Messages) > n && task.Messages[n].Delivery != nil && task.Messages[n].Delivery.State == state
	})
}

func TestConversationBySMS(t *testing.T) {
	t.Parallel()
	d, server := newPhone(t)
	if _, status := server.Receive(twiliotest.Message{From: "+31612345678", Body: "Geen bereik in Delft"}); status != http.StatusOK {
		t.Fatalf("webhook: %d\n%s", status, tail(d.log))
	}
	task := d.only("support", "the SMS in a task", func(*api.Task) bool { return true })
	if m := task.Messages[0]; m.Text != "Geen bereik in Delft" || m.From[0] != "phone:+31612345678" || task.Channel != "sms" {
		t.Fatalf("message %+v on %s", m, task.Channel)
	}

	// Its report comes before the answer to the sending.
	server.Fail(twiliotest.Fault{Early: "delivered"})
	if out, code := d.loket("Wij kijken ernaar.\n", "reply", task.Number); code != 0 || !strings.Contains(out, "1 SMS (GSM-7, 142 of 160 left)") {
		t.Fatalf("loket reply: %d: %s", code, out)
	}
	d.delivery(1, "delivered")
	sent := server.Sent()
	if len(sent) != 1 || sent[0].To != "+31612345678" || sent[0].From != twiliotest.Number || sent[0].Body != "Wij kijken ernaar." {
		t.Fatalf("sent %+v", sent)
	}
	server.Report(sent[0], "sent", 0) // late, and nothing goes back

	server.Receive(twiliotest.Message{From: "+31612345678", Body: "Dank"})
	d.only("support", "what she says next in the same task", func(task *api.Task) bool { return len(task.Messages) == 3 && task.State == "queued" })
	d.delivery(1, "delivered")

	// An answer that fails brings the task back, in words.
	if out, code := d.loket("Opgelost.\n", "reply", task.Number); code != 0 {
		t.Fatalf("loket reply: %d: %s", code, out)
	}
	d.delivery(3, "sent")
	server.Report(server.Sent()[1], "undelivered", 30003)
	task = d.only("support", "the task back", func(task *api.Task) bool { return task.State == "queued" })
	if e := task.Messages[3].Delivery.Error; !strings.Contains(e, "switched off or out of range") {
		t.Errorf("reason %q", e)
	}

	// Nobody is written to who wants no more; the text is not lost.
	server.Receive(twiliotest.Message{From: "+31612345678", Body: "STOP"})
	d.only("support", "STOP", func(task *api.Task) bool {
		return len(task.Messages) == 5 && strings.Contains(strings.Join(task.Messages[4].Marks, ","), "STOP")
	})
	if out, code := d.loket("Nog iets.\n", "reply", task.Number); code == 0 || !strings.Contains(out, "STOP") {
		t.Errorf("loket reply after STOP: %d: %s", code, out)
	}
	d.healthy()
	d.stop()
}

func TestConversationByWhatsAppWithMedia(t *testing.T) {
	t.Parallel()
	d, server := newPhone(t)
	const to = "whatsapp:" + twiliotest.Number
	picture := "\xff\xd8\xff\xe0\x00\x10JFIF a photograph"
	server.Receive(twiliotest.Message{
		From: "whatsapp:+31612345678", To: to, Body: "Kijk", Media: []twiliotest.File{{Type: "image/jpeg", Data: []byte(picture), Missing: 1}},
		Form: url.Values{"ProfileName": {"Kate Jansen"}, "WaId": {"31612345678"}, "ExternalUserId": {"whatsapp:NL.4566546130240823"}},
	})
	task := d.only("support", "the message in a task", func(*api.Task) bool { return true })
	m := task.Messages[0]
	if task.Channel != "whatsapp" || m.Name != "Kate Jansen" || len(m.Attachments) != 1 || len(m.From) != 3 {
		t.Fatalf("message %+v on %s", m, task.Channel)
	}
	if out, code := d.loket("", "attachment", m.Attachments[0].ID); code != 0 || out != picture {
		t.Fatalf("loket attachment: %d: %q", code, out)
	}

	// Until when a free text is taken stands beside the box, and on the command line.
	window := task.Ways[0].Window
	if window == nil || time.Until(window.Until.Time).Round(time.Hour) != 24*time.Hour {
		t.Fatalf("ways %+v, want one with a window of a day", task.Ways)
	}
	clock := window.Until.Format("15:04")
	if out, code := d.loket("", "show", task.Number); code != 0 || !strings.Contains(out, "whatsapp (--via same): a free text until") || !strings.Contains(out, clock) {
		t.Errorf("loket show: %d, want the window, until %s:\n%s", code, clock, out)
	}
	b := newBrowser(t)
	b.begins(d, "joris")
	b.open(d.desk+"/tasks/"+task.Number, 200)
	if got := b.read(".ways .window, .to .window"); !strings.HasPrefix(got, "vrije tekst tot ") || !strings.HasSuffix(got, clock) {
		t.Errorf("beside the box stands %q, want until %s", got, clock)
	}
	b.axe()

	file := filepath.Join(d.dir, "plan.txt")
	if err := os.WriteFile(file, []byte("zet hem uit en aan"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, code := d.loket("Zo.\n", "reply", task.Number, "--attach", file); code != 0 {
		t.Fatalf("loket reply: %d: %s", code, out)
	}
	d.delivery(1, "sent")
	sent := server.Sent()[0]
	if sent.To != "whatsapp:+31612345678" || sent.Body != "Zo." {
		t.Errorf("sent %+v", sent)
	}
	if got := d.get(sent.Form.Get("MediaUrl")); got != "zet hem uit en aan" { // as Twilio fetches it
		t.Errorf("fetched %q", got)
	}
	server.Report(sent, "read", 0)
	read := d.delivery(1, "read").Messages[1].Delivery.At
	if got := time.Since(read.Time); got < 0 || got > time.Minute {
		t.Errorf("read at %v, which is %v ago", read, got)
	}
	if out, code := d.loket("", "show", task.Number); code != 0 || !strings.Contains(out, "→ read "+read.Format("15:04")) {
		t.Errorf("loket show: %d, want since when it is read, %v:\n%s", code, read, out)
	}
	b.open(d.desk+"/tasks/"+task.Number, 200)
	if got, want := b.read(".delivery"), "gelezen "+read.Format("15:04"); got != want {
		t.Errorf("below the answer stands %q, want %q", got, want)
	}

	// Her telephone's number is not told any more; she points at our answer.
	server.Receive(twiliotest.Message{From: "whatsapp:NL.4566546130240823", To: to, Body: "Werkt!", Form: url.Values{"OriginalRepliedMessageSid": {sent.SID}}})
	task = d.only("support", "her answer", func(task *api.Task) bool { return len(task.Messages) == 3 })
	if marks := task.Messages[2].Marks; len(marks) > 0 {
		t.Errorf("marks %q: she is no stranger", marks)
	}
	d.healthy()
	d.stop()
}

func TestVoicemailAndMissedCall(t *testing.T) {
	t.Parallel()
	d, server := newPhone(t)
	left := server.KeepCall(twiliotest.Call{From: "+31612345678", Seconds: 12, Recording: &twiliotest.File{Type: "audio/mpeg", Data: []byte("ID3 sound")}})
	status, twiml := server.Ring(left, nil)
	if status != http.StatusOK || !strings.Contains(twiml, "nl-NL") {
		t.Fatalf("voice: %d %s", status, twiml)
	}
	server.HangUp(left)
	if status := server.Recorded(left, twiml); status != http.StatusOK {
		t.Fatalf("recorded: %d\n%s", status, tail(d.log))
	}
	task := d.only("support", "the voicemail", func(*api.Task) bool { return true })
	if m := task.Messages[0]; m.Subject != "Voicemail" || len(m.Attachments) != 1 || task.Channel != "phone" || task.Customer.ID != "" {
		t.Errorf("message %+v of customer %+v", m, task.Customer)
	}
	again := server.KeepCall(twiliotest.Call{From: "+31612345678", Seconds: 3})
	server.Ring(again, nil)
	server.HangUp(again)
	d.only("support", "the missed call of the same caller", func(task *api.Task) bool {
		return len(task.Messages) == 2 && task.Messages[1].Text == "Missed call, 3s"
	})
	// Nobody knows who hides their number, or whether a name sent by SMS is anybody: each is a task all the same.
	hidden := server.KeepCall(twiliotest.Call{From: "anonymous", Seconds: 2})
	server.Ring(hidden, nil)
	server.HangUp(hidden)
	server.Receive(twiliotest.Message{From: "PostNL", Body: "Uw pakket komt vandaag"})
	d.await("tasks of nobody", func() bool { return len(d.tasks("support")) == 3 })
	// Looked at, both calls are answered by SMS, and what the caller says to that is in the same task.
	if out, code := d.loket("", "show", task.Number); code != 0 || !strings.Contains(out, "Missed call") {
		t.Fatalf("loket show: %d: %s", code, out)
	}
	if out, code := d.loket("U belde ons?\n", "reply", task.Number); code != 0 {
		t.Fatalf("loket reply: %d: %s", code, out)
	}
	d.await("the SMS", func() bool { return len(server.Sent()) == 1 })
	server.Receive(twiliotest.Message{From: "+31612345678", Body: "Ja, over de storing"})
	d.await("his SMS in the same task", func() bool {
		task, err := d.client("anna").Task(t.Context(), task.ID)
		return err == nil && len(task.Messages) == 4
	})
	d.healthy()
	d.stop()
}

// Killed between taking the webhook and the queue: Twilio tries again, or not; it is in one task either way.
func TestKilledBetweenTwiliosWebhookAndQueue(t *testing.T) {
	t.Parallel()
	for _, step := range soak.Pick([]string{"admitted", "put"}, []string{"admitted", "placed", "put"}) { // TestKilledAtEveryStepOfIntake has all
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			server := twiliotest.Start(t)
			d := newDaemon(t, phoned(server, "url: embedded")).start("LOKET_FAIL_AT=" + step + ":2")
			server.Point(d.public + "/in/phone")
			for i := range 4 {
				server.Receive(twiliotest.Message{From: fmt.Sprintf("+3161234567%d", i), Body: fmt.Sprint("question ", i), Created: time.Now().Add(-5 * time.Minute)})
			}
			d.await("loket to kill itself", d.dead)
			d.start()
			server.Point(d.public + "/in/phone")
			d.await("all four", func() bool { return len(d.tasks("support")) >= 4 }) // the reconciler brings what was refused
			d.settled()
			d.eachOnce(4)
		})
	}
}

// eachOnce expects so many tasks, each with one message of its own.
func (d *daemon) eachOnce(n int) {
	d.tb.Helper()
	texts := map[string]int{}
	for _, summary := range d.tasks("support") {
		task, err := d.client("anna").Task(d.tb.Context(), summary.ID)
		if err != nil {
			d.tb.Fatal(err)
		}
		for _, m := range task.Messages {
			texts[m.Text]++
		}
	}
	if len(texts) != n {
		d.tb.Errorf("%d different messages, want %d", len(texts), n)
	}
	for text, times := range texts {
		if times != 1 {
			d.tb.Errorf("%q is there %d times", text, times)
		}
	}
	d.healthy()
}

// Ten minutes of webhooks are lost while loket is away; the reconciler heals them at the next start.
func TestLostWebhooksAreHealed(t *testing.T) {
	t.Parallel()
	d, server := newPhone(t)
	d.stop()
	for i := range 10 {
		lost := twiliotest.Message{From: fmt.Sprintf("+3161234567%d", i), Body: fmt.Sprint("lost ", i), Created: time.Now().Add(-time.Duration(12-i) * time.Minute)}
		if _, status := server.Receive(lost); status == http.StatusOK {
			t.Fatal("a loket that is away answers")
		}
	}
	server.KeepCall(twiliotest.Call{From: "+31699999999", Seconds: 5, Started: time.Now().Add(-8 * time.Minute)})
	d.start()
	d.await("what was lost", func() bool { return len(d.tasks("support")) == 11 })
	d.settled()
	d.eachOnce(11)
	d.stop()
}

func TestTwentyDeliveriesOfOneSID(t *testing.T) {
	t.Parallel()
	d, server := newPhone(t)
	in := server.Keep(twiliotest.Message{From: "+31612345678", Body: "once", Media: []twiliotest.File{{Type: "image/png", Data: []byte("\x89PNG\r\n\x1a\n picture")}}})
	var taken atomic.Int64
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if server.Deliver(in) == http.StatusOK {
				taken.Add(1)
			}
		})
	}
	wg.Wait()
	if taken.Load() != 20 {
		t.Errorf("%d of 20 deliveries were taken", taken.Load())
	}
	d.settled()
	d.eachOnce(1)
	d.stop()
}

// The channel took it and its answer was lost: it is looked for before anything is sent again, and nobody gets it twice.
func TestAnswerInDoubtIsFound(t *testing.T) {
	t.Parallel()
	d, server := newPhone(t)
	server.Receive(twiliotest.Message{From: "+31612345678", Body: "Hallo?"})
	task := d.only("support", "the SMS in a task", func(*api.Task) bool { return true })
	server.Fail(twiliotest.Fault{Taken: true})
	if out, code := d.loket("Ja?\n", "reply", task.Number); code != 0 {
		t.Fatalf("loket reply: %d: %s", code, out)
	}
	d.await("the answer at Twilio", func() bool { return len(server.Sent()) == 1 })
	server.Report(server.Sent()[0], "delivered", 0) // while it is in doubt
	d.delivery(1, "delivered")
	server.Receive(twiliotest.Message{From: "+31612345678", Body: "Werkt weer"})
	d.only("support", "what she says next", func(task *api.Task) bool { return len(task.Messages) == 3 })
	if n := len(server.Sent()); n != 1 {
		t.Errorf("sent %d times", n)
	}
	d.settled()
	d.healthy()
}

// What is refused is said so, counted, and disturbs nothing.
func TestRefusedWebhooksAreCounted(t *testing.T) {
	t.Parallel()
	d, server := newPhone(t)
	form := server.FormOf(twiliotest.Message{SID: twiliotest.SID("SM"), From: "+31612345678", To: twiliotest.Number, Body: "x"})
	res, err := http.PostForm(d.public+"/in/phone/message", form) // without a signature
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	noSender, _ := server.Hook("/message", url.Values{"MessageSid": {twiliotest.SID("SM")}})
	unknown, _ := server.Hook("/conversation", url.Values{"EventType": {"onMessageAdded"}})
	if res.StatusCode != http.StatusForbidden || noSender != http.StatusUnprocessableEntity || unknown != http.StatusNotFound {
		t.Errorf("answered %d, %d and %d", res.StatusCode, noSender, unknown)
	}
	server.Receive(twiliotest.Message{From: "+31612345678", Body: "and this one is right"})
	d.only("support", "the one that is right", func(*api.Task) bool { return true })
	metrics := d.get(d.desk + "/metrics")
	for _, want := range []string{
		`loket_twilio_refused_total{connector="phone",reason="signature"} 1`, `loket_twilio_refused_total{connector="phone",reason="field"} 1`,
		`loket_twilio_refused_total{connector="phone",reason="unknown"} 1`, `loket_twilio_taken_total{by="webhook",connector="phone",event="message"} 1`,
	} {
		if !strings.Contains(metrics, want) {
			t.Errorf("no %s in the metrics", want)
		}
	}
	if log := d.log.String(); strings.Contains(log, twiliotest.Token) || strings.Contains(log, "+31612345678") || strings.Contains(log, "and this one is right") {
		t.Error("the log tells a secret, a number or a text")
	}
}
