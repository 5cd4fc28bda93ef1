package x

import (
	"strings"

	"golang.org/x/text/unicode/norm"

	"loket/internal/message"
)

// publicEcho and privateEcho name what is sent, by what of it X sends back.
func publicEcho(to, text string) string            { return sentAs("post", to, text) }
func privateEcho(conversation, text string) string { return sentAs("direct", conversation, text) }

func sentAs(parts ...string) string {
	last := len(parts) - 1
	parts[last] = plain(parts[last])
	return message.NewID([]byte(strings.Join(parts, "\x00")))
}

// plain is a text without what X changes in it: it puts the names of those who are answered in front, makes links of
// addresses, and normalises.
func plain(text string) string {
	words := strings.Fields(norm.NFC.String(text))
	for len(words) > 0 && strings.HasPrefix(words[0], "@") {
		words = words[1:]
	}
	for i, w := range words {
		w = strings.TrimPrefix(strings.TrimPrefix(w, "https://"), "http://")
		words[i] = strings.TrimSuffix(w, "/")
	}
	return strings.Join(words, " ")
}
