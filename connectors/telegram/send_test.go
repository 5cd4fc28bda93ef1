package telegram_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"loket/connectors"
	"loket/connectors/telegram/telegramtest"
	"loket/internal/message"
)

func answer(edit func(*message.Message)) *message.Message {
	m := &message.Message{
		ID: message.NewID([]byte("answer")), Direction: message.Out, Channel: "telegram", Text: "Wij kijken ernaar.",
		To: []message.Identifier{{Kind: "tg.user", Value: "kate_j", Level: message.Attested}, {Kind: "tg", Value: "5812345678", Level: message.Attested}},
	}
	edit(m)
	return m
}

func TestAnswersAreSent(t *testing.T) {
	const chat = "5812345678"
	for _, test := range []struct {
		name   string
		m      *message.Message
		refuse []telegramtest.Fault // of photographs
		want   telegramtest.Sent
	}{
		{"a text", answer(func(*message.Message) {}), nil, telegramtest.Sent{Method: "sendMessage", Form: url.Values{"chat_id": {chat}, "text": {"Wij kijken ernaar."}}}},
		{"to what they wrote", answer(func(m *message.Message) { m.References = []string{chat, chat + ":7"} }), nil, telegramtest.Sent{Method: "sendMessage", Form: url.Values{
			"chat_id": {chat}, "text": {"Wij kijken ernaar."}, "reply_parameters": {`{"message_id":7,"allow_sending_without_reply":true}`},
		}}},
		{"to an edit", answer(func(m *message.Message) { m.References = []string{chat + ":7", chat, chat + ":7/100"} }), nil, telegramtest.Sent{Method: "sendMessage", Form: url.Values{
			"chat_id": {chat}, "text": {"Wij kijken ernaar."}, "reply_parameters": {`{"message_id":7,"allow_sending_without_reply":true}`},
		}}},
		{"with a document", answer(func(m *message.Message) { attach(m, "plan.txt", "text/plain") }), nil, telegramtest.Sent{
			Method: "sendDocument", Form: url.Values{"chat_id": {chat}, "caption": {"Wij kijken ernaar."}}, File: "plan.txt", Data: "the file",
		}},
		{"with a photograph", answer(func(m *message.Message) { attach(m, "kast.jpg", "image/jpeg") }), nil, telegramtest.Sent{
			Method: "sendPhoto", Form: url.Values{"chat_id": {chat}, "caption": {"Wij kijken ernaar."}}, File: "kast.jpg", Data: "the file",
		}},
		{"with one too wide", answer(func(m *message.Message) { attach(m, "kast.jpg", "image/jpeg") }), []telegramtest.Fault{{Status: http.StatusBadRequest, Description: "Bad Request: PHOTO_INVALID_DIMENSIONS"}}, telegramtest.Sent{
			Method: "sendDocument", Form: url.Values{"chat_id": {chat}, "caption": {"Wij kijken ernaar."}}, File: "kast.jpg", Data: "the file",
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t, "")
			b.SetBlob("blob/1", "the file")
			b.server.Fail("sendPhoto", test.refuse...)
			got, err := b.Send(t.Context(), test.m)
			if want := (connectors.Receipt{ID: chat + ":9000", State: connectors.Sent}); err != nil || !cmp.Equal(got, want) {
				t.Errorf("Send = %+v, %v, want %+v", got, err, want)
			}
			test.want.ID = 9000
			if diff := cmp.Diff([]telegramtest.Sent{test.want}, b.server.Sent()); diff != "" {
				t.Errorf("sent (-want +got):\n%s", diff)
			}
		})
	}
}

func attach(m *message.Message, name, kind string) {
	m.Attachments = []message.Attachment{{Name: name, Type: kind, Size: 8, Blob: "blob/1"}}
}

// verdict is what the outbox reads of an error.
type verdict struct {
	Permanent, InDoubt bool
	After              time.Duration
}

