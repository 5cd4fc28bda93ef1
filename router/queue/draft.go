package queue

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"loket/internal/message"
	"loket/internal/store"
)

// A Draft is an answer that was not taken, as when its author had lost the task. It stays with the task until somebody
// sends it or drops it.
type Draft struct {
	ID          string               `json:"-"` // that of the answer it becomes when it is sent
	Agent       string               `json:"agent"`
	At          time.Time            `json:"at"`
	Reason      string               `json:"reason,omitempty"` // why it was not taken
	Text        string               `json:"text"`
	HTML        string               `json:"html,omitempty"`
	Attachments []message.Attachment `json:"attachments,omitempty"`
	// Where it was to go: the way that was asked for, the thread this came to, and to whom.
	Via    string               `json:"via,omitempty"`
	Thread string               `json:"thread,omitempty"`
	To     []message.Identifier `json:"to,omitempty"`
	Cc     []message.Identifier `json:"cc,omitempty"`
	// Whom and ToOthers are those of the answer.
	Whom     string `json:"whom,omitempty"`
	ToOthers bool   `json:"to_others,omitempty"`
	// Key is that of the answer: whoever sends the draft, and however often, gives one answer.
	Key string `json:"key,omitempty"`
}

// What is kept of drafts in one task: so many, of so many bytes as stored.
const (
	maxDrafts     = 50
	maxDraftBytes = 4 << 20
)

// KeepDraft keeps an answer that was not taken and gives the draft, which is the one there is when its author said the same
// before. Its ID and At are set here. ErrFull when the task has no room for it: then nothing is kept.
func (q *Queue) KeepDraft(ctx context.Context, id string, d Draft) (*Draft, error) {
	if d.Key == "" {
		d.Key = newToken()
	}
	var kept *Draft
	// A change of the task, so that it does not go to the archive without the draft, and that all of them are counted.
	_, err := q.changeCurrent(ctx, id, newToken(), func(c *change) error {
		id := c.task.ID
		have, size, err := q.drafts(ctx, id)
		if err != nil {
			return err
		}
		if i := slices.IndexFunc(have, d.same); i >= 0 {
			kept = &have[i]
			return errUnchanged
		}
		kept = &d
		d.At, d.ID = c.now, ReplyID(id, d.Key)
		if n := len(have); n > 0 && !d.At.After(have[n-1].At) { // within one millisecond they keep their order too
			d.At = have[n-1].At.Add(time.Millisecond)
		}
		if slices.ContainsFunc(have, func(o Draft) bool { return o.ID == d.ID }) { // other words under the same key
			d.Key = newToken()
			d.ID = ReplyID(id, d.Key)
		}
		body := d.encode()
		if len(have) >= maxDrafts || size+len(body) > maxDraftBytes {
			return c.task.refuse(ErrFull, "has no room for one more draft: it has %d, of %d bytes; send or drop some", len(have), size)
		}
		c.tx.SetField(draftsKey(id), d.ID, body)
		c.task.Drafts = len(have) + 1
		return nil
	})
	if errors.Is(err, errUnchanged) {
		err = nil
	}
	return kept, wrap(err, "keep draft of task %s", id)
}

// same tells whether o is the same answer by the same author, whenever it was given.
func (d *Draft) same(o Draft) bool {
	return d.Agent == o.Agent && d.Text == o.Text && d.HTML == o.HTML && d.Via == o.Via && d.Thread == o.Thread && d.Whom == o.Whom &&
		slices.EqualFunc(d.Attachments, o.Attachments, sameFile)
}

// sameFile compares two files by what they are called and the end of their blobs' names, which is a digest.
func sameFile(a, b message.Attachment) bool {
	_, first, _ := strings.Cut(a.Blob, "/")
	_, second, _ := strings.Cut(b.Blob, "/")
	return a.Name == b.Name && a.Type == b.Type && a.Size == b.Size && first == second
}

// DropDraft drops a draft and gives it as it was. ErrNoDraft when there is none.
func (q *Queue) DropDraft(ctx context.Context, id, draft string) (*Draft, error) {
	var dropped *Draft
	_, err := q.change(ctx, id, newToken(), func(c *change) error {
		have, _, err := q.drafts(ctx, id)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(have, func(d Draft) bool { return d.ID == draft })
		if i < 0 {
			return ErrNoDraft
		}
		dropped = &have[i]
		c.tx.DelField(draftsKey(id), draft)
		c.task.Drafts = len(have) - 1
		return nil
	})
	return dropped, wrap(err, "drop draft of task %s", id)
}

