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
func (p *portal) readNote(r *http.Request, kind string, params map[string]string) (note, *problem) {
	var n note
	bad := n.read(kind, params, r.Body, p.MaxBytes)
	n.text = message.CleanText(n.text)
	if key := r.Header.Get("Idempotency-Key"); key != "" {
		n.key = key
	}
	if bad == nil {
		bad = n.judge()
	}
	return n, bad
}

func (n *note) judge() *problem {
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

func (n *note) read(kind string, params map[string]string, r io.Reader, most int64) *problem {
	if kind == typeMultipart {
		// MaxBytesReader is given no writer: the connection is kept, and the rest of the body read away.
		return n.readMultipart(params["boundary"], http.MaxBytesReader(nil, io.NopCloser(r), most))
	}
	if kind != typeForm && kind != typeJSON {
		return &problem{
			status: http.StatusUnsupportedMediaType, detail: "the content type must be " + typeJSON + " or " + typeForm,
			say: func(w *words) string { return w.Unreadable },
		}
	}
	shape := body.Limits{Bytes: most, Depth: 16, Values: 1000, Each: maxParts}
	if kind == typeJSON {
		b, err := body.JSON(r, shape)
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
	n.text, n.key = values.Get("text"), values.Get(fieldKey)
	if err != nil {
		return badRequest("", "the body is not a URL-encoded form")
	}
	return nil
}

func (n *note) readJSON(b []byte) *problem {
	var given struct {
		Text string `json:"text"`
	}
	if err := json.Unmarshal(b, &given); err != nil {
		var mistyped *json.UnmarshalTypeError
		if errors.As(err, &mistyped) && mistyped.Field == "text" {
			return wrong("text", "must be a string", func(w *words) string { return w.Unreadable })
		}
		return badRequest("", "the body is not one JSON object")
	}
	n.text = given.Text
	return nil
}

// maxParts bounds the fields of a form; the page's own has two.
const maxParts = 20

func (n *note) readMultipart(boundary string, r io.Reader) *problem {
	parts := body.Parts(r, boundary)
	for range maxParts {
		part, err := parts.NextPart()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return brokenBody(err, "the body is not a multipart form")
		}
		if part.FileName() != "" {
			return wrong("attachments", "cannot be sent here", func(w *words) string { return w.NoFiles })
		}
		b, err := io.ReadAll(part)
		if err != nil {
			return brokenBody(err, "the body broke off")
		}
		switch part.FormName() {
		case "text":
			n.text = string(b)
		case fieldKey:
			n.key = string(b)
		}
	}
	return badRequest("", "the form has too many parts")
}

func badRequest(field, detail string) *problem {
	return &problem{status: http.StatusBadRequest, field: field, detail: detail, say: func(w *words) string { return w.Unreadable }}
}

func wrong(field, detail string, say func(w *words) string) *problem {
	return &problem{status: http.StatusUnprocessableEntity, field: field, detail: detail, say: say}
}

func brokenBody(err error, detail string) *problem {
	var large *http.MaxBytesError
	var shape *body.ShapeError
	switch {
	case errors.As(err, &large), errors.Is(err, body.ErrTooLarge):
		return &problem{
			status: http.StatusRequestEntityTooLarge, detail: "the request is too large",
			say: func(w *words) string { return w.TooLarge },
		}
	case errors.Is(err, limit.ErrBusy):
		return unavailable(5 * time.Second)
	case errors.Is(err, limit.ErrSlow):
		return &problem{status: http.StatusRequestTimeout, detail: err.Error(), say: func(w *words) string { return w.Unreadable }}
	case errors.As(err, &shape) && shape.At != "":
		return badRequest(shape.At, shape.Reason)
	case errors.As(err, &shape):
		return badRequest("", "the body "+shape.Reason)
	}
	return badRequest("", detail)
}
