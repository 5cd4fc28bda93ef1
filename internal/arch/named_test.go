package arch_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestTestsThatPagesNameExist: pages promise what a test shows. A name that ends in … stands for
// all that begin with it.
func TestTestsThatPagesNameExist(t *testing.T) {
	root := filepath.Join("..", "..")
	var code strings.Builder
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		b, err := os.ReadFile(path)
		code.Write(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile(`\bTest[A-Z]\w+…?`)
	for _, page := range []string{"SECURITY.md", "ARCHITECTURE.md", "docs/figures.md", "docs/assurance.md"} {
		text, err := os.ReadFile(filepath.Join(root, page))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range named.FindAllString(string(text), -1) {
			begin, many := strings.CutSuffix(name, "…")
			if !many {
				begin += "("
			}
			if !strings.Contains(code.String(), "\nfunc "+begin) {
				t.Errorf("%s names %s, which is not there", page, name)
			}
		}
	}
}
