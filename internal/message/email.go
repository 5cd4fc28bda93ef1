package message

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// Lengths of RFC 5321 §4.5.3.1, in bytes.
const (
	maxEmail = 254
	maxLocal = 64
)

// domains is stricter than idna.Lookup, which lets empty labels through and turns "xn--" into nothing.
var domains = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(true),
	idna.BidiRule(), idna.VerifyDNSLength(true))

var (
	errEmail     = errors.New("must be one e-mail address such as name@example.org")
	errEmailLong = errors.New("must be an e-mail address of at most 254 characters, with at most 64 before the @")
	errLocal     = errors.New("must have letters, digits or .!#$%&'*+-/=?^_`{|}~ before the @, with no dot first, last or doubled")
	errDomain    = errors.New("must have a domain name such as example.org after the @")
)

// Email makes the identifier of one bare address: no display name, no comment. The domain comes out as
// A-labels in lower case; of the part before the @ only A–Z are lowered, so two addresses never become one
// because Unicode folds them together. An address that other software may take for a plain ASCII one
// is a claim at most, whatever level is given. The error says what would be right and does not repeat raw.
func Email(raw string, level Level) (Identifier, error) {
	s := strings.Trim(raw, asciiSpace)
	if len(s) > 4*maxEmail { // U-labels are longer than A-labels, but not without end
		return Identifier{}, errEmailLong
	}
	at := strings.LastIndexByte(s, '@')
	if at < 1 || !utf8.ValidString(s) {
		return Identifier{}, errEmail
	}
	local, domain := lowerASCII(s[:at]), s[at+1:]
	if !isLocal(local) {
		return Identifier{}, errLocal
	}
	domain, err := emailDomain(domain)
	if err != nil {
		return Identifier{}, err
	}
	if len(local) > maxLocal || len(local)+1+len(domain) > maxEmail {
		return Identifier{}, errEmailLong
	}
	if foldsToASCII(local) {
		level = min(level, Claimed)
	}
	return Identifier{Kind: "email", Value: local + "@" + domain, Level: level}, nil
}

func emailDomain(s string) (string, error) {
	a, err := domains.ToASCII(s)
	if err != nil {
		return "", errDomain
	}
	a = strings.TrimSuffix(a, ".") // after the mapping, which knows other dots than this one
	if again, err := domains.ToASCII(a); err != nil || again != a {
		return "", errDomain
	}
	if top := a[strings.LastIndexByte(a, '.')+1:]; strings.Trim(top, "0123456789") == "" {
		return "", errDomain // an address in numbers
	}
	return a, nil
}

// isLocal tells whether s may stand before the @: words joined by dots, or one quoted string (RFC 5321, 6531).
func isLocal(s string) bool {
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		return isQuoted(s[1 : len(s)-1])
	}
	for word := range strings.SplitSeq(s, ".") {
		if word == "" {
			return false
		}
		for _, r := range word {
			if strings.ContainsRune(`()<>[]:;@\," `, r) || !isVisible(r) {
				return false
			}
		}
	}
	return true
}

func isQuoted(s string) bool {
	escaped := false
	for _, r := range s {
		switch {
		case r != ' ' && !isVisible(r):
			return false
		case escaped:
			escaped = false
		case r == '\\':
			escaped = true
		case r == '"':
			return false
		}
	}
	return !escaped && s != ""
}

// foldsToASCII tells whether s is not ASCII but becomes it in software that folds more than we do:
// the KELVIN SIGN is a k to many programs.
func foldsToASCII(s string) bool {
	if isASCII(s) {
		return false
	}
	return isASCII(strings.ToLower(s)) || isASCII(norm.NFC.String(s)) || isASCII(strings.ToLower(norm.NFC.String(s)))
}

const asciiSpace = " \t\r\n"

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) < 0
}

// isVisible tells whether r leaves a mark on paper: no spaces, no control, format or unassigned characters.
func isVisible(r rune) bool {
	return r != utf8.RuneError && r != ' ' && unicode.IsPrint(r)
}

// lowerASCII lowers A–Z and nothing else.
func lowerASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}
