package webhook

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"loket/internal/body"
	"loket/internal/message"
)

// A payload is a body that was read.
type payload struct {
	body    any // map[string]any, []any, string, int, float64, bool
	files   []upload
	tooMany bool // there were more of them
}

// An upload is a file that came in the request itself.
type upload struct {
	name, kind string
	data       []byte
}

const (
	maxDepth  = 40
	maxValues = 20_000
	maxEach   = 5_000
	maxFiles  = 20
	maxShort  = 1000 // bytes of an id
)

// raw is what is read of a request: its body, or with GET its query, without the token in it, which is not to be seen where
// originals are.
func (w *Webhook) raw(r *http.Request, content []byte) []byte {
	if r.Method != http.MethodGet {
		return content
	}
	t := w.cfg.Verify.Token
	if t == nil || t.Query == "" {
		return []byte(r.URL.RawQuery)
	}
	fields := slices.DeleteFunc(strings.Split(r.URL.RawQuery, "&"), func(field string) bool {
		name, _, _ := strings.Cut(field, "=")
		name, err := url.QueryUnescape(name)
		return err == nil && name == t.Query
	})
	return []byte(strings.Join(fields, "&"))
}

// read reads what raw gave by the content type of its request; without one that says more, by how it begins.
func read(r *http.Request, raw []byte) (payload, error) {
	if r.Method == http.MethodGet {
		return readForm(raw)
	}
	kind, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	begins := bytes.TrimSpace(bytes.TrimPrefix(raw, []byte("\xEF\xBB\xBF")))
	switch {
	case kind == "multipart/form-data":
		return multipart(raw, params["boundary"])
	case kind == "application/json", strings.HasSuffix(kind, "+json"), bytes.HasPrefix(begins, []byte("{")), bytes.HasPrefix(begins, []byte("[")):
		v, err := readJSON(begins)
		return payload{body: v}, err
	case strings.HasSuffix(kind, "/xml"), strings.HasSuffix(kind, "+xml"), bytes.HasPrefix(begins, []byte("<")):
		v, err := readXML(raw)
		return payload{body: v}, err
	}
	return readForm(raw)
}

func readForm(raw []byte) (payload, error) {
	if bytes.Count(raw, []byte("&")) > maxEach {
		return payload{}, errors.New("the form has too many fields")
	}
	form, err := url.ParseQuery(strings.TrimSpace(string(raw)))
	if err != nil {
		return payload{}, errors.New("the form has an escape or a separator that is none")
	}
	return payload{body: values(form)}, nil
}

// readJSON keeps long numbers as they are: as texts where they would lose digits.
func readJSON(raw []byte) (any, error) {
	if err := body.CheckJSON(raw, body.Limits{Depth: maxDepth, Values: maxValues, Each: maxEach}); err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, fmt.Errorf("read JSON: %w", err)
	}
	return numbers(v), nil
}

func numbers(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, item := range v {
			v[k] = numbers(item)
		}
	case []any:
		for i, item := range v {
			v[i] = numbers(item)
		}
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return int(n)
		}
		if f, err := v.Float64(); err == nil && strings.ContainsAny(v.String(), ".eE") {
			return f
		}
		return v.String()
	}
	return v
}

// values are the fields of a form: a text, or a list of them where there are several.
func values(form url.Values) map[string]any {
	m := map[string]any{}
	for k, list := range form {
		for _, v := range list {
			add(m, k, v)
		}
	}
	return m
}

// add adds a value under a name; several make a list.
func add(m map[string]any, name string, v any) {
	switch had := m[name].(type) {
	case nil:
		m[name] = v
	case []any:
		m[name] = append(had, v)
	default:
		m[name] = []any{had, v}
	}
}

// multipart reads a form with files.
func multipart(raw []byte, boundary string) (p payload, err error) {
	if boundary == "" {
		return p, errors.New("the content type names no boundary")
	}
	parts, fields := body.Parts(bytes.NewReader(raw), boundary), map[string]any{}
	for n := 0; ; n++ {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			p.body = fields
			return p, nil
		}
		if err != nil || n > maxEach {
			return p, errors.New("the body is not a multipart form of that boundary, or has too many parts")
		}
		data, err := io.ReadAll(part)
		if err != nil {
			return p, fmt.Errorf("read a part of the form: %w", err)
		}
		d := body.ReadDisposition(part.Header.Get("Content-Disposition"))
		if !d.IsFile {
			add(fields, d.Name, string(data))
		} else if len(p.files) == maxFiles {
			p.tooMany = p.tooMany || len(data) > 0
		} else if len(data) > 0 {
			p.files = append(p.files, upload{message.CleanFileName(d.FileName), part.Header.Get("Content-Type"), data})
		}
	}
}

// readXML makes a document what JSON would be: elements by their names without prefix, the same one several times a list,
// attributes as @name, and the text of what has either as #text.
func readXML(raw []byte) (any, error) {
	d := xml.NewDecoder(bytes.NewReader(raw))
	d.CharsetReader = func(name string, r io.Reader) (io.Reader, error) {
		c, err := body.FindCharset(name)
		return c.Reader(r), err
	}
	x := xmlReader{decoder: d}
	for {
		token, err := d.Token()
		if err != nil {
			return nil, fmt.Errorf("read XML: %w", err)
		}
		if start, ok := token.(xml.StartElement); ok {
			v, err := x.element(start, 0)
			return map[string]any{start.Name.Local: v}, err
		}
	}
}

type xmlReader struct {
	decoder *xml.Decoder
	n       int
}

func (x *xmlReader) element(start xml.StartElement, depth int) (any, error) {
	if x.n++; x.n > maxValues || depth > maxDepth || len(start.Attr) > 100 {
		return nil, errors.New("read XML: there is too much in it")
	}
	m := map[string]any{}
	for _, a := range start.Attr {
		if a.Name.Space != "xmlns" && a.Name.Local != "xmlns" {
			m["@"+a.Name.Local] = a.Value
		}
	}
	var text strings.Builder
	for {
		token, err := x.decoder.Token()
		if err != nil {
			return nil, fmt.Errorf("read XML: %w", err)
		}
		switch t := token.(type) {
		case xml.CharData:
			text.Write(t)
		case xml.StartElement:
			v, err := x.element(t, depth+1)
			if err != nil {
				return nil, err
			}
			add(m, t.Name.Local, v)
		case xml.EndElement:
			said := strings.TrimSpace(text.String())
			if len(m) == 0 {
				return said, nil
			}
			if said != "" {
				m["#text"] = said
			}
			return m, nil
		}
	}
}
