package x

import (
	"regexp"
	"strings"
	"unicode"

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

// weigh is how long a post is as X counts: most letters of alphabets 1, others and each emoji 2, a link 23 however long.
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
	runes := []rune(s)
	for i := 0; i < len(runes); {
		if used := emoji(runes[i:]); used > 0 {
			n, i = n+2, i+used
			continue
		}
		if isLight(runes[i]) {
			n++
		} else {
			n += 2
		}
		i++
	}
	return n
}

// isLight tells whether a character counts once (twitter-text, configuration 3).
func isLight(r rune) bool {
	return r <= 4351 || 8192 <= r && r <= 8205 || 8208 <= r && r <= 8223 || 8242 <= r && r <= 8247
}

const (
	joiner    = '\u200d' // makes one of several
	asPicture = '\ufe0f'
	keycap    = '\u20e3'
)

// emoji is how many characters the emoji at the beginning has; 0 when there is none.
func emoji(r []rune) int {
	switch {
	case isFlagLetter(r[0]):
		if len(r) > 1 && isFlagLetter(r[1]) {
			return 2
		}
		return 0
	case strings.ContainsRune("0123456789#*", r[0]):
		at := 1
		if at < len(r) && r[at] == asPicture {
			at++
		}
		if at < len(r) && r[at] == keycap {
			return at + 1
		}
		return 0
	case !isPicture(r[0]) && (len(r) < 2 || r[1] != asPicture):
		return 0
	}
	at := 1
	for at < len(r) {
		switch {
		case r[at] == asPicture || isSkin(r[at]) || isTag(r[at]):
			at++
		case r[at] == joiner && at+1 < len(r) && (isPicture(r[at+1]) || unicode.Is(unicode.So, r[at+1])):
			at += 2
		default:
			return at
		}
	}
	return at
}

func isFlagLetter(r rune) bool { return 0x1F1E6 <= r && r <= 0x1F1FF }
func isSkin(r rune) bool       { return 0x1F3FB <= r && r <= 0x1F3FF }
func isTag(r rune) bool        { return 0xE0020 <= r && r <= 0xE007F }
func isPicture(r rune) bool    { return 0x1F300 <= r && r <= 0x1FAFF || 0x2600 <= r && r <= 0x27BF }
