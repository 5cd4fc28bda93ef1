package x_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"loket/connectors"
	"loket/connectors/connectortest"
	"loket/connectors/x"
	"loket/connectors/x/xtest"
	"loket/internal/message"
)

// outcome says what became of a sending, in the words of the contract.
func outcome(err error) string {
	switch {
	case err == nil:
		return "sent"
	case connectors.IsPermanent(err):
		return "permanent"
	case connectors.IsInDoubt(err) || errors.Is(err, context.DeadlineExceeded): // what the outbox takes for doubt
		return "doubt"
	}
	return "temporary"
}

// asked is a post and a private message of hers, and what came in of them.
func asked(t *testing.T, f *xtest.X, e *connectortest.Environment, a *x.Account) (public, private *message.Message) {
	t.Helper()
	deliver(a, f.PostActivity("post.mention.create", f.Add(xtest.Post{Text: "@example a question", Names: true})))
	deliver(a, f.DirectCreated(f.AddDirect(xtest.Direct{Text: "a question"})))
	all := e.Accepted()
	return all[len(all)-2], all[len(all)-1]
}

func TestFailureIsToldForWhatItIs(t *testing.T) {
	type fault = xtest.Fault
	const problem = `{"title":"Forbidden","detail":"You are not permitted to perform this action.","type":"about:blank","status":403}`
	for _, test := range []struct {
		name    string
		fault   fault
		private bool
		want    string
		says    string
		after   time.Duration
		made    int // posts or messages that X has afterwards
	}{
		{name: "v2 problem", fault: fault{Status: 403, Body: problem}, want: "permanent", says: "only where the author names our account"},
		{name: "v2 problem to a private message", private: true, fault: fault{Status: 403, Body: problem}, want: "permanent", says: "x.com/messages/compose?recipient_id=783214"},
		{name: "not summoned", fault: fault{Status: 403, Body: `{"errors":[{"code":433,"message":"limited"}]}`}, want: "permanent", says: "answer privately"},
		{name: "v1.1 code of a closed inbox", private: true, fault: fault{Status: 403, Body: `{"errors":[{"code":349,"message":"You cannot send messages to this user."}]}`}, want: "permanent", says: "they take no private messages"},
		{name: "tier", fault: fault{Status: 403, Body: `{"errors":[{"message":"You currently have access to a subset of X API V2 endpoints","code":453}]}`}, want: "permanent", says: "access to X does not include"},
		{name: "post is gone", fault: fault{Status: 404, Body: `{"title":"Not Found"}`}, want: "permanent", says: "not on X any more"},
		{name: "too long", fault: fault{Status: 400, Body: `{"title":"Invalid Request","detail":"Your text is too long"}`}, want: "permanent", says: "too long"},
		{name: "keys, empty body", fault: fault{Status: 401}, want: "temporary", after: time.Minute, says: "must be put right"},
		{name: "locked", fault: fault{Status: 403, Body: `{"errors":[{"code":326,"message":"locked"}]}`}, want: "temporary", after: time.Minute, says: "must be put right"},
		{name: "too often", fault: xtest.Limited(time.Now().Add(90 * time.Second)), want: "temporary", after: 90 * time.Second, says: "no more for now"},
		{name: "too often a day", fault: fault{Status: 429, Header: map[string]string{
			"x-user-limit-24hour-remaining": "0", "x-user-limit-24hour-reset": "99999999999", "x-rate-limit-reset": "1",
		}}, want: "temporary", after: 24 * time.Hour},
		{name: "too often without a time", fault: fault{Status: 429, Body: "slow down"}, want: "temporary", after: time.Minute},
		{name: "HTML from a proxy", fault: fault{Status: 503, Body: "<html>over capacity</html>"}, want: "doubt"},
		{name: "HTML from a proxy, done", fault: fault{Status: 502, Body: "<html>bad gateway</html>", Keep: true}, want: "doubt", made: 1},
		{name: "no answer, done", fault: fault{Drop: true, Keep: true}, want: "doubt", made: 1},
		{name: "no answer", fault: fault{Drop: true}, want: "doubt"},
		{name: "200 with errors alone", fault: fault{Status: 200, Body: `{"errors":[{"title":"Not Found Error","detail":"Could not find post"}]}`}, want: "doubt"},
		{name: "200 without a body", fault: fault{Status: 200}, want: "doubt"},
		{name: "200 with null", fault: fault{Status: 200, Body: "null"}, want: "doubt"},
		{name: "201 without an id", fault: fault{Status: 201, Body: `{"data":{},"event":{}}`}, want: "doubt"},
		{name: "200 with another form", fault: fault{Status: 200, Body: `[1,2]`}, want: "doubt"},
		{name: "redirect", fault: fault{Status: 302, Header: map[string]string{"Location": "https://example.org/"}}, want: "temporary"},
	} {
		for _, version := range []string{"v1.1", "v2"} {
			t.Run(version+" "+test.name, func(t *testing.T) {
				f, e := xtest.Start(t), connectortest.New(t)
				a := account(t, e, config(f, version))
				m, private := asked(t, f, e, a)
				if test.private {
					m = private
				}
				for _, path := range []string{"/2/tweets", "/2/dm_conversations/", "/1.1/statuses/update", "/1.1/direct_messages/events/new"} {
					f.Fail(path, test.fault, 0)
				}
				_, err := a.Send(t.Context(), answerTo(m, "my secret answer"))
				if got := outcome(err); got != test.want {
					t.Fatalf("Send = %s (%v), want %s", got, err, test.want)
				}
				if got := connectors.RetryAfter(err); got > test.after || got < test.after-5*time.Second {
					t.Errorf("again after %s, want %s", got, test.after)
				}
				text := err.Error()
				if !strings.Contains(text, test.says) || len(text) > 500 || strings.Contains(text, "secret") || strings.Contains(text, "2244994945") {
					t.Errorf("error %q: want %q in it, nothing private, and at most 500 bytes", text, test.says)
				}
				if got := len(f.Posts()) + len(f.Directs()); got != test.made {
					t.Errorf("X has %d of ours, want %d", got, test.made)
				}
				f.Heal()
				if test.want != "doubt" {
					return
				}
				receipt, found, err := a.Find(t.Context(), answerTo(m, "my secret answer"))
				if err != nil || found != (test.made > 0) || found && !strings.HasSuffix(receipt.ID, "/"+f.Posts()[0].ID) {
					t.Errorf("Find = %+v, %v, %v; want found %v", receipt, found, err, test.made > 0)
				}
			})
		}
	}
}

