package bluesky_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"loket/connectors"
	"loket/connectors/bluesky"
	"loket/connectors/bluesky/blueskytest"
	"loket/connectors/connectortest"
	"loket/internal/message"
	"loket/internal/secret"
)

type fields = map[string]any

const (
	notices = "app.bsky.notification.listNotifications"
	create  = "com.atproto.repo.createRecord"
	kate    = blueskytest.Kate
)

func settings(server *blueskytest.Server) *bluesky.Config {
	cfg := bluesky.Type().NewConfig().(*bluesky.Config)
	cfg.Handle, cfg.AppPassword, cfg.Service, cfg.Poll = blueskytest.Handle, secret.New(blueskytest.Password), server.URL, 20*time.Millisecond
	return cfg
}

// A bench is an account at a stand-in.
type bench struct {
	*connectortest.Environment
	*bluesky.Account
	server *blueskytest.Server
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{Environment: connectortest.New(t), server: blueskytest.Start(t)}
	b.Account = b.another(t)
	return b
}

func (b *bench) another(t *testing.T) *bluesky.Account {
	t.Helper()
	a, err := bluesky.New(*settings(b.server), b.Env("sky"))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// answer is one to Kate; what differs is changed.
func answer(to string, edit func(*message.Message)) *message.Message {
	m := &message.Message{
		ID: message.NewID([]byte("answer")), Direction: message.Out, Channel: "bluesky", Public: true, Text: "Wij kijken ernaar.", References: []string{kate + " " + to},
		To: []message.Identifier{{Kind: "did", Value: "plc:kate", Level: message.Attested}, {Kind: "bsky", Value: "kate.bsky.example", Level: message.Attested}},
	}
	edit(m)
	return m
}

func plain(*message.Message) {}

func TestConformance(t *testing.T) {
	const text = "De storing is terug in de straat"
	var server *blueskytest.Server
	said := false
	connectortest.Run(t, connectortest.Fixture{
		Type:   bluesky.Type(),
		Config: func(t *testing.T) any { server, said = blueskytest.Start(t), false; return settings(server) },
		Deliver: func(t testing.TB, c connectors.Connector) bool {
			if !said {
				said = server.Say("mention", text, nil) != ""
			}
			asked := server.Asked(notices)
			for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
				if server.Asked(notices) > asked+2 {
					return c.(connectors.Troubled).Trouble() == nil
				}
			}
			t.Fatal("notifications are not asked for")
			return false
		},
		Secrets: []string{blueskytest.Password},
		Private: []string{text, kate},
	})
}

