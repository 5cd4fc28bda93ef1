package telegram_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"loket/connectors/connectortest"
	"loket/connectors/telegram"
	"loket/connectors/telegram/telegramtest"
	"loket/internal/message"
	"loket/internal/secret"
)

// person is who writes in these tests; what differs is changed.
func person(edit func(*message.Message)) *message.Message {
	m := &message.Message{
		Connector: "bot", Channel: "telegram", Own: "5812345678:7", References: []string{"5812345678"}, Name: "Kate Jansen",
		From: []message.Identifier{
			{Kind: "tg", Value: "5812345678", Level: message.Attested}, {Kind: "tg.user", Value: "kate_j", Level: message.Attested},
		},
	}
	edit(m)
	return m
}

func TestUpdatesBecomeMessages(t *testing.T) {
	for _, test := range []struct {
		name, kind string
		more       fields
		want       *message.Message
	}{
		{"a text", "message", fields{"text": "Geen bereik in Delft"}, person(func(m *message.Message) { m.Text = "Geen bereik in Delft" })},
		{"a word, in the language of the app", "message", fields{"text": "Hallo\x00"}, person(func(m *message.Message) { m.Text, m.Language = "Hallo", "nl" })},
		{"an answer to ours", "message", fields{"text": "Dat werkt nog niet", "reply_to_message": fields{"message_id": 3, "date": 1}}, person(func(m *message.Message) {
			m.Text, m.References = "Dat werkt nog niet", []string{"5812345678:3", "5812345678"}
		})},
		{"an edit", "edited_message", fields{"text": "Geen bereik in Breda", "edit_date": time.Now().Unix()}, person(func(m *message.Message) {
			m.Text, m.Own, m.References = "Geen bereik in Breda", "5812345678:7/100", []string{"5812345678:7", "5812345678"}
			m.Marks = []string{telegram.MarkEdited}
		})},
		{"forwarded", "message", fields{"text": "Lees dit maar eens", "forward_origin": fields{"type": "user", "date": 1}}, person(func(m *message.Message) {
			m.Text, m.Marks = "Lees dit maar eens", []string{telegram.MarkForwarded}
		})},
		{"a sticker", "message", fields{"sticker": fields{"file_id": "s", "emoji": "👍"}}, person(func(m *message.Message) { m.Text, m.Language = "(sticker 👍)", "nl" })},
		{"a place", "message", fields{"location": fields{"latitude": 52.01, "longitude": 4.36}, "venue": fields{"title": "Stadskantoor", "address": "Delft"}}, person(func(m *message.Message) {
			m.Text, m.Language = "Stadskantoor\nDelft\ngeo:52.01,4.36", "nl"
		})},
		{"their own number is claimed", "message", fields{"contact": fields{"phone_number": "31612345678", "first_name": "Kate", "user_id": kate}}, person(func(m *message.Message) {
			m.Text, m.Language = "Contact: Kate  31612345678", "nl"
			m.From = append(m.From, message.Identifier{Kind: "phone", Value: "+31612345678", Level: message.Claimed})
		})},
		{"somebody else's is not", "message", fields{"contact": fields{"phone_number": "+31612345678", "first_name": "Jan", "user_id": 5}}, person(func(m *message.Message) {
			m.Text, m.Language = "Contact: Jan  +31612345678", "nl"
		})},
		{"nor is one of nobody", "message", fields{"contact": fields{"phone_number": "+31612345678", "first_name": "Jan"}}, person(func(m *message.Message) {
			m.Text, m.Language = "Contact: Jan  +31612345678", "nl"
		})},
		{"a kind to come", "message", fields{"hologram": fields{"id": 1}}, person(func(m *message.Message) { m.Text, m.Language = "(only Telegram shows it)", "nl" })},
		{"the beginning", "message", fields{"text": "/start folder"}, person(func(m *message.Message) {
			m.Text, m.Language, m.Kind, m.Marks = "/start folder", "nl", message.Consent, []string{telegram.MarkStart}
		})},
		{"the end", "message", fields{"text": "/stop"}, person(func(m *message.Message) {
			m.Text, m.Language, m.Kind, m.Marks = "/stop", "nl", message.Consent, []string{telegram.MarkStop}
		})},
		{"blocked", "my_chat_member", fields{"message_id": nil, "new_chat_member": fields{"status": "kicked"}}, person(func(m *message.Message) {
			m.Text, m.Language, m.Kind, m.Marks = "("+telegram.MarkStop+")", "nl", message.Consent, []string{telegram.MarkStop}
			m.Own = "5812345678:/100"
		})},
		{"taken back", "my_chat_member", fields{"message_id": nil, "new_chat_member": fields{"status": "member"}}, person(func(m *message.Message) {
			m.Text, m.Language, m.Kind, m.Marks = "("+telegram.MarkStart+")", "nl", message.Consent, []string{telegram.MarkStart}
			m.Own = "5812345678:/100"
		})},
		{"a group", "message", fields{"text": "hallo", "chat": fields{"id": -1001, "type": "supergroup"}}, nil},
		{"a channel", "channel_post", fields{"text": "hallo", "chat": fields{"id": -1001, "type": "channel"}}, nil},
		{"added to a group", "my_chat_member", fields{"chat": fields{"id": -1001, "type": "group"}, "new_chat_member": fields{"status": "member"}}, nil},
		{"something pinned", "message", fields{"pinned_message": fields{"message_id": 3, "date": 1}}, nil},
		{"a step of who walks", "edited_message", fields{"location": fields{"latitude": 52.01, "longitude": 4.36}}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t, telegramtest.Secret)
			u := b.server.Make(test.kind, telegramtest.Said(kate, 7, test.more))
			for range 2 {
				if got := b.post(t, u); got != http.StatusOK {
					t.Fatalf("status %d", got)
				}
			}
			if test.want == nil {
				if got := b.Accepted(); len(got) != 0 {
					t.Errorf("accepted %+v, want nothing", got)
				}
				return
			}
			got := *b.Only()
			if age := got.Received.Sub(got.Sent); age < 0 || age > time.Minute || !message.ValidID(got.ID) {
				t.Errorf("sent %v, received %v, id %q", got.Sent, got.Received, got.ID)
			}
			got.ID, got.Sent, got.Received = "", time.Time{}, time.Time{}
			if diff := cmp.Diff(test.want, &got); diff != "" {
				t.Errorf("message (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEditsAreMessagesOfTheirOwn(t *testing.T) {
	b := newBench(t, telegramtest.Secret)
	said := fields{"text": "Geen bereik in Delft"}
	b.post(t, b.server.Make("message", telegramtest.Said(kate, 7, said)))
	for range 2 { // within one second
		b.post(t, b.server.Make("edited_message", telegramtest.Said(kate, 7, said)))
	}
	if got := b.Accepted(); len(got) != 3 {
		t.Errorf("%d messages, want one and two edits", len(got))
	}
}

func TestFilesAreFetched(t *testing.T) {
	picture := "\xff\xd8\xff\xe0\x00\x10JFIF a photograph"
	for _, test := range []struct {
		name string
		more fields
		want message.Attachment
	}{
		{"the largest size of a photograph", fields{"photo": []fields{{"file_id": "small"}, {"file_id": "f1", "file_size": len(picture)}}}, message.Attachment{Name: "photo.jpg", Type: "image/jpeg"}},
		{"a document", fields{"document": fields{"file_id": "f1", "file_name": "../kast.jpg", "mime_type": "image/jpeg"}}, message.Attachment{Name: "kast.jpg", Type: "image/jpeg"}},
		{"what was spoken", fields{"voice": fields{"file_id": "ogg", "mime_type": "audio/ogg"}}, message.Attachment{Name: "voice.ogg", Type: "audio/ogg"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t, telegramtest.Secret)
			b.server.Keep("f1", picture)
			b.server.Keep("small", "x")
			b.server.Keep("ogg", "OggS\x00\x02 sound")
			if got := b.post(t, b.server.Make("message", telegramtest.Said(kate, 7, test.more))); got != http.StatusOK {
				t.Fatalf("status %d", got)
			}
			m := b.Only()
			if len(m.Attachments) != 1 || m.Text != "" || len(m.Marks) != 0 {
				t.Fatalf("message %+v", m)
			}
			got := m.Attachments[0]
			if b.Blob(got.Blob) == "" || int64(len(b.Blob(got.Blob))) != got.Size {
				t.Errorf("stored %d bytes under %s, want %d", len(b.Blob(got.Blob)), got.Blob, got.Size)
			}
			got.Blob, got.Size = "", 0
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("attachment (-want +got):\n%s", diff)
			}
		})
	}
}

// A file that can't be had holds nothing up for long, and the address of a file, which holds the token, is told nowhere.
func TestFilesThatCannotBeHad(t *testing.T) {
	gone := telegramtest.Fault{Status: http.StatusBadGateway}
	for _, test := range []struct {
		name   string
		file   fields
		ago    time.Duration
		faults map[string][]telegramtest.Fault
		want   int
	}{
		{"too large, it says", fields{"file_id": "f1", "file_size": 30 << 20}, 0, nil, http.StatusOK},
		{"too large, it does not say", fields{"file_id": "big"}, 0, nil, http.StatusOK},
		{"unknown", fields{"file_id": "none"}, 0, nil, http.StatusOK},
		{"not now", fields{"file_id": "f1"}, 0, map[string][]telegramtest.Fault{"file": {gone, gone}}, http.StatusServiceUnavailable},
		{"not known where, now", fields{"file_id": "f1"}, 0, map[string][]telegramtest.Fault{"getFile": {gone, gone}}, http.StatusServiceUnavailable},
		{"not now, hours late", fields{"file_id": "f1"}, 5 * time.Hour, map[string][]telegramtest.Fault{"file": {gone, gone}}, http.StatusServiceUnavailable},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t, telegramtest.Secret)
			b.server.Keep("f1", "a file")
			b.server.Keep("big", strings.Repeat("x", 20<<20+1))
			for method, faults := range test.faults {
				b.server.Fail(method, faults...)
			}
			u := b.server.Make("message", telegramtest.Said(kate, 7, fields{"document": test.file, "date": time.Now().Add(-test.ago).Unix()}))
			if got := b.post(t, u); got != test.want {
				t.Fatalf("status %d, want %d", got, test.want)
			}
			if test.want != http.StatusOK {
				if got := b.post(t, u); got != http.StatusOK || len(b.Only().Attachments) != 1 { // it comes again
					t.Errorf("status %d at the second time: %+v", got, b.Accepted())
				}
			} else if diff := cmp.Diff([]string{telegram.MarkNoFile}, b.Only().Marks); diff != "" || len(b.Only().Attachments) != 0 {
				t.Errorf("marks (-want +got):\n%s", diff)
			}
			for _, entry := range b.Logged.All() {
				for k, v := range entry.ContextMap() {
					if s, ok := v.(string); ok && strings.Contains(s, telegramtest.Token) {
						t.Errorf("the token is logged as %s: %s", k, s)
					}
				}
			}
		})
	}
}

