package mastodon

import (
	"cmp"
	"fmt"
	"strings"

	"loket/connectors"
	"loket/internal/message"
)

// Limits are those of the server, or of most servers before it was asked.
func (a *Account) Limits() []connectors.Limits {
	known := cmp.Or(a.known.Load(), &instance{longest: 500, link: 23, files: 4})
	l := connectors.Limits{
		Channel: "mastodon", Text: known.longest, Counted: fmt.Sprintf("characters (with the name of whom it answers; a link %d)", known.link),
		Length: func(text string) int {
			return message.Graphemes(links.ReplaceAllString(text, strings.Repeat("x", known.link)))
		},
		Files: fmt.Sprintf("%d pictures", known.files),
	}
	inPublic := l
	inPublic.Public = true
	return []connectors.Limits{inPublic, l}
}

var _ connectors.Limited = (*Account)(nil)
