package pages

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"

	"loket/desk"
	"loket/internal/body"
	"loket/internal/field"
	"loket/internal/limit"
)

// What one form may be.
const (
	maxForm   = 4 << 20 // without files
	maxFiles  = 32 << 20
	maxFields = 60
)

// A form is what a page sent.
type form struct {
	url.Values
	files []desk.FileToTake
}

// readForm reads what a page sent, and answers when it cannot.
func (h *Handler) readForm(w http.ResponseWriter, r *http.Request, words *words) (*form, bool) {
	f, err := parseForm(r)
	switch {
	case err == nil:
		return f, true
	case errors.Is(err, body.ErrTooLarge), body.TooMany(err):
		h.problem(w, words, http.StatusRequestEntityTooLarge, words.TooLarge)
	case errors.Is(err, limit.ErrBusy):
		h.problem(w, words, http.StatusServiceUnavailable, words.Busy)
	default:
		h.problem(w, words, http.StatusBadRequest, words.Unreadable)
	}
	return nil, false
}

var errForm = errors.New("not a form")

func parseForm(r *http.Request) (*form, error) {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return nil, errForm
	}
	switch kind {
	case "application/x-www-form-urlencoded":
		b, err := body.Form(r.Body, body.Limits{Bytes: maxForm, Each: maxFields})
		if err != nil {
			return nil, err
		}
		values, err := url.ParseQuery(string(b))
		return &form{Values: values}, err
	case "multipart/form-data":
		return parseParts(r.Body, params["boundary"])
	}
	return nil, errForm
}

func parseParts(src io.Reader, boundary string) (*form, error) {
	f := &form{Values: url.Values{}}
	parts := body.Parts(src, boundary)
	left := int64(maxForm)
	room := int64(maxFiles)
	for n := 0; ; n++ {
		p, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return f, nil
		}
		if err != nil {
			return nil, err
		}
		if n >= maxFields {
			return nil, body.ErrTooLarge
		}
		isFile := p.FileName() != ""
		bound := &left
		if isFile {
			bound = &room
		}
		data, err := body.Read(p, body.Limits{Bytes: max(1, *bound)})
		if err != nil {
			return nil, err
		}
		*bound -= int64(len(data))
		switch {
		case isFile:
			f.files = append(f.files, desk.FileToTake{Name: p.FileName(), Type: p.Header.Get("Content-Type"), Data: data, Given: true})
		case p.FormName() != "":
			f.Add(p.FormName(), string(data))
		}
	}
}

// mistake is what is wrong with the fields of a form, in the words of the desk.
func mistake(err error) (string, bool) {
	var wrong *field.Error
	if !errors.As(err, &wrong) {
		return "", false
	}
	if all := field.All(err); len(all) > 0 {
		return all[0].Error(), true
	}
	return wrong.Error(), true
}