func TestNobodyListensIsNoDoubt(t *testing.T) {
	f, e := xtest.Start(t), connectortest.New(t)
	m, _ := asked(t, f, e, account(t, e, config(f, "v2")))
	for _, version := range []string{"v1.1", "v2"} {
		cfg := config(f, version)
		cfg.APIURL = "http://127.0.0.1:1"
		if _, err := account(t, e, cfg).Send(t.Context(), answerTo(m, "hello")); outcome(err) != "temporary" {
			t.Errorf("%s: Send = %s (%v), want temporary", version, outcome(err), err)
		}
	}
}

func TestOnlySummonedAnswersArePublic(t *testing.T) {
	f, e := xtest.Start(t), connectortest.New(t)
	f.OnlySummoned()
	a := account(t, e, config(f, "v2"))
	deliver(a, f.PostActivity("post.reply.create", f.Add(xtest.Post{Text: "no name in it"})))
	m := e.Only()
	if !slices.Contains(m.Marks, x.MarkUnsummoned) {
		t.Errorf("marks = %q, want that a public answer may be refused", m.Marks)
	}
	_, err := a.Send(t.Context(), answerTo(m, "hello"))
	if outcome(err) != "permanent" || !strings.Contains(err.Error(), "answer privately, or in X itself") {
		t.Errorf("Send = %v, want it to say what to do", err)
	}
	// The same words given in X itself are an answer of ours that the desk must know.
	deliver(a, f.PostCreated(f.Add(xtest.Post{Author: xtest.Account(), Text: "@Kate_J hello", ReplyTo: strings.TrimPrefix(m.Own, "2244994945/")})))
	if all := e.Accepted(); len(all) != 2 || all[1].Direction != message.Out {
		t.Errorf("%d messages, want the answer given in X too", len(all))
	}
}

func TestAnswerThatXToldOfBeforeItAnsweredIsNotTakenTwice(t *testing.T) {
	f, e := xtest.Start(t), connectortest.New(t)
	a := account(t, e, config(f, "v2"))
	public, private := asked(t, f, e, a)
	f.Fail("/2/tweets", xtest.Fault{Drop: true, Keep: true}, 1)
	f.Fail("/2/dm_conversations/", xtest.Fault{Drop: true, Keep: true}, 1)
	for _, m := range []*message.Message{public, private} {
		if _, err := a.Send(t.Context(), answerTo(m, "See example.org/status, https://example.org and <this> & that")); outcome(err) != "doubt" {
			t.Fatalf("Send = %v, want doubt", err)
		}
	}
	other := account(t, e, config(f, "v2")) // another process
	deliver(other, f.PostCreated(f.Posts()...))
	deliver(other, f.PostActivity("post.create", f.Posts()[0]))
	deliver(other, f.DirectCreated(f.Directs()...))
	if got := len(e.Accepted()); got != 2 {
		t.Errorf("%d messages, want only the two questions", got)
	}
}

