package connectors

import (
	"slices"
	"strings"

	"loket/internal/message"
)

// Direct makes a Reacher, a Referrer and a Checker of a connector that embeds it: one whose channel writes to one person at a time,
// by an identifier that names the conversation with them, too.
type Direct struct {
	Channel string // as customers call it: telegram
	Title   string // as it is written: Telegram
	Kind    string // of the identifiers that are written to

	Length  func(text string) int // of a text, as the channel counts
	Counted string                // how that is, for people: "in letters, an emoji 2"
	Text    int                   // the longest text
	Caption int                   // the longest text beside a file
	Files   int                   // how many go with a message
	Bytes   int64                 // the largest file
}

// Recipient is whom m is for; "" when they are not on the channel.
func (d *Direct) Recipient(m *message.Message) string {
	i := slices.IndexFunc(m.To, func(id message.Identifier) bool { return id.Kind == d.Kind })
	if i < 0 {
		return ""
	}
	return m.To[i].Value
}

// Answered is the channel's id of the message that m answers, where ids in references are recipient:id; "" when it answers none.
func (d *Direct) Answered(m *message.Message) string {
	if len(m.References) == 0 {
		return ""
	}
	id, here := strings.CutPrefix(m.References[len(m.References)-1], d.Recipient(m)+":")
	if !here {
		return ""
	}
	return id
}

// Reaches gives the channel for identifiers of its kind.
func (d *Direct) Reaches(to message.Identifier) string {
	if to.Kind != d.Kind {
		return ""
	}
	return d.Channel
}

// References is the conversation with whom m is for.
func (d *Direct) References(m *message.Message) []string {
	to := d.Recipient(m)
	if to == "" {
		return nil
	}
	return []string{to}
}

// Check says in words for people why the channel would not take m.
func (d *Direct) Check(m *message.Message) error {
	longest := d.Text
	if len(m.Attachments) > 0 {
		longest = d.Caption
	}
	tooLarge := func(a message.Attachment) bool { return a.Size > d.Bytes }
	switch n := d.Length(m.Text); {
	case d.Recipient(m) == "":
		return Refuse("there is nobody on %s to answer to", d.Title)
	case n > longest && len(m.Attachments) > 0:
		return Refuse("a text on %s beside a file must be at most %d characters (%s), not %d", d.Title, longest, d.Counted, n)
	case n > longest:
		return Refuse("a text on %s must be at most %d characters (%s), not %d", d.Title, longest, d.Counted, n)
	case len(m.Attachments) > d.Files:
		return Refuse("%s takes at most %d file with a message: send the others in further answers", d.Title, d.Files)
	case slices.ContainsFunc(m.Attachments, tooLarge):
		return Refuse("a file on %s must be at most %d MB", d.Title, d.Bytes>>20)
	case n == 0 && len(m.Attachments) == 0:
		return Refuse("there is nothing to send")
	}
	return nil
}

var _ interface {
	Reacher
	Referrer
	Checker
} = (*Direct)(nil)
