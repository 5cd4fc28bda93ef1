package store_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/redis/go-redis/v9"
	"go.uber.org/zap"

	"loket/internal/store/storetest"
)

func TestWhatWasDeletedStandsInNoFileAfterRewriting(t *testing.T) {
	dir := t.TempDir()
	s := openEmbedded(t, dir, zap.NewNop())
	defer s.Close()
	const word = "swordfish"
	for _, key := range []string{"{t}kept", "{t}gone"} {
		if err := s.Redis().Set(t.Context(), key, word, 0).Err(); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Rewrite(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(filesWith(t, dir, word)) == 0 {
		t.Fatal("what is kept stands nowhere: this test sees nothing")
	}
	if err := s.Redis().Del(t.Context(), "{t}kept", "{t}gone").Err(); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 4 { // one may be under way that began too soon
		wg.Go(func() {
			if err := s.Rewrite(t.Context()); err != nil {
				t.Error(err)
			}
			if left := filesWith(t, dir, word); len(left) > 0 {
				t.Errorf("%v still has what was deleted", left)
			}
		})
	}
	wg.Wait()
	if slow, err := s.Redis().SlowLogGet(t.Context(), -1).Result(); len(slow) > 0 || err != nil {
		t.Errorf("the slow log keeps %v, %v", slow, err)
	}
	if v := s.Redis().ConfigGet(t.Context(), "slowlog-log-slower-than").Val()["slowlog-log-slower-than"]; v != "-1" {
		t.Errorf("slowlog-log-slower-than is %q, want -1", v)
	}
}

func TestHalfWrittenFilesOfAKilledServerGo(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "redis"), 0o700); err != nil {
		t.Fatal(err)
	}
	half := filepath.Join(dir, "redis", "temp-rewriteaof-bg-4711.aof")
	if err := os.WriteFile(half, []byte("swordfish"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := openEmbedded(t, dir, zap.NewNop())
	defer s.Close()
	if left := filesWith(t, dir, "swordfish"); len(left) > 0 {
		t.Errorf("left over: %v", left)
	}
}

func TestTheFileOfAnotherServerIsItsOperators(t *testing.T) {
	t.Parallel()
	r := storetest.Start(t, "--appendonly", "no")
	s := storetest.On(t, &redis.Options{Network: "unix", Addr: r.Socket})
	if err := s.Rewrite(t.Context()); err != nil || s.Rewrites() {
		t.Errorf("Rewrite = %v, want that nothing is done", err)
	}
	if v := s.Redis().Info(t.Context(), "persistence").Val(); !strings.Contains(v, "aof_last_rewrite_time_sec:-1") {
		t.Errorf("it was rewritten: %s", v)
	}
}

// filesWith are the files below dir in which word stands.
func filesWith(t *testing.T, dir, word string) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return nil // the server moves files while this looks
		}
		b, _ := os.ReadFile(path)
		if strings.Contains(string(b), word) {
			all = append(all, path)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	return all
}
