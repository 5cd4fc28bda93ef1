package config

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"loket/internal/field"
)

// A document is one configuration file while it is read.
type document struct {
	name  string
	dir   string
	lines []string
	root  *yaml.Node

	problems Problems
	fatal    bool // there is nothing that could be decoded

	keys     map[*yaml.Node]*yaml.Node // the key of each value in a mapping that may be decoded
	expanded map[*yaml.Node][]string   // what the environment put into a value
	wanting  map[*yaml.Node]wanting    // values with a ${…} that could not be filled in
	hidden   []string                  // texts that no reason may repeat
	origins  map[*yaml.Node]*origin    // of values with ${…}
	kept     []kept                    // values that are secrets

	nodes  map[string]*yaml.Node // by path, what was decoded
	bad    map[string]bool       // paths with a problem that their owner need not add to
	budget int
	depth  int
}

// position is a place in the file, from 1.
type position struct{ line, column int }

func positionOf(n *yaml.Node) position { return position{n.Line, n.Column} }

// maxNodes is how many values a file may have, aliases followed.
const maxNodes = 50_000

// maxKey is how long a key may be.
const maxKey = 200

// maxDepth is how deep they may stand inside one another.
const maxDepth = 50

// open reads the YAML. What it cannot make sense of is a problem.
func open(name string, data []byte, dir string) *document {
	d := &document{
		name: name, dir: dir, lines: splitLines(data),
		keys: map[*yaml.Node]*yaml.Node{}, expanded: map[*yaml.Node][]string{}, wanting: map[*yaml.Node]wanting{},
		origins: map[*yaml.Node]*origin{},
		nodes:   map[string]*yaml.Node{}, bad: map[string]bool{}, budget: maxNodes,
	}
	switch {
	case len(data) > MaxSize:
		d.refuse(position{1, 1}, "the file must be at most %d bytes", MaxSize)
		return d
	case !utf8.Valid(data):
		d.refuse(d.firstInvalid(), "the file must be UTF-8 text")
		return d
	}
	d.root = &yaml.Node{Kind: yaml.MappingNode, Line: 1, Column: 1}
	loader, err := yaml.NewLoader(bytes.NewReader(data))
	if err != nil {
		d.syntax(err)
		return d
	}
	var doc, more yaml.Node
	if err := loader.Load(&doc); errors.Is(err, io.EOF) {
		return d
	} else if err != nil {
		d.syntax(err)
		return d
	}
	switch err := loader.Load(&more); {
	case err == nil:
		d.add(positionOf(&more), nil, "", "must be the only document in the file")
	case !errors.Is(err, io.EOF):
		d.syntax(err)
	}
	if len(doc.Content) == 1 {
		d.root = doc.Content[0]
		d.shape("", d.root, 0)
	}
	return d
}

// shape refuses what YAML allows and a configuration does not need, and keys that stand there twice.
func (d *document) shape(path string, n *yaml.Node, depth int) {
	if depth > maxDepth {
		d.refuse(positionOf(n), "stands too deep inside other values")
		return
	}
	if n.Style&yaml.TaggedStyle != 0 && !plainTag(n.Tag) {
		d.add(positionOf(n), nil, path, "must not have a tag (!…): put a text that begins with ! between quotes")
		d.bad[path] = true
	}
	switch n.Kind {
	case yaml.SequenceNode:
		for i, c := range n.Content {
			d.shape(field.At(path, i), c, depth+1)
		}
	case yaml.MappingNode:
		lines := map[string]int{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			key, value := n.Content[i], n.Content[i+1]
			if key.Kind != yaml.ScalarNode || len(key.Value) > maxKey {
				d.add(positionOf(key), nil, path, "a key must be plain text of at most %d bytes", maxKey)
				continue
			}
			if line, ok := lines[key.Value]; ok {
				d.add(positionOf(key), nil, under(path, shownKey(key.Value)), "stands on line %d already", line)
				continue
			}
			if key.Tag == "!!merge" {
				d.add(positionOf(key), nil, path, "<< is not supported: write the values out")
				continue
			}
			lines[key.Value] = key.Line
			d.keys[value] = key
			d.shape(under(path, key.Value), value, depth+1)
		}
	}
}

func plainTag(tag string) bool {
	switch tag {
	case "!!str", "!!int", "!!float", "!!bool", "!!null", "!!seq", "!!map":
		return true
	}
	return false
}

// syntax records what the YAML reader says, without what it repeats of the file.
func (d *document) syntax(err error) {
	var one *yaml.LoadError
	if !errors.As(err, &one) {
		d.refuse(position{1, 1}, "cannot be read as YAML")
		return
	}
	reason := one.Message
	switch {
	case strings.HasPrefix(reason, "unknown anchor"):
		reason = "no anchor (&…) has this name: put a text that begins with * between quotes"
	case strings.HasPrefix(reason, "cannot construct"):
		reason = "the value does not fit its tag"
	case strings.HasPrefix(reason, "mapping values are not allowed"):
		reason = "a second colon on this line, or a line set in too far: put a text with a colon between quotes"
	case strings.HasPrefix(reason, "found character that cannot start any token"):
		reason = "a value cannot begin with this sign (a tab, @ or `): put a text between quotes, indent with spaces"
	case one.ContextMsg != "":
		reason += " " + one.ContextMsg
	}
	at := position{one.Mark.Line, one.Mark.Column}
	if at.line == 0 {
		at = d.firstControl()
	}
	d.refuse(at, "not valid YAML: %s", reason)
}

// refuse records a problem after which nothing can be decoded.
func (d *document) refuse(at position, format string, args ...any) {
	d.add(at, nil, "", format, args...)
	d.fatal = true
}

// splitLines cuts where YAML does.
func splitLines(data []byte) []string {
	s := strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n").Replace(string(data))
	return strings.Split(strings.TrimPrefix(s, "\ufeff"), "\n")
}

func (d *document) firstInvalid() position {
	for i, l := range d.lines {
		if j := strings.IndexFunc(l, func(r rune) bool { return r == utf8.RuneError }); j >= 0 {
			return position{i + 1, utf8.RuneCountInString(l[:j]) + 1}
		}
	}
	return position{1, 1}
}

func (d *document) firstControl() position {
	for i, l := range d.lines {
		if j := strings.IndexFunc(l, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }); j >= 0 {
			return position{i + 1, utf8.RuneCountInString(l[:j]) + 1}
		}
	}
	return position{1, 1}
}

func under(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// shownKey is a key as a reason may repeat it: what stands behind a colon may be a secret that lacks its space.
func shownKey(key string) string {
	key, _, _ = strings.Cut(key, ":")
	if r := []rune(key); len(r) > 60 {
		key = string(r[:60]) + "…"
	}
	return key
}
