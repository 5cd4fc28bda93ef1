package config

import (
	"cmp"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"loket/internal/store"
)

// A Problem is one mistake and where it stands.
type Problem struct {
	File   string
	Line   int // from 1
	Column int // from 1, in characters
	Path   string
	Reason string
}

// Error is file:line:col: path: reason.
func (p Problem) Error() string {
	if p.Path == "" {
		return fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Column, p.Reason)
	}
	return fmt.Sprintf("%s:%d:%d: %s: %s", p.File, p.Line, p.Column, p.Path, p.Reason)
}

// Problems is every mistake in a file, in the order of the file. It is never empty when it is an error.
type Problems []Problem

// Error prints one mistake a line.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i := range p {
		lines[i] = p[i].Error()
	}
	return strings.Join(lines, "\n")
}

func (d *document) sorted() Problems {
	slices.SortStableFunc(d.problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return slices.Compact(d.problems)
}

// add records a mistake at a position, which it keeps inside the file, about the value of n if there is one.
func (d *document) add(at position, n *yaml.Node, path, format string, args ...any) {
	if at.line > len(d.lines) { // where the text ends
		at = position{len(d.lines), math.MaxInt}
	}
	at.line = max(at.line, 1)
	at.column = min(max(at.column, 1), utf8.RuneCountInString(d.lines[at.line-1])+1)
	d.problems = append(d.problems, Problem{d.name, at.line, at.column, path, d.mask(n, fmt.Sprintf(format, args...))})
}

// mask takes out of a reason about n what came from secrets, files and the environment, in case the owner
// of the value repeats it.
func (d *document) mask(n *yaml.Node, reason string) string {
	for _, s := range append(d.hidden, d.private(n, 0)...) {
		quoted := strconv.Quote(s)
		reason = strings.ReplaceAll(reason, s, "***")
		reason = strings.ReplaceAll(reason, quoted[1:len(quoted)-1], "***")
	}
	return reason
}

// private is what the environment put into n and the values inside it.
func (d *document) private(n *yaml.Node, depth int) []string {
	if n == nil || depth > maxDepth {
		return nil
	}
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	all := slices.Clone(d.expanded[n])
	for _, c := range n.Content {
		all = append(all, d.private(c, depth+1)...)
	}
	return all
}

// hide has mask take s out of every reason.
func (d *document) hide(s string) {
	if maskable(s) {
		d.hidden = append(d.hidden, s)
	}
	if u, err := url.Parse(s); err == nil && u.User != nil {
		if p, ok := u.User.Password(); ok && maskable(p) {
			d.hidden = append(d.hidden, p)
		}
	}
}

// maskable tells whether s can be told from ordinary words.
func maskable(s string) bool { return len(s) >= 6 && s != store.Embedded }
