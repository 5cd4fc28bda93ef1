package thread_test

import (
	"testing"

	"loket/internal/store/storetest"
	"loket/router/thread"
)

// newThreads are those of a store of their own.
func newThreads(t testing.TB) *thread.Threads {
	t.Helper()
	threads, err := thread.New(thread.Options{Store: storetest.New(t)})
	if err != nil {
		t.Fatal(err)
	}
	return threads
}
