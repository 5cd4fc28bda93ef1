package folder

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"
)

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
	b.put("a.tif", "II*\x00\x08\x00\x00\x00 picture") // shares it
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
