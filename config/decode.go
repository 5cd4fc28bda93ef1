package config

import (
	"encoding"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"loket/internal/field"
	"loket/internal/secret"
)

// decode reads the document into f, which has its defaults. What is left out keeps them.
func (d *document) decode(f *file) { d.value("", d.root, reflect.ValueOf(f).Elem()) }

// value reads n into v. Its reasons do not repeat what the file says: it may be a secret in the wrong place.
func (d *document) value(path string, n *yaml.Node, v reflect.Value) {
	d.nodes[path] = n
	d.depth++
	defer func() { d.depth-- }()
	if d.budget--; d.budget < 0 || d.depth > maxDepth {
		if d.budget > -maxNodes {
			d.wrong(path, n, "aliases (*) make too much of too little: write the values out")
			d.budget = -maxNodes
		}
		return
	}
	if d.bad[path] {
		return
	}
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if _, ok := d.wanting[n]; ok {
		d.bad[path] = true
		return
	}
	if v.Type() == reflect.TypeFor[*yaml.Node]() {
		v.Set(reflect.ValueOf(n))
		return
	}
	if n.Tag == "!!null" {
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		d.value(path, n, v.Elem())
	case reflect.Map:
		d.mapping(path, n, v)
	case reflect.Slice:
		d.list(path, n, v)
	case reflect.Struct:
		if isText(v) && (n.Kind != yaml.MappingNode || !hasKeys(v.Type())) {
			d.scalar(path, n, v)
			return
		}
		d.structure(path, n, v)
	case reflect.Interface:
		d.anything(path, n, v)
	default:
		d.scalar(path, n, v)
	}
}

func (d *document) mapping(path string, n *yaml.Node, v reflect.Value) {
	if n.Kind != yaml.MappingNode {
		d.wrong(path, n, "must be a mapping of names to values, not %s", kindOf(n))
		return
	}
	if v.Type().Key().Kind() != reflect.String {
		panic("config: the keys of " + v.Type().String() + " must be strings")
	}
	v.Set(reflect.MakeMap(v.Type()))
	for key, value := range d.pairs(n) {
		one := reflect.New(v.Type().Elem()).Elem()
		d.value(under(path, key.Value), value, one)
		v.SetMapIndex(reflect.ValueOf(key.Value).Convert(v.Type().Key()), one)
	}
}

func (d *document) list(path string, n *yaml.Node, v reflect.Value) {
	if n.Kind != yaml.SequenceNode {
		d.wrong(path, n, "must be a list such as [a, b], not %s", kindOf(n))
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content)))
	for i, c := range n.Content {
		d.value(field.At(path, i), c, v.Index(i))
	}
}

func (d *document) structure(path string, n *yaml.Node, v reflect.Value) {
	if n.Kind != yaml.MappingNode {
		d.wrong(path, n, "must be a mapping of keys to values, not %s", kindOf(n))
		return
	}
	fields, names := fieldsOf(v.Type())
	for key, value := range d.pairs(n) {
		f, ok := fields[key.Value]
		if !ok {
			d.unknownKey(path, key, names)
			continue
		}
		inner := under(path, key.Value)
		d.value(inner, value, v.FieldByIndex(f.index))
		if f.zeroIsAbsent && !d.bad[inner] && isZeroDuration(value, v.FieldByIndex(f.index)) {
			d.wrong(inner, value, "must be more than 0: leave it out for the default")
		}
	}
}

func (d *document) unknownKey(path string, key *yaml.Node, names []string) {
	shown := shownKey(key.Value)
	hint := field.DidYouMean(shown, names)
	if shown != key.Value {
		hint = ": is there a space behind its colon?"
	}
	d.add(positionOf(key), nil, under(path, shown), "unknown key %q%s", shown, hint)
}

