package webform

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"loket/connectors"
	"loket/connectors/connectortest"
	"loket/internal/form"
	"loket/internal/message"
)

// inMemory is how much of a file waits in memory.
const inMemory = 256 << 10

func TestJSONPostBecomesAMessage(t *testing.T) {
	c := newCounter(t, nil)
	w := c.do(jsonRequest(`{"name":" Anna\tde Vries ","email":"Anna@Example.org","phone":"06 12345678","customer_no":"K-1001",
		"subject":"Bill","text":"  Too high\r\n\u0007twice\rreally ","unknown":{"a":[1]},
		"attachments":[{"name":"C:\\bills\\march.pdf","type":"application/pdf","data":"aGVsbG8="},{"name":"x","data":"R0lGODlh"}]}`))
	if w.Code != http.StatusAccepted || w.Header().Get("Content-Type") != "application/json" {
		t.Fatalf("answer = %d %s", w.Code, w.Body)
	}
	m := c.only(t)
	want := &message.Message{
		ID: m.ID, Thread: m.ID, Connector: "website", Channel: "web", Received: noon,
		Name: "Anna de Vries", Subject: "Bill", Text: "  Too high\ntwice\nreally ",
		Attachments: []message.Attachment{
			{Name: "march.pdf", Type: "application/pdf", Size: 5, Blob: m.ID + "/1"},
			{Name: "x", Type: "image/gif", Size: 6, Blob: m.ID + "/2"},
		},
		From: m.From,
	}
	if diff := cmp.Diff(want, m); diff != "" {
		t.Errorf("message (-want +got):\n%s", diff)
	}
	var from []string
	for _, id := range m.From {
		if id.Level != message.Claimed {
			t.Errorf("%s is %s, want claimed", id, id.Level)
		}
		from = append(from, id.Kind)
	}
	if diff := cmp.Diff([]string{"email", "phone", "cno"}, from); diff != "" {
		t.Errorf("kinds of From (-want +got):\n%s", diff)
	}
	if got := c.blobs[m.ID+"/1"]; got != "hello" {
		t.Errorf("first attachment holds %q, want hello", got)
	}
	var body receiptBody
	if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
		t.Fatal(err)
	}
	if want := (receiptBody{receipt(m.ID), "https://loket.example/t/" + m.ID + "-mac"}); body != want {
		t.Errorf("answer = %+v, want %+v", body, want)
	}
}

func TestFormPostBecomesAMessage(t *testing.T) {
	values := url.Values{
		"name": {"Jan"}, "email": {"jan@example.org"}, "subject": {"Vraag"}, "text": {"Een\r\ntwee"}, "else": {"x"},
		fieldKey: {"k1"}, fieldRendered: {fmt.Sprint(noon.Add(-time.Minute).UnixMilli())}, fieldTrap: {""},
	}
	for _, test := range []struct {
		name    string
		request func(t *testing.T) *http.Request
		files   int
	}{
		{"urlencoded", func(*testing.T) *http.Request { return formRequest(values) }, 0},
		{"multipart", func(t *testing.T) *http.Request { return multipartRequest(t, values) }, 0},
		{"multipart with the file field left empty", func(t *testing.T) *http.Request {
			return multipartRequest(t, values, file{"", "application/octet-stream", ""})
		}, 0},
		{"multipart with files", func(t *testing.T) *http.Request {
			return multipartRequest(t, values, file{"a.txt", "", "plain"}, file{"b.bin", "application/x-b", strings.Repeat("b", 3*inMemory)})
		}, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := newCounter(t, nil)
			w := c.do(browser(test.request(t)))
			if w.Code != http.StatusAccepted {
				t.Fatalf("status = %d: %s", w.Code, w.Body)
			}
			m := c.only(t)
			if m.Text != "Een\ntwee" || m.Subject != "Vraag" || m.Name != "Jan" || len(m.From) != 1 {
				t.Errorf("message = %+v", m)
			}
			if len(m.Attachments) != test.files {
				t.Fatalf("message has %d attachments, want %d", len(m.Attachments), test.files)
			}
			if test.files > 0 {
				if a := m.Attachments[0]; a.Type != "text/plain" || c.blobs[a.Blob] != "plain" {
					t.Errorf("first attachment = %+v %q", a, c.blobs[a.Blob])
				}
				if a := m.Attachments[1]; a.Size != 3*inMemory || c.blobs[a.Blob] != strings.Repeat("b", 3*inMemory) {
					t.Errorf("second attachment = %+v with %d bytes", a, len(c.blobs[a.Blob]))
				}
			}
			for _, want := range []string{"text/html", receipt(m.ID), `href="https://loket.example/t/` + m.ID + `-mac?lang=nl"`} {
				if !strings.Contains(w.Header().Get("Content-Type")+w.Body.String(), want) {
					t.Errorf("page lacks %q", want)
				}
			}
		})
	}
}

