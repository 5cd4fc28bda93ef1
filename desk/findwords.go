package desk

import (
	"context"
	"slices"
	"strings"

	"loket/internal/words"
	"loket/router/queue"
)

// These bound one search for words: it reads what it looks at.
const (
	mostSearched = 5000      // tasks, the newest
	mostRead     = 256 << 20 // bytes of what was said in them
	searchedEach = 100       // tasks in one step
	saidEach     = 20        // newest messages of a thread
	readEach     = 256 << 10 // bytes of them, but for the newest
)

// byWords finds tasks of the teams in which every word of the query begins a word of subject, name and what was said last:
// of one message, or of subject and name. The newest come first, at most usualPage. complete tells whether all that have
// them are given, and every task in the store was looked at.
func (d *Desk) byWords(ctx context.Context, teams []string, query string) (found []*queue.Task, complete bool, err error) {
	wanted := strings.Fields(words.Fold(query))
	if !slices.ContainsFunc(wanted, func(w string) bool { return len([]rune(w)) > 1 }) {
		return nil, true, nil
	}
	tasks, err := d.queue.Recent(ctx, teams, mostSearched)
	if err != nil {
		return nil, false, err
	}
	left := mostRead
	for chunk := range slices.Chunk(tasks, searchedEach) {
		if len(found) >= usualPage || left <= 0 {
			return found[:min(len(found), usualPage)], false, nil
		}
		some, size, err := d.withWords(ctx, chunk, wanted)
		if err != nil {
			return nil, false, err
		}
		found, left = append(found, some...), left-size
	}
	return found[:min(len(found), usualPage)], len(found) <= usualPage && len(tasks) < mostSearched, nil
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
				if m := e.Message; e.Task == t.ID && words.Has(words.Fold(m.Subject+" "+m.Name+" "+m.Text), wanted) {
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
