package telegram_test

import (
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"loket/connectors"
	"loket/connectors/connectortest"
	"loket/connectors/telegram"
	"loket/connectors/telegram/telegramtest"
	"loket/internal/message"
	"loket/internal/secret"
)

const kate = 5812345678

type fields = map[string]any

func settings(server *telegramtest.Server, secretToken string) *telegram.Config {
	cfg := telegram.Type().NewConfig().(*telegram.Config)
	cfg.Token, cfg.SecretToken, cfg.APIURL = secret.New(telegramtest.Token), secret.New(secretToken), server.URL
	return cfg
}

// A bench is a bot at a stand-in.
type bench struct {
	*connectortest.Environment
	*telegram.Bot
	server *telegramtest.Server
}

func newBench(t *testing.T, secretToken string) *bench {
	t.Helper()
	b := &bench{Environment: connectortest.New(t), server: telegramtest.Start(t)}
	bot, err := telegram.New(*settings(b.server, secretToken), b.Env("bot"))
	if err != nil {
		t.Fatal(err)
	}
	b.Bot = bot
	return b
}

// post gives an update to the webhook and its status.
func (b *bench) post(t *testing.T, u telegramtest.Update) int {
	t.Helper()
	return connectortest.Do(t, b.Bot, telegramtest.Request("/", telegramtest.Secret, u)).Code
}

func TestConformance(t *testing.T) {
	const text = "De storing is terug in de straat"
	for way, secretToken := range map[string]string{"polling": "", "webhook": telegramtest.Secret} {
		t.Run(way, func(t *testing.T) {
			var server *telegramtest.Server
			var update telegramtest.Update
			connectortest.Run(t, connectortest.Fixture{
				Type: telegram.Type(),
				Config: func(t *testing.T) any {
					server = telegramtest.Start(t)
					server.Keep("f1", "%PDF-1.7")
					update = server.Make("message", telegramtest.Said(kate, 7, fields{"caption": text, "document": fields{"file_id": "f1", "file_name": "brief.pdf"}}))
					return settings(server, secretToken)
				},
				Deliver: func(t testing.TB, c connectors.Connector) bool {
					if secretToken != "" {
						return connectortest.Do(t, c, telegramtest.Request("/", secretToken, update)).Code == http.StatusOK
					}
					return polled(t, server, update)
				},
				Reply: &message.Message{
					ID: message.NewID([]byte("reply")), Direction: message.Out, Channel: "telegram", Thread: message.NewID([]byte("thread")),
					To: []message.Identifier{{Kind: "tg", Value: "5812345678", Level: message.Attested}}, Text: "Wij kijken ernaar",
				},
				Secrets: []string{telegramtest.Token, telegramtest.Secret},
				Private: []string{text, "5812345678", "Wij kijken ernaar"},
			})
		})
	}
}

// polled waits until an update is confirmed, or was asked for again without being.
func polled(t testing.TB, server *telegramtest.Server, u telegramtest.Update) bool {
	t.Helper()
	asked := server.Asked("getUpdates")
	if !server.Waiting(u.ID) {
		server.Queue(u)
	}
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		if !server.Waiting(u.ID) {
			return true
		}
		if server.Asked("getUpdates") > asked+3 {
			return false
		}
	}
	t.Fatal("updates are not asked for")
	return false
}

func TestOnlyWhoKnowsTheSecretIsHeard(t *testing.T) {
	for _, test := range []struct {
		name, ours, theirs string
		want               int
	}{
		{"right", telegramtest.Secret, telegramtest.Secret, http.StatusOK},
		{"wrong", telegramtest.Secret, "a-secret_token-of-somebody", http.StatusForbidden},
		{"none", telegramtest.Secret, "", http.StatusForbidden},
		{"polled bots have no webhook", "", "", http.StatusForbidden},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t, test.ours)
			u := b.server.Make("message", telegramtest.Said(kate, 1, fields{"text": "hoi"}))
			got := connectortest.Do(t, b.Bot, telegramtest.Request("/", test.theirs, u)).Code
			if took := len(b.Accepted()) == 1; got != test.want || took != (test.want == http.StatusOK) {
				t.Errorf("status %d, want %d; accepted %v", got, test.want, took)
			}
		})
	}
}

