package mastodon_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"loket/connectors"
	"loket/connectors/mastodon"
	"loket/connectors/mastodon/mastodontest"
	"loket/internal/message"
	"loket/internal/secret"
)

// answer is one to Kate; what differs is changed.
func answer(edit func(*message.Message)) *message.Message {
	m := &message.Message{
		ID: message.NewID([]byte("answer")), Direction: message.Out, Channel: "mastodon", Public: true, Text: "Wij kijken ernaar.", Language: "nl",
		To: []message.Identifier{{Kind: "fedi", Value: "https://other.example/@Kate", Level: message.Attested}, {Kind: "fedi.user", Value: "kate@other.example", Level: message.Attested}},
	}
	edit(m)
	return m
}

// Answers are seen by no more people than what they answer, name whom they are for, and keep a content warning.
func TestAnswersGoWhereTheCustomerWrote(t *testing.T) {
	for _, test := range []struct {
		name    string
		post    fields // what is answered; nil begins a conversation
		public  bool
		text    string
		want    url.Values
		receipt string
	}{
		{"in public", fields{}, true, "Hoi", url.Values{"status": {"@Kate@other.example Hoi"}, "visibility": {"public"}}, "77/"},
		{"unlisted", fields{"visibility": "unlisted"}, true, "Hoi", url.Values{"status": {"@Kate@other.example Hoi"}, "visibility": {"unlisted"}}, "77/"},
		{"to followers", fields{"visibility": "private"}, true, "Hoi", url.Values{"status": {"@Kate@other.example Hoi"}, "visibility": {"direct"}}, "77/"},
		{"to whom the server knows by another word", fields{"visibility": "limited"}, true, "Hoi", url.Values{"status": {"@Kate@other.example Hoi"}, "visibility": {"direct"}}, "77/"},
		{"who is named only in part", fields{}, true, "Dag @kate@other.example.org!", url.Values{"status": {"@Kate@other.example Dag @kate@other.example.org!"}, "visibility": {"public"}}, "77/"},
		{"to one alone", fields{"visibility": "direct"}, false, "Hoi", url.Values{"status": {"@Kate@other.example Hoi"}, "visibility": {"direct"}}, "77/"},
		{"in private beneath what is public", fields{}, false, "Hoi", url.Values{"status": {"@Kate@other.example Hoi"}, "visibility": {"direct"}}, "77/"},
		{"who is named already", fields{}, true, "Dag @kate@other.example!", url.Values{"status": {"Dag @kate@other.example!"}, "visibility": {"public"}}, "77/"},
		{"with a warning", fields{"spoiler_text": "politiek"}, true, "Hoi", url.Values{"status": {"@Kate@other.example Hoi"}, "visibility": {"public"}, "spoiler_text": {"politiek"}}, "77/"},
		{"a conversation that we begin", nil, false, "Welk nummer?", url.Values{"status": {"@kate@other.example Welk nummer?"}, "visibility": {"direct"}}, "77/"},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t)
			m := answer(func(m *message.Message) { m.Public, m.Text = test.public, test.text })
			if test.post != nil {
				post := b.server.Add(fields{"account": mastodontest.Kate()}, test.post)
				m.References = []string{"77/" + post + "/2026-11-30T09:00:00Z"} // an edit is of the same post
				test.want.Set("in_reply_to_id", post)
			}
			test.want.Set("language", "nl")
			got, err := b.Send(t.Context(), m)
			if err != nil || !strings.HasPrefix(got.ID, test.receipt) || got.State != connectors.Sent {
				t.Errorf("Send = %+v, %v", got, err)
			}
			if diff := cmp.Diff([]url.Values{test.want}, b.server.Sent()); diff != "" {
				t.Errorf("posted (-want +got):\n%s", diff)
			}
		})
	}
}