func TestTheSameWordsSaidInXItselfAreSomebodysOwn(t *testing.T) {
	f, e := xtest.Start(t), connectortest.New(t)
	a := account(t, e, config(f, "v2"))
	_, private := asked(t, f, e, a)
	if _, err := a.Send(t.Context(), answerTo(private, "Yes")); err != nil {
		t.Fatal(err)
	}
	deliver(a, f.DirectCreated(f.Directs()[0]))
	deliver(a, f.DirectCreated(f.AddDirect(xtest.Direct{From: xtest.Account(), To: xtest.Kate().ID, Text: "Yes"})))
	if all := e.Accepted(); len(all) != 3 || all[2].Direction != message.Out {
		t.Errorf("%d messages, want the two questions and the colleague's answer", len(all))
	}
}

func TestTheSameTextTwice(t *testing.T) {
	f, e := xtest.Start(t), connectortest.New(t)
	a := account(t, e, config(f, "v2"))
	m, _ := asked(t, f, e, a)
	f.Fail("/2/tweets", xtest.Fault{Drop: true, Keep: true}, 1)
	if _, err := a.Send(t.Context(), answerTo(m, "hello")); outcome(err) != "doubt" {
		t.Fatalf("Send = %v, want doubt", err)
	}
	// Sent again, X calls it a copy: it is this very answer.
	receipt, err := a.Send(t.Context(), answerTo(m, "hello"))
	if err != nil || receipt.ID != "2244994945/"+f.Posts()[0].ID || len(f.Posts()) != 1 {
		t.Fatalf("Send again = %+v, %v with %d posts; want the receipt of the one", receipt, err, len(f.Posts()))
	}
	// Said once more on purpose, it is another answer, and X refuses it.
	more := answerTo(m, "hello")
	more.ID = message.NewID([]byte("more"))
	if _, err := a.Send(t.Context(), more); outcome(err) != "permanent" || !strings.Contains(err.Error(), "change a word") {
		t.Errorf("Send once more = %v, want a refusal that says what to do", err)
	}
	if _, found, err := a.Find(t.Context(), more); err != nil || found {
		t.Errorf("Find = %v, %v; want the earlier one not taken for it", found, err)
	}
}

// Whoever dies when X has taken an answer and its id is known finds it again, behind whatever was written since; what is further back than is
// looked stays in doubt.
func TestAnswerThatWasTakenIsFound(t *testing.T) {
	for _, version := range []string{"v1.1", "v2"} {
		f, e := xtest.Start(t), connectortest.New(t)
		f.PageSize(3)
		a := account(t, e, config(f, version))
		public, private := asked(t, f, e, a)
		for _, m := range []*message.Message{public, private} {
			answer := answerTo(m, "hello")
			answer.Received = time.Now()
			sent, err := a.Send(t.Context(), answer)
			if err != nil {
				t.Fatal(err)
			}
			for range 5 {
				f.Add(xtest.Post{Author: xtest.Account(), Text: "something else"})
				f.AddDirect(xtest.Direct{From: xtest.Account(), To: "5001", Text: "something else"})
			}
			again := account(t, e, config(f, version)) // in another process
			if got, found, err := again.Find(t.Context(), answer); err != nil || !found || got.ID != sent.ID {
				t.Errorf("%s: Find = %+v, %v, %v; want %s", version, got, found, err, sent.ID)
			}
		}
		for range 40 {
			f.Add(xtest.Post{Author: xtest.Account(), Text: "something else"})
			f.AddDirect(xtest.Direct{From: xtest.Account(), To: "5001", Text: "something else"})
		}
		for _, m := range []*message.Message{public, private} {
			never := answerTo(m, "never sent")
			never.Received = time.Now()
			if _, _, err := a.Find(t.Context(), never); err == nil {
				t.Errorf("%s: Find tells of what is not looked through", version)
			}
		}
	}
}

