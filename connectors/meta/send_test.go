package meta_test

import (
	"strings"
	"testing"
	"time"

	"loket/connectors"
	"loket/connectors/meta/metatest"
	"loket/internal/message"
)

// reply is an answer by WhatsApp to who wrote a minute ago; what differs is changed.
func reply(text string, edits ...func(*message.Message)) *message.Message {
	m := &message.Message{
		ID: message.NewID([]byte(text)), Direction: message.Out, Channel: "whatsapp", Thread: message.NewID([]byte("thread")), Text: text,
		From:    []message.Identifier{{Kind: "wa", Value: "31201234567"}},
		To:      []message.Identifier{{Kind: "wa", Value: "31612345678", Level: message.Attested}},
		Earlier: &message.Earlier{Text: "Geen bereik", Sent: time.Now().Add(-time.Minute)},
	}
	for _, edit := range edits {
		edit(m)
	}
	return m
}

func late(m *message.Message) { m.Earlier.Sent = time.Now().Add(-25 * time.Hour) }

func attach(name, kind string) func(*message.Message) {
	return func(m *message.Message) {
		m.Attachments = []message.Attachment{{Name: name, Type: kind, Size: 8, Blob: "blob/1"}}
	}
}

func TestAnswersByWhatsApp(t *testing.T) {
	base := func(m *message.Message, more fields) fields {
		f := fields{"messaging_product": "whatsapp", "recipient_type": "individual", "biz_opaque_callback_data": m.ID, "to": "31612345678"}
		for k, v := range more {
			if f[k] = v; v == nil {
				delete(f, k)
			}
		}
		return f
	}
	for _, test := range []struct {
		name string
		m    *message.Message
		want fields
	}{
		{"a text", reply("Wij kijken ernaar."), fields{"type": "text", "text": fields{"body": "Wij kijken ernaar."}}},
		{"to what they said", reply("Ja", func(m *message.Message) { m.References = []string{"whatsapp:x", "wamid.1"} }), fields{
			"type": "text", "text": fields{"body": "Ja"}, "context": fields{"message_id": "wamid.1"},
		}},
		{"to who has no number", reply("Ja", func(m *message.Message) {
			m.To = []message.Identifier{{Kind: "bsuid", Scope: metatest.App, Value: "NL.45", Level: message.Attested}}
		}), fields{"type": "text", "text": fields{"body": "Ja"}, "to": nil, "recipient": "NL.45"}},
		{"a template", reply("#follow_up Kate | uw aanvraag", late), fields{"type": "template", "template": fields{
			"name": "follow_up", "language": fields{"code": "nl"},
			"components": []any{fields{"type": "body", "parameters": []any{fields{"type": "text", "text": "Kate"}, fields{"type": "text", "text": "uw aanvraag"}}}},
		}}},
		{"a photograph", reply("Kijk", attach("kast.jpg", "image/jpeg")), fields{"type": "image", "image": fields{"id": "wamid.9000", "caption": "Kijk"}}},
		{"a document", reply("Zo", attach("plan.txt", "text/plain")), fields{"type": "document", "document": fields{"id": "wamid.9000", "caption": "Zo", "filename": "plan.txt"}}},
		{"a sound with words", reply("Zo", attach("a.mp3", "audio/mpeg")), fields{"type": "document", "document": fields{"id": "wamid.9000", "caption": "Zo", "filename": "a.mp3"}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t)
			b.SetBlob("blob/1", "the file")
			got, err := b.Send(t.Context(), test.m)
			sent := b.server.Sent()
			if err != nil || len(sent) != 1 || got.ID != sent[0].ID || got.State != connectors.Sent || sent[0].Path != metatest.NumberID+"/messages" {
				t.Fatalf("Send = %+v, %v; sent %+v", got, err, sent)
			}
			diff(t, "sent", base(test.m, test.want), sent[0].Body)
			if found, ok, err := b.Find(t.Context(), test.m); !ok || err != nil || found.ID != got.ID {
				t.Errorf("Find = %+v, %v, %v, want what was sent", found, ok, err)
			}
			if len(test.m.Attachments) > 0 {
				diff(t, "uploads", []string{test.m.Attachments[0].Name + " the file"}, b.server.Uploads())
			}
		})
	}
}

