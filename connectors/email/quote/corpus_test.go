package quote

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A sample is one case of testdata. A file of cases has, for each, a line "=== name", the input, and then the sections
// "=== whole" and "=== said"; one that is left out is the same as what stands before it.
type sample struct{ name, in, whole, said string }

func samples(t testing.TB, pattern string) []sample {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", pattern))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files %s: %v", pattern, err)
	}
	var all []sample
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range strings.Split("\n"+string(b), "\n=== ")[1:] {
			name, body, _ := strings.Cut(s, "\n")
			switch body = strings.Trim(body, "\n"); name {
			case "whole":
				all[len(all)-1].whole, all[len(all)-1].said = body, body
			case "said":
				all[len(all)-1].said = body
			default:
				all = append(all, sample{filepath.Base(f) + "/" + name, body, body, body})
			}
		}
	}
	return all
}

func TestStripTellsWhatIsSaidNow(t *testing.T) {
	for _, s := range samples(t, "text-*.txt") {
		t.Run(s.name, func(t *testing.T) {
			if diff := cmp.Diff(s.said, Strip(s.in)); diff != "" {
				t.Errorf("Strip (-want +got):\n%s", diff)
			}
			if got := Strip(strings.ReplaceAll(s.in, "\n", "\r\n")); got != Strip(s.in) {
				t.Errorf("Strip with CRLF = %q, want %q", got, Strip(s.in))
			}
			if got := Strip(Strip(s.in)); got != Strip(s.in) {
				t.Errorf("Strip twice = %q, want %q", got, Strip(s.in))
			}
		})
	}
}

func TestFromHTMLReadsWhatPeopleRead(t *testing.T) {
	for _, s := range samples(t, "html-*.txt") {
		t.Run(s.name, func(t *testing.T) {
			whole, said := FromHTML(s.in)
			if diff := cmp.Diff(s.whole, whole); diff != "" {
				t.Errorf("whole (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(s.said, said); diff != "" {
				t.Errorf("said (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCorpusIsLarge(t *testing.T) {
	if n := len(samples(t, "*.txt")); n < 120 {
		t.Errorf("corpus has %d cases, want at least 120", n)
	}
}
