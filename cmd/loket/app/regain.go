package app

import (
	"context"
	"time"

	"go.uber.org/zap"

	"loket/router/queue"
)

// regainAgain is when the queue is looked through again after that failed, as with the store away.
const regainAgain = 5 * time.Second

// regain looks through the queues at the start and whenever the rules changed: what is kept for somebody who is in the team
// no longer goes to the team, and what is late rises as is promised now. What nobody can claim even then, as stranded tells,
// is logged.
func regain(ctx context.Context, q *queue.Queue, r *rules, stranded func(context.Context) ([]string, error), log *zap.Logger) error {
	again := time.NewTimer(regainAgain)
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-r.changed:
		case <-again.C:
		}
		n, err := q.Regain(ctx, r.router().Teams()...)
		if n > 0 {
			log.Info("tasks moved in their queues, because people or promises changed", zap.Int("tasks", n))
		}
		var left []string
		if err == nil {
			left, err = stranded(ctx)
		}
		for _, text := range left {
			log.Error(text)
		}
		if err != nil {
			log.Debug("queues not looked through", zap.Error(err))
			again.Reset(regainAgain)
		} else {
			again.Stop()
		}
	}
}
