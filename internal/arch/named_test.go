package arch_test

import (
	"regexp"
	"strings"
	"testing"
)

// TestTestsThatPagesNameExist: pages promise what a test shows. A name that ends in … stands for
// all that begin with it.
func TestTestsThatPagesNameExist(t *testing.T) {
	var code strings.Builder
	for _, text := range sources(t, "_test.go") {
		code.WriteString(text)
	}
	for _, text := range pages(t) { // which may show one themselves
		code.WriteString(text)
	}
	named := regexp.MustCompile(`\b(?:Test|Benchmark)[A-Z]\w+…?`)
	for page, text := range pages(t) {
		for _, name := range named.FindAllString(text, -1) {
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
