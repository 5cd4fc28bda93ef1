package webform

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"loket/connectors"
	"loket/connectors/connectortest"
	"loket/internal/message"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// A counter is a form under test with what it handed over.
type counter struct {
	*Form
	logs *observer.ObservedLogs

	mu       sync.Mutex
	now      time.Time
	err      error // what Accept answers
	accepted []*message.Message
	blobs    map[string]string
	blobErr  error
}

func newCounter(t testing.TB, change func(c *Config)) *counter {
	t.Helper()
	core, logs := observer.New(zap.DebugLevel)
	c := &counter{now: noon, blobs: map[string]string{}, logs: logs}
	cfg := Type().NewConfig().(*Config)
	if change != nil {
		change(cfg)
	}
	if err := cfg.Validate(); err != nil {
		t.Fatalf("Validate = %v", err)
	}
	form, err := New(*cfg, connectors.Env{
		Name: "website", Accept: c.accept, Blobs: c, Log: zap.New(core), Region: "NL",
		ThreadURL: func(thread string) string { return "https://loket.example/t/" + thread + "-mac" },
	})
	if err != nil {
		t.Fatalf("New = %v", err)
	}
	form.now, form.limit.now = c.clock, c.clock
	form.limit.turned = noon
	c.Form = form
	return c
}

func (c *counter) clock() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *counter) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func (c *counter) accept(_ context.Context, m *message.Message) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return c.err
	}
	for _, a := range m.Attachments {
		if _, ok := c.blobs[a.Blob]; !ok {
			return fmt.Errorf("attachment %s is not stored before its message", a.Blob)
		}
	}
	c.accepted = append(c.accepted, m)
	return nil
}

func (c *counter) Put(_ context.Context, name string, r io.Reader) (int64, error) {
	b, err := io.ReadAll(r)
	if err != nil {
		return 0, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.blobErr != nil {
		return 0, c.blobErr
	}
	c.blobs[name] = string(b)
	return int64(len(b)), nil
}

// only gives the one message that was accepted.
func (c *counter) only(t testing.TB) *message.Message {
	t.Helper()
	if len(c.accepted) != 1 {
		t.Fatalf("accepted %d messages, want 1", len(c.accepted))
	}
	return c.accepted[0]
}

func (c *counter) do(r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	c.ServeHTTP(w, r)
	return w
}

func jsonRequest(body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	return r
}

func formRequest(values url.Values) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", typeForm)
	return r
}

func browser(r *http.Request) *http.Request {
	r.Header.Set("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")
	return r
}

type file struct{ name, kind, data string }

