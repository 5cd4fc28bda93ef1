package twilio_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"loket/connectors"
	"loket/connectors/twilio"
	"loket/connectors/twilio/twiliotest"
	"loket/internal/message"
)

var kate = message.Identifier{Kind: "phone", Value: "+31612345678", Level: message.Attested}

func sms(key, text string) *message.Message {
	return &message.Message{ID: message.NewID([]byte(key)), Direction: message.Out, Channel: "sms", Thread: "t", To: []message.Identifier{kate}, Text: text}
}

// app is an answer on WhatsApp to what was written that long ago.
func app(key, text string, ago time.Duration) *message.Message {
	m := sms(key, text)
	m.Channel, m.To = "whatsapp", []message.Identifier{{Kind: "bsuid", Scope: twiliotest.Account, Value: "NL.45"}, {Kind: "wa", Value: "31612345678"}}
	m.Earlier = &message.Earlier{Sent: time.Now().Add(-ago)}
	return m
}

// brand is an answer on another channel to what was written that long ago.
func brand(m *message.Message, channel string, ago time.Duration) *message.Message {
	m.Channel, m.Earlier = channel, &message.Earlier{Sent: time.Now().Add(-ago)}
	switch channel {
	case "rcs":
		m.From = []message.Identifier{{Kind: "rcs", Value: "example_brand_agent"}}
	case "messenger":
		m.To = []message.Identifier{{Kind: "psid", Scope: "99887766", Value: "6400112233445566"}}
	}
	return m
}

func withTemplate(c *twilio.Config) {
	c.Templates = []twilio.Template{{Name: "follow_up", SID: "HX" + strings.Repeat("a", 32), Text: "Dag {{1}}, over {{2}}: schrijf ons terug."}}
}

func TestCheckKnowsWhatWouldBeRefused(t *testing.T) {
	t.Parallel()
	file := []message.Attachment{{Name: "a.jpg", Type: "image/jpeg", Size: 1000}}
	with := func(m *message.Message, a []message.Attachment) *message.Message { m.Attachments = a; return m }
	to := func(m *message.Message, ids ...message.Identifier) *message.Message { m.To = ids; return m }
	call := func(m *message.Message) *message.Message { m.Channel = "phone"; return m }
	for _, row := range []struct {
		name string
		m    *message.Message
		edit func(*twilio.Config)
		want string // in the error; "" for none
	}{
		{"plain", sms("a", "Goed"), nil, ""},
		{"ten parts", sms("a", strings.Repeat("a", 153*10)), nil, ""},
		{"eleven parts", sms("a", strings.Repeat("a", 153*10+1)), nil, "11 SMS (GSM-7"},
		{"eleven parts for a quotation mark", sms("a", strings.Repeat("a", 67*10)+"’"), nil, `because of "’"`},
		{"too long for Twilio", sms("a", strings.Repeat("a", 1601)), func(c *twilio.Config) { c.MaxSegments = 24 }, "at most 1600 characters"},
		{"file by SMS", with(sms("a", "x"), file), nil, "can't send files"},
		{"file by MMS", with(sms("a", "x"), file), func(c *twilio.Config) { c.MMS = true }, ""},
		{"eleven files", with(sms("a", "x"), make([]message.Attachment, 11)), func(c *twilio.Config) { c.MMS = true }, "at most 10 files"},
		{"file too large", with(sms("a", "x"), []message.Attachment{{Size: 6 << 20}}), func(c *twilio.Config) { c.MMS = true }, "at most 5 MB"},
		{"no address", to(sms("a", "x")), nil, "no number to answer to"},
		{"call", call(sms("a", "x")), nil, ""},
		{"call, not texted", call(sms("a", "x")), func(c *twilio.Config) { c.TextCallers = false }, "calling back"},
		{"withheld call", to(call(sms("a", "x"))), nil, "no number to answer to"},
		{"app within a day", app("a", "x", 23*time.Hour), nil, ""},
		{"app after a day", app("a", "x", 25*time.Hour), nil, "24 hours"},
		{"app after a day, told what to do", app("a", "x", 25*time.Hour), withTemplate, "#follow_up  Dag {{1}}"},
		{"template after a day", app("a", "#follow_up Kate | uw storing", 25*time.Hour), withTemplate, ""},
		{"template, half", app("a", "#follow_up Kate", 25*time.Hour), withTemplate, "2 places"},
		{"no such template", app("a", "#folow_up Kate", 25*time.Hour), withTemplate, "24 hours"},
		{"a sign that is no template", app("a", "#1 is uw nummer", time.Hour), withTemplate, ""},
		{"two files by app", with(app("a", "x", 0), make([]message.Attachment, 2)), nil, "one file"},
		{"app of another portfolio", to(app("a", "x", 0), message.Identifier{Kind: "bsuid", Scope: "other", Value: "NL.45"}), nil, "no number to answer to"},
		{"RCS", brand(sms("a", "x"), "rcs", 0), nil, ""},
		{"two files by RCS", with(brand(sms("a", "x"), "rcs", 0), make([]message.Attachment, 2)), nil, "RCS takes one file"},
		{"RCS, written to nobody knows whom", to(brand(sms("a", "x"), "rcs", 0), kate), nil, "which rcs sender"},
		{"Messenger within a day", brand(sms("a", "x"), "messenger", 23*time.Hour), nil, ""},
		{"Messenger after a day", brand(sms("a", "x"), "messenger", 25*time.Hour), nil, "24 hours"},
		{"a channel to come", brand(sms("a", "x"), "telex", 0), nil, "nothing can be sent on this channel: \"telex\""},
	} {
		if row.name == "RCS, written to nobody knows whom" {
			row.m.From = nil
		}
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			edits := []func(*twilio.Config){}
			if row.edit != nil {
				edits = append(edits, row.edit)
			}
			err := newPhone(t, edits...).Check(row.m)
			if row.want == "" && err != nil || row.want != "" && (err == nil || !strings.Contains(err.Error(), row.want)) {
				t.Errorf("Check = %v, want %q", err, row.want)
			}
		})
	}
}

