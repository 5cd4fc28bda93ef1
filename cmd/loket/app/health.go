package app

import (
	"context"
	"fmt"
	"time"

	"loket/internal/spool"
	"loket/internal/store"
	"loket/router/intake"
	"loket/router/queue"
)

// health answers whether messages can be accepted, and what an operator should know beside.
type health struct {
	store  *store.Store
	intake *intake.Intake
	spool  *spool.Spool
	queue  *queue.Queue
	rules  *rules
	list   []*channel
}

// ready is true when an accepted message would be safe. The reasons may say more, also when it is.
func (h *health) ready(ctx context.Context) (bool, []string) {
	now := h.store.Look(ctx)
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	ok, reasons := true, []string(nil)
	if !h.store.Info().Durable {
		reasons = append(reasons, "the store is a stand-in that keeps nothing: install redis-server or valkey-server")
	}
	switch {
	case !now.Reads:
		reasons = append(reasons, "the store is away: "+now.Cause+"; messages are accepted into the spool, agents cannot work")
	case !now.Writes:
		reasons = append(reasons, "the store refuses to write: "+now.Cause+"; messages are accepted into the spool, agents can only read")
	}
	st, _ := h.intake.Status(ctx) // what it can't tell is the store's, said above
	if st.SpoolMessages > 0 && h.store.Info().Durable {
		reasons = append(reasons, fmt.Sprintf("the spool holds %d messages (%d bytes), the oldest since %s",
			st.SpoolMessages, st.SpoolBytes, st.SpoolOldest.UTC().Format(time.RFC3339)))
	}
	if st.SpoolBad > 0 {
		reasons = append(reasons, fmt.Sprintf("%d files of the spool could not be read and were set aside", st.SpoolBad))
	}
	if st.Quarantine > 0 {
		reasons = append(reasons, fmt.Sprintf("%d messages are in quarantine", st.Quarantine))
	}
	reasons = append(reasons, h.channels(ctx)...)
	if err := h.spool.Writable(); err != nil {
		ok = false
		reasons = append(reasons, "the spool cannot be written: "+err.Error())
	}
	return ok, reasons
}

// longOutgoing is from when on it is worth knowing that an answer waits to go out.
const longOutgoing = 5 * time.Minute

// channels is which of them are not well, inwards or outwards. What they say of it may name addresses, so that only the
// status tells it.
func (h *health) channels(ctx context.Context) []string {
	var reasons []string
	for _, c := range h.list {
		switch s := c.status(); {
		case s.State == "in trouble":
			reasons = append(reasons, fmt.Sprintf("connector %s is in trouble: loket status says why", c.name))
		case s.State == "stopped" && s.Error != "":
			reasons = append(reasons, fmt.Sprintf("connector %s gave up and needs another configuration: loket status says why", c.name))
		}
	}
	waiting, _ := h.queue.Outgoing(ctx) // with the store away that is said already
	for _, o := range waiting {
		if time.Since(o.Oldest) > longOutgoing {
			reasons = append(reasons, fmt.Sprintf("%d answers wait to go out by %s, the oldest since %s", o.Waiting, o.Connector, o.Oldest.UTC().Format(time.RFC3339)))
		}
	}
	return reasons
}