func TestAnswerIsAPageForBrowsersOnly(t *testing.T) {
	for _, test := range []struct {
		name    string
		request *http.Request
		accept  string
		page    bool
	}{
		{"browser posts the form", formRequest(url.Values{"text": {"x"}}), "text/html,*/*;q=0.8", true},
		{"program posts the form", formRequest(url.Values{"text": {"x"}}), "", false},
		{"curl posts the form", formRequest(url.Values{"text": {"x"}}), "*/*", false},
		{"form with Accept JSON", formRequest(url.Values{"text": {"x"}}), "application/json", false},
		{"form that prefers JSON", formRequest(url.Values{"text": {"x"}}), "text/html;q=0.5, application/json", false},
		{"JSON from a page's script", jsonRequest(`{"text":"x"}`), "text/html", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := newCounter(t, nil)
			test.request.Header.Set("Accept", test.accept)
			w := c.do(test.request)
			if page := strings.HasPrefix(w.Header().Get("Content-Type"), "text/html"); w.Code != 202 || page != test.page {
				t.Errorf("answer = %d %s, want 202 and page %v", w.Code, w.Header().Get("Content-Type"), test.page)
			}
		})
	}
}

func TestSameKeyAndBodyIsOneMessage(t *testing.T) {
	post := func(key, text string) func(c *counter) *http.Request {
		return func(*counter) *http.Request {
			r := jsonRequest(fmt.Sprintf(`{"text":%q,"attachments":[{"name":"a","data":"aGVsbG8="}]}`, text))
			if key != "" {
				r.Header.Set("Idempotency-Key", key)
			}
			return r
		}
	}
	other := func(c *counter) *http.Request {
		r := jsonRequest(`{"text":"one","attachments":[{"name":"a","data":"aGVsbG9v"}]}`)
		r.Header.Set("Idempotency-Key", "k")
		return r
	}
	hidden := func(c *counter) *http.Request { return formRequest(url.Values{"text": {"one"}, fieldKey: {"k"}}) }
	for _, test := range []struct {
		name string
		a, b func(c *counter) *http.Request
		one  bool
	}{
		{"key and body", post("k", "one"), post("k", "one"), true},
		{"other body", post("k", "one"), post("k", "two"), false},
		{"other file", post("k", "one"), other, false},
		{"other key", post("k", "one"), post("l", "one"), false},
		{"no key", post("", "one"), post("", "one"), false},
		{"hidden field", hidden, hidden, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := newCounter(t, nil)
			a, b := c.do(test.a(c)), c.do(test.b(c))
			if a.Code != 202 || b.Code != 202 {
				t.Fatalf("statuses = %d, %d", a.Code, b.Code)
			}
			if one := c.accepted[0].ID == c.accepted[1].ID; one != test.one {
				t.Errorf("same id = %v, want %v", one, test.one)
			}
			if same := a.Body.String() == b.Body.String(); same != test.one {
				t.Errorf("same answer = %v, want %v", same, test.one)
			}
		})
	}
}