func TestWindowIsUntilWhenFreeTextsAreTaken(t *testing.T) {
	t.Parallel()
	begun := brand(sms("a", "x"), "whatsapp", 0)
	begun.Earlier = nil
	recent := app("a", "x", 23*time.Hour)
	old := brand(sms("a", "x"), "messenger", 25*time.Hour)
	template := []connectors.Template{{Begin: "#follow_up", Text: "Dag {{1}}, over {{2}}: schrijf ons terug."}}
	for name, row := range map[string]struct {
		m    *message.Message
		want connectors.Window
		is   bool
	}{
		"WhatsApp":             {recent, connectors.Window{Until: recent.Earlier.Sent.Add(24 * time.Hour), Templates: template}, true},
		"WhatsApp, begun here": {begun, connectors.Window{Templates: template}, true},
		"Messenger":            {old, connectors.Window{Until: old.Earlier.Sent.Add(24 * time.Hour)}, true},
		"SMS":                  {sms("a", "x"), connectors.Window{}, false},
	} {
		got, is := newPhone(t, withTemplate).Window(row.m)
		if diff := cmp.Diff(row.want, got); diff != "" || is != row.is {
			t.Errorf("%s: Window: %v, want %v (-want +got):\n%s", name, is, row.is, diff)
		}
	}
}

