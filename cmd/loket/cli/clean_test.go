package cli

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode"

	"pgregory.net/rapid"

	"loket/desk/api"
)

func TestCleanLeavesNothingATerminalObeys(t *testing.T) {
	for in, want := range map[string]string{
		"plain, é 漢 😀\ttab\nline":           "plain, é 漢 😀\ttab\nline",
		"\x1b[2J\x1b]0;title\x07":           "␛[2J␛]0;title␇",
		"a\r\nb\rc":                         "a\nb␍c",
		"\u009b31m":                         "\uFFFD31m",
		"\x7f\x08":                          "␡␈",
		"bad \xff byte":                     "bad \uFFFD byte",
		"exe\u202egpj.":                     "exe\uFFFDgpj.",
		"next\u2028line":                    "next\nline",
		"family \U0001F468\u200d\U0001F469": "family \U0001F468\u200d\U0001F469",
	} {
		if got := clean(in); got != want {
			t.Errorf("clean(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestCleanJSONKeepsTheValue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.String().Draw(t, "text") + "\u009b\x7f\u202e\x1b"
		raw, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		safe := cleanJSON(raw)
		var got string
		if err := json.Unmarshal(safe, &got); err != nil || got != want {
			t.Fatalf("cleanJSON changed %q to %q (%v)", want, got, err)
		}
		if i := strings.IndexFunc(string(safe), func(r rune) bool { return unicode.IsControl(r) || turns(r) }); i >= 0 {
			t.Fatalf("cleanJSON(%q) leaves a control character at %d", raw, i)
		}
	})
}

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
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.OneOf(rapid.RuneFrom([]rune("\x1b\x07\x9b\r\n\t\u009b\u202e%[]m;")), rapid.Rune())).Draw(t, "text")
		task := hostile(text)
		for _, colour := range []bool{false, true} {
			var b bytes.Buffer
			p := &page{out: &b, colour: colour, now: time.Now(), zone: time.UTC}
			p.task(task)
			p.tasks([]*api.Task{task})
			p.brief(task)
			printed := b.String()
			for _, s := range []style{bold, faint, red, green, yellow} {
				printed = strings.ReplaceAll(printed, "\x1b["+string(s)+"m", "")
			}
			printed = strings.ReplaceAll(printed, "\x1b[0m", "")
			if i := strings.IndexFunc(printed, func(r rune) bool {
				return r != '\n' && r != '\t' && unicode.IsControl(r) || turns(r)
			}); i >= 0 {
				t.Fatalf("printing %q leaves %q", text, printed[max(0, i-20):min(len(printed), i+20)])
			}
			if strings.Contains(printed, "%!") && !strings.Contains(text, "%!") {
				t.Fatalf("printing %q gives a wrong format: %s", text, printed)
			}
		}
	})
}

func TestTablesAlignWideLettersAndStyles(t *testing.T) {
	var b bytes.Buffer
	p := &page{out: &b}
	p.table([]string{"A", "B"}, [][]any{{bold.of("漢字"), "x"}, {"ab\x1b", "y"}, {"", "z"}})
	want := "A     B\n漢字  x\nab␛   y\n      z\n"
	if b.String() != want {
		t.Errorf("table:\n%s\nwant:\n%s", b.String(), want)
	}
}

func TestShortenCutsByColumns(t *testing.T) {
	for in, want := range map[string]string{"short": "short", "exactly10!": "exactly10!", "one too many": "one too m…", "漢字漢字漢字": "漢字漢字…"} {
		if got := shorten(in, 10); got != want {
			t.Errorf("shorten(%q) = %q, want %q", in, got, want)
		}
	}
}
