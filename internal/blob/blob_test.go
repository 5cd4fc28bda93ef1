package blob_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"loket/internal/blob"
)

func TestPutThenGet(t *testing.T) {
	s, _ := open(t)
	for _, text := range []string{"hello", "", strings.Repeat("x", 1<<20), "shorter again"} {
		n, err := s.Put(t.Context(), "ab2/1", strings.NewReader(text))
		if n != int64(len(text)) || err != nil {
			t.Errorf("Put = %d, %v, want %d", n, err, len(text))
		}
		if got := read(t, s, "ab2/1"); got != text {
			t.Errorf("Get gives %d bytes, want the %d put last", len(got), len(text))
		}
	}
}

func TestGetSeeks(t *testing.T) {
	s, _ := open(t)
	put(t, s, "ab2/1", "hello")
	r, size, err := s.Get(t.Context(), "ab2/1")
	if err != nil || size != 5 {
		t.Fatalf("Get = %d, %v", size, err)
	}
	defer r.Close()
	if _, err := r.Seek(-2, io.SeekEnd); err != nil {
		t.Fatal(err)
	}
	if b, _ := io.ReadAll(r); string(b) != "lo" {
		t.Errorf("after Seek = %q, want lo", b)
	}
}

func TestFailedPutLeavesNothing(t *testing.T) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	cause := errors.New("line cut")
	for _, tt := range []struct {
		name string
		ctx  context.Context
		r    io.Reader
		want error
	}{
		{"reader fails", t.Context(), io.MultiReader(strings.NewReader("half"), iotest.ErrReader(cause)), cause},
		{"context ended", ended, strings.NewReader("all"), context.Canceled},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, dir := open(t)
			if _, err := s.Put(tt.ctx, "ab2/1", tt.r); !errors.Is(err, tt.want) {
				t.Errorf("Put = %v, want %v", err, tt.want)
			}
			if got := files(t, dir); len(got) > 0 {
				t.Errorf("left: %v", got)
			}
			put(t, s, "ab2/1", "before")
			_, _ = s.Put(tt.ctx, "ab2/1", tt.r)
			if got := read(t, s, "ab2/1"); got != "before" {
				t.Errorf("Get after a failed second Put = %q, want before", got)
			}
		})
	}
}

func TestNamesOutsideTheFormAreRefused(t *testing.T) {
	s, dir := open(t)
	for _, name := range []string{
		"", "ab", "ab/", "/1", "../1", "ab/..", "ab/.", "ab/.hidden", "ab/1/2", "AB/1", "ab/A", "a b/1", "ab/1\n", "ab/1\x00",
		"ab\\1", strings.Repeat("a", 65) + "/1", "ab/" + strings.Repeat("a", 65), "a.b/1", "é/1",
	} {
		if _, err := s.Put(t.Context(), name, strings.NewReader("x")); !errors.Is(err, blob.ErrName) {
			t.Errorf("Put(%q) = %v, want ErrName", name, err)
		}
		if _, _, err := s.Get(t.Context(), name); !errors.Is(err, blob.ErrName) {
			t.Errorf("Get(%q) = %v, want ErrName", name, err)
		}
		if err := s.Delete(t.Context(), name); !errors.Is(err, blob.ErrName) {
			t.Errorf("Delete(%q) = %v, want ErrName", name, err)
		}
	}
	for _, id := range []string{"", "..", "ab/..", "tmp/x", "AB"} {
		if err := s.Forget(t.Context(), id); !errors.Is(err, blob.ErrName) {
			t.Errorf("Forget(%q) = %v, want ErrName", id, err)
		}
	}
	if got := files(t, dir); len(got) > 0 {
		t.Errorf("files: %v, want none", got)
	}
	for _, name := range []string{"a/1", "tmp/1", strings.Repeat("z", 64) + "/" + strings.Repeat("9", 64), "ab/raw.eml", "ab/-_"} {
		put(t, s, name, name)
		if got := read(t, s, name); got != name {
			t.Errorf("Get(%q) = %q", name, got)
		}
	}
}

func TestDeleteAndForget(t *testing.T) {
	s, dir := open(t)
	for _, name := range []string{"ab2/1", "ab2/2", "ab2/raw", "ab3/1"} {
		put(t, s, name, name)
	}
	for range 2 {
		if err := s.Delete(t.Context(), "ab2/1"); err != nil {
			t.Errorf("Delete = %v", err)
		}
		if _, _, err := s.Get(t.Context(), "ab2/1"); !errors.Is(err, blob.ErrNone) {
			t.Errorf("Get after Delete = %v, want ErrNone", err)
		}
	}
	if got := read(t, s, "ab2/2"); got != "ab2/2" {
		t.Errorf("the neighbour = %q", got)
	}
	for range 2 {
		if err := s.Forget(t.Context(), "ab2"); err != nil {
			t.Errorf("Forget = %v", err)
		}
	}
	if got := files(t, dir); len(got) != 1 || !strings.HasSuffix(got[0], "ab3.1") {
		t.Errorf("files after Forget: %v, want only ab3/1", got)
	}
}

func TestPutBesideForget(t *testing.T) {
	s, _ := open(t)
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for j := range 50 {
				if _, err := s.Put(t.Context(), fmt.Sprintf("ab2/%d", i), strings.NewReader("x")); err != nil && !errors.Is(err, fs.ErrNotExist) {
					t.Errorf("Put = %v", err)
				}
				if j%5 == 0 {
					if err := s.Delete(t.Context(), fmt.Sprintf("ab2/%d", i)); err != nil {
						t.Errorf("Delete = %v", err)
					}
				}
			}
		})
	}
	wg.Wait()
}

func TestOpenClearsOldLeftovers(t *testing.T) {
	_, dir := open(t)
	old, fresh := filepath.Join(dir, "tmp", "put-old"), filepath.Join(dir, "tmp", "put-fresh")
	for _, f := range []string{old, fresh} {
		if err := os.WriteFile(f, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	long := time.Now().Add(-48 * time.Hour)
	if err := os.Chtimes(old, long, long); err != nil {
		t.Fatal(err)
	}
	if _, err := blob.Open(dir); err != nil {
		t.Fatal(err)
	}
	if got := files(t, dir); len(got) != 1 || got[0] != fresh {
		t.Errorf("left: %v, want only what another process may be writing", got)
	}
}

func BenchmarkPut(b *testing.B) {
	s, err := blob.Open(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	body := strings.Repeat("x", 100<<10)
	b.SetBytes(int64(len(body)))
	for i := 0; b.Loop(); i++ {
		if _, err := s.Put(b.Context(), fmt.Sprintf("m%d/1", i), strings.NewReader(body)); err != nil {
			b.Fatal(err)
		}
	}
}

func open(t *testing.T) (*blob.Store, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "blobs")
	s, err := blob.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s, dir
}

func put(t *testing.T, s *blob.Store, name, text string) {
	t.Helper()
	if _, err := s.Put(t.Context(), name, strings.NewReader(text)); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, s *blob.Store, name string) string {
	t.Helper()
	r, size, err := s.Get(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	if err != nil || int64(len(b)) != size {
		t.Fatalf("read %d of %d bytes: %v", len(b), size, err)
	}
	return string(b)
}

func files(t *testing.T, dir string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			out = append(out, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
