package e2e_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"loket/connectors/bluesky/blueskytest"
	"loket/connectors/connectortest"
	"loket/connectors/mastodon/mastodontest"
	"loket/connectors/meta/metatest"
	"loket/connectors/telegram/telegramtest"
	"loket/connectors/twilio/twiliotest"
	"loket/connectors/webhook/webhooktest"
	"loket/connectors/x/xtest"
	"loket/connectors/youtube/youtubetest"
	"loket/desk/api"
	"loket/internal/soak"
)

// A standIn is one for a network, with what the test must know of it.
type standIn struct {
	name string // of the connector
	*connectortest.StandIn
	settings string
	// say has customer number n say something. status is that of a webhook; 200 for who is asked.
	say  func(d *daemon, n int, text string) (status int)
	sent func() []string // what it took from us
}

func networks(t *testing.T) []standIn {
	phone, x, bot, pager := twiliotest.Start(t), xtest.Start(t), telegramtest.Start(t), webhooktest.Start(t)
	app, toots, tube, sky := metatest.Start(t), mastodontest.Start(t), youtubetest.Start(t), blueskytest.Start(t)
	asked := http.StatusOK
	return []standIn{
		{
			"phone", &phone.StandIn, fmt.Sprintf(`type: twilio, settings: {account_sid: %s, auth_token: %s, number: "%s", poll: 1s, api_url: "%s"}`, twiliotest.Account, twiliotest.Token, twiliotest.Number, phone.URL),
			func(d *daemon, n int, text string) int {
				phone.Point(d.public + "/in/phone")
				_, status := phone.Receive(twiliotest.Message{SID: fmt.Sprintf("SM%032d", n), From: fmt.Sprintf("+3161234%04d", n), Body: text})
				return status
			},
			func() (all []string) {
				for _, m := range phone.Sent() {
					all = append(all, m.Body)
				}
				return all
			},
		}, {
			"meta", &app.StandIn, fmt.Sprintf(`type: meta, settings: {app_id: "%s", app_secret: "%s", verify_token: "%s", api_url: "%s", poll: 1s, whatsapp: [{id: "%s", number: "%s", token: "%s"}]}`,
				metatest.App, metatest.Secret, metatest.Verify, app.URL, metatest.NumberID, metatest.Number, metatest.Token),
			func(d *daemon, n int, text string) int {
				app.Point(d.public + "/in/meta/")
				from := fmt.Sprintf("3161234%04d", n)
				said := metatest.Said(fmt.Sprint(n), map[string]any{"from": from, "text": map[string]any{"body": text}})
				return app.Deliver(metatest.Batch(whatsApp, metatest.WhatsAppOf(metatest.NumberID, map[string]any{
					"messages": []any{said}, "contacts": []any{map[string]any{"wa_id": from, "profile": map[string]any{"name": "Kate"}}},
				})))
			},
			func() (all []string) {
				for _, m := range app.Sent() {
					all = append(all, fmt.Sprint(m.Body["text"]))
				}
				return all
			},
		}, {
			"pager", &pager.StandIn, "type: webhook, settings: " + strings.Join(strings.Fields(webhooktest.Settings(pager.URL)), " "),
			func(d *daemon, n int, text string) int {
				return d.hook(webhooktest.Secret, webhooktest.Said(fmt.Sprint("in-", n), fmt.Sprintf("+3161235%04d", n), text))
			},
			func() (all []string) {
				for _, m := range pager.Sent() {
					all = append(all, m.Text)
				}
				return all
			},
		}, {
			"care", &x.StandIn, fmt.Sprintf("type: x, settings: {%s, %s}", x.Settings("v2"), byPolling),
			func(_ *daemon, n int, text string) int {
				x.Add(xtest.Post{Author: xtest.User{ID: fmt.Sprint(5000 + n), Handle: fmt.Sprint("u", n), Name: "U"}, Text: text, Names: true})
				return asked
			},
			func() (all []string) {
				for _, p := range x.Posts() {
					all = append(all, p.Text)
				}
				return all
			},
		}, {
			"bot", &bot.StandIn, fmt.Sprintf(`type: telegram, settings: {token: "%s", api_url: "%s"}`, telegramtest.Token, bot.URL),
			func(_ *daemon, n int, text string) int {
				bot.Queue(bot.Make("message", telegramtest.Said(58000+n, n, map[string]any{"text": text})))
				return asked
			},
			func() (all []string) {
				for _, m := range bot.Sent() {
					all = append(all, m.Form.Get("text"))
				}
				return all
			},
		}, {
			"toots", &toots.StandIn, fmt.Sprintf(`type: mastodon, settings: {server: "%s", access_token: "%s", poll: 50ms}`, toots.URL, mastodontest.Token),
			func(_ *daemon, _ int, text string) int { toots.Say(text, nil); return asked },
			func() (all []string) {
				for _, form := range toots.Sent() {
					all = append(all, form.Get("status"))
				}
				return all
			},
		}, {
			"videos", &tube.StandIn, fmt.Sprintf(`type: youtube, settings: {channel_id: "%s", client_id: "%s", client_secret: "%s", refresh_token: "%s", api_url: "%[5]s", token_url: "%[5]s/token", poll: 50ms, daily_units: 1000000}`,
				youtubetest.Channel, youtubetest.Client, youtubetest.Secret, youtubetest.Refresh, tube.URL),
			func(_ *daemon, n int, text string) int {
				tube.Say(fmt.Sprintf("UC0000000000000000000k%02d", n), text)
				return asked
			},
			tube.Ours,
		}, {
			"sky", &sky.StandIn, fmt.Sprintf(`type: bluesky, settings: {handle: "%s", app_password: "%s", service: "%s", poll: 50ms}`, blueskytest.Handle, blueskytest.Password, sky.URL),
			func(_ *daemon, _ int, text string) int { sky.Say("mention", text, nil); return asked },
			func() (all []string) {
				for _, r := range sky.Records() {
					all = append(all, fmt.Sprint(r["text"]))
				}
				return all
			},
		},
	}
}

