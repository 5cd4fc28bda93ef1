// Package pages runs those end-to-end tests that drive a browser: internal/e2e/pages_test.go tells why.
package pages

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"loket/internal/e2e/sources"
)

func TestPagesInRealBrowsers(t *testing.T) {
	if err := sources.Look(filepath.Join("..", "..", "..")); err != nil {
		t.Fatal(err)
	}
	args := []string{"test", "-count=1", "-timeout=" + flag.Lookup("test.timeout").Value.String(), "-short=" + strconv.FormatBool(testing.Short()), "-v=" + strconv.FormatBool(testing.Verbose()), "loket/internal/e2e"}
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Env = append(os.Environ(), "LOKET_E2E=pages")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("go %v: %v\n%s", args, err, out)
	}
	t.Logf("%s", out)
}
