package thread

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"loket/internal/message"
	"loket/internal/store"
)

// TakesPart tells whether one of these identifiers, claims too, began the thread, was welcomed in it, or was written to
// from it. In a thread that is not there everybody does.
func (t *Threads) TakesPart(ctx context.Context, id string, who []message.Identifier) (bool, error) {
	fields := []string{"head"}
	for _, w := range who {
		fields = append(fields, participantField(w))
	}
	v, err := t.fields(ctx, id, fields...)
	if err != nil {
		return false, fmt.Errorf("look who takes part in thread %s: %w", id, err)
	}
	head := v[0]
	if head == "" {
		return true, nil
	}
	for _, known := range v[1:] {
		if known != "" {
			return true, nil
		}
	}
	var th Thread
	if err := json.Unmarshal([]byte(head), &th); err != nil {
		return false, fmt.Errorf("read thread %s: %w", id, err)
	}
	for _, began := range th.From {
		for _, w := range who {
			if began.Kind == w.Kind && began.Scope == w.Scope && began.Value == w.Value {
				return true, nil
			}
		}
	}
	return false, nil
}

// Welcome makes these identifiers participants of a thread. Doing it again changes nothing that anybody can see.
func (t *Threads) Welcome(ctx context.Context, id string, who []message.Identifier, at time.Time) error {
	if len(who) == 0 {
		return nil
	}
	var tx store.Tx
	for _, w := range who {
		tx.SetField(threadKey(id), participantField(w), strconv.FormatInt(at.UnixMilli(), 10))
	}
	if _, err := t.store.Commit(ctx, &tx); err != nil {
		return fmt.Errorf("welcome to thread %s: %w", id, err)
	}
	return nil
}

func participantField(i message.Identifier) string { return "p:" + i.String() }
