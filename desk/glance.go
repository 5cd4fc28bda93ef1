package desk

import (
	"context"

	"loket/desk/access"
)

// Glance gives tasks as they stand in lists, of those with these ids that by may see; what is not there is left out.
func (d *Desk) Glance(ctx context.Context, by access.Actor, ids ...string) ([]*Task, error) {
	tasks, err := d.queue.Tasks(ctx, ids...)
	if err != nil {
		return nil, err
	}
	return d.Summaries(ctx, visible(by.Principal, tasks))
}

// LastEvent is the id of the newest event of all, after which somebody can follow who reads the tasks now; "0-0" before the first.
func (d *Desk) LastEvent(ctx context.Context) (string, error) { return d.queue.LastEvent(ctx) }

// EventsAfter gives the events after the one with the id, at most about most, and tells whether that is all of them.
func (d *Desk) EventsAfter(ctx context.Context, by access.Actor, after string, most int) (events []Event, all bool, err error) {
	const atOnce = 500
	if err := eventIDMistake(after); err != nil {
		return nil, false, err
	}
	f := Following{Event: func(e Event) error {
		events = append(events, e)
		return nil
	}}
	for read := 0; read < most; {
		missed, err := d.queue.Since(ctx, after, atOnce)
		if err != nil {
			return nil, false, err
		}
		for i := range missed {
			if err := d.tell(by, &f, &missed[i]); err != nil {
				return nil, false, err
			}
		}
		if len(missed) < atOnce {
			return events, true, nil
		}
		after = missed[len(missed)-1].ID
		read += len(missed)
	}
	return events, false, nil
}
