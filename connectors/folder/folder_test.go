package folder

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"loket/connectors"
	"loket/connectors/connectortest"
	"loket/internal/message"
)

const (
	pdf  = "%PDF-1.7\n1 0 obj\n"
	text = "De kast in onze straat is stuk"
	said = `{"sender": "email:kate@example.org", "name": "Kate Jansen", "text": "` + text + `"}`
)

// A bench is a folder on disk. Its clock stands, unless the folder runs.
type bench struct {
	*connectortest.Environment
	*Folder
	t   *testing.T
	dir string
}

func newBench(t *testing.T, edit func(*Config)) *bench {
	t.Helper()
	b := &bench{Environment: connectortest.New(t), t: t, dir: t.TempDir()}
	cfg := Type().NewConfig().(*Config)
	cfg.Directory, cfg.Settle, cfg.PDFText = b.dir, 0, ""
	if edit != nil {
		edit(cfg)
	}
	if err := cfg.Validate(); err != nil {
		t.Fatal(err)
	}
	b.Folder = New(*cfg, b.Env("post"))
	return b
}

func (b *bench) put(name, content string) {
	b.t.Helper()
	if err := os.WriteFile(filepath.Join(b.dir, name), []byte(content), 0o600); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) look() {
	b.t.Helper()
	if err := b.pass(b.t.Context()); err != nil {
		b.t.Fatalf("pass = %v", err)
	}
}

// files are what lies in the directory and below it.
func (b *bench) files() (all []string) {
	b.t.Helper()
	err := filepath.WalkDir(b.dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			all = append(all, strings.TrimPrefix(path, b.dir+"/"))
		}
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	slices.Sort(all)
	return all
}

func (b *bench) wantFiles(want ...string) {
	b.t.Helper()
	if diff := cmp.Diff(want, b.files()); diff != "" {
		b.t.Errorf("files (-want +got):\n%s", diff)
	}
}

func TestConformance(t *testing.T) {
	var dir string
	var asked atomic.Int64 // of the clock, which each pass does for each file
	kind := Type()
	kind.New = func(cfg any, env connectors.Env) (connectors.Connector, error) {
		f := New(*cfg.(*Config), env)
		f.now = func() time.Time { asked.Add(1); return time.Now() }
		return f, nil
	}
	connectortest.Run(t, connectortest.Fixture{
		Type: kind,
		Config: func(t *testing.T) any {
			dir = t.TempDir()
			cfg := kind.NewConfig().(*Config)
			cfg.Directory, cfg.Out, cfg.Settle, cfg.Every = dir, t.TempDir(), 0, 10*time.Millisecond
			return cfg
		},
		Deliver: func(t testing.TB, _ connectors.Connector) bool {
			path := filepath.Join(dir, "brief.json")
			if !exists(path) {
				if err := os.WriteFile(path+".part", []byte(said), 0o600); err != nil {
					t.Fatal(err)
				}
				if err := os.Rename(path+".part", path); err != nil {
					t.Fatal(err)
				}
			}
			before := asked.Load()
			for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
				switch {
				case !exists(path):
					return true
				case asked.Load() > before+12: // it was tried, and left
					return false
				}
			}
			t.Fatal("nobody looks")
			return false
		},
		Reply: &message.Message{
			ID: message.NewID([]byte("reply")), Direction: message.Out, Channel: "letter", Text: "Wij kijken ernaar",
			To: []message.Identifier{{Kind: "email", Value: "kate@example.org", Level: message.Claimed}},
		},
		Private: []string{text, "kate@example.org", "Wij kijken ernaar", "brief"},
	})
}

