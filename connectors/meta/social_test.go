package meta_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"loket/connectors"
	"loket/connectors/meta"
	"loket/connectors/meta/metatest"
	"loket/internal/message"
)

func onPage(edits ...func(*message.Message)) *message.Message {
	return reply("Wij kijken ernaar.", append([]func(*message.Message){func(m *message.Message) {
		m.Channel, m.From = "messenger", nil
		m.To = []message.Identifier{{Kind: "psid", Scope: metatest.Page, Value: metatest.Kate, Level: message.Attested}}
	}}, edits...)...)
}

func onInstagram(m *message.Message) {
	m.Channel = "instagram"
	m.To = []message.Identifier{{Kind: "igsid", Scope: metatest.Instagram, Value: metatest.KateOnInstagram, Level: message.Attested}}
}

func inPublic(own string) func(*message.Message) {
	return func(m *message.Message) {
		m.Public, m.References = true, []string{"public/x/900", own}
		if m.Channel == "messenger" {
			m.Channel = "facebook"
		}
	}
}

func toComment(m *message.Message) {
	m.Answers, m.Earlier.Sent = []string{"public/" + metatest.Kate + "/900_1"}, time.Now().Add(-6*24*time.Hour)
}

func TestAnswersInPrivateAndInPublic(t *testing.T) {
	human := func(c *meta.Config) { c.HumanAgent = true }
	said := func(m *message.Message) fields { return fields{"text": m.Text, "metadata": m.ID} }
	for _, test := range []struct {
		name string
		m    *message.Message
		cfg  func(*meta.Config)
		path string
		want fields
		id   string
	}{
		{"Messenger", onPage(), nil, metatest.Page + "/messages",
			fields{"recipient": fields{"id": metatest.Kate}, "messaging_type": "RESPONSE", "message": said(onPage())}, "m_9000"},
		{"Messenger, days later by a person", onPage(func(m *message.Message) { m.Earlier.Sent = time.Now().Add(-6 * 24 * time.Hour) }), human, metatest.Page + "/messages",
			fields{"recipient": fields{"id": metatest.Kate}, "messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT", "message": said(onPage())}, "m_9000"},
		{"Instagram", onPage(onInstagram), nil, metatest.Page + "/messages",
			fields{"recipient": fields{"id": metatest.KateOnInstagram}, "messaging_type": "RESPONSE", "message": fields{"text": "Wij kijken ernaar."}}, "m_9000"},
		{"a comment, in private", onPage(toComment), nil, metatest.Page + "/messages",
			fields{"recipient": fields{"comment_id": "900_1"}, "messaging_type": "RESPONSE", "message": said(onPage())}, "m_9000"},
		{"a comment, in public", onPage(inPublic("public/" + metatest.Kate + "/900_1")), nil, "900_1/comments", fields{"message": "Wij kijken ernaar."}, "public/" + metatest.Kate + "/m_9000"},
		{"an edited comment", onPage(inPublic("public/" + metatest.Kate + "/900_1/abcdefgh")), nil, "900_1/comments", fields{"message": "Wij kijken ernaar."}, "public/" + metatest.Kate + "/m_9000"},
		{"on Instagram, in public", onPage(onInstagram, inPublic("public/8/179001")), nil, "179001/replies", fields{"message": "Wij kijken ernaar."}, "public/8/m_9000"},
		{"who names us on Instagram", onPage(onInstagram, inPublic("public/piet/mention:178009:179009")), nil, metatest.Instagram + "/mentions",
			fields{"message": "Wij kijken ernaar.", "media_id": "178009", "comment_id": "179009"}, "public/piet/m_9000"},
	} {
		t.Run(test.name, func(t *testing.T) {
			edits := []func(*meta.Config){}
			if test.cfg != nil {
				edits = append(edits, test.cfg)
			}
			b := newBench(t, edits...)
			got, err := b.Send(t.Context(), test.m)
			sent := b.server.Sent()
			if err != nil || len(sent) != 1 || got.ID != test.id || sent[0].Path != test.path {
				t.Fatalf("Send = %+v, %v; sent %+v", got, err, sent)
			}
			diff(t, "sent", test.want, sent[0].Body)
			if found, ok, err := b.Find(t.Context(), test.m); !ok || err != nil || found.ID != got.ID {
				t.Errorf("Find = %+v, %v, %v, want what was sent", found, ok, err)
			}
		})
	}
}

func TestFileByMessenger(t *testing.T) {
	b := newBench(t)
	b.SetBlob("blob/1", "the file")
	if _, err := b.Send(t.Context(), onPage(attach("kast.jpg", "image/jpeg"), func(m *message.Message) { m.Text = "" })); err != nil {
		t.Fatal(err)
	}
	at := b.server.Sent()[0].Body["message"].(fields)["attachment"].(fields)
	link, err := url.Parse(at["payload"].(fields)["url"].(string))
	if err != nil || at["type"] != "image" || !strings.HasPrefix(link.String(), "https://loket.example/in/meta/media/") {
		t.Fatalf("attachment %+v", at)
	}
	r, _ := http.NewRequest(http.MethodGet, strings.TrimPrefix(link.Path, "/in/meta"), nil)
	if got := get(t, b, r); got != "the file" {
		t.Errorf("Meta fetches %q", got)
	}
}

