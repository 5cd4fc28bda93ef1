package cli

import (
	"bytes"
	"strings"
	"testing"
	"time"
	"unicode"

	"pgregory.net/rapid"

	"loket/cmd/loket/cli/format"
	"loket/desk/api"
	"loket/internal/proptest"
)

// hostile has an escape sequence in every field that somebody outside may write.
func hostile(text string) *api.Task {
	now := api.Time{Time: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
	task := &api.Task{
		ID: text, Number: text, Team: text, State: "claimed", Priority: text, Due: now, Created: now, Channel: text, Connector: text,
		Subject: text, SubjectNow: text, Name: text, From: []string{text}, Rule: text, Tags: []string{text}, Agent: text, Lease: text, LeaseUntil: now,
		Failure: text, Links: []string{text},
		Customer: api.Customer{Assurance: "claimed", Candidates: []api.Candidate{{ID: text, Name: text, Why: text}}},
		Messages: []api.Message{
			{
				Direction: "in", Name: text, Subject: text, SubjectChanged: true, Text: text, Received: now, Automatic: text, Marks: []string{text},
				Attachments: []api.Attachment{{ID: text, Name: text, Type: text, Size: 3 << 20}},
			},
			{Direction: "out", Agent: text, Text: text, Received: now, Delivery: &api.Delivery{State: "failed", Error: text, Attempts: 2}},
		},
		Notes: []api.Note{{Agent: text, Text: text, At: now}}, Drafts: []api.Draft{{ID: text, Agent: text, Reason: text, Text: text, At: now, To: []string{text}, Attachments: []api.Attachment{{ID: text, Name: text, Type: text}}}},
	}
	task.Wait.Since = now
	return task
}

func TestPrintedTasksCarryNoForeignSequences(t *testing.T) {
	proptest.Check(t, proptest.Usual, func(t *rapid.T) {
		text := rapid.StringOf(rapid.OneOf(rapid.RuneFrom([]rune("\x1b\x07\x9b\r\n\t\u009b\u202e%[]m;")), rapid.Rune())).Draw(t, "text")
		task := hostile(text)
		for _, colour := range []bool{false, true} {
			var b bytes.Buffer
			p := &page{format.Page{Out: &b, Colour: colour, Now: time.Now(), Zone: time.UTC}}
			p.task(task)
			p.tasks([]*api.Task{task})
			p.brief(task)
			printed := b.String()
			for _, s := range []format.Style{format.Bold, format.Faint, format.Red, format.Green, format.Yellow} {
				printed = strings.ReplaceAll(printed, "\x1b["+string(s)+"m", "")
			}
			printed = strings.ReplaceAll(printed, "\x1b[0m", "")
			if i := strings.IndexFunc(printed, func(r rune) bool {
				return r != '\n' && r != '\t' && unicode.IsControl(r) || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
			}); i >= 0 {
				t.Fatalf("printing %q leaves %q", text, printed[max(0, i-20):min(len(printed), i+20)])
			}
			if strings.Contains(printed, "%!") && !strings.Contains(text, "%!") {
				t.Fatalf("printing %q gives a wrong format: %s", text, printed)
			}
		}
	})
}
