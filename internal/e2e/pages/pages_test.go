// Package pages runs those end-to-end tests that drive a browser: internal/e2e/pages_test.go tells why.
package pages

import (
	"flag"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
)

func TestPagesInRealBrowsers(t *testing.T) {
	args := []string{"test", "-count=1", "-timeout=" + flag.Lookup("test.timeout").Value.String(), "-short=" + strconv.FormatBool(testing.Short()), "-v=" + strconv.FormatBool(testing.Verbose()), "loket/internal/e2e"}
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Env = append(os.Environ(), "LOKET_E2E=pages")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("go %v: %v\n%s", args, err, out)
	}
	t.Logf("%s", out)
}

// What the tests are made of is looked at here, so that the result which go keeps of this package is not that of other code.
func TestMain(m *testing.M) {
	root := filepath.Join("..", "..", "..")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && path != root && d.Name()[0] == '.' {
			return filepath.SkipDir
		}
		if err == nil && d.Type().IsRegular() {
			_, err = os.Stat(path)
		}
		return err
	})
	if err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}
