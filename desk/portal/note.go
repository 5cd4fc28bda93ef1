package portal

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"loket/internal/body"
	"loket/internal/limit"
	"loket/internal/message"
)

const (
	maxText  = 100_000
	maxKey   = 200
	fieldKey = "idempotency_key"

	typeJSON      = "application/json"
	typeForm      = "application/x-www-form-urlencoded"
	typeMultipart = "multipart/form-data"
)

// A note is what a customer writes on the page.
type note struct{ text, key string }

// readNote gives what could be read, and what is wrong with it.
func (p *portal) readNote(r *http.Request, kind string, params map[string]string) (note, *refusal) {
	var n note
	bad := n.read(kind, params, r.Body, p.maxBytes)
	n.text = message.CleanText(n.text)
	if key := r.Header.Get("Idempotency-Key"); key != "" {
		n.key = key
	}
	if bad == nil {
		bad = n.judge()
	}
	return n, bad
}

func (n *note) judge() *refusal {
	switch {
	case len(n.key) > maxKey:
		return badRequest(fieldKey, fmt.Sprintf("must be at most %d characters", maxKey))
	case strings.TrimSpace(n.text) == "":
		return wrong("text", "must not be empty", func(w *words) string { return w.TextMissing })
	case utf8.RuneCountInString(n.text) > maxText:
		return wrong("text", fmt.Sprintf("must be at most %d characters", maxText), func(w *words) string {
			return fmt.Sprintf(w.TooLong, maxText)
		})
	}
	return nil
}

func (n *note) read(kind string, params map[string]string, r io.Reader, most int64) *refusal {
	charset, err := body.FindCharset(params["charset"])
	if err != nil {
		return unknownCharset(err)
	}
	if kind == typeMultipart {
		// MaxBytesReader is given no writer: the connection is kept, and the rest of the body read away.
		return n.readMultipart(params["boundary"], http.MaxBytesReader(nil, io.NopCloser(r), most), charset)
	}
	if kind != typeForm && kind != typeJSON {
		return &refusal{
			status: http.StatusUnsupportedMediaType, detail: "the content type must be " + typeJSON + " or " + typeForm,
			say: func(w *words) string { return w.Unreadable },
		}
	}
	shape := body.Limits{Bytes: most, Depth: 16, Values: 1000, Each: maxParts}
	if kind == typeJSON {
		b, err := body.JSON(charset.Reader(r), shape)
		if err != nil {
			return brokenBody(err, "the body broke off")
		}
		return n.readJSON(b)
	}
	b, err := body.Form(r, shape)
	if err != nil {
		return brokenBody(err, "the body broke off")
	}
	values, err := url.ParseQuery(string(b))
	bad := n.settle(values.Get("text"), values.Get(fieldKey), values.Get(fieldCharset), charset)
	switch {
	case err != nil:
		return badRequest("", "the body is not a URL-encoded form")
	case bad == nil && values.Get(fieldFiles) != "":
		return noFiles()
	}
	return bad
}

// fieldFiles is where files are on the form. Here there are none: who sends one all the same is told, not thanked.
const fieldFiles = "attachments"

func noFiles() *refusal {
	return wrong(fieldFiles, "cannot be sent here", func(w *words) string { return w.NoFiles })
}

// fieldCharset is the field in which browsers say what the others are written in.
const fieldCharset = "_charset_"

// settle reads what was typed in its charset.
func (n *note) settle(text, key, named string, charset body.Charset) *refusal {
	n.text, n.key = text, key
	if named != "" {
		var err error
		if charset, err = body.FindCharset(named); err != nil {
			return unknownCharset(err)
		}
	}
	read, err := charset.Text([]byte(text))
	if err != nil {
		return badRequest("text", err.Error())
	}
	n.text = read
	return nil
}

func unknownCharset(err error) *refusal {
	return &refusal{
		status: http.StatusUnsupportedMediaType, detail: "the content type " + err.Error(),
		say: func(w *words) string { return w.Unreadable },
	}
}

func (n *note) readJSON(b []byte) *refusal {
	var given struct {
		Text  string            `json:"text"`
		Files []json.RawMessage `json:"attachments"`
	}
	if err := json.Unmarshal(b, &given); err != nil {
		var mistyped *json.UnmarshalTypeError
		if errors.As(err, &mistyped) && mistyped.Field == "text" {
			return wrong("text", "must be a string", func(w *words) string { return w.Unreadable })
		}
		return badRequest("", "the body is not one JSON object")
	}
	if n.text = given.Text; len(given.Files) > 0 {
		return noFiles()
	}
	return nil
}

// maxParts bounds the fields of a form; the page's own has two.
const maxParts = 20

func (n *note) readMultipart(boundary string, r io.Reader, charset body.Charset) *refusal {
	parts := body.Parts(r, boundary)
	fields := map[string]string{}
	for range maxParts {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return n.settle(fields["text"], fields[fieldKey], fields[fieldCharset], charset)
		}
		if err != nil {
			return brokenBody(err, "the body is not a multipart form")
		}
		d, kind := body.ReadDisposition(part.Header.Get("Content-Disposition")), strings.ToLower(part.Header.Get("Content-Type"))
		b, err := io.ReadAll(part)
		if err != nil {
			return brokenBody(err, "the body broke off")
		}
		if d.FileName != "" || len(b) > 0 && (kind != "" && !strings.HasPrefix(kind, "text/") || d.Name == fieldFiles) {
			return noFiles()
		}
		if _, twice := fields[d.Name]; !twice {
			fields[d.Name] = string(b)
		}
		n.text = fields["text"] // until its charset is known: the page shows again what was typed
		if d.Name == "" && len(b) > 0 {
			return badRequest("", "a part of the form has no name that can be read")
		}
	}
	return badRequest("", "the form has too many parts")
}

func badRequest(field, detail string) *refusal {
	return &refusal{status: http.StatusBadRequest, field: field, detail: detail, say: func(w *words) string { return w.Unreadable }}
}

func wrong(field, detail string, say func(w *words) string) *refusal {
	return &refusal{status: http.StatusUnprocessableEntity, field: field, detail: detail, say: say}
}

func brokenBody(err error, detail string) *refusal {
	var large *http.MaxBytesError
	var shape *body.ShapeError
	switch {
	case errors.As(err, &large), errors.Is(err, body.ErrTooLarge):
		return &refusal{
			status: http.StatusRequestEntityTooLarge, detail: "the request is too large",
			say: func(w *words) string { return w.TooLarge },
		}
	case errors.Is(err, body.ErrCharset):
		return badRequest("", "the body "+err.Error())
	case errors.Is(err, limit.ErrBusy):
		return unavailable(5 * time.Second)
	case errors.Is(err, limit.ErrSlow):
		return &refusal{status: http.StatusRequestTimeout, detail: err.Error(), say: func(w *words) string { return w.Unreadable }}
	case errors.As(err, &shape) && shape.At != "":
		return badRequest(shape.At, shape.Reason)
	case errors.As(err, &shape):
		return badRequest("", "the body "+shape.Reason)
	}
	return badRequest("", detail)
}
