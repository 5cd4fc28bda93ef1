package body

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode"
)

// JSON gives a body that is one JSON value, as far as its brackets tell, within l. Names that stand twice in one object are
// refused: readers differ in which of the two they take. Names that differ only in their case are the same, as they are to
// encoding/json. What else is wrong with it, its decoder tells.
func JSON(r io.Reader, l Limits) ([]byte, error) {
	s := scanner{limits: l}
	b, err := read(r, l, s.scan)
	if err != nil {
		return nil, err
	}
	return b, s.end()
}

// CheckJSON looks at one that is in memory as JSON does.
func CheckJSON(data []byte, l Limits) error {
	s := scanner{limits: l}
	if err := s.scan(data); err != nil {
		return err
	}
	return s.end()
}

// maxName bounds the name of a member, in bytes as it is written.
const maxName = 1000

// A scanner follows the brackets, strings and commas of JSON as they come.
type scanner struct {
	limits Limits
	open   []bracket
	values int
	tops   int    // values outside of all brackets
	member string // of the outermost object, that is being read

	inString, escaped, isName, inScalar bool
	name                                []byte // as it is written
}

type bracket struct {
	object, awaitsName bool
	n                  int
	names              map[string]bool // folded
}

func (s *scanner) scan(b []byte) error {
	for len(b) > 0 {
		n, err := 1, error(nil)
		if s.inString {
			n, err = s.text(b)
		} else {
			err = s.sign(b[0])
		}
		if err != nil {
			return err
		}
		b = b[n:]
	}
	return nil
}

// text goes on in a string and tells how much of b belongs to it, with its quotation mark.
func (s *scanner) text(b []byte) (n int, err error) {
	for n < len(b) && s.inString {
		switch {
		case s.escaped:
			s.escaped = false
			n++
		case b[n] == '"':
			s.inString = false
			n++
		case b[n] == '\\':
			s.escaped = true
			n++
		default:
			plain := bytes.IndexAny(b[n:], `"\`)
			if plain < 0 {
				plain = len(b) - n
			}
			n += plain
		}
	}
	if !s.isName {
		return n, nil
	}
	if s.name = append(s.name, b[:min(n, maxName+1)]...); len(s.name) > maxName {
		return 0, s.refuse(true, "has a name of more than %d bytes", maxName)
	}
	if s.inString {
		return n, nil
	}
	s.isName = false
	return n, s.named()
}

// sign takes one outside of strings. Signs that are wrong where they stand are left to the decoder.
func (s *scanner) sign(c byte) error {
	inScalar := s.inScalar
	s.inScalar = false
	switch c {
	case ' ', '\t', '\r', '\n', ':':
	case ',':
		if top := s.top(); top != nil {
			top.awaitsName = top.object
		}
	case '{', '[':
		if err := s.value(); err != nil {
			return err
		}
		return s.enter(c == '{')
	case '}', ']':
		if len(s.open) == 0 {
			return broken("a bracket closes that was never opened")
		}
		s.open = s.open[:len(s.open)-1]
	case '"':
		s.inString = true
		if top := s.top(); top != nil && top.awaitsName {
			top.awaitsName, s.isName, s.name = false, true, s.name[:0]
			return nil
		}
		return s.value()
	default: // part of a number or a word
		if s.inScalar = true; !inScalar {
			return s.value()
		}
	}
	return nil
}

func (s *scanner) top() *bracket {
	if len(s.open) == 0 {
		return nil
	}
	return &s.open[len(s.open)-1]
}

func (s *scanner) enter(object bool) error {
	if s.limits.Depth > 0 && len(s.open) == s.limits.Depth {
		return s.refuse(true, "goes deeper than %d brackets", s.limits.Depth)
	}
	if n := len(s.open); n < cap(s.open) { // its map is used again
		s.open = s.open[:n+1]
		clear(s.open[n].names)
		s.open[n] = bracket{names: s.open[n].names}
	} else {
		s.open = append(s.open, bracket{})
	}
	top := s.top()
	top.object, top.awaitsName = object, object
	return nil
}

// value counts one that begins.
func (s *scanner) value() error {
	top := s.top()
	switch {
	case top == nil:
		if s.tops++; s.tops > 1 {
			return broken("something follows it")
		}
	case !top.object:
		if err := s.one(top, "elements"); err != nil {
			return err
		}
	}
	if s.values++; s.limits.Values > 0 && s.values > s.limits.Values {
		return s.refuse(true, "has more than %d values in it", s.limits.Values)
	}
	return nil
}

func (s *scanner) one(top *bracket, what string) error {
	if top.n++; s.limits.Each > 0 && top.n > s.limits.Each {
		return s.refuse(true, "has more than %d %s", s.limits.Each, what)
	}
	return nil
}

// named takes the name of a member.
func (s *scanner) named() error {
	name := string(s.name[:len(s.name)-1])
	if bytes.IndexByte(s.name, '\\') >= 0 {
		if err := json.Unmarshal(append([]byte{'"'}, s.name...), &name); err != nil {
			return broken("a name is no string")
		}
	}
	if len(s.open) == 1 {
		s.member = name
	}
	top := s.top()
	if err := s.one(top, "members"); err != nil {
		return err
	}
	if top.names == nil {
		top.names = map[string]bool{}
	}
	folded := fold(name)
	if top.names[folded] {
		if len(s.open) == 1 {
			return s.refuse(false, "is given twice")
		}
		return s.refuse(false, "gives %q twice", name)
	}
	top.names[folded] = true
	return nil
}

func (s *scanner) end() error {
	if len(s.open) > 0 || s.inString {
		return broken("it breaks off")
	}
	return nil
}

func (s *scanner) refuse(many bool, reason string, args ...any) error {
	return &ShapeError{At: s.member, Reason: fmt.Sprintf(reason, args...), many: many}
}

// broken is no JSON, wherever that is.
func broken(why string) error { return &ShapeError{Reason: "is not one JSON value: " + why} }

// fold is the same for names that encoding/json takes for one.
func fold(name string) string {
	return strings.Map(func(r rune) rune {
		for { // the smallest of those that fold into each other
			next := unicode.SimpleFold(r)
			if next <= r {
				return next
			}
			r = next
		}
	}, name)
}
