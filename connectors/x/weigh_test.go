package x

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"loket/internal/proptest"
)

func TestLengthIsThatOfX(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       int
	}{
		{"nothing", "", 0},
		{"plain", "This is a test.", 15},
		{"Latin with marks", "ÄÖÜ ß é ñ", 9},
		{"composed and not", "e\u0301e\u0301", 2},
		{"Cyrillic, Greek, Arabic", "Привет γειά مرحبا", 17},
		{"Chinese", "故人西辞", 8},
		{"Japanese", "いろは", 6},
		{"Korean", "안녕", 4},
		{"Hangul jamo below the bound", "\u10ff", 1},
		{"quotes and dashes", "“a” – b", 7},
		{"ellipsis", "…", 2},
		{"euro", "€", 2},
		{"emoji", "😷", 2},
		{"family", "👨‍👩‍👧‍👦", 2},
		{"skin", "👍🏽", 2},
		{"flag", "🇳🇱", 2},
		{"two flags", "🇳🇱🇧🇪", 4},
		{"flag of England", "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", 2},
		{"keycap", "1️⃣", 2},
		{"digit", "1", 1},
		{"heart", "❤️", 2},
		{"sign as picture", "©️", 2},
		{"sign", "©", 1},
		{"pirate", "🏴‍☠️", 2},
		{"joiner at the end", "👍\u200d", 3},
		{"flag letter alone", "🇳", 2},
		{"link", "https://example.org/a/very/long/path?with=a&query=that#is-longer-than-any", 23},
		{"short link", "http://a.nl", 23},
		{"link in a sentence", "See https://example.org/x.", 4 + 23 + 1},
		{"two links", "https://a.nl https://b.nl", 47},
		{"link without a scheme", "example.org/help now", 23 + 4},
		{"link with capitals", "EXAMPLE.ORG", 23},
		{"mail address", "kate@example.org", 16},
		{"version", "version 3.5 of it.Then", 22},
		{"name under no domain", "main.go_file foo.invalidtld", 27},
		{"mention", "@example.org", 12},
	} {
		if got := weigh(test.text); got != test.want {
			t.Errorf("%s: weigh(%q) = %d, want %d", test.name, test.text, got, test.want)
		}
	}
}

func TestLengthGrowsWithTheText(t *testing.T) {
	proptest.Check(t, proptest.Usual, func(t *rapid.T) {
		a, b := rapid.String().Draw(t, "a"), rapid.String().Draw(t, "b")
		got := weigh(a + " . " + b)
		if got < 3 || got > 2*len(a+b)+3+linkLength*(strings.Count(a+b, ".")+1) {
			t.Fatalf("weigh = %d for %q and %q", got, a, b)
		}
	})
}
