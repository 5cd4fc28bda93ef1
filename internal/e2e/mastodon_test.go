package e2e_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"loket/connectors/mastodon/mastodontest"
	"loket/desk/api"
	"loket/internal/soak"
)

// onMastodon is a configuration with one account at the stand-in.
func onMastodon(server *mastodontest.Server) string {
	return fmt.Sprintf(`
store: {url: embedded, data: ./data}
listen: {public: "127.0.0.1:0", desk: "127.0.0.1:0"}
teams:
  support: {first_reply: 4h, next_reply: 8h, lease: 30s, reopen: 7d}
  webcare: {first_reply: 30m, lease: 30s, reopen: 7d}
connectors:
  - {name: toots, type: mastodon, settings: {server: "%s", access_token: "%s", poll: 50ms}}
rules:
  - {name: public, when: public, team: webcare}
fallback_team: support
log: {level: debug, format: json}
`, server.URL, mastodontest.Token)
}

// In public, in private, from public to private, edited and deleted, from a colleague's own program; the server away for a while.
func TestConversationByMastodon(t *testing.T) {
	t.Parallel()
	server := mastodontest.Start(t)
	d := newDaemon(t, onMastodon(server)).start()
	question, _ := server.Say("@care geen bereik in Delft", map[string]any{"spoiler_text": "storing"})
	task := d.only("webcare", "the post in a task", func(*api.Task) bool { return true })
	if m := task.Messages[0]; task.Channel != "mastodon" || !m.Public || m.From[0] != "fedi:https://other.example/@Kate" || m.From[1] != "fedi.user:kate@other.example" || task.Subject != "storing" {
		t.Fatalf("task %+v, message %+v", task, m)
	}

	// The server is away, then takes an answer without saying so: it is there once.
	const post = "POST /api/v1/statuses"
	server.Fail(post, mastodontest.Fault{Status: http.StatusBadGateway, Taken: true})
	if out, code := d.loket("Wij kijken ernaar.\n", "reply", task.Number); code != 0 {
		t.Fatalf("loket reply: %d: %s", code, out)
	}
	d.only("webcare", "the answer found", func(task *api.Task) bool {
		return len(task.Messages) == 2 && task.Messages[1].Delivery != nil && task.Messages[1].Delivery.State == "sent"
	})
	sent := server.Sent()
	if len(sent) != 1 || sent[0].Get("in_reply_to_id") != question || sent[0].Get("visibility") != "public" || sent[0].Get("spoiler_text") != "storing" || server.Asked(post) != 1 {
		t.Fatalf("posted %v in %d calls", sent, server.Asked(post))
	}

	// Her edit is in the same task.
	server.Edit(question, map[string]any{"content": "<p>@care geen bereik in Breda</p>"})
	task = d.only("webcare", "the edit", func(task *api.Task) bool { return len(task.Messages) == 3 })
	if m := task.Messages[2]; !strings.Contains(m.Text, "Breda") || len(m.Marks) == 0 {
		t.Errorf("edit %+v", m)
	}

	// What she asked in public goes on in private by one answer; her next post to us alone is in the same task.
	d.settled()
	if out, code := d.loket("", "show", task.Number); code != 0 {
		t.Fatalf("loket show: %d: %s", code, out)
	}
	if out, code := d.loket("Welk nummer?\n", "reply", task.Number, "--via", "private"); code != 0 {
		t.Fatalf("loket reply --via private: %d: %s", code, out)
	}
	d.await("the private question", func() bool { return len(server.Sent()) == 2 })
	if got := server.Sent()[1]; got.Get("visibility") != "direct" || !strings.EqualFold(got.Get("status"), "@kate@other.example Welk nummer?") {
		t.Fatalf("posted %v", got)
	}
	server.Say("@care 4711", map[string]any{"visibility": "direct"})
	task = d.only("webcare", "her number in the same task", func(task *api.Task) bool { return len(task.Messages) == 5 })
	if m := task.Messages[4]; m.Public || !strings.Contains(m.Text, "4711") {
		t.Errorf("message %+v", m)
	}

	// A colleague answers in another program; she deletes what she asked first.
	server.Add(map[string]any{"account": mastodontest.Us(), "application": map[string]any{"name": "Web"}, "content": "<p>Het werkt weer</p>", "in_reply_to_id": question,
		"in_reply_to_account_id": "77", "mentions": []any{mastodontest.Kate()}})
	d.only("webcare", "the answer from elsewhere", func(task *api.Task) bool { return len(task.Messages) == 6 && task.State == "waiting" })
	server.Delete(question)
	d.only("webcare", "the deletion", func(task *api.Task) bool {
		return len(task.Messages) == 7 && strings.Contains(task.Messages[6].Text, "is gone")
	})
	if strings.Contains(d.log.String(), mastodontest.Token) {
		t.Error("the token is in the log")
	}
	d.healthy()
	d.stop()
}

// Killed between being told and accepting, or between any later steps: what was told is in one task each.
func TestKilledWhileAskingMastodon(t *testing.T) {
	t.Parallel()
	for _, step := range soak.Pick([]string{"admitted", "put"}, []string{"admitted", "placed", "put"}) { // TestKilledAtEveryStepOfIntake has all
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			server := mastodontest.Start(t)
			last := ""
			for i := range 4 {
				who := mastodontest.Kate()
				who["id"], who["acct"], who["url"] = fmt.Sprint(500+i), fmt.Sprintf("u%d@other.example", i), fmt.Sprintf("https://other.example/@u%d", i)
				_, last = server.Say(fmt.Sprint("question ", i), map[string]any{"account": who, "visibility": "direct"})
			}
			d := newDaemon(t, onMastodon(server)).start("LOKET_FAIL_AT=" + step + ":2")
			d.await("loket to kill itself", d.dead)
			d.start()
			d.await("all four", func() bool { return len(d.tasks("support")) >= 4 && server.Confirmed(last) })
			d.settled()
			d.eachOnce(4)
			d.stop()
		})
	}
}

// Killed when the server has taken an answer and nobody has written that down: it is found, and there once.
func TestKilledBetweenMastodonAndTheReceipt(t *testing.T) {
	t.Parallel()
	server := mastodontest.Start(t)
	server.Say("Waar blijft mijn pakje?", nil)
	d := newDaemon(t, onMastodon(server)).start("LOKET_FAIL_AT=handed")
	task := d.only("webcare", "the post in a task", func(*api.Task) bool { return true })
	d.loket("Het komt morgen.\n", "reply", task.Number) // which may be killed before it is told that it was taken
	d.await("loket to kill itself", d.dead)
	d.start()
	d.only("webcare", "the answer", func(task *api.Task) bool {
		return len(task.Messages) == 2 && task.Messages[1].Delivery != nil && task.Messages[1].Delivery.State == "sent"
	})
	d.settled()
	if n := len(server.Sent()); n != 1 {
		t.Errorf("%d posts, want 1", n)
	}
	d.healthy()
	d.stop()
}