func TestSendByWhatsAppAndTemplate(t *testing.T) {
	t.Parallel()
	p := newPhone(t, withTemplate)
	for _, m := range []*message.Message{app("1", "Dag", time.Hour), app("2", "#follow_up Kate | uw storing", 30*time.Hour)} {
		if _, err := p.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	noPhone := app("3", "Dag", time.Hour)
	noPhone.To = noPhone.To[:1]
	if _, err := p.Send(t.Context(), noPhone); err != nil {
		t.Fatal(err)
	}
	sent := p.server.Sent()
	if sent[0].To != "whatsapp:+31612345678" || sent[0].From != "whatsapp:"+twiliotest.Number || sent[0].Body != "Dag" {
		t.Errorf("sent %+v", sent[0])
	}
	if f := sent[1].Form; f.Get("ContentSid") != "HX"+strings.Repeat("a", 32) || f.Get("ContentVariables") != `{"1":"Kate","2":"uw storing"}` || f.Has("Body") {
		t.Errorf("template sent as %v", f)
	}
	if sent[2].To != "whatsapp:NL.45" {
		t.Errorf("without a phone sent to %q", sent[2].To)
	}
}

// Twilio fetches our files by a URL that nobody can make.
func TestFilesOfAnswersAreServed(t *testing.T) {
	t.Parallel()
	p := newPhone(t, func(c *twilio.Config) { c.MMS = true })
	p.SetBlob("upload/1", "picture")
	p.SetBlob("upload/2", "secret")
	m := sms("a", "kijk")
	m.Attachments = []message.Attachment{{Name: "plan één.jpg", Type: "image/jpeg", Size: 7, Blob: "upload/1"}}
	if _, err := p.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	at := p.server.Sent()[0].Form.Get("MediaUrl")
	get := func(url string) (int, string, http.Header) {
		res, err := http.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		b, _ := io.ReadAll(res.Body)
		return res.StatusCode, string(b), res.Header
	}
	status, body, header := get(at)
	if status != http.StatusOK || body != "picture" || header.Get("Content-Type") != "image/jpeg" {
		t.Errorf("%d %q %v", status, body, header)
	}
	for _, wrong := range []string{at + "x", at[:len(at)-4] + "AAAA", at[:strings.LastIndex(at, "/")+1] + "eyJiIjoidXBsb2FkLzIifQ." + at[strings.LastIndex(at, ".")+1:], at[:strings.LastIndex(at, "/")+1]} {
		if status, body, _ := get(wrong); status != http.StatusNotFound {
			t.Errorf("%s: %d %q", wrong, status, body)
		}
	}
	p.At(func() time.Time { return time.Now().Add(13 * time.Hour) })
	if status, _, _ := get(at); status != http.StatusNotFound {
		t.Errorf("after its time: %d", status)
	}
}

func TestStopAndStart(t *testing.T) {
	t.Parallel()
	p := newPhone(t)
	say := func(text string) { p.server.Receive(twiliotest.Message{From: kate.Value, Body: text}) }
	say("Please stop calling me")
	if err := p.Check(sms("a", "x")); err != nil {
		t.Fatalf("a sentence with stop in it: %v", err)
	}
	stop, _ := p.server.Receive(twiliotest.Message{From: kate.Value, Body: " Stop "})
	if err := p.Check(sms("b", "x")); err == nil || !strings.Contains(err.Error(), "STOP") {
		t.Errorf("Check after STOP = %v", err)
	}
	if m := p.Accepted()[1]; strings.Join(m.Marks, "") != twilio.MarkStop || m.Kind != message.Consent {
		t.Errorf("kind %q, marks %q", m.Kind, m.Marks)
	}
	// Another process, or this one later, knows it too.
	other := p.another(t, settings(p.server))
	if _, err := other.Send(t.Context(), sms("c", "x")); !connectors.IsPermanent(err) || !strings.Contains(err.Error(), "STOP") {
		t.Errorf("Send after STOP = %v", err)
	}
	if err := p.Check(app("d", "x", time.Hour)); err != nil {
		t.Errorf("WhatsApp after STOP by SMS: %v", err)
	}
	say("START")
	if m := p.Accepted()[2]; strings.Join(m.Marks, "") != twilio.MarkStart || m.Kind != message.Consent {
		t.Errorf("kind %q, marks %q", m.Kind, m.Marks)
	}
	p.server.Deliver(stop) // whoever kept its webhook can't stop her again
	if _, err := p.Send(t.Context(), sms("e", "x")); err != nil {
		t.Errorf("Send after START = %v", err)
	}
	if n := len(p.server.Sent()); n != 1 {
		t.Errorf("%d sent, want 1", n)
	}
	// The STOP is seen again in Twilio's list, and is still older than the START.
	p.At(func() time.Time { return time.Now().Add(10 * time.Minute) })
	before := len(p.Accepted())
	p.server.Keep(twiliotest.Message{From: kate.Value, Body: "STOP", Created: time.Now().Add(-time.Minute)})
	p.run()
	p.Eventually("the STOP of before", func() bool { return len(p.Accepted()) > before })
	if _, err := p.Send(t.Context(), sms("f", "x")); err != nil {
		t.Errorf("Send after an older STOP = %v", err)
	}
}

func TestFaultsOfSending(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name      string
		fault     twiliotest.Fault
		permanent bool
		doubt     bool
		after     time.Duration
		want      string
		found     bool // by Find
	}{
		{"too fast", twiliotest.Fault{Status: 429, Code: 20429, Header: map[string]string{"Retry-After": "7"}}, false, false, 7 * time.Second, "faster than", false},
		{"too fast, by a proxy", twiliotest.Fault{Status: 429}, false, false, time.Second, "429", false},
		{"no mobile", twiliotest.Fault{Status: 400, Code: 21614}, true, false, 0, "not a mobile one", false},
		{"stopped", twiliotest.Fault{Status: 400, Code: 21610}, true, false, 0, "STOP", false},
		{"unknown code", twiliotest.Fault{Status: 400, Code: 29999}, true, false, 0, "29999", false},
		{"wrong password", twiliotest.Fault{Status: 401, Code: 20003}, false, false, 0, "password", false},
		{"full", twiliotest.Fault{Status: 400, Code: 21611}, false, false, 0, "wait at Twilio", false},
		{"HTML, nothing taken", twiliotest.Fault{Status: 502}, false, true, 0, "502", false},
		{"HTML, but taken", twiliotest.Fault{Status: 502, Taken: true}, false, true, 0, "502", true},
		{"sent elsewhere", twiliotest.Fault{Status: 302, Header: map[string]string{"Location": "/elsewhere"}}, false, true, 0, "302", false},
		{"broken off", twiliotest.Fault{}, false, true, 0, "call Twilio", false},
		{"broken off, but taken", twiliotest.Fault{Taken: true}, false, true, 0, "call Twilio", true},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			p := newPhone(t)
			p.server.Fail(row.fault)
			m := sms("a", "Wij bellen u – vandaag")
			_, err := p.Send(t.Context(), m)
			if err == nil || connectors.IsPermanent(err) != row.permanent || connectors.IsInDoubt(err) != row.doubt || connectors.RetryAfter(err) != row.after || !strings.Contains(err.Error(), row.want) {
				t.Fatalf("Send = %v (permanent %v, doubt %v, after %s)", err, connectors.IsPermanent(err), connectors.IsInDoubt(err), connectors.RetryAfter(err))
			}
			if strings.Contains(err.Error(), "6123") {
				t.Errorf("the error shows the number: %v", err)
			}
			receipt, found, err := p.Find(t.Context(), m)
			if err != nil || found != row.found {
				t.Fatalf("Find = %v, %v, want %v", found, err, row.found)
			}
			if sent := p.server.Sent(); found && receipt.ID != sent[0].SID {
				t.Errorf("found %q, want %q", receipt.ID, sent[0].SID)
			}
		})
	}
}

