package x

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"strings"

	"loket/connectors"
	"loket/connectors/vendor"
	"loket/internal/message"
)

const maxPictures = 4

func (a *Account) checkFiles(m *message.Message) error {
	moving := 0
	for _, file := range m.Attachments {
		if err := checkPicture(file.Type, file.Size); err != nil {
			return err
		}
		if file.Type == "image/gif" {
			moving++
		}
	}
	switch n := len(m.Attachments); {
	case n > 1 && !m.Public:
		return connectors.Refuse("a private message on X may have one picture, not %d", n)
	case n > maxPictures, moving > 0 && n > 1:
		return connectors.Refuse("a post on X may have %d pictures, or one GIF", maxPictures)
	case n == 0 && strings.TrimSpace(m.Text) == "":
		return connectors.Refuse("there is nothing to send")
	}
	return nil
}

// checkPicture tells why X would not take a file.
func checkPicture(kind string, size int64) error {
	switch most := pictureLimit(kind); {
	case most == 0:
		return connectors.Permanent(connectors.Refuse("a file for X must be a JPEG, PNG, WebP or GIF picture"))
	case size > most:
		return connectors.Permanent(connectors.Refuse("a picture of this kind for X must be at most %d MB", most>>20))
	}
	return nil
}

func missingFile(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return connectors.Permanent(connectors.Refuse("an attachment is not stored any more"))
	}
	return fmt.Errorf("open attachment: %w", err)
}

// pictureLimit is how large a picture of a type may be; 0 when X does not take it.
func pictureLimit(kind string) int64 {
	switch kind {
	case "image/jpeg", "image/png", "image/webp":
		return 5 << 20
	case "image/gif":
		return 15 << 20
	}
	return 0
}

// upload gives X the files of an answer. Whatever goes wrong, nobody has seen anything yet.
func (a *Account) upload(ctx context.Context, m *message.Message) (ids []string, err error) {
	for _, file := range m.Attachments {
		file, err := a.seen(ctx, file)
		if err != nil {
			return nil, err
		}
		id, err := a.api.Upload(ctx, vendor.File{Attachment: file, Blobs: a.env.Blobs}, !m.Public)
		if err != nil {
			return nil, uploadFault(err)
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// seen is a file as it is, whatever is said of it.
func (a *Account) seen(ctx context.Context, file message.Attachment) (message.Attachment, error) {
	r, size, err := a.env.Blobs.Get(ctx, file.Blob)
	if err != nil {
		return file, missingFile(err)
	}
	defer r.Close()
	start, err := io.ReadAll(io.LimitReader(r, message.Sniffed))
	if err != nil {
		return file, fmt.Errorf("read attachment: %w", err)
	}
	file.Type, file.Size = http.DetectContentType(start), size
	return file, checkPicture(file.Type, size)
}
