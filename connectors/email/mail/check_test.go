package mail

import (
	"fmt"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// checkMail fails when a Mail breaks what its doc comment promises, whatever was read.
func checkMail(t testing.TB, m *Mail, l Limits) {
	t.Helper()
	text := func(what, s string) {
		t.Helper()
		if !utf8.ValidString(s) {
			t.Errorf("%s = %q is not UTF-8", what, s)
		}
		for _, c := range s {
			if unicode.IsControl(c) && c != '\n' && c != '\t' {
				t.Errorf("%s has the control character %U", what, c)
				return
			}
		}
	}
	line := func(what, s string) {
		t.Helper()
		text(what, s)
		if strings.ContainsAny(s, "\n\t") {
			t.Errorf("%s = %q is more than one line", what, s)
		}
	}
	line("Subject", m.Subject)
	line("MessageID", m.MessageID)
	line("Type", m.Type)
	line("ReturnPath", m.ReturnPath)
	text("Text", m.Text)
	text("HTML", m.HTML)
	for _, f := range m.Header {
		line("field name", f.Name)
		line(f.Name, f.Value)
	}
	for what, list := range map[string][]Address{"From": m.From, "Sender": m.Sender, "Reply-To": m.ReplyTo, "To": m.To, "Cc": m.Cc} {
		if len(list) > l.Addresses+1 {
			t.Errorf("%s has %d addresses, want at most %d", what, len(list), l.Addresses)
		}
		for _, a := range list {
			line(what, a.Name)
			line(what, a.Addr)
		}
	}
	for what, list := range map[string][]string{"InReplyTo": m.InReplyTo, "References": m.References, "MessageID": {m.MessageID}} {
		checkIDs(t, what, list)
	}
	if len(m.Text) > l.Text || len(m.HTML) > l.HTML {
		t.Errorf("Text and HTML have %d and %d bytes, want at most %d and %d", len(m.Text), len(m.HTML), l.Text, l.HTML)
	}
	if len(m.Parts) > l.Parts+1 {
		t.Errorf("%d parts, want at most %d", len(m.Parts), l.Parts)
	}
	total := 0
	for i, p := range m.Parts {
		total += len(p.Data)
		what := fmt.Sprintf("Parts[%d]", i)
		line(what+".Type", p.Type)
		line(what+".ContentID", p.ContentID)
		checkFileName(t, p.Name)
		for k, v := range p.Params {
			line(what+" parameter", k)
			line(what+" parameter", v)
		}
	}
	if total > l.Decoded {
		t.Errorf("%d decoded bytes, want at most %d", total, l.Decoded)
	}
	if m.Lost && len(m.Problems) == 0 {
		t.Error("Lost without a problem")
	}
}

func checkFileName(t testing.TB, name string) {
	t.Helper()
	bad := func(c rune) bool {
		return unicode.IsControl(c) || turnsDirection(c) || strings.ContainsRune(`/\:*?"<>|`, c)
	}
	if name == "" || len(name) > 255 || !utf8.ValidString(name) || strings.ContainsFunc(name, bad) || strings.HasPrefix(name, ".") {
		t.Errorf("file name %q is not safe", name)
	}
}

func checkIDs(t testing.TB, what string, ids []string) {
	t.Helper()
	if len(ids) > 100 {
		t.Errorf("%s has %d ids, want at most 100", what, len(ids))
	}
	for _, id := range ids {
		if len(id) > 512 || strings.ContainsAny(id, "<> \t\n") || !utf8.ValidString(id) {
			t.Errorf("%s has the id %q", what, id)
		}
	}
}
