package format

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"loket/internal/proptest"
)

func TestCleanLeavesNothingATerminalObeys(t *testing.T) {
	for in, want := range map[string]string{
		"plain, é 漢 😀\ttab\nline":           "plain, é 漢 😀\ttab\nline",
		"\x1b[2J\x1b]0;title\x07":           "␛[2J␛]0;title␇",
		"a\r\nb\rc":                         "a\nb␍c",
		"\u009b31m":                         "\uFFFD31m",
		"\x7f\x08":                          "␡␈",
		"bad \xff byte":                     "bad \uFFFD byte",
		"exe\u202egpj.":                     "exe\uFFFDgpj.",
		"next\u2028line":                    "next\nline",
		"family \U0001F468\u200d\U0001F469": "family \U0001F468\u200d\U0001F469",
	} {
		if got := Clean(in); got != want {
			t.Errorf("clean(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestCleanJSONKeepsTheValue(t *testing.T) {
	proptest.Check(t, proptest.Usual, func(t *rapid.T) {
		want := rapid.String().Draw(t, "text") + "\u009b\x7f\u202e\x1b"
		raw, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		safe := CleanJSON(raw)
		var got string
		if err := json.Unmarshal(safe, &got); err != nil || got != want {
			t.Fatalf("cleanJSON changed %q to %q (%v)", want, got, err)
		}
		if i := strings.IndexFunc(string(safe), func(r rune) bool { return unicode.IsControl(r) || turns(r) }); i >= 0 {
			t.Fatalf("cleanJSON(%q) leaves a control character at %d", raw, i)
		}
	})
}

func TestTablesAlignWideLettersAndStyles(t *testing.T) {
	var b bytes.Buffer
	p := &Page{Out: &b}
	p.Table([]string{"A", "B"}, [][]any{{Bold.Of("漢字"), "x"}, {"ab\x1b", "y"}, {"", "z"}})
	want := "A     B\n漢字  x\nab␛   y\n      z\n"
	if b.String() != want {
		t.Errorf("table:\n%s\nwant:\n%s", b.String(), want)
	}
}

func TestShortenCutsByColumns(t *testing.T) {
	for in, want := range map[string]string{"short": "short", "exactly10!": "exactly10!", "one too many": "one too m…", "漢字漢字漢字": "漢字漢字…"} {
		if got := Shorten(in, 10); got != want {
			t.Errorf("shorten(%q) = %q, want %q", in, got, want)
		}
	}
}
