package mastodon_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"loket/connectors"
	"loket/connectors/connectortest"
	"loket/connectors/mastodon"
	"loket/connectors/mastodon/mastodontest"
	"loket/internal/message"
	"loket/internal/secret"
)

type fields = map[string]any

func settings(server *mastodontest.Server) *mastodon.Config {
	cfg := mastodon.Type().NewConfig().(*mastodon.Config)
	cfg.Server, cfg.Token, cfg.Poll = server.URL, secret.New(mastodontest.Token), 20*time.Millisecond
	return cfg
}

// A bench is an account at a stand-in.
type bench struct {
	*connectortest.Environment
	*mastodon.Account
	server *mastodontest.Server
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{Environment: connectortest.New(t), server: mastodontest.Start(t)}
	a, err := mastodon.New(*settings(b.server), b.Env("fedi"))
	if err != nil {
		t.Fatal(err)
	}
	b.Account = a
	return b
}

func TestConformance(t *testing.T) {
	const text = "De storing is terug in de straat"
	var server *mastodontest.Server
	var notice string
	connectortest.Run(t, connectortest.Fixture{
		Type: mastodon.Type(),
		Config: func(t *testing.T) any {
			server, notice = mastodontest.Start(t), ""
			return settings(server)
		},
		Deliver: func(t testing.TB, _ connectors.Connector) bool {
			if notice == "" {
				_, notice = server.Say(text, fields{"media_attachments": []fields{{"url": server.Keep("brief.png", "\x89PNG\r\n\x1a\n")}}})
			}
			return confirmed(t, server, notice)
		},
		Reply: &message.Message{
			ID: message.NewID([]byte("reply")), Direction: message.Out, Channel: "mastodon", Thread: message.NewID([]byte("thread")),
			To: []message.Identifier{{Kind: "fedi.user", Value: "kate@other.example", Level: message.Attested}}, Text: "Wij kijken ernaar",
		},
		Secrets: []string{mastodontest.Token},
		Private: []string{text, "kate@other.example", "Wij kijken ernaar"},
	})
}

// confirmed waits until what comes after a notification was asked for, or it was listed again without being taken.
func confirmed(t testing.TB, server *mastodontest.Server, notice string) bool {
	t.Helper()
	asked := server.Asked("GET /api/v1/notifications")
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		if server.Confirmed(notice) {
			return true
		}
		if server.Asked("GET /api/v1/notifications") > asked+3 {
			return false
		}
	}
	t.Fatal("notifications are not asked for")
	return false
}

func TestPostsBecomeMessages(t *testing.T) {
	var at string
	connectortest.Golden(t, func(t *testing.T, payload string) []*message.Message {
		b := newBench(t)
		at = b.server.URL
		b.server.Keep("kast.jpg", "\xff\xd8\xff\xe0\x00\x10JFIF one")
		var notice fields
		if err := json.Unmarshal([]byte(strings.ReplaceAll(payload, "SERVER", at)), &notice); err != nil {
			t.Fatal(err)
		}
		b.SetPosition("mentions", "1")
		if _, text := notice["id"].(string); !text {
			notice["id"] = "5001" // the stand-in counts in text
		}
		b.server.Tell(notice)
		stop := b.Environment.Run(b.Account)
		b.Eventually("it to be taken", func() bool { return b.server.Confirmed("5001") })
		stop()
		var said []*message.Message
		for _, m := range b.Accepted() {
			if m.Automatic == message.ByPerson { // the stand-in has no such post, so that it is gone at once
				said = append(said, m)
			}
		}
		return said
	}, strings.NewReplacer())
}

// Whatever is sent, what is kept of it is bounded, and what came after it is not held up.
func TestFiveMegabytesAreBounded(t *testing.T) {
	b := newBench(t)
	b.server.Say(strings.Repeat("lang ", 1<<20), fields{"spoiler_text": strings.Repeat("x", 1<<20)})
	b.server.Say("kort", nil)
	b.Environment.Run(b.Account)
	b.Eventually("both", func() bool { return len(b.Accepted()) == 2 })
	if m := b.Accepted()[0]; len(m.Text) > 64<<10 || len(m.Subject) > 500 {
		t.Errorf("%d bytes of text, %d of subject", len(m.Text), len(m.Subject))
	}
}

