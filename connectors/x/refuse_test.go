package x_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"loket/connectors/connectortest"
	"loket/connectors/x"
	"loket/connectors/x/api"
	"loket/connectors/x/xtest"
	"loket/internal/message"
)

func TestChallengeIsAnswered(t *testing.T) {
	e := connectortest.New(t)
	a := account(t, e, config(nil, "v2"))
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	if err := xtest.Challenge(server.URL); err != nil {
		t.Error(err)
	}
	for path, want := range map[string]int{"/": 400, "/?crc_token=": 400, "/?crc_token=" + strings.Repeat("x", 129): 400, "/?crc_token=" + strings.Repeat("x", 128): 200, "/other?crc_token=x": 404} {
		if got := serve(a, httptest.NewRequest(http.MethodGet, path, nil)).Code; got != want {
			t.Errorf("GET %.40s = %d, want %d", path, got, want)
		}
	}
	if got := serve(a, httptest.NewRequest(http.MethodPut, "/", nil)).Code; got != 405 {
		t.Errorf("PUT = %d, want 405", got)
	}
	cfg := config(nil, "v2")
	cfg.Webhook, cfg.Poll = false, 1e9
	cfg.APIURL = "http://127.0.0.1:1"
	if got := serve(account(t, e, cfg), httptest.NewRequest(http.MethodGet, "/?crc_token=x", nil)).Code; got != 404 {
		t.Errorf("challenge of a webhook that is switched off = %d, want 404", got)
	}
}

