package vendor

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"mime/multipart"
	"net/url"
	"slices"

	"loket/connectors"
	"loket/internal/message"
)

// A File is one of a message of ours that is sent in a field of a form.
type File struct {
	Field      string
	Attachment message.Attachment
	Blobs      connectors.Blobs // where it is
}

// withFile gives the body of a form with a file, and its content type. The file is read while it is sent, and not held in
// memory; who sends it closes it.
func withFile(ctx context.Context, form url.Values, file *File) (body io.ReadCloser, kind string, err error) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(form)) {
		for _, value := range form[name] {
			if err := w.WriteField(name, value); err != nil {
				return nil, "", err
			}
		}
	}
	if _, err := w.CreateFormFile(file.Field, file.Attachment.Name); err != nil {
		return nil, "", err
	}
	before := b.Len()
	if err := w.Close(); err != nil {
		return nil, "", err
	}
	content, _, err := file.Blobs.Get(ctx, file.Attachment.Blob)
	if err != nil {
		return nil, "", fmt.Errorf("open file: %w", err)
	}
	whole := io.MultiReader(bytes.NewReader(b.Bytes()[:before]), content, bytes.NewReader(b.Bytes()[before:]))
	return struct {
		io.Reader
		io.Closer
	}{whole, content}, w.FormDataContentType(), nil
}
