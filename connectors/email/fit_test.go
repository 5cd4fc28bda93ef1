package email

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// What is written in characters that JSON writes long was refused by the daemon for ever.
func TestAnyMailFitsTheHouse(t *testing.T) {
	const takes = 4 << 20
	header := "From: Kate <kate@example.com>\nTo: help@example.org\nSubject: x\nMessage-ID: <1@example.com>\n"
	mixed := func(kind string, parts ...string) string {
		return header + "MIME-Version: 1.0\nContent-Type: multipart/" + kind + "; boundary=b\n\n--b\n" + strings.Join(parts, "\n--b\n") + "\n--b--\n"
	}
	said := "Content-Type: text/plain\n\nIt is gone.\n" + strings.Repeat("<&&&&>\n", 40_000)
	layout := "Content-Type: text/html\n\n" + strings.Repeat("<<<<<<<<<<<<<<&&&&<<<\n", 23_000)
	file := "Content-Type: image/" + strings.Repeat("&", 3000) + "; name=\"" + strings.Repeat("<", 2000) + ".png\"\nContent-ID: <" + strings.Repeat("&", 2000) + ">\n\nx"
	for _, tt := range []struct {
		name, raw    string
		files        int
		html, marked bool
	}{
		{"text", header + "\nIt is gone.\n" + strings.Repeat("<", 300<<10), 0, false, false},
		{"text, signature and HTML", mixed("alternative", said+"\n-- \nKate", layout), 0, false, true},
		{"many files with long headers", mixed("mixed", append([]string{said}, slices.Repeat([]string{file}, 600)...)...), 499, false, false},
		{"all of it", mixed("mixed", append([]string{said, layout}, slices.Repeat([]string{file}, 600)...)...), 498, false, true},
		{"an ordinary one", mixed("alternative", "Content-Type: text/plain\n\nIt is gone.", "Content-Type: text/html\n\n<p>It is gone."), 0, true, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := newReader().read(letter(tt.raw)).Message
			b, err := json.Marshal(m)
			if err != nil {
				t.Fatal(err)
			}
			if len(b) > takes || !strings.HasPrefix(m.Text, "It is gone.") || (m.HTML != "") != tt.html || slices.Contains(m.Marks, MarkPlain) != tt.marked {
				t.Errorf("%d bytes as JSON, text %.20q, %d bytes of HTML, marks %q", len(b), m.Text, len(m.HTML), m.Marks)
			}
			if n := len(m.Attachments); n < tt.files || tt.files == 0 && n > 0 {
				t.Errorf("%d files, want %d", n, tt.files)
			}
		})
	}
}
