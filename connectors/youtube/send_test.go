package youtube_test

import (
	"strings"
	"testing"

	"loket/connectors"
	"loket/connectors/youtube"
	"loket/connectors/youtube/youtubetest"
	"loket/internal/message"
	"loket/internal/secret"
)

// answer is one to Kate; what differs is changed.
func answer(edit func(*message.Message)) *message.Message {
	m := &message.Message{
		ID: message.NewID([]byte("answer")), Direction: message.Out, Channel: "youtube", Public: true, Text: "Wij kijken ernaar.",
		To: []message.Identifier{{Kind: "yt", Value: youtubetest.Kate, Level: message.Attested}, {Kind: "yt.handle", Value: "kate", Level: message.Attested}},
	}
	edit(m)
	return m
}

// Answers go into the thread; who answered in that of somebody else is named.
func TestAnswersGoIntoTheThread(t *testing.T) {
	b := newBench(t)
	thread := b.server.Say(youtubetest.Kate, "Geen bereik")
	reply := b.server.Reply(thread, youtubetest.Kate, "Hallo?")
	for _, test := range []struct{ own, text, want string }{
		{thread, "Hoi", "Hoi"}, {thread + "/2026-11-30T09:00:00Z", "Na het bewerken", "Na het bewerken"},
		{reply, "Hoi terug", "@kate Hoi terug"}, {reply, "Dag @Kate!", "Dag @Kate!"},
	} {
		got, err := b.Send(t.Context(), answer(func(m *message.Message) {
			m.Text, m.References = test.text, []string{youtubetest.Kate + "/" + test.own}
		}))
		if err != nil || !strings.HasPrefix(got.ID, youtubetest.Kate+"/"+thread+".") || got.State != connectors.Sent {
			t.Errorf("Send = %+v, %v", got, err)
		}
		ours := b.server.Ours()
		if last := ours[len(ours)-1]; last != thread+" "+test.want {
			t.Errorf("answered %q, want %q", last, test.want)
		}
	}
}

// An answer of which nobody knows whether it was taken is looked for before anything is sent again.
func TestAnswerInDoubtIsLookedFor(t *testing.T) {
	b := newBench(t)
	thread := b.server.Say(youtubetest.Kate, "Geen bereik")
	m := answer(func(m *message.Message) { m.References = []string{youtubetest.Kate + "/" + thread} })
	if _, found, err := b.Find(t.Context(), m); err != nil || found {
		t.Fatalf("Find = %v, %v, want nothing", found, err)
	}
	b.server.Fail("POST /comments", youtubetest.Fault{Status: 503, Taken: true})
	if _, err := b.Send(t.Context(), m); !connectors.IsInDoubt(err) {
		t.Fatalf("Send = %v, want doubt", err)
	}
	if got, found, err := b.Find(t.Context(), m); err != nil || !found || !strings.HasPrefix(got.ID, youtubetest.Kate+"/"+thread+".") {
		t.Fatalf("Find = %+v, %v, %v, want the answer", got, found, err)
	}
	if _, found, err := b.Find(t.Context(), m); err != nil || !found {
		t.Errorf("Find of it again = %v, %v", found, err)
	}
	m.ID = message.NewID([]byte("another"))
	if _, found, err := b.Find(t.Context(), m); err != nil || found {
		t.Errorf("Find of another with the same words = %v, %v, want none", found, err)
	}
}