func TestFilesBecomeMessages(t *testing.T) {
	kate := []message.Identifier{{Kind: "email", Value: "kate@example.org", Level: message.Claimed}}
	scan := func(name, kind string) []message.Attachment { return []message.Attachment{{Name: name, Type: kind}} }
	for _, test := range []struct {
		name  string
		files map[string]string
		want  message.Message
	}{
		{"a scan", map[string]string{"scan 1.pdf": pdf}, message.Message{Subject: "scan 1", Attachments: scan("scan 1.pdf", "application/pdf")}},
		{"a picture", map[string]string{"a.TIFF": "II*\x00 picture"}, message.Message{Subject: "a", Attachments: scan("a.TIFF", "image/tiff")}},
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

func TestWhatCannotBeTakenIsPutAsideWithTheReason(t *testing.T) {
	for _, test := range []struct{ name, file, content, want string }{
		{"another kind", "a.exe", "MZ", `Files that end in ".exe" are not taken`},
		{"without an ending", "brief", pdf, `Files that end in "" are not taken`},
		{"no PDF", "a.pdf", "hello", "The file is called .pdf, and what is in it is not"},
		{"empty", "a.tif", "", "The file is called .tif"},
		{"another picture", "a.png", "\xff\xd8\xff\xe0\x00\x10JFIF", "The file is called .png"},
		{"too large", "a.pdf", pdf + strings.Repeat("x", 2000), "larger than 1024 bytes"},
		{"no mail", "a.eml", "hello", "is no mail"},
		{"no JSON", "a.json", "{", "the JSON can't be read"},
		{"a key that is none", "a.json", `{"tekst":"x"}`, `unknown field "tekst"`},
		{"a value of another type", "a.json", `{"text":7}`, "the JSON can't be read"},
		{"no identifier", "a.json", `{"text":"x","sender":"kate"}`, "sender: must be kind:value"},
		{"no day", "a.json", `{"text":"x","received":"gisteren"}`, "received: must be such as"},
		{"tomorrow", "a.json", `{"text":"x","received":"2126-01-01"}`, "received: must not lie ahead"},
		{"no language", "a.json", `{"text":"x","language":"Dutch!"}`, "language: "},
		{"deep", "a.json", strings.Repeat("[", 60), "the JSON can't be read"},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t, func(c *Config) { c.MaxBytes = 1 << 10 })
			b.put(test.file, test.content)
			b.look()
			b.wantFiles("failed/"+test.file, "failed/"+test.file+".error.txt")
			why, _ := os.ReadFile(filepath.Join(b.dir, "failed", test.file+".error.txt"))
			if !strings.Contains(string(why), test.want) || len(b.Accepted()) != 0 {
				t.Errorf("reason %q, want %q; accepted %v", why, test.want, b.Accepted())
			}
		})
	}
}

func TestPuttingBackTriesAgain(t *testing.T) {
	b := newBench(t, nil)
	b.put("x.pdf", pdf)
	b.put("x.json", `{"sender":"kate"}`)
	b.look()
	b.wantFiles("failed/x.json", "failed/x.pdf", "failed/x.pdf.error.txt")
	if err := os.Rename(filepath.Join(b.dir, "failed", "x.pdf"), filepath.Join(b.dir, "x.pdf")); err != nil {
		t.Fatal(err)
	}
	b.put("x.json", `{"sender":"cno:1042"}`)
	b.look()
	b.wantFiles("done/x.json", "done/x.pdf", "failed/x.json")
	if m := b.Only(); len(m.From) != 1 || m.From[0].String() != "cno:1042" || !m.From[0].Claim() {
		t.Errorf("from %v", m.From)
	}
}

// Two that fail under one name have a reason each, and a name that is as long as names can be is no trouble.
func TestEveryNameCanBePutAside(t *testing.T) {
	b := newBench(t, nil)
	for range 2 {
		b.put("a.exe", "MZ")
		b.look()
	}
	long := strings.Repeat("é", 123)
	b.put(long+".exe", "MZ")
	b.put(long+".pdf", pdf)
	b.look()
	short := strings.Repeat("é", 98)
	b.wantFiles("done/"+short+".pdf", "failed/a-2.exe", "failed/a-2.exe.error.txt", "failed/a.exe", "failed/a.exe.error.txt", "failed/"+short+".exe", "failed/"+short+".exe.error.txt")
}

// A link could lead anywhere, and who opens a pipe waits.
func TestOnlyFilesAreTaken(t *testing.T) {
	b := newBench(t, nil)
	secret := filepath.Join(t.TempDir(), "secret.pdf")
	if err := os.WriteFile(secret, []byte(pdf), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Symlink(secret, filepath.Join(b.dir, "a.pdf")), syscall.Mkfifo(filepath.Join(b.dir, "b.pdf"), 0o600), os.Mkdir(filepath.Join(b.dir, "c.pdf"), 0o700)); err != nil {
		t.Fatal(err)
	}
	b.put("d.pdf", pdf)
	if err := os.Symlink(secret, filepath.Join(b.dir, "d.json")); err != nil {
		t.Fatal(err)
	}
	b.look()
	b.wantFiles("failed/a.pdf", "failed/a.pdf.error.txt", "failed/b.pdf", "failed/b.pdf.error.txt", "failed/d.json", "failed/d.pdf", "failed/d.pdf.error.txt")
	if !exists(secret) || len(b.Accepted()) != 0 {
		t.Errorf("accepted %v", b.Accepted())
	}
}

