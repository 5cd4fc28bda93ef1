package pages

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	_ "image/gif"  // formats whose size is looked at
	_ "image/jpeg" // before a browser unpacks them
	_ "image/png"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"loket/desk"
)

// What is shown of pictures: files and areas beyond these are only to be saved, because a small file can be a picture that takes a
// browser down.
const (
	maxPicture = 15 << 20 // bytes
	maxPixels  = 50 << 20
)

// pictureTypes are what is shown. An SVG is a page that can do things, so it is never.
var pictureTypes = []string{"image/png", "image/jpeg", "image/gif", "image/webp"}

// mayShow tells whether a file says that it is a picture. What it is in truth is looked at when it is asked for.
func mayShow(kind string, size int64) bool {
	kind, _, _ = strings.Cut(strings.ToLower(kind), ";")
	return slices.Contains(pictureTypes, strings.TrimSpace(kind)) && size <= maxPicture
}

var errNoPicture = errors.New("not a picture that is shown")

// picture shows an attachment within a conversation, if it is a picture by what is in it.
func (h *Handler) picture(w http.ResponseWriter, r *http.Request) {
	v := visitorOf(r.Context())
	src, err := h.desk.Attachment(r.Context(), v.by, desk.FileID(r.PathValue("task"), r.PathValue("message")+"/"+r.PathValue("file")))
	if err != nil {
		h.trouble(w, r, v.words, err)
		return
	}
	defer func() { _ = src.Close() }()
	kind, size, err := lookAt(src)
	if errors.Is(err, errNoPicture) {
		h.problem(w, v.words, http.StatusNotFound, v.words.Nothing)
		return
	}
	if err != nil {
		h.trouble(w, r, v.words, err)
		return
	}
	header := w.Header()
	header.Set("Content-Type", kind)
	header.Set("Content-Length", strconv.FormatInt(size, 10))
	header.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	header.Set("Content-Disposition", "inline")
	_, _ = io.Copy(w, src)
}

// lookAt tells which kind of picture a file is, and how long it is.
func lookAt(src io.ReadSeeker) (kind string, size int64, err error) {
	head := make([]byte, 64<<10)
	n, err := io.ReadFull(src, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return "", 0, err
	}
	head = head[:n]
	if kind = http.DetectContentType(head); !slices.Contains(pictureTypes, kind) {
		return "", 0, errNoPicture
	}
	if size, err = src.Seek(0, io.SeekEnd); err != nil {
		return "", 0, err
	}
	if _, err = src.Seek(0, io.SeekStart); err != nil {
		return "", 0, err
	}
	if size > maxPicture || area(kind, head) > maxPixels {
		return "", 0, errNoPicture
	}
	return kind, size, nil
}

// area is how many pixels a picture has; too many of one whose size cannot be read.
func area(kind string, head []byte) int64 {
	if kind == "image/webp" {
		return webpArea(head)
	}
	config, _, err := image.DecodeConfig(bytes.NewReader(head))
	if err != nil {
		return maxPixels + 1
	}
	return int64(config.Width) * int64(config.Height)
}

// webpArea reads the size of a WebP, of any of its three kinds.
func webpArea(head []byte) int64 {
	if len(head) < 30 {
		return maxPixels + 1
	}
	three := func(at int) int64 { return int64(head[at]) | int64(head[at+1])<<8 | int64(head[at+2])<<16 }
	switch string(head[12:16]) {
	case "VP8X":
		return (three(24) + 1) * (three(27) + 1)
	case "VP8L":
		bits := int64(binary.LittleEndian.Uint32(head[21:25]))
		return (bits&0x3fff + 1) * (bits>>14&0x3fff + 1)
	case "VP8 ":
		return int64(binary.LittleEndian.Uint16(head[26:28])&0x3fff) * int64(binary.LittleEndian.Uint16(head[28:30])&0x3fff)
	}
	return maxPixels + 1
}
