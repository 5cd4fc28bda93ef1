package e2e_test

import (
	"fmt"
	"strings"
	"testing"

	"loket/connectors/bluesky/blueskytest"
	"loket/connectors/youtube/youtubetest"
	"loket/desk/api"
	"loket/internal/soak"
)

// commented is a configuration with a channel of YouTube and an account of Bluesky at their stand-ins.
func commented(tube *youtubetest.Server, sky *blueskytest.Server) string {
	return fmt.Sprintf(`
store: {url: embedded, data: ./data}
listen: {public: "127.0.0.1:0", desk: "127.0.0.1:0"}
teams:
  support: {first_reply: 4h, next_reply: 8h, lease: 30s, reopen: 7d}
  webcare: {first_reply: 30m, lease: 30s, reopen: 7d}
connectors:
  - {name: videos, type: youtube, settings: {channel_id: "%s", client_id: "%s", client_secret: "%s", refresh_token: "%s", api_url: "%[5]s", token_url: "%[5]s/token", poll: 50ms, daily_units: 1000000}}
  - {name: sky, type: bluesky, settings: {handle: "%[6]s", app_password: "%[7]s", service: "%[8]s", poll: 50ms}}
rules:
  - {name: sky, when: connector == "sky", team: webcare}
fallback_team: support
log: {level: debug, format: json}
`, youtubetest.Channel, youtubetest.Client, youtubetest.Secret, youtubetest.Refresh, tube.URL, blueskytest.Handle, blueskytest.Password, sky.URL)
}

// sent tells whether the second message of a task is an answer that went out.
func sent(task *api.Task) bool {
	return len(task.Messages) >= 2 && task.Messages[1].Delivery != nil && task.Messages[1].Delivery.State == "sent"
}

// A comment is answered while YouTube fails; her answer in the old thread, an edit and the deletion are in the same task; who else writes there has their own.
func TestConversationByYouTube(t *testing.T) {
	t.Parallel()
	tube := youtubetest.Start(t)
	d := newDaemon(t, commented(tube, blueskytest.Start(t))).start()
	thread := tube.Say(youtubetest.Kate, "Geen bereik in Delft")
	task := d.only("support", "the comment in a task", func(*api.Task) bool { return true })
	if m := task.Messages[0]; task.Channel != "youtube" || !m.Public || m.From[0] != "yt:"+youtubetest.Kate || !strings.Contains(m.Link, thread) {
		t.Fatalf("task %+v, message %+v", task, m)
	}
	tube.Fail("POST /comments", youtubetest.Fault{Status: 503, Taken: true})
	if out, code := d.loket("Wij kijken ernaar.\n", "reply", task.Number); code != 0 {
		t.Fatalf("loket reply: %d: %s", code, out)
	}
	d.only("support", "the answer found", sent)
	if got := tube.Ours(); len(got) != 1 || got[0] != thread+" Wij kijken ernaar." {
		t.Fatalf("answers %q", got)
	}
	tube.Reply(thread, youtubetest.Kate, "Nog steeds")
	d.only("support", "her answer", func(task *api.Task) bool { return len(task.Messages) == 3 })
	tube.Delete(thread)
	task = d.only("support", "the deletion", func(task *api.Task) bool { return len(task.Messages) >= 4 })
	d.settled()
	if out, code := d.loket("", "show", task.Number); code != 0 {
		t.Fatalf("loket show: %d: %s", code, out)
	}
	if out, code := d.loket("Hallo?\n", "reply", task.Number); code != 0 {
		t.Fatalf("loket reply: %d: %s", code, out)
	}
	d.only("support", "the refusal in words", func(task *api.Task) bool {
		last := task.Messages[len(task.Messages)-1]
		return last.Delivery != nil && strings.Contains(last.Delivery.Error, "is gone")
	})
	for _, secret := range []string{youtubetest.Secret, youtubetest.Refresh, "access-1", blueskytest.Password} {
		if strings.Contains(d.log.String(), secret) {
			t.Errorf("%q is in the log", secret)
		}
	}
	d.healthy()
	d.stop()
}

