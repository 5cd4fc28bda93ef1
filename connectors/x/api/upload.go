package api

import (
	"context"
	"net/url"

	"loket/connectors/vendor"
)

// Upload gives X a picture and gets its id, which a post or message may use for a day. Both APIs take it here. direct tells that
// it is for a private message.
func (c *caller) Upload(ctx context.Context, file vendor.File, direct bool) (string, error) {
	category := "tweet"
	if direct {
		category = "dm"
	}
	if file.Attachment.Type == "image/gif" {
		category += "_gif"
	} else {
		category += "_image"
	}
	file.Field, file.Attachment.Name = "media", "media"
	form := url.Values{"media_category": {category}, "media_type": {file.Attachment.Type}}
	return c.create(ctx, vendor.Call{Path: "/2/media/upload", Form: form, File: &file})
}
