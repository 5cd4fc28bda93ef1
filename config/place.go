package config

import (
	"iter"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"loket/internal/field"
)

// owned records what the owner of a section says about it.
func (d *document) owned(err error) {
	for _, e := range field.All(err) {
		if !d.covered(e.Path) {
			d.add(d.place(e.Path, e.Column), d.nearest(e.Path), e.Path, "%s", e.Reason)
		}
	}
}

// covered tells whether the value at path, or one around it, has a problem already.
func (d *document) covered(path string) bool {
	for ; path != ""; path = parent(path) {
		if d.bad[path] {
			return true
		}
	}
	return d.bad[""]
}

// place is where the value at path stands, or the one around it when it was left out.
// column is the character inside the value that is meant, from 1; 0 is the whole value.
func (d *document) place(path string, column int) position {
	if n, ok := d.nodes[path]; ok {
		if key := d.keys[n]; key != nil && n.Kind == yaml.MappingNode && n.Style&yaml.FlowStyle == 0 {
			return positionOf(key) // a block begins on the next line: its name says more
		}
		if column > 0 {
			return d.inside(n, column-1)
		}
		return positionOf(n)
	}
	return positionOf(d.nearest(path))
}

// nearest is the value at path, or the one around it that was decoded.
func (d *document) nearest(path string) *yaml.Node {
	for ; path != ""; path = parent(path) {
		if n, ok := d.nodes[path]; ok {
			return n
		}
	}
	return d.root
}

// parent is the path of what the value at path stands in.
func parent(path string) string { return path[:max(0, strings.LastIndexAny(path, ".["))] }

// inside is where character i of the text of n stands in the file, as far as that can be told:
// else it is where the value begins.
func (d *document) inside(n *yaml.Node, i int) position {
	begin := positionOf(n)
	if _, ok := d.expanded[n]; ok || n.Kind != yaml.ScalarNode || n.Line > len(d.lines) || i > utf8.RuneCountInString(n.Value) {
		return begin
	}
	source := []rune(d.lines[n.Line-1])
	if n.Column > len(source) {
		return begin
	}
	source = source[n.Column-1:]
	switch n.Style {
	case yaml.LiteralStyle:
		return d.insideBlock(n, i)
	case yaml.SingleQuotedStyle:
		if offset, ok := skip(source, i, singleQuoted); ok {
			return position{n.Line, n.Column + offset}
		}
	case yaml.DoubleQuotedStyle:
		if offset, ok := skip(source, i, doubleQuoted); ok {
			return position{n.Line, n.Column + offset}
		}
	case 0:
		if strings.HasPrefix(string(source), n.Value) {
			return position{n.Line, n.Column + i}
		}
	}
	return begin
}

// insideBlock finds the place in a text that was written with |, line by line.
func (d *document) insideBlock(n *yaml.Node, i int) position {
	before := []rune(n.Value)[:i]
	line, column := 0, 0
	for _, r := range before {
		column++
		if r == '\n' {
			line, column = line+1, 0
		}
	}
	if n.Line+line >= len(d.lines) {
		return positionOf(n)
	}
	text, source := strings.Split(n.Value, "\n")[line], d.lines[n.Line+line]
	indent := strings.Index(source, text)
	if indent < 0 {
		return positionOf(n)
	}
	return position{n.Line + line + 1, utf8.RuneCountInString(source[:indent]) + column + 1}
}

// skip is how far into a quoted source its character i stands. width tells how many characters of the source make
// one of the text.
func skip(source []rune, i int, width func([]rune) int) (int, bool) {
	offset := 1 // the quote
	for ; i > 0; i-- {
		if offset >= len(source) {
			return 0, false // goes on on the next line
		}
		offset += width(source[offset:])
	}
	return offset, offset < len(source)
}

func singleQuoted(rest []rune) int {
	if rest[0] == '\'' {
		return 2
	}
	return 1
}

func doubleQuoted(rest []rune) int {
	if rest[0] != '\\' || len(rest) < 2 {
		return 1
	}
	switch rest[1] {
	case 'x':
		return 4
	case 'u':
		return 6
	case 'U':
		return 10
	}
	return 2
}

// pairs gives the keys and values of a mapping that may be decoded.
func (d *document) pairs(n *yaml.Node) iter.Seq2[*yaml.Node, *yaml.Node] {
	return func(yield func(*yaml.Node, *yaml.Node) bool) {
		for i := 0; i+1 < len(n.Content); i += 2 {
			key, value := n.Content[i], n.Content[i+1]
			if d.keys[value] == key && !yield(key, value) {
				return
			}
		}
	}
}
