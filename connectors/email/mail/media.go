package mail

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"loket/internal/lazy"
)

// media is the value of a Content-Type or Content-Disposition field: a name in lower case and parameters, RFC 2231 undone.
type media struct {
	name   string
	params map[string]string
}

// mediaType is that of RFC 2045 §5.1, in lower case.
var mediaType = lazy.Compile("^[a-z0-9!#$%&'*+.^_`{|}~-]+/[a-z0-9!#$%&'+.^_`{|}~-]+$")

// knownType is the type of e as others know it. What is none is a file of no known type, but the words of a mail stay its words
// (RFC 2045 §5.2).
func knownType(e entity, isPart bool) string {
	switch name := e.media.name; name {
	case "plain/text", "text/text", "text/ascii", "text/us-ascii", "text/utf-8", "text/utf8", "text/txt", "text/unknown", "text/*", "text/plain/", "plain":
		return "text/plain"
	case "html/text", "text/htm", "text/x-html", "application/html", "html":
		return "text/html"
	case "multipart":
		return "multipart/mixed"
	default:
		if mediaType.MatchString(name) {
			return name
		}
	}
	isWords := !isPart || !strings.Contains(e.media.name, "/") || strings.HasPrefix(e.media.name, "text/")
	if isWords && givenName(e) == "" && !strings.Contains(strings.ToLower(e.get("Content-Transfer-Encoding")), "base64") {
		return "text/plain"
	}
	return "application/octet-stream"
}

// maxParameters is how many of one field are read.
const maxParameters = 200

// A section is one piece of a parameter (RFC 2231 §3).
type section struct {
	index   int
	encoded bool
	value   string
}

// parseMedia reads what can be read: nothing in it fails.
func parseMedia(value string) media {
	if strings.HasPrefix(strings.TrimSpace(value), "=?") { // no encoded word may stand there (RFC 2047 §5), but some do
		value = DecodeWords(value)
	}
	name, rest, _ := strings.Cut(value, ";")
	m := media{params: map[string]string{}}
	if fields := strings.FieldsFunc(name, func(c rune) bool { return c == ' ' || c == '(' || c == '"' || c == ',' }); len(fields) > 0 {
		m.name = strings.ToLower(cleanLine(fields[0]))
	}
	sections := map[string][]section{}
	for n := 0; rest != "" && n < maxParameters; n++ {
		var key, val string
		key, val, rest = cutParameter(rest)
		base, spec, extended := strings.Cut(key, "*")
		switch _, seen := m.params[base]; {
		case base == "":
		case extended:
			s := section{value: val, encoded: spec == "" || strings.HasSuffix(spec, "*")}
			s.index, _ = strconv.Atoi(strings.TrimSuffix(spec, "*"))
			sections[base] = append(sections[base], s)
		case !seen:
			m.params[base] = plainParameter(base, val)
		}
	}
	for base, list := range sections {
		m.params[base] = joinSections(base, list)
	}
	return m
}

func plainParameter(key, value string) string {
	if key == "name" || key == "filename" {
		return DecodeWords(value)
	}
	return cleanLine(value)
}

// cutParameter takes "key=value" off the front of s, up to the next semicolon outside quotes.
func cutParameter(s string) (key, value, rest string) {
	s = strings.TrimLeft(s, " \t;")
	equals := strings.IndexByte(s, '=')
	if equals < 0 {
		return "", "", ""
	}
	if semicolon := strings.IndexByte(s[:equals], ';'); semicolon >= 0 {
		return "", "", s[semicolon:]
	}
	key = strings.ToLower(cleanLine(s[:equals]))
	s = strings.TrimLeft(s[equals+1:], " \t")
	if !strings.HasPrefix(s, `"`) {
		value, rest, _ = strings.Cut(s, ";")
		return key, strings.TrimSpace(value), rest
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\'):
			i++
			b.WriteByte(s[i])
		case c == '"' && endsValue(s[i+1:]):
			return key, b.String(), s[i+1:]
		default:
			b.WriteByte(c)
		}
	}
	return key, strings.TrimSuffix(b.String(), `"`), ""
}

// endsValue tells whether the quote before s closes: some write quotes within quotes and don't escape them.
func endsValue(s string) bool {
	trimmed := strings.TrimLeft(s, " \t")
	if trimmed == "" || trimmed[0] == ';' {
		return true
	}
	if len(trimmed) == len(s) {
		return false
	}
	i := 0
	for i < len(trimmed) && (trimmed[i]|0x20 >= 'a' && trimmed[i]|0x20 <= 'z' || trimmed[i] == '*' || trimmed[i] == '-') {
		i++
	}
	return i > 0 && i < len(trimmed) && trimmed[i] == '=' // a forgotten semicolon
}

// joinSections puts the pieces in order, up to the first that is missing.
func joinSections(key string, list []section) string {
	slices.SortStableFunc(list, func(a, b section) int { return cmp.Compare(a.index, b.index) })
	charset, anyEncoded := "", false
	var raw []byte
	next := 0
	for _, s := range list {
		if s.index != next {
			if s.index < next {
				continue
			}
			break
		}
		if s.encoded && next == 0 {
			if c, rest, found := strings.Cut(s.value, "'"); found {
				if _, text, found := strings.Cut(rest, "'"); found {
					charset, s.value = c, text
				}
			}
		}
		if s.encoded {
			anyEncoded = true
			raw = appendUnescaped(raw, s.value)
		} else {
			raw = append(raw, s.value...)
		}
		next++
	}
	if !anyEncoded {
		return plainParameter(key, string(raw))
	}
	text, _ := decodeText(raw, charset)
	return cleanLine(text)
}

func appendUnescaped(out []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if c, ok := unhex(s[i+1], s[i+2]); ok {
				out = append(out, c)
				i += 2
				continue
			}
		}
		out = append(out, s[i])
	}
	return out
}
