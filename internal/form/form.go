// Package form reads a form with files while it comes, URL-encoded, as multipart or as JSON, in whatever charset, within bounds
// that hold while it is read: what exceeds them costs no more than what does not.
package form

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"loket/internal/body"
	"loket/internal/message"
)

// What a form may come as.
const (
	JSON       = "application/json"
	URLEncoded = "application/x-www-form-urlencoded"
	Multipart  = "multipart/form-data"
)

// What customers may send at once where nothing else is set: so many bytes, so many files.
const (
	DefaultBytes = 10 << 20
	DefaultFiles = 10
)

// A Reader reads forms within bounds. It may be used by many at the same time.
type Reader struct {
	// Bytes bounds the whole of a form, Typed what is typed in it: all but the files.
	Bytes, Typed int64
	// Fields bounds how many fields are typed, Files how many files come.
	Fields, Files int
	// Known are the fields that are read; nil is all of them. What is in others is left alone.
	Known []string
	// Members are the fields that JSON is read for, beside its files; nil refuses JSON.
	Members []string
	// FilesIn is the field in which files are expected: what stands there is one whatever it says of itself. In JSON it is the list
	// of them. "" is no field in particular.
	FilesIn string
	// DropFiles reads files away, for a form that will not be taken.
	DropFiles bool
	// InMemory is how much of a file waits in memory, 0 is 256 KiB. What is more waits in a file that has no name.
	InMemory int64
}

// A Post is what somebody sent, as far as it could be read.
type Post struct {
	url.Values
	Files    []*File
	HadFiles bool // somebody chose files, be they kept or not

	typed int64 // bytes
}

// Get gives what was typed in a field: the first that is not empty of several with one name.
func (p *Post) Get(name string) string {
	for _, value := range p.Values[name] {
		if value != "" {
			return value
		}
	}
	return ""
}

// Close lets go of the files. It is safe twice.
func (p *Post) Close() {
	for _, f := range p.Files {
		f.close()
	}
	p.Files = nil
}

// Read gives what could be read of a request's body, never nil, and an *Error when that is not all. A form that is refused has no
// files. The caller closes the post.
func (rd Reader) Read(h http.Header, src io.Reader) (*Post, error) {
	p := &Post{Values: url.Values{}}
	kind, params := Kind(h)
	most := rd.Bytes
	if kind == URLEncoded { // without files
		most = min(most, rd.Typed)
	}
	limited := &limitedBody{r: src, left: most}
	err := rd.read(p, kind, params, limited)
	if limited.exceeded {
		err = tooLarge(most)
	}
	if err != nil {
		p.Close()
	}
	return p, err
}

// Kind is what a request's body is, with its parameters; "" when that is not said, or the body is packed.
func Kind(h http.Header) (string, map[string]string) {
	if encoding := h.Get("Content-Encoding"); encoding != "" && !strings.EqualFold(encoding, "identity") {
		return "", nil
	}
	kind, params, _ := mime.ParseMediaType(h.Get("Content-Type")) // what is none is refused by its emptiness
	return kind, params
}

func (rd Reader) read(p *Post, kind string, params map[string]string, src io.Reader) error {
	charset, err := body.FindCharset(params["charset"])
	if err != nil {
		return unknownCharset(err)
	}
	switch {
	case kind == JSON && rd.Members != nil:
		return rd.readJSON(p, charset, src)
	case kind == URLEncoded:
		return rd.readURLEncoded(p, charset, src)
	case kind == Multipart:
		return rd.readMultipart(p, charset, params["boundary"], src)
	}
	kinds := URLEncoded + " or " + Multipart
	if rd.Members != nil {
		kinds = JSON + ", " + kinds
	}
	return &Error{Fault: Unsupported, Reason: "the content type must be " + kinds}
}

func (rd Reader) readURLEncoded(p *Post, charset body.Charset, src io.Reader) error {
	b, err := body.Form(src, body.Limits{Each: rd.Fields})
	if err != nil {
		return rd.shapeError(err)
	}
	var fields []typed
	var broken error
	for pair := range strings.SplitSeq(string(b), "&") {
		one, err := url.ParseQuery(pair)
		if err != nil {
			broken = malformed("", "the body is not a URL-encoded form")
		}
		for name, values := range one {
			fields = append(fields, typed{name: name, raw: []byte(values[0])})
		}
	}
	bad := rd.settle(p, charset, fields)
	onlyNamed := slices.ContainsFunc(fields, func(f typed) bool { return rd.FilesIn != "" && f.name == rd.FilesIn && len(f.raw) > 0 })
	switch {
	case broken != nil:
		return broken
	case bad == nil && onlyNamed: // a page that forgot how its form is to be sent
		return wrong(rd.FilesIn, "must be sent as multipart/form-data, or in JSON: in a URL-encoded form only their names come")
	}
	return bad
}

// A typed field is one as it was sent.
type typed struct {
	name    string
	charset string // of this one; "" is that of the form
	raw     []byte
}

// fieldCharset is the field in which browsers say what the others are written in.
const fieldCharset = "_charset_"

// settle reads the fields, and the names of the files, in their charset, which only the whole form tells. Those that are not known
// are left alone.
func (rd Reader) settle(p *Post, charset body.Charset, fields []typed) error {
	var bad error
	for _, f := range fields {
		if f.name == fieldCharset && len(f.raw) > 0 {
			named, err := body.FindCharset(string(f.raw))
			if err != nil {
				bad = unknownCharset(err)
			}
			charset = named
			break
		}
	}
	for _, f := range fields {
		if !rd.knows(f.name) {
			continue
		}
		text, err := f.text(charset)
		p.Add(f.name, text)
		if bad == nil {
			bad = err
		}
	}
	for _, file := range p.Files {
		file.Name = message.CleanFileName(charset.NameText(file.sent))
	}
	return bad
}

func (rd Reader) knows(name string) bool {
	return name != "" && (rd.Known == nil || slices.Contains(rd.Known, name))
}

// text gives what was typed, as far as it can be read.
func (f typed) text(charset body.Charset) (string, error) {
	if f.charset != "" {
		var err error
		if charset, err = body.FindCharset(f.charset); err != nil {
			return string(f.raw), unknownCharset(err)
		}
	}
	text, err := charset.Text(f.raw)
	if err != nil {
		return string(f.raw), malformed(f.name, err.Error())
	}
	return text, nil
}

func unknownCharset(err error) error {
	reason := err.Error()
	if errors.Is(err, body.ErrUnknownCharset) {
		reason = "the content type " + reason
	}
	return &Error{Fault: Unsupported, Reason: reason}
}

func tooLarge(most int64) error {
	return &Error{Fault: TooLarge, Max: most, Reason: fmt.Sprintf("the request is larger than %d bytes", most)}
}

func (rd Reader) tooManyFiles() error {
	reason := fmt.Sprintf("must be at most %d", rd.Files)
	if rd.Files == 0 {
		reason = "can't be sent here"
	}
	return &Error{Fault: TooManyFiles, Field: rd.FilesIn, Max: int64(rd.Files), Reason: reason}
}
