package portal

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"loket/internal/form"
	"loket/internal/message"
)

func talk(h *house) {
	h.tell("a",
		&message.Message{
			ID: id("m1"), Text: "Hello\n<script>alert(1)</script>", Name: "Anna", Received: noon,
			Attachments: []message.Attachment{{Name: `ré"sumé.html`, Type: "text/html", Size: 2048, Blob: id("m1") + "/1"}},
		},
		&message.Message{ID: id("m2"), Direction: message.Out, Agent: "secretagent", Name: "Bob Secret", Text: "Hi there", Sent: noon.Add(time.Minute), Received: noon},
		&message.Message{ID: id("d"), Kind: message.Delivery, Text: "delivered"},
	)
	h.blobs[id("m1")+"/1"] = "0123456789"
}

func TestPageShowsBothSides(t *testing.T) {
	h := newHouse(t, nil)
	talk(h)
	for _, test := range []struct {
		accept string
		want   []string
	}{
		{"en", []string{`<html lang="en">`, "Customer service", ">You ", "2 March 2026, 13:00", "2 March 2026, 13:01", "The times are those of CET.", "Write back"}},
		{"nl-BE", []string{`<html lang="nl">`, "Klantenservice", ">U ", "2 maart 2026, 13:00", "De tijden zijn die van CET.", "Schrijf terug"}},
		{"ko", []string{`<html lang="nl">`}},
	} {
		r := browser(get(h.page("a")))
		r.Header.Set("Accept-Language", test.accept)
		w := h.do(r)
		page := w.Body.String()
		if w.Code != 200 || w.Header().Get("Content-Type") != "text/html; charset=utf-8" {
			t.Fatalf("answer = %d %s", w.Code, w.Header().Get("Content-Type"))
		}
		for _, want := range append(test.want,
			"Hello\n&lt;script&gt;", "Hi there", "<h1>Bill &lt;3&gt;</h1>", `datetime="2026-03-02T12:00:00.000Z"`, "2 kB",
			`href="./`+h.tokens.Token(id("a"))+"/a/"+id("m1")+`/1"`, `name="idempotency_key"`, `name="viewport"`,
		) {
			if !strings.Contains(page, want) {
				t.Errorf("%s page lacks %q", test.accept, want)
			}
		}
		for _, never := range []string{"<script>", "secretagent", "Bob Secret", ">delivered", "ZgotmplZ", "style="} {
			if strings.Contains(page, never) {
				t.Errorf("%s page has %q", test.accept, never)
			}
		}
		style := regexp.MustCompile(`(?s)<style>(.*)</style>`).FindStringSubmatch(page)
		sum := sha256.Sum256([]byte(style[1]))
		if policy := w.Header().Get("Content-Security-Policy"); !strings.Contains(policy, "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'") {
			t.Errorf("policy %q does not allow the style of the page", policy)
		}
	}
}

