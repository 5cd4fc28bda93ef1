package x

import (
	"regexp"
	"strings"

	"golang.org/x/net/publicsuffix"
	"golang.org/x/text/unicode/norm"
)

// What X takes.
const (
	postLength   = 280
	directLength = 10_000
	linkLength   = 23
)

// links are what X makes links of: addresses with a scheme, and names that could be a host's.
var links = regexp.MustCompile(`(?i)https?://[^\s<>"]+|(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}(?:/[^\s<>"]*)?`)

// weigh is how long a post is as X counts: most characters of alphabets 1, others and each emoji 2, a link 23 however long.
// Where X itself is not sure it is rather too much.
func weigh(text string) int {
	text = norm.NFC.String(text)
	n, from := 0, 0
	for _, at := range links.FindAllStringIndex(text, -1) {
		if !isLink(text, at[0], at[1]) {
			continue
		}
		n += weighRunes(text[from:at[0]]) + linkLength
		from = at[0] + len(strings.TrimRight(text[at[0]:at[1]], ".,;:!?)'"))
	}
	return n + weighRunes(text[from:])
}

// isLink leaves out what only looks like one: a mail address, the end of a word, a name under no top-level domain.
func isLink(text string, from, to int) bool {
	link := strings.ToLower(text[from:to])
	if strings.HasPrefix(link, "http://") || strings.HasPrefix(link, "https://") {
		return true
	}
	if from > 0 && strings.ContainsAny(text[from-1:from], "@._-/") || to < len(text) && text[to] == '@' {
		return false
	}
	host, _, _ := strings.Cut(link, "/")
	suffix, listed := publicsuffix.PublicSuffix(host)
	return listed && suffix != host
}

func weighRunes(s string) (n int) {
	n = 2 * len(emoji.FindAllStringIndex(s, -1))
	for _, r := range emoji.ReplaceAllLiteralString(s, "") {
		if isLight(r) {
			n++
		} else {
			n += 2
		}
	}
	return n
}

// isLight tells whether a character counts once (twitter-text, configuration 3).
func isLight(r rune) bool {
	return r <= 4351 || 8192 <= r && r <= 8205 || 8208 <= r && r <= 8223 || 8242 <= r && r <= 8247
}

const (
	flagLetters = `\x{1F1E6}-\x{1F1FF}`
	pictures    = `\x{1F300}-\x{1FAFF}\x{2600}-\x{27BF}`
	// asPicture makes a picture of the character before it.
	asPicture = `\x{FE0F}`
)

// emoji are two letters of a flag, the sign of a key, and a picture with what changes it: skin, tags, and pictures that a
// joiner makes one of it.
var emoji = regexp.MustCompile(`[` + flagLetters + `]{2}|[0-9#*]` + asPicture + `?\x{20E3}|` +
	`(?:[` + pictures + `]|[^0-9#*` + flagLetters + `]` + asPicture + `)` +
	`(?:[` + asPicture + `\x{1F3FB}-\x{1F3FF}\x{E0020}-\x{E007F}]|\x{200D}[` + pictures + `\p{So}])*`)