// verdict is what the outbox reads of an error.
type verdict struct {
	Permanent, InDoubt bool
	After              time.Duration
}

func TestRefusalsSayWhatToDo(t *testing.T) {
	const regain = `{"102290129340398":[{"type":"whatsapp","call_count":100,"estimated_time_to_regain_access":19}]}`
	for _, test := range []struct {
		name  string
		what  string
		fault metatest.Fault
		want  verdict
		says  string
		sent  int
	}{
		{"too late", "messages", metatest.Fault{Status: 400, Code: 131047}, verdict{Permanent: true}, "more than 24 hours ago", 0},
		{"not on WhatsApp", "messages", metatest.Fault{Status: 400, Code: 131026}, verdict{Permanent: true}, "not on WhatsApp", 0},
		{"a code to come", "messages", metatest.Fault{Status: 400, Code: 139999}, verdict{Permanent: true}, "error 139999", 0},
		{"the token expired", "messages", metatest.Fault{Status: 401, Code: 190}, verdict{}, "token", 0},
		{"too fast", "messages", metatest.Fault{Status: 429, Code: 130429}, verdict{After: time.Minute}, "more is sent", 0},
		{"too much", "messages", metatest.Fault{Status: 400, Code: 80007, Header: regain}, verdict{After: 19 * time.Minute}, "more is sent", 0},
		{"of a proxy", "messages", metatest.Fault{Status: 403}, verdict{}, "403", 0},
		{"trouble of their own", "messages", metatest.Fault{Status: 502}, verdict{InDoubt: true}, "502", 0},
		{"trouble that they name", "messages", metatest.Fault{Status: 500, Code: 131000}, verdict{InDoubt: true}, "trouble", 0},
		{"trouble that passes", "messages", metatest.Fault{Status: 400, Code: 139998, Transient: true}, verdict{InDoubt: true}, "error 139998", 0},
		{"trouble with a status of ours", "messages", metatest.Fault{Status: 400, Code: 2}, verdict{InDoubt: true}, "trouble", 0},
		{"too much, which passes", "messages", metatest.Fault{Status: 400, Code: 4, Transient: true}, verdict{After: time.Minute}, "more than Meta allows", 0},
		{"too much of another product", "messages", metatest.Fault{Status: 400, Code: 80004}, verdict{After: time.Minute}, "80004", 0},
		{"too much to one", "messages", metatest.Fault{Status: 400, Code: 131056}, verdict{After: time.Minute}, "at a time", 0},
		{"taken, and the answer lost", "messages", metatest.Fault{Taken: true}, verdict{InDoubt: true}, "", 1},
		{"the file broke off", "media", metatest.Fault{Status: 502}, verdict{}, "upload file", 0},
		{"the file is refused", "media", metatest.Fault{Status: 400, Code: 131053}, verdict{Permanent: true}, "does not take the file", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t)
			b.SetBlob("blob/1", "the file")
			b.server.Fail(test.what, test.fault)
			_, err := b.Send(t.Context(), reply("Zo", attach("plan.txt", "text/plain")))
			got := verdict{connectors.IsPermanent(err), connectors.IsInDoubt(err), connectors.RetryAfter(err)}
			if err == nil || got != test.want || !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), metatest.Token) || strings.Contains(err.Error(), "31612345678") {
				t.Errorf("Send = %v: %+v, want %+v, and %q", err, got, test.want, test.says)
			}
			if n := len(b.server.Sent()); n != test.sent {
				t.Errorf("%d messages are at Meta, want %d", n, test.sent)
			}
			if _, found, err := b.Find(t.Context(), reply("Zo")); found || err == nil {
				t.Errorf("Find = %v, %v, want that nobody knows", found, err)
			}
		})
	}
}