// A file that is not there for minutes is given up two minutes after it was first tried.
func TestFilesAreGivenUpInTheEnd(t *testing.T) {
	b := newBench(t, telegramtest.Secret)
	gone := telegramtest.Fault{Status: http.StatusBadGateway}
	b.server.Fail("getFile", gone, gone, gone, gone)
	u := b.server.Make("message", telegramtest.Said(kate, 7, fields{"document": fields{"file_id": "f1"}}))
	for _, want := range []int{http.StatusServiceUnavailable, http.StatusOK} {
		if got := b.post(t, u); got != want {
			t.Fatalf("status %d, want %d", got, want)
		}
		b.Pass(3 * time.Minute)
	}
	if diff := cmp.Diff([]string{telegram.MarkNoFile}, b.Only().Marks); diff != "" {
		t.Errorf("marks (-want +got):\n%s", diff)
	}
}

// FuzzUpdate gives the bot anything: it never panics, and what it accepts is a message that can be kept.
func FuzzUpdate(f *testing.F) {
	for _, seed := range []string{
		`{"update_id":1,"message":{"message_id":1,"date":1,"chat":{"id":5,"type":"private"},"from":{"id":5,"username":"k"},"text":"/start"}}`,
		`{"update_id":1,"edited_message":{"message_id":1e9,"date":-1,"chat":{"id":"5","type":"private"},"from":{"id":5.5},"text":7,"caption":null}}`,
		`{"update_id":1,"my_chat_member":{"date":9e99,"chat":{"id":5,"type":"private"},"from":[],"new_chat_member":{"status":"kicked"}}}`,
		`{"update_id":"x","message":{"chat":{"id":-5,"type":"private"},"photo":[{"file_id":"../.."},{}],"contact":{"user_id":null,"phone_number":"\ud800"}}}`,
		`{"message":{"chat":{"type":"private"},"location":{"latitude":"NaN"},"venue":{"title":"\u0000"},"sticker":{"file_id":true}}}`,
		`[]`, `{`, `null`, strings.Repeat(`{"message":`, 60) + strings.Repeat(`}`, 60),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		env := connectortest.New(t)
		cfg := telegram.Config{Token: secret.New(telegramtest.Token), SecretToken: secret.New(telegramtest.Secret), APIURL: "http://127.0.0.1:1"}
		b, err := telegram.New(cfg, env.Env("bot"))
		if err != nil {
			t.Fatal(err)
		}
		r := telegramtest.Request("/", telegramtest.Secret, telegramtest.Update{JSON: content})
		if strings.Contains(string(content), "file_id") { // nothing is fetched
			r = httptest.NewRequest(http.MethodPost, "/", strings.NewReader(string(content)))
		}
		connectortest.Do(t, b, r)
		for _, m := range env.Accepted() {
			if !message.ValidID(m.ID) || !utf8.ValidString(m.Text) || !utf8.ValidString(m.Name) || m.Sent.After(m.Received) || m.Problem == "" && len(m.References) == 0 {
				t.Errorf("message %+v", m)
			}
		}
	})
}
