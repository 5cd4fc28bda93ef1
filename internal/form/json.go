package form

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"loket/internal/body"
)

// What JSON may have in it, beside the files: senders may carry fields of their own.
const (
	maxDepth  = 16
	maxValues = 1000
	maxEach   = 100
)

type jsonFile struct {
	Name string `json:"name"`
	Type string `json:"type"`
	Data string `json:"data"`
}

func (rd Reader) readJSON(p *Post, charset body.Charset, src io.Reader) error {
	b, err := body.JSON(charset.Reader(src), body.Limits{Depth: maxDepth, Values: maxValues + 4*rd.Files, Each: maxEach + rd.Files})
	if err != nil {
		return rd.shapeError(err)
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(b, &object); err != nil {
		return jsonError("", err)
	}
	for _, name := range rd.Members {
		var text string
		if err := member(object, name, &text); err != nil {
			return err
		}
		p.Add(name, text)
	}
	var files []jsonFile
	if err := member(object, rd.FilesIn, &files); err != nil {
		return err
	}
	if len(files) > rd.Files {
		return rd.tooManyFiles()
	}
	for i, f := range files {
		file, err := stage(base64.NewDecoder(base64.StdEncoding, strings.NewReader(f.Data)), f.Name, f.Type, rd.InMemory)
		if bad := fileError(fmt.Sprintf("%s[%d].data", rd.FilesIn, i), err); bad != nil {
			return bad
		}
		p.Files = append(p.Files, file)
	}
	return nil
}

// member reads one member of an object, whose name may be in capitals as encoding/json has it. No two names differ in that alone.
func member(object map[string]json.RawMessage, name string, into any) error {
	for given, raw := range object {
		if !strings.EqualFold(given, name) {
			continue
		}
		if err := json.Unmarshal(raw, into); err != nil {
			return jsonError(name, err)
		}
	}
	return nil
}

func jsonError(at string, err error) error {
	var mistyped *json.UnmarshalTypeError
	if !errors.As(err, &mistyped) || at == "" {
		return malformed("", "the body is not one JSON object")
	}
	if mistyped.Field != "" {
		at += "." + mistyped.Field
	}
	kind := map[string]string{"string": "a string", "slice": "a list"}[mistyped.Type.Kind().String()]
	if kind == "" {
		kind = "an object"
	}
	return wrong(at, "must be "+kind+", not "+mistyped.Value)
}
