package fetch

import (
	"io"
	"mime"
	"slices"
	"strings"

	"loket/internal/message"
)

const unknown = "application/octet-stream"

func head(r io.Reader) []byte {
	b := make([]byte, message.Sniffed)
	n, _ := io.ReadFull(r, b) // short of it is no fault
	return b[:n]
}

// describe makes the attachment. What a file is said to be holds unless its first bytes are surely of another sort.
func describe(f File, start []byte, size int64, sniff bool) Result {
	said, _, err := mime.ParseMediaType(f.Type)
	if err != nil || !strings.Contains(said, "/") {
		said = ""
	}
	if said == "image/jpg" {
		said = "image/jpeg"
	}
	seen := message.Sniff(start)
	r := Result{Attachment: message.Attachment{Name: f.Name, Type: said, Size: size, Blob: f.Blob}}
	switch {
	case said == "", said == unknown, sniff:
		r.Type = seen
	case seen != unknown && seen != "text/plain" && sort(seen) != sort(said):
		r.Type, r.Disguised = seen, true
	}
	if len(f.Sorts) > 0 && !slices.ContainsFunc(f.Sorts, func(sort string) bool { return strings.HasPrefix(seen, sort) }) {
		r.Type, r.Disguised = seen, true
	}
	r.Name = message.NameWithEnding(r.Name, r.Type, start)
	return r
}

// sort is what of a type may not differ from what is seen. Sounds and films share containers.
func sort(kind string) string {
	major, minor, _ := strings.Cut(kind, "/")
	switch {
	case major == "video" || major == "audio" || minor == "ogg":
		return "sound"
	case major == "text" && minor == "xml" || strings.HasSuffix(minor, "+xml"):
		return "application"
	}
	return major
}
