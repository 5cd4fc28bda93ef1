package chat

import (
	"bytes"
	"encoding/json"
	"mime/multipart"
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
	"loket/internal/field"
	"loket/internal/form"
	"loket/internal/message"
)

// aChat is a chat with what it accepts.
type aChat struct {
	*connectortest.Environment
	*Chat
	t *testing.T
}

func newChat(t *testing.T, edit ...func(*Config)) *aChat {
	t.Helper()
	e := connectortest.New(t)
	cfg := Type().NewConfig().(*Config)
	for _, f := range edit {
		f(cfg)
	}
	if err := cfg.Validate(); err != nil {
		t.Fatal(err)
	}
	c, err := New(*cfg, e.Env("chat"))
	if err != nil {
		t.Fatal(err)
	}
	return &aChat{e, c, t}
}

var keyed = regexp.MustCompile(`data-key="([^"]+)" data-proof="([^"]+)"`)

// key gives a key as the frame has it, with its proof.
func key(t testing.TB, c http.Handler) (string, string) {
	t.Helper()
	w := httptest.NewRecorder()
	c.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	found := keyed.FindStringSubmatch(w.Body.String())
	if w.Code != 200 || found == nil {
		t.Fatalf("the frame is %d: %s", w.Code, w.Body)
	}
	return found[1], found[2]
}

func (c *aChat) say(body map[string]string) *httptest.ResponseRecorder {
	c.t.Helper()
	b, err := json.Marshal(body)
	if err != nil {
		c.t.Fatal(err)
	}
	return c.raw(form.JSON, string(b))
}

func (c *aChat) raw(kind, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("Content-Type", kind)
	return connectortest.Do(c.t, c.Chat, r)
}

func TestConformance(t *testing.T) {
	var body string
	connectortest.Run(t, connectortest.Fixture{
		Type: Type(),
		Config: func(*testing.T) any {
			body = ""
			return Type().NewConfig()
		},
		Deliver: func(t testing.TB, c connectors.Connector) bool {
			if body == "" {
				k, proof := key(t, c.(http.Handler))
				body = url.Values{"key": {k}, "proof": {proof}, "text": {"My name is Kate Jansen"}, "email": {"kate@example.org"}}.Encode()
			}
			r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
			r.Header.Set("Content-Type", form.URLEncoded)
			return connectortest.Do(t, c, r).Code == http.StatusAccepted
		},
		Reply:   &message.Message{ID: message.NewID([]byte("answer")), Thread: message.NewID([]byte("thread")), Direction: message.Out, Text: "Hello"},
		Private: []string{"Kate Jansen", "kate@example.org"},
	})
}

func TestFirstMessageBeginsAConversation(t *testing.T) {
	c := newChat(t)
	k, proof := key(t, c)
	post := map[string]string{"text": " No signal\r\n\u0007here ", "key": k, "proof": proof, "name": "Kate", "email": "Kate@Example.org", "phone": "it is secret"}
	w := c.say(post)
	if w.Code != http.StatusAccepted {
		t.Fatalf("%d: %s", w.Code, w.Body)
	}
	m := c.Only()
	email, err := message.Email("kate@example.org", message.Claimed)
	if err != nil {
		t.Fatal(err)
	}
	want := &message.Message{
		ID: m.ID, Thread: m.ID, Connector: "chat", Channel: "chat", Received: m.Received, Name: "Kate", Text: " No signal\nhere ",
		From: m.From, Marks: m.Marks,
	}
	if diff := cmp.Diff(want, m); diff != "" {
		t.Errorf("message (-want +got):\n%s", diff)
	}
	if len(m.From) != 1 || m.From[0].Kind != email.Kind || m.From[0].Level != message.Claimed || len(m.Marks) != 1 {
		t.Errorf("from %v with marks %q", m.From, m.Marks)
	}
	var got receiptBody
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || got.Message != m.ID || !strings.Contains(got.Thread, m.ID) {
		t.Errorf("receipt = %+v, %v", got, err)
	}
	// Sent again it is the same; the key of nobody begins nothing.
	if again := c.say(post); again.Body.String() != w.Body.String() || len(c.Accepted()) != 1 {
		t.Errorf("sent again: %s, %d messages", again.Body, len(c.Accepted()))
	}
	post["proof"] = "forged"
	if w := c.say(post); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("with a proof that is none: %d", w.Code)
	}
}

