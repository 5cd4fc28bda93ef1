package queue

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/oklog/ulid/v2"
	"github.com/redis/go-redis/v9"

	"loket/internal/archive"
	"loket/internal/store"
)

// oldSender is what the members about an identifier begin with.
func oldSender(identifier string) string {
	sum := sha256.Sum256([]byte(identifier))
	return oldSenderForm.EncodeToString(sum[:6]) + "."
}

var oldSenderForm = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// oldTasks gives the archived tasks in which an identifier wrote, newest first, up to n before a mark.
func (q *Queue) oldTasks(ctx context.Context, identifier string, m *mark, n int) ([]mark, error) {
	if q.archive == nil {
		return nil, nil
	}
	prefix := oldSender(identifier)
	members, err := q.store.Redis().ZRangeByLex(ctx, oldSendersKey(identifier), &redis.ZRangeBy{Min: "[" + prefix, Max: "(" + prefix + "~"}).Result()
	if err != nil {
		return nil, err
	}
	var marks []mark
	for _, member := range members {
		one := mark{id: strings.TrimPrefix(member, prefix)}
		if id, err := ulid.ParseStrict(one.id); err == nil {
			one.score = int64(id.Time()) // that of its first message, as in the store
		}
		if m == nil || one.compare(*m) < 0 {
			marks = append(marks, one)
		}
	}
	slices.SortFunc(marks, func(a, b mark) int { return b.compare(a) })
	return marks[:min(n, len(marks))], nil
}

// wroteIn gives the tasks in which an identifier wrote, wherever they are, newest first, up to n before a mark.
func (q *Queue) wroteIn(ctx context.Context, identifier string, m *mark, n int) ([]mark, error) {
	live := func() ([]mark, error) { return q.before(ctx, senderKey(identifier), m, n) }
	old := func() ([]mark, error) { return q.oldTasks(ctx, identifier, m, n) }
	var marks []mark
	for _, read := range []func() ([]mark, error){live, old, live} { // none is missed that goes or comes back in between
		more, err := read()
		if err != nil {
			return nil, store.Cause(err)
		}
		marks = append(marks, more...)
		if q.archive == nil {
			return marks, nil
		}
	}
	slices.SortFunc(marks, func(a, b mark) int { return b.compare(a) })
	marks = once(marks)
	return marks[:min(n, len(marks))], nil
}

// oldNumber gives the id of the archived task with a number, "" for none.
func (q *Queue) oldNumber(ctx context.Context, number int64) (string, error) {
	if q.archive == nil {
		return "", nil
	}
	id, err := q.store.Redis().HGet(ctx, oldNumbersKey(number), strconv.FormatInt(number, 10)).Result()
	if errors.Is(err, redis.Nil) {
		return "", nil
	}
	return id, store.Cause(err)
}

// fromArchive reads the document of a task; nil when there is none.
func (q *Queue) fromArchive(ctx context.Context, id string) (*document, *Task, error) {
	var d document
	err := q.archive.Get(ctx, archiveKind, id, &d)
	if errors.Is(err, archive.ErrNone) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	t, err := decodeTask(d.Card)
	if err == nil {
		t.Archived, err = d.read()
	}
	if err != nil {
		return nil, nil, fmt.Errorf("read archived task %s: %w", id, err)
	}
	return &d, t, nil
}

// read is what people see of a document beside the card.
func (d *document) read() (*Archived, error) {
	a := &Archived{Replies: map[string]*Reply{}}
	for _, raw := range d.Notes {
		var n Note
		if err := json.Unmarshal([]byte(raw), &n); err != nil {
			return nil, err
		}
		a.Notes = append(a.Notes, n)
	}
	var err error
	if a.Drafts, err = decodeDrafts(d.Drafts); err != nil {
		return nil, err
	}
	for id, card := range d.Replies {
		if a.Replies[id], err = decodeReply(card); err != nil {
			return nil, err
		}
	}
	return a, nil
}

func (q *Queue) hasArchived(ctx context.Context, id string) bool {
	there, err := q.archive.Has(ctx, archiveKind, id)
	return there && err == nil
}

// checkArchive looks whether every number of an archived task leads to a document, and to no task of the store.
func (q *Queue) checkArchive(ctx context.Context, tasks map[string]*Task, found findings) error {
	if q.archive == nil {
		return nil
	}
	keys := map[string]bool{}
	if err := q.scanKeys(ctx, "lk:{q}:x:n:*", keys); err != nil {
		return err
	}
	for key := range keys {
		numbers, err := q.store.Redis().HGetAll(ctx, key).Result()
		if err != nil {
			return err
		}
		for number, id := range numbers {
			there, err := q.archive.Has(ctx, archiveKind, id)
			if err != nil {
				return err
			}
			if !there {
				found.add("number %s names archived task %s, of which there is no document", number, id)
			}
			if tasks[id] != nil {
				found.add("number %s names archived task %s, which is in the store", number, id)
			}
		}
	}
	return nil
}