// A post to one person goes to all whom it names, and a post that does not name whom it is for reaches nobody.
func TestPrivateAnswersNameNobodyElse(t *testing.T) {
	b := newBench(t)
	known := b.server.Add(fields{"account": mastodontest.Kate(), "visibility": "direct"})
	followers := b.server.Add(fields{"account": mastodontest.Kate(), "visibility": "private"})
	for _, test := range []struct {
		text, post string
		public     bool
		want       string
	}{
		{"Vraag het @piet@other.example en @jan", known, false, "write @piet@other.example, @jan without the @"},
		{"Vraag het @piet@other.example", "", false, "write @piet@other.example without the @"},
		{"Vraag het @piet", followers, true, "write @piet without the @"}, // which goes to one alone, too
		{"Dag @kate@other.example, met @care van help@example.org, zie https://other.example/@piet", known, false, ""},
	} {
		m := answer(func(m *message.Message) {
			m.Text, m.Public, m.ID = test.text, test.public, message.NewID([]byte(test.text))
		})
		if test.post != "" {
			m.References = []string{"77/" + test.post}
		}
		_, err := b.Send(t.Context(), m)
		if (err == nil) != (test.want == "") || err != nil && (!connectors.IsPermanent(err) || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s: Send = %v, want %q", test.text, err, test.want)
		}
		if errCheck := b.Check(m); !test.public && (errCheck == nil) != (test.want == "") {
			t.Errorf("%s: Check = %v, want %q", test.text, errCheck, test.want)
		}
	}
	if n := len(b.server.Sent()); n != 1 {
		t.Errorf("%d posts, want 1", n)
	}
	piet := mastodontest.Kate()
	piet["id"], piet["acct"] = "78", "piet@other.example" // whom the stand-in does not find by the name
	post := b.server.Add(fields{"account": piet})
	if _, err := b.Send(t.Context(), answer(func(m *message.Message) { m.References = []string{"78/" + post} })); !connectors.IsPermanent(err) || !strings.Contains(err.Error(), "not told") {
		t.Errorf("Send that names nobody = %v, want a permanent error", err)
	}
}

// Names that begin alike are others.
func TestNamesAreFoundWhole(t *testing.T) {
	b := newBench(t)
	for acct, text := range map[string]string{"jan": "Dag @jan@example.nl", "kate": "Dag @kate_2, @katelijne en @kate.b"} {
		who := mastodontest.Kate()
		who["acct"] = acct
		post := b.server.Add(fields{"account": who})
		_, _ = b.Send(t.Context(), answer(func(m *message.Message) { // the stand-in finds nobody
			m.ID, m.Text, m.References = message.NewID([]byte(acct)), text, []string{"77/" + post}
		}))
		sent := b.server.Sent()
		if got, want := sent[len(sent)-1].Get("status"), "@"+acct+" "+text; got != want {
			t.Errorf("posted %q, want %q", got, want)
		}
	}
}

func TestPicturesGoAlong(t *testing.T) {
	b := newBench(t)
	b.SetBlob("blob/1", "the picture")
	m := answer(func(m *message.Message) {
		m.Public, m.Attachments = false, []message.Attachment{{Name: "kast.jpg", Type: "image/jpeg", Size: 11, Blob: "blob/1"}}
	})
	if _, err := b.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if got := b.server.Sent()[0]["media_ids[]"]; !cmp.Equal(got, []string{"kast.jpg"}) {
		t.Errorf("files %q", got)
	}
}