func TestThreadAsJSON(t *testing.T) {
	h := newHouse(t, nil)
	talk(h)
	w := h.do(program(get(h.page("a"))))
	var got threadBody
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != 200 {
		t.Fatalf("answer = %d %s: %v", w.Code, w.Body, err)
	}
	want := threadBody{Thread: id("a"), Subject: "Bill <3>", Messages: []messageBody{
		{
			ID: id("m1"), Direction: "in", Name: "Anna", Text: "Hello\n<script>alert(1)</script>", Sent: "2026-03-02T12:00:00.000Z",
			Attachments: []attachmentBody{{`ré"sumé.html`, "text/html", 2048, "./" + h.tokens.Token(id("a")) + "/a/" + id("m1") + "/1"}},
		},
		{ID: id("m2"), Direction: "out", Text: "Hi there", Sent: "2026-03-02T12:01:00.000Z"},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("thread (-want +got):\n%s", diff)
	}
	if w := h.do(program(get(h.page("none yet")))); w.Code != 200 || !strings.Contains(w.Body.String(), `"messages":[]`) {
		t.Errorf("thread that is not stored yet = %d %s, want no messages", w.Code, w.Body)
	}
}

func TestLongThreadShowsItsEnd(t *testing.T) {
	h := newHouse(t, nil)
	for i := range maxMessages + 5 {
		h.tell("a", &message.Message{ID: id(fmt.Sprint(i)), Text: fmt.Sprintf("number %d.", i), Received: noon})
	}
	page := h.do(browser(get(h.page("a")))).Body.String()
	if strings.Count(page, "<li ") != maxMessages || strings.Contains(page, "number 4.") || !strings.Contains(page, fmt.Sprintf("number %d.", maxMessages+4)) || !strings.Contains(page, dutch().Older) {
		t.Errorf("page shows %d messages", strings.Count(page, "<li "))
	}
}

func TestThreadOnItsWayIsWelcomed(t *testing.T) {
	h := newHouse(t, nil)
	w := h.do(browser(get(h.page("new"))))
	if w.Code != 200 || !strings.Contains(w.Body.String(), dutch().Pending) || !strings.Contains(w.Body.String(), "<textarea") {
		t.Errorf("page = %d %s", w.Code, w.Body)
	}
	if w := h.do(post(h.page("new"), form.JSON, `{"text":"and another thing"}`)); w.Code != 202 || len(h.accepted) != 1 {
		t.Errorf("writing = %d with %d accepted, want 202 with 1", w.Code, len(h.accepted))
	}
}

func TestStoreAwayStillTakesMessages(t *testing.T) {
	h := newHouse(t, nil)
	talk(h)
	h.away = errors.New("store away")
	w := h.do(browser(get(h.page("a"))))
	if w.Code != 503 || w.Header().Get("Retry-After") == "" || !strings.Contains(w.Body.String(), dutch().Away) || !strings.Contains(w.Body.String(), "<textarea") {
		t.Errorf("page = %d, Retry-After %q: %s", w.Code, w.Header().Get("Retry-After"), w.Body)
	}
	if w := h.do(program(get(h.page("a")))); w.Code != 503 || w.Header().Get("Content-Type") != "application/problem+json" {
		t.Errorf("JSON = %d %s", w.Code, w.Body)
	}
	if w := h.do(browser(get(h.page("a") + "/a/" + id("m1") + "/1"))); w.Code != 503 {
		t.Errorf("attachment = %d, want 503", w.Code)
	}
	if w := h.do(browser(post(h.page("a"), form.URLEncoded, "text=still+here"))); w.Code != 303 || len(h.accepted) != 1 {
		t.Errorf("writing = %d with %d accepted, want 303 with 1", w.Code, len(h.accepted))
	}
	if n := h.logs.Len(); n != 1 {
		t.Errorf("logged %d lines, want 1", n)
	}
	h.away = nil
	h.do(get(h.page("a")))
	if n := h.logs.FilterMessage("works again").Len(); n != 1 {
		t.Errorf("the end was logged %d times, want 1", n)
	}
}

func TestAttachmentIsADownload(t *testing.T) {
	h := newHouse(t, nil)
	talk(h)
	h.tell("b", &message.Message{ID: id("other"), Text: "x", Attachments: []message.Attachment{
		{Name: "gone", Type: "a/b", Blob: "gone"}, {Name: "away", Type: "a/b", Blob: "away"},
	}})
	h.blobs["away"] = "away"
	w := h.do(get(h.page("a") + "/a/" + id("m1") + "/1"))
	if w.Code != 200 || w.Body.String() != "0123456789" {
		t.Fatalf("attachment = %d %q", w.Code, w.Body)
	}
	for name, want := range map[string]string{
		"Content-Type": "text/html", "Content-Length": "10",
		"Content-Disposition": "attachment; filename*=utf-8''r%C3%A9%22sum%C3%A9.html",
	} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	if policy := w.Header().Get("Content-Security-Policy"); !strings.Contains(policy, "sandbox") {
		t.Errorf("policy = %q, want a sandbox", policy)
	}
	part := get(h.page("a") + "/a/" + id("m1") + "/1")
	part.Header.Set("Range", "bytes=2-4")
	if w := h.do(part); w.Code != 206 || w.Body.String() != "234" {
		t.Errorf("part = %d %q", w.Code, w.Body)
	}
	for path, want := range map[string]int{
		h.page("b") + "/a/" + id("m1") + "/1":    404, // a message of another thread
		h.page("a") + "/a/" + id("m1") + "/2":    404,
		h.page("b") + "/a/" + id("other") + "/1": 404, // its bytes are gone
		h.page("b") + "/a/" + id("other") + "/2": 503,
	} {
		if w := h.do(get(path)); w.Code != want {
			t.Errorf("GET %s = %d, want %d", path, w.Code, want)
		}
	}
	if w := h.do(post(h.page("a")+"/a/"+id("m1")+"/1", form.URLEncoded, "")); w.Code != 405 || w.Header().Get("Allow") != "GET, HEAD" {
		t.Errorf("POST = %d, Allow %q", w.Code, w.Header().Get("Allow"))
	}
}

func TestReadingHasItsRate(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RatePerMinute = 1 })
	for range readsPerWrite {
		if w := h.do(browser(get(h.page("a")))); w.Code != 200 {
			t.Fatalf("status = %d, want 200", w.Code)
		}
	}
	w := h.do(browser(get(h.page("a"))))
	if w.Code != 429 || w.Header().Get("Retry-After") != "6" {
		t.Errorf("answer = %d, Retry-After %q, want 429 after 6", w.Code, w.Header().Get("Retry-After"))
	}
	other := get(h.page("a"))
	other.RemoteAddr = "[2001:db8::1]:5"
	if w := h.do(other); w.Code != 200 {
		t.Errorf("another client = %d, want 200", w.Code)
	}
}

