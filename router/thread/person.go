package thread

import (
	"context"
	"encoding/json"
	"fmt"

	"loket/internal/message"
	"loket/internal/store"
)

// ByPerson makes a message that stands in its thread as a machine's one that a person wrote, with a mark that says who
// says so. Doing it again changes nothing. ErrNone when it is not there.
func (t *Threads) ByPerson(ctx context.Context, thread, id, mark string) error {
	key := threadKey(thread)
	for range restoreTries {
		_, have, err := t.store.Load(ctx, store.Field{Key: key, Name: id})
		if err != nil {
			return fmt.Errorf("make message %s a person's: %w", id, err)
		}
		if have[0] == "" {
			back, err := t.Restore(ctx, thread)
			if err != nil {
				return fmt.Errorf("make message %s a person's: %w", id, err)
			}
			if back {
				continue
			}
			return fmt.Errorf("message %s of thread %s: %w", id, thread, ErrNone)
		}
		e, err := decodeEntry(have[0])
		if err != nil {
			return fmt.Errorf("make message %s a person's: %w", id, err)
		}
		if e.Message.Automatic == message.ByPerson {
			return nil
		}
		e.Message.Automatic, e.Message.Marks = message.ByPerson, append(e.Message.Marks, mark)
		b, err := json.Marshal(e.Message)
		if err != nil {
			return fmt.Errorf("make message %s a person's: %w", id, err)
		}
		var tx store.Tx
		tx.IfField(key, id, have[0])
		tx.SetField(key, id, e.Task+"\n"+string(b))
		if done, err := t.store.Commit(ctx, &tx); done || err != nil {
			return err
		}
	}
	return fmt.Errorf("make message %s a person's: %w", id, errRestless)
}
