package meta

import (
	"sync"
	"time"
)

// maxRemembered bounds a memory: one that is full begins anew.
const maxRemembered = 5000

// A memory keeps values by id for a while, in this process alone. Its zero value is empty, and its methods may be called concurrently.
type memory[V any] struct {
	mu sync.Mutex
	of map[string]kept[V]
}

type kept[V any] struct {
	value V
	until time.Time
}

// get gives what is kept under an id.
func (m *memory[V]) get(id string) (value V, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	k, ok := m.of[id]
	if !ok || time.Now().After(k.until) {
		return value, false
	}
	return k.value, true
}

// keep keeps a value until an instant.
func (m *memory[V]) keep(id string, value V, until time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.of == nil || len(m.of) >= maxRemembered {
		m.of = map[string]kept[V]{}
	}
	m.of[id] = kept[V]{value, until}
}
