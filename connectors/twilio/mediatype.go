package twilio

import (
	"fmt"
	"io"
	"mime"
	"net/url"
	"path"
	"strings"

	"loket/internal/message"
)

func head(r io.Reader) []byte {
	b := make([]byte, message.Sniffed)
	n, _ := io.ReadFull(r, b) // less is less
	return b[:n]
}

// describe makes the attachment. What a file says it is holds unless its first bytes are surely of another sort.
func describe(r remote, start []byte, size int64) (a message.Attachment, marks []string) {
	said, _, err := mime.ParseMediaType(r.Type)
	if err != nil || !strings.Contains(said, "/") {
		said = ""
	}
	if said == "image/jpg" {
		said = "image/jpeg"
	}
	seen := message.Sniff(start)
	a = message.Attachment{Name: r.Name, Type: said, Size: size, Blob: r.Blob}
	switch {
	case said == "", said == "application/octet-stream":
		a.Type = seen
	case seen != "application/octet-stream" && seen != "text/plain" && sort(seen) != sort(said):
		a.Type = seen
		marks = []string{MarkDisguised}
	}
	a.Name = message.NameWithEnding(a.Name, a.Type, start)
	return a, marks
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

// fileName is a name for a file that has none: Twilio tells only its type. Its ending is found when it is there.
func fileName(channel string, n int) string { return fmt.Sprintf("%s-%d", channel, n) }

// toldName is the name of the only file of a WhatsApp message: what the customer called a document comes as its text. "" when
// there is none.
func toldName(params url.Values, kind string) string {
	name := strings.TrimSpace(params.Get("Body"))
	switch {
	case !strings.HasPrefix(params.Get("From"), whatsAppPrefix) || params.Get("NumMedia") != "1", strings.Contains(name, "\n"), !message.HasEnding(name):
		return ""
	case params.Get("MessageType") == "document":
		return message.CleanFileName(name)
	case params.Get("MessageType") != "" || !strings.EqualFold(path.Ext(name), message.Ending(kind)):
		return ""
	}
	return message.CleanFileName(name)
}
