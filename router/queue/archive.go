package queue

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"loket/internal/message"
	"loket/internal/store"
)

// archiveKind is what tasks are called in the archive.
const archiveKind = "task"

// document is a task as the archive keeps it: card, notes, drafts and replies as they stood in the store, and the
// identifiers that it is found by.
type document struct {
	Card    string            `json:"card"`
	Notes   []string          `json:"notes,omitempty"`
	Drafts  map[string]string `json:"drafts,omitempty"`
	Replies map[string]string `json:"replies,omitempty"`
	Senders []string          `json:"senders,omitempty"`
}

// Archived is what the archive has of a task beside its card.
type Archived struct {
	Notes   []Note
	Drafts  []Draft
	Replies map[string]*Reply
}

// Settled tells whether all of these tasks are over: closed, and nothing said in them since before. One that is archived,
// or not there, is over too.
// So is one that goes on in another only when that one is.
func (q *Queue) Settled(ctx context.Context, before time.Time, ids ...string) (bool, error) {
	for range changeTries {
		tasks, err := q.live(ctx, ids...)
		if err != nil || slices.ContainsFunc(tasks, func(t *Task) bool { return !t.settled(before) }) {
			return false, err
		}
		ids = nil
		for _, t := range tasks {
			if t.Into.ID != "" {
				ids = append(ids, t.Into.ID)
			}
		}
		if len(ids) == 0 {
			return true, nil
		}
	}
	return false, ErrBusy
}

func (t *Task) settled(before time.Time) bool {
	return t.State == Closed && t.ClosedAt < millis(before) && t.Last < millis(before)
}

// Settling gives tasks of a team that were closed before an instant, the longest closed first. No task comes twice in one
// walk through the pages.
func (q *Queue) Settling(ctx context.Context, team string, before time.Time, limit int, cursor string) (Page, error) {
	from, err := parseCursor(cursor)
	if err != nil {
		return Page{}, err
	}
	marks, err := q.before(ctx, closedKey(team), from, limit)
	if err != nil {
		return Page{}, fmt.Errorf("list closed tasks of %s: %w", team, store.Cause(err))
	}
	var page Page
	if len(marks) == limit {
		page.Cursor = marks[limit-1].String()
	}
	ids := make([]string, 0, len(marks))
	for _, m := range marks {
		if -m.score >= millis(before) {
			page.Cursor = ""
			break
		}
		ids = append(ids, m.id)
	}
	page.Tasks, err = q.live(ctx, ids...)
	return page, err
}

// Remains is what belongs to a task and only its threads know.
type Remains struct {
	Senders []message.Identifier // who wrote in it
	Replies []string             // answers that were given in it
}

// Archive moves a task that is over since before to the archive, and tells whether it did. It is found by its id, its
// number and who wrote, as before; what remains of it in the store is its number and a line for each identifier. Doing it
// again is harmless; so is dying on the way: the store lets go of the task in one step, when the document is on the disk,
// and only if nothing changed meanwhile.
func (q *Queue) Archive(ctx context.Context, id string, before time.Time, rest Remains) (bool, error) {
	unlock, err := q.archive.Lock(ctx, archiveKind, id)
	if err != nil {
		return false, err
	}
	defer unlock()
	d, t, err := q.documentOf(ctx, id, rest)
	if err != nil || t == nil || !t.settled(before) || d.busy() {
		return false, wrap(err, "archive task %s", id)
	}
	if err := q.archive.Put(ctx, archiveKind, id, d); err != nil {
		return false, err
	}
	q.step("archive-task-written")
	went, err := q.store.Commit(ctx, d.letGo(t))
	if err != nil {
		return false, fmt.Errorf("archive task %s: %w", id, err)
	}
	q.step("archive-task-gone")
	if went {
		return true, nil
	}
	// It changed, or it went and the answer got lost.
	left, err := q.live(ctx, id)
	if err != nil || len(left) == 0 {
		return err == nil, err
	}
	return false, q.archive.Delete(ctx, archiveKind, id)
}

// Restore brings an archived task back into the store with all that belongs to it, because somebody does something with
// it, and tells whether it was archived. The document stays until the task is archived again: a store may lose its last
// second with the power, and nobody reads it while the store has the task.
func (q *Queue) Restore(ctx context.Context, id string) (bool, error) {
	return q.restore(ctx, id, false)
}

// restore is Restore; with drop the document goes when all of it is in the store.
func (q *Queue) restore(ctx context.Context, id string, drop bool) (bool, error) {
	if q.archive == nil {
		return false, nil
	}
	if there, err := q.archive.Has(ctx, archiveKind, id); !there || err != nil {
		return false, err
	}
	unlock, err := q.archive.Lock(ctx, archiveKind, id)
	if err != nil {
		return false, err
	}
	defer unlock()
	d, t, err := q.fromArchive(ctx, id)
	if d == nil || err != nil {
		return false, err
	}
	tx, err := d.bringBack(t)
	if err != nil {
		return false, fmt.Errorf("restore task %s: %w", id, err)
	}
	// A task that is in the store already is newer than its document.
	if _, err := q.store.Commit(ctx, tx); err != nil {
		return false, fmt.Errorf("restore task %s: %w", id, err)
	}
	q.step("restore-task-back")
	if !drop {
		return true, nil
	}
	return true, q.archive.Delete(ctx, archiveKind, id)
}