func TestOnlyWhatIsWholeIsTaken(t *testing.T) {
	b := newBench(t, func(c *Config) { c.Settle = 5 * time.Second })
	now := time.Now()
	b.now = func() time.Time { return now }
	for _, name := range []string{".hidden.pdf", "x.pdf.part", "x.pdf.tmp", "x.pdf~"} {
		b.put(name, pdf)
	}
	b.put("a.pdf", pdf)
	b.look()
	now = now.Add(4 * time.Second)
	b.put("a.pdf", pdf+"more") // it is still being written
	b.look()
	now = now.Add(4 * time.Second)
	b.put("a.json", `{"name":"Kate"}`)
	b.look()
	now = now.Add(4 * time.Second)
	b.look() // the sidecar came late
	if got := b.Accepted(); len(got) != 0 {
		t.Fatalf("accepted %v, want nothing yet", got)
	}
	now = now.Add(4 * time.Second)
	b.look()
	if m := b.Only(); m.Attachments[0].Size != int64(len(pdf+"more")) || m.Name != "Kate" {
		t.Errorf("message %+v", m)
	}
	b.wantFiles(".hidden.pdf", "done/a.json", "done/a.pdf", "x.pdf.part", "x.pdf.tmp", "x.pdf~")
}

func TestSidecars(t *testing.T) {
	b := newBench(t, func(c *Config) { c.NeedsSidecar = true })
	now := time.Now()
	b.now = func() time.Time { return now }
	b.put("a.pdf", pdf)
	b.put("b.json", `{"name":"Kate"}`)
	b.look()
	b.wantFiles("a.pdf", "b.json")
	b.put("a.json", `{"name":"Kate"}`)
	b.put("a.tif", "II*\x00") // shares it
	b.look()
	b.wantFiles("b.json", "done/a.json", "done/a.pdf", "done/a.tif")
	for _, m := range b.Accepted() {
		if m.Name != "Kate" {
			t.Errorf("message %+v", m)
		}
	}
	b.put("c.pdf", pdf)
	b.look()
	now = now.Add(orphaned)
	for range 2 {
		b.look()
	}
	b.wantFiles("c.pdf", "done/a.json", "done/a.pdf", "done/a.tif", "failed/b.json", "failed/b.json.error.txt")
	if n := b.Logged.FilterMessage("a file has waited for its sidecar for an hour").Len(); n != 1 {
		t.Errorf("told %d times that a file has no sidecar, want once", n)
	}
}

// A message in JSON and a sidecar look alike until its file is there.
func TestSidecarWaitsForAFileThatIsBeingWritten(t *testing.T) {
	for _, name := range []string{"a.pdf.part", ".a.pdf.x81", "a.tmp", "a.pdf~"} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, nil)
			b.put("a.json", said)
			b.put(name, pdf)
			b.look()
			b.wantFiles(slices.Sorted(slices.Values([]string{"a.json", name}))...)
			if err := os.Rename(filepath.Join(b.dir, name), filepath.Join(b.dir, "a.pdf")); err != nil {
				t.Fatal(err)
			}
			b.look()
			if m := b.Only(); m.Name != "Kate Jansen" || len(m.Attachments) != 1 {
				t.Errorf("message %+v", m)
			}
		})
	}
}

// Others may write into failed/, too: a link that lies there is not followed.
func TestReasonsFollowNoLinks(t *testing.T) {
	b := newBench(t, nil)
	precious := filepath.Join(t.TempDir(), "precious")
	if err := errors.Join(os.WriteFile(precious, []byte("kept"), 0o600), os.Mkdir(filepath.Join(b.dir, "failed"), 0o700), os.Symlink(precious, filepath.Join(b.dir, "failed", "a.exe.error.txt"))); err != nil {
		t.Fatal(err)
	}
	b.put("a.exe", "MZ")
	b.look()
	if got, _ := os.ReadFile(precious); string(got) != "kept" {
		t.Errorf("the file that was linked has %q", got)
	}
	b.wantFiles("failed/a.exe", "failed/a.exe.error.txt")
}

// Killed between Accept and the move, or put there again: it is the same message, and no file is lost by its name.
func TestNothingIsTakenTwice(t *testing.T) {
	b := newBench(t, nil)
	for range 3 {
		b.put("a.pdf", pdf)
		b.look()
	}
	b.Only()
	b.put("a.pdf", pdf+"another letter")
	b.put("b.pdf", pdf)
	b.look()
	if n := len(b.Accepted()); n != 3 {
		t.Errorf("%d messages, want 3: another content or another name is another letter", n)
	}
	b.wantFiles("done/a-2.pdf", "done/a-3.pdf", "done/a-4.pdf", "done/a.pdf", "done/b.pdf")
}

func TestOneThatFailsHoldsUpNoOther(t *testing.T) {
	b := newBench(t, nil)
	for i := range 20 {
		b.put(fmt.Sprintf("%02d.pdf", i), pdf+fmt.Sprint(i))
	}
	b.put("done", "in the way of the directory")
	if err := b.pass(t.Context()); err == nil || strings.Contains(err.Error(), ".pdf") || strings.Contains(err.Error(), b.dir) {
		t.Errorf("pass = %v, want trouble without a name", err)
	}
	if n := len(b.Accepted()); n != 20 {
		t.Errorf("%d accepted, want all 20", n)
	}
}