func TestSendingThatGetsNoAnswerIsInDoubt(t *testing.T) {
	t.Parallel()
	p := newPhone(t)
	p.server.Fail(twiliotest.Fault{Hang: true, Taken: true})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		p.Eventually("the sending", func() bool { return len(p.server.Sent()) == 1 })
		cancel()
	}()
	if _, err := p.Send(ctx, sms("a", "x")); !connectors.IsInDoubt(err) {
		t.Errorf("Send = %v, want doubt", err)
	}
	if _, found, err := p.Find(t.Context(), sms("a", "x")); !found || err != nil {
		t.Errorf("Find = %v, %v", found, err)
	}
}

// The answer's own call never returned, but its report did: the next answer with the same text is another.
func TestReportTellsWhichMessageAnAnswerIs(t *testing.T) {
	t.Parallel()
	p := newPhone(t)
	p.server.Fail(twiliotest.Fault{Taken: true}, twiliotest.Fault{})
	if _, err := p.Send(t.Context(), sms("first", "ok")); !connectors.IsInDoubt(err) {
		t.Fatal(err)
	}
	p.server.Report(p.server.Sent()[0], "sent", 0)
	if _, err := p.Send(t.Context(), sms("second", "ok")); !connectors.IsInDoubt(err) {
		t.Fatal(err)
	}
	if _, found, err := p.Find(t.Context(), sms("second", "ok")); found || err != nil {
		t.Errorf("Find = %v, %v: took the first answer for the second", found, err)
	}
}

