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

// fediverseAccount is the address of an account, by which all servers of Mastodon and its like know it. What is written with the
// letters of its host in another case is the same.
func fediverseAccount(s string) (string, error) {
	const right = "must be the address of an account, such as https://mastodon.example/@kate"
	s = strings.Trim(s, asciiSpace)
	rest, ok := strings.CutPrefix(s, "https://")
	host, path, _ := strings.Cut(rest, "/")
	if !ok || host == "" || path == "" || strings.ContainsAny(s, "{}\"<>\\") {
		return "", errors.New(right)
	}
	if _, err := token(s); err != nil {
		return "", errors.New(right)
	}
	return "https://" + lowerASCII(host) + "/" + path, nil
}

// fediverseUser is name@host, as people of Mastodon and its like write to each other. Names are the same in small letters and capitals.
func fediverseUser(s string) (string, error) {
	s = handle(s)
	name, host, _ := strings.Cut(s, "@")
	const right = "must be a name and a server, such as kate@mastodon.example"
	if _, err := within(name, lowercase+digits+"_.-", 1, 100, right); err != nil {
		return "", err
	}
	_, err := within(host, lowercase+digits+".-:", 1, 150, right)
	return s, err
}

// decentralizedID is a DID (www.w3.org/TR/did-core) without the word did: the method, a colon and the rest.
func decentralizedID(s string) (string, error) {
	s = strings.TrimPrefix(strings.Trim(s, asciiSpace), "did:")
	method, rest, _ := strings.Cut(s, ":")
	const right = "must be a DID such as did:plc:z72i7hdynmk6r22z27h6tvur"
	if _, err := within(method, lowercase+digits, 1, 20, right); err != nil {
		return "", err
	}
	_, err := within(rest, letters+digits+"._:%-", 1, 230, right)
	return s, err
}

// blueskyHandle is a domain name.
func blueskyHandle(s string) (string, error) {
	s = handle(s)
	if !strings.Contains(s, ".") {
		s = ""
	}
	return within(s, lowercase+digits+".-", 4, 253, "must be a domain name such as kate.bsky.example")
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
