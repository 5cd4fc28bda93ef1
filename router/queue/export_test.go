package queue

// Waiting is how many claims wait for the feed to ring.
func (f *Feed) Waiting() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.waiters)
}