// A post is answered while Bluesky fails; what she answers to that is in the same task.
func TestConversationByBluesky(t *testing.T) {
	t.Parallel()
	sky := blueskytest.Start(t)
	d := newDaemon(t, commented(youtubetest.Start(t), sky)).start()
	post := sky.Say("mention", "Geen bereik in Delft", nil)
	task := d.only("webcare", "the post in a task", func(*api.Task) bool { return true })
	if m := task.Messages[0]; task.Channel != "bluesky" || !m.Public || m.From[0] != "did:plc:kate" || m.From[1] != "bsky:kate.bsky.example" {
		t.Fatalf("task %+v, message %+v", task, m)
	}
	sky.Fail("com.atproto.repo.createRecord", blueskytest.Fault{Status: 502, Taken: true})
	if out, code := d.loket("Wij kijken ernaar.\n", "reply", task.Number); code != 0 {
		t.Fatalf("loket reply: %d: %s", code, out)
	}
	d.only("webcare", "the answer found", sent)
	if n := len(sky.Records()); n != 1 {
		t.Fatalf("%d posts, want 1", n)
	}
	for key := range sky.Records() {
		ours := blueskytest.Ref(blueskytest.Self + "/" + key)
		sky.Say("reply", "Dank", map[string]any{"reply": map[string]any{"root": blueskytest.Ref(post), "parent": ours}})
	}
	d.only("webcare", "her answer", func(task *api.Task) bool { return len(task.Messages) == 3 && task.Messages[2].Text == "Dank" })
	d.settled()
	d.healthy()
	d.stop()
}

// Killed between being told and accepting, or between any later steps: what was told is in one task each.
func TestKilledWhileAskingYouTubeAndBluesky(t *testing.T) {
	t.Parallel()
	for _, step := range soak.Pick([]string{"put"}, []string{"admitted", "placed", "put"}) { // TestKilledAtEveryStepOfIntake has all
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			tube, sky := youtubetest.Start(t), blueskytest.Start(t)
			for i := range 4 {
				tube.Say(fmt.Sprintf("UC0000000000000000000ka%d", i), fmt.Sprint("question ", i))
			}
			d := newDaemon(t, commented(tube, sky)).start("LOKET_FAIL_AT=" + step + ":2")
			d.await("loket to kill itself", d.dead)
			sky.Say("mention", "question 4", nil)
			d.start()
			d.await("all five", func() bool { return len(d.tasks("support")) >= 4 && len(d.tasks("webcare")) >= 1 })
			d.settled()
			d.eachOnce(4)
			d.stop()
		})
	}
}

// Killed when a network has taken an answer and nobody has written that down: it is found, and there once.
func TestKilledBetweenYouTubeOrBlueskyAndTheReceipt(t *testing.T) {
	t.Parallel()
	for team, ours := range map[string]func(*youtubetest.Server, *blueskytest.Server) int{
		"support": func(tube *youtubetest.Server, _ *blueskytest.Server) int {
			if len(tube.Ours()) == 0 {
				tube.Say(youtubetest.Kate, "Waar blijft mijn pakje?")
			}
			return len(tube.Ours())
		},
		"webcare": func(_ *youtubetest.Server, sky *blueskytest.Server) int {
			if len(sky.Records()) == 0 {
				sky.Say("mention", "Waar blijft mijn pakje?", nil)
			}
			return len(sky.Records())
		},
	} {
		t.Run(team, func(t *testing.T) {
			t.Parallel()
			tube, sky := youtubetest.Start(t), blueskytest.Start(t)
			ours(tube, sky)
			d := newDaemon(t, commented(tube, sky)).start("LOKET_FAIL_AT=handed")
			task := d.only(team, "the question in a task", func(*api.Task) bool { return true })
			d.loket("Het komt morgen.\n", "reply", task.Number) // which may be killed before it is told that it was taken
			d.await("loket to kill itself", d.dead)
			d.start()
			d.only(team, "the answer", sent)
			d.settled()
			if n := ours(tube, sky); n != 1 {
				t.Errorf("%d answers, want 1", n)
			}
			d.healthy()
			d.stop()
		})
	}
}
