package private_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"loket/internal/private"
)

func TestOnlyTheOwnerMayGetAtASecret(t *testing.T) {
	for _, c := range []struct {
		mode fs.FileMode
		open bool
	}{
		{0o600, false}, {0o400, false}, {0o700, false},
		{0o640, true}, {0o620, true}, {0o610, true}, {0o604, true}, {0o602, true}, {0o644, true}, {0o666, true}, {0o777, true},
	} {
		t.Run(c.mode.String(), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "some.secret")
			write(t, path, "swordfish", c.mode)
			got, err := private.Read(path, 100)
			if errors.Is(err, private.ErrOpen) != c.open || c.open == (string(got) == "swordfish") {
				t.Errorf("Read = %q, %v; want that it is open: %v", got, err, c.open)
			}
			if err != nil && !strings.Contains(err.Error(), "chmod 600 "+path) {
				t.Errorf("the error does not say what to do: %v", err)
			}
			if err := private.Check(path); errors.Is(err, private.ErrOpen) != c.open {
				t.Errorf("Check = %v, want that it is open: %v", err, c.open)
			}
		})
	}
}

func TestWhatIsNoFileIsNobodyElses(t *testing.T) {
	dir := t.TempDir()
	for _, path := range []string{dir, filepath.Join(dir, "nothing"), os.DevNull} {
		if err := private.Check(path); err != nil {
			t.Errorf("Check(%s) = %v", path, err)
		}
	}
}

func TestCreateKeepsTheFirstWhateverTheUmask(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0))
	dir := t.TempDir()
	path := filepath.Join(dir, "some.key")
	var wg sync.WaitGroup
	for _, text := range []string{"one", "two", "six", "ten"} {
		wg.Go(func() {
			if err := private.Create(path, text); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	first := read(t, path)
	if err := private.Create(path, "another"); err != nil {
		t.Error(err)
	}
	if got := read(t, path); got != first || len(got) != 3 {
		t.Errorf("the file holds %q, want %q still", got, first)
	}
	if left, err := os.ReadDir(dir); len(left) != 1 || err != nil {
		t.Errorf("left over: %v, %v", left, err)
	}
}

func TestCloseShutsOthersOut(t *testing.T) {
	for _, c := range []struct {
		mode, want fs.FileMode
		open       bool
	}{
		{0o700, 0o700, false}, {0o500, 0o500, false}, {0o755, 0o700, true}, {0o777, 0o700, true}, {0o710, 0o700, true},
	} {
		t.Run(c.mode.String(), func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "data")
			if err := os.Mkdir(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(dir, c.mode); err != nil {
				t.Fatal(err)
			}
			wasOpen, err := private.Close(dir)
			info, _ := os.Stat(dir)
			if wasOpen != c.open || err != nil || info.Mode().Perm() != c.want {
				t.Errorf("Close = %v, %v with %v after it; want %v and %v", wasOpen, err, info.Mode().Perm(), c.open, c.want)
			}
		})
	}
	if _, err := private.Close(filepath.Join(t.TempDir(), "nothing")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Close of nothing = %v", err)
	}
}

func write(t *testing.T, path, text string, mode fs.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil { // whatever the umask
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := private.Read(path, 100)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
