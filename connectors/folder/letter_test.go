package folder

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"loket/internal/message"
)

func TestFilesBecomeMessages(t *testing.T) {
	kate := []message.Identifier{{Kind: "email", Value: "kate@example.org", Level: message.Claimed}}
	scan := func(name, kind string) []message.Attachment { return []message.Attachment{{Name: name, Type: kind}} }
	for _, test := range []struct {
		name  string
		files map[string]string
		want  message.Message
	}{
		{"a scan", map[string]string{"scan 1.pdf": pdf}, message.Message{Subject: "scan 1", Attachments: scan("scan 1.pdf", "application/pdf")}},
		{"a picture", map[string]string{"a.TIFF": "II*\x00\x08\x00\x00\x00 picture"}, message.Message{Subject: "a", Attachments: scan("a.TIFF", "image/tiff")}},
		{"with a sidecar", map[string]string{
			"x.pdf":  pdf,
			"x.json": `{"sender":["email:Kate@example.org","phone:0612345678"],"name":"Kate","subject":"De kast","reference":"T-1042-8","received":"2026-11-27T10:00:00+01:00","text":"Beste","language":"nl"}`,
		}, message.Message{
			Subject: "De kast", Name: "Kate", Text: "Beste", Ticket: "T-1042-8", Language: "nl", Attachments: scan("x.pdf", "application/pdf"),
			From: append(slices.Clone(kate), message.Identifier{Kind: "phone", Value: "+31612345678", Level: message.Claimed}), Received: time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC),
		}},
		{"a message", map[string]string{"m.json": said}, message.Message{Subject: "m", Name: "Kate Jansen", Text: text, From: kate}},
		{"of a matter", map[string]string{"m.json": `{"text":"Beste","reference":"2026/12"}`}, message.Message{Subject: "m", Text: "Beste", References: []string{"reference:2026/12"}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t, nil)
			b.now = func() time.Time { return time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC) }
			for name, content := range test.files {
				b.put(name, content)
			}
			b.look()
			got := *b.Only()
			if !message.ValidID(got.ID) {
				t.Errorf("id %q", got.ID)
			}
			for i, a := range got.Attachments {
				if int64(len(b.Blob(a.Blob))) != a.Size {
					t.Errorf("stored %d bytes, want %d", len(b.Blob(a.Blob)), a.Size)
				}
				got.Attachments[i].Blob, got.Attachments[i].Size = "", 0
			}
			got.ID, got.Own = "", ""
			want := test.want
			want.Connector, want.Channel = "post", "letter"
			if want.Received.IsZero() {
				want.Received = b.now()
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("message (-want +got):\n%s", diff)
			}
			for _, f := range b.files() {
				if !strings.HasPrefix(f, "done/") {
					t.Errorf("left lying: %s", f)
				}
			}
		})
	}
}

func TestMailsAreReadAsTheMailboxDoes(t *testing.T) {
	b := newBench(t, func(c *Config) { c.Mailbox = "mail" })
	b.put("vraag.eml", "From: Kate <kate@example.org>\r\nTo: help@example.org\r\nMessage-ID: <1@example.org>\r\nSubject: De kast\r\n\r\nStuk.\r\n")
	b.look()
	m := b.Only()
	if m.Connector != "mail" || m.Channel != "email" || m.Subject != "De kast" || strings.TrimSpace(m.Text) != "Stuk." || len(m.From) != 1 || !m.From[0].Claim() {
		t.Errorf("message %+v", m)
	}
	b.wantFiles("done/vraag.eml")
}

func program(t *testing.T, script string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "pdftotext")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTextOfAPDF(t *testing.T) {
	for _, test := range []struct {
		name, script, text string
		marks              []string
	}{
		{"gives it", `cat /dev/fd/3; echo "$HOME"`, "%PDF-1.7\n1 0 obj\n%%EOF", nil}, // and gets nothing of our environment
		{"has none", "true", "", nil},
		{"breaks off", "exit 1", "", []string{MarkNoText}},
		{"gives too much", "yes", strings.TrimSpace(strings.Repeat("y\n", pdfText/2)), nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Setenv("HOME", "/home/of/ours")
			b := newBench(t, func(c *Config) { c.PDFText = program(t, test.script) })
			b.put("-l a.pdf", pdf)
			b.look()
			m := b.Only()
			if m.Text != test.text || !slices.Equal(m.Marks, test.marks) || b.Blob(m.Attachments[0].Blob) != pdf {
				t.Errorf("text %.100q, marks %v", m.Text, m.Marks)
			}
		})
	}
}

func FuzzLetter(f *testing.F) {
	for _, seed := range []string{said, `{"text":"x","received":"2026-11-30","sender":[]}`, `{"text":null,"sender":"a:b:c:d"}`, `[]`, `{`, "\xEF\xBB\xBF{}", `{"text":"\ud800"}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		l, err := readLetter(content, "NL", time.Now())
		if err != nil {
			return
		}
		for _, id := range l.from {
			if id.IsZero() || !id.Claim() {
				t.Errorf("identifier %+v", id)
			}
		}
		if len(l.Text) > maxText || l.at.After(time.Now().Add(time.Hour)) {
			t.Errorf("letter %+v", l)
		}
	})
}