// An answer of which nobody knows whether it was taken is looked for, and posted again with the same key: there is one of it.
func TestAnswerInDoubtIsPostedOnce(t *testing.T) {
	b := newBench(t)
	post := b.server.Add(fields{"account": mastodontest.Kate()})
	const call = "POST /api/v1/statuses"
	m := answer(func(m *message.Message) { m.References = []string{"77/" + post} })
	b.server.Fail(call, mastodontest.Fault{Taken: true, Status: http.StatusBadGateway}, mastodontest.Fault{Status: http.StatusServiceUnavailable})
	if _, err := b.Send(t.Context(), m); !connectors.IsInDoubt(err) {
		t.Fatalf("Send = %v, want doubt", err)
	}
	got, found, err := b.Find(t.Context(), m)
	if err != nil || !found || !strings.HasPrefix(got.ID, "77/") {
		t.Fatalf("Find = %+v, %v, %v, want the answer", got, found, err)
	}
	if _, found, err := b.Find(t.Context(), m); err != nil || !found {
		t.Errorf("Find of it again = %v, %v", found, err)
	}
	same := *m
	same.ID = message.NewID([]byte("same words"))
	if _, found, err := b.Find(t.Context(), &same); err != nil || found {
		t.Errorf("Find of another with the same words = %v, %v, want none", found, err)
	}
	second := answer(func(m *message.Message) {
		m.ID, m.Text, m.References = message.NewID([]byte("second")), "En nog iets", []string{"77/" + post}
	})
	if _, err := b.Send(t.Context(), second); !connectors.IsInDoubt(err) {
		t.Fatalf("Send = %v, want doubt", err)
	}
	if _, found, err := b.Find(t.Context(), second); err != nil || found {
		t.Fatalf("Find = %v, %v, want nothing", found, err)
	}
	for range 2 {
		if _, err := b.Send(t.Context(), second); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(b.server.Sent()); n != 2 {
		t.Errorf("%d posts, want 2", n)
	}
}

// An answer is looked for back to when it was written, however much was posted since, and no further.
func TestAnswerIsLookedForBehindWhatWasPostedSince(t *testing.T) {
	b := newBench(t)
	post := b.server.Add(fields{"account": mastodontest.Kate()})
	ours := func(text string, ago time.Duration) {
		b.server.Add(fields{
			"account": mastodontest.Us(), "content": "<p>" + text + "</p>", "in_reply_to_id": post, "in_reply_to_account_id": "77",
			"created_at": time.Now().Add(-ago).UTC().Format("2006-01-02T15:04:05.000Z"),
		})
	}
	m := answer(func(m *message.Message) {
		m.References, m.Received = []string{"77/" + post}, time.Now().Add(-time.Hour)
	})
	for range 100 {
		ours(m.Text, 2*time.Hour) // the same words, before
	}
	for range 100 {
		ours("iets anders", 30*time.Minute)
	}
	if _, found, err := b.Find(t.Context(), m); err != nil || found {
		t.Errorf("Find of what was never posted = %v, %v", found, err)
	}
	const own = "GET /api/v1/accounts/" + mastodontest.Self + "/statuses"
	if n := b.server.Asked(own); n != 3 {
		t.Errorf("%d pages were read, want 3", n)
	}
	ours(m.Text, 29*time.Minute)
	for range 100 {
		ours("nog iets anders", 20*time.Minute)
	}
	b.server.Fail(own, mastodontest.Fault{Status: http.StatusBadGateway})
	if _, _, err := b.Find(t.Context(), m); err == nil {
		t.Error("Find while the server can't be asked went well")
	}
	if got, found, err := b.Find(t.Context(), m); err != nil || !found || !strings.HasPrefix(got.ID, "77/") {
		t.Errorf("Find = %+v, %v, %v, want the answer", got, found, err)
	}
}

func TestRefusalsSayWhatToDo(t *testing.T) {
	type verdict struct {
		Permanent, InDoubt, Later bool
	}
	for _, test := range []struct {
		name  string
		fault mastodontest.Fault
		want  verdict
		says  string
	}{
		{"wrong token", mastodontest.Fault{Status: 401, Says: "The access token is invalid"}, verdict{}, "does not take the access_token"},
		{"a right is missing", mastodontest.Fault{Status: 403, Says: "This action is outside the authorized scopes"}, verdict{}, "lacks a right"},
		{"refused", mastodontest.Fault{Status: 422, Says: "Validation failed: Text character limit of 500 exceeded"}, verdict{Permanent: true}, "longer than this server allows"},
		{"a picture is not ready", mastodontest.Fault{Status: 422, Says: "Cannot attach files that have not finished processing. Try again in a moment!"}, verdict{}, "picture"},
		{"too fast", mastodontest.Fault{Status: 429, Says: "Too many requests", Reset: time.Now().Add(time.Hour)}, verdict{Later: true}, "429"},
		{"of a proxy", mastodontest.Fault{Status: 403}, verdict{}, "403"},
		{"trouble of their own", mastodontest.Fault{Status: 502}, verdict{InDoubt: true}, "502"},
		{"taken, and the answer lost", mastodontest.Fault{Taken: true, Status: 504}, verdict{InDoubt: true}, ""},
		{"no JSON", mastodontest.Fault{Status: 200, Garbage: "<html>hello"}, verdict{InDoubt: true}, "not JSON"},
		{"no id", mastodontest.Fault{Status: 200, Garbage: "{}"}, verdict{InDoubt: true}, "did not say"},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t)
			b.server.Fail("POST /api/v1/statuses", test.fault)
			_, err := b.Send(t.Context(), answer(func(m *message.Message) { m.Public = false }))
			got := verdict{connectors.IsPermanent(err), connectors.IsInDoubt(err), connectors.RetryAfter(err) > 50*time.Minute}
			if err == nil || got != test.want || !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), mastodontest.Token) {
				t.Errorf("Send = %v: %+v, want %+v, and %q", err, got, test.want, test.says)
			}
		})
	}
	b := newBench(t)
	if _, err := b.Send(t.Context(), answer(func(m *message.Message) { m.References = []string{"77/4"} })); !connectors.IsPermanent(err) || !strings.Contains(err.Error(), "is gone") {
		t.Errorf("Send beneath what was deleted = %v", err)
	}
	if _, err := b.Send(t.Context(), answer(func(m *message.Message) { m.Public, m.To[1].Value = false, "nobody@other.example" })); !connectors.IsPermanent(err) {
		t.Errorf("Send to nobody = %v, want a permanent error", err)
	}
}

