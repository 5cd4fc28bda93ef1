package pages

import (
	"errors"
	"io"
	"net/http"

	"loket/desk"
	read "loket/internal/form"
)

// What one form may be.
const (
	maxForm   = 4 << 20 // without files
	maxFiles  = 32 << 20
	maxFields = 60
)

// A form is what a page sent.
type form struct {
	*read.Post
	files []desk.FileToTake
}

// readForm reads what a page sent, and answers when it cannot.
func (h *Handler) readForm(w http.ResponseWriter, r *http.Request, words *words) (*form, bool) {
	f, err := parseForm(r)
	if err == nil {
		return f, true
	}
	var bad *read.Error
	if !errors.As(err, &bad) {
		bad = &read.Error{Fault: read.Unavailable}
	}
	switch bad.Fault {
	case read.TooLarge, read.TooManyFields, read.TooManyFiles:
		h.problem(w, words, http.StatusRequestEntityTooLarge, words.TooLarge)
	case read.Unavailable:
		h.problem(w, words, http.StatusServiceUnavailable, words.Busy)
	default:
		h.problem(w, words, http.StatusBadRequest, words.Unreadable)
	}
	return nil, false
}

func parseForm(r *http.Request) (*form, error) {
	rd := read.Reader{Bytes: maxForm + maxFiles, Typed: maxForm, Fields: maxFields, Files: maxFields, InMemory: maxFiles}
	post, err := rd.Read(r.Header, r.Body)
	if err != nil {
		return nil, err
	}
	defer post.Close()
	f := &form{Post: post}
	for _, file := range post.Files {
		data := make([]byte, file.Size)
		src, err := file.Open()
		if err == nil {
			_, err = io.ReadFull(src, data)
		}
		if err != nil {
			return nil, err
		}
		f.files = append(f.files, desk.FileToTake{Name: file.Name, Type: file.Type, Data: data, Given: true})
	}
	return f, nil
}