func (d *document) scalar(path string, n *yaml.Node, v reflect.Value) {
	if n.Kind != yaml.ScalarNode {
		d.wrong(path, n, "must be a single value, not %s", kindOf(n))
		return
	}
	text := n.Value
	switch {
	case v.Type() == reflect.TypeFor[secret.String](), passwordIn(text) != "":
		d.hide(text)
		d.keep(path, n)
	case v.Type() == reflect.TypeFor[secret.File]() && text != "":
		d.kept = append(d.kept, kept{path: path, files: []string{beside(d.dir, text)}})
	}
	if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		if err := u.UnmarshalText([]byte(text)); err != nil {
			d.wrong(path, n, "%v", err)
		}
		return
	}
	if v.Type() == reflect.TypeFor[time.Duration]() {
		t, err := field.ParseDuration(text)
		if err != nil {
			d.wrong(path, n, "%v", err)
		}
		v.SetInt(int64(t))
		return
	}
	if err := setPlain(v, text); err != nil {
		d.wrong(path, n, "%v", err)
	}
}

// setPlain reads text into one of Go's own kinds.
func setPlain(v reflect.Value, text string) error {
	digits := strings.ReplaceAll(text, "_", "")
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Bool:
		switch strings.ToLower(text) {
		case "true":
			v.SetBool(true)
		case "false":
			v.SetBool(false)
		default:
			return fmt.Errorf("must be true or false")
		}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		i, err := strconv.ParseInt(digits, 10, v.Type().Bits())
		if err != nil {
			return fmt.Errorf("must be a whole number such as 30")
		}
		v.SetInt(i)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		u, err := strconv.ParseUint(digits, 10, v.Type().Bits())
		if err != nil {
			return fmt.Errorf("must be a whole number such as 30, at least 0")
		}
		v.SetUint(u)
	case reflect.Float32, reflect.Float64:
		f, err := strconv.ParseFloat(digits, v.Type().Bits())
		if err != nil {
			return fmt.Errorf("must be a number such as 0.5")
		}
		v.SetFloat(f)
	default:
		panic("config: a " + v.Type().String() + " cannot be configured")
	}
	return nil
}

// anything reads n into an any: map[string]any, []any, bool, int, float64 or string.
func (d *document) anything(path string, n *yaml.Node, v reflect.Value) {
	switch {
	case n.Kind == yaml.MappingNode:
		into := reflect.New(reflect.TypeFor[map[string]any]()).Elem()
		d.mapping(path, n, into)
		v.Set(into)
		return
	case n.Kind == yaml.SequenceNode:
		into := reflect.New(reflect.TypeFor[[]any]()).Elem()
		d.list(path, n, into)
		v.Set(into)
		return
	}
	t := reflect.TypeFor[string]()
	switch n.Tag {
	case "!!bool":
		t = reflect.TypeFor[bool]()
	case "!!int":
		t = reflect.TypeFor[int]()
	case "!!float":
		t = reflect.TypeFor[float64]()
	}
	into := reflect.New(t).Elem()
	d.scalar(path, n, into)
	v.Set(into)
}

// wrong records that the value n at path is of no use; its owner need not say more about it.
func (d *document) wrong(path string, n *yaml.Node, format string, args ...any) {
	d.add(d.place(path, 0), n, path, format, args...)
	d.bad[path] = true
}

func kindOf(n *yaml.Node) string {
	switch n.Kind {
	case yaml.SequenceNode:
		return "a list"
	case yaml.MappingNode:
		return "a mapping"
	}
	return "a single value"
}

func isText(v reflect.Value) bool {
	_, ok := v.Addr().Interface().(encoding.TextUnmarshaler)
	return ok
}

// hasKeys tells whether a structure that may be written as one value may be written out as well.
func hasKeys(t reflect.Type) bool {
	_, names := fieldsOf(t)
	return len(names) > 0
}

func isZeroDuration(n *yaml.Node, v reflect.Value) bool {
	return n.Tag != "!!null" && v.Type() == reflect.TypeFor[time.Duration]() && v.IsZero()
}

// structField is where a key goes.
type structField struct {
	index        []int
	zeroIsAbsent bool // tagged omitempty: its zero value stands for what was left out
}

func fieldsOf(t reflect.Type) (map[string]structField, []string) {
	fields := map[string]structField{}
	var names []string
	for _, f := range reflect.VisibleFields(t) {
		name, options, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if !f.IsExported() || name == "-" || f.Anonymous {
			continue
		}
		if name == "" {
			name = strings.ToLower(f.Name)
		}
		fields[name] = structField{f.Index, strings.Contains(options, "omitempty")}
		names = append(names, name)
	}
	return fields, names
}
