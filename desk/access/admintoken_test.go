package access

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func TestAdminTokenIsMadeOnce(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	var mu sync.Mutex
	seen := map[string]bool{}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			token, err := AdminToken(dir)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			seen[token.Reveal()] = true
		})
	}
	wg.Wait()
	if len(seen) != 1 {
		t.Errorf("%d tokens, want one", len(seen))
	}
	for token := range seen {
		if len(token) < 40 {
			t.Errorf("a token of %d characters", len(token))
		}
	}
	info, err := os.Stat(filepath.Join(dir, adminFile))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; want 0600", info.Mode(), err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".admin*")); len(left) > 0 {
		t.Errorf("left over: %v", left)
	}
}

func TestAdminTokenRefusesWhatCannotBeTrusted(t *testing.T) {
	for _, c := range []struct {
		name, text string
		mode       os.FileMode
		want       string
	}{
		{"open to others", strings.Repeat("x", 32), 0o644, "open to others"},
		{"empty", "", 0o600, "holds no token"},
		{"short", "abc\n", 0o600, "holds no token"},
		{"two lines", "0123456789abcdef\n0123456789abcdef\n", 0o600, "holds no token"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, adminFile)
			if err := os.WriteFile(path, []byte(c.text), c.mode); err != nil {
				t.Fatal(err)
			}
			token, err := AdminToken(dir)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("AdminToken = %v, %v; want an error with %q", token, err, c.want)
			}
			if c.text != "" && err != nil && strings.Contains(err.Error(), strings.TrimSpace(c.text)) {
				t.Errorf("the error tells the token: %v", err)
			}
		})
	}
}
