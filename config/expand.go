package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v4"

	"loket/internal/field"
)

// wanting is a ${…} that could not be filled in.
type wanting struct{ path, reason string }

// expand fills in ${VAR}, ${VAR:-x} and ${file:PATH} in every value. Keys stay as they are.
func (d *document) expand() { d.expandIn("", d.root) }

func (d *document) expandIn(path string, n *yaml.Node) {
	switch n.Kind {
	case yaml.SequenceNode:
		for i, c := range n.Content {
			d.expandIn(field.At(path, i), c)
		}
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			d.expandIn(under(path, n.Content[i].Value), n.Content[i+1])
		}
	case yaml.ScalarNode:
		if !strings.Contains(n.Value, "${") {
			return
		}
		filled, err := d.fill(n)
		if err != nil {
			d.wanting[n] = wanting{path, err.Error()}
		}
		n.Value, n.Tag = filled, "!!str"
	}
}

// fill gives the text of n with its ${…} filled in. Those that cannot be are left empty; the error is the first of them.
func (d *document) fill(n *yaml.Node) (string, error) {
	d.expanded[n] = []string{}
	d.origins[n] = &origin{}
	own := func(text string) string {
		d.origins[n].written += text
		return text
	}
	s := n.Value
	var out strings.Builder
	var first error
	for {
		i := strings.Index(s, "${")
		if i < 0 {
			out.WriteString(own(s))
			return out.String(), first
		}
		if i > 0 && s[i-1] == '$' { // $${ is ${
			out.WriteString(own(s[:i-1] + "${"))
			s = s[i+2:]
			continue
		}
		out.WriteString(own(s[:i]))
		inner, rest, closed := strings.Cut(s[i+2:], "}")
		if !closed {
			return out.String(), errors.Join(first, errors.New("${ is not closed with }: write $${ for the text itself"))
		}
		text, err := d.lookUp(n, inner)
		if first == nil {
			first = err
		}
		out.WriteString(text)
		s = rest
	}
}

var variable = regexp.MustCompile(`^([A-Za-z_][A-Za-z0-9_]*)(:-(.*))?$`)

func (d *document) lookUp(n *yaml.Node, inner string) (string, error) {
	if path, ok := strings.CutPrefix(inner, "file:"); ok {
		text, err := d.readSecret(n, path)
		d.hide(text)
		return text, err
	}
	m := variable.FindStringSubmatch(inner)
	if m == nil {
		return "", errors.New("must be ${VAR}, ${VAR:-otherwise} or ${file:PATH}: write $${ for the text itself")
	}
	text, ok := os.LookupEnv(m[1])
	from := d.origins[n]
	from.written += m[3]
	switch {
	case m[2] != "" && text == "":
		return m[3], nil
	case !ok:
		return "", fmt.Errorf("the environment has no %s", m[1])
	}
	from.filled = from.filled || m[3] == ""
	if maskable(text) {
		d.expanded[n] = append(d.expanded[n], text)
	}
	return text, nil
}

const maxSecret = 64 << 10

func (d *document) readSecret(n *yaml.Node, path string) (string, error) {
	if path == "" {
		return "", errors.New("${file:} must name a file")
	}
	path = beside(d.dir, path)
	from := d.origins[n]
	from.filled, from.files = true, append(from.files, path)
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("not a regular file")
	}
	if err != nil {
		return "", fmt.Errorf("read %s: %w", path, causeOf(err))
	}
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("read %s: %w", path, causeOf(err))
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxSecret+1))
	switch {
	case err != nil:
		return "", fmt.Errorf("read %s: %w", path, causeOf(err))
	case len(b) > maxSecret:
		return "", fmt.Errorf("read %s: must be at most %d bytes", path, maxSecret)
	}
	return strings.TrimRight(string(b), "\r\n"), nil
}

// causeOf is err without the path, which the reason has already.
func causeOf(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}