func TestRefusalsSayWhatToDo(t *testing.T) {
	for _, test := range []struct {
		name  string
		fault telegramtest.Fault
		want  verdict
		says  string
		sent  int
	}{
		{"blocked", telegramtest.Fault{Status: 403, Description: "Forbidden: bot was blocked by the user"}, verdict{Permanent: true}, "the customer blocked the bot", 0},
		{"never wrote", telegramtest.Fault{Status: 403, Description: "Forbidden: bot can't initiate conversation with a user"}, verdict{Permanent: true}, "must write to the bot first", 0},
		{"gone", telegramtest.Fault{Status: 403, Description: "Forbidden: user is deactivated"}, verdict{Permanent: true}, "no account", 0},
		{"refused", telegramtest.Fault{Status: 400, Description: "Bad Request: message text is empty"}, verdict{Permanent: true}, "Telegram answered 400", 0},
		{"too fast", telegramtest.Fault{Status: 429, Description: "Too Many Requests: retry after 7", RetryAfter: 7}, verdict{After: 7 * time.Second}, "429", 0},
		{"wrong token", telegramtest.Fault{Status: 401, Description: "Unauthorized"}, verdict{}, "token", 0},
		{"of a proxy", telegramtest.Fault{Status: 403}, verdict{}, "403", 0},
		{"trouble of their own", telegramtest.Fault{Status: 502}, verdict{InDoubt: true}, "502", 0},
		{"taken, and the answer lost", telegramtest.Fault{Taken: true}, verdict{InDoubt: true}, "", 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t, "")
			b.server.Fail("sendMessage", test.fault)
			_, err := b.Send(t.Context(), answer(func(*message.Message) {}))
			got := verdict{connectors.IsPermanent(err), connectors.IsInDoubt(err), connectors.RetryAfter(err)}
			if err == nil || got != test.want || !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), telegramtest.Token) {
				t.Errorf("Send = %v: %+v, want %+v, and %q", err, got, test.want, test.says)
			}
			if n := len(b.server.Sent()); n != test.sent {
				t.Errorf("%d messages are at Telegram, want %d", n, test.sent)
			}
		})
	}
}

func TestAnswersThatTelegramWouldRefuseAreRefusedBefore(t *testing.T) {
	b := newBench(t, "")
	for _, test := range []struct {
		name string
		m    *message.Message
		want string
	}{
		{"as long as may be", answer(func(m *message.Message) { m.Text = strings.Repeat("a", 4096) }), ""},
		{"too long, counted as Telegram does", answer(func(m *message.Message) { m.Text = strings.Repeat("👍", 2049) }), "at most 4096 characters (an emoji 2), not 4098"},
		{"too long beside a file", answer(func(m *message.Message) { attach(m, "a.txt", "text/plain"); m.Text = strings.Repeat("a", 1025) }), "beside a file must be at most 1024"},
		{"two files", answer(func(m *message.Message) {
			attach(m, "a.txt", "text/plain")
			m.Attachments = append(m.Attachments, m.Attachments[0])
		}), "at most 1 file with a message"},
		{"a file too large", answer(func(m *message.Message) { attach(m, "a.txt", "text/plain"); m.Attachments[0].Size = 50<<20 + 1 }), "at most 50 MB"},
		{"to nobody there", answer(func(m *message.Message) { m.To = m.To[:1] }), "nobody on Telegram"},
		{"nothing", answer(func(m *message.Message) { m.Text = "" }), "nothing to send"},
	} {
		err := b.Check(test.m)
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: Check = %v, want %q", test.name, err, test.want)
		}
		if _, errSend := b.Send(t.Context(), test.m); err != nil && !connectors.IsPermanent(errSend) {
			t.Errorf("%s: Send = %v, want a permanent error", test.name, errSend)
		}
	}
}

func TestConversationsAreKnownByTheChat(t *testing.T) {
	b := newBench(t, "")
	m := answer(func(*message.Message) {})
	if diff := cmp.Diff([]string{"5812345678"}, b.References(m)); diff != "" {
		t.Errorf("References (-want +got):\n%s", diff)
	}
	if got := b.Reaches(m.To[1]); got != "telegram" {
		t.Errorf("Reaches = %q, want telegram", got)
	}
	if got := b.Reaches(m.To[0]); got != "" {
		t.Errorf("Reaches by a name = %q, want nothing", got)
	}
}