func TestOtherMethodsAreRefused(t *testing.T) {
	h := newHouse(t, nil)
	r, err := http.NewRequest(http.MethodDelete, h.page("a"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if w := h.do(r); w.Code != 405 || w.Header().Get("Allow") != "GET, HEAD, POST" {
		t.Errorf("DELETE = %d, Allow %q", w.Code, w.Header().Get("Allow"))
	}
	r.Method = http.MethodHead
	if w := h.do(r); w.Code != 200 {
		t.Errorf("HEAD = %d, want 200", w.Code)
	}
}

func TestSentNoteFollowsTheRedirect(t *testing.T) {
	h := newHouse(t, nil)
	talk(h)
	r := browser(post(h.page("a")+"?lang=en", form.URLEncoded, url.Values{"text": {"more"}, fieldKey: {"k"}}.Encode()))
	w := h.do(r)
	to, err := r.URL.Parse(w.Header().Get("Location"))
	if err != nil || w.Code != 303 || to.Fragment != "sent" {
		t.Fatalf("answer = %d to %q", w.Code, w.Header().Get("Location"))
	}
	if page := h.do(browser(get(to.RequestURI()))).Body.String(); !strings.Contains(page, english().Sent) {
		t.Errorf("page lacks the note:\n%s", page)
	}
}

func TestNoWordIsMissingInAnyLanguage(t *testing.T) {
	for _, say := range []*words{dutch(), english()} {
		w := reflect.ValueOf(*say)
		for i := range w.NumField() {
			if w.Field(i).IsZero() {
				t.Errorf("%s lacks %s", say.Lang, w.Type().Field(i).Name)
			}
		}
	}
}

// Whoever knows the id of a mail can begin a thread that its answers come into; they then read on their page what others wrote.
func TestPageShowsAnswersOfWhichTheCustomerHadACopy(t *testing.T) {
	h := newHouse(t, nil)
	kate := []message.Identifier{{Kind: "email", Value: "kate@example.com", Level: message.Attested}}
	mast := []message.Identifier{{Kind: "email", Value: "mast@partner.example"}}
	h.tell("a",
		&message.Message{ID: id("a"), From: kate, Text: "a question"},
		&message.Message{ID: id("m1"), Direction: message.Out, To: mast, Cc: kate, Text: "an answer to both"},
		&message.Message{ID: id("m2"), Direction: message.Out, To: mast, ToOthers: true, Text: "a secret question"},
		&message.Message{ID: id("m3"), From: mast, Cc: kate, Text: "a secret answer"},
	)
	h.threads[id("a")].From = kate
	page := h.do(program(get(h.page("a")))).Body.String()
	if strings.Contains(page, "secret") || !strings.Contains(page, "an answer to both") {
		t.Errorf("page = %s", page)
	}
}

func TestPageShowsNothingBetweenUsAndOthers(t *testing.T) {
	h := newHouse(t, nil)
	began := []message.Identifier{{Kind: "email", Value: "mallory@example.net", Level: message.Attested}}
	other := []message.Identifier{{Kind: "email", Value: "kate@example.com", Level: message.Attested}}
	h.tell("a",
		&message.Message{ID: id("a"), From: began, Text: "a question"},
		&message.Message{ID: id("m1"), From: other, Text: "my secret", Attachments: []message.Attachment{{Name: "x", Blob: id("m1") + "/1"}}},
		&message.Message{ID: id("m2"), Direction: message.Out, To: other, Text: "your secret"},
		&message.Message{ID: id("m3"), Direction: message.Out, To: began, Text: "an answer"},
	)
	h.threads[id("a")].From = began
	h.blobs[id("m1")+"/1"] = "secret file"
	page := h.do(program(get(h.page("a")))).Body.String()
	if strings.Contains(page, "secret") || !strings.Contains(page, "a question") || !strings.Contains(page, "an answer") {
		t.Errorf("page = %s", page)
	}
	if w := h.do(get(h.page("a") + "/a/" + id("m1") + "/1")); w.Code != 404 {
		t.Errorf("somebody else's file = %d", w.Code)
	}
}
