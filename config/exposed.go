package config

import (
	"strings"

	"go.yaml.in/yaml/v4"

	"loket/internal/private"
	"loket/internal/store"
)

// origin is what the file itself says of a value, and where the rest of it comes from.
type origin struct {
	written string   // without what ${…} brought, but with what stands behind :-
	filled  bool     // ${…} brought something
	files   []string // of ${file:…}
}

// kept says where the secret at a path is kept: in the configuration, or in files beside it.
type kept struct {
	path  string
	plain bool
	files []string
}

// keep notes a value that is a secret.
func (d *document) keep(path string, n *yaml.Node) {
	o, ok := d.origins[n]
	if !ok {
		o = &origin{written: n.Value}
	}
	d.kept = append(d.kept, kept{path, o.isSecret(), o.files})
}

// isSecret tells whether what is written is the secret, not only where to find it. Of a URL that is its password.
func (o *origin) isSecret() bool {
	if strings.Contains(o.written, "://") {
		return passwordIn(o.written) != ""
	}
	if strings.Contains(o.written, "{{secret.") { // a template: the secret comes from elsewhere, as with ${…}
		return false
	}
	return o.written != "" && !o.filled && o.written != store.Embedded
}

// passwordIn is the password in a URL, as it is written.
func passwordIn(text string) string {
	_, rest, _ := strings.Cut(text, "://")
	user := rest[:max(0, strings.LastIndex(rest, "@"))]
	if strings.ContainsAny(user, " /?#\t\n") { // a text in which a URL and an address stand
		return ""
	}
	_, password, _ := strings.Cut(user, ":")
	return password
}

// exposed tells of secrets that others on this machine may read: in the configuration itself, which is told once, and in
// the files that it names.
func (d *document) exposed() Problems {
	out, told := *d, map[string]bool{}
	out.problems = nil
	say := func(path, what, file string) {
		if err := private.Check(file); err != nil && !told[file] {
			told[file] = true
			out.add(d.place(path, 0), nil, path, "%s, and %v", what, err)
		}
	}
	for _, k := range d.kept {
		if k.plain {
			say(k.path, "is a secret that stands here", d.name)
		}
		for _, file := range k.files {
			say(k.path, "is a secret in a file", file)
		}
	}
	return out.sorted()
}