// Further messages say nothing of who began the conversation: that is for the thread to know, whose link anybody may have.
func TestFurtherMessagesGoOnInTheirThread(t *testing.T) {
	c := newChat(t)
	thread := message.NewID([]byte("thread"))
	w := c.say(map[string]string{"text": "And here", "key": "2", "thread": thread + "-token", "email": "kate@example.org", "address_at": "1764493200000"})
	if w.Code != http.StatusAccepted {
		t.Fatalf("%d: %s", w.Code, w.Body)
	}
	m := c.Only()
	if m.Thread != thread || m.Connector != "" || m.Channel != "chat" || len(m.From) != 1 || m.From[0].Level != message.Claimed || !m.Typed.Equal(time.UnixMilli(1764493200000)) {
		t.Errorf("message = %+v", m)
	}
}

// Browsers take addresses that are none. The visitor's browser keeps what they typed and sends it with each message, of which not one was taken.
func TestAnAddressThatIsNoneIsAMark(t *testing.T) {
	c := newChat(t)
	k, proof := key(t, c)
	if w := c.say(map[string]string{"text": "No signal", "key": k, "proof": proof, "email": "kate..jansen@example.org", "phone": "it is secret"}); w.Code != http.StatusAccepted {
		t.Fatalf("%d: %s", w.Code, w.Body)
	}
	m := c.Only()
	want := []string{"email as typed: kate..jansen@example.org", "phone as typed: it is secret"}
	if diff := cmp.Diff(want, m.Marks); diff != "" || len(m.From) != 0 {
		t.Errorf("from %v with marks (-want +got):\n%s", m.From, diff)
	}
}

func TestWhatIsWrongIsTold(t *testing.T) {
	c := newChat(t)
	k, proof := key(t, c)
	valid := func(edit func(m map[string]any)) string {
		m := map[string]any{"text": "x", "key": k, "proof": proof}
		edit(m)
		b, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	set := func(name string, value any) string { return valid(func(m map[string]any) { m[name] = value }) }
	for _, test := range []struct {
		name, kind, body string
		status           int
		says             string
	}{
		{"no text", form.JSON, set("text", " \n"), 422, "text must not be empty"},
		{"long text", form.JSON, set("text", strings.Repeat("x", maxText+1)), 422, "text must be at most 10000 characters"},
		{"no key", form.JSON, set("key", ""), 422, "key must be 1 to 200 characters"},
		{"no proof", form.JSON, set("proof", ""), 422, "proof must be that of the key"},
		{"no conversation", form.JSON, set("thread", "nothing"), 404, "thread is no conversation"},
		{"a long address", form.JSON, set("email", strings.Repeat("k", 400)), 422, "email must be at most 320 characters"},
		{"a number", form.JSON, set("text", 3), 422, "text must be a string, not number"},
		{"no JSON", form.JSON, "{", 400, "the body is not one JSON value"},
		{"no form", form.URLEncoded, "%zz", 400, "the body is not a URL-encoded form"},
		{"something else", "text/plain", "hello", 415, "the content type must be"},
		{"5 MB", form.JSON, `{"text":"` + strings.Repeat("x", 5<<20) + `"}`, 422, "text must be at most 10000 characters"},
		{"11 MB", form.JSON, `{"text":"` + strings.Repeat("x", 11<<20) + `"}`, 413, "the request is larger than"},
		{"deep", form.JSON, strings.Repeat("[", 100), 400, "the body goes deeper than 16 brackets"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if w := c.raw(test.kind, test.body); w.Code != test.status || !strings.Contains(w.Body.String(), test.says) {
				t.Errorf("%d %s, want %d with %q", w.Code, w.Body, test.status, test.says)
			}
		})
	}
	if got := c.Accepted(); len(got) > 0 {
		t.Errorf("accepted %v", got)
	}
	c.Refuse(true)
	if w := c.raw(form.JSON, valid(func(map[string]any) {})); w.Code != 503 || w.Header().Get("Retry-After") == "" {
		t.Errorf("while nothing can be taken: %d", w.Code)
	}
}

// Without scripts the frame is a form: it leads to the conversation's page, and shows again what could not be sent.
func TestFrameIsAFormWithoutScripts(t *testing.T) {
	c := newChat(t)
	k, proof := key(t, c)
	browser := func(text string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodPost, "/?lang=en", strings.NewReader(url.Values{"key": {k}, "proof": {proof}, "text": {text}}.Encode()))
		r.Header.Set("Content-Type", form.URLEncoded)
		r.Header.Set("Accept", "text/html,*/*;q=0.8")
		return connectortest.Do(t, c.Chat, r)
	}
	if w := browser(" "); w.Code != 422 || !strings.Contains(w.Body.String(), "This could not be sent.") || !strings.Contains(w.Body.String(), k) {
		t.Errorf("nothing written: %d %s", w.Code, w.Body)
	}
	w := browser("Hello")
	m := c.Only()
	if w.Code != 303 || !strings.HasPrefix(w.Header().Get("Location"), "../../t/"+m.ID) {
		t.Errorf("%d to %s", w.Code, w.Header().Get("Location"))
	}
}

