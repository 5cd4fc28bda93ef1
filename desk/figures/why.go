package figures

import (
	"time"

	"loket/router/kpi"
	"loket/router/queue"
)

// A Why is what a wait went through until it ended, or until now: the reasons for which it took long.
type Why struct {
	Unclaimed time.Duration // until somebody first took it
	Elsewhere time.Duration // with other teams before
	Transfers int           // to other teams
	Rests     int           // set to wait by one of us
	Returned  int           // given back, or not kept until the lease ran out
	Failed    int           // answers that did not arrive
}

// whyOf reads the reasons from what the figure measured and from the task's history, which holds the newest steps.
func whyOf(i *kpi.Item, t *queue.Task) Why {
	var w Why
	if i.Wall == kpi.None {
		return w
	}
	since := i.At - i.Wall
	if i.Speed != kpi.None {
		w.Unclaimed = milliseconds(i.Speed)
	}
	if i.Held != kpi.None {
		w.Elsewhere = milliseconds(i.Wall - i.Held)
	}
	if i.Kind == kpi.Running {
		w.Unclaimed, w.Elsewhere = milliseconds(i.Wall), milliseconds(max(0, t.TeamSince-since))
		if t.PickedAt >= since {
			w.Unclaimed = milliseconds(t.PickedAt - since)
		}
	}
	for _, step := range t.History {
		if step.At < since || step.At > i.At {
			continue
		}
		switch step.Type {
		case queue.Transferred:
			w.Transfers++
		case queue.Parked:
			w.Rests++
		case queue.Returned, queue.Expired:
			w.Returned++
		case queue.ReplyFailed:
			w.Failed++
		}
	}
	return w
}

func milliseconds(ms int64) time.Duration { return time.Duration(ms) * time.Millisecond }
