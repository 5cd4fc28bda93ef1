package identity

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/oklog/ulid/v2"

	"loket/internal/message"
	"loket/internal/store"
)

// Remark writes into the log of a customer what somebody did that changes no fact, such as noting consent. about may be
// zero. It is written once for each call: a call that is repeated after a lost answer writes again.
func (r *Registry) Remark(ctx context.Context, customer, op string, about message.Identifier, by Actor) error {
	for range maxTries {
		v, _, g, err := r.find(ctx, customer)
		if err != nil {
			return fmt.Errorf("remark on customer %s: %w", customer, err)
		}
		now := r.now()
		e := logged{
			ID: ulid.MustNew(ulid.Timestamp(now), ulid.DefaultEntropy()).String(), Op: op, Actor: by.Name, Evidence: by.Message,
			Before: []string{g.ID}, After: []string{g.ID},
		}
		if !about.IsZero() {
			e.About = []string{r.hash(about.String())}
		}
		public, err := json.Marshal(e)
		if err != nil {
			return fmt.Errorf("remark on customer %s: %w", customer, err)
		}
		e.Reason = by.Reason
		own, err := json.Marshal(e)
		if err != nil {
			return fmt.Errorf("remark on customer %s: %w", customer, err)
		}
		var tx store.Tx
		tx.IfPrefix(groupKey(g.ID), fmt.Sprintf("%d;", v.versions[g.ID])) // nothing is kept of who was erased meanwhile
		tx.XAdd(logKey(), string(public))
		tx.Append(lifeKey(g.ID), string(own))
		done, err := r.store.Commit(ctx, &tx)
		if err != nil {
			return fmt.Errorf("remark on customer %s: %w", customer, err)
		}
		if done {
			return nil
		}
	}
	return fmt.Errorf("remark on customer %s: %w", customer, ErrBusy)
}