func TestPicturesGoOut(t *testing.T) {
	for _, version := range []string{"v1.1", "v2"} {
		f, e := xtest.Start(t), connectortest.New(t)
		a := account(t, e, config(f, version))
		public, private := asked(t, f, e, a)
		e.SetBlob("u/1", string(png()))
		for _, m := range []*message.Message{public, private} {
			reply := answerTo(m, "look")
			reply.Attachments = []message.Attachment{{Name: "a.png", Type: "image/png", Size: int64(len(png())), Blob: "u/1"}}
			if _, err := a.Send(t.Context(), reply); err != nil {
				t.Fatalf("%s: Send = %v", version, err)
			}
		}
		for _, ids := range [][]string{f.Posts()[0].Media, f.Directs()[0].Media} {
			if len(ids) != 1 || !slices.Equal(f.Uploaded(ids[0]), png()) {
				t.Errorf("%s: media = %v, want the picture", version, ids)
			}
		}
		for name, test := range map[string]struct {
			data  []byte
			fault xtest.Fault
			want  string
		}{
			"lies":          {[]byte("MZ program"), xtest.Fault{}, "permanent"},
			"gone":          {nil, xtest.Fault{}, "permanent"},
			"refused":       {png(), xtest.Fault{Status: 400, Body: `{"title":"bad media"}`}, "permanent"},
			"broken":        {png(), xtest.Fault{Status: 502}, "temporary"},
			"not answered":  {png(), xtest.Fault{Drop: true}, "temporary"},
			"too often":     {png(), xtest.Limited(time.Now().Add(time.Minute)), "temporary"},
			"answer is odd": {png(), xtest.Fault{Status: 200, Body: `{"data":{}}`}, "temporary"},
		} {
			blob := "u/2"
			if e.SetBlob(blob, string(test.data)); test.data == nil {
				blob = "u/none"
			}
			if test.fault.Status > 0 || test.fault.Drop {
				f.Fail("/2/media/upload", test.fault, 1)
			}
			reply := answerTo(public, "look again")
			reply.Attachments = []message.Attachment{{Name: "a.png", Type: "image/png", Size: 10, Blob: blob}}
			if _, err := a.Send(t.Context(), reply); outcome(err) != test.want {
				t.Errorf("%s %s: Send = %s (%v), want %s", version, name, outcome(err), err, test.want)
			}
		}
		if got := len(f.Posts()); got != 1 {
			t.Errorf("%s: %d posts, want 1", version, got)
		}
	}
}

func TestCheckKnowsWhatXRefuses(t *testing.T) {
	e := connectortest.New(t)
	a := account(t, e, config(nil, "v2"))
	kate := []message.Identifier{ids("xu", "5")}
	post := func(text string, files ...string) *message.Message {
		m := &message.Message{Public: true, To: kate, Text: text, References: []string{"5/7"}}
		for _, kind := range files {
			m.Attachments = append(m.Attachments, message.Attachment{Name: "a", Type: kind, Size: 1000})
		}
		return m
	}
	private := func(m *message.Message) *message.Message {
		m.Public, m.References = false, nil
		return m
	}
	big := post("x", "image/png")
	big.Attachments[0].Size = 6 << 20
	for _, test := range []struct {
		name string
		m    *message.Message
		says string // "" when it may go
	}{
		{"280", post(strings.Repeat("x", 280)), ""},
		{"281", post(strings.Repeat("x", 281)), "at most 280 characters as X counts"},
		{"a long link", post("https://example.org/" + strings.Repeat("x", 500)), ""},
		{"nothing", post(" "), "nothing to send"},
		{"picture alone", post("", "image/jpeg"), ""},
		{"four pictures", post("x", "image/png", "image/jpeg", "image/webp", "image/png"), ""},
		{"five pictures", post("x", "image/png", "image/png", "image/png", "image/png", "image/png"), "4 pictures, or one GIF"},
		{"GIF and picture", post("x", "image/gif", "image/png"), "one GIF"},
		{"PDF", post("x", "application/pdf"), "must be a JPEG"},
		{"large picture", big, "at most 5 MB"},
		{"two shares", post("$ABC and $DEF"), "one share"},
		{"money", post("$5 and $6, US$7"), ""},
		{"no post to answer", &message.Message{Public: true, To: kate, Text: "x"}, "no post to answer"},
		{"private", private(post(strings.Repeat("x", 10_000))), ""},
		{"private, too long", private(post(strings.Repeat("x", 10_001))), "at most 10000 characters, not 10001"},
		{"private, two pictures", private(post("x", "image/png", "image/png")), "one picture"},
		{"private to a name", &message.Message{To: []message.Identifier{ids("xh", "kate")}, Text: "x"}, "customer's number"},
	} {
		err := a.Check(test.m)
		if test.says == "" && err != nil || test.says != "" && (err == nil || !strings.Contains(err.Error(), test.says)) {
			t.Errorf("%s: Check = %v, want %q", test.name, err, test.says)
		}
		if test.says != "" {
			if _, err := a.Send(t.Context(), test.m); outcome(err) != "permanent" {
				t.Errorf("%s: Send = %v, want a permanent error", test.name, err)
			}
		}
	}
}
