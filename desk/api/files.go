package api

import (
	"encoding/base64"
	"mime"
	"net/http"
	"strings"

	"loket/desk"
	"loket/internal/field"
	"loket/internal/message"
)

// A File is an attachment on its way to the daemon.
type File struct {
	Name string `json:"name"`
	Type string `json:"type,omitempty"` // left out, what it looks like
	Data []byte `json:"data"`
}

// A fileToTake is an attachment as it comes in JSON.
type fileToTake struct {
	Name string  `json:"name"`
	Type string  `json:"type"`
	Size int64   `json:"size,omitempty"` // counts only where there is no data, in dry runs
	Data *string `json:"data"`           // base64
}

// takeFiles reads files. What is wrong with one goes along with it, so that the desk tells it beside the rest.
func takeFiles(given []fileToTake) []desk.FileToTake {
	files := make([]desk.FileToTake, len(given))
	for i, f := range given {
		taken := desk.FileToTake{Name: message.CleanFileName(f.Name), Size: f.Size, Given: f.Data != nil}
		if f.Data != nil {
			var err error
			if taken.Data, err = base64.StdEncoding.DecodeString(*f.Data); err != nil {
				taken.Mistake = field.Errorf(field.At("attachments", i)+".data", "must be base64 with padding")
			}
		}
		taken.Type = mediaType(f.Type, taken.Data)
		files[i] = taken
	}
	return files
}

// mediaType is what the sender says it is, where that is a media type, else what it looks like.
func mediaType(said string, data []byte) string {
	for _, t := range []string{said, http.DetectContentType(data)} {
		if kind, _, err := mime.ParseMediaType(t); err == nil && strings.Contains(kind, "/") {
			return kind
		}
	}
	return "application/octet-stream"
}
