package body

import (
	"bufio"
	"bytes"
	"io"
	"mime"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// A Disposition is what Content-Disposition says of a part of a form.
type Disposition struct {
	Name     string
	FileName string // as it was sent, in whatever charset that is
	IsFile   bool   // there is a file name, be it empty
}

// ReadDisposition reads a Content-Disposition, also one that is written against the rules: file names with quotes in quotes,
// or without any though they have blanks and letters that are not ASCII, names given twice (the first holds), quotes that are
// not closed.
func ReadDisposition(header string) Disposition {
	_, params, err := mime.ParseMediaType(header)
	_, found := params["filename"]
	if err != nil || !found && strings.Contains(strings.ToLower(header), "filename") {
		params = looseParams(header)
	}
	file, isFile := params["filename"]
	return Disposition{Name: unescaped(params["name"]), FileName: words(unescaped(file)), IsFile: isFile}
}

// looseParams reads parameters as far as they go.
func looseParams(header string) map[string]string {
	params := map[string]string{}
	_, rest, _ := strings.Cut(header, ";")
	for rest = trimParam(rest); rest != ""; rest = trimParam(rest) {
		equals := strings.IndexAny(rest, "=;")
		if equals < 0 {
			break
		}
		if rest[equals] == ';' {
			rest = rest[equals:]
			continue
		}
		key := strings.ToLower(strings.TrimSpace(rest[:equals]))
		var value string
		if value, rest = looseValue(strings.TrimLeft(rest[equals+1:], " \t")); key == "filename*" {
			if text, ok := extended(value); ok {
				params["filename"] = text
			} else if params["filename"] == "" {
				params["filename"] = value
			}
			continue
		}
		if _, twice := params[key]; !twice {
			params[key] = value
		}
	}
	return params
}

func trimParam(s string) string { return strings.TrimLeft(s, "; \t\r\n") }

// nextParam is what follows a value: nothing, or another parameter.
var nextParam = regexp.MustCompile(`^[ \t]*(;[ \t]*([A-Za-z0-9*_.-]+[ \t]*=|$)|$)`)

// looseValue reads one value and gives what follows it.
func looseValue(s string) (value, rest string) {
	if !strings.HasPrefix(s, `"`) {
		for i := range s {
			if s[i] == ';' && nextParam.MatchString(s[i:]) {
				return strings.TrimSpace(s[:i]), s[i:]
			}
		}
		return strings.TrimSpace(s), ""
	}
	s = s[1:]
	for i := range len(s) {
		if s[i] == '"' && (i == 0 || s[i-1] != '\\') && nextParam.MatchString(s[i+1:]) {
			return quotedPair.Replace(s[:i]), s[i+1:]
		}
	}
	return quotedPair.Replace(strings.TrimSuffix(strings.TrimSpace(s), `"`)), ""
}

var quotedPair = strings.NewReplacer(`\"`, `"`, `\\`, `\`)

// extended reads the form of RFC 8187: charset'language'percents.
func extended(s string) (string, bool) {
	label, rest, ok := strings.Cut(s, "'")
	_, text, both := strings.Cut(rest, "'")
	if !ok || !both {
		return "", false
	}
	raw, err := url.PathUnescape(text)
	if err != nil {
		return "", false
	}
	c, err := FindCharset(label)
	if err != nil {
		return raw, true
	}
	decoded, err := c.Text([]byte(raw))
	if err != nil {
		return raw, true
	}
	return decoded, true
}

// unescaped undoes what browsers do to the signs that would end a quoted value.
func unescaped(s string) string {
	return strings.NewReplacer("%22", `"`, "%0D", " ", "%0A", " ", "%0d", " ", "%0a", " ").Replace(s)
}

// words reads a name that is written as mails write it.
func words(s string) string {
	if !strings.Contains(s, "=?") {
		return s
	}
	decoder := mime.WordDecoder{CharsetReader: func(label string, r io.Reader) (io.Reader, error) {
		c, err := FindCharset(label)
		return c.Reader(r), err
	}}
	if text, err := decoder.DecodeHeader(s); err == nil {
		return text
	}
	return s
}

// NameText gives a file's name in UTF-8: in the charset of its form, else as browsers of the West write it. A name is no
// reason to lose a file.
func (c Charset) NameText(name string) string {
	if utf8.ValidString(name) {
		return name
	}
	if text, err := c.Text([]byte(name)); err == nil {
		return text
	}
	text, _ := charmap.Windows1252.NewDecoder().String(name) // it knows every byte
	return text
}

// unmarked gives what r has without a mark of the byte order of UTF-8 before it.
type unmarked struct {
	src    *bufio.Reader
	looked bool
}

func (u *unmarked) Read(b []byte) (int, error) {
	if !u.looked {
		u.looked = true
		if head, _ := u.src.Peek(len(mark)); bytes.Equal(head, mark) { // what is wrong with it comes again
			_, _ = u.src.Discard(len(mark))
		}
	}
	return u.src.Read(b)
}

var mark = []byte("\xef\xbb\xbf")
