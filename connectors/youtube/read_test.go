package youtube_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"loket/connectors"
	"loket/connectors/connectortest"
	"loket/connectors/youtube"
	"loket/connectors/youtube/youtubetest"
	"loket/internal/message"
	"loket/internal/secret"
)

type fields = map[string]any

func settings(server *youtubetest.Server) *youtube.Config {
	cfg := youtube.Type().NewConfig().(*youtube.Config)
	cfg.ChannelID, cfg.ClientID, cfg.ClientSecret, cfg.RefreshToken = youtubetest.Channel, youtubetest.Client, secret.New(youtubetest.Secret), secret.New(youtubetest.Refresh)
	cfg.APIURL, cfg.TokenURL, cfg.Poll, cfg.DailyUnits = server.URL, server.URL+"/token", 20*time.Millisecond, 1_000_000
	return cfg
}

// A bench is a channel at a stand-in.
type bench struct {
	*connectortest.Environment
	*youtube.Channel
	server *youtubetest.Server
}

func newBench(t *testing.T, edits ...func(*youtube.Config)) *bench {
	t.Helper()
	b := &bench{Environment: connectortest.New(t), server: youtubetest.Start(t)}
	b.Channel = b.another(t, edits...)
	return b
}

// another is the channel after a restart.
func (b *bench) another(t *testing.T, edits ...func(*youtube.Config)) *youtube.Channel {
	t.Helper()
	cfg := settings(b.server)
	for _, edit := range edits {
		edit(cfg)
	}
	c, err := youtube.New(*cfg, b.Env("tube"))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const comments = "GET /commentThreads"

func TestConformance(t *testing.T) {
	const text = "De storing is terug in de straat"
	var server *youtubetest.Server
	var thread string
	connectortest.Run(t, connectortest.Fixture{
		Type: youtube.Type(),
		Config: func(t *testing.T) any {
			server, thread = youtubetest.Start(t), ""
			cfg := settings(server)
			cfg.Held = false
			return cfg
		},
		Deliver: func(t testing.TB, c connectors.Connector) bool {
			if thread == "" {
				thread = server.Say(youtubetest.Kate, text)
			}
			asked := server.Asked(comments)
			for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
				if server.Asked(comments) > asked+2 {
					return c.(connectors.Troubled).Trouble() == nil
				}
			}
			t.Fatal("comments are not asked for")
			return false
		},
		Secrets: []string{youtubetest.Secret, youtubetest.Refresh, "access-1"},
		Private: []string{text, youtubetest.Kate},
	})
}

func TestCommentsBecomeMessages(t *testing.T) {
	connectortest.Golden(t, func(t *testing.T, payload string) []*message.Message {
		b := newBench(t, func(cfg *youtube.Config) { cfg.First = 30 * 24 * time.Hour })
		b.SetPosition("comments", "2026-11-01T00:00:00Z x")
		var raw fields
		if err := json.Unmarshal([]byte(payload), &raw); err != nil {
			t.Fatal(err)
		}
		b.server.Begin(&youtubetest.Thread{Raw: raw})
		stop := b.Environment.Run(b.Channel)
		b.Eventually("some passes", func() bool { return b.server.Asked(comments) > 5 })
		stop()
		return b.Accepted()
	}, strings.NewReplacer())
}

func texts(b *bench) (all []string) {
	for _, m := range b.Accepted() {
		all = append(all, m.Text)
	}
	return all
}

// Whatever is sent, what is kept of it is bounded, and what came after it is not held up.
func TestFiveMegabytesAreBounded(t *testing.T) {
	b := newBench(t)
	b.server.Say(youtubetest.Kate, strings.Repeat("lang ", 1<<19))
	b.server.Say(youtubetest.Kate, "kort")
	b.Environment.Run(b.Channel)
	b.Eventually("both", func() bool { return len(b.Accepted()) == 2 })
	if n := len(b.Accepted()[0].Text) + len(b.Accepted()[1].Text); n > 64<<10+4 {
		t.Errorf("%d bytes of text", n)
	}
}

