package portal

import (
	"encoding/json"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"loket/internal/form"
	"loket/internal/message"
	"loket/router/thread"
)

const multipartText = "--b\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nA\r\nB\r\n--b--\r\n"

func TestWhatIsWrittenBecomesAMessageOfTheThread(t *testing.T) {
	for _, test := range []struct{ name, kind, body string }{
		{"form", form.URLEncoded, url.Values{"text": {"A\r\n\x07B"}}.Encode()},
		{"JSON", form.JSON + "; charset=utf-8", `{"text":"A\rB","from":"ignored"}`},
		{"multipart", form.Multipart + "; boundary=b", multipartText},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := newHouse(t, nil)
			w := h.do(post(h.page("a"), test.kind, test.body))
			if w.Code != 202 || len(h.accepted) != 1 {
				t.Fatalf("answer = %d %s with %d accepted", w.Code, w.Body, len(h.accepted))
			}
			m := h.accepted[0]
			if diff := cmp.Diff(&message.Message{ID: m.ID, Thread: id("a"), Text: "A\nB", Received: noon}, m); diff != "" {
				t.Errorf("message (-want +got):\n%s", diff)
			}
			if !message.ValidID(m.ID) {
				t.Errorf("id %q is not one", m.ID)
			}
			var body struct{ Receipt, Message string }
			if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil || body.Message != m.ID || body.Receipt != receipt(m.ID) {
				t.Errorf("answer = %s: %v", w.Body, err)
			}
		})
	}
}

func TestWhatIsWrittenIsReadInItsCharset(t *testing.T) {
	for _, tc := range []struct{ name, kind, body string }{
		{"JSON", form.JSON + "; charset=iso-8859-1", "{\"text\":\"f\xfcr Frau M\xfcller\"}"},
		{"JSON with a mark", form.JSON, "\ufeff{\"text\":\"für Frau Müller\"}"},
		{"form", form.URLEncoded + "; charset=windows-1252", "text=f%FCr+Frau+M%FCller"},
		{"form of a browser", form.URLEncoded, "text=f%FCr+Frau+M%FCller&_charset_=windows-1252"},
		{"multipart", form.Multipart + "; boundary=b; charset=latin1", "--b\r\nContent-Disposition: form-data; name=text\r\n\r\nf\xfcr Frau M\xfcller\r\n--b--\r\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h := newHouse(t, nil)
			if w := h.do(post(h.page("a"), tc.kind, tc.body)); w.Code != 202 {
				t.Fatalf("answer = %d %s", w.Code, w.Body)
			}
			if got := h.accepted[0].Text; got != "für Frau Müller" {
				t.Errorf("what was written is %q", got)
			}
		})
	}
}

func TestSameKeyAndTextIsOneMessage(t *testing.T) {
	type sent struct{ thread, key, text string }
	for _, test := range []struct {
		name string
		a, b sent
		one  bool
	}{
		{"same", sent{"a", "k", "x"}, sent{"a", "k", "x"}, true},
		{"other text", sent{"a", "k", "x"}, sent{"a", "k", "y"}, false},
		{"other key", sent{"a", "k", "x"}, sent{"a", "l", "x"}, false},
		{"other thread", sent{"a", "k", "x"}, sent{"b", "k", "x"}, false},
		{"no key", sent{"a", "", "x"}, sent{"a", "", "x"}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := newHouse(t, nil)
			for i, s := range []sent{test.a, test.b} {
				r := post(h.page(s.thread), form.URLEncoded, url.Values{"text": {s.text}, fieldKey: {s.key}}.Encode())
				if i == 1 { // a header is as good as the field
					r = post(h.page(s.thread), form.JSON, `{"text":"`+s.text+`"}`)
					r.Header.Set("Idempotency-Key", s.key)
				}
				if w := h.do(r); w.Code != 202 {
					t.Fatalf("status = %d", w.Code)
				}
			}
			if one := h.accepted[0].ID == h.accepted[1].ID; one != test.one {
				t.Errorf("one message = %v, want %v", one, test.one)
			}
		})
	}
}

