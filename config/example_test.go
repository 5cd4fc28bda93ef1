package config

import (
	"os"
	"reflect"
	"regexp"
	"testing"
)

func TestExampleShowsEveryKey(t *testing.T) {
	example, err := os.ReadFile("../config.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range keysOf(reflect.TypeFor[file]()) {
		if !regexp.MustCompile(`(?m)[ {#-]` + key + `:|^` + key + `:|\(.*` + key + `.*\)`).Match(example) {
			t.Errorf("config.example.yaml does not show %s", key)
		}
	}
}

// keysOf lists the keys of t and of what stands in it.
func keysOf(t reflect.Type) []string {
	switch t.Kind() {
	case reflect.Map, reflect.Slice:
		return keysOf(t.Elem())
	case reflect.Struct:
		fields, names := fieldsOf(t)
		for _, name := range names {
			names = append(names, keysOf(t.FieldByIndex(fields[name].index).Type)...)
		}
		return names
	}
	return nil
}