func TestAnswersThatMastodonWouldRefuseAreRefusedBefore(t *testing.T) {
	b := newBench(t)
	stop := b.Environment.Run(b.Account)
	b.Eventually("what the server allows", func() bool { return b.server.Asked("GET /api/v1/notifications") > 0 })
	stop()
	room := 600 - len("@kate ")
	attach := func(m *message.Message, kinds ...string) {
		for _, kind := range kinds {
			m.Attachments = append(m.Attachments, message.Attachment{Name: "a", Type: kind, Size: 1, Blob: "b"})
		}
	}
	for _, test := range []struct {
		name string
		m    *message.Message
		want string
	}{
		{"as long as may be", answer(func(m *message.Message) { m.Text = strings.Repeat("👩‍👩‍👧", room) }), ""},
		{"too long", answer(func(m *message.Message) { m.Text = strings.Repeat("a", room+1) }), "at most 600 characters"},
		{"a long link", answer(func(m *message.Message) {
			m.Text = strings.Repeat("a", room-24) + " https://example.org/" + strings.Repeat("b", 500)
		}), ""},
		{"a warning counts", answer(func(m *message.Message) { m.Text, m.Subject = strings.Repeat("a", room-3), "Re: oei!" }), "at most 600"},
		{"no picture", answer(func(m *message.Message) { attach(m, "application/pdf") }), "only pictures"},
		{"three pictures", answer(func(m *message.Message) { attach(m, "image/png", "image/png", "image/png") }), "at most 2 pictures"},
		{"to nobody there", answer(func(m *message.Message) { m.Public, m.To, m.References = false, nil, nil }), "nobody on Mastodon"},
		{"nothing", answer(func(m *message.Message) { m.Text = " " }), "nothing to send"},
		{"no post", answer(func(m *message.Message) { m.References = []string{"direct/x"} }), "no post to answer"},
	} {
		if test.name != "no post" && len(test.m.To) > 0 {
			test.m.References = []string{"77/9"}
		}
		err := b.Check(test.m)
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: Check = %v, want %q", test.name, err, test.want)
		}
	}
}

func TestConversationsAreKnownByTheName(t *testing.T) {
	b := newBench(t)
	m := answer(func(m *message.Message) { m.Public = false })
	if diff := cmp.Diff([]string{"direct/kate@other.example"}, b.References(m)); diff != "" {
		t.Errorf("References (-want +got):\n%s", diff)
	}
	if b.References(answer(func(*message.Message) {})) != nil || b.Reaches(m.To[1]) != "mastodon" || b.Reaches(m.To[0]) != "" {
		t.Error("what is public is no conversation with one, and names are written to alone")
	}
}

func TestSetupSaysWhatToSet(t *testing.T) {
	b := newBench(t)
	lines, err := b.Setup(t.Context())
	if got := strings.Join(lines, "\n"); err != nil || !strings.Contains(got, `right    the token is that of @care@social.example, by the application "loket"`) || !strings.Contains(got, "read:notifications") {
		t.Errorf("Setup = %v\n%s", err, got)
	}
	cfg := settings(b.server)
	cfg.Token = secret.New("another")
	wrong, err := mastodon.New(*cfg, b.Env("fedi"))
	if err != nil {
		t.Fatal(err)
	}
	if lines, err := wrong.Setup(t.Context()); err == nil || len(lines) != 3 || strings.Contains(err.Error(), "another") {
		t.Errorf("Setup with a wrong token = %q, %v", lines, err)
	}
	b.Environment.Run(wrong)
	b.Eventually("trouble", func() bool {
		return wrong.Trouble() != nil && strings.Contains(wrong.Trouble().Error(), "does not take the access_token")
	})
}

func TestConfigNamesAllMistakes(t *testing.T) {
	cfg := mastodon.Config{Server: "mastodon.example", Poll: time.Second, First: -1, Media: []string{"files"}, MaxMedia: -1}
	err := cfg.Validate()
	for _, path := range []string{"server: ", "access_token: ", "poll: ", "first: ", "media[0]: ", "max_media: "} {
		if err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("Validate = %v, want %s", err, path)
		}
	}
}
