package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"

	"loket/internal/body"
	"loket/internal/field"
)

// errSyntax says that something is not one JSON object.
var errSyntax = errors.New("must be one JSON object")

// shape is what JSON for the API may have in it.
func shape() body.Limits { return body.Limits{Depth: 32, Values: 20_000, Each: 1000} }

// shapeMistake says of an error of the package body what decode would: a *field.Error where it lies in a field, else
// errSyntax. Others are given as they are.
func shapeMistake(err error) error {
	var shape *body.ShapeError
	switch {
	case !errors.As(err, &shape):
		return err
	case shape.At != "":
		return field.Errorf(shape.At, "%s", shape.Reason)
	}
	if why, broken := strings.CutPrefix(shape.Reason, "is not one JSON value: "); broken {
		return fmt.Errorf("%w: %s", errSyntax, why)
	}
	return fmt.Errorf("%w: it %s", errSyntax, shape.Reason)
}

// decode reads one JSON object into the struct that into points to. A field it does not have, that is given twice or is
// of another type, is a *field.Error; what is no JSON object is errSyntax. Nothing at all counts as {}.
func decode(data []byte, into any) error {
	if len(bytes.TrimSpace(data)) == 0 {
		return nil
	}
	if err := body.CheckJSON(data, shape()); err != nil {
		return shapeMistake(err)
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return decodeMistake(err, into)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: something follows it", errSyntax)
	}
	return nil
}

func decodeMistake(err error, into any) error {
	var mistyped *json.UnmarshalTypeError
	if errors.As(err, &mistyped) {
		if mistyped.Field == "" {
			return fmt.Errorf("%w, not %s", errSyntax, article(mistyped.Value))
		}
		return field.Errorf(jsonPath(reflect.TypeOf(into), mistyped.Field), "must be %s, not %s", jsonType(mistyped.Type), article(mistyped.Value))
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		name = strings.Trim(name, `"`)
		return field.Errorf(name, "is not a field of this%s", field.DidYouMean(name, fields(into)))
	}
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Errorf("%w: %v at byte %d", errSyntax, syntax, syntax.Offset)
	}
	return fmt.Errorf("%w: %w", errSyntax, err)
}

// jsonPath is the path of a field as callers write it: the decoder names embedded structs in it, too.
func jsonPath(t reflect.Type, path string) string {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	name, rest, _ := strings.Cut(path, ".")
	if name == "" || t.Kind() != reflect.Struct {
		return path
	}
	for f := range t.Fields() {
		tag, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case tag == "" && f.Anonymous && f.Name == name:
			return jsonPath(f.Type, rest)
		case tag == name && rest != "":
			return name + "." + jsonPath(f.Type, rest)
		}
	}
	return path
}

func jsonType(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice, reflect.Array:
		return "a list"
	case reflect.Int, reflect.Int64, reflect.Float64:
		return "a number"
	}
	return "an object"
}

// article is how the decoder's word for a JSON value stands in a sentence.
func article(value string) string {
	value, _, _ = strings.Cut(value, " ") // a number comes with its digits
	switch value {
	case "bool":
		return "true or false"
	case "array":
		return "a list"
	case "object":
		return "an object"
	}
	return "a " + value
}

// fields are the names that the struct behind p has in JSON.
func fields(p any) []string {
	var names []string
	for _, f := range reflect.VisibleFields(reflect.Indirect(reflect.ValueOf(p)).Type()) {
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" {
			names = append(names, name)
		}
	}
	return names
}
