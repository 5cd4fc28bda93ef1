package mail

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write what is read now as what is expected; read the difference before you keep it")

// golden is what is expected of a mail in testdata: what people and the daemon read in it.
type golden struct {
	Subject        string            `json:"subject"`
	From           []string          `json:"from"`
	FromUnclear    bool              `json:"from_unclear,omitempty"`
	Sender         []string          `json:"sender,omitempty"`
	ReplyTo        []string          `json:"reply_to,omitempty"`
	To             []string          `json:"to,omitempty"`
	Cc             []string          `json:"cc,omitempty"`
	ReturnPath     string            `json:"return_path,omitempty"`
	NullReturnPath bool              `json:"null_return_path,omitempty"`
	Date           string            `json:"date,omitempty"`
	MessageID      string            `json:"message_id,omitempty"`
	InReplyTo      []string          `json:"in_reply_to,omitempty"`
	References     []string          `json:"references,omitempty"`
	Type           string            `json:"type"`
	ReportType     string            `json:"report_type,omitempty"`
	Fields         int               `json:"fields"`
	Extra          map[string]string `json:"extra,omitempty"`
	Text           []string          `json:"text"`
	HTML           []string          `json:"html,omitempty"`
	Parts          []goldenPart      `json:"parts,omitempty"`
	Problems       []string          `json:"problems,omitempty"`
	Lost           bool              `json:"lost,omitempty"`
}

type goldenPart struct {
	Name      string `json:"name"`
	Type      string `json:"type"`
	Size      int    `json:"size"`
	ContentID string `json:"content_id,omitempty"`
	Inline    bool   `json:"inline,omitempty"`
	Begins    string `json:"begins,omitempty"`
}

func goldenOf(m *Mail) golden {
	g := golden{
		Subject: m.Subject, From: shown(m.From), FromUnclear: m.FromUnclear, Sender: shown(m.Sender), ReplyTo: shown(m.ReplyTo), To: shown(m.To), Cc: shown(m.Cc),
		ReturnPath: m.ReturnPath, NullReturnPath: m.NullReturnPath, MessageID: m.MessageID, InReplyTo: m.InReplyTo, References: m.References,
		Type: m.Type, ReportType: m.Params["report-type"], Fields: len(m.Header),
		Text: lines(m.Text), HTML: lines(m.HTML), Problems: m.Problems, Lost: m.Lost,
	}
	if !m.Date.IsZero() {
		g.Date = m.Date.Format(time.RFC3339)
	}
	for _, f := range m.Header {
		if strings.HasPrefix(f.Name, "X-") {
			if g.Extra == nil {
				g.Extra = map[string]string{}
			}
			g.Extra[f.Name] = f.Value
		}
	}
	for _, p := range m.Parts {
		gp := goldenPart{Name: p.Name, Type: p.Type, Size: len(p.Data), ContentID: p.ContentID, Inline: p.Inline}
		if line, _ := cutLine(p.Data); isASCII(line) && cleanLine(string(line)) == string(line) {
			gp.Begins = string(line)
		}
		g.Parts = append(g.Parts, gp)
	}
	return g
}

// shown writes addresses with a bar between name and address, which neither has.
func shown(list []Address) []string {
	var s []string
	for _, a := range list {
		if a.Name == "" {
			s = append(s, a.Addr)
			continue
		}
		s = append(s, a.Name+" | "+a.Addr)
	}
	return s
}

func lines(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, "\n")
}

func TestCorpusIsReadAsExpected(t *testing.T) {
	files, err := filepath.Glob("testdata/*.eml")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 150 {
		t.Fatalf("%d mails in testdata, want at least 150", len(files))
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".eml"), func(t *testing.T) {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			before := bytes.Clone(raw)
			m := Read(raw, DefaultLimits())
			if !bytes.Equal(raw, before) {
				t.Error("Read changed the mail that it was given")
			}
			checkMail(t, m, DefaultLimits())
			got := goldenOf(m)
			expected := strings.TrimSuffix(file, ".eml") + ".json"
			if *update {
				writeGolden(t, expected, got)
				return
			}
			var want golden
			data, err := os.ReadFile(expected)
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(data, &want); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("read %s (-want +got):\n%s", file, diff)
			}
		})
	}
}

func writeGolden(t *testing.T, file string, g golden) {
	t.Helper()
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(g); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}
