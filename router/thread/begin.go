package thread

import (
	"context"
	"encoding/json"
	"fmt"

	"loket/internal/store"
)

// Begin makes a thread that we begin ourselves, bound to th.Task, so that its answers come into that task. One that is
// there stays as it is: doing it again changes nothing.
func (t *Threads) Begin(ctx context.Context, th Thread) error {
	head, err := json.Marshal(th)
	if err != nil {
		return fmt.Errorf("begin thread %s: %w", th.ID, err)
	}
	var tx store.Tx
	tx.IfField(threadKey(th.ID), "head", "")
	tx.SetField(threadKey(th.ID), "head", string(head))
	tx.SetField(threadKey(th.ID), "task", th.Task)
	if _, err := t.store.Commit(ctx, &tx); err != nil {
		return fmt.Errorf("begin thread %s: %w", th.ID, err)
	}
	return nil
}