func TestCommentIsHidden(t *testing.T) {
	b := newBench(t)
	for text, want := range map[string]string{"#hide": "true", "#unhide": "false"} {
		m := onPage(inPublic("public/x/900_1"), func(m *message.Message) { m.Text = text })
		if _, err := b.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		sent := b.server.Sent()
		if last := sent[len(sent)-1]; last.Path != "900_1" || last.Body["is_hidden"] != want {
			t.Errorf("%s: sent %+v", text, last)
		}
	}
}

func TestWhatMessengerAndInstagramRefuse(t *testing.T) {
	b := newBench(t)
	for _, test := range []struct {
		name string
		m    *message.Message
		want string
	}{
		{"right", onPage(), ""},
		{"after a day", onPage(late), "Messenger takes an answer only within 24 hours"},
		{"to a comment, after a week", onPage(toComment, func(m *message.Message) { m.Earlier.Sent = time.Now().Add(-8 * 24 * time.Hour) }), "within 7 days"},
		{"too long", onPage(func(m *message.Message) { m.Text = strings.Repeat("a", 2001) }), "at most 2000"},
		{"too many bytes", onPage(onInstagram, func(m *message.Message) { m.Text = strings.Repeat("é", 501) }), "at most 1000 bytes"},
		{"a text and a file", onPage(attach("a.jpg", "image/jpeg")), "a text or one file"},
		{"a file in public", onPage(inPublic("public/x/900_1"), attach("a.jpg", "image/jpeg")), "takes no files"},
		{"a comment too long", onPage(onInstagram, inPublic("public/x/1790"), func(m *message.Message) { m.Text = strings.Repeat("a", 2201) }), "at most 2200"},
		{"no comment", onPage(inPublic("x")), "no comment to answer"},
		{"of a Page of others", onPage(func(m *message.Message) { m.To[0].Scope = "999" }), "nobody on messenger"},
	} {
		if err := b.Check(test.m); (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: Check = %v, want %q", test.name, err, test.want)
		}
	}
	if _, limited := b.Window(onPage(inPublic("public/x/900_1"))); limited {
		t.Error("a public answer has a window")
	}
	if w, _ := b.Window(onPage(toComment)); time.Until(w.Until) < 23*time.Hour {
		t.Errorf("a private answer to a comment is taken until %v", w.Until)
	}
	b.server.Fail("messages", metatest.Fault{Status: 400, Code: 10900})
	if _, err := b.Send(t.Context(), onPage(toComment)); !connectors.IsPermanent(err) || !strings.Contains(err.Error(), "takes one such answer") {
		t.Errorf("a second private answer: %v", err)
	}
}

// What Meta took while its answer was lost is found where Meta can be asked, by its text; an earlier answer with the same text is not it.
func TestAnswerInDoubtIsLookedFor(t *testing.T) {
	b := newBench(t)
	at := time.Now().Format("2006-01-02T15:04:05-0700")
	before := time.Now().Add(-2 * time.Minute).Format("2006-01-02T15:04:05-0700")
	ours := fields{"id": metatest.Page}
	b.server.Answer(metatest.Page+"/conversations", fields{"data": []any{fields{"messages": fields{"data": []any{
		fields{"id": "m_9000", "message": "Wij kijken ernaar.", "from": ours, "created_time": at},
		fields{"id": "m_7", "message": "Wij kijken ernaar.", "from": fields{"id": metatest.Kate}, "created_time": at},
		fields{"id": "m_6", "message": "Geen bereik", "from": fields{"id": metatest.Kate}, "created_time": before},
	}}}}})
	b.server.Answer("900_1/comments", fields{"data": []any{fields{"id": "900_8", "message": "Wij  kijken ernaar.", "from": ours}}})
	for _, m := range []*message.Message{onPage(), onPage(inPublic("public/x/900_1"))} {
		b.server.Fail("messages", metatest.Fault{Taken: true})
		b.server.Fail("comments", metatest.Fault{Taken: true})
		if _, err := b.Send(t.Context(), m); !connectors.IsInDoubt(err) {
			t.Fatalf("Send = %v, want a doubt", err)
		}
		if got, found, err := b.Find(t.Context(), m); err != nil || !found || got.ID != map[bool]string{false: "m_9000", true: "public/x/900_8"}[m.Public] {
			t.Errorf("Find = %+v, %v, %v", got, found, err)
		}
		again := *m
		again.ID = message.NewID([]byte("another with the same text"))
		if _, found, err := b.Find(t.Context(), &again); err != nil || found {
			t.Errorf("another answer is taken for it: %v, %v", found, err)
		}
	}
}