// What is repeated is one message, numbers may have gaps, and begin anew.
func TestPollingTakesEachUpdateOnce(t *testing.T) {
	b := newBench(t, "")
	say := func(id int, text string) telegramtest.Update {
		return b.server.Make("message", telegramtest.Said(kate, id, fields{"text": text}))
	}
	first := b.server.Queue(say(1, "one"))
	b.server.Queue(first)
	b.server.Skip(1000)
	b.server.Queue(say(2, "two"))
	b.Environment.Run(b.Bot)
	b.Eventually("what waited", func() bool { return len(b.Accepted()) == 2 })
	b.server.Queue(first) // confirmed long ago, and told again
	b.server.Queue(say(3, "three"))
	b.Eventually("the third", func() bool { return len(b.Accepted()) == 3 })
	n := b.server.Asked("getUpdates")
	b.server.Queue(b.server.Make("message", telegramtest.Said(kate, 4, fields{"text": "four"})))
	b.Eventually("the fourth", func() bool { return len(b.Accepted()) == 4 && b.server.Asked("getUpdates") > n })
	var got []string
	for _, m := range b.Accepted() {
		got = append(got, m.Text)
	}
	if diff := cmp.Diff([]string{"one", "two", "three", "four"}, got); diff != "" {
		t.Errorf("texts (-want +got):\n%s", diff)
	}
}

func TestAnotherProgramThatPollsIsToldOnce(t *testing.T) {
	b := newBench(t, "")
	b.server.Point("https://elsewhere.example/hook")
	b.Environment.Run(b.Bot)
	b.Eventually("trouble", func() bool { return b.Trouble() != nil })
	if got, want := b.Trouble().Error(), "a webhook is set for the bot, so nobody can poll"; got != want {
		t.Errorf("Trouble = %q, want %q", got, want)
	}
	if n := b.Logged.FilterMessage("no updates from Telegram").Len(); n != 1 {
		t.Errorf("logged %d times, want once", n)
	}
}

func TestWebhookElsewhereIsTrouble(t *testing.T) {
	b := newBench(t, telegramtest.Secret)
	b.server.Point("https://elsewhere.example/hook")
	b.Environment.Run(b.Bot)
	b.Eventually("trouble", func() bool { return b.Trouble() != nil })
}

func TestSetupSaysWhatToSet(t *testing.T) {
	b := newBench(t, telegramtest.Secret)
	lines, err := b.Setup(t.Context())
	got := strings.Join(lines, "\n")
	for _, want := range []string{"/setWebhook -d url=https://loket.example/in/bot/ -d secret_token=$SECRET_TOKEN", "right    the token is that of @example_bot", `WRONG    the webhook is ""`} {
		if err != nil || !strings.Contains(got, want) || strings.Contains(got, telegramtest.Token) || strings.Contains(got, telegramtest.Secret) {
			t.Errorf("Setup = %v\n%s\nwant %q and no secret", err, got, want)
		}
	}
	b.server.Point("https://loket.example/in/bot/")
	if lines, err := b.Setup(t.Context()); err != nil || !strings.Contains(strings.Join(lines, "\n"), "right    the webhook is") {
		t.Errorf("Setup = %q, %v, want a webhook that is right", lines, err)
	}
	b.server.Fail("getMe", telegramtest.Fault{Status: http.StatusUnauthorized, Description: "Unauthorized"})
	if lines, err := b.Setup(t.Context()); err == nil || len(lines) != 2 || strings.Contains(err.Error(), telegramtest.Token) {
		t.Errorf("Setup with a token that is refused = %q, %v", lines, err)
	}
	polled := newBench(t, "")
	if lines, err := polled.Setup(t.Context()); err != nil || !strings.Contains(strings.Join(lines, "\n"), "/deleteWebhook") {
		t.Errorf("Setup of a bot that polls = %q, %v", lines, err)
	}
}

func TestConfigNamesAllMistakes(t *testing.T) {
	cfg := telegram.Config{Token: secret.New("nonsense"), SecretToken: secret.New("short"), APIURL: "http://api.example"}
	err := cfg.Validate()
	for _, path := range []string{"token: ", "secret_token: ", "api_url: "} {
		if err == nil || !strings.Contains(err.Error(), path) || strings.Contains(err.Error(), "nonsense") {
			t.Errorf("Validate = %v, want %s", err, path)
		}
	}
	example, err := os.ReadFile("../../config.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"type: telegram", "token: ${TELEGRAM_TOKEN:-}", "secret_token:", "api_url: https://api.telegram.org"} {
		if !strings.Contains(string(example), key) {
			t.Errorf("config.example.yaml does not show %s", key)
		}
	}
}
