package folder

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"loket/connectors/connectortest"
)

const (
	pdf  = "%PDF-1.7\n1 0 obj\n%%EOF\n"
	text = "De kast in onze straat is stuk"
	said = `{"sender": "email:kate@example.org", "name": "Kate Jansen", "text": "` + text + `"}`
)

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