func TestBadWritingIsRefused(t *testing.T) {
	long := strings.Repeat("é", maxText+1)
	for _, test := range []struct {
		name, kind, body string
		status           int
		field            string
	}{
		{"nothing", form.URLEncoded, "", 422, "text"},
		{"blank", form.JSON, `{"text":" \r\n\u0000"}`, 422, "text"},
		{"too long", form.JSON, `{"text":"` + long + `"}`, 422, "text"},
		{"not a text", form.JSON, `{"text":1}`, 422, "text"},
		{"a list", form.JSON, `[]`, 400, ""},
		{"broken", form.JSON, `{"text":"x"`, 400, ""},
		{"broken escape", form.URLEncoded, "text=%zz", 400, ""},
		{"long key", form.URLEncoded, "text=x&idempotency_key=" + strings.Repeat("k", maxKey+1), 400, fieldKey},
		{"plain text", "text/plain", "x", 415, ""},
		{"no type", "", "x", 415, ""},
		{"a file", form.Multipart + "; boundary=b", "--b\r\nContent-Disposition: form-data; name=a; filename=a.txt\r\n\r\nx\r\n--b--\r\n", 422, "attachments"},
		{"a file with quotes in its name", form.Multipart + "; boundary=b", "--b\r\nContent-Disposition: form-data; name=a; filename=\"a \"b\".txt\"\r\n\r\nx\r\n" + multipartText, 422, "attachments"},
		{"a file without a name", form.Multipart + "; boundary=b", "--b\r\nContent-Disposition: form-data; name=a\r\nContent-Type: application/pdf\r\n\r\nx\r\n" + multipartText, 422, "attachments"},
		{"the name of a file", form.URLEncoded, "text=x&attachments=bill.pdf", 422, "attachments"},
		{"a file in JSON", form.JSON, `{"text":"x","attachments":[{"name":"a","data":"aGk="}]}`, 422, "attachments"},
		{"a part without a name", form.Multipart + "; boundary=b", "--b\r\n\r\nx\r\n" + multipartText, 400, ""},
		{"Latin 1, not named", form.JSON, "{\"text\":\"f\xfcr\"}", 400, ""},
		{"Latin 1, not named, form", form.URLEncoded, "text=f%FCr", 400, "text"},
		{"Latin 1, not named, multipart", form.Multipart + "; boundary=b", strings.Replace(multipartText, "A", "f\xfcr", 1), 400, "text"},
		{"a charset that nobody knows", form.JSON + "; charset=klingon", `{"text":"x"}`, 415, ""},
		{"cut off", form.Multipart + "; boundary=b", multipartText[:60], 400, ""},
		{"no boundary", form.Multipart, multipartText, 400, ""},
		{"many parts", form.Multipart + "; boundary=b", strings.Repeat(multipartText[:len(multipartText)-7], 50), 400, ""},
		{"many fields", form.URLEncoded, "text=x" + strings.Repeat("&a", 1000), 400, ""},
		{"many values", form.JSON, `{"text":"x","own":[` + strings.Repeat("{},", 1000) + `{}]}`, 400, "own"},
		{"deep", form.JSON, `{"text":` + strings.Repeat("[", 1000), 400, "text"},
		{"given twice", form.JSON, `{"text":"x","text":"y"}`, 400, "text"},
		{"head of a part", form.Multipart + "; boundary=b", strings.Replace(multipartText, "\r\n\r\n", strings.Repeat("\r\na: b", 5000)+"\r\n\r\n", 1), 400, ""},
		{"too large", form.JSON, `{"text":"` + strings.Repeat("x", defaultMaxBytes) + `"}`, 413, ""},
		{"too large form", form.URLEncoded, "text=" + strings.Repeat("x", defaultMaxBytes), 413, ""},
		{"too large multipart", form.Multipart + "; boundary=b", strings.Replace(multipartText, "A", strings.Repeat("x", defaultMaxBytes), 1), 413, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := newHouse(t, nil)
			w := h.do(post(h.page("a"), test.kind, test.body))
			var body struct {
				Status        int
				Field, Detail string
			}
			if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
				t.Fatalf("answer = %d %.200s: %v", w.Code, w.Body, err)
			}
			if w.Code != test.status || body.Status != test.status || body.Field != test.field || body.Detail == "" ||
				w.Header().Get("Content-Type") != "application/problem+json" {
				t.Errorf("answer = %d %s, want %d at %q", w.Code, w.Body, test.status, test.field)
			}
			if len(h.accepted) != 0 {
				t.Error("it was accepted all the same")
			}
		})
	}
}

