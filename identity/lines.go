package identity

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"loket/internal/body"
	"loket/internal/field"
)

// lines reads lines of UTF-8 and counts them. A line may be put back.
type lines struct {
	src *bufio.Reader
	n   int
	// charset is how the source is written, "" when that is UTF-8 as far as was read.
	charset string
	// guess: what is no UTF-8 is windows-1252 if it looks like it; replaced: U+FFFD stands for what was lost on the way.
	guess, replaced bool
	kept            []struct {
		text string
		line int
	}
}

func (l *lines) back(text string, line int) {
	l.kept = append(l.kept, struct {
		text string
		line int
	}{text, line})
}

func (l *lines) next() (string, int, error) {
	if n := len(l.kept); n > 0 {
		k := l.kept[n-1]
		l.kept = l.kept[:n-1]
		return k.text, k.line, nil
	}
	var line []byte
	long := false
	for {
		part, err := l.src.ReadSlice('\n')
		if len(line)+len(part) > maxRowBytes {
			long = true
			line = line[:0]
		}
		if !long {
			line = append(line, part...)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil && (!errors.Is(err, io.EOF) || len(line) == 0 && !long) {
			if !errors.Is(err, io.EOF) {
				err = fatalError{fmt.Errorf("read rows: %w", err)}
			}
			return "", l.n, err
		}
		break
	}
	l.n++
	if long {
		return "", l.n, fmt.Errorf("must be a line of at most %d bytes", maxRowBytes)
	}
	return l.text(bytes.TrimRight(line, "\r\n")), l.n, nil
}

// newLines looks at the beginning of a source to see how it is written. charset is what whoever brings it says, "" for
// nothing. The error says what is wrong with the source.
func newLines(src io.Reader, charset string) (*lines, error) {
	in := bufio.NewReaderSize(src, 64<<10)
	_, _ = in.Peek(4) // what is wrong with it comes again
	head, _ := in.Peek(in.Buffered())
	if what := noTable(head); what != "" {
		return nil, field.Errorf("", "must be CSV or a JSON object a line, not %s", what)
	}
	named, err := body.FindCharset(charset)
	if err != nil {
		return nil, field.Errorf("charset", "%v", err)
	}
	l := &lines{guess: charset == ""}
	if wide := utf16Order(head); wide != "" && named.IsUTF8() {
		if named, err = body.FindCharset(wide); err != nil {
			return nil, field.Errorf("charset", "%v", err)
		}
	}
	if !named.IsUTF8() {
		l.charset, l.replaced = named.Name(), true
	}
	if l.guess && named.IsUTF8() && !utf8.Valid(head) && !isWestern(head) {
		return nil, field.Errorf("charset", "must be named when it is neither UTF-8 nor windows-1252: save the rows as UTF-8, or say what they are in")
	}
	decoded := named.Replacing(in)
	if !bytes.Contains(head, []byte("\n")) && bytes.Contains(head, []byte("\r")) {
		decoded = onlyReturns{decoded}
	}
	l.src = bufio.NewReaderSize(decoded, 64<<10)
	return l, nil
}

// filled is the first line that is not empty.
func (l *lines) filled() (string, int, error) {
	text, line, err := l.next()
	for err == nil && strings.TrimSpace(text) == "" {
		text, line, err = l.next()
	}
	if errors.Is(err, io.EOF) {
		return "", line, field.Errorf("", "must have at least one row, it is empty")
	}
	if err != nil {
		return "", line, asField(err)
	}
	return text, line, nil
}

// text is a line in UTF-8 as far as that can be told.
func (l *lines) text(line []byte) string {
	if l.guess && !l.replaced && !utf8.Valid(line) && isWestern(line) {
		l.charset = "windows-1252"
		return western(line)
	}
	return string(line)
}

// check says what a line lost, or that it cannot be read.
func (l *lines) check(text string) error {
	switch {
	case !utf8.ValidString(text):
		return errUTF8
	case l.replaced && strings.ContainsRune(text, utf8.RuneError):
		return errLost
	}
	return nil
}

// noTable names what people take for a table of text, "" when it may be one.
func noTable(head []byte) string {
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0")):
		return "a workbook: save it as CSV UTF-8"
	case bytes.HasPrefix(head, []byte("\x1f\x8b")), bytes.HasPrefix(head, []byte("(\xb5/\xfd")):
		return "compressed: unpack it first"
	case bytes.HasPrefix(head, []byte("%PDF")):
		return "a PDF"
	}
	return ""
}

// utf16Order is the charset of a source whose letters have two bytes, "" when they have not: it begins with a mark, or with a
// plain letter of which one byte is empty.
func utf16Order(head []byte) string {
	switch {
	case len(head) < 2:
		return ""
	case bytes.HasPrefix(head, []byte("\xff\xfe")), head[0] != 0 && head[1] == 0:
		return "utf-16le"
	case bytes.HasPrefix(head, []byte("\xfe\xff")), head[0] == 0 && head[1] != 0:
		return "utf-16be"
	}
	return ""
}

// onlyReturns makes lines of a text whose lines end as those of old Macs do.
type onlyReturns struct{ io.Reader }

func (o onlyReturns) Read(b []byte) (int, error) {
	n, err := o.Reader.Read(b)
	for i, c := range b[:n] {
		if c == '\r' {
			b[i] = '\n'
		}
	}
	return n, err
}

func western(line []byte) string {
	text, _ := charmap.Windows1252.NewDecoder().Bytes(line) // it knows every byte
	return string(text)
}

// isWestern tells whether bytes that are no UTF-8 look like windows-1252, and not like another charset of one byte for each
// letter: Cyrillic and Greek words would have no plain letter, Polish ones signs between their letters.
func isWestern(line []byte) bool {
	plain, strange := 0, 0 // letters of the present word
	for _, c := range western(line) {
		switch {
		case c >= 0x80 && c < 0xa0:
			return false
		case unicode.IsLetter(c) && c < 0x80:
			plain++
		case unicode.IsLetter(c):
			strange++
		case plain+strange > 2 && strings.ContainsRune("¹²³¿¼½¾¡±¶¦", c):
			return false
		default:
			if plain == 0 && strange > 2 {
				return false
			}
			plain, strange = 0, 0
		}
	}
	return plain > 0 || strange <= 2
}