// New answers stand on no first page: threads are looked at again, also after a restart, and each answer is there once.
func TestAnswersInOldThreadsAreFound(t *testing.T) {
	b := newBench(t)
	thread := b.server.Say(youtubetest.Kate, "Geen bereik")
	stop := b.Environment.Run(b.Channel)
	b.Eventually("the comment", func() bool { return len(b.Accepted()) == 1 })
	for i := range 5 { // more than a thread shows of itself
		b.server.Reply(thread, youtubetest.Piet, fmt.Sprint("Bij mij ook ", i))
	}
	b.Eventually("the answers", func() bool { return len(b.Accepted()) == 6 })
	stop()
	last := b.server.Reply(thread, youtubetest.Kate, "Nog steeds")
	b.Environment.Run(b.another(t))
	b.Eventually("what came meanwhile", func() bool { return len(b.Accepted()) == 7 })
	got := *b.Accepted()[6]
	want := message.Message{
		Connector: "tube", Channel: "youtube", Public: true, Own: youtubetest.Kate + "/" + last, References: []string{youtubetest.Kate + "/" + thread}, Name: "@kate", Text: "Nog steeds",
		From: []message.Identifier{{Kind: "yt", Value: youtubetest.Kate, Level: message.Attested}, {Kind: "yt.handle", Value: "kate", Level: message.Attested}},
		Link: "https://www.youtube.com/watch?v=dQw4w9WgXcQ&lc=" + last, AnswersLink: "https://www.youtube.com/watch?v=dQw4w9WgXcQ",
	}
	got.ID, got.Sent, got.Received = "", time.Time{}, time.Time{}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
	if refs := b.Accepted()[1].References; !cmp.Equal(refs, []string{youtubetest.Piet + "/" + thread}) {
		t.Errorf("the conversation of somebody else is %q", refs)
	}
}

func TestEditsAndDeletionsAreFound(t *testing.T) {
	b := newBench(t)
	thread := b.server.Begin(&youtubetest.Thread{Top: youtubetest.Comment{Author: youtubetest.Kate, Text: "Geen bereik in Delft", At: time.Now().Add(-time.Hour)}})
	b.server.Reply(thread, youtubetest.Piet, "Hier ook")
	b.Environment.Run(b.Channel)
	b.Eventually("both", func() bool { return len(b.Accepted()) == 2 })
	b.server.Change(thread, func(t *youtubetest.Thread) {
		t.Top.Text, t.Top.Edited = "Geen bereik in Breda", time.Now().Add(-time.Minute)
	})
	b.Eventually("the edit", func() bool { return len(b.Accepted()) == 3 })
	if m := b.Accepted()[2]; m.Text != "Geen bereik in Breda" || !cmp.Equal(m.Marks, []string{youtube.MarkEdited}) || m.References[0] != youtubetest.Kate+"/"+thread {
		t.Errorf("edit %+v", m)
	}
	b.server.Change(thread, func(t *youtubetest.Thread) { t.Answers = nil })
	b.Eventually("that an answer is gone", func() bool { return len(b.Accepted()) == 4 })
	b.server.Delete(thread)
	b.Eventually("that the thread is gone", func() bool { return len(b.Accepted()) == 5 })
	for i, of := range []string{youtubetest.Piet, youtubetest.Kate} {
		if m := b.Accepted()[3+i]; m.Direction != message.Out || m.Automatic != message.Notice || !strings.HasPrefix(m.References[0], of+"/") {
			t.Errorf("deletion %+v", m)
		}
	}
}

// What YouTube holds back is taken in, marked, and is no other comment when it is let through.
func TestHeldCommentsAreTakenIn(t *testing.T) {
	b := newBench(t)
	thread := b.server.Begin(&youtubetest.Thread{Top: youtubetest.Comment{Author: youtubetest.Kate, Text: "Zie http://x.example"}, Held: true})
	b.Environment.Run(b.Channel)
	b.Eventually("the comment", func() bool { return len(b.Accepted()) == 1 })
	if m := b.Only(); !cmp.Equal(m.Marks, []string{youtube.MarkHeld}) || !m.Public {
		t.Errorf("comment %+v", m)
	}
	asked := b.server.Asked(comments)
	b.Eventually("looks at what is held", func() bool { return b.server.Asked(comments) > asked+6 })
	b.server.Change(thread, func(t *youtubetest.Thread) { t.Held = false })
	b.server.Reply(thread, youtubetest.Piet, "Hier ook")
	b.Eventually("an answer to it", func() bool { return len(b.Accepted()) == 2 })
	if diff := cmp.Diff([]string{"Zie http://x.example", "Hier ook"}, texts(b)); diff != "" {
		t.Errorf("texts (-want +got):\n%s", diff)
	}
}

