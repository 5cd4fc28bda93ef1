package kpi

import (
	"context"
	"slices"
	"time"

	"loket/router/queue"
)

// running gives a row for each wait of the teams that runs now, nil for all teams. They come from the queue itself: it
// is the truth of what is open.
func (l *Ledger) running(ctx context.Context, teams []string, now time.Time) (*chunk, error) {
	if teams == nil {
		var err error
		if teams, err = l.queue.TeamsInUse(ctx); err != nil {
			return nil, err
		}
	}
	open, err := l.queue.OpenWaits(ctx, teams...)
	if err != nil {
		return nil, err
	}
	rows := make([]Row, len(open))
	for i, t := range open {
		rows[i] = l.runningRow(t, now)
	}
	return decode(encode(rows))
}

func (l *Ledger) runningRow(t *queue.Task, now time.Time) Row {
	e := &queue.Event{
		ID: ID{now.UnixMilli(), int64(0)}.String(), Type: queue.Replied, At: now.UnixMilli(), Number: t.Number, Team: t.Team, Agent: t.Agent,
		Channel: t.Channel, Connector: t.Connector, Priority: t.Priority, Rule: t.Rule, Tags: t.Tags,
		Wait: t.Wait, WaitSince: t.Since, WaitDue: t.WaitDue, WaitEnded: true,
	}
	r := Fold(e, l.working)[0]
	r.Kind, r.Ending, r.DueSoon = Running, NoWait, t.DueSoon(now.UnixMilli())
	return r
}

// A Snapshot is how many waits of a team and priority run now.
type Snapshot struct {
	Team, Priority             string
	Backlog, DueSoon, Breached int
	OldestWait                 float64 // seconds
}

// Snapshots counts the waits of the teams that run now, by team and priority.
func (l *Ledger) Snapshots(ctx context.Context, teams []string, now time.Time) ([]Snapshot, error) {
	open, err := l.queue.OpenWaits(ctx, teams...)
	if err != nil {
		return nil, err
	}
	var all []Snapshot
	for _, t := range open {
		i := slices.IndexFunc(all, func(s Snapshot) bool { return s.Team == t.Team && s.Priority == t.Priority })
		if i < 0 {
			i = len(all)
			all = append(all, Snapshot{Team: t.Team, Priority: t.Priority})
		}
		s := &all[i]
		s.Backlog++
		s.OldestWait = max(s.OldestWait, float64(now.UnixMilli()-t.Since)/1000)
		if t.DueSoon(now.UnixMilli()) {
			s.DueSoon++
		}
		if t.WaitDue > 0 && now.UnixMilli() > t.WaitDue {
			s.Breached++
		}
	}
	return all, nil
}