// oracle is what the challenge answers for a body that somebody made up; "" when it refuses.
func oracle(t *testing.T, a http.Handler, body string) string {
	t.Helper()
	w := serve(a, httptest.NewRequest(http.MethodGet, "/?"+url.Values{"crc_token": {body}}.Encode(), nil))
	var got struct {
		Token string `json:"response_token"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Fatalf("answer %s: %v", w.Body, err)
	}
	if (w.Code == 200) != (got.Token != "") || w.Code != 200 && w.Code != 400 {
		t.Errorf("the challenge %.60q is answered %d with %q, want 200 with a signature or 400 with none", body, w.Code, got.Token)
	}
	return got.Token
}

func TestNoSignatureOfTheChallengeIsWorthABody(t *testing.T) {
	f, e := xtest.Start(t), connectortest.New(t)
	a := account(t, e, config(f, "v2"))
	event := string(f.PostCreated(f.Add(xtest.Post{Text: "forged", Names: true})))
	bodies := []string{
		event, " " + event, event + "\n", "[" + event + "]", strings.ReplaceAll(event, "{", "{\t"), "{}", "[]", `""`, `"x"`, " ", "\n",
		"null", "true", "false", "0", "123", "-1.5e+3", "1e5", "hello", "a.b/c-d_e=", "\u0000", "null\n", "\ufeffnull", "nul\x6c ",
		strings.Repeat("1", 128), strings.Repeat("1", 129),
	}
	for _, body := range bodies {
		signature := oracle(t, a, body)
		if strings.Trim(body, "{}[]\"\n\t ") != body && signature != "" {
			t.Errorf("the challenge signs %.60q, which could be a body", body)
		}
		req := xtest.Request("/", []byte(body))
		req.Header.Set("X-Twitter-Webhooks-Signature", signature)
		if got := serve(a, req).Code; got != 403 {
			t.Errorf("the body %.60q with the challenge's answer as its signature = %d, want 403", body, got)
		}
	}
	for name, r := range map[string]*http.Request{
		"twice":               httptest.NewRequest(http.MethodGet, "/?crc_token=abc&crc_token="+url.QueryEscape(event), nil),
		"twice, the other":    httptest.NewRequest(http.MethodGet, "/?crc_token="+url.QueryEscape(event)+"&crc_token=abc", nil),
		"named otherwise":     httptest.NewRequest(http.MethodGet, "/?crc_token[]=abc", nil),
		"by HEAD":             httptest.NewRequest(http.MethodHead, "/?crc_token="+url.QueryEscape(event), nil),
		"after a broken pair": httptest.NewRequest(http.MethodGet, "/?crc_token=abc&x=%zz", nil),
	} {
		if w := serve(a, r); w.Code != 400 || strings.Contains(w.Body.String(), "sha256=") {
			t.Errorf("%s: %d %s, want 400 without a signature", name, w.Code, w.Body)
		}
	}
	form := httptest.NewRequest(http.MethodPost, "/?crc_token=abc", strings.NewReader(url.Values{"crc_token": {event}}.Encode()))
	form.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if w := serve(a, form); w.Code != 403 || strings.Contains(w.Body.String(), "sha256=") {
		t.Errorf("a challenge in a form = %d %s, want 403 without a signature", w.Code, w.Body)
	}
	if n := len(e.Accepted()); n != 0 {
		t.Errorf("%d messages stored, want none", n)
	}
}

func TestWrongSignatureStoresNothing(t *testing.T) {
	f, e := xtest.Start(t), connectortest.New(t)
	a := account(t, e, config(f, "v2"))
	body := f.PostCreated(f.Add(xtest.Post{Text: "hello", Names: true}))
	right := xtest.Signature(body)
	for name, signature := range map[string]string{
		"none": "", "of another body": xtest.Signature(append(body, ' ')), "without its kind": strings.TrimPrefix(right, "sha256="),
		"of another kind": "sha1=" + strings.TrimPrefix(right, "sha256="), "cut": right[:len(right)-4], "longer": right + "A", "empty": "sha256=",
	} {
		req := xtest.Request("/", body)
		req.Header.Set("X-Twitter-Webhooks-Signature", signature)
		if w := serve(a, req); w.Code != 403 || !strings.Contains(w.Body.String(), "signature") {
			t.Errorf("%s: %d %s, want 403 that says why", name, w.Code, w.Body)
		}
	}
	if n := len(e.Accepted()); n != 0 {
		t.Errorf("%d messages stored, want none", n)
	}
	req := xtest.Request("/", bytes.Repeat([]byte("x"), 1<<20+1))
	if got := serve(a, req).Code; got != 413 {
		t.Errorf("a body that is too large = %d, want 413", got)
	}
	if got := deliver(a, body); got != 200 || len(e.Accepted()) != 1 {
		t.Errorf("the right one afterwards = %d with %d messages, want 200 with 1", got, len(e.Accepted()))
	}
}

func TestBodyOfAnUnsignedWebhookIsNotRead(t *testing.T) {
	a := account(t, connectortest.New(t), config(nil, "v2"))
	for _, signature := range []string{"", "x", "sha256=", "sha256=AAAA", "sha1=" + strings.TrimPrefix(xtest.Signature(nil), "sha256=")} {
		r := httptest.NewRequest(http.MethodPost, "/", iotest.ErrReader(errors.New("the body is read")))
		r.Header.Set("X-Twitter-Webhooks-Signature", signature)
		if got := serve(a, r).Code; got != 403 {
			t.Errorf("signature %q: %d, want 403", signature, got)
		}
	}
}

func TestOddEventsDisturbNoOthers(t *testing.T) {
	const good = `{"id_str":"1460323737035677698","text":"good","user":{"id_str":"5","screen_name":"kate"},"in_reply_to_user_id_str":null}`
	in := func(tweets ...string) string {
		return `{"for_user_id":"783214","tweet_create_events":[` + strings.Join(tweets, ",") + `]}`
	}
	xaa := func(kind, payload string) string {
		return `{"data":{"event_uuid":"-1","filter":{"user_id":"783214"},"event_type":"` + kind + `","payload":` + payload + `}}`
	}
	for _, test := range []struct {
		name, body    string
		good, trouble int // messages that can be read, and that go to quarantine
	}{
		{"post without an id", in(`{"text":"x","user":{"id_str":"5"}}`, good), 1, 1},
		{"post without an author", in(`{"id_str":"7","text":"x"}`, good), 1, 1},
		{"post whose author is no number", in(`{"id_str":"7","user":{"id_str":"kate"}}`, good), 1, 1},
		{"post whose id is negative", in(`{"id_str":"-7","user":{"id_str":"5"}}`, good), 1, 1},
		{"post of another form", in(`"text"`, `7`, `{"id_str":7}`, good), 1, 3},
		{"null", in(`null`, good), 1, 1},
		{"list that is none", `{"for_user_id":"783214","tweet_create_events":{}}`, 0, 1},
		{"private message without a text", `{"for_user_id":"783214","direct_message_events":[{"type":"message_create","id":"7"},{"type":"message_create","id":"8",` +
			`"message_create":{"sender_id":"5","target":{"recipient_id":"783214"},"message_data":{"text":"good"}}}]}`, 1, 1},
		{"private message without a sender", `{"for_user_id":"783214","direct_message_events":[{"type":"message_create","id":"7","message_create":{"target":{"recipient_id":"783214"},"message_data":{}}}]}`, 0, 1},
		{"private message that is no message", `{"for_user_id":"783214","direct_message_events":[{"type":"welcome","id":"7"}]}`, 0, 0},
		{"unknown event", `{"for_user_id":"783214","space_events":[{}]}`, 0, 0},
		{"typing, reading, following", `{"for_user_id":"783214","direct_message_indicate_typing_events":[{}],"direct_message_mark_read_events":[{}],"follow_events":[{}],"users":{}}`, 0, 0},
		{"another account's", `{"for_user_id":"99","tweet_create_events":[` + good + `]}`, 0, 0},
		{"deletion without an id", `{"for_user_id":"783214","tweet_delete_events":[{"status":{}}]}`, 0, 1},
		{"repost", in(`{"id_str":"7","text":"RT","user":{"id_str":"5"},"retweeted_status":{"id_str":"6"}}`), 0, 0},
		{"not JSON", `hello!`, 0, 1},
		{"empty list", `[]`, 0, 1},
		{"nothing", `{}`, 0, 0},
		{"null alone", ` null`, 0, 1},
		{"activity without a payload", xaa("post.mention.create", "null"), 0, 1},
		{"activity without an author", xaa("post.mention.create", `{"id":"7","text":"x"}`), 0, 1},
		{"activity of another form", xaa("post.mention.create", `{"id":7}`), 0, 1},
		{"activity without a type", `{"data":{"payload":{}}}`, 0, 1},
		{"activity that is none", `{"data":7}`, 0, 1},
		{"activity of a message without one", xaa("dm.received", `{}`), 0, 1},
		{"unknown activity", xaa("space.start", `{"x":1}`), 0, 0},
		{"our own profile", xaa("profile.update.bio", `{}`), 0, 0},
		{"more events than there may be", in(strings.TrimSuffix(strings.Repeat("{},", 1001), ",")), 0, 1},
		{"a list that is given twice", `{"for_user_id":"783214","tweet_create_events":[],"tweet_create_events":[` + good + `]}`, 0, 1},
		{"brackets", `{"for_user_id":"783214","tweet_create_events":` + strings.Repeat("[", 100_000), 0, 1},
		{"huge original", `{"for_user_id":"783214","tweet_create_events":["` + strings.Repeat("x", 10_000) + `"]}`, 0, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			e := connectortest.New(t)
			a := account(t, e, config(nil, "v2"))
			for range 2 {
				if got := deliver(a, []byte(test.body)); got != 200 {
					t.Fatalf("delivery = %d, want 200", got)
				}
			}
			read, trouble := 0, 0
			for _, m := range e.Accepted() {
				if !message.ValidID(m.ID) || m.Received.IsZero() {
					t.Errorf("message %+v is none", m)
				}
				if m.Problem == "" {
					read++
				} else if trouble++; m.Raw == nil && e.Blob(m.RawBlob) == "" {
					t.Errorf("%s: its original is not kept", m.Problem)
				}
			}
			if read != test.good || trouble != test.trouble {
				t.Errorf("%d messages and %d to look at, want %d and %d", read, trouble, test.good, test.trouble)
			}
		})
	}
}

func TestWhatIsNotAcceptedIsNotAcknowledged(t *testing.T) {
	f, e := xtest.Start(t), connectortest.New(t)
	a := account(t, e, config(f, "v2"))
	first, second := f.Add(xtest.Post{Text: "one", Names: true}), f.Add(xtest.Post{Text: "two", Names: true})
	e.RefuseIf(func(m *message.Message) error {
		if m.Text == "two" {
			return errors.New("the store is away")
		}
		return nil
	})
	body := f.PostCreated(first, second)
	if w := serve(a, xtest.Request("/", body)); w.Code != 503 || w.Header().Get("Retry-After") == "" {
		t.Errorf("delivery = %d, want 503 with Retry-After", w.Code)
	}
	e.Refuse(false)
	if got := deliver(a, body); got != 200 || len(e.Accepted()) != 2 {
		t.Errorf("delivery again = %d with %d messages, want 200 with both once", got, len(e.Accepted()))
	}
}

func TestMediaThatCannotBeHadHoldsNothingUp(t *testing.T) {
	f := xtest.Start(t)
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a foreign host is asked") }))
	t.Cleanup(other.Close)
	for _, test := range []struct {
		name, url, mark string
		kept            bool
		kind            string
	}{
		{"picture", f.Serve("a.png", "image/png", png()), "", true, "image/png"},
		{"says it is a picture, is a page", f.Serve("b.png", "image/png", []byte("<html><script>alert(1)</script>")), x.MarkDisguised, true, "text/html"},
		{"says it is a picture, is a program", f.Serve("c.png", "image/png", append([]byte("MZ\x90\x00"), make([]byte, 100)...)), x.MarkDisguised, true, "application/octet-stream"},
		{"empty", f.Serve("d.png", "image/png", nil), x.MarkDisguised, true, "text/plain"},
		{"too large", f.Serve("e.png", "image/png", append(png(), make([]byte, 5000)...)), x.MarkMedia, false, ""},
		{"gone", f.URL + "/media/none.png", x.MarkMedia, false, ""},
		{"redirects elsewhere", f.Serve("f.png", other.URL+"/secret", nil), x.MarkMedia, false, ""},
		{"foreign host", other.URL + "/x.png", x.MarkMedia, false, ""},
		{"another scheme", "file:///etc/passwd", x.MarkMedia, false, ""},
		{"with a user", strings.Replace(f.URL, "http://", "http://u:p@", 1) + "/media/a.png", x.MarkMedia, false, ""},
		{"no address", "http://[", x.MarkMedia, false, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			e := connectortest.New(t)
			cfg := config(f, "v2")
			cfg.MaxMedia = 1000
			a := account(t, e, cfg)
			if got := deliver(a, f.PostActivity("post.mention.create", f.Add(xtest.Post{Text: "look", Names: true, Media: []string{test.url}}))); got != 200 {
				t.Fatalf("delivery = %d, want 200", got)
			}
			m := e.Only()
			if test.mark != "" && !slices.Contains(m.Marks, test.mark) || test.mark == "" && len(m.Marks) > 0 {
				t.Errorf("marks = %q, want %q", m.Marks, test.mark)
			}
			switch {
			case test.kept && (len(m.Attachments) != 1 || m.Attachments[0].Type != test.kind):
				t.Errorf("attachments = %+v, want one of type %s", m.Attachments, test.kind)
			case !test.kept && (len(m.Attachments) > 0 || len(e.BlobNames()) > 0):
				t.Errorf("attachments = %+v with %d blobs, want none", m.Attachments, len(e.BlobNames()))
			}
		})
	}
}

func TestMediaIsTriedAgain(t *testing.T) {
	f, e := xtest.Start(t), connectortest.New(t)
	a := account(t, e, config(f, "v2"))
	url := f.Serve("a.png", "image/png", png())
	f.Fail("/media/", xtest.Fault{Status: 503}, 1)
	deliver(a, f.PostActivity("post.mention.create", f.Add(xtest.Post{Text: "look", Names: true, Media: []string{url}})))
	if m := e.Only(); len(m.Attachments) != 1 || len(m.Marks) != 0 {
		t.Errorf("message = %+v, want its picture", m)
	}
}

func FuzzWebhook(f *testing.F) {
	fake := xtest.Start(f)
	post := fake.Add(xtest.Post{Text: "hello & https://example.org", Names: true, ReplyTo: "7"})
	direct := fake.AddDirect(xtest.Direct{Text: "hello"})
	for _, seed := range [][]byte{
		fake.PostCreated(post), fake.DirectCreated(direct), xtest.PostDeleted(post), fake.PostActivity("post.mention.create", post),
		fake.DirectActivity("dm.received", direct), xtest.Activity("chat.received", "1", map[string]any{"sender_id": "5"}), []byte("{}"), []byte("null "),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		e := connectortest.New(t)
		cfg := config(nil, "v2")
		cfg.MaxMedia = 0
		a := account(t, e, cfg)
		if len(body) > 1<<20 || api.IsToken(string(body)) {
			return
		}
		if got := deliver(a, body); got != 200 {
			t.Fatalf("delivery = %d, want 200", got)
		}
		first := e.Accepted()
		if deliver(a, body); len(e.Accepted()) != len(first) {
			t.Fatalf("delivered twice it is %d messages, once %d", len(e.Accepted()), len(first))
		}
		for _, m := range first {
			if !message.ValidID(m.ID) || m.Connector != "care" || m.Channel != "x" || m.Received.IsZero() {
				t.Fatalf("message %+v", m)
			}
			for _, r := range append(m.References, m.Own) {
				if len(r) > 200 {
					t.Fatalf("reference of %d bytes", len(r))
				}
			}
		}
	})
}
