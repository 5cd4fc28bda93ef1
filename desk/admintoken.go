package desk

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

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
	f, err := os.Open(path)
	if err != nil {
		return secret.String{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return secret.String{}, err
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return secret.String{}, fmt.Errorf("%s is open to others (%v): must be 0600; make a new one if it may have been read", path, mode)
	}
	raw := make([]byte, 4096)
	n, _ := f.Read(raw) // an empty file is told below
	text := strings.TrimSpace(string(raw[:n]))
	if len(text) < leastToken || strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return secret.String{}, fmt.Errorf("%s holds no token: must be at least %d letters, digits and signs; remove it to have one made", path, leastToken)
	}
	return secret.New(text), nil
}

// makeToken links a file that is whole and synced into its place, so that nobody ever reads half a token and
// of two processes one wins.
func makeToken(dir, path string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".admin.token-*") // 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }()
	var random [32]byte
	_, _ = rand.Read(random[:]) // never fails
	_, err = fmt.Fprintln(f, base64.RawURLEncoding.EncodeToString(random[:]))
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}
