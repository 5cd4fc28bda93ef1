package app

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"loket/internal/secret"
)

func TestSecretKeyIsMadeOnceAndNeverReplaced(t *testing.T) {
	dir := t.TempDir()
	first, err := secretKey(secret.String{}, dir)
	if err != nil || len(first) < leastKey {
		t.Fatalf("secretKey = %d characters, %v", len(first), err)
	}
	again, err := secretKey(secret.String{}, dir)
	if err != nil || string(again) != string(first) {
		t.Errorf("secretKey again = another, %v", err)
	}
	path := filepath.Join(dir, "secret.key")
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file is %v, %v; want 0600", info, err)
	}
	if err := os.WriteFile(path, []byte("a short one of somebody's\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := secretKey(secret.String{}, dir); err == nil {
		t.Error("a short key was replaced without a word")
	}
	if b, err := os.ReadFile(path); err != nil || string(b) != "a short one of somebody's\n" {
		t.Errorf("the file holds %q now, %v", b, err)
	}
}

func TestSecretKeyThatOthersMayReadIsRefused(t *testing.T) {
	dir := t.TempDir()
	if _, err := secretKey(secret.String{}, dir); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "secret.key")
	key, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, mode := range []os.FileMode{0o640, 0o604, 0o644, 0o620} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		_, err := secretKey(secret.String{}, dir)
		if err == nil || !strings.Contains(err.Error(), "chmod 600 "+path) || strings.Contains(err.Error(), strings.TrimSpace(string(key))) {
			t.Errorf("%v: secretKey = %v, want that it says what to do", mode, err)
		}
	}
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	again, err := secretKey(secret.String{}, dir)
	if err != nil || string(again) != strings.TrimSpace(string(key)) {
		t.Errorf("secretKey = another, %v", err)
	}
}

func TestProcessesThatBeginTogetherHaveOneKey(t *testing.T) {
	dir := t.TempDir()
	keys := make([]string, 8)
	var wg sync.WaitGroup
	for i := range keys {
		wg.Go(func() {
			key, err := secretKey(secret.String{}, dir)
			if err != nil {
				t.Error(err)
			}
			keys[i] = string(key)
		})
	}
	wg.Wait()
	if all := slices.Compact(slices.Sorted(slices.Values(keys))); len(all) != 1 {
		t.Errorf("%d keys, want one", len(all))
	}
}