func TestHoneypotAnswersLikeSuccessAndKeepsItForADay(t *testing.T) {
	values := url.Values{"text": {"buy"}, fieldKey: {"k"}}
	good := newCounter(t, nil).do(browser(formRequest(values)))
	c := newCounter(t, nil)
	values.Set(fieldTrap, "https://spam.example")
	bad := c.do(browser(multipartRequest(t, values, file{"a", "", "x"})))
	if bad.Code != good.Code {
		t.Errorf("status = %d, want %d as for anybody", bad.Code, good.Code)
	}
	ids := regexp.MustCompile(`[a-z2-7]{26}|[A-Z2-7]{5}-[A-Z2-7]{5}`)
	if diff := cmp.Diff(ids.ReplaceAllString(good.Body.String(), "ID"), ids.ReplaceAllString(bad.Body.String(), "ID")); diff != "" {
		t.Errorf("page differs from success (-good +bad):\n%s", diff)
	}
	if diff := cmp.Diff(good.Header(), bad.Header()); diff != "" {
		t.Errorf("headers differ from success (-good +bad):\n%s", diff)
	}
	m := c.only(t)
	if !strings.Contains(m.Problem, "honeypot") || !m.KeepUntil.Equal(noon.Add(24*time.Hour)) || m.Text != "buy" || c.blobs[m.ID+"/1"] != "x" {
		t.Errorf("what is kept is %+v, want it set aside until tomorrow", m)
	}
	logs := c.logs.All()
	if len(logs) != 1 || logs[0].ContextMap()["count"] != int64(1) || len(logs[0].Context) != 1 {
		t.Errorf("logged %v, want the count and nothing else", logs)
	}
}

// A person whose browser filled in the hidden field sends the same again without it.
func TestWhatWasCaughtIsNotInTheWayOfAPerson(t *testing.T) {
	c := newCounter(t, nil)
	for _, trap := range []string{"https://kate.example", ""} {
		if w := c.do(formRequest(url.Values{"text": {"Where is my parcel?"}, fieldKey: {"k"}, fieldTrap: {trap}})); w.Code != 202 {
			t.Fatalf("answer = %d %s", w.Code, w.Body)
		}
	}
	if len(c.accepted) != 2 || c.accepted[0].ID == c.accepted[1].ID || c.accepted[1].Problem != "" {
		t.Errorf("accepted %+v, want the second by itself", c.accepted)
	}
}

func TestTooFastKeepsTheText(t *testing.T) {
	c := newCounter(t, nil)
	values := url.Values{"text": {"quick & <b>clever</b>"}, fieldRendered: {fmt.Sprint(noon.Add(-time.Second).UnixMilli())}, fieldKey: {"k7"}}
	w := c.do(browser(formRequest(values)))
	if w.Code != 429 || w.Header().Get("Retry-After") != "2" {
		t.Fatalf("status = %d, Retry-After %q, want 429 after 2", w.Code, w.Header().Get("Retry-After"))
	}
	for _, want := range []string{"quick &amp; &lt;b&gt;clever&lt;/b&gt;", `value="k7"`, `value="` + values.Get(fieldRendered) + `"`} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("page lacks %s", want)
		}
	}
	c.pass(time.Second)
	if w := c.do(browser(formRequest(values))); w.Code != 202 {
		t.Errorf("status a second later = %d, want 202", w.Code)
	}
	for _, rendered := range []string{"", "never", fmt.Sprint(noon.Add(time.Hour).UnixMilli())} {
		values.Set(fieldRendered, rendered)
		if w := c.do(formRequest(values)); w.Code != 202 {
			t.Errorf("status with rendered %q = %d, want 202", rendered, w.Code)
		}
	}
	c = newCounter(t, func(cfg *Config) { cfg.MinFillTime = 0 })
	values.Set(fieldRendered, fmt.Sprint(noon.UnixMilli()))
	if w := c.do(formRequest(values)); w.Code != 202 {
		t.Errorf("status without a minimum = %d, want 202", w.Code)
	}
}

func TestConforms(t *testing.T) {
	connectortest.Run(t, connectortest.Fixture{
		Type: Type(),
		Deliver: func(t testing.TB, c connectors.Connector) bool {
			r := multipartRequest(t, url.Values{
				"name": {"Anna de Vries"}, "email": {"anna@example.org"}, "phone": {"0612345678"}, "text": {"my secret worry"},
				fieldKey: {"conformance"},
			}, file{"a.txt", "text/plain", "attached worry"})
			return connectortest.Do(t, c, r).Code == http.StatusAccepted
		},
		Reply:   &message.Message{ID: message.NewID([]byte("reply")), Direction: message.Out, Text: "our answer"},
		Private: []string{"Anna", "anna@example.org", "0612345678", "+31612345678", "worry", "our answer"},
	})
}

