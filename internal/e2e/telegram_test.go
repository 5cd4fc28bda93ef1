package e2e_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"loket/connectors/telegram/telegramtest"
	"loket/desk/api"
	"loket/internal/soak"
)

// chatted is a configuration with one bot at the stand-in; without a secret it polls.
func chatted(server *telegramtest.Server, secretToken string) string {
	return fmt.Sprintf(`
store: {url: embedded, data: ./data}
listen: {public: "127.0.0.1:0", desk: "127.0.0.1:0"}
teams:
  support: {first_reply: 4h, next_reply: 8h, lease: 30s, reopen: 7d}
connectors:
  - {name: bot, type: telegram, settings: {token: "%s", secret_token: "%s", api_url: "%s"}}
fallback_team: support
log: {level: debug, format: json}
`, telegramtest.Token, secretToken, server.URL)
}

// quietly looks that neither the log nor an answer of the desk has told a secret of the bot's.
func (d *daemon) quietly() {
	d.tb.Helper()
	for _, secret := range []string{telegramtest.Token, telegramtest.Secret} {
		if strings.Contains(d.log.String(), secret) {
			d.tb.Errorf("%q is in the log", secret)
		}
	}
}

func TestConversationByTelegram(t *testing.T) {
	t.Parallel()
	server := telegramtest.Start(t)
	d := newDaemon(t, chatted(server, telegramtest.Secret)).start()
	server.Point(d.public + "/in/bot/")
	say := func(from, id int, more map[string]any) telegramtest.Update {
		return server.Make("message", telegramtest.Said(from, id, more))
	}
	hello := say(58123, 7, map[string]any{"text": "Geen bereik in Delft"})
	for _, wrong := range []string{"", "a-secret_token-of-somebody"} {
		if status := server.Post(wrong, hello); status != http.StatusForbidden {
			t.Errorf("with the secret %q: status %d, want 403", wrong, status)
		}
	}
	for range 2 {
		if status := server.Post(telegramtest.Secret, hello); status != http.StatusOK {
			t.Fatalf("webhook: %d\n%s", status, tail(d.log))
		}
	}
	task := d.only("support", "the message in a task", func(*api.Task) bool { return true })
	if m := task.Messages[0]; m.Text != "Geen bereik in Delft" || m.From[0] != "tg:58123" || m.From[1] != "tg.user:kate_j" || task.Channel != "telegram" || m.Name != "Kate Jansen" {
		t.Fatalf("message %+v on %s", m, task.Channel)
	}
	if out, code := d.loket("Wij kijken ernaar.\n", "reply", task.Number); code != 0 {
		t.Fatalf("loket reply: %d: %s", code, out)
	}
	d.delivery(1, "sent")
	sent := server.Sent()
	if len(sent) != 1 || sent[0].Form.Get("chat_id") != "58123" || sent[0].Form.Get("text") != "Wij kijken ernaar." || !strings.Contains(sent[0].Form.Get("reply_parameters"), `"message_id":7,`) {
		t.Fatalf("sent %+v", sent)
	}

	// Their answer, an edit of it and an album of two files are in the same task.
	server.Keep("f1", "\xff\xd8\xff\xe0\x00\x10JFIF one")
	server.Keep("f2", "\xff\xd8\xff\xe0\x00\x10JFIF two")
	for _, u := range []telegramtest.Update{
		say(58123, 8, map[string]any{"text": "Dank je", "reply_to_message": map[string]any{"message_id": sent[0].ID}}),
		server.Make("edited_message", telegramtest.Said(58123, 8, map[string]any{"text": "Dank u", "edit_date": 1})),
		say(58123, 9, map[string]any{"caption": "Kijk", "photo": []map[string]any{{"file_id": "f1"}}, "media_group_id": "a"}),
		say(58123, 10, map[string]any{"photo": []map[string]any{{"file_id": "f2"}}, "media_group_id": "a"}),
	} {
		if status := server.Post(telegramtest.Secret, u); status != http.StatusOK {
			t.Fatalf("webhook: %d\n%s", status, tail(d.log))
		}
	}
	task = d.only("support", "all of it in the same task", func(task *api.Task) bool { return len(task.Messages) == 6 })
	a := task.Messages[5].Attachments
	if len(a) != 1 {
		t.Fatalf("message %+v", task.Messages[5])
	}
	if out, code := d.loket("", "attachment", a[0].ID); code != 0 || !strings.HasSuffix(out, "JFIF two") {
		t.Fatalf("loket attachment: %d: %q", code, out)
	}

	// A file goes back.
	d.settled()
	if out, code := d.loket("", "show", task.Number); code != 0 {
		t.Fatalf("loket show: %d: %s", code, out)
	}
	file := filepath.Join(d.dir, "plan.txt")
	if err := os.WriteFile(file, []byte("zet hem uit en aan"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, code := d.loket("Zo.\n", "reply", task.Number, "--attach", file); code != 0 {
		t.Fatalf("loket reply: %d: %s", code, out)
	}
	d.await("the file at Telegram", func() bool { return len(server.Sent()) == 2 })
	if got := server.Sent()[1]; got.Method != "sendDocument" || got.Data != "zet hem uit en aan" || got.File != "plan.txt" || got.Form.Get("caption") != "Zo." {
		t.Errorf("sent %+v", got)
	}

	// Who blocks the bot awaits nothing; an answer comes back with the reason.
	d.delivery(6, "sent")
	blocked := server.Make("my_chat_member", map[string]any{
		"chat": map[string]any{"id": 58123, "type": "private"}, "from": map[string]any{"id": 58123, "first_name": "Kate"}, "date": 1,
		"new_chat_member": map[string]any{"status": "kicked"},
	})
	if status := server.Post(telegramtest.Secret, blocked); status != http.StatusOK {
		t.Fatalf("webhook: %d", status)
	}
	task = d.only("support", "the blocking", func(task *api.Task) bool { return len(task.Messages) == 8 })
	if task.State == "queued" {
		t.Errorf("blocking the bot reopened the task")
	}
	d.settled()
	if out, code := d.loket("", "show", task.Number); code != 0 {
		t.Fatalf("loket show: %d: %s", code, out)
	}
	server.Fail("sendMessage", telegramtest.Fault{Status: http.StatusForbidden, Description: "Forbidden: bot was blocked by the user"})
	if out, code := d.loket("Nog iets?\n", "reply", task.Number); code != 0 {
		t.Fatalf("loket reply: %d: %s", code, out)
	}
	d.delivery(8, "failed")
	task = d.only("support", "the task back", func(task *api.Task) bool { return task.State == "queued" })
	if e := task.Messages[8].Delivery.Error; !strings.Contains(e, "the customer blocked the bot") {
		t.Errorf("reason %q", e)
	}
	d.quietly()
	d.healthy()
	d.stop()
}

// Killed between getting updates and accepting them, or between any later steps: they wait at Telegram, and are in one task each.
func TestKilledWhilePollingTelegram(t *testing.T) {
	t.Parallel()
	for _, step := range soak.Pick([]string{"admitted", "put"}, []string{"admitted", "placed", "put"}) { // TestKilledAtEveryStepOfIntake has all
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			server := telegramtest.Start(t)
			for i := range 4 {
				server.Queue(server.Make("message", telegramtest.Said(58123+i, 7, map[string]any{"text": fmt.Sprint("question ", i)})))
			}
			d := newDaemon(t, chatted(server, "")).start("LOKET_FAIL_AT=" + step + ":2")
			d.await("loket to kill itself", d.dead)
			d.start()
			d.await("all four", func() bool { return len(d.tasks("support")) >= 4 })
			d.settled()
			d.eachOnce(4)
			d.await("all to be confirmed", func() bool { return !server.Waiting(103) })
			d.quietly()
			d.stop()
		})
	}
}