func TestPostsBecomeMessages(t *testing.T) {
	connectortest.Golden(t, func(t *testing.T, payload string) []*message.Message {
		b := newBench(t)
		b.SetPosition("posts", "2026-11-01T00:00:00Z x")
		var notice fields
		if err := json.Unmarshal([]byte(payload), &notice); err != nil {
			t.Fatal(err)
		}
		b.server.Tell(notice)
		stop := b.Environment.Run(b.Account)
		b.Eventually("some passes", func() bool { return b.server.Asked(notices) > 2 })
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
	b.server.Say("mention", strings.Repeat("lang ", 1<<20), nil)
	b.server.Say("mention", "kort", nil)
	b.Environment.Run(b.Account)
	b.Eventually("both", func() bool { return len(b.Accepted()) == 2 })
	if n := len(b.Accepted()[0].Text) + len(b.Accepted()[1].Text); n > 64<<10+4 {
		t.Errorf("%d bytes of text", n)
	}
}

// What is told while nobody asks is found afterwards, page after page, once; what came long before is somebody else's.
func TestNothingIsMissedWhileNobodyAsked(t *testing.T) {
	b := newBench(t)
	b.server.Tell(fields{"reason": "mention", "uri": "at://" + kate + "/app.bsky.feed.post/3l6old", "author": fields{"did": kate}, "record": fields{"text": "oud"}, "indexedAt": "2026-01-01T00:00:00Z"})
	b.server.Say("mention", "one", nil)
	stop := b.Environment.Run(b.Account)
	b.Eventually("the first", func() bool { return len(b.Accepted()) == 1 })
	stop()
	for i := range 250 {
		b.server.Say("reply", fmt.Sprint("post ", i), nil)
	}
	b.Environment.Run(b.another(t))
	b.Eventually("the others", func() bool { return len(b.Accepted()) >= 251 })
	asked := b.server.Asked(notices)
	b.Eventually("further passes", func() bool { return b.server.Asked(notices) > asked+6 })
	if n := len(b.Accepted()); n != 251 {
		t.Errorf("%d messages, want 251", n)
	}
}

// Answers stand beneath what they answer and what began that; links and names are counted in bytes.
func TestAnswersStandBeneathThePost(t *testing.T) {
	b := newBench(t)
	root := b.server.Add(blueskytest.Self, fields{"text": "Storing in Delft"})
	post := b.server.Say("reply", "Nog steeds", fields{"reply": fields{"root": blueskytest.Ref(root), "parent": blueskytest.Ref(root)}})
	m := answer(post, func(m *message.Message) {
		m.Text, m.Language = "Één moment @kate.bsky.example, zie https://example.org/storing.", "nl"
	})
	got, err := b.Send(t.Context(), m)
	if err != nil || got.State != connectors.Sent || !strings.HasPrefix(got.ID, kate+" "+blueskytest.Self+"/") {
		t.Fatalf("Send = %+v, %v", got, err)
	}
	_, key, _ := strings.Cut(got.ID, "/")
	record := b.server.Records()[key]
	delete(record, "createdAt")
	want := fields{
		"$type": "app.bsky.feed.post", "text": m.Text, "langs": []any{"nl"}, "reply": fields{"root": blueskytest.Ref(root), "parent": blueskytest.Ref(post)},
		"facets": []any{
			fields{"index": fields{"byteStart": 37.0, "byteEnd": 64.0}, "features": []any{fields{"$type": "app.bsky.richtext.facet#link", "uri": "https://example.org/storing"}}},
			fields{"index": fields{"byteStart": 13.0, "byteEnd": 31.0}, "features": []any{fields{"$type": "app.bsky.richtext.facet#mention", "did": kate}}},
		},
	}
	if diff := cmp.Diff(want, record); diff != "" {
		t.Errorf("record (-want +got):\n%s", diff)
	}
	if m.Text[37:64] != "https://example.org/storing" || m.Text[13:31] != "@kate.bsky.example" {
		t.Error("the places are not those of the link and the name")
	}
}

// An answer of which nobody knows whether it was taken is looked up by its key: there is one of it, whatever is repeated.
func TestAnswerInDoubtIsLookedUp(t *testing.T) {
	b := newBench(t)
	m := answer(b.server.Say("mention", "Hallo", nil), plain)
	if _, found, err := b.Find(t.Context(), m); err != nil || found {
		t.Fatalf("Find = %v, %v, want nothing", found, err)
	}
	b.server.Fail(create, blueskytest.Fault{Status: 502, Taken: true})
	if _, err := b.Send(t.Context(), m); !connectors.IsInDoubt(err) {
		t.Fatalf("Send = %v, want doubt", err)
	}
	got, found, err := b.Find(t.Context(), m)
	if err != nil || !found {
		t.Fatalf("Find = %+v, %v, %v, want the answer", got, found, err)
	}
	again, err := b.Send(t.Context(), m)
	if err != nil || !cmp.Equal(again, got) || len(b.server.Records()) != 1 {
		t.Errorf("Send of what is there = %+v, %v, and %d posts", again, err, len(b.server.Records()))
	}
	other := answer("did:plc:kate/3l6oveex3iiaa", func(m *message.Message) { m.ID = message.NewID([]byte("other")) })
	if _, found, err := b.Find(t.Context(), other); err != nil || found {
		t.Errorf("Find of another = %v, %v", found, err)
	}
}

func TestRefusalsSayWhatToDo(t *testing.T) {
	type verdict struct{ Permanent, InDoubt, Later bool }
	for _, test := range []struct {
		name  string
		fault blueskytest.Fault
		want  verdict
		says  string
	}{
		{"refused", blueskytest.Fault{Status: 400, Says: "InvalidRecord"}, verdict{Permanent: true}, "does not take this"},
		{"session ended", blueskytest.Fault{Status: 400, Says: "ExpiredToken"}, verdict{}, "session has ended"},
		{"too fast", blueskytest.Fault{Status: 429, Says: "RateLimitExceeded"}, verdict{Later: true}, "429"},
		{"of a proxy", blueskytest.Fault{Status: 403}, verdict{}, "403"},
		{"trouble of their own", blueskytest.Fault{Status: 502, Says: "UpstreamFailure"}, verdict{InDoubt: true}, "502"},
		{"an answer lost", blueskytest.Fault{Taken: true}, verdict{InDoubt: true}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t)
			post := b.server.Say("mention", "Hallo", nil)
			b.server.Fail(create, test.fault)
			_, err := b.Send(t.Context(), answer(post, plain))
			got := verdict{connectors.IsPermanent(err), connectors.IsInDoubt(err), connectors.RetryAfter(err) > 0}
			if err == nil || got != test.want || !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), blueskytest.Password) {
				t.Errorf("Send = %v: %+v, want %+v, and %q", err, got, test.want, test.says)
			}
		})
	}
	b := newBench(t)
	if _, err := b.Send(t.Context(), answer(kate+"/3l6oveex3iizz", plain)); !connectors.IsPermanent(err) || !strings.Contains(err.Error(), "is gone") {
		t.Errorf("Send beneath what was deleted = %v", err)
	}
}

