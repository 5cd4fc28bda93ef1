// Package lazy makes values that cost much when they are first used: every command starts without what it doesn't use.
package lazy

import (
	"regexp"
	"sync"
)

// A Regexp is a regular expression that is compiled when it is first used. It may be used concurrently.
type Regexp struct{ compiled func() *regexp.Regexp }

// Compile is regexp.MustCompile, later: a mistake in the expression panics at its first use.
func Compile(expression string) Regexp {
	return Regexp{sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })}
}

// Get is the compiled expression.
func (r Regexp) Get() *regexp.Regexp { return r.compiled() }

// MatchString tells whether s holds a match.
func (r Regexp) MatchString(s string) bool { return r.compiled().MatchString(s) }

// FindStringSubmatch gives the leftmost match and its groups, nil if there is none.
func (r Regexp) FindStringSubmatch(s string) []string { return r.compiled().FindStringSubmatch(s) }