// What a colleague answers on YouTube itself is ours; our own comments begin no task.
func TestOwnAnswersFromElsewhereAreOurs(t *testing.T) {
	b := newBench(t)
	b.server.Say(youtubetest.Channel, "Kijk ook naar deel 2")
	thread := b.server.Say(youtubetest.Kate, "Geen bereik")
	b.server.Reply(thread, youtubetest.Channel, "Wij kijken")
	b.Environment.Run(b.Channel)
	b.Eventually("both", func() bool { return len(b.Accepted()) == 2 })
	m := b.Accepted()[1]
	if m.Direction != message.Out || m.Text != "Wij kijken" || m.From != nil || len(m.To) != 2 || !cmp.Equal(m.References, []string{youtubetest.Kate + "/" + thread}) {
		t.Errorf("message %+v", m)
	}
	if _, err := b.Send(t.Context(), answer(func(m *message.Message) { m.References = []string{youtubetest.Kate + "/" + thread} })); err != nil {
		t.Fatal(err)
	}
	b.server.Reply(thread, youtubetest.Kate, "Dank")
	b.Eventually("the thanks", func() bool { return len(b.Accepted()) == 3 })
	if diff := cmp.Diff([]string{"Geen bereik", "Wij kijken", "Dank"}, texts(b)); diff != "" {
		t.Errorf("texts (-want +got):\n%s", diff)
	}
}

// An answer of ours is to whom it names first, else to whoever wrote last.
func TestOwnAnswersGoToWhomTheyAnswer(t *testing.T) {
	b := newBench(t)
	thread := b.server.Say(youtubetest.Kate, "Geen bereik")
	for i, one := range [][2]string{{youtubetest.Piet, "Hier ook"}, {youtubetest.Channel, "Wij kijken"}, {youtubetest.Channel, "@kate, is het over?"}} {
		b.server.Reply(thread, one[0], one[1])
		b.server.Change(thread, func(t *youtubetest.Thread) {
			t.Top.At, t.Answers[i].At = time.Now().Add(-time.Hour), time.Now().Add(time.Duration(i-10)*time.Minute)
		})
	}
	b.Environment.Run(b.Channel)
	b.Eventually("all of them", func() bool { return len(b.Accepted()) == 4 })
	for i, who := range []string{youtubetest.Piet, youtubetest.Kate} {
		if m := b.Accepted()[2+i]; m.Direction != message.Out || !cmp.Equal(m.References, []string{who + "/" + thread}) || m.To[0].Value != who {
			t.Errorf("answer %+v is not to %s", m, who)
		}
	}
}

// One list that lacks its items says nothing of what was deleted, and one thread that can't be read holds up no other.
func TestThreadThatCannotBeReadHoldsUpNoOther(t *testing.T) {
	b := newBench(t)
	bad := b.server.Say(youtubetest.Kate, "eerste")
	for i := range 5 {
		b.server.Reply(bad, youtubetest.Piet, fmt.Sprint(i))
	}
	b.server.Say(youtubetest.Kate, "tweede")
	b.server.Fail("GET /comments", youtubetest.Fault{Status: 403, Reason: "commentsDisabled"})
	b.Environment.Run(b.Channel)
	b.Eventually("both", func() bool { return len(b.Accepted()) == 2 && b.Trouble() == nil })
	first := b.Accepted()[0]
	if first.Problem == "" || !strings.Contains(first.Text, "eerste") {
		t.Errorf("what cannot be read is %+v", first)
	}
}

