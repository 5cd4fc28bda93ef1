package archive_test

import (
	"compress/gzip"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"loket/internal/archive"
)

func open(t *testing.T) (*archive.Archive, string) {
	t.Helper()
	dir := t.TempDir()
	a, err := archive.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return a, dir
}

func TestWhatIsPutIsThereUntilItIsDeleted(t *testing.T) {
	t.Parallel()
	a, _ := open(t)
	ctx := t.Context()
	for _, v := range []string{"first", "<second> & \u2028"} {
		if err := a.Put(ctx, "task", "A", v); err != nil {
			t.Fatal(err)
		}
		var got string
		if err := a.Get(ctx, "task", "A", &got); err != nil || got != v {
			t.Errorf("Get = %q, %v; want %q", got, err, v)
		}
	}
	if err := a.Get(ctx, "thread", "A", new(string)); !errors.Is(err, archive.ErrNone) {
		t.Errorf("Get of another kind = %v, want ErrNone", err)
	}
	for range 2 {
		if err := a.Delete(ctx, "task", "A"); err != nil {
			t.Fatal(err)
		}
	}
	if there, err := a.Has(ctx, "task", "A"); there || err != nil {
		t.Errorf("Has = %v, %v; want that it went", there, err)
	}
}

func TestADamagedDocumentIsNotNone(t *testing.T) {
	t.Parallel()
	whole := `{"version":1,"kind":"task","id":"A","data":"x"}`
	for name, damage := range map[string]func(*os.File){
		"empty":     func(*os.File) {},
		"cut off":   func(f *os.File) { z := gzip.NewWriter(f); _, _ = z.Write([]byte(whole)); _ = z.Flush() },
		"of later":  func(f *os.File) { pack(f, strings.Replace(whole, ":1", ":2", 1)) },
		"of others": func(f *os.File) { pack(f, strings.Replace(whole, `"A"`, `"B"`, 1)) },
		"no JSON":   func(f *os.File) { pack(f, "x") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, dir := open(t)
			if err := a.Put(t.Context(), "task", "A", "x"); err != nil {
				t.Fatal(err)
			}
			f, err := os.Create(document(t, dir))
			if err != nil {
				t.Fatal(err)
			}
			damage(f)
			_ = f.Close()
			if err := a.Get(t.Context(), "task", "A", new(string)); err == nil || errors.Is(err, archive.ErrNone) || !strings.Contains(err.Error(), ".task") {
				t.Errorf("Get = %v, want an error that names the file", err)
			}
		})
	}
}

func pack(f *os.File, text string) {
	z := gzip.NewWriter(f)
	_, _ = z.Write([]byte(text))
	_ = z.Close()
}

func document(t *testing.T, dir string) (path string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(p string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(p, ".task") {
			path = p
		}
		return err
	})
	if err != nil || path == "" {
		t.Fatalf("no document in %s: %v", dir, err)
	}
	return path
}

func TestLockExcludesOthersAndEndsWithItsContext(t *testing.T) {
	t.Parallel()
	a, dir := open(t)
	other, err := archive.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	unlock, err := a.Lock(t.Context(), "task", "A")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := other.Lock(ctx, "task", "A"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Lock of what is locked = %v, want that it waits", err)
	}
	unlock()
	again, err := other.Lock(t.Context(), "task", "A")
	if err != nil {
		t.Fatal(err)
	}
	again()
}

func TestNoArchiveHasNothing(t *testing.T) {
	t.Parallel()
	var a *archive.Archive
	if err := a.Get(t.Context(), "task", "A", nil); !errors.Is(err, archive.ErrNone) {
		t.Errorf("Get = %v, want ErrNone", err)
	}
	if err := a.Put(t.Context(), "task", "A", "x"); err == nil {
		t.Error("Put took a document that nobody keeps")
	}
	unlock, err := a.Lock(t.Context(), "task", "A")
	if err != nil {
		t.Fatal(err)
	}
	unlock()
}
