package vendor

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"mime/multipart"
	"net/textproto"
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
// memory; who sends it closes it. size is that of the body: some vendors take none that does not tell it.
func withFile(ctx context.Context, form url.Values, file *File) (body io.ReadCloser, size int64, kind string, err error) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(form)) {
		for _, value := range form[name] {
			if err := w.WriteField(name, value); err != nil {
				return nil, 0, "", err
			}
		}
	}
	if _, err := w.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {multipart.FileContentDisposition(file.Field, file.Attachment.Name)},
		"Content-Type":        {cmp.Or(file.Attachment.Type, "application/octet-stream")},
	}); err != nil {
		return nil, 0, "", err
	}
	before := b.Len()
	if err := w.Close(); err != nil {
		return nil, 0, "", err
	}
	content, size, err := file.Blobs.Get(ctx, file.Attachment.Blob)
	if err != nil {
		return nil, 0, "", fmt.Errorf("open file: %w", err)
	}
	whole := io.MultiReader(bytes.NewReader(b.Bytes()[:before]), content, bytes.NewReader(b.Bytes()[before:]))
	return struct {
		io.Reader
		io.Closer
	}{whole, content}, size + int64(b.Len()), w.FormDataContentType(), nil
}