// A quarter is the time in which all goes wrong.
type quarter struct {
	*daemon
	networks []standIn
	said     []string // questions
	untold   []func() // those that no webhook brought yet
}

// ask has a customer of each network ask something. What a webhook did not bring is posted again by repeat.
func (q *quarter) ask() {
	for _, n := range q.networks {
		number := len(q.said)
		text := fmt.Sprintf("question %02d.", number)
		q.said = append(q.said, text)
		q.untold = append(q.untold, func() {
			if n.say(q.daemon, number, text) != http.StatusOK {
				q.untold = append(q.untold, func() { q.again(n, number, text) })
			}
		})
	}
	q.repeat()
}

func (q *quarter) again(n standIn, number int, text string) {
	if n.say(q.daemon, number, text) != http.StatusOK {
		q.untold = append(q.untold, func() { q.again(n, number, text) })
	}
}

func (q *quarter) repeat() {
	now := q.untold
	q.untold = nil
	for _, tell := range now {
		tell()
	}
}

// shown are all tasks with their messages, by the questions in them; several for one that came twice. What can't be shown, since loket dies, is
// left out.
func (q *quarter) shown() map[string][]*api.Task {
	q.tb.Helper()
	found, anna := map[string][]*api.Task{}, q.client("anna")
	list, err := anna.List(q.tb.Context(), api.Listing{Team: "support", Limit: 500})
	if err != nil {
		return nil
	}
	for _, summary := range list.Tasks {
		task, err := anna.Task(q.tb.Context(), summary.ID)
		if err != nil {
			continue
		}
		for _, m := range task.Messages {
			for _, text := range q.said {
				if m.Direction == "in" && strings.Contains(m.Text, text) {
					found[text] = append(found[text], task)
				}
			}
		}
	}
	return found
}

func answerIn(task *api.Task) *api.Message {
	i := slices.IndexFunc(task.Messages, func(m api.Message) bool { return m.Direction == "out" })
	if i < 0 {
		return nil
	}
	return &task.Messages[i]
}

