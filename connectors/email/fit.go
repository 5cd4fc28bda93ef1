package email

import (
	"encoding/json"

	"loket/internal/message"
)

// maxEncoded is how large a message may be as JSON: the daemon takes 4 MiB, and refuses more for ever.
const maxEncoded = 4<<20 - 64<<10

// In JSON a character may be six bytes long.
const longestByte = 6

// What of a part's header travels in the message. Names of media types have at most 127 characters on each side (RFC 6838
// §4.2), and a longer Content-ID is referred to by nobody's HTML.
const (
	maxType      = 255
	maxContentID = 255
)

func mediaType(t string) string {
	if len(t) > maxType {
		return "application/octet-stream"
	}
	return t
}

func contentID(id string) string {
	if len(id) > maxContentID {
		return ""
	}
	return id
}

// fit sees that the daemon can take m: what was said now and the names of the files have room in any case, so the layout
// goes first and what was quoted next. The original has both.
func fit(m *message.Message) {
	for _, drop := range []func(){
		func() { m.HTML, m.Marks = "", append(m.Marks, MarkPlain) },
		func() { m.Whole = "" },
	} {
		if fits(m) {
			return
		}
		drop()
	}
}

func fits(m *message.Message) bool {
	if (len(m.Text)+len(m.Whole)+len(m.HTML))*longestByte < maxEncoded/4 && len(m.Attachments) < 100 {
		return true
	}
	b, err := json.Marshal(m)
	return err != nil || len(b) <= maxEncoded
}
