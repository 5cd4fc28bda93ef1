package api

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"net/textproto"

	"loket/connectors/vendor"
)

// Upload gives X a picture and gets its id, which a post or message may use for a day. Both APIs take it here. kind is its
// content type, and direct tells that it is for a private message.
func (c *caller) Upload(ctx context.Context, data []byte, kind string, direct bool) (string, error) {
	category := "tweet"
	if direct {
		category = "dm"
	}
	if kind == "image/gif" {
		category += "_gif"
	} else {
		category += "_image"
	}
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	if err := write(form, data, kind, category); err != nil {
		return "", fmt.Errorf("write upload: %w", err)
	}
	return c.create(ctx, vendor.Call{Path: "/2/media/upload", Body: &body, Type: form.FormDataContentType()})
}

func write(form *multipart.Writer, data []byte, kind, category string) error {
	for name, value := range map[string]string{"media_category": category, "media_type": kind} {
		if err := form.WriteField(name, value); err != nil {
			return err
		}
	}
	part, err := form.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {`form-data; name="media"; filename="media"`}, "Content-Type": {kind},
	})
	if err != nil {
		return err
	}
	if _, err := io.Copy(part, bytes.NewReader(data)); err != nil {
		return err
	}
	return form.Close()
}