// What is told while nobody asks is found afterwards, however much it is, once, and from senders that the server hides.
func TestNothingIsMissedWhileNobodyAsked(t *testing.T) {
	b := newBench(t)
	_, first := b.server.Say("one", nil)
	stop := b.Environment.Run(b.Account)
	b.Eventually("the first", func() bool { return b.server.Confirmed(first) })
	stop()
	last := ""
	for range 200 {
		p := b.server.Add(fields{"content": "<p>hoi</p>", "account": mastodontest.Kate()})
		last = b.server.Tell(fields{"type": "mention", "filtered": true, "status": b.server.Post(p)})
	}
	again, err := mastodon.New(*settings(b.server), b.Env("fedi"))
	if err != nil {
		t.Fatal(err)
	}
	b.Environment.Run(again)
	b.Eventually("the last", func() bool { return b.server.Confirmed(last) })
	if n := len(b.Accepted()); n != 201 {
		t.Errorf("%d messages, want 201", n)
	}
}

// What came before the account was connected is somebody else's, but for the last day.
func TestFirstAskingGoesNotFarBack(t *testing.T) {
	b := newBench(t)
	for i := range 100 {
		p := b.server.Add(fields{"content": "<p>hoi</p>", "account": mastodontest.Kate()})
		age := time.Hour
		if i < 5 {
			age = 30 * time.Hour
		}
		b.server.Tell(fields{"type": "mention", "status": b.server.Post(p), "created_at": time.Now().Add(-age).UTC().Format(time.RFC3339)})
	}
	b.Environment.Run(b.Account)
	b.Eventually("those of the last day", func() bool { return len(b.Accepted()) >= 95 })
	b.Eventually("a further pass", func() bool { return b.server.Asked("GET /api/v1/notifications") > 5 })
	if n := len(b.Accepted()); n != 95 {
		t.Errorf("%d messages, want 95", n)
	}
}

// The stream tells at once what asking would find in its time; when it is cut, what came meanwhile is found.
func TestStreamBringsWhatIsNewAtOnce(t *testing.T) {
	b := newBench(t)
	cfg := settings(b.server)
	cfg.Poll = time.Hour
	a, err := mastodon.New(*cfg, b.Env("fedi"))
	if err != nil {
		t.Fatal(err)
	}
	b.Environment.Run(a)
	const stream = "GET /api/v1/streaming/user/notification"
	b.Eventually("the stream", func() bool { return b.server.Asked(stream) == 1 })
	b.server.Say("one", nil)
	b.Eventually("the first", func() bool { return len(b.Accepted()) == 1 })
	b.server.Fail(stream, mastodontest.Fault{Status: http.StatusBadGateway})
	b.server.Cut()
	b.server.Say("two", nil)
	b.Eventually("what came while there was no stream", func() bool { return len(b.Accepted()) == 2 && b.server.Asked(stream) >= 3 })
}

