package message_test

import (
	"strings"
	"testing"

	"loket/internal/message"
)

func TestCleanText(t *testing.T) {
	for _, test := range []struct{ name, in, want string }{
		{"line ends", "a\r\nb\rc\nd\r\r\n", "a\nb\nc\nd\n\n"},
		{"control characters", "a\x00\x1b[31m\x7fb\u0085c\td", "a[31mbc\td"},
		{"bytes that are no text", "a\xff\xfeb", "a\uFFFDb"},
		{"the rest stays", "  é👍\u200d\u202eü  ", "  é👍\u200d\u202eü  "},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := message.CleanText(test.in); got != test.want {
				t.Errorf("message.CleanText(%q) = %q, want %q", test.in, got, test.want)
			}
		})
	}
}

func TestCleanFileName(t *testing.T) {
	for _, test := range []struct{ in, want string }{
		{"march.pdf", "march.pdf"},
		{`C:\Users\anna\march.pdf`, "march.pdf"},
		{"../../etc/passwd", "passwd"},
		{"a/..", "file"},
		{"", "file"},
		{" \x00\n.\t", "file"},
		{"evil\u202egpj.exe", "evilgpj.exe"},
		{"é\"<b>.txt", "é\"<b>.txt"},
		{strings.Repeat("é", 200) + ".pdf", strings.Repeat("é", 146) + ".pdf"},
		{"a." + strings.Repeat("e", 200), "a." + strings.Repeat("e", 148)},
	} {
		if got := message.CleanFileName(test.in); got != test.want {
			t.Errorf("message.CleanFileName(%q) = %q, want %q", test.in, got, test.want)
		}
	}
}

func TestGraphemesAreWhatPeopleCount(t *testing.T) {
	for _, tc := range []struct {
		in   string
		want int
	}{
		{"", 0}, {"Geen bereik", 11}, {"één", 3}, {"e\u0301e\u0301n", 3}, {"👍", 1}, {"👍🏽", 1}, {"👩\u200d👩\u200d👧", 1}, {"❤\ufe0f", 1},
		{"🇳🇱🇧🇪", 2}, {"🇳🇱a🇧🇪", 3}, {"a\nb", 3}, {"न\u200dम", 2}, {"\u0301", 1}, {"\n\u0301", 2},
	} {
		if got := message.Graphemes(tc.in); got != tc.want {
			t.Errorf("Graphemes(%q) = %d, want %d", tc.in, got, tc.want)
		}
	}
}