// Meta tells of what we sent as if somebody had written it for us, sometimes before it has answered; what a colleague writes with the same
// words is theirs.
func TestEchoesOfOursAreKnown(t *testing.T) {
	b := newBench(t)
	echo := func(mid string) []byte {
		return metatest.Batch("instagram", metatest.Messaging(metatest.Instagram, metatest.Private(metatest.Instagram, metatest.KateOnInstagram, "message", fields{
			"mid": mid, "is_echo": true, "text": "Wij kijken ernaar.",
		})))
	}
	b.server.Fail("messages", metatest.Fault{Meanwhile: func(m metatest.Sent) { b.deliver(t, echo(m.ID)) }})
	if _, err := b.Send(t.Context(), onPage(onInstagram)); err != nil {
		t.Fatal(err)
	}
	b.deliver(t, echo("m_9000"))
	if n := len(b.Accepted()); n > 0 {
		t.Errorf("%d messages accepted of what we sent", n)
	}
	b.deliver(t, echo("m_colleague"))
	if m := b.Only(); m.Direction != message.Out || m.Text != "Wij kijken ernaar." {
		t.Errorf("message %+v", m)
	}
	// What was read is told by an instant alone.
	b.deliver(t, metatest.Batch("instagram", metatest.Messaging(metatest.Instagram, metatest.Private(metatest.KateOnInstagram, metatest.Instagram, "read", fields{"watermark": time.Now().UnixMilli()}))))
	all := b.Accepted()
	if last := all[len(all)-1]; last.Report == nil || last.Report.Of != "m_9000" || last.Report.State != "read" {
		t.Errorf("message %+v, want that ours was read", last)
	}
}

// What no webhook brought is listed; what one did is one message all the same.
func TestLostWebhooksAreHealed(t *testing.T) {
	b := newBench(t)
	at := func(ago time.Duration) string { return time.Now().Add(-ago).Format("2006-01-02T15:04:05-0700") }
	kate, ours := fields{"id": metatest.Kate, "name": "Kate Jansen"}, fields{"id": metatest.Page}
	b.server.Keep("7001", "\xff\xd8\xff\xe0\x00\x10JFIF a photograph")
	b.server.Answer(metatest.Page+"/conversations", fields{"data": []any{fields{"messages": fields{"data": []any{
		fields{"id": "m_3", "message": "", "from": kate, "created_time": at(10 * time.Minute), "attachments": fields{"data": []any{
			fields{"mime_type": "image/jpeg", "name": "kast.jpg", "image_data": fields{"url": b.server.URL + "/cdn/7001"}},
		}}},
		fields{"id": "m_2", "message": "Van de inbox", "from": ours, "to": fields{"data": []any{kate}}, "created_time": at(11 * time.Minute)},
		fields{"id": "m_1", "message": "Geen bereik", "from": kate, "created_time": at(12 * time.Minute)},
		fields{"id": "m_0", "message": "vorig jaar", "from": kate, "created_time": at(400 * 24 * time.Hour)},
	}}}}})
	b.server.Answer(metatest.Page+"/feed", fields{"data": []any{fields{"id": metatest.Page + "_900", "comments": fields{"data": []any{
		fields{"id": "900_1", "message": "Bij mij ook", "from": kate, "created_time": at(13 * time.Minute)},
	}}}}})
	b.server.Answer(metatest.Instagram+"/media", fields{"data": []any{fields{"id": "178", "comments": fields{"data": []any{
		fields{"id": "179", "text": "Hier ook", "username": "kate.j", "from": fields{"id": metatest.KateOnInstagram, "username": "kate.j"}, "timestamp": at(14 * time.Minute),
			"replies": fields{"data": []any{fields{"id": "180", "text": "Nog steeds", "username": "kate.j", "from": fields{"id": metatest.KateOnInstagram}, "timestamp": at(9 * time.Minute)}}}},
	}}}}})
	b.server.Answer(metatest.Account+"/message_templates", fields{"data": []any{}})
	b.deliver(t, metatest.Batch("page", metatest.Messaging(metatest.Page, metatest.Private(metatest.Kate, metatest.Page, "message", fields{"mid": "m_1", "text": "Geen bereik"}))))
	b.Environment.Run(b.App)
	b.Eventually("all of it", func() bool { return len(b.Accepted()) >= 6 })
	var got []string
	for _, m := range b.Accepted() {
		if len(m.Attachments) > 0 {
			m.Text += "(" + m.Attachments[0].Name + ")"
		}
		got = append(got, strings.TrimSpace(string(m.Direction)+" "+m.Text))
	}
	diff(t, "messages", []string{"Geen bereik", "out Van de inbox", "(kast.jpg)", "Bij mij ook", "Hier ook", "Nog steeds"}, got)
}
