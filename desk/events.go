package desk

import (
	"cmp"
	"context"
	"regexp"
	"strconv"
	"strings"
	"time"

	"loket/desk/access"
	"loket/internal/field"
	"loket/router/queue"
)

// An Event is one change of a task.
type Event struct {
	queue.Event
	Zone string // in which people read its times
}

// A Following says which events are wanted, and takes them.
type Following struct {
	Team  string // "" for all
	After string // the id of the last event seen; "" for from now on
	// Begin is called once, before the first event: from then on nothing is missed.
	Begin func() error
	// Event takes one event; its error ends the following.
	Event func(Event) error
	// Idle is called at every Beat, so that a follower who is gone is noticed.
	Idle func() error
	Beat time.Duration
}

// behind is how many events a follower may be late.
const behind = 1024

var eventIDForm = regexp.MustCompile(`^\d{1,15}(-\d{1,15})?$|^$`)

// Follow gives the events after f.After and then those that come, in order, each once, until ctx ends. It
// returns nil also when the follower cannot keep up: it follows again from what it saw last. With a team, the event
// that takes a task away from it is given too.
func (d *Desk) Follow(ctx context.Context, by access.Actor, f Following) error {
	if f.Team != "" {
		if err := d.team(f.Team); err != nil {
			return err
		}
		if err := by.Sees(f.Team); err != nil {
			return err
		}
	}
	if err := eventIDMistake(f.After); err != nil {
		return err
	}
	// Subscribing first, so that nothing falls between what was and what comes.
	sub := d.queue.Feed().Subscribe(behind)
	defer sub.Close()
	last, err := d.catchUp(ctx, by, &f)
	if err != nil {
		return err
	}
	beat := time.NewTicker(f.Beat)
	defer beat.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-beat.C:
			if err := f.Idle(); err != nil {
				return err
			}
		case e, ok := <-sub.C:
			if !ok {
				return nil
			}
			if CompareEvents(e.ID, last) <= 0 {
				continue
			}
			if err := d.tell(by, &f, &e); err != nil {
				return err
			}
		}
	}
}

// eventIDMistake says what is wrong with what a follower saw last.
func eventIDMistake(id string) error {
	if !eventIDForm.MatchString(id) {
		return field.Errorf("Last-Event-ID", "must be the id of an event")
	}
	return nil
}

// catchUp begins, gives what happened after f.After, and tells where that ends. With the store away it has not begun.
func (d *Desk) catchUp(ctx context.Context, by access.Actor, f *Following) (last string, err error) {
	const atOnce = 500
	last = f.After
	var missed []queue.Event
	if last != "" {
		if missed, err = d.queue.Since(ctx, last, atOnce); err != nil {
			return last, err
		}
	}
	if err := f.Begin(); err != nil {
		return last, err
	}
	for {
		for i := range missed {
			if err := d.tell(by, f, &missed[i]); err != nil {
				return last, err
			}
			last = missed[i].ID
		}
		if len(missed) < atOnce {
			return last, nil
		}
		if missed, err = d.queue.Since(ctx, last, atOnce); err != nil {
			return last, err
		}
	}
}

func (d *Desk) tell(by access.Actor, f *Following, e *queue.Event) error {
	asked := f.Team == "" || e.Team == f.Team || e.FromTeam == f.Team
	if !asked || by.Sees(e.Team) != nil && (e.FromTeam == "" || by.Sees(e.FromTeam) != nil) {
		return nil
	}
	v := Event{*e, d.zone(e.Team).String()}
	if e.Type == queue.Linked && by.Everywhere() != nil {
		v.Reason = "" // names the other task, which may be of any team
	}
	return f.Event(v)
}

// CompareEvents sorts ids of events as they happened; "" is before all.
func CompareEvents(a, b string) int {
	a1, a2 := eventID(a)
	b1, b2 := eventID(b)
	return cmp.Or(cmp.Compare(a1, b1), cmp.Compare(a2, b2))
}

func eventID(s string) (ms, n int64) {
	first, second, _ := strings.Cut(s, "-")
	ms, _ = strconv.ParseInt(first, 10, 64) // "" is before all
	n, _ = strconv.ParseInt(second, 10, 64)
	return ms, n
}