func TestAnswersThatBlueskyWouldRefuseAreRefusedBefore(t *testing.T) {
	b := newBench(t)
	for _, test := range []struct {
		name string
		edit func(*message.Message)
		want string
	}{
		{"as long as may be", func(m *message.Message) { m.Text = strings.Repeat("é", 300) }, ""},
		{"an emoji is one", func(m *message.Message) { m.Text = strings.Repeat("👩‍👩‍👧", 100) }, ""},
		{"too long", func(m *message.Message) { m.Text = strings.Repeat("a", 301) }, "at most 300 characters, not 301"},
		{"too many bytes", func(m *message.Message) { m.Text = strings.Repeat("👩‍👩‍👧", 200) }, "at most 3000 bytes"},
		{"in private", func(m *message.Message) { m.Public = false }, "private messages"},
		{"a file", func(m *message.Message) { m.Attachments = []message.Attachment{{Name: "a"}} }, "files"},
		{"nothing", func(m *message.Message) { m.Text = " " }, "nothing to send"},
		{"no post", func(m *message.Message) { m.References = nil }, "no post to answer"},
	} {
		err := b.Check(answer(kate+"/3l6oveex3ii22", test.edit))
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: Check = %v, want %q", test.name, err, test.want)
		}
	}
}

// Deletions are noticed; what a colleague posts in another program is ours, what loket posts is in its conversation already.
func TestDeletionsAndOwnPosts(t *testing.T) {
	b := newBench(t)
	post := b.server.Say("mention", "Hallo", nil)
	b.Environment.Run(b.Account)
	b.Eventually("the post", func() bool { return len(b.Accepted()) == 1 })
	if _, err := b.Send(t.Context(), answer(post, plain)); err != nil {
		t.Fatal(err)
	}
	everybody := b.server.Add(blueskytest.Self, fields{"text": "Storing in Delft"})
	b.Eventually("the post to everybody", func() bool { return len(b.Accepted()) == 2 })
	b.server.Add(blueskytest.Self, fields{"text": "Wij kijken", "reply": fields{"root": blueskytest.Ref(post), "parent": blueskytest.Ref(post)}})
	b.Eventually("the answer from elsewhere", func() bool { return len(b.Accepted()) == 3 })
	first, second := b.Accepted()[1], b.Accepted()[2]
	if first.Direction != message.Out || first.Own != "post "+everybody || first.To != nil {
		t.Errorf("post to everybody %+v", first)
	}
	if second.Direction != message.Out || len(second.To) != 2 || !cmp.Equal(second.References, []string{kate + " " + post}) || second.Text != "Wij kijken" {
		t.Errorf("answer from elsewhere %+v", second)
	}
	b.server.Delete(post)
	b.Eventually("the deletion", func() bool { return len(b.Accepted()) == 4 })
	if m := b.Accepted()[3]; m.Automatic != message.Notice || !cmp.Equal(m.References, []string{kate + " " + post}) {
		t.Errorf("deletion %+v", m)
	}
}

