package vendor

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"strconv"
	"strings"

	"loket/connectors"
)

// Fields are what an object of JSON holds, by path: message.from.id, photo.0.file_id. Values are as the vendor wrote them, so that
// a long number stays the id that it is; what is absent, null or no value of its own is "".
type Fields map[string]string

// maxDepth is how deep an object is looked into; what vendors send is a few levels deep.
const maxDepth = 32

// Flatten reads an object of JSON. What is none has no fields.
func Flatten(object []byte) Fields {
	d := json.NewDecoder(bytes.NewReader(object))
	d.UseNumber()
	var v map[string]any
	if d.Decode(&v) != nil {
		return Fields{}
	}
	f := Fields{}
	f.add("", v, maxDepth)
	return f
}

// Fields makes a call and gives what its answer holds. It fails as Call does.
func (c *Client) Fields(ctx context.Context, call Call) (Fields, error) {
	var answer json.RawMessage
	if err := c.Call(ctx, call, &answer); err != nil {
		return nil, err
	}
	return Flatten(answer), nil
}

// Field makes a call and gives one field of its answer, without which nobody knows what became of the call: the first of the
// paths that there is.
func (c *Client) Field(ctx context.Context, call Call, paths ...string) (string, error) {
	answer, err := c.Fields(ctx, call)
	if err != nil {
		return "", err
	}
	for _, path := range paths {
		if answer[path] != "" {
			return answer[path], nil
		}
	}
	return "", connectors.InDoubt(fmt.Errorf("call %s: there is no %s in the answer", c.o.Vendor, paths[0]))
}

// Int is a whole number; 0 when there is none.
func (f Fields) Int(path string) int64 {
	n, _ := strconv.ParseInt(f[path], 10, 64) // what is none is 0
	return n
}

// First gives the first of some objects that there is, and its name; "" when there is none of them.
func (f Fields) First(names ...string) (string, Fields) {
	for _, name := range names {
		if object := f.Under(name); len(object) > 0 {
			return name, object
		}
	}
	return "", nil
}

func (f Fields) add(path string, v any, depth int) {
	below := path + "."
	if path == "" {
		below = ""
	}
	switch v := v.(type) {
	case map[string]any:
		for k, item := range v {
			if depth > 0 {
				f.add(below+k, item, depth-1)
			}
		}
	case []any:
		for i, item := range v {
			if depth > 0 {
				f.add(below+strconv.Itoa(i), item, depth-1)
			}
		}
	case string:
		f[path] = v
	case json.Number:
		f[path] = v.String()
	case bool:
		f[path] = strconv.FormatBool(v)
	}
}

// Each gives what stands in the list at a path, one after the other.
func (f Fields) Each(path string) iter.Seq[Fields] {
	return func(yield func(Fields) bool) {
		items := map[string]Fields{} // by their places, in one pass: lists may be long
		for k, v := range f.Under(path) {
			place, below, ok := strings.Cut(k, ".")
			if !ok {
				continue
			}
			if items[place] == nil {
				items[place] = Fields{}
			}
			items[place][below] = v
		}
		for i := 0; ; i++ {
			item := items[strconv.Itoa(i)]
			if len(item) == 0 || !yield(item) {
				return
			}
		}
	}
}

// List gives the values in the list at a path.
func (f Fields) List(path string) (values []string) {
	for i := 0; ; i++ {
		v, ok := f[path+"."+strconv.Itoa(i)]
		if !ok {
			return values
		}
		values = append(values, v)
	}
}

// Under gives the fields of the object at a path, by their paths in it.
func (f Fields) Under(path string) Fields {
	under := Fields{}
	for k, v := range f {
		if rest, ok := strings.CutPrefix(k, path+"."); ok {
			under[rest] = v
		}
	}
	return under
}
