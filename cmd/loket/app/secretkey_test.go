package app

import (
	"os"
	"path/filepath"
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
