package mastodon

import (
	"context"

	"loket/connectors/vendor"
	"loket/internal/message"
)

// Read is what becomes of a post.
func Read(ctx context.Context, a *Account, post []byte) (*message.Message, error) {
	if _, err := a.instance(ctx); err != nil {
		return nil, err
	}
	m, _ := a.read(vendor.Flatten(post))
	return m, nil
}