func TestWhatWasTypedIsKept(t *testing.T) {
	typed := url.Values{"text": {"</textarea><script>typed"}, fieldKey: {"k1"}}.Encode()
	const kept = "&lt;/textarea&gt;&lt;script&gt;typed</textarea>"
	t.Run("not accepted", func(t *testing.T) {
		h := newHouse(t, nil)
		talk(h)
		h.refused = errors.New("spool full")
		w := h.do(browser(post(h.page("a"), form.URLEncoded, typed)))
		for _, want := range []string{kept, dutch().NotNow, "Hi there", `value="k1"`} {
			if w.Code != 503 || w.Header().Get("Retry-After") != "5" || !strings.Contains(w.Body.String(), want) {
				t.Errorf("page = %d, Retry-After %q, lacks %q", w.Code, w.Header().Get("Retry-After"), want)
			}
		}
	})
	t.Run("not accepted and store away", func(t *testing.T) {
		h := newHouse(t, nil)
		h.refused, h.away = errors.New("spool full"), errors.New("away")
		if w := h.do(browser(post(h.page("a"), form.URLEncoded, typed))); w.Code != 503 || !strings.Contains(w.Body.String(), kept) {
			t.Errorf("page = %d %s", w.Code, w.Body)
		}
	})
	t.Run("too fast", func(t *testing.T) {
		h := newHouse(t, func(o *Options) { o.RatePerMinute = 1 })
		if w := h.do(browser(post(h.page("a"), form.URLEncoded, typed))); w.Code != 303 {
			t.Fatalf("first = %d, want 303", w.Code)
		}
		w := h.do(browser(post(h.page("a"), form.URLEncoded, typed)))
		if w.Code != 429 || w.Header().Get("Retry-After") != "60" || !strings.Contains(w.Body.String(), kept) {
			t.Errorf("page = %d, Retry-After %q: %s", w.Code, w.Header().Get("Retry-After"), w.Body)
		}
		if w := h.do(post(h.page("a"), form.JSON, `{"text":"x"}`)); w.Code != 429 || w.Header().Get("Retry-After") != "60" {
			t.Errorf("JSON = %d, Retry-After %q", w.Code, w.Header().Get("Retry-After"))
		}
		if len(h.accepted) != 1 {
			t.Errorf("accepted %d, want 1", len(h.accepted))
		}
	})
	t.Run("empty in English", func(t *testing.T) {
		h := newHouse(t, nil)
		w := h.do(browser(post(h.page("a")+"?lang=en", form.URLEncoded, "text=")))
		if w.Code != 422 || !strings.Contains(w.Body.String(), english().TextMissing) || !strings.Contains(w.Body.String(), `aria-describedby="problem"`) {
			t.Errorf("page = %d %s", w.Code, w.Body)
		}
	})
}

func TestNothingWrittenIsLogged(t *testing.T) {
	h := newHouse(t, nil)
	h.refused = errors.New("spool full")
	h.do(post(h.page("a"), form.JSON, `{"text":"very private"}`))
	h.refused = nil
	h.do(post(h.page("a"), form.JSON, `{"text":"very private"}`))
	token := h.tokens.Token(id("a"))
	for _, e := range h.logs.All() {
		line := e.Message
		for _, f := range e.Context {
			line += f.String
			if err, ok := f.Interface.(error); ok {
				line += err.Error()
			}
		}
		if strings.Contains(line, "very private") || strings.Contains(line, token) {
			t.Errorf("log line tells what it must not: %s", line)
		}
	}
}

// sent is what a browser makes of the page's form: a text, and files by their names.
func sent(t *testing.T, text string, files ...string) (kind, body string) {
	t.Helper()
	var b strings.Builder
	form := multipart.NewWriter(&b)
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	must(form.WriteField(fieldKey, "k1"))
	must(form.WriteField("text", text))
	for i := 0; i < len(files); i += 2 {
		w, err := form.CreateFormFile(fieldFiles, files[i])
		must(err)
		_, err = io.WriteString(w, files[i+1])
		must(err)
	}
	must(form.Close())
	return form.FormDataContentType(), b.String()
}

func withFiles(o *Options) { o.MaxBytes, o.MaxFiles = 64<<10, 2 }