func TestReplyIsDeliveredByBeingThere(t *testing.T) {
	c := newCounter(t, nil)
	got, err := c.Send(t.Context(), &message.Message{ID: "m"})
	if want := (connectors.Receipt{ID: "m", State: connectors.Delivered}); err != nil || !cmp.Equal(got, want) {
		t.Errorf("Send = %v, %v", got, err)
	}
	if _, found, err := c.Find(t.Context(), &message.Message{ID: "m"}); found || err != nil {
		t.Errorf("Find = %v, %v, want false: sending again makes nothing twice", found, err)
	}
}

func TestWhatIsStoredIsConfirmedEvenWhenTheRequestWasBrokenOff(t *testing.T) {
	c := newCounter(t, nil)
	ctx, stop := context.WithCancel(t.Context())
	accept := c.env.Accept
	c.env.Accept = func(ctx context.Context, m *message.Message) error {
		defer stop() // as when the daemon stops while the message is on its way to the disk
		return accept(ctx, m)
	}
	if w := c.do(jsonRequest(`{"text":"x"}`).WithContext(ctx)); w.Code != http.StatusAccepted {
		t.Errorf("status = %d of a message that was stored: it would be sent again", w.Code)
	}
	c.only(t)
}

func TestWhoIsCaughtGetsAnAddressThatLeadsNowhere(t *testing.T) {
	c := newCounter(t, nil)
	sign := func(thread string) string { return message.NewID([]byte("key"), []byte(thread))[:16] }
	c.env.ThreadURL = func(thread string) string { return "https://loket.example/t/" + thread + "-" + sign(thread) }
	post := func(typed string) (thread, mac string) {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(typed))
		r.Header.Set("Content-Type", form.URLEncoded)
		w := c.do(r)
		found := regexp.MustCompile(`"https://loket.example/t/([a-z2-7]{26})-([a-z2-7]{16})"`).FindStringSubmatch(w.Body.String())
		if w.Code != http.StatusAccepted || found == nil {
			t.Fatalf("answered %d %s", w.Code, w.Body)
		}
		return found[1], found[2]
	}
	if thread, mac := post("text=x&homepage=x"); mac == sign(thread) || c.only(t).Problem == "" {
		t.Errorf("a page of a thread that never was: %s-%s, %d accepted", thread, mac, len(c.accepted))
	}
	if thread, mac := post("text=x"); mac != sign(thread) {
		t.Errorf("who is not caught gets %s-%s", thread, mac)
	}
}

// A telephone number need not be given, so none that is odd sends anybody back.
func TestTelephoneNumberIsTakenAsItIsTyped(t *testing.T) {
	for _, test := range []struct{ typed, from, mark string }{
		{"+1 471 555 0123", "phone:+14715550123", ""}, // an area code that is new
		{"+52 1 55 1234 0100", "phone:+5215512340100", ""},
		{"06 12345678", "phone:+31612345678", ""},
		{"06 1234", "", "phone as typed: 06 1234"},
		{"call me, ext. 12", "", "phone as typed: call me, ext. 12"},
		{strings.Repeat("1", 400), "", "phone as typed: " + strings.Repeat("1", 60)},
	} {
		c := newCounter(t, nil)
		w := c.do(jsonRequest(`{"phone":"` + test.typed + `","text":"x"}`))
		if w.Code != http.StatusAccepted || len(c.accepted) != 1 {
			t.Fatalf("%q: status %d, %d messages; want it taken", test.typed, w.Code, len(c.accepted))
		}
		from, marks := "", strings.Join(c.accepted[0].Marks, ", ")
		for _, id := range c.accepted[0].From {
			from = id.String()
		}
		if from != test.from || marks != test.mark {
			t.Errorf("%q: from %q, marks %q; want %q and %q", test.typed, from, marks, test.from, test.mark)
		}
	}
}
