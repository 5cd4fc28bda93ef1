package judge

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// isMixed tells whether one word of an address is written in letters of several scripts, or wholly in foreign letters
// that look like Latin ones, or pretends to be an encoded name and is none.
func isMixed(addr string) bool {
	local, domain := split(addr)
	if unicodeMixed(local) {
		return true
	}
	u, err := idna.Punycode.ToUnicode(strings.ToLower(head(domain, maxDomain)))
	if err != nil {
		return strings.Contains(strings.ToLower(domain), "xn--")
	}
	for label := range strings.SplitSeq(u, ".") {
		if unicodeMixed(label) || !isASCII(label) && isASCII(strings.Map(fold, label)) {
			return true
		}
	}
	return false
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r > unicode.MaxASCII }) < 0
}

// scripts that are not written together in one word; what else there is counts as the last one.
var scripts = [...]*unicode.RangeTable{unicode.Latin, unicode.Cyrillic, unicode.Greek, unicode.Armenian, unicode.Cherokee, unicode.Hebrew, unicode.Arabic}

func unicodeMixed(s string) bool {
	if isASCII(s) {
		return false
	}
	first := -1
	for _, r := range s {
		if !unicode.IsLetter(r) {
			continue
		}
		at := slices.IndexFunc(scripts[:], func(t *unicode.RangeTable) bool { return unicode.Is(t, r) })
		if at < 0 {
			continue // Han, Kana and the like stand beside Latin letters
		}
		if first >= 0 && at != first {
			return true
		}
		first = at
	}
	return false
}

// resembled tells whether a domain is not ours and looks like one that is.
func (o Own) resembled(domain string) bool {
	if domain == "" || o.hasDomain(domain) {
		return false
	}
	u, err := idna.Punycode.ToUnicode(strings.ToLower(head(domain, maxDomain)))
	if err != nil {
		u = strings.ToLower(domain)
	}
	s := skeleton(u)
	return slices.ContainsFunc(o.Domains, func(d string) bool {
		own := skeleton(d)
		return s == own || strings.HasSuffix(s, "."+own) || strings.Contains("."+s, "."+own+".")
	})
}

var alike = strings.NewReplacer("rn", "m", "vv", "w", "cl", "d", "0", "o", "1", "l", "i", "l", "5", "s", "3", "e")

// skeleton is the same for texts that look the same at a glance.
func skeleton(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return fold(unicode.ToLower(r))
	}, norm.NFKD.String(s))
	return alike.Replace(s)
}

// twins are foreign small letters, each before the Latin one that it cannot be told from.
const twins = "аaеeоoрpсcуyхxіiјjѕsԁdһhԛqԝwӏlοoαaρpνvιiκkυuτtχxγyηn"

// fold gives the Latin letter that a foreign one looks like.
func fold(r rune) rune {
	if r < 0x370 {
		return r
	}
	at := strings.IndexRune(twins, r)
	if at < 0 {
		return r
	}
	return rune(twins[at+len(string(r))])
}
