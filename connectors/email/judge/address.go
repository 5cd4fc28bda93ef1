package judge

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxAddress is longer than any address of RFC 5321, in bytes on either side of the @.
const maxAddress = 255

// addressesIn finds the first n bare addresses in any text. It does not know the whole grammar, and need not.
func addressesIn(s string, n int) []string {
	var out []string
	for len(out) < n {
		from, to := addressAt(s)
		if to == 0 {
			break
		}
		out = append(out, s[from:to])
		s = s[to:]
	}
	return out
}

// firstAddress is the first bare address in a text, or "".
func firstAddress(s string) string {
	from, to := addressAt(s)
	return s[from:to]
}

// addressAt gives where the first bare address stands; to is 0 when there is none.
func addressAt(s string) (from, to int) {
	for base := 0; ; {
		at := strings.IndexByte(s[base:], '@')
		if at < 0 {
			return 0, 0
		}
		at += base
		from, to = at, at+1
		for from > base && at-from < maxAddress {
			r, size := utf8.DecodeLastRuneInString(s[base:from])
			if !inLocal(r) {
				break
			}
			from -= size
		}
		for to < len(s) && to-at < maxAddress {
			r, size := utf8.DecodeRuneInString(s[to:])
			if r != '.' && !inLabel(r) {
				break
			}
			to += size
		}
		to = at + 1 + len(strings.TrimRight(s[at+1:to], ".-"))
		if from < at && to > at+1 && s[at+1] != '.' {
			return from, to
		}
		base = at + 1
	}
}

func inLocal(r rune) bool {
	return inLabel(r) || strings.ContainsRune(".!#$%&*+/=?^_{|}~'", r)
}

func inLabel(r rune) bool {
	return r == '-' || r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsNumber(r))
}
