package desk

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"loket/internal/words"
	"loket/router/queue"
)

// These bound one search for words: it reads what it looks at.
const (
	maxSearched  = 5000      // tasks, the newest
	maxRead      = 256 << 20 // bytes of what was said in them
	searchedEach = 100       // tasks in one step
	saidEach     = 20        // newest messages of a thread
	readEach     = 256 << 10 // bytes of them, but for the newest
	searchWithin = 5 * time.Second

	// searchesAtOnce is how many searches for words read at the same time: all else goes on beside them. More wait their turn,
	// and not so long that whoever asked gets no answer.
	searchesAtOnce = 2
	searchWait     = 10 * time.Second
)

// ErrSearching says that too many search for words at the same time.
var ErrSearching = errors.New("too many search for words at the same time, try again")

// byWords finds tasks of the teams in which every word of the query begins a word of subject, name and what was said last:
// of one message, or of subject and name. The newest come first, at most UsualPage. complete tells whether all that have
// them are given, and every task in the store was looked at. ErrSearching when its turn did not come.
func (d *Desk) byWords(ctx context.Context, teams []string, query string) (found []*queue.Task, complete bool, err error) {
	wanted := strings.Fields(words.Fold(query))
	if !slices.ContainsFunc(wanted, func(w string) bool { return len([]rune(w)) > 1 }) {
		return nil, true, nil
	}
	leave, err := d.enterSearch(ctx)
	if err != nil {
		return nil, false, err
	}
	defer leave()
	begun := time.Now()
	tasks, err := d.queue.Recent(ctx, teams, maxSearched)
	if err != nil {
		return nil, false, err
	}
	left := maxRead
	for chunk := range slices.Chunk(tasks, searchedEach) {
		if len(found) >= UsualPage || left <= 0 || time.Since(begun) > searchWithin {
			return found[:min(len(found), UsualPage)], false, nil
		}
		some, size, err := d.withWords(ctx, chunk, wanted)
		if err != nil {
			return nil, false, err
		}
		found, left = append(found, some...), left-size
	}
	return found[:min(len(found), UsualPage)], len(found) <= UsualPage && len(tasks) < maxSearched, nil
}

// enterSearch waits for a turn to search.
func (d *Desk) enterSearch(ctx context.Context) (leave func(), err error) {
	timer := time.NewTimer(searchWait)
	defer timer.Stop()
	select {
	case d.searches <- struct{}{}:
		return func() { <-d.searches }, nil
	case <-timer.C:
		return nil, ErrSearching
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// withWords are those of the tasks that have the words, and how many bytes were read for that. What stands in a thread from
// another task does not count: who may see this one may not see that.
func (d *Desk) withWords(ctx context.Context, tasks []*queue.Task, wanted []string) (found []*queue.Task, size int, err error) {
	var threads []string
	for _, t := range tasks {
		threads = append(threads, t.Threads...)
	}
	said, size, err := d.threads.Said(ctx, threads, saidEach, readEach)
	if err != nil {
		return nil, 0, err
	}
	has := func(t *queue.Task) bool {
		if words.Has(words.Fold(t.Subject+" "+t.Name), wanted) {
			return true
		}
		for _, id := range t.Threads {
			for _, e := range said[id] {
				if m := e.Message; t.Holds(e.Task) && words.Has(words.Fold(m.Subject+" "+m.Name+" "+m.Text), wanted) {
					return true
				}
			}
		}
		return false
	}
	for _, t := range tasks {
		if has(t) {
			found = append(found, t)
		}
	}
	return found, size, nil
}
