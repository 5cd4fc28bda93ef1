// Package all lists the connectors that loket has.
package all

import (
	"loket/connectors"
	"loket/connectors/bluesky"
	"loket/connectors/chat"
	"loket/connectors/email"
	"loket/connectors/folder"
	"loket/connectors/mastodon"
	"loket/connectors/meta"
	"loket/connectors/telegram"
	"loket/connectors/twilio"
	"loket/connectors/webform"
	"loket/connectors/webhook"
	"loket/connectors/x"
	"loket/connectors/youtube"
)

// Types lists every type of connector there is. A new one is a new line here.
func Types() []connectors.Type {
	return []connectors.Type{
		webform.Type(),
		chat.Type(),
		email.Type(),
		x.Type(),
		twilio.Type(),
		telegram.Type(),
		folder.Type(),
		webhook.Type(),
		meta.Type(),
		mastodon.Type(),
		youtube.Type(),
		bluesky.Type(),
	}
}
