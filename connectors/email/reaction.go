package email

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"loket/connectors/email/mail"
	"loket/connectors/email/quote"
	"loket/internal/message"
)

// reactionType is the part by which a mail is an emoji beside another mail, as Gmail writes it.
const reactionType = "text/vnd.google.email-reaction+json"

// maxReaction is how long one emoji may be, in bytes, and maxReacted what such a mail says beside links and quotes: that it
// is one, and of whom.
const (
	maxReaction = 64
	maxReacted  = 200
)

// takeReaction makes m a reaction, if its mail is one, and gives the emoji. Its part is then no file. What says more than
// that it is a reaction is a message like any other, whatever part it has.
func takeReaction(m *message.Message, parsed *mail.Mail) string {
	at := slices.IndexFunc(parsed.Parts, func(p mail.Part) bool { return p.Type == reactionType })
	if at < 0 || len(parsed.InReplyTo) != 1 {
		return ""
	}
	var said struct {
		Emoji   string `json:"emoji"`
		Version int    `json:"version"`
	}
	if json.Unmarshal(parsed.Parts[at].Data, &said) != nil || said.Version != 1 || !isEmoji(said.Emoji) {
		return ""
	}
	parsed.Parts = slices.Delete(slices.Clone(parsed.Parts), at, at+1)
	if slices.ContainsFunc(parsed.Parts, func(p mail.Part) bool { return !p.Inline }) || !saysLittle(parsed.Text) {
		return ""
	}
	m.Kind, m.Marks = message.Reaction, append(m.Marks, "reaction: "+said.Emoji)
	return said.Emoji
}

// isEmoji tells whether s can be one emoji: no word, no sentence.
func isEmoji(s string) bool {
	return s != "" && len(s) <= maxReaction && !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsSpace(r) || unicode.IsControl(r)
	})
}

// saysLittle tells whether a text is nothing but what programs write that show no reactions.
func saysLittle(text string) bool {
	return len(strings.TrimSpace(link.ReplaceAllString(quote.Strip(text), ""))) <= maxReacted
}

var link = regexp.MustCompile(`<?https?://[^\s<>]+>?`)
