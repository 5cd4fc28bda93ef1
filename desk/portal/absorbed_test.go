package portal

import (
	"strings"
	"testing"

	"loket/internal/message"
	"loket/router/thread"
)

// The link of a message that another thread took up opens nothing of the other people's conversation.
func TestPageOfAMessageThatAnotherThreadTookUp(t *testing.T) {
	kate := []message.Identifier{{Kind: "email", Value: "kate@example.org", Level: message.Attested}}
	bob := []message.Identifier{{Kind: "email", Value: "bob@example.org", Level: message.Claimed}}
	for _, test := range []struct {
		name      string
		from      []message.Identifier // of who has the link
		want, not []string
	}{
		{"who says who he is", bob, []string{"his-first", "his-next", "to-him"}, []string{"hers", "to-her", "to-nobody"}},
		{"who does not", nil, []string{"his-first"}, []string{"his-next", "to-him", "hers", "to-her", "to-nobody"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := newHouse(t, nil)
			out := func(name string, to []message.Identifier) *message.Message {
				return &message.Message{ID: id(name), Direction: message.Out, To: to, Text: name, Received: noon}
			}
			in := func(name string, from []message.Identifier) *message.Message {
				return &message.Message{ID: id(name), From: from, Text: name, Received: noon, Attachments: []message.Attachment{{Name: name, Type: "text/plain", Blob: id(name) + "/1"}}}
			}
			h.tell("a", in("a", kate), in("hers", kate), in("his-first", test.from), in("his-next", bob), out("to-her", kate), out("to-him", bob), out("to-nobody", nil))
			for _, name := range []string{"hers", "his-first"} {
				h.blobs[id(name)+"/1"] = "file of " + name
			}
			h.threads[id("his-first")] = &thread.Thread{ID: id("a"), Absorbed: id("his-first"), Subject: "His", From: test.from, Channel: "email"}
			page := h.do(browser(get(h.page("his-first")))).Body.String()
			for _, want := range test.want {
				if !strings.Contains(page, want) {
					t.Errorf("the page lacks %q", want)
				}
			}
			for _, not := range test.not {
				if strings.Contains(page, not) {
					t.Errorf("the page shows %q", not)
				}
			}
			if w := h.do(get(h.page("his-first") + "/a/" + id("his-first") + "/1")); w.Code != 200 || w.Body.String() != "file of his-first" {
				t.Errorf("his file = %d %s", w.Code, w.Body)
			}
			if w := h.do(get(h.page("his-first") + "/a/" + id("hers") + "/1")); w.Code != 404 {
				t.Errorf("her file = %d, want 404", w.Code)
			}
		})
	}
}
