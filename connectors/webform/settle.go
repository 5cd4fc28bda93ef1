package webform

import (
	"errors"
	"net/http"

	"loket/internal/body"
	"loket/internal/message"
)

// fieldCharset is the field in which browsers say what the others are written in.
const fieldCharset = "_charset_"

// typed is a field as it was sent.
type typed struct {
	name    string
	charset string // of this one; "" is that of the form
	raw     []byte
}

// settle reads the fields, and the names of the files, in their charset, which only the whole form tells. The first of several
// with one name holds. Those that are not ours are left alone.
func (rd reader) settle(p *post, fields []typed) *refusal {
	charset := rd.charset
	var bad *refusal
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
		at := p.field(f.name)
		if at == nil || *at != "" {
			continue
		}
		text, problem := f.text(charset)
		*at = text
		if bad == nil {
			bad = problem
		}
	}
	for _, file := range p.files {
		file.name = message.CleanFileName(charset.NameText(file.sent))
	}
	return bad
}

// text gives what was typed, as far as it can be read.
func (f typed) text(charset body.Charset) (string, *refusal) {
	var err error
	if f.charset != "" {
		charset, err = body.FindCharset(f.charset)
	}
	if err != nil {
		return string(f.raw), unknownCharset(err)
	}
	text, err := charset.Text(f.raw)
	if err != nil {
		return string(f.raw), badRequest(f.name, err.Error())
	}
	return text, nil
}

func unknownCharset(err error) *refusal {
	reason := err.Error()
	if errors.Is(err, body.ErrUnknownCharset) {
		reason = "the content type " + reason
	}
	return &refusal{status: http.StatusUnsupportedMediaType, detail: reason, say: func(w *words) string { return w.Unreadable }}
}
