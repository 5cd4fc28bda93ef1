package queue

import (
	"context"
	"errors"
	"regexp"
	"slices"

	"loket/internal/message"
	"loket/internal/store"
)

// OutcomeErased is that of a task that was open when its customer was forgotten.
const OutcomeErased = "erased"

// A Forgetting says what of a task is a person's.
type Forgetting struct {
	// Whole: nothing of anybody else is in the task. It is closed, and what colleagues noted in it goes too.
	Whole bool
	// Began: the person began the task, whatever is in it now.
	Began bool
	// Identifiers by which the task must not be found any more, whatever their level.
	Identifiers []message.Identifier
	// Replies are the answers to the person.
	Replies []string
	// Copies are answers to others of which the person, with the identifiers Copied, had a copy.
	Copies []string
	Copied []message.Identifier
	// Drafts are those of answers to the person.
	Drafts []string
}

// Forget takes out of a task what is a person's: sender, name, subject, and the answers that are still held here. What
// figures need stays: instants, team, rule, tags, outcome. It tells whether anything went, and whether an answer is
// being sent this moment, so that it must be done again. Doing it again when nothing does is harmless.
func (q *Queue) Forget(ctx context.Context, id string, f Forgetting) (went, busy bool, err error) {
	// What the archive has is brought back: it is forgotten in one way, and no document of it is left behind.
	if _, err := q.restore(ctx, id, true); err != nil {
		return false, false, err
	}
	t, err := q.Task(ctx, id)
	if errors.Is(err, ErrNone) {
		return false, false, nil
	}
	if err != nil {
		return false, false, err
	}
	if went, busy, err = q.forgetReplies(ctx, t, f); err != nil {
		return went, busy, err
	}
	gone, err := q.forgetInTask(ctx, id, f)
	return went || gone, busy, wrap(err, "forget in task %s", id)
}

// forgetReplies is Forget of the answers to the person, and of their copies of others.
func (q *Queue) forgetReplies(ctx context.Context, t *Task, f Forgetting) (went, busy bool, err error) {
	replies := slices.Clone(f.Replies)
	if f.Whole {
		replies = append(replies, t.Sending...)
	}
	slices.Sort(replies)
	for _, reply := range slices.Compact(replies) {
		gone, held, err := q.forgetReply(ctx, reply)
		if err != nil {
			return went, busy, wrap(err, "forget reply %s", reply)
		}
		went, busy = went || gone, busy || held
	}
	for _, reply := range f.Copies {
		gone, err := q.forgetCopy(ctx, reply, f.Copied)
		if err != nil {
			return went, busy, wrap(err, "forget copy of reply %s", reply)
		}
		went = went || gone
	}
	return went, busy, nil
}

// forgetInTask is Forget of the card, the drafts, and what leads to the task.
func (q *Queue) forgetInTask(ctx context.Context, id string, f Forgetting) (went bool, err error) {
	keys, err := q.tracesOf(ctx, id, f)
	if err != nil {
		return false, err
	}
	_, err = q.change(ctx, id, newToken(), func(c *change) error {
		drafts, err := q.forgetDrafts(ctx, c, f)
		if err != nil {
			return err
		}
		if !c.forget(f) && !drafts && len(keys.sets)+len(keys.whole) == 0 {
			return errUnchanged
		}
		c.tx.MakeRoom()
		for _, key := range keys.sets {
			c.tx.ZRem(key, id)
		}
		for _, key := range keys.whole {
			c.tx.Del(key)
		}
		return nil
	})
	if errors.Is(err, errUnchanged) {
		return false, nil
	}
	return err == nil, err
}

// forget empties the card, and tells whether there was anything.
func (c *change) forget(f Forgetting) bool {
	t := &c.task
	went := false
	if (f.Whole || f.Began) && (t.Subject != "" || t.Name != "" || len(t.From) > 0 || t.Failure != "") {
		t.Subject, t.Name, t.From, t.Failure = "", "", nil, ""
		went = true
	}
	if f.Whole && t.State != Closed {
		c.close(OutcomeErased)
		went = true
	}
	return went
}

// traces are the keys, beside the card, that hold something of a person in a task.
type traces struct {
	sets  []string // of tasks; this one goes from them
	whole []string
}

func (q *Queue) tracesOf(ctx context.Context, id string, f Forgetting) (traces, error) {
	var found traces
	rdb := q.store.Redis()
	for _, i := range f.Identifiers {
		key := senderKey(i.String())
		scores, err := rdb.ZMScore(ctx, key, id).Result()
		if err != nil {
			return found, store.Cause(err)
		}
		if scores[0] > 0 {
			found.sets = append(found.sets, key)
		}
	}
	if !f.Whole {
		return found, nil
	}
	n, err := rdb.Exists(ctx, notesKey(id)).Result()
	if n > 0 {
		found.whole = append(found.whole, notesKey(id))
	}
	return found, store.Cause(err)
}

// forgetReply empties an answer, and ends it if it has not gone out. One that somebody hands to its channel this moment
// is left: held tells so.
func (q *Queue) forgetReply(ctx context.Context, id string) (went, held bool, err error) {
	err = q.changeReply(ctx, id, func(c *change) error {
		r, now := c.reply, millis(c.now)
		held = r.State.open() && r.Token != "" && r.Next > now
		if held || r.Message == nil && r.Error == "" && r.Digest == "" && len(r.Cc)+len(r.Missed) == 0 {
			return errUnchanged
		}
		c.tx.MakeRoom()
		if r.ChannelID != "" { // what the channel says of it later is nobody's
			c.tx.DelField(channelIDKey, r.Connector+"\x00"+r.ChannelID)
		}
		if r.State.open() {
			r.State, r.Next = ReplyGaveUp, 0
			e := c.event(ReplyMoved)
			e.Message, e.Reason = r.ID, "forgotten"
		}
		r.Message, r.Error, r.Digest, r.Token, r.ChannelID = nil, "", "", "", ""
		r.To, r.Cc, r.Missed = nil, nil, nil
		c.task.Sending = slices.DeleteFunc(c.task.Sending, func(s string) bool { return s == r.ID })
		return nil
	})
	switch {
	case errors.Is(err, errUnchanged), errors.Is(err, ErrNone):
		return false, held, nil
	}
	return err == nil, held, err
}

// forgetCopy takes a person out of those who had a copy of an answer to somebody else.
func (q *Queue) forgetCopy(ctx context.Context, id string, who []message.Identifier) (bool, error) {
	theirs := func(c string) bool {
		return slices.ContainsFunc(who, func(w message.Identifier) bool { return w.String() == c })
	}
	err := q.changeReply(ctx, id, func(c *change) error {
		r := c.reply
		if !slices.ContainsFunc(r.Cc, theirs) {
			return errUnchanged
		}
		c.tx.MakeRoom()
		r.Cc = slices.DeleteFunc(slices.Clone(r.Cc), theirs)
		r.Missed = slices.DeleteFunc(slices.Clone(r.Missed), func(m Missed) bool { return theirs(m.To) })
		return nil
	})
	if errors.Is(err, errUnchanged) || errors.Is(err, ErrNone) {
		return false, nil
	}
	return err == nil, err
}

// address is what mail addresses and numbers look like in what channels answer.
var address = regexp.MustCompile(`(?:"[^"]*"|[^\s<>"'(),:;=]+)@[^\s<>"'(),:;=]+|\+?[0-9](?:[ ().-]{0,2}[0-9]){7,}`)

// withoutAddresses is a channel's reason as it may stand in events, which are kept whatever is forgotten.
func withoutAddresses(reason string) string { return address.ReplaceAllString(reason, "…") }
