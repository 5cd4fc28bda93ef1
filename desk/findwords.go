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
	mostSearched = 5000 // tasks, the newest
	searchedEach = 200  // in one step
	saidEach     = 20   // newest messages of a thread
)

// byWords finds tasks of the teams in which every word of the query begins a word of subject, name and what was said last:
// of one message, or of subject and name. The newest come first, at most usualPage. complete tells whether every task in the
// store was looked at.
func (d *Desk) byWords(ctx context.Context, teams []string, query string) (found []*queue.Task, complete bool, err error) {
	wanted := strings.Fields(words.Fold(query))
	if !slices.ContainsFunc(wanted, func(w string) bool { return len([]rune(w)) > 1 }) {
		return nil, true, nil
	}
	tasks, err := d.queue.Recent(ctx, teams, mostSearched)
	if err != nil {
		return nil, false, err
	}
	for chunk := range slices.Chunk(tasks, searchedEach) {
		if len(found) >= usualPage {
			return found[:usualPage], false, nil
		}
		some, err := d.withWords(ctx, chunk, wanted)
		if err != nil {
			return nil, false, err
		}
		found = append(found, some...)
	}
	return found[:min(len(found), usualPage)], len(tasks) < mostSearched, nil
}

func (d *Desk) withWords(ctx context.Context, tasks []*queue.Task, wanted []string) ([]*queue.Task, error) {
	var threads []string
	for _, t := range tasks {
		threads = append(threads, t.Threads...)
	}
	said, err := d.threads.Said(ctx, threads, saidEach)
	if err != nil {
		return nil, err
	}
	has := func(t *queue.Task) bool {
		if words.Has(words.Fold(t.Subject+" "+t.Name), wanted) {
			return true
		}
		for _, id := range t.Threads {
			for _, m := range said[id] {
				if words.Has(words.Fold(m.Subject+" "+m.Name+" "+m.Text), wanted) {
					return true
				}
			}
		}
		return false
	}
	var found []*queue.Task
	for _, t := range tasks {
		if has(t) {
			found = append(found, t)
		}
	}
	return found, nil
}