func multipartRequest(t testing.TB, values url.Values, files ...file) *http.Request {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for name, v := range values {
		if err := w.WriteField(name, v[0]); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range files {
		h := textproto.MIMEHeader{}
		h.Set("Content-Disposition", fmt.Sprintf(`form-data; name="attachments"; filename="%s"`, f.name))
		if f.kind != "" {
			h.Set("Content-Type", f.kind)
		}
		part, err := w.CreatePart(h)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(part, f.data)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/", &b)
	r.Header.Set("Content-Type", w.FormDataContentType())
	return r
}

func wantProblem(t testing.TB, w *httptest.ResponseRecorder, status int, field string) problemBody {
	t.Helper()
	if w.Code != status {
		t.Fatalf("status = %d, want %d; body: %.300s", w.Code, status, w.Body)
	}
	if got := w.Header().Get("Content-Type"); got != "application/problem+json" {
		t.Errorf("Content-Type = %q, want application/problem+json", got)
	}
	var body problemBody
	if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
		t.Fatalf("decode problem: %v", err)
	}
	if body.Status != status || body.Field != field || body.Detail == "" || body.Title == "" || body.Type == "" {
		t.Errorf("problem = %+v, want status %d and field %q with a detail", body, status, field)
	}
	return body
}

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
			return multipartRequest(t, values, file{"a.txt", "", "plain"}, file{"b.bin", "application/x-b", strings.Repeat("b", 3*stageInMemory)})
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
				if a := m.Attachments[1]; a.Size != 3*stageInMemory || c.blobs[a.Blob] != strings.Repeat("b", 3*stageInMemory) {
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

func TestBadInputIsRefusedAtItsField(t *testing.T) {
	long := func(n int) string { return strings.Repeat("é", n) }
	for _, test := range []struct {
		name, body string
		status     int
		field      string
	}{
		{"no text", `{}`, 422, "text"},
		{"blank text", `{"text":" \r\n\t\u0000"}`, 422, "text"},
		{"text too long", `{"text":"` + long(maxText+1) + `"}`, 422, "text"},
		{"name too long", `{"name":"` + long(maxName+1) + `","text":"x"}`, 422, "name"},
		{"subject too long", `{"subject":"` + long(maxSubject+1) + `","text":"x"}`, 422, "subject"},
		{"not an address", `{"email":"anna at example","text":"x"}`, 422, "email"},
		{"not a number", `{"phone":"call me","text":"x"}`, 422, "phone"},
		{"number as name", `{"name":5,"text":"x"}`, 422, "name"},
		{"attachments as text", `{"attachments":"x","text":"x"}`, 422, "attachments"},
		{"data not base64", `{"attachments":[{"data":"aGVsbG8="},{"data":"%%%"}],"text":"x"}`, 422, "attachments[1].data"},
		{"data cut off", `{"attachments":[{"data":"aGVsb"}],"text":"x"}`, 422, "attachments[0].data"},
		{"too many files", `{"attachments":[` + strings.Repeat(`{"data":""},`, 10) + `{}],"text":"x"}`, 422, "attachments"},
		{"a list", `[1]`, 400, ""},
		{"broken", `{"text":"x"`, 400, ""},
		{"two objects", `{"text":"x"}{"text":"y"}`, 400, ""},
		{"empty", ``, 400, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := newCounter(t, nil)
			wantProblem(t, c.do(jsonRequest(test.body)), test.status, test.field)
			if len(c.accepted)+len(c.blobs) != 0 {
				t.Errorf("stored %d messages and %d files of a post that was refused", len(c.accepted), len(c.blobs))
			}
		})
	}
}

func TestLongestInputIsTaken(t *testing.T) {
	c := newCounter(t, nil)
	body := fmt.Sprintf(`{"name":%q,"subject":%q,"text":%q}`, strings.Repeat("é", maxName), strings.Repeat("é", maxSubject), strings.Repeat("é", maxText))
	if w := c.do(jsonRequest(body)); w.Code != http.StatusAccepted {
		t.Errorf("status = %d: %.200s", w.Code, w.Body)
	}
}

func TestEveryWrongFieldIsNamed(t *testing.T) {
	c := newCounter(t, nil)
	body := wantProblem(t, c.do(jsonRequest(`{"email":"x","phone":"y","text":""}`)), 422, "email")
	var fields []string
	for _, e := range body.Errors {
		fields = append(fields, e.Field)
	}
	if diff := cmp.Diff([]string{"email", "phone", "text"}, fields); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
}

func TestRequestsOfAnotherKindAreRefused(t *testing.T) {
	request := func(method, path, kind, body string) *http.Request {
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		r.Header.Set("Content-Type", kind)
		return r
	}
	packed := jsonRequest(`{"text":"x"}`)
	packed.Header.Set("Content-Encoding", "gzip")
	longKey := jsonRequest(`{"text":"x"}`)
	longKey.Header.Set("Idempotency-Key", strings.Repeat("k", maxKey+1))
	for _, test := range []struct {
		name    string
		request *http.Request
		status  int
		field   string
	}{
		{"plain text", request("POST", "/", "text/plain", `{"text":"x"}`), 415, ""},
		{"no content type", request("POST", "/", "", `{"text":"x"}`), 415, ""},
		{"packed", packed, 415, ""},
		{"no boundary", request("POST", "/", typeMultipart, "x"), 400, ""},
		{"not multipart", request("POST", "/", typeMultipart+"; boundary=b", "x"), 400, ""},
		{"cut off", request("POST", "/", typeMultipart+"; boundary=b", "--b\r\nContent-Disposition: form-data; name=text\r\n\r\nhel"), 400, ""},
		{"part without header", request("POST", "/", typeMultipart+"; boundary=b", "--b\r\n\r\nx\r\n--b--\r\n"), 422, "text"},
		{"many parts", request("POST", "/", typeMultipart+"; boundary=b", strings.Repeat("--b\r\nContent-Disposition: form-data; name=x\r\n\r\n\r\n", 200)), 400, ""},
		{"broken escape", request("POST", "/", typeForm, "text=%zz"), 400, ""},
		{"key too long", longKey, 400, fieldKey},
		{"put", request("PUT", "/", typeJSON, `{}`), 405, ""},
		{"delete", request("DELETE", "/", "", ""), 405, ""},
		{"elsewhere", request("GET", "/style.css", "", ""), 404, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := newCounter(t, nil)
			w := c.do(test.request)
			wantProblem(t, w, test.status, test.field)
			if allow := w.Header().Get("Allow"); (test.status == 405) != (allow == "GET, HEAD, POST") {
				t.Errorf("Allow = %q", allow)
			}
			if len(c.accepted) != 0 {
				t.Error("it was accepted all the same")
			}
		})
	}
}

