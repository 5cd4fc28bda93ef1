package intake

import (
	"cmp"
	"slices"
	"strings"

	"loket/router/queue"
)

// standing is the task that goes on with one.
func (w *world) standing(task string) string {
	for w.tasks[task].Into.ID != "" {
		task = w.tasks[task].Into.ID
	}
	return task
}

// merge lets the task with the id other go on in t.
func (w *world) merge(t *queue.Task, other string, by queue.Actor) error {
	o := w.tasks[other]
	switch {
	case o.ID == t.ID || o.Into.ID == t.ID:
		return nil
	case t.State == queue.Closed || o.Into.ID != "" || o.State == queue.Closed && o.Team != t.Team:
		return queue.ErrClosed
	case by.Lease != "" && by.Lease != t.Lease && by.Lease != o.Lease:
		return queue.ErrTaken
	case o.State == queue.Claimed && o.Agent != by.Agent:
		return queue.ErrTaken
	}
	sawAll := max(1, w.looks[look{t.ID, by.Agent}]) >= saidLast(t) && max(1, w.looks[look{o.ID, by.Agent}]) >= saidLast(&o)
	isOpen := o.State != queue.Closed
	if isOpen && o.Team != t.Team {
		intoLane(&o)
		if o.Since > 0 {
			o.WaitTeam = cmp.Or(o.WaitTeam, o.Team)
		}
		o.Team, o.Lease, o.FirstReply, o.NextReply, o.TeamSince = t.Team, "", 0, 0, now
		o.Hops++
	}
	before := t.Replies
	if isOpen {
		bothPromises(t, &o)
	}
	if o.Since > 0 {
		bothWaits(t, &o)
	}
	both(t, &o)
	t.Merged = append(slices.Clone(t.Merged), queue.Part{ID: o.ID, Number: o.Number, Replies: before})
	for _, p := range o.Merged {
		p.Replies += before
		t.Merged = append(t.Merged, p)
	}
	o.Into, o.Unattended, o.UnattendedAt = queue.Part{ID: t.ID, Number: t.Number}, 0, 0
	if isOpen {
		outOfHands(&o, queue.Closed)
		o.ClosedAt, o.Outcome, o.Since, o.LaneUntil = now, queue.OutcomeMerged, 0, 0
	}
	w.tasks[o.ID] = o
	if sawAll {
		w.looksAt(t, by.Agent, saidLast(t))
	}
	return nil
}

// both has what neither loses.
func both(t, o *queue.Task) {
	threads := [][]string{o.Threads, t.Threads} // the one that was written in last is where answers go
	if o.Last > t.Last {
		threads = [][]string{t.Threads, o.Threads}
	}
	var all []string
	for _, th := range threads[0] {
		if !slices.Contains(threads[1], th) {
			all = append(all, th)
		}
	}
	t.Threads = append(all, threads[1]...)
	t.Tags = slices.Clone(t.Tags)
	for _, tag := range o.Tags {
		if !slices.Contains(t.Tags, tag) {
			t.Tags = append(t.Tags, tag)
		}
	}
	t.Last, t.Replies, t.Answerer = max(t.Last, o.Last), t.Replies+o.Replies, cmp.Or(t.Answerer, o.Answerer)
}

// bothPromises holds what was promised of either.
func bothPromises(t, o *queue.Task) {
	if o.Band < t.Band {
		t.Band, t.Priority, t.NextReply = o.Band, o.Priority, 0
	}
	if t.State == queue.Waiting && o.State == queue.Waiting && o.Until > 0 && (t.Until == 0 || o.Until < t.Until) {
		t.Until = o.Until
	}
	if o.Wait == 0 {
		return
	}
	opened := cmp.Or(o.OpenedAt, o.Asked, o.Created)
	if t.Wait == 0 { // only machines wrote in it
		t.OpenedAt, t.Wait = opened, o.Wait
		if o.Since > 0 {
			t.Wait--
		}
		return
	}
	t.OpenedAt = min(opened, cmp.Or(t.OpenedAt, t.Asked, t.Created))
}

// bothWaits makes one wait of the one that runs in o and that of t.
func bothWaits(t, o *queue.Task) {
	if o.Created >= o.Since {
		says(t, queue.LaterMessage{At: o.Created})
	}
	for _, s := range o.Later {
		if s.At >= o.Since {
			says(t, s)
		}
	}
	turn := max(o.Since, o.TeamSince)
	if t.Since == 0 {
		t.Wait++
		t.Since, t.WaitDue, t.Due, t.PickedAt, t.Told = o.Since, o.WaitDue, o.Due, o.PickedAt, o.Told
		t.WaitTarget, t.WaitTeam = o.WaitTarget, o.WaitTeam
	} else {
		turn = min(turn, max(t.Since, t.TeamSince))
		if o.WaitDue < t.WaitDue {
			t.WaitTarget, t.WaitTeam = o.WaitTarget, o.WaitTeam
		}
		t.Since, t.WaitDue, t.Due, t.Told = min(t.Since, o.Since), min(t.WaitDue, o.WaitDue), min(t.Due, o.Due), max(t.Told, o.Told)
		if t.PickedAt == 0 || o.PickedAt > 0 && o.PickedAt < t.PickedAt {
			t.PickedAt = o.PickedAt
		}
	}
	if max(t.Since, t.TeamSince) != turn {
		t.TeamSince = turn
	}
	if t.State == queue.Waiting {
		intoLane(t)
	}
	if t.State == queue.Queued && o.State == queue.Queued {
		t.QueuedAt = min(t.QueuedAt, o.QueuedAt)
	}
}

// unmerge takes t out of the task that it goes on in.
func (w *world) unmerge(t *queue.Task) error {
	from := w.tasks[t.Into.ID]
	if from.Into.ID != "" {
		return queue.ErrClosed
	}
	ids := t.ID
	for _, p := range t.Merged {
		ids += " " + p.ID
	}
	var left []queue.Part
	for _, p := range from.Merged {
		if !strings.Contains(ids, p.ID) {
			left = append(left, p)
		}
	}
	from.Merged = left
	var last, first []string
	for _, th := range from.Threads {
		if slices.Contains(t.Threads, th) {
			first = append(first, th)
		} else {
			last = append(last, th)
		}
	}
	from.Threads = append(first, last...)
	w.tasks[from.ID] = from
	t.Into = queue.Part{}
	return nil
}
