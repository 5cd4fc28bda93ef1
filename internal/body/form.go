package body

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
)

// Form gives the body of a URL-encoded form, not decoded yet and without a mark of the byte order before it, with at most l.Each fields.
func Form(r io.Reader, l Limits) ([]byte, error) {
	fields := 1
	return read(&unmarked{src: bufio.NewReaderSize(r, firstRead)}, l, func(b []byte) error {
		if fields += bytes.Count(b, []byte{'&'}); l.Each > 0 && fields > l.Each {
			return &ShapeError{Reason: fmt.Sprintf("has more than %d fields", l.Each), many: true}
		}
		return nil
	})
}

// maxHead bounds what stands before a part of a multipart body: what it is, how it is called.
const maxHead = 16 << 10

// Parts reads the parts of a multipart body. The head of a part that is larger than heads are is an error of the reading.
func Parts(r io.Reader, boundary string) *multipart.Reader {
	return multipart.NewReader(&heads{r: &unmarked{src: bufio.NewReaderSize(r, firstRead)}, mark: []byte("--" + boundary)}, boundary)
}

var errHead = errors.New("the head of a part is too large")

// heads lets a multipart body through, line by line, until the head of a part is too large.
type heads struct {
	r      io.Reader
	mark   []byte // a line that a part begins behind
	line   []byte // how the present one begins
	length int    // of the present line, so far
	inside bool   // of a head
	head   int    // its length, so far
}

func (h *heads) Read(b []byte) (int, error) {
	n, err := h.r.Read(b)
	if tooLarge := h.see(b[:n]); tooLarge != nil {
		return 0, tooLarge
	}
	return n, err
}

func (h *heads) see(b []byte) error {
	for len(b) > 0 {
		n := bytes.IndexByte(b, '\n') + 1
		ends := n > 0
		if !ends {
			n = len(b)
		}
		if room := len(h.mark) + 2 - len(h.line); room > 0 {
			h.line = append(h.line, b[:min(n, room)]...)
		}
		h.length += n
		if h.inside {
			if h.head += n; h.head > maxHead {
				return errHead
			}
		}
		if ends {
			h.endLine()
		}
		b = b[n:]
	}
	return nil
}

func (h *heads) endLine() {
	behind, begins := bytes.CutPrefix(h.line, h.mark)
	switch {
	case begins && len(bytes.TrimSpace(behind)) == 0:
		h.inside, h.head = true, 0
	case len(bytes.TrimSpace(h.line)) == 0 && h.length <= 2:
		h.inside = false
	}
	h.line, h.length = h.line[:0], 0
}