// answer answers what is in a task and has no answer, and gives what is shown. While loket dies, some are not given; given again, they have the
// same key.
func (q *quarter) answer() map[string][]*api.Task {
	all := q.shown()
	for text, tasks := range all {
		if answerIn(tasks[0]) == nil {
			_, _ = q.client("anna").Reply(q.tb.Context(), tasks[0].ID, api.Answer{Text: "answer to " + text, Key: text})
		}
	}
	return all
}

// until polls for what takes long on a busy machine.
func (q *quarter) until(what string, ok func() bool) {
	q.tb.Helper()
	for end := time.Now().Add(5 * time.Minute); !ok(); time.Sleep(500 * time.Millisecond) {
		if time.Now().After(end) {
			q.tb.Fatalf("waited too long for %s\nlog:\n%s", what, tail(q.log))
		}
	}
}

// Everything goes wrong at every network at once, each in its own way, and loket is killed between webhook and queue, between call and receipt, and
// anywhere: when all is well again, each question is in one task, and each answer went out once, or is shown as in doubt.
func TestBadQuarterOfAnHour(t *testing.T) {
	t.Parallel()
	q := &quarter{networks: networks(t)}
	configuration := `
store: {url: embedded, data: ./data}
listen: {public: "127.0.0.1:0", desk: "127.0.0.1:0"}
teams:
  support: {first_reply: 4h, next_reply: 8h, lease: 30s, reopen: 7d}
fallback_team: support
log: {level: info, format: json}
connectors:
`
	for _, n := range q.networks {
		configuration += "  - {name: " + n.name + ", " + n.settings + "}\n"
	}
	q.daemon = newDaemon(t, configuration).start()
	q.ask()
	q.until("the first questions", func() bool { return len(q.shown()) == len(q.said) })
	troubles := []connectortest.Trouble{
		{Down: true}, {Hang: true}, {Status: http.StatusTooManyRequests, After: "1", Body: "{}"}, {Taken: true, Status: http.StatusInternalServerError, Body: "{}"},
		{Taken: true}, {Taken: true, Status: http.StatusOK, Body: `{"id": "17`},
	}
	for round, dies := range soak.Pick([]string{"put:2", "handed:2"}, []string{"", "put:2", "handed:2", "at once"}) {
		if strings.Contains(dies, ":") {
			q.stop()
			q.start("LOKET_FAIL_AT=" + dies)
		}
		for i, n := range q.networks {
			n.Suffer(troubles[(round+i)%len(troubles)], nil)
		}
		q.ask()
		q.answer()
		switch {
		case dies == "at once":
			q.kill()
		case dies != "":
			q.await("loket to kill itself", q.dead)
		}
		if dies != "" {
			q.start()
		}
		q.repeat()
		for _, n := range q.networks {
			n.Recover()
		}
	}
	q.until("every question and every answer", func() bool {
		q.repeat()
		all := q.answer()
		if len(q.untold) > 0 || len(all) < len(q.said) {
			return false
		}
		for _, tasks := range all {
			a := answerIn(tasks[0])
			if a == nil || a.Delivery == nil || !slices.Contains([]string{"sent", "delivered", "read", "doubt"}, a.Delivery.State) {
				return false
			}
		}
		return true
	})
	q.settled()
	q.once()
	q.healthy()
	q.stop()
}

// once looks that nothing came or went out twice.
func (q *quarter) once() {
	q.tb.Helper()
	took := map[string]int{}
	for _, n := range q.networks {
		for _, sent := range n.sent() {
			for _, text := range q.said {
				if strings.Contains(sent, "answer to "+text) {
					took[text]++
				}
			}
		}
	}
	doubts, all := 0, q.shown()
	for i, text := range q.said {
		name, tasks := q.networks[i%len(q.networks)].name, all[text]
		if len(tasks) != 1 {
			q.tb.Fatalf("%s: %q is there %d times, want once", name, text, len(tasks))
		}
		state := answerIn(tasks[0]).Delivery.State
		if state == "doubt" {
			doubts++
		}
		if n := took[text]; n > 1 || n == 0 && state != "doubt" {
			q.tb.Errorf("%s: the answer to %q is %s, and there %d times", name, text, state, n)
		}
	}
	q.tb.Logf("%d questions, %d answers in doubt", len(q.said), doubts)
}
