package queue

// A Watch gets a hint when something happened to one task, until it is closed.
type Watch struct {
	// C gets a value after an event of the task. Several events may be one value: what happened is in the store.
	C    <-chan struct{}
	c    chan struct{}
	task string
	feed *Feed
}

// Watch begins to watch a task. The caller closes it.
func (f *Feed) Watch(task string) *Watch {
	c := make(chan struct{}, 1)
	w := &Watch{C: c, c: c, task: task, feed: f}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.watched[task] == nil {
		f.watched[task] = map[*Watch]struct{}{}
	}
	f.watched[task][w] = struct{}{}
	return w
}

// Close ends it. It may be called twice.
func (w *Watch) Close() {
	w.feed.mu.Lock()
	defer w.feed.mu.Unlock()
	delete(w.feed.watched[w.task], w)
	if len(w.feed.watched[w.task]) == 0 {
		delete(w.feed.watched, w.task)
	}
}

// hint tells those who watch a task. It holds the feed's lock.
func (f *Feed) hint(task string) {
	for w := range f.watched[task] {
		select {
		case w.c <- struct{}{}:
		default: // it has one already
		}
	}
}