func TestTroubleIsToldOnce(t *testing.T) {
	b := newBench(t, func(c *Config) { c.Every = 10 * time.Millisecond })
	moved := b.dir + ".gone"
	if err := os.Rename(b.dir, moved); err != nil {
		t.Fatal(err)
	}
	b.Environment.Run(b.Folder)
	b.Eventually("trouble", func() bool { return b.Trouble() != nil })
	if err := b.Trouble(); !strings.Contains(err.Error(), "look into directory: no such file or directory") || strings.Contains(err.Error(), b.dir) {
		t.Errorf("Trouble = %v", err)
	}
	if err := os.Rename(moved, b.dir); err != nil {
		t.Fatal(err)
	}
	b.put("a.pdf", pdf)
	b.Eventually("the letter", func() bool { return len(b.Accepted()) == 1 && b.Trouble() == nil })
	if n := b.Logged.FilterMessage("the folder can't be read or written").Len(); n != 1 {
		t.Errorf("logged %d times, want once", n)
	}
}

// program is a stand-in for pdftotext.
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
		{"gives it", `cat /dev/fd/3; echo "$HOME"`, "%PDF-1.7\n1 0 obj", nil}, // and gets nothing of our environment
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

func TestAnswersAreFilesWrittenWhole(t *testing.T) {
	out := t.TempDir()
	b := newBench(t, func(c *Config) { c.Out = out })
	m := &message.Message{
		ID: message.NewID([]byte("reply")), Subject: "Re: De kast", Text: "Beste Kate,\n\nWij komen morgen.\n", Earlier: &message.Earlier{Name: "Kate Jansen"},
		To: []message.Identifier{{Kind: "cno", Value: "1042"}},
	}
	path := filepath.Join(out, m.ID+".txt")
	find := func() bool {
		_, found, err := b.Find(t.Context(), m)
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	if find() {
		t.Error("found before it was sent")
	}
	// Killed before the name was given.
	if err := errors.Join(os.Mkdir(filepath.Join(out, ".sent"), 0o700), os.WriteFile(b.noted(m), nil, 0o600), os.WriteFile(b.part(m), []byte("Bes"), 0o600)); err != nil {
		t.Fatal(err)
	}
	if find() {
		t.Error("found though it has no name yet")
	}
	for range 2 {
		if receipt, err := b.Send(t.Context(), m); err != nil || receipt.ID != m.ID || receipt.State != connectors.Sent {
			t.Fatalf("Send = %+v, %v", receipt, err)
		}
	}
	got, _ := os.ReadFile(path)
	if want := "To: Kate Jansen\nTo: cno:1042\nSubject: Re: De kast\n\nBeste Kate,\n\nWij komen morgen.\n"; string(got) != want {
		t.Errorf("file %q, want %q", got, want)
	}
	if err := os.Remove(path); err != nil || !find() { // it was fetched
		t.Errorf("%v: not found after it was fetched", err)
	}
	if _, err := b.Send(t.Context(), m); err != nil || exists(path) {
		t.Errorf("Send of what was fetched = %v, and it is there again: %v", err, exists(path))
	}
	b.now = func() time.Time { return time.Now().Add(2 * notedFor) }
	if find() {
		t.Error("notes are kept for ever")
	}
}

func TestCheckTellsToPostByHand(t *testing.T) {
	b := newBench(t, nil)
	if err := b.Check(&message.Message{Text: "x"}); !errors.Is(err, errByHand) {
		t.Errorf("Check = %v", err)
	}
	b = newBench(t, func(c *Config) { c.Out = t.TempDir() })
	for _, m := range []*message.Message{{}, {Text: "x", Attachments: []message.Attachment{{}}}} {
		if _, err := b.Send(t.Context(), m); !connectors.IsPermanent(err) {
			t.Errorf("Send(%+v) = %v", m, err)
		}
	}
}

func TestConfigNamesAllMistakes(t *testing.T) {
	cfg := &Config{Channel: "Post!", Mailbox: "a b", Settle: -1, Every: 0, MaxBytes: 1}
	err := cfg.Validate()
	for _, path := range []string{"directory: ", "channel: ", "mailbox: ", "settle: ", "every: ", "max_bytes: "} {
		if err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("Validate = %v, want %s", err, path)
		}
	}
	cfg.Directory, cfg.Out = "in", "./in"
	if cfg.ResolvePaths("/srv"); cfg.Directory != "/srv/in" || !strings.Contains(fmt.Sprint(cfg.Validate()), "out: must be another directory") {
		t.Errorf("Validate = %v", cfg.Validate())
	}
}

// FuzzLetter gives the folder any JSON: it never panics, and what it accepts can be kept.
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