// Killed while the file of a message that Telegram gave is on its way: the message is not accepted, and comes again with its file.
func TestKilledBeforeWhatTelegramGaveIsAccepted(t *testing.T) {
	t.Parallel()
	server := telegramtest.Start(t)
	server.Keep("f1", "%PDF-1.7 the letter")
	server.Fail("file", telegramtest.Fault{Hang: true})
	server.Queue(server.Make("message", telegramtest.Said(58123, 7, map[string]any{"caption": "Zie de brief", "document": map[string]any{"file_id": "f1", "file_name": "brief.pdf"}})))
	later := server.Queue(server.Make("message", telegramtest.Said(58124, 7, map[string]any{"text": "En ik dan?"})))
	d := newDaemon(t, chatted(server, "")).start()
	d.await("the file to be asked for", func() bool { return server.Asked("file") == 1 })
	d.kill()
	if !server.Waiting(later.ID - 1) {
		t.Error("what was not accepted is confirmed")
	}
	d.start()
	d.await("both", func() bool { return len(d.tasks("support")) == 2 })
	d.await("both to be confirmed", func() bool { return !server.Waiting(later.ID) })
	d.settled()
	d.eachOnce(2)
	task, err := d.client("anna").Task(t.Context(), d.taskOf("support", "Zie de brief").ID)
	if err != nil {
		t.Fatal(err)
	}
	a := task.Messages[0].Attachments
	if len(a) != 1 || a[0].Name != "brief.pdf" {
		t.Fatalf("message %+v", task.Messages[0])
	}
	if out, code := d.loket("", "attachment", a[0].ID); code != 0 || out != "%PDF-1.7 the letter" {
		t.Errorf("loket attachment: %d: %q", code, out)
	}
	d.quietly()
	d.stop()
}