func TestEditsAndDeletionsAreFound(t *testing.T) {
	b := newBench(t)
	post, _ := b.server.Say("Geen bereik in Delft", fields{"in_reply_to_id": "8000"})
	b.Environment.Run(b.Account)
	b.Eventually("the post", func() bool { return len(b.Accepted()) == 1 })
	b.server.Edit(post, fields{"content": "<p>Geen bereik in Breda</p>"})
	b.Eventually("the edit", func() bool { return len(b.Accepted()) == 2 })
	edited := *b.Accepted()[1]
	if !strings.HasPrefix(edited.Own, "77/"+post+"/20") || edited.ID == b.Accepted()[0].ID {
		t.Errorf("own id %q", edited.Own)
	}
	want := message.Message{
		Connector: "fedi", Channel: "mastodon", Public: true, Text: "Geen bereik in Breda", References: []string{"77/" + post, "77/8000"}, Answers: []string{"post/8000"},
		Marks: []string{mastodon.MarkEdited}, From: b.Accepted()[0].From, Name: "Kate Jansen", Link: b.Accepted()[0].Link,
	}
	edited.ID, edited.Own, edited.Sent, edited.Received = "", "", time.Time{}, time.Time{}
	if diff := cmp.Diff(want, edited); diff != "" {
		t.Errorf("edit (-want +got):\n%s", diff)
	}
	b.server.Delete(post)
	b.Eventually("the deletion", func() bool { return len(b.Accepted()) == 3 })
	gone := b.Accepted()[2]
	if gone.Direction != message.Out || gone.Automatic != message.Notice || !gone.Public || !cmp.Equal(gone.References, []string{"77/" + post}) {
		t.Errorf("deletion %+v", gone)
	}
}

// What a colleague posts in another program is ours; what loket posts itself is in its conversation already.
func TestOwnPostsFromElsewhereAreOurs(t *testing.T) {
	b := newBench(t)
	us := fields{"account": mastodontest.Us(), "application": fields{"name": "Web"}}
	toKate := fields{"content": "<p>Wij kijken</p>", "in_reply_to_id": "9001", "in_reply_to_account_id": "77", "mentions": []fields{mastodontest.Kate()}}
	b.server.Add(fields{"content": "<p>by loket</p>"}, us, fields{"application": fields{"name": mastodontest.App}})
	everybody := b.server.Add(fields{"content": "<p>Storing in Delft</p>"}, us)
	b.server.Add(fields{"content": "<p>a note</p>", "visibility": "direct"}, us)
	answer := b.server.Add(us, toKate)
	direct := b.server.Add(us, fields{"content": "<p>Welk nummer?</p>", "visibility": "direct", "mentions": []fields{mastodontest.Kate()}})
	b.Environment.Run(b.Account)
	b.Eventually("three of them", func() bool { return len(b.Accepted()) == 3 })
	type said struct {
		Own, Text string
		Public    bool
		Refs      []string
		To        []message.Identifier
	}
	var got []said
	for _, m := range b.Accepted() {
		if m.Direction != message.Out || m.From != nil {
			t.Errorf("message %+v is not ours", m)
		}
		got = append(got, said{m.Own, m.Text, m.Public, m.References, m.To})
	}
	kate := []message.Identifier{{Kind: "fedi", Value: "https://other.example/@Kate", Level: message.Attested}, {Kind: "fedi.user", Value: "kate@other.example", Level: message.Attested}}
	want := []said{
		{"post/" + everybody, "Storing in Delft", true, nil, nil},
		{"77/" + answer, "Wij kijken", true, []string{"77/9001"}, kate},
		{"77/" + direct, "Welk nummer?", false, []string{"direct/kate@other.example"}, kate},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
}

func FuzzPosts(f *testing.F) {
	f.Add(`{"id":"1","content":"<p>hoi</p>","account":{"id":"7","acct":"kate","url":"https://a.example/@kate"}}`)
	f.Add(`{"id":1,"content":"<a href=x>","visibility":"direct","account":{"acct":"@@"},"mentions":[{"acct":""}],"media_attachments":[{"url":"%"}]}`)
	f.Add(`{"edited_at":"x","in_reply_to_id":"/","spoiler_text":"\u0000"}`)
	server := mastodontest.Start(f)
	e := connectortest.New(f)
	a, err := mastodon.New(*settings(server), e.Env("fedi"))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, post string) {
		m, err := mastodon.Read(t.Context(), a, []byte(post))
		if err != nil {
			t.Fatal(err)
		}
		if !message.ValidID(m.ID) || strings.ToValidUTF8(m.Text+m.Name+m.Subject, "") != m.Text+m.Name+m.Subject || m.Received.IsZero() {
			t.Errorf("%s became %+v", post, m)
		}
	})
}
