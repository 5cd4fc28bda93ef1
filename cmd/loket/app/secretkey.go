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

// leastKey is how many characters a key in the file must have.
const leastKey = 32

// secretKey is what links to customers' threads are signed with: the configured one, else one made once and
// kept in the data directory.
func secretKey(configured secret.String, data string) ([]byte, error) {
	if !configured.IsZero() {
		return []byte(configured.Reveal()), nil
	}
	path := filepath.Join(data, "secret.key")
	b, err := os.ReadFile(path)
	if text := strings.TrimSpace(string(b)); err == nil && text != "" {
		if len(text) < leastKey {
			return nil, fmt.Errorf("%s holds less than %d characters: remove it to have a key made, which makes links already given out invalid", path, leastKey)
		}
		return []byte(text), nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read secret key: %w", err)
	}
	raw := make([]byte, 32)
	rand.Read(raw) //nolint:errcheck // crypto/rand never fails
	key := base64.RawURLEncoding.EncodeToString(raw)
	tmp := path + ".tmp"
	if err := writeKey(tmp, key); err != nil {
		return nil, fmt.Errorf("write secret key: %w", err)
	}
	if err := os.Rename(tmp, path); err != nil {
		return nil, fmt.Errorf("write secret key: %w", err)
	}
	return []byte(key), nil
}

// writeKey has the key on the disk before it has its name: after a power cut an empty file would make every link dead.
func writeKey(path, key string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(key + "\n")
	return errors.Join(err, f.Sync(), f.Close())
}

// fingerprint tells keys apart without giving one away.
func fingerprint(key []byte) string {
	sum := sha256.Sum256(append([]byte("loket secret key\x00"), key...))
	return hex.EncodeToString(sum[:8])
}