func TestAnswersThatMetaWouldRefuseAreRefusedBefore(t *testing.T) {
	b := newBench(t)
	for _, event := range []string{"PAUSED", "FLAGGED"} { // which is approved all the same
		b.deliver(t, metatest.Batch(object, fields{"id": metatest.Account, "changes": []any{fields{"field": "message_template_status_update", "value": fields{
			"event": event, "message_template_name": "follow_up", "message_template_language": "nl",
		}}}}))
	}
	const free = "#follow_up  Beste {{1}}, over {{2}}: schrijf ons nog eens."
	for _, test := range []struct {
		name string
		m    *message.Message
		want string
	}{
		{"as long as may be", reply(strings.Repeat("é", 4096)), ""},
		{"too long", reply(strings.Repeat("é", 4097)), "at most 4096 characters, not 4097"},
		{"too long beside a file", reply(strings.Repeat("a", 1025), attach("a.txt", "text/plain")), "beside a file must be at most 1024"},
		{"two files", reply("Zo", func(m *message.Message) { m.Attachments = make([]message.Attachment, 2) }), "one file with a message"},
		{"a file too large", reply("Zo", attach("a.txt", "text/plain"), func(m *message.Message) { m.Attachments[0].Size = 100<<20 + 1 }), "at most 100 MB"},
		{"after the window", reply("Nog iets", late), free},
		{"never wrote", reply("Hallo", func(m *message.Message) { m.Earlier = nil }), "and there is none"},
		{"a template after the window", reply("#follow_up Kate | uw aanvraag", late), ""},
		{"a template half filled", reply("#follow_up Kate", late), "has 2 places to fill in"},
		{"to nobody there", reply("Zo", func(m *message.Message) { m.To = nil }), "nobody on WhatsApp"},
		{"to another portfolio's", reply("Zo", func(m *message.Message) { m.To = []message.Identifier{{Kind: "bsuid", Scope: "x", Value: "NL.45"}} }), "nobody on WhatsApp"},
		{"nothing", reply(" "), "nothing to send"},
		{"on another channel", reply("Zo", func(m *message.Message) { m.Channel = "fax" }), "nothing can be sent"},
	} {
		err := b.Check(test.m)
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: Check = %v, want %q", test.name, err, test.want)
		}
		if _, errSend := b.Send(t.Context(), test.m); err != nil && !connectors.IsPermanent(errSend) {
			t.Errorf("%s: Send = %v, want a permanent error", test.name, errSend)
		}
	}
	b.deliver(t, metatest.Batch(object, fields{"id": metatest.Account, "changes": []any{fields{"field": "message_template_status_update", "value": fields{
		"event": "PAUSED", "message_template_name": "follow_up", "message_template_language": "nl",
	}}}}))
	if err := b.Check(reply("#follow_up Kate | uw aanvraag", late)); err == nil || !strings.Contains(err.Error(), "has it as paused") {
		t.Errorf("a paused template: Check = %v", err)
	}
}

func TestWindowIsUntilWhenFreeTextsAreTaken(t *testing.T) {
	b := newBench(t)
	m := reply("Zo")
	got, limited := b.Window(m)
	diff(t, "window", connectors.Window{
		Until: m.Earlier.Sent.Add(24 * time.Hour), Templates: []connectors.Template{{Begin: "#follow_up", Text: "Beste {{1}}, over {{2}}: schrijf ons nog eens."}},
	}, got)
	if !limited {
		t.Error("WhatsApp has no window")
	}
}

func TestConversationsAreKnownByWhomTheyAreWith(t *testing.T) {
	b := newBench(t)
	m := reply("Zo")
	diff(t, "references", message.WhatsAppConversations("31201234567", "31612345678"), b.References(m))
	if got := b.Reaches(m.To[0]); got != "whatsapp" {
		t.Errorf("Reaches = %q, want whatsapp", got)
	}
	if got := b.Reaches(message.Identifier{Kind: "email", Value: "kate@example.org"}); got != "" {
		t.Errorf("Reaches by mail = %q, want nothing", got)
	}
}

// What Meta allows is not used up by looking.
func TestLookingLeavesCallsForAnswers(t *testing.T) {
	b := newBench(t)
	b.server.Answer(metatest.Account+"/message_templates", fields{"data": []any{}})
	b.server.Use(`{"call_count":81,"total_time":10,"total_cputime":9}`)
	b.Environment.Run(b.App)
	b.Eventually("the first look", func() bool { return b.server.Asked("message_templates") == 1 })
	if _, err := b.Send(t.Context(), reply("Zo")); err != nil {
		t.Errorf("an answer is not sent: %v", err)
	}
}
