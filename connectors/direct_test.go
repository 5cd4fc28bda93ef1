package connectors_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"loket/connectors"
	"loket/internal/message"
)

func TestDirectKnowsWhomAndHowMuch(t *testing.T) {
	d := connectors.Direct{
		Channel: "pager", Title: "Pager", Kind: "psid", Length: func(s string) int { return len(s) }, Counted: "in bytes",
		Text: 10, Caption: 5, Files: 1, Bytes: 1 << 20,
	}
	kate := message.Identifier{Kind: "psid", Scope: "1", Value: "7", Level: message.Attested}
	small := message.Attachment{Size: 1}
	for _, test := range []struct {
		name string
		m    message.Message
		want string // of the error
	}{
		{"fits", message.Message{To: []message.Identifier{kate}, Text: "0123456789"}, ""},
		{"a file alone", message.Message{To: []message.Identifier{kate}, Attachments: []message.Attachment{small}}, ""},
		{"elsewhere", message.Message{To: []message.Identifier{{Kind: "email", Value: "kate@example.org"}}, Text: "a"}, "there is nobody on Pager to answer to"},
		{"too long", message.Message{To: []message.Identifier{kate}, Text: "0123456789a"}, "a text on Pager must be at most 10 characters (in bytes), not 11"},
		{"too long beside a file", message.Message{To: []message.Identifier{kate}, Text: "012345", Attachments: []message.Attachment{small}}, "a text on Pager beside a file must be at most 5 characters (in bytes), not 6"},
		{"files", message.Message{To: []message.Identifier{kate}, Attachments: []message.Attachment{small, small}}, "Pager takes at most 1 file with a message: send the others in further answers"},
		{"a large file", message.Message{To: []message.Identifier{kate}, Attachments: []message.Attachment{{Size: 1<<20 + 1}}}, "a file on Pager must be at most 1 MB"},
		{"nothing", message.Message{To: []message.Identifier{kate}}, "there is nothing to send"},
	} {
		got := ""
		if err := d.Check(&test.m); err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%s: Check = %q, want %q", test.name, got, test.want)
		}
	}
	m := message.Message{To: []message.Identifier{{Kind: "email", Value: "kate@example.org"}, kate}, References: []string{"7:1", "7", "7:2"}}
	got := []string{strings.Join(d.References(&m), ","), d.Recipient(&m), d.Answered(&m), d.Reaches(kate), d.Reaches(m.To[0])}
	if diff := cmp.Diff([]string{"7", "7", "2", "pager", ""}, got); diff != "" {
		t.Errorf("references, recipient, answered, reaches (-want +got):\n%s", diff)
	}
	m.References = []string{"8:2"}
	if got := d.Answered(&m); got != "" {
		t.Errorf("Answered in another conversation = %q", got)
	}
}
