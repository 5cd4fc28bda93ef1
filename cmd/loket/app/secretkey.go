package app

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"loket/internal/secret"
)

// secretKey is what links to customers' threads are signed with: the configured one, else one made once and
// kept in the data directory.
func secretKey(configured secret.String, data string) ([]byte, error) {
	if !configured.IsZero() {
		return []byte(configured.Reveal()), nil
	}
	path := filepath.Join(data, "secret.key")
	b, err := os.ReadFile(path)
	if err == nil && len(strings.TrimSpace(string(b))) >= 32 {
		return []byte(strings.TrimSpace(string(b))), nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read secret key: %w", err)
	}
	raw := make([]byte, 32)
	rand.Read(raw) //nolint:errcheck // crypto/rand never fails
	key := base64.RawURLEncoding.EncodeToString(raw)
	tmp := path + ".tmp"
	if err := os.WriteFile(tmp, []byte(key+"\n"), 0o600); err != nil {
		return nil, fmt.Errorf("write secret key: %w", err)
	}
	if err := os.Rename(tmp, path); err != nil {
		return nil, fmt.Errorf("write secret key: %w", err)
	}
	return []byte(key), nil
}

// fingerprint tells keys apart without giving one away.
func fingerprint(key []byte) string {
	sum := sha256.Sum256(append([]byte("loket secret key\x00"), key...))
	return hex.EncodeToString(sum[:8])
}