// While nobody is there the frame says when somebody is, and asks for an address.
func TestClosedOfficeIsTold(t *testing.T) {
	c := newChat(t)
	c.now = func() time.Time { return time.Date(2026, 11, 30, 20, 0, 0, 0, time.UTC) }
	shown := func(lang string) string {
		w := httptest.NewRecorder()
		c.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/?lang="+lang, nil))
		return w.Body.String()
	}
	if s := shown("en"); strings.Contains(s, `id="closed"`) || strings.Contains(s, `<details id="leave" open>`) {
		t.Error("it is told that an open office is closed")
	}
	c.CloseOffice()
	for lang, want := range map[string]string{"en": "We are closed until Monday at 21:00.", "nl": "We zijn gesloten tot maandag om 21:00."} {
		if s := shown(lang); !strings.Contains(s, want) || !strings.Contains(s, `<details id="leave" open>`) {
			t.Errorf("closed in %s:\n%s", lang, s)
		}
	}
	if got := english().closed(time.Date(2026, 12, 28, 9, 0, 0, 0, time.UTC), c.now()); !strings.Contains(got, "until 28 December at 09:00.") {
		t.Errorf("closed for weeks: %s", got)
	}
}

// Files come with a message, whether it begins the conversation or goes on, and a message may be files alone.
func TestFilesComeWithAMessage(t *testing.T) {
	c := newChat(t)
	k, proof := key(t, c)
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for name, value := range map[string]string{"text": "", "key": k, "proof": proof} {
		if err := w.WriteField(name, value); err != nil {
			t.Fatal(err)
		}
	}
	file, err := w.CreateFormFile("attachments", "photo.jpg")
	if err == nil {
		_, err = file.Write([]byte("a photo"))
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	if got := c.raw(w.FormDataContentType(), b.String()); got.Code != http.StatusAccepted {
		t.Fatalf("%d: %s", got.Code, got.Body)
	}
	m := c.Only()
	want := []message.Attachment{{Name: "photo.jpg", Type: "application/octet-stream", Size: 7, Blob: m.ID + "/1"}}
	if diff := cmp.Diff(want, m.Attachments); diff != "" || c.Blob(m.ID+"/1") != "a photo" {
		t.Errorf("attachments (-want +got):\n%s", diff)
	}
}

func TestWhoMayShowTheFrame(t *testing.T) {
	c := newChat(t, func(c *Config) { c.Origins = []string{"https://WWW.example.org:443"} })
	w := httptest.NewRecorder()
	c.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	if p := w.Header().Get("Content-Security-Policy"); !strings.HasSuffix(p, "; frame-ancestors 'self' https://www.example.org") || !strings.HasPrefix(p, "default-src 'none'; script-src 'self';") {
		t.Errorf("policy = %s", p)
	}
	for path, want := range map[string]int{"/chat.js": 200, "/s/" + c.pages.hash + "/frame.js": 200, "/s/" + c.pages.hash + "/frame.css": 200, "/s/x/frame.js": 404, "/s/" + c.pages.hash + "/chat.js": 404, "/no": 404} {
		w := httptest.NewRecorder()
		c.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code != want {
			t.Errorf("%s is %d, want %d", path, w.Code, want)
		}
	}
}

func TestMistakesInSettings(t *testing.T) {
	cfg := Type().NewConfig().(*Config)
	cfg.RatePerMinute, cfg.Languages, cfg.Origins, cfg.Title = -1, []string{"nl", "de", "nl"}, []string{"www.example.org"}, map[string]string{"en": "Chat"}
	var got []string
	for _, e := range field.All(cfg.Validate()) {
		got = append(got, e.Error())
	}
	want := []string{
		"rate_per_minute: must be 0 (no limit) or more, not -1",
		"origins[0]: must be a scheme and a name, such as https://www.example.org",
		`languages[1]: must be one of nl, en, not "de"`, `languages[2]: names "nl" a second time`,
		"title.en: must be in one of the languages of the chat: nl, de, nl",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("mistakes (-want +got):\n%s", diff)
	}
}

func FuzzPost(f *testing.F) {
	f.Add(form.JSON, `{"text":"x","key":"k","thread":"t","email":"a@example.org"}`)
	f.Add(form.URLEncoded, "text=x&key=k&proof=p&phone=%2B31612345678")
	f.Fuzz(func(t *testing.T, kind, body string) {
		c := newChat(t, func(c *Config) { c.RatePerMinute = 0 })
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		r.Header.Set("Content-Type", kind)
		if w := connectortest.Do(t, c.Chat, r); w.Code != 202 && (w.Code < 400 || w.Code >= 500) {
			t.Errorf("%d", w.Code)
		}
	})
}