func TestRefusalsSayWhatToDo(t *testing.T) {
	type verdict struct{ Permanent, InDoubt, Later bool }
	for _, test := range []struct {
		name  string
		fault youtubetest.Fault
		want  verdict
		says  string
	}{
		{"comments are off", youtubetest.Fault{Status: 403, Reason: "commentsDisabled"}, verdict{Permanent: true}, "switched off"},
		{"nothing left", youtubetest.Fault{Status: 403, Reason: "quotaExceeded"}, verdict{Later: true}, "quota of the project"},
		{"too fast", youtubetest.Fault{Status: 403, Reason: "rateLimitExceeded"}, verdict{}, "too often"},
		{"gone", youtubetest.Fault{Status: 404, Reason: "parentCommentNotFound"}, verdict{Permanent: true}, "is gone"},
		{"forbidden", youtubetest.Fault{Status: 403, Reason: "forbidden"}, verdict{Permanent: true}, "does not let us"},
		{"too long", youtubetest.Fault{Status: 400, Reason: "commentTextTooLong"}, verdict{Permanent: true}, "longer than"},
		{"of a proxy", youtubetest.Fault{Status: 403}, verdict{}, "403"},
		{"trouble of their own", youtubetest.Fault{Status: 500, Reason: "backendError"}, verdict{InDoubt: true}, "500"},
		{"an answer lost", youtubetest.Fault{Taken: true}, verdict{InDoubt: true}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t)
			thread := b.server.Say(youtubetest.Kate, "Geen bereik")
			b.server.Fail("POST /comments", test.fault)
			_, err := b.Send(t.Context(), answer(func(m *message.Message) { m.References = []string{youtubetest.Kate + "/" + thread} }))
			got := verdict{connectors.IsPermanent(err), connectors.IsInDoubt(err), connectors.RetryAfter(err) > 0}
			if err == nil || got != test.want || !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "access-") {
				t.Errorf("Send = %v: %+v, want %+v, and %q", err, got, test.want, test.says)
			}
		})
	}
}

func TestAnswersThatYouTubeWouldRefuseAreRefusedBefore(t *testing.T) {
	b := newBench(t)
	for _, test := range []struct {
		name string
		m    *message.Message
		want string
	}{
		{"as long as may be", answer(func(m *message.Message) { m.Text = strings.Repeat("é", 10_000) }), ""},
		{"too long", answer(func(m *message.Message) { m.Text = strings.Repeat("a", 10_001) }), "at most 10000 characters"},
		{"in private", answer(func(m *message.Message) { m.Public = false }), "no private messages"},
		{"a file", answer(func(m *message.Message) { m.Attachments = []message.Attachment{{Name: "a"}} }), "no files"},
		{"nothing", answer(func(m *message.Message) { m.Text = "" }), "nothing to send"},
		{"no comment", answer(func(m *message.Message) { m.References = nil }), "no comment to answer"},
	} {
		if test.name != "no comment" {
			test.m.References = []string{youtubetest.Kate + "/Ugx1"}
		}
		err := b.Check(test.m)
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: Check = %v, want %q", test.name, err, test.want)
		}
	}
}

func TestSetupSaysWhatToSet(t *testing.T) {
	b := newBench(t)
	lines, err := b.Setup(t.Context())
	if got := strings.Join(lines, "\n"); err != nil || !strings.Contains(got, `right    the token is that of the owner of "Example"`) || !strings.Contains(got, "youtube.force-ssl") {
		t.Errorf("Setup = %v\n%s", err, got)
	}
	other := b.another(t, func(cfg *youtube.Config) { cfg.ChannelID = youtubetest.Kate })
	if lines, err := other.Setup(t.Context()); err != nil || !strings.HasPrefix(lines[3], "WRONG") {
		t.Errorf("Setup of another's channel = %q, %v", lines, err)
	}
	wrong := b.another(t, func(cfg *youtube.Config) { cfg.RefreshToken = secret.New("another-token") })
	if lines, err := wrong.Setup(t.Context()); err == nil || len(lines) != 3 || strings.Contains(err.Error(), "another-token") {
		t.Errorf("Setup with a wrong token = %q, %v", lines, err)
	}
}

func TestConfigNamesAllMistakes(t *testing.T) {
	cfg := youtube.Config{ChannelID: "@kate", First: -1, Reserve: -1, APIURL: "youtube", TokenURL: "x", ClientID: ""}
	err := cfg.Validate()
	for _, path := range []string{"channel_id: ", "client_id: ", "client_secret: ", "refresh_token: ", "poll: ", "first: ", "daily_units: ", "reserve: ", "max_length: ", "api_url: "} {
		if err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("Validate = %v, want %s", err, path)
		}
	}
}
