package portal

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"loket/internal/message"
	"loket/router/thread"
)

func TestTranscriptIsAFile(t *testing.T) {
	h := newHouse(t, nil)
	talk(h)
	w := h.do(get(h.page("a") + "/transcript?lang=en&as=text"))
	want := "Bill <3>\nAs it stood on 2 March 2026, 13:00. The times are those of CET.\n\nYou, 2 March 2026, 13:00\nHello\n<script>alert(1)</script>\n" +
		"[ré\"sumé.html, 2 kB]\n\nCustomer service, 2 March 2026, 13:01\nHi there\n"
	if diff := cmp.Diff(want, w.Body.String()); diff != "" || w.Code != 200 || !strings.HasPrefix(w.Header().Get("Content-Disposition"), "attachment;") {
		t.Errorf("%d, text (-want +got):\n%s", w.Code, diff)
	}
	w = h.do(get(h.page("a") + "/transcript?lang=nl"))
	for _, want := range []string{"<h1>Bill &lt;3&gt;</h1>", "Hi there", "Zoals het er op 2 maart 2026, 13:00 stond.", "<style>"} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if got := w.Header().Get("Content-Disposition"); !strings.HasPrefix(got, "attachment;") || strings.Contains(w.Body.String(), "Bob Secret") {
		t.Errorf("it is %s:\n%s", got, w.Body)
	}
	h.away = thread.ErrForgotten
	if w := h.do(get(h.page("a") + "/transcript")); w.Code != 410 {
		t.Errorf("of an erased conversation: %d", w.Code)
	}
}

// Customers see what one of us had on screen, and not who it was; a page that is open is told when that changes.
func TestWhatOneOfUsReadIsMarked(t *testing.T) {
	h := newHouse(t, nil)
	talk(h)
	shown := func() string { return h.do(browser(get(h.page("a") + "?lang=en"))).Body.String() }
	version := func(page string) string {
		_, rest, _ := strings.Cut(page, `data-version="`)
		v, _, _ := strings.Cut(rest, `"`)
		return v
	}
	const mark = `<p class="read">Read</p>`
	before := shown()
	if strings.Contains(before, mark) {
		t.Error("it is marked as read")
	}
	h.matter.ReadTo, h.matter.Read = 1, func(m *message.Message) bool { return true }
	after := shown()
	if strings.Count(after, mark) != 1 || version(before) == version(after) {
		t.Errorf("%d marks in version %s, before in %s", strings.Count(after, mark), version(after), version(before))
	}
	if body := h.do(program(get(h.page("a")))).Body.String(); strings.Count(body, `"read":true`) != 1 {
		t.Errorf("programs read %s", body)
	}
}