// documentOf makes the document of a task in the store; without a task when it is not there.
func (q *Queue) documentOf(ctx context.Context, id string, rest Remains) (*document, *Task, error) {
	cards, err := q.store.Redis().HMGet(ctx, tasksKey, id).Result()
	if err != nil {
		return nil, nil, store.Cause(err)
	}
	card, _ := cards[0].(string)
	if card == "" {
		return nil, nil, nil
	}
	t, err := decodeTask(card)
	if err != nil {
		return nil, nil, err
	}
	d := &document{Card: card, Replies: map[string]string{}}
	pipe := q.store.Redis().Pipeline()
	notes, drafts := pipe.LRange(ctx, notesKey(id), 0, -1), pipe.HGetAll(ctx, draftsKey(id))
	ids := slices.Compact(slices.Sorted(slices.Values(slices.Concat(rest.Replies, t.Sending))))
	replies := pipe.HMGet(ctx, repliesKey, append([]string{""}, ids...)...) // one more, as none cannot be asked for
	if _, err := pipe.Exec(ctx); err != nil && !errors.Is(err, redis.Nil) {
		return nil, nil, store.Cause(err)
	}
	d.Notes, d.Drafts = notes.Val(), drafts.Val()
	for i, v := range replies.Val()[1:] {
		if reply, _ := v.(string); reply != "" {
			d.Replies[ids[i]] = reply
		}
	}
	for _, i := range slices.Concat(t.From, rest.Senders) {
		d.Senders = append(d.Senders, i.String())
	}
	slices.Sort(d.Senders)
	d.Senders = slices.Compact(d.Senders)
	return d, t, nil
}

// busy tells whether an answer is still on its way.
func (d *document) busy() bool {
	for _, card := range d.Replies {
		if r, err := decodeReply(card); err != nil || r.pending() && r.Next > 0 {
			return true
		}
	}
	return false
}

// letGo takes the task out of the store, and leaves what leads to its document.
func (d *document) letGo(t *Task) *store.Tx {
	tx := &store.Tx{}
	tx.MakeRoom()
	tx.IfField(tasksKey, t.ID, d.Card)
	tx.DelField(tasksKey, t.ID)
	for _, key := range slices.Sorted(maps.Keys(t.places())) {
		tx.ZRem(key, t.ID)
	}
	number := strconv.FormatInt(t.Number, 10)
	tx.DelField(numbersKey, number)
	tx.SetField(oldNumbersKey(t.Number), number, t.ID)
	for _, sender := range d.Senders {
		tx.ZRem(senderKey(sender), t.ID)
		tx.ZAdd(oldSendersKey(sender), 0, oldSender(sender)+t.ID)
	}
	tx.Del(notesKey(t.ID))
	tx.Del(draftsKey(t.ID))
	tx.Del(looksKey(t.ID))
	for _, id := range slices.Sorted(maps.Keys(d.Replies)) {
		tx.IfField(repliesKey, id, d.Replies[id])
		tx.DelField(repliesKey, id)
		if r, err := decodeReply(d.Replies[id]); err == nil && r.ChannelID != "" {
			tx.DelField(channelIDKey, r.Connector+"\x00"+r.ChannelID)
		}
	}
	return tx
}

// bringBack is letGo the other way round, if the task is not in the store.
func (d *document) bringBack(t *Task) (*store.Tx, error) {
	tx := &store.Tx{}
	tx.IfField(tasksKey, t.ID, "")
	tx.SetField(tasksKey, t.ID, d.Card)
	places := t.places()
	for _, key := range slices.Sorted(maps.Keys(places)) {
		tx.ZAdd(key, places[key], t.ID)
	}
	number := strconv.FormatInt(t.Number, 10)
	tx.SetField(numbersKey, number, t.ID)
	tx.DelField(oldNumbersKey(t.Number), number)
	for _, sender := range d.Senders {
		tx.ZAdd(senderKey(sender), t.Created, t.ID)
		tx.ZRem(oldSendersKey(sender), oldSender(sender)+t.ID)
	}
	for _, n := range d.Notes {
		tx.Append(notesKey(t.ID), n)
	}
	for _, agent := range slices.Sorted(maps.Keys(d.Drafts)) {
		tx.SetField(draftsKey(t.ID), agent, d.Drafts[agent])
	}
	for _, id := range slices.Sorted(maps.Keys(d.Replies)) {
		r, err := decodeReply(d.Replies[id])
		if err != nil {
			return nil, err
		}
		tx.SetField(repliesKey, id, d.Replies[id])
		if r.ChannelID != "" {
			tx.SetField(channelIDKey, r.Connector+"\x00"+r.ChannelID, id)
		}
	}
	return tx, nil
}
