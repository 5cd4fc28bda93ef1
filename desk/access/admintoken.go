package access

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"loket/internal/private"
	"loket/internal/secret"
)

// adminFile is where the admin's token is, in the data directory.
const adminFile = "admin.token"

// AdminToken reads the token that may do everything, <dir>/admin.token, and makes it if it is not there. It
// refuses one that others on this machine may read or write. Several processes may call it at once.
func AdminToken(dir string) (secret.String, error) {
	path := filepath.Join(dir, adminFile)
	token, err := readToken(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := makeToken(dir, path); err != nil {
			return secret.String{}, fmt.Errorf("make admin token: %w", err)
		}
		token, err = readToken(path)
	}
	if err != nil {
		return secret.String{}, fmt.Errorf("read admin token: %w", err)
	}
	return token, nil
}

func readToken(path string) (secret.String, error) {
	raw, err := private.Read(path, 4096)
	if errors.Is(err, private.ErrOpen) {
		return secret.String{}, fmt.Errorf("%w; make a new one, by removing it, if it may have been read", err)
	}
	if err != nil {
		return secret.String{}, err
	}
	text := strings.TrimSpace(string(raw))
	if len(text) < leastToken || strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return secret.String{}, fmt.Errorf("%s holds no token: must be at least %d letters, digits and signs; remove it to have one made", path, leastToken)
	}
	return secret.New(text), nil
}

func makeToken(dir, path string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	var random [32]byte
	_, _ = rand.Read(random[:]) // never fails
	return private.Create(path, base64.RawURLEncoding.EncodeToString(random[:])+"\n")
}