// Two numbers may lead to one connector: an answer comes from the one that was written to.
func TestAnswerComesFromTheNumberWrittenTo(t *testing.T) {
	t.Parallel()
	p := newPhone(t)
	p.server.Receive(twiliotest.Message{From: kate.Value, To: "+31207654321", Body: "hi"})
	m := sms("a", "x")
	m.From = p.Only().To
	if _, err := p.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if from := p.server.Sent()[0].From; from != "+31207654321" {
		t.Errorf("from %s", from)
	}
}

// Two answers with the same text are two, also when one of them is in doubt.
func TestFindTellsEqualAnswersApart(t *testing.T) {
	t.Parallel()
	p := newPhone(t)
	if _, err := p.Send(t.Context(), sms("first", "ok")); err != nil {
		t.Fatal(err)
	}
	p.server.Fail(twiliotest.Fault{Status: 503})
	if _, err := p.Send(t.Context(), sms("second", "ok")); !connectors.IsInDoubt(err) {
		t.Fatal(err)
	}
	if _, found, err := p.Find(t.Context(), sms("second", "ok")); found || err != nil {
		t.Errorf("Find = %v, %v: took the other answer for this one", found, err)
	}
	p.server.Fail(twiliotest.Fault{Status: 503, Taken: true})
	if _, err := p.Send(t.Context(), sms("second", "ok")); !connectors.IsInDoubt(err) {
		t.Fatal(err)
	}
	for range 2 { // the process may die between finding and noting
		receipt, found, err := p.another(t, settings(p.server)).Find(t.Context(), sms("second", "ok"))
		if err != nil || !found || receipt.ID != p.server.Sent()[1].SID {
			t.Errorf("Find = %+v, %v, %v", receipt, found, err)
		}
	}
	if _, found, _ := p.Find(t.Context(), sms("third", "ok")); found {
		t.Error("a third is found that was never sent")
	}
}

func TestReportsOfAnswers(t *testing.T) {
	t.Parallel()
	p := newPhone(t)
	m := sms("a", "x")
	p.server.Fail(twiliotest.Fault{Early: "delivered"})
	if _, err := p.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	early := p.Only()
	if early.Report.Of != m.ID || early.Report.State != "delivered" {
		t.Errorf("report before the answer: %+v", early.Report)
	}
	sent := p.server.Sent()[0]
	for _, status := range []string{"queued", "sending", "sent", "sent", "delivered", "read"} {
		if got := p.server.Report(sent, status, 0); got != http.StatusOK {
			t.Errorf("%s: %d", status, got)
		}
	}
	p.server.Report(sent, "undelivered", 30003)
	var states []string
	for _, r := range p.Accepted() {
		states = append(states, r.Report.State)
	}
	if got := strings.Join(states, " "); got != "delivered sent read failed" {
		t.Errorf("states %q", got)
	}
	if last := p.Accepted()[len(states)-1].Report.Reason; !strings.Contains(last, "can't be reached") || !strings.Contains(last, "30003") {
		t.Errorf("reason %q", last)
	}
}
