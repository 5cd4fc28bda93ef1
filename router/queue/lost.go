package queue

import (
	"context"
	"errors"
	"maps"
	"sync"

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

// giveBackLost returns what lost claims took, and tells how many.
func (q *Queue) giveBackLost(ctx context.Context) (int, error) {
	returned := 0
	held := map[string]map[string]string{} // team → lease → task
	for lease, c := range q.lost.all() {
		if held[c.team] == nil {
			var err error
			if held[c.team], err = q.leases(ctx, c.team); err != nil {
				return returned, err
			}
		}
		c.looks++
		if id, took := held[c.team][lease]; took {
			_, err := q.Return(ctx, id, Actor{Agent: c.agent, Lease: lease})
			if err != nil && !errors.Is(err, ErrTaken) && !errors.Is(err, ErrClosed) && !errors.Is(err, ErrNone) {
				return returned, err
			}
			returned++
			c.looks = lostLooks + 1
		}
		q.lost.note(lease, c)
	}
	return returned, nil
}

// leases are those under which a team's tasks are held: lease → task.
func (q *Queue) leases(ctx context.Context, team string) (map[string]string, error) {
	ids, err := q.store.Redis().ZRange(ctx, heldKey(team), 0, -1).Result()
	if err != nil {
		return nil, store.Cause(err)
	}
	tasks, err := q.Tasks(ctx, ids...)
	if err != nil {
		return nil, err
	}
	leases := make(map[string]string, len(tasks))
	for _, t := range tasks {
		leases[t.Lease] = t.ID
	}
	return leases, nil
}
