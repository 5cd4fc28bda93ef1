package keylock

import (
	"sync"
	"testing"
)

func TestLocksAreOnePerKey(t *testing.T) {
	var l Locks
	unlock := l.Lock("a")
	if _, ok := l.TryLock("a"); ok {
		t.Error("a is locked twice")
	}
	other, ok := l.TryLock("b")
	if !ok {
		t.Fatal("b is locked with a")
	}
	other()
	n := 0 // the race detector looks on
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			defer l.Lock("a")()
			n++
		})
	}
	if n++; n != 1 {
		t.Errorf("%d of others got the lock", n-1)
	}
	unlock()
	wg.Wait()
	if n != 51 || len(l.held) > 0 {
		t.Errorf("%d got the lock, want 51; %d are kept, want none", n, len(l.held))
	}
}
