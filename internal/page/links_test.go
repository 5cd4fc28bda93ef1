package page

import (
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestAddressesInATextAreLinks(t *testing.T) {
	link := func(s string) Piece { return Piece{s, s} }
	for text, want := range map[string][]Piece{
		"":                                 nil,
		"no address":                       {{Text: "no address"}},
		"see https://example.org/a?b=c#d.": {{Text: "see "}, link("https://example.org/a?b=c#d"), {Text: "."}},
		"HTTP://EXAMPLE.ORG and http://b.example": {link("HTTP://EXAMPLE.ORG"), {Text: " and "}, link("http://b.example")},
		"(https://example.org/a_(b)), or":         {{Text: "("}, link("https://example.org/a_(b)"), {Text: "), or"}},
		"<https://example.org/>\nnext":            {{Text: "<"}, link("https://example.org/"), {Text: ">\nnext"}},
		"javascript:alert(1) data:text/html,x":    {{Text: "javascript:alert(1) data:text/html,x"}},
		"https:// http://:80 xhttp://a.example":   {{Text: "https:// http://:80 xhttp://a.example"}},
		"https://bank.example@evil.example/":      {{Text: "https://bank.example@evil.example/"}},
		"https://example.org/\u202egpj.exe":       {link("https://example.org/"), {Text: "\u202egpj.exe"}},
		"https://münchen.example/straße?":         {link("https://münchen.example/straße"), {Text: "?"}},
		"[see https://example.org/[a]].)":         {{Text: "[see "}, link("https://example.org/[a]"), {Text: "].)"}},
		"\"https://example.org\"":                 {{Text: "\""}, link("https://example.org"), {Text: "\""}},
	} {
		if diff := cmp.Diff(want, Links(text)); diff != "" {
			t.Errorf("Links(%q) (-want +got):\n%s", text, diff)
		}
	}
	if got := Links(strings.Repeat("http://a.example ", maxLinks+1)); len(got) != 2*maxLinks {
		t.Errorf("%d pieces, want %d", len(got), 2*maxLinks)
	}
}

// The pieces are the text, and what can be opened is an address on the web that is shown whole.
func FuzzLinks(f *testing.F) {
	f.Add("see (https://example.org/a).. http://x@y http://[::1]:80/ https://a.example/%zz")
	f.Fuzz(func(t *testing.T, text string) {
		var all strings.Builder
		for _, p := range Links(text) {
			all.WriteString(p.Text)
			if p.URL == "" {
				continue
			}
			u, err := url.Parse(p.URL)
			if err != nil || p.URL != p.Text || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" || !utf8.ValidString(p.URL) {
				t.Errorf("%q is a link in %q", p.URL, text)
			}
		}
		if all.String() != text {
			t.Errorf("the pieces of %q are %q", text, all.String())
		}
	})
}