func TestFilesThatAreWrittenBackAreKept(t *testing.T) {
	h := newHouse(t, withFiles)
	talk(h)
	page := h.do(browser(get(h.page("a") + "?lang=en"))).Body.String()
	for _, want := range []string{`enctype="multipart/form-data"`, `name="attachments" type="file" multiple`, "At most 2 files and 64 kB together."} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	kind, body := sent(t, "My passport", "pass.txt", "hello", "bill.txt", strings.Repeat("x", 20<<10))
	for range 2 { // the second by somebody who presses the button again
		if w := h.do(browser(post(h.page("a"), kind, body))); w.Code != 303 {
			t.Fatalf("answer = %d %s", w.Code, w.Body)
		}
	}
	m := h.accepted[0]
	want := &message.Message{ID: m.ID, Thread: id("a"), Text: "My passport", Received: noon, Attachments: []message.Attachment{
		{Name: "pass.txt", Type: "application/octet-stream", Size: 5, Blob: m.ID + "/1"}, {Name: "bill.txt", Type: "application/octet-stream", Size: 20 << 10, Blob: m.ID + "/2"},
	}}
	for _, got := range h.accepted {
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("message (-want +got):\n%s", diff)
		}
	}
	if h.blobs[m.ID+"/1"] != "hello" || len(h.blobs[m.ID+"/2"]) != 20<<10 {
		t.Error("the files are not kept as they came")
	}
	if w := h.do(post(h.page("a"), form.JSON, `{"text":"x","attachments":[{"name":"a.txt","type":"text/plain","data":"aGk="}]}`)); w.Code != 202 || h.blobs[h.accepted[2].ID+"/1"] != "hi" {
		t.Errorf("JSON: answer = %d %s", w.Code, w.Body)
	}
	kind, body = sent(t, "My passport", "pass.txt", "another")
	if h.do(browser(post(h.page("a"), kind, body))); h.accepted[3].ID == m.ID {
		t.Error("other files under the same key are the same message")
	}
	kind, body = sent(t, "No file chosen", "", "")
	if w := h.do(browser(post(h.page("a"), kind, body))); w.Code != 303 || len(h.accepted[4].Attachments) != 0 {
		t.Errorf("answer = %d, attachments %v", w.Code, h.accepted[4].Attachments)
	}
}

// A file that is refused costs nobody what they typed, and nothing of it is kept.
func TestRefusedFilesLeaveWhatWasTyped(t *testing.T) {
	for name, tc := range map[string]struct {
		files  []string
		noRoom error
		status int
		says   string
	}{
		"too many":  {[]string{"a", "1", "b", "2", "c", "3"}, nil, 422, "at most 2."},
		"too large": {[]string{"a", strings.Repeat("x", 100<<10)}, nil, 413, "at most 64 kB."},
		"no room":   {[]string{"a", "1"}, errors.New("disk full"), 503, english().NotNow},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, withFiles)
			h.noRoom = tc.noRoom
			kind, body := sent(t, "typed", tc.files...)
			w := h.do(browser(post(h.page("a")+"?lang=en", kind, body)))
			for _, want := range []string{"typed</textarea>", `value="k1"`, tc.says, english().FilesAgain} {
				if w.Code != tc.status || !strings.Contains(w.Body.String(), want) {
					t.Errorf("page = %d, want %d with %q:\n%s", w.Code, tc.status, want, w.Body)
				}
			}
			if len(h.accepted)+len(h.blobs) != 0 {
				t.Error("something was kept")
			}
		})
	}
	h := newHouse(t, nil)
	if page := h.do(browser(get(h.page("a")))).Body.String(); strings.Contains(page, `type="file"`) {
		t.Error("a page that takes no files asks for some")
	}
}

// Whoever has the link of a conversation that was erased wrote on to nobody, and was told that their message had been sent.
func TestErasedConversationIsGone(t *testing.T) {
	h := newHouse(t, nil)
	talk(h)
	h.away = thread.ErrForgotten
	for _, path := range []string{"", "/live", "?lang=en"} {
		if w := h.do(browser(get(h.page("a") + path))); w.Code != http.StatusGone {
			t.Errorf("GET %s is %d, want 410", path, w.Code)
		}
	}
	w := h.do(post(h.page("a"), form.JSON, `{"text":"And now?"}`))
	if w.Code != http.StatusGone || len(h.accepted) > 0 {
		t.Errorf("writing is %d: %s, accepted %v", w.Code, w.Body, h.accepted)
	}
	w = h.do(browser(post(h.page("a"), form.URLEncoded, "text=And+%3Cnow%3E%3F")))
	if w.Code != http.StatusGone || !strings.Contains(w.Body.String(), "readonly") || !strings.Contains(w.Body.String(), "And &lt;now&gt;?") {
		t.Errorf("writing in a browser is %d, and what was written is not given back: %s", w.Code, w.Body)
	}
}
