package webhook

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"loket/internal/field"
)

// A template is a text in which {{…}} are expressions. Whoever writes it out escapes what they give.
type template []part

type part struct {
	text string
	*expression
}

// template compiles a text.
func (c *compiler) template(path, source string) (t template) {
	rest, at := source, 0
	for {
		before, after, found := strings.Cut(rest, "{{")
		t = append(t, part{text: before})
		if !found {
			return t
		}
		inside, behind, closed := strings.Cut(after, "}}")
		if !closed {
			c.bad = append(c.bad, &field.Error{Path: path, Reason: "a {{ is not closed by }}", Column: utf8.RuneCountInString(source[:at+len(before)]) + 1})
			return t
		}
		at += len(before) + 2
		if strings.TrimSpace(inside) == "" {
			c.bad = append(c.bad, &field.Error{Path: path, Reason: "there is nothing between {{ and }}", Column: at + 1})
		}
		t = append(t, part{expression: c.expression(path, inside, letter{}, utf8.RuneCountInString(source[:at]))})
		at += len(inside) + 2
		rest = behind
	}
}

// render writes a template out, what its expressions give by escape.
func (t template) render(l letter, escape func(string) (string, error)) (string, error) {
	var b strings.Builder
	for _, p := range t {
		if p.expression == nil {
			b.WriteString(p.text)
			continue
		}
		s, err := p.expression.text(l)
		if err == nil {
			s, err = escape(s)
		}
		if err != nil {
			return "", err
		}
		b.WriteString(s)
	}
	return b.String(), nil
}

func plain(s string) (string, error) { return s, nil }

// inPath escapes what stands in a path: it may not be more than a name in it.
func inPath(s string) (string, error) {
	if s == "" || strings.Trim(s, ".") == "" || strings.ContainsAny(s, "/\\?#%") {
		return "", errors.New("what would stand in the address of the call cannot stand there")
	}
	return url.PathEscape(s), nil
}

// inHeader lets no line end into a header, and nothing else that cannot be sent in one.
func inHeader(s string) (string, error) {
	if strings.ContainsFunc(s, unicode.IsControl) {
		return "", errors.New("what would stand in a header of the call cannot stand there")
	}
	return s, nil
}

func inXML(s string) (string, error) {
	var b bytes.Buffer
	err := xml.EscapeText(&b, []byte(s)) // line ends and quotation marks, too, so that it may stand in an attribute
	return b.String(), err
}

// A shape is a value in which the texts are templates: what they give can only be a value in it.
type shape struct {
	text   template
	fields map[string]*shape
	items  []*shape
	fixed  any
}

// shape compiles a value of the configuration.
func (c *compiler) shape(path string, v any) *shape {
	switch v := v.(type) {
	case string:
		return &shape{text: c.template(path, v)}
	case map[string]any:
		s := &shape{fields: map[string]*shape{}}
		for _, k := range slices.Sorted(maps.Keys(v)) {
			s.fields[k] = c.shape(path+"."+k, v[k])
		}
		return s
	case []any:
		s := &shape{items: []*shape{}}
		for i, item := range v {
			s.items = append(s.items, c.shape(field.At(path, i), item))
		}
		return s
	}
	return &shape{fixed: v}
}

// value fills a shape. A text that is one expression and no more keeps the kind of what that gives: a number stays one.
func (s *shape) value(l letter) (v any, err error) {
	switch {
	case s.fields != nil:
		m := map[string]any{}
		for k, f := range s.fields {
			if m[k], err = f.value(l); err != nil {
				return nil, fmt.Errorf("%s: %w", k, err)
			}
		}
		return m, nil
	case s.items != nil:
		list := make([]any, len(s.items))
		for i, item := range s.items {
			if list[i], err = item.value(l); err != nil {
				return nil, err
			}
		}
		return list, nil
	case s.text == nil:
		return s.fixed, nil
	case len(s.text) == 3 && s.text[0].text == "" && s.text[2].text == "" && s.text[1].expression != nil:
		return s.text[1].value(l)
	}
	return s.text.render(l, plain)
}

// form fills a shape whose fields are texts, or lists of them.
func (s *shape) form(l letter) (url.Values, error) {
	form := url.Values{}
	for k, f := range s.fields {
		v, err := f.value(l)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", k, err)
		}
		list, ok := v.([]any)
		if !ok {
			list = []any{v}
		}
		for _, item := range list {
			text, err := textOf(item)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", k, err)
			}
			form.Add(k, text)
		}
	}
	return form, nil
}

const (
	placeholder = "loketplaceholder"
	onlyInText  = "{{…}} may stand between tags and in attributes only, not in a tag, a comment or CDATA"
)

// xmlTemplate compiles a document: well-formed, and with expressions only where text can stand.
func (c *compiler) xmlTemplate(path string, v any) template {
	source, ok := v.(string)
	if !ok {
		c.bad = append(c.bad, field.Errorf(path, "must be a document of XML, as text"))
		return nil
	}
	t := c.template(path, source)
	var b strings.Builder
	holes := 0
	for _, p := range t {
		if b.WriteString(p.text); p.expression != nil {
			holes++
			b.WriteString(placeholder)
		}
	}
	found, err := placed(b.String())
	switch {
	case err != nil:
		c.bad = append(c.bad, field.Errorf(path, "must be well-formed XML: %v", err))
	case found != holes || strings.Contains(source, "<![CDATA["):
		c.bad = append(c.bad, field.Errorf(path, onlyInText))
	}
	return t
}

// placed counts the placeholders that stand in texts and attributes of a document.
func placed(document string) (n int, err error) {
	d := xml.NewDecoder(strings.NewReader(document))
	for {
		token, err := d.Token()
		switch token := token.(type) {
		case xml.CharData:
			n += strings.Count(string(token), placeholder)
		case xml.StartElement:
			for _, a := range token.Attr {
				n += strings.Count(a.Value, placeholder)
			}
		}
		if errors.Is(err, io.EOF) {
			return n, nil
		}
		if err != nil {
			return n, err
		}
	}
}
