package desk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"loket/desk/access"
	"loket/internal/store"
	"loket/router/queue"
)

// presentKey is a ZSET: "<task>|<team>|<person>|<look or write>" → until when that is so, ms.
const presentKey = "lk:{desk}:here"

// PresentFor is for how long somebody counts as being there who said so last.
const PresentFor = 30 * time.Second

// A Presence is somebody who has a task open. Its customer, whose Person is "", is there while they write.
type Presence struct {
	Task, Team, Person string
	Writes             bool // and is writing in it
}

// A Hold is a task that its person holds and has open: until when, as it was told last.
type Hold struct {
	Task  string
	Lease string
	Until int64
}

// Here says that a person has these tasks open. What they hold of them stays theirs, without anything else being done; whoever says so every
// half of PresentFor keeps it. It gives what they hold. Tasks that they may not see, or that are not there, are left out.
func (d *Desk) Here(ctx context.Context, by access.Actor, refs ...string) ([]Hold, error) {
	var held []Hold
	for _, ref := range refs {
		t, err := d.find(ctx, by.Principal, ref)
		if errors.Is(err, ErrNone) || errors.Is(err, access.ErrForbidden) {
			continue
		}
		if err != nil {
			return held, err
		}
		if err := d.isThere(ctx, t, by.Agent, "look"); err != nil {
			return held, err
		}
		if t, err = d.keepHolding(ctx, t, by.Agent); err != nil {
			return held, err
		}
		if t.State == queue.Claimed && t.Agent == by.Agent {
			held = append(held, Hold{Task: t.ID, Lease: t.Lease, Until: t.LeaseUntil})
		}
	}
	return held, nil
}

// keepHolding renews the lease of a task that the person holds, when a part of it is over.
func (d *Desk) keepHolding(ctx context.Context, t *queue.Task, agent string) (*queue.Task, error) {
	team, ok := d.router().Team(t.Team)
	if t.State != queue.Claimed || t.Agent != agent || ok && t.LeaseUntil-d.now().UnixMilli() > (team.Lease*2/3).Milliseconds() {
		return t, nil
	}
	now, err := d.queue.Heartbeat(ctx, t.ID, queue.Actor{Agent: agent, Lease: t.Lease})
	if errors.Is(err, ErrTaken) || errors.Is(err, ErrClosed) { // it changed just now
		return t, nil
	}
	return cmp.Or(now, t), err
}

func (d *Desk) isThere(ctx context.Context, t *queue.Task, person, does string) error {
	return d.note(ctx, t, person, does, PresentFor)
}

// customerWritesFor is for how long a customer counts as writing who pressed a key.
const customerWritesFor = 6 * time.Second

// CustomerWrites says that the customer is writing in the conversation of a task, for some seconds.
func (d *Desk) CustomerWrites(ctx context.Context, t *queue.Task) error {
	return d.note(ctx, t, "", "write", customerWritesFor)
}

// Writing gives the ids of the tasks in which one of us is writing now.
func (d *Desk) Writing(ctx context.Context) (map[string]bool, error) {
	members, err := d.present(ctx)
	if err != nil {
		return nil, err
	}
	writing := map[string]bool{}
	for _, m := range members {
		if part := strings.Split(m, "|"); len(part) == 4 && part[2] != "" && part[3] == "write" {
			writing[part[0]] = true
		}
	}
	return writing, nil
}

func (d *Desk) note(ctx context.Context, t *queue.Task, person, does string, lasts time.Duration) error {
	now := d.now()
	pipe := d.store.Redis().Pipeline()
	pipe.ZRemRangeByScore(ctx, presentKey, "-inf", strconv.FormatInt(now.UnixMilli(), 10))
	pipe.ZAdd(ctx, presentKey, redis.Z{Score: float64(now.Add(lasts).UnixMilli()), Member: strings.Join([]string{t.ID, t.Team, person, does}, "|")})
	if _, err := pipe.Exec(ctx); err != nil {
		return fmt.Errorf("note who is there: %w", store.Cause(err))
	}
	return nil
}

// Present gives who has tasks open now, of those teams that by may see: each person once for each task, in the order of tasks and names.
func (d *Desk) Present(ctx context.Context, by access.Actor) ([]Presence, error) {
	members, err := d.present(ctx)
	if err != nil {
		return nil, err
	}
	slices.Sort(members)
	var all []Presence
	for _, m := range members {
		part := strings.Split(m, "|")
		if len(part) != 4 || by.Sees(part[1]) != nil {
			continue
		}
		p := Presence{Task: part[0], Team: part[1], Person: part[2], Writes: part[3] == "write"}
		if n := len(all) - 1; n >= 0 && all[n].Task == p.Task && all[n].Person == p.Person {
			all[n].Writes = all[n].Writes || p.Writes
			continue
		}
		all = append(all, p)
	}
	return all, nil
}

// present are the members of the key that count now.
func (d *Desk) present(ctx context.Context) ([]string, error) {
	members, err := d.store.Redis().ZRangeByScore(ctx, presentKey, &redis.ZRangeBy{Min: "(" + strconv.FormatInt(d.now().UnixMilli(), 10), Max: "+inf"}).Result()
	if err != nil {
		return nil, fmt.Errorf("list who is there: %w", store.Cause(err))
	}
	return members, nil
}

// Left gives back what a person held and had open until a while ago, unless they have it open again, are writing in it, or somebody said
// meanwhile that they keep it.
func (d *Desk) Left(ctx context.Context, by access.Actor, h Hold) error {
	all, err := d.Present(ctx, by)
	if err != nil || slices.ContainsFunc(all, func(p Presence) bool { return p.Task == h.Task && p.Person == by.Agent }) {
		return err
	}
	t, err := d.queue.Task(ctx, h.Task)
	if err != nil {
		return err
	}
	if t.State != queue.Claimed || t.Lease != h.Lease || t.LeaseUntil > h.Until {
		return nil
	}
	if u, _, _, err := d.readUnfinished(ctx, t.ID, by.Agent); err != nil || !u.empty() {
		return err
	}
	_, err = d.queue.Return(ctx, t.ID, queue.Actor{Agent: by.Agent, Lease: h.Lease})
	return err
}