func TestNothingIsAcknowledgedThatIsNotStored(t *testing.T) {
	for _, test := range []struct {
		name string
		harm func(c *counter)
	}{
		{"store away", func(c *counter) { c.err = errors.New("store away") }},
		{"blobs away", func(c *counter) { c.blobErr = errors.New("disk full") }},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := newCounter(t, nil)
			test.harm(c)
			for range 3 {
				w := c.do(jsonRequest(`{"text":"x","attachments":[{"name":"a","data":"aGVsbG8="}]}`))
				wantProblem(t, w, 503, "")
				if w.Header().Get("Retry-After") != "5" {
					t.Errorf("Retry-After = %q, want 5", w.Header().Get("Retry-After"))
				}
			}
			if n := c.logs.Len(); n != 1 {
				t.Errorf("the same error was logged %d times, want once", n)
			}
			w := c.do(browser(formRequest(url.Values{"text": {"keep me"}})))
			if test.name == "store away" && (w.Code != 503 || !strings.Contains(w.Body.String(), "keep me")) {
				t.Errorf("page = %d %s, want 503 with what was typed", w.Code, w.Body)
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

func TestHoneypotAnswersLikeSuccessAndStoresNothing(t *testing.T) {
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
	if len(c.accepted)+len(c.blobs) != 0 {
		t.Error("something was stored")
	}
	logs := c.logs.All()
	if len(logs) != 1 || logs[0].ContextMap()["count"] != int64(1) || len(logs[0].Context) != 1 {
		t.Errorf("logged %v, want the count and nothing else", logs)
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

func TestTooLargeIsRefusedHoweverItIsSent(t *testing.T) {
	small := func(c *Config) { c.MaxBytes = 8 << 10 }
	big := strings.Repeat("x", 9<<10)
	unknown := func(r *http.Request) *http.Request { // as chunked requests have it
		r.Body, r.ContentLength = io.NopCloser(io.MultiReader(r.Body)), -1
		return r
	}
	for _, test := range []struct {
		name    string
		request *http.Request
	}{
		{"JSON", jsonRequest(`{"text":"` + big + `"}`)},
		{"JSON chunked", unknown(jsonRequest(`{"text":"` + big + `"}`))},
		{"form", formRequest(url.Values{"text": {big}})},
		{"form chunked", unknown(formRequest(url.Values{"text": {big}}))},
		{"multipart", multipartRequest(t, url.Values{"text": {"x"}}, file{"a", "", big})},
		{"multipart chunked", unknown(multipartRequest(t, url.Values{"text": {"x"}}, file{"a", "", big}))},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := newCounter(t, small)
			wantProblem(t, c.do(test.request), 413, "")
			if len(c.accepted)+len(c.blobs) != 0 {
				t.Error("something was stored")
			}
		})
	}
	t.Run("a browser keeps what was typed", func(t *testing.T) {
		c := newCounter(t, small)
		w := c.do(browser(multipartRequest(t, url.Values{"text": {"typed"}}, file{"a", "", big})))
		if w.Code != 413 || !strings.Contains(w.Body.String(), "typed</textarea>") || !strings.Contains(w.Body.String(), "hoogstens 8 kB") ||
			!strings.Contains(w.Body.String(), dutch().FilesAgain) {
			t.Errorf("page = %d\n%s", w.Code, w.Body)
		}
	})
	t.Run("exactly as large is taken", func(t *testing.T) {
		c := newCounter(t, small)
		body := `{"text":"` + strings.Repeat("x", 8<<10-11) + `"}`
		if w := c.do(jsonRequest(body)); w.Code != 202 || len(body) != 8<<10 {
			t.Errorf("status = %d for %d bytes, want 202", w.Code, len(body))
		}
	})
}

func TestTooLargeOverTheWire(t *testing.T) {
	c := newCounter(t, func(c *Config) { c.MaxBytes = 8 << 10 })
	srv := httptest.NewServer(c)
	defer srv.Close()
	defer srv.Client().CloseIdleConnections()
	r := browser(multipartRequest(t, url.Values{"text": {"typed"}}, file{"a", "", strings.Repeat("x", 20<<10)}))
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, srv.URL, io.MultiReader(bytes.NewReader(body)))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = r.Header
	resp, err := srv.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != 413 {
		t.Errorf("status = %d, want 413", resp.StatusCode)
	}
}

func TestTooManyFilesOnTheForm(t *testing.T) {
	c := newCounter(t, func(c *Config) { c.MaxAttachments = 1 })
	w := c.do(browser(multipartRequest(t, url.Values{"text": {"typed"}}, file{"a", "", "1"}, file{"b", "", "2"})))
	if w.Code != 422 || len(c.accepted)+len(c.blobs) != 0 {
		t.Fatalf("status = %d, stored %d and %d", w.Code, len(c.accepted), len(c.blobs))
	}
	for _, want := range []string{"hoogstens 1", "typed</textarea>", `aria-describedby="attachments-hint attachments-problem"`, "Kies uw bestanden opnieuw"} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("page lacks %q", want)
		}
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
	if err != nil || got != (connectors.Receipt{ID: "m", State: connectors.Delivered}) {
		t.Errorf("Send = %v, %v", got, err)
	}
	if _, found, err := c.Find(t.Context(), &message.Message{ID: "m"}); found || err != nil {
		t.Errorf("Find = %v, %v, want false: sending again makes nothing twice", found, err)
	}
}
