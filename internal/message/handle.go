package message

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	digits    = "0123456789"
	lowercase = "abcdefghijklmnopqrstuvwxyz"
	letters   = lowercase + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

// handle is the name somebody goes by on a platform: without its @, A–Z lowered.
func handle(s string) string {
	return lowerASCII(strings.TrimPrefix(strings.Trim(s, asciiSpace), "@"))
}

func xHandle(s string) (string, error) {
	return within(handle(s), lowercase+digits+"_", 1, 20, "must be 1 to 20 letters, digits or _")
}

func instagramUser(s string) (string, error) {
	return within(handle(s), lowercase+digits+"._", 1, 30, "must be 1 to 30 letters, digits, dots or _")
}

func whatsAppUser(s string) (string, error) {
	return within(handle(s), lowercase+digits+"._", 3, 35, "must be 3 to 35 letters, digits, dots or _")
}

// telegramUser takes short names, too: those are sold.
func telegramUser(s string) (string, error) {
	return within(handle(s), lowercase+digits+"_", 3, 32, "must be 3 to 32 letters, digits or _")
}

// youTubeHandle takes letters of every script, as the platform does.
func youTubeHandle(s string) (string, error) {
	s = handle(s)
	n := utf8.RuneCountInString(s)
	for _, r := range s {
		if !unicode.In(r, unicode.L, unicode.M, unicode.Nd) && !strings.ContainsRune("_-.·", r) {
			n = 0
		}
	}
	if n < 3 || n > 30 || !utf8.ValidString(s) {
		return "", errors.New("must be 3 to 30 letters, digits, or _ - . ·")
	}
	return s, nil
}

func youTubeChannel(s string) (string, error) {
	s = strings.Trim(s, asciiSpace)
	if !strings.HasPrefix(s, "UC") {
		s = ""
	}
	return within(s, letters+digits+"_-", 24, 24, "must be a channel id: UC and 22 letters, digits, _ or -")
}

// businessUser is WhatsApp's id of a user within a portfolio: the country, a dot, the rest; capitals count.
func businessUser(s string) (string, error) {
	s = strings.Trim(s, asciiSpace)
	const right = "must be two capitals, a dot and then letters, digits or dots, such as NL.13491208655302741918"
	if len(s) < 4 || s[2] != '.' || strings.Trim(s[:2], letters[26:]) != "" {
		return "", errors.New(right)
	}
	return within(s, letters+digits+"._-", 4, 160, right)
}

// platformNumber is an id that a platform counts out. Leading zeros would make two spellings of one.
func platformNumber(s string) (string, error) {
	s = strings.Trim(s, asciiSpace)
	const right = "must be the platform's own number: digits that do not begin with 0"
	if strings.HasPrefix(s, "0") {
		return "", errors.New(right)
	}
	return within(s, digits, 1, 32, right)
}

// sipAddress is user@host of a SIP URI (RFC 3261 §19.1), without what follows it. Hosts are in small letters.
func sipAddress(s string) (string, error) {
	s = strings.Trim(s, asciiSpace)
	for _, scheme := range []string{"sip:", "sips:"} {
		if len(s) > len(scheme) && strings.EqualFold(s[:len(scheme)], scheme) {
			s = s[len(scheme):]
		}
	}
	if end := strings.IndexAny(s, ";?>"); end >= 0 {
		s = s[:end]
	}
	user, host, ok := strings.Cut(s, "@")
	if !ok || user == "" || host == "" || strings.Contains(host, "@") {
		return "", errors.New("must be a SIP address such as kate@pbx.example.org")
	}
	return token(user + "@" + lowerASCII(host))
}

// opaque is an id that somebody else gives out: nothing about it is ours to change.
func opaque(s string) (string, error) {
	s = strings.Trim(s, asciiSpace)
	for _, r := range s {
		if r != ' ' && !isVisible(r) {
			s = ""
		}
	}
	if s == "" || len(s) > 255 {
		return "", errors.New("must be 1 to 255 printable characters")
	}
	return s, nil
}

// token is an id of printable ASCII without spaces.
func token(s string) (string, error) {
	s = strings.Trim(s, asciiSpace)
	if s == "" || len(s) > 255 || strings.IndexFunc(s, func(r rune) bool { return r <= ' ' || r > '~' }) >= 0 {
		return "", errors.New("must be 1 to 255 letters, digits or signs without spaces")
	}
	return s, nil
}

// scopeName is the id of a page, an account or a portfolio, or what a system is called here.
func scopeName(s string) (string, error) {
	return within(s, letters+digits+"._-", 1, 128, "must be 1 to 128 letters, digits, dots, _ or -")
}

// issuer is a URL as in OpenID Connect, https understood. A colon would end it too early in
// Identifier.String and is written %3A.
func issuer(s string) (string, error) {
	s = strings.TrimPrefix(s, "https://")
	if s == "https" || s == "http" { // the rest was taken for the value
		return "", errors.New("must be written without https://, as sub:login.example.org:<value>")
	}
	return token(strings.ReplaceAll(s, ":", "%3A"))
}

func within(s, alphabet string, shortest, longest int, right string) (string, error) {
	if len(s) < shortest || len(s) > longest || strings.Trim(s, alphabet) != "" {
		return "", errors.New(right)
	}
	return s, nil
}
