package queue

import (
	"context"
	"errors"
	"maps"
	"sync"

	"github.com/redis/go-redis/v9"

	"loket/internal/store"
)

// lost are the claims that the store did not answer. It may do them all the same once it answers again, and then nobody
// knows that the task is held.
type lost struct {
	mu     sync.Mutex
	claims map[string]lostClaim // by lease
}

type lostClaim struct {
	team, agent string
	looks       int
}

// lostLooks is how often a lost claim is looked for: what was on its way to the store comes with the first calls that it
// answers again.
const lostLooks = 5

func (l *lost) note(lease string, c lostClaim) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.claims == nil {
		l.claims = map[string]lostClaim{}
	}
	if c.looks > lostLooks {
		delete(l.claims, lease)
	} else {
		l.claims[lease] = c
	}
}

func (l *lost) all() map[string]lostClaim {
	l.mu.Lock()
	defer l.mu.Unlock()
	return maps.Clone(l.claims)
}

// mayHaveRun tells whether a call that failed may be done all the same: the store did not say no.
func mayHaveRun(err error) bool {
	var answered redis.Error
	return errors.Is(err, store.ErrAway) && !errors.As(err, &answered)
}

// giveBackLost returns what lost claims took, and tells how many.
func (q *Queue) giveBackLost(ctx context.Context) (int, error) {
	returned := 0
	for lease, c := range q.lost.all() {
		ids, err := q.store.Redis().ZRange(ctx, heldKey(c.team), 0, -1).Result()
		if err != nil {
			return returned, store.Cause(err)
		}
		tasks, err := q.Tasks(ctx, ids...)
		if err != nil {
			return returned, err
		}
		c.looks++
		for _, t := range tasks {
			if t.Lease != lease {
				continue
			}
			_, err := q.Return(ctx, t.ID, By{Agent: c.agent, Lease: lease})
			if err != nil && !errors.Is(err, ErrTaken) && !errors.Is(err, ErrClosed) {
				return returned, err
			}
			returned++
			c.looks = lostLooks + 1
		}
		q.lost.note(lease, c)
	}
	return returned, nil
}
