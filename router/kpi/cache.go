package kpi

import "sync"

// A cache keeps what was read or computed of a day, within bounds. What it gives never changes. A day is known by its
// generation, and by a version that changes when it is written to.
type cache[T interface{ bytes() int }] struct {
	most int // bytes
	mu   sync.Mutex
	kept map[string]*kept[T]
	size int
	uses int64
}

type kept[T any] struct {
	version string
	value   T
	size    int
	used    int64
}

func (c *cache[T]) get(key, version string) (value T, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	k := c.kept[key]
	if k == nil || k.version != version {
		return value, false
	}
	c.uses++
	k.used = c.uses
	return k.value, true
}

// put keeps a value, and lets go what was not asked for for the longest time.
func (c *cache[T]) put(key, version string, value T) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kept == nil {
		c.kept = map[string]*kept[T]{}
	}
	c.drop(key)
	c.uses++
	k := &kept[T]{version: version, value: value, size: value.bytes(), used: c.uses}
	c.kept[key] = k
	c.size += k.size
	for c.size > c.most && len(c.kept) > 1 {
		oldest := key
		for name, k := range c.kept {
			if k.used < c.kept[oldest].used {
				oldest = name
			}
		}
		c.drop(oldest)
	}
}

func (c *cache[T]) drop(key string) {
	if k := c.kept[key]; k != nil {
		c.size -= k.size
		delete(c.kept, key)
	}
}
