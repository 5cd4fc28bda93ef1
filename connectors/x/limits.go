package x

import (
	"fmt"

	"loket/connectors"
)

// Limits are X's, for posts and for private messages.
func (a *Account) Limits() []connectors.Limits {
	pictures := fmt.Sprintf("of %d MB, a GIF of %d MB", pictureLimit("image/jpeg")>>20, pictureLimit("image/gif")>>20)
	return []connectors.Limits{
		{
			Channel: "x", Text: a.cfg.MaxLength, Length: weigh, Counted: "characters (a link 23, an emoji 2)", Public: true,
			Files: fmt.Sprintf("%d pictures %s alone", maxPictures, pictures), Window: "under posts that name us, mostly",
		},
		{Channel: "x", Text: directLength, Files: "one picture " + pictures, States: []connectors.State{connectors.Read}},
	}
}

var _ connectors.Limited = (*Account)(nil)
