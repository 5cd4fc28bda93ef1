// Package keylock gives a lock for each of many keys.
package keylock

import "sync"

// Locks are locks by key. One that nobody holds or waits for takes no memory. The zero value has none locked. Its methods may be
// called concurrently.
type Locks struct {
	mu   sync.Mutex
	held map[string]*lock
}

type lock struct {
	sync.Mutex
	users int
}

// Lock waits for the lock of a key. unlock must be called once.
func (l *Locks) Lock(key string) (unlock func()) {
	k := l.enter(key)
	k.Lock()
	return func() { k.Unlock(); l.leave(key, k) }
}

// TryLock is Lock where nobody holds it; else ok is false.
func (l *Locks) TryLock(key string) (unlock func(), ok bool) {
	k := l.enter(key)
	if !k.TryLock() {
		l.leave(key, k)
		return nil, false
	}
	return func() { k.Unlock(); l.leave(key, k) }, true
}

func (l *Locks) enter(key string) *lock {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held == nil {
		l.held = map[string]*lock{}
	}
	k := l.held[key]
	if k == nil {
		k = &lock{}
		l.held[key] = k
	}
	k.users++
	return k
}

func (l *Locks) leave(key string, k *lock) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if k.users--; k.users == 0 {
		delete(l.held, key)
	}
}