// What was posted again stands before newer posts and is as old as it is.
func TestPostsSaidAgainHideNoOwnPost(t *testing.T) {
	b := newBench(t)
	b.server.Add(blueskytest.Self, fields{"text": "Storing in Delft"})
	b.server.Repost(fields{"uri": "at://" + kate + "/app.bsky.feed.post/3l6old", "author": fields{"did": kate}, "indexedAt": "2026-01-01T00:00:00Z"})
	b.Environment.Run(b.Account)
	b.Eventually("the post of ours", func() bool { return len(b.Accepted()) == 1 })
}

// A session is renewed, and one signs in again only when that is refused.
func TestSessionsAreRenewed(t *testing.T) {
	b := newBench(t)
	b.server.Say("mention", "one", nil)
	b.Environment.Run(b.Account)
	b.Eventually("the first", func() bool { return len(b.Accepted()) == 1 })
	b.server.Live(30 * time.Second) // shorter than is used
	b.server.Say("mention", "two", nil)
	b.Eventually("the second", func() bool { return len(b.Accepted()) == 2 })
	if n := b.server.Signed(); n != 1 {
		t.Errorf("signed in %d times, want once", n)
	}
}

func TestSetupSaysWhatToSet(t *testing.T) {
	b := newBench(t)
	if lines, err := b.Setup(t.Context()); err != nil || !strings.Contains(strings.Join(lines, "\n"), "right    the password is that of did:plc:our") {
		t.Errorf("Setup = %q, %v", lines, err)
	}
	cfg := settings(b.server)
	cfg.AppPassword = secret.New("another-password")
	wrong, err := bluesky.New(*cfg, b.Env("sky"))
	if err != nil {
		t.Fatal(err)
	}
	if lines, err := wrong.Setup(t.Context()); err == nil || len(lines) != 2 || !strings.Contains(err.Error(), "does not take handle and app_password") {
		t.Errorf("Setup with a wrong password = %q, %v", lines, err)
	}
}

func TestConfigNamesAllMistakes(t *testing.T) {
	err := (&bluesky.Config{Handle: "kate", Service: "bsky", First: -1}).Validate()
	for _, path := range []string{"handle: ", "app_password: ", "service: ", "poll: ", "first: "} {
		if err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("Validate = %v, want %s", err, path)
		}
	}
}

func FuzzPosts(f *testing.F) {
	f.Add(`{"uri":"at://did:plc:kate/app.bsky.feed.post/3l6","author":{"did":"did:plc:kate"},"record":{"text":"één …","facets":[{"index":{"byteStart":1,"byteEnd":2},"features":[{"uri":"x"}]}]}}`)
	f.Add(`{"uri":7,"author":"kate","record":{"facets":[{"index":{"byteStart":-1,"byteEnd":99999999}}],"reply":{"root":{"uri":"/"}}}}`)
	a, err := bluesky.New(*settings(blueskytest.Start(f)), connectortest.New(f).Env("sky"))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, post string) {
		m := bluesky.Read(a, []byte(post))
		if !message.ValidID(m.ID) || strings.ToValidUTF8(m.Text+m.Name, "") != m.Text+m.Name || m.Received.IsZero() {
			t.Errorf("%s became %+v", post, m)
		}
	})
}
