// Package proptest checks properties with pgregory.net/rapid, so that a run of go test is green or red for what was changed:
// every run draws the same cases. make soak draws others.
package proptest

import (
	"flag"
	"strconv"
	"sync"

	"pgregory.net/rapid"

	"loket/internal/soak"
)

// Usual is how many cases of a property are drawn that needs nothing but memory.
const Usual = 100

const (
	seed = 20261130 // of every property, but under make soak
	more = 20       // times as many cases under make soak
)

// flags are rapid's: there is one set in a process, and rapid reads it when a property begins.
var flags sync.Mutex

// Check is rapid.Check with so many cases and a fixed seed; under make soak with many more cases and a fresh seed. What is given by
// -rapid.checks and -rapid.seed counts before both, and -short draws a fifth, as make race does. A failure prints the seed that
// repeats it. Parallel tests may call it.
func Check(t rapid.TB, cases int, property func(*rapid.T)) {
	t.Helper()
	restore := set(cases)
	defer restore()
	rapid.Check(t, func(rt *rapid.T) {
		restore() // rapid has read its flags: others may begin
		property(rt)
	})
}

// set sets rapid's flags and keeps others from doing so until what it returns is called, which may be done again.
func set(cases int) (restore func()) {
	flags.Lock()
	given := map[string]bool{}
	flag.Visit(func(f *flag.Flag) { given[f.Name] = true })
	var undo []func()
	for name, value := range values(cases) {
		if f := flag.Lookup(name); !given[name] {
			old := f.Value.String()
			undo = append(undo, func() { _ = f.Value.Set(old) })
			_ = f.Value.Set(value) // not flag.Set, after which it would count as given
		}
	}
	return sync.OnceFunc(func() {
		for _, f := range undo {
			f()
		}
		flags.Unlock()
	})
}

func values(cases int) map[string]string {
	if soak.Whole() {
		return map[string]string{"rapid.checks": strconv.Itoa(more * cases)}
	}
	return map[string]string{"rapid.checks": strconv.Itoa(cases), "rapid.seed": strconv.Itoa(seed)}
}
