package folder

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"loket/connectors"
	"loket/connectors/connectortest"
	"loket/internal/message"
)

// A bench is a folder on disk. Its clock stands, unless the folder runs.
// files are what lies in the directory and below it.
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
// A message in JSON and a sidecar look alike until its file is there.
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