// Pages are read until what is known, and no further.
func TestManyCommentsAreAllTakenIn(t *testing.T) {
	b := newBench(t)
	for i := range 250 {
		b.server.Say(youtubetest.Kate, fmt.Sprint("comment ", i))
	}
	b.server.Begin(&youtubetest.Thread{Top: youtubetest.Comment{Author: youtubetest.Kate, Text: "oud", At: time.Now().Add(-48 * time.Hour)}})
	b.Environment.Run(b.Channel)
	b.Eventually("all of them", func() bool { return len(b.Accepted()) >= 250 })
	asked := b.server.Asked(comments)
	b.Eventually("further passes", func() bool { return b.server.Asked(comments) > asked+9 })
	if n := len(b.Accepted()); n != 250 {
		t.Errorf("%d messages, want 250", n)
	}
}

// The day's budget holds over restarts, leaves answers their part, and is told of.
func TestBudgetIsKeptToAndTold(t *testing.T) {
	small := func(cfg *youtube.Config) { cfg.DailyUnits, cfg.Reserve = 199, 99 }
	b := newBench(t, small)
	thread := b.server.Say(youtubetest.Kate, "Geen bereik")
	stop := b.Environment.Run(b.Channel)
	b.Eventually("the budget to be used", func() bool { return b.Trouble() != nil && strings.Contains(b.Trouble().Error(), "daily_units") })
	stop()
	if n := b.Logged.FilterMessage("the day's budget of YouTube is nearly used").Len(); n != 1 {
		t.Errorf("told %d times, want once", n)
	}
	units := b.server.Units()
	again := b.another(t, small)
	b.Environment.Run(again)
	b.Eventually("it to be used still", func() bool { return again.Trouble() != nil })
	if now := b.server.Units(); units > 101 || now > units+1 {
		t.Errorf("%d units, and %d after a restart, want 100", units, now)
	}
	for i, want := range []bool{true, false} {
		m := answer(func(m *message.Message) {
			m.References, m.Text = []string{youtubetest.Kate + "/" + thread}, fmt.Sprint("answer ", i)
		})
		_, err := again.Send(t.Context(), m)
		if (err == nil) != want || err != nil && connectors.RetryAfter(err) == 0 {
			t.Errorf("answer %d: %v", i, err)
		}
	}
}

// Google itself says that nothing is left: asking waits for the next day.
func TestQuotaOfGoogleIsTold(t *testing.T) {
	b := newBench(t)
	b.server.Fail(comments, youtubetest.Fault{Status: 403, Reason: "quotaExceeded"}, youtubetest.Fault{Status: 403, Reason: "quotaExceeded"})
	b.Environment.Run(b.Channel)
	b.Eventually("trouble", func() bool {
		return b.Trouble() != nil && strings.Contains(b.Trouble().Error(), "quota of the project")
	})
}

// A token that ends is replaced; a refresh token that is refused is told.
func TestTokensAreRenewed(t *testing.T) {
	b := newBench(t)
	b.server.Say(youtubetest.Kate, "one")
	b.Environment.Run(b.Channel)
	b.Eventually("the first", func() bool { return len(b.Accepted()) == 1 })
	b.server.Expire()
	b.server.Say(youtubetest.Kate, "two")
	b.Eventually("the second", func() bool { return len(b.Accepted()) == 2 && b.Trouble() == nil })
	wrong := b.another(t, func(cfg *youtube.Config) { cfg.RefreshToken = secret.New("another-token") })
	b.Environment.Run(wrong)
	b.Eventually("trouble", func() bool {
		return wrong.Trouble() != nil && strings.Contains(wrong.Trouble().Error(), "invalid_grant") && !strings.Contains(wrong.Trouble().Error(), "another-token")
	})
}

func FuzzComments(f *testing.F) {
	f.Add(`{"id":"Ugx1","snippet":{"authorChannelId":{"value":"UC000000000000000000kate"},"textDisplay":"hoi","publishedAt":"2026-11-30T09:00:00Z"}}`)
	f.Add(`{"id":7,"snippet":{"authorChannelUrl":"youtube.com/@%zz","updatedAt":"x","publishedAt":[]}}`)
	server := youtubetest.Start(f)
	c, err := youtube.New(*settings(server), connectortest.New(f).Env("tube"))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, comment string) {
		m := youtube.Read(c, []byte(comment))
		if !message.ValidID(m.ID) || strings.ToValidUTF8(m.Text+m.Name, "") != m.Text+m.Name || m.Received.IsZero() {
			t.Errorf("%s became %+v", comment, m)
		}
	})
}