// spend takes out the drafts that an answer says: the one it is sent from, the one that was kept of this very answer, and
// those of the same author with the same words to the same people, unless they have files.
func (q *Queue) spend(ctx context.Context, c *change, r *Reply, a Answer) error {
	sent := a.Draft
	if c.task.Drafts == 0 && sent == "" {
		return nil
	}
	have, _, err := q.drafts(ctx, c.task.ID)
	if err != nil {
		return err
	}
	if sent != "" && !slices.ContainsFunc(have, func(d Draft) bool { return d.ID == sent }) {
		return ErrNoDraft
	}
	c.task.Drafts = len(have)
	for _, d := range have {
		said := d.Agent == c.agent && d.Text == r.Message.Text && d.HTML == r.Message.HTML && d.Whom == a.Whom && len(d.Attachments) == 0
		if said || d.ID == sent || d.ID == r.ID {
			c.tx.DelField(draftsKey(c.task.ID), d.ID)
			c.task.Drafts--
		}
	}
	return nil
}

// forgetDrafts takes out drafts of answers to a person, and tells whether there were any.
func (q *Queue) forgetDrafts(ctx context.Context, c *change, f Forgetting) (bool, error) {
	have, _, err := q.drafts(ctx, c.task.ID)
	if err != nil {
		return false, err
	}
	left := len(have)
	for _, d := range have {
		if f.Whole || slices.Contains(f.Drafts, d.ID) {
			c.tx.DelField(draftsKey(c.task.ID), d.ID)
			left--
		}
	}
	c.task.Drafts = left
	return left < len(have), nil
}

// Drafts gives the drafts of a task in the store, oldest first.
func (q *Queue) Drafts(ctx context.Context, id string) ([]Draft, error) {
	drafts, _, err := q.drafts(ctx, id)
	return drafts, wrap(err, "read drafts of task %s", id)
}

// drafts gives them with the bytes they take. Whoever changes them changes the card too: read after the card, they are what
// belongs to it, or the change is not stored.
func (q *Queue) drafts(ctx context.Context, id string) ([]Draft, int, error) {
	raw, err := q.store.Redis().HGetAll(ctx, draftsKey(id)).Result()
	if err != nil {
		return nil, 0, store.Cause(err)
	}
	size := 0
	for _, body := range raw {
		size += len(body)
	}
	drafts, err := decodeDrafts(raw)
	return drafts, size, err
}

func (d *Draft) encode() string {
	b, err := json.Marshal(d)
	if err != nil {
		panic(err) // strings and times always encode
	}
	return string(b)
}

func decodeDrafts(raw map[string]string) ([]Draft, error) {
	var out []Draft
	for id, body := range raw {
		d := Draft{ID: id}
		if err := json.Unmarshal([]byte(body), &d); err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	slices.SortFunc(out, func(a, b Draft) int { return cmp.Or(a.At.Compare(b.At), strings.Compare(a.ID, b.ID)) })
	return out, nil
}

// checkDrafts looks whether each task has the drafts that its card counts, and nothing else has any.
func (q *Queue) checkDrafts(ctx context.Context, tasks map[string]*Task, found findings) error {
	keys := map[string]bool{}
	if err := q.scanKeys(ctx, draftsKey("*"), keys); err != nil {
		return err
	}
	for id, t := range tasks {
		if t.Drafts > 0 {
			keys[draftsKey(id)] = true
		}
	}
	for key := range keys {
		id := strings.TrimPrefix(key, draftsKey(""))
		have, _, err := q.drafts(ctx, id)
		if err != nil {
			found.add("drafts of task %s cannot be read: %v", id, err)
			continue
		}
		switch t := tasks[id]; {
		case t == nil:
			found.add("%d drafts belong to %s, which is no task", len(have), id)
		case t.Drafts != len(have):
			found.add("task %s has %d drafts, its card says %d", id, len(have), t.Drafts)
		}
	}
	return nil
}
