package twilio

import (
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"loket/internal/message"
)

func head(r io.Reader) []byte {
	b := make([]byte, 512)
	n, _ := io.ReadFull(r, b) // less is less
	return b[:n]
}

// describe makes the attachment. What a file says it is holds unless its first bytes are surely of another sort.
func describe(r remote, start []byte, size int64) (message.Attachment, []string) {
	said, _, err := mime.ParseMediaType(r.Type)
	if err != nil || !strings.Contains(said, "/") {
		said = ""
	}
	seen, _, _ := mime.ParseMediaType(http.DetectContentType(start)) // it gives only what can be parsed
	a := message.Attachment{Name: r.Name, Type: said, Size: size, Blob: r.Blob}
	switch {
	case said == "":
		a.Type = seen
	case seen != "application/octet-stream" && seen != "text/plain" && sort(seen) != sort(said):
		a.Type = seen
		return a, []string{MarkDisguised}
	}
	return a, nil
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

// fileName is a name for a file that has none: Twilio tells only its type.
func fileName(channel, kind string, n int) string {
	said, _, err := mime.ParseMediaType(kind)
	if err != nil {
		said = ""
	}
	return fmt.Sprintf("%s-%d%s", channel, n, ending(said))
}

func ending(kind string) string {
	endings := map[string]string{
		"image/jpeg": ".jpg", "image/png": ".png", "image/gif": ".gif", "image/webp": ".webp", "audio/ogg": ".ogg", "audio/mpeg": ".mp3",
		"audio/amr": ".amr", "audio/mp4": ".m4a", "audio/wav": ".wav", "audio/x-wav": ".wav", "video/mp4": ".mp4", "video/3gpp": ".3gp",
		"application/pdf": ".pdf", "text/vcard": ".vcf", "text/x-vcard": ".vcf", "text/plain": ".txt", "text/csv": ".csv",
		"application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
		"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":       ".xlsx",
		"application/msword": ".doc", "application/vnd.ms-excel": ".xls",
	}
	return endings[kind]
}
