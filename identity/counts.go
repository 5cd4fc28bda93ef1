package identity

import "sync/atomic"

// Counts are what a registry did since its process began, for figures and alarms.
type Counts struct {
	Created int64 // customers
	Joined  int64 // times that two customers or more became one
	Refused int64 // facts that contradict what is known
	Tripped int64 // joins that were only suggested, because there were too many
	Retried int64 // changes computed again because others were faster
}

// Counts gives what the registry did so far.
func (r *Registry) Counts() Counts {
	return Counts{
		Created: r.counts.created.Load(), Joined: r.counts.joined.Load(), Refused: r.counts.refused.Load(),
		Tripped: r.counts.tripped.Load(), Retried: r.counts.retries.Load(),
	}
}

type counts struct{ created, joined, refused, tripped, retries atomic.Int64 }

// tally counts what was committed.
func (w *writing) tally() {
	w.reg.counts.created.Add(int64(len(w.fresh)))
	w.reg.counts.joined.Add(int64(len(w.joins)))
	for _, r := range w.p.Refused {
		if !w.view.refused[r.from] {
			w.reg.counts.refused.Add(1)
		}
	}
}
