package body

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

var (
	// ErrCharset says that a body is not in the charset that it names, or names none and is not UTF-8.
	ErrCharset = errors.New("must be UTF-8, or name the charset that it is in")
	// ErrUnknownCharset says that a body names a charset that nobody here knows.
	ErrUnknownCharset = errors.New("names a charset that is not known; UTF-8 always is")
)

// A Charset is how a text was written. The zero value is UTF-8.
type Charset struct {
	name     string
	encoding encoding.Encoding // nil for UTF-8
}

// FindCharset gives the charset that senders call by a name, "" being UTF-8. It is ErrUnknownCharset when there is none such.
func FindCharset(name string) (Charset, error) {
	name = strings.ToLower(strings.Trim(strings.TrimSpace(name), `"'`))
	if name == "" {
		return Charset{}, nil
	}
	if name == "utf-16" { // whose order a mark tells, and without one the network's
		return Charset{name, unicode.UTF16(unicode.BigEndian, unicode.UseBOM)}, nil
	}
	e, err := htmlindex.Get(name)
	if err != nil || e == encoding.Replacement {
		return Charset{}, fmt.Errorf("%w: %.40q", ErrUnknownCharset, name)
	}
	canonical, err := htmlindex.Name(e)
	if err != nil {
		return Charset{}, fmt.Errorf("%w: %.40q", ErrUnknownCharset, name)
	}
	if canonical == "utf-8" {
		return Charset{}, nil
	}
	return Charset{canonical, e}, nil
}

// Name is what the charset is called.
func (c Charset) Name() string {
	if c.encoding == nil {
		return "utf-8"
	}
	return c.name
}

// IsUTF8 tells whether texts need no conversion.
func (c Charset) IsUTF8() bool { return c.encoding == nil }

// Text gives b in UTF-8. It is ErrCharset when b is no text of the charset.
func (c Charset) Text(b []byte) (string, error) {
	if c.encoding == nil {
		if !utf8.Valid(b) {
			return "", ErrCharset
		}
		return string(b), nil
	}
	out, err := c.encoding.NewDecoder().Bytes(b)
	if err != nil || bytes.ContainsRune(out, utf8.RuneError) {
		return "", ErrCharset
	}
	return string(out), nil
}

// Reader gives what r has in UTF-8, without a mark of the byte order before it, which counts more than the charset that was
// named. What is no text of the charset ends the reading with ErrCharset.
func (c Charset) Reader(r io.Reader) io.Reader {
	return &decoding{charset: c, src: bufio.NewReaderSize(r, firstRead)}
}

// Replacing gives what r has in UTF-8 as Reader does, but puts U+FFFD for what is no text of the charset. In UTF-8 that is
// left as it is.
func (c Charset) Replacing(r io.Reader) io.Reader {
	return &decoding{charset: c, src: bufio.NewReaderSize(r, firstRead), replace: true}
}

// decoding looks at the first bytes only when they are asked for.
type decoding struct {
	charset Charset
	src     *bufio.Reader
	out     io.Reader
	replace bool
}

func (d *decoding) Read(b []byte) (int, error) {
	if d.out == nil {
		head, _ := d.src.Peek(3) // what is wrong with it comes again
		d.out = transform.NewReader(d.src, d.transformer(head))
	}
	return d.out.Read(b)
}

// transformer is for a text that begins so; it takes away the mark.
func (d *decoding) transformer(head []byte) transform.Transformer {
	e := d.charset.encoding
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		_, _ = d.src.Discard(3)
		e = nil
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")):
		e = unicode.UTF16(unicode.BigEndian, unicode.ExpectBOM)
	}
	switch {
	case e == nil && d.replace:
		return transform.Nop
	case e == nil:
		return wellFormed{}
	case d.replace:
		return e.NewDecoder()
	}
	return transform.Chain(e.NewDecoder(), noReplacement{})
}

// wellFormed lets UTF-8 through and nothing else.
type wellFormed struct{ transform.NopResetter }

func (wellFormed) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	nDst, nSrc, err = encoding.UTF8Validator.Transform(dst, src, atEOF)
	if errors.Is(err, encoding.ErrInvalidUTF8) {
		err = ErrCharset
	}
	return nDst, nSrc, err
}

// noReplacement refuses what a decoder could not read and put a replacement for.
type noReplacement struct{ transform.NopResetter }

func (noReplacement) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	n := min(len(dst), len(src))
	for n > 0 && n < len(src) && !utf8.RuneStart(src[n]) {
		n-- // half a letter looks like one that could not be read
	}
	if bytes.ContainsRune(src[:n], utf8.RuneError) {
		return 0, 0, ErrCharset
	}
	if copy(dst, src[:n]); n < len(src) {
		err = transform.ErrShortDst
	}
	return n, n, err
}
