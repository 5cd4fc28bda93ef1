package queue

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"loket/internal/store"
)

// An Outgoing is what waits to go out by one connector.
type Outgoing struct {
	Connector string
	Waiting   int
	Oldest    time.Time // since when the one waits that waits longest
	// Error is what the channel said last of that one, "" when it was not tried yet. Of several that wait equally long, one that was.
	Error string
}

// So many answers are looked at, and as stored so many bytes of them, so that counting a great heap costs no more than a
// small one.
const (
	maxOutgoing      = 500
	maxOutgoingBytes = 4 << 20
)

// Outgoing tells of each connector what waits to go out by it, by its name. Of more than 500 answers, or long ones, those count
// that the outbox looks at first. What is with a channel, and only its report is missing, does not wait.
func (q *Queue) Outgoing(ctx context.Context) ([]Outgoing, error) {
	ids, err := q.store.Redis().ZRange(ctx, sendKey, 0, maxOutgoing-1).Result()
	if err != nil {
		return nil, fmt.Errorf("list what goes out: %w", store.Cause(err))
	}
	by := map[string]*Outgoing{}
	left := maxOutgoingBytes
	for chunk := range slices.Chunk(ids, 20) {
		if left <= 0 {
			break
		}
		cards, err := q.store.Redis().HMGet(ctx, repliesKey, chunk...).Result()
		if err != nil {
			return nil, fmt.Errorf("read what goes out: %w", store.Cause(err))
		}
		for _, card := range cards {
			text, _ := card.(string)
			left -= len(text)
			if r, err := decodeReply(text); err == nil && r.pending() { // else it went out, or was forgotten, meanwhile
				r.waitsIn(by)
			}
		}
	}
	all := make([]Outgoing, 0, len(by))
	for _, o := range by {
		all = append(all, *o)
	}
	slices.SortFunc(all, func(a, b Outgoing) int { return strings.Compare(a.Connector, b.Connector) })
	return all, nil
}

func (r *Reply) waitsIn(by map[string]*Outgoing) {
	o := by[r.Connector]
	if o == nil {
		o = &Outgoing{Connector: r.Connector}
		by[r.Connector] = o
	}
	o.Waiting++
	since := time.UnixMilli(r.Since).UTC()
	if o.Oldest.IsZero() || since.Before(o.Oldest) {
		o.Oldest, o.Error = since, r.Error
	} else if since.Equal(o.Oldest) {
		o.Error = cmp.Or(o.Error, r.Error)
	}
}
