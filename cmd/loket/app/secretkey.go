package app

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"loket/internal/private"
	"loket/internal/secret"
)

// leastKey is how many characters a key in the file must have.
const leastKey = 32

// secretKey is what links to customers' threads are signed with: the configured one, else one made once and
// kept in the data directory. One that others on this machine may read is refused. Several processes may call it at once.
func secretKey(configured secret.String, data string) ([]byte, error) {
	if !configured.IsZero() {
		return []byte(configured.Reveal()), nil
	}
	path := filepath.Join(data, "secret.key")
	key, err := readKey(path)
	if errors.Is(err, fs.ErrNotExist) {
		var random [32]byte
		_, _ = rand.Read(random[:]) // never fails
		if err := private.Create(path, base64.RawURLEncoding.EncodeToString(random[:])+"\n"); err != nil {
			return nil, fmt.Errorf("make secret key: %w", err)
		}
		key, err = readKey(path)
	}
	if err != nil {
		return nil, fmt.Errorf("read secret key: %w", err)
	}
	return key, nil
}

func readKey(path string) ([]byte, error) {
	raw, err := private.Read(path, 64<<10)
	if errors.Is(err, private.ErrOpen) {
		return nil, fmt.Errorf("%w; if it may have been read, remove it to have a key made, which makes links already given out invalid", err)
	}
	if err != nil {
		return nil, err
	}
	key := bytes.TrimSpace(raw)
	if len(key) < leastKey {
		return nil, fmt.Errorf("%s holds less than %d characters: remove it to have a key made, which makes links already given out invalid", path, leastKey)
	}
	return key, nil
}

// fingerprint tells keys apart without giving one away.
func fingerprint(key []byte) string {
	sum := sha256.Sum256(append([]byte("loket secret key\x00"), key...))
	return hex.EncodeToString(sum[:8])
}
