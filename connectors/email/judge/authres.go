package judge

import (
	"errors"
	"strings"
)

// results is one Authentication-Results field (RFC 8601 §2.2).
type results struct {
	server  string // the authserv-id; "" when the field begins with a result, as Microsoft writes it
	methods []method
}

type method struct {
	name, value string
	props       map[string]string // ptype.property in lower case → value
}

var errResults = errors.New("must be an Authentication-Results field of RFC 8601")

const maxResults = 50

// parseResults reads a field. Comments and quoted strings may hold what a stranger wrote, such as the local part of
// their address, and so never count as results. That is why authres.Parse of go-msgauth is not used: it cuts at every
// semicolon. What does not keep to the grammar gives an error and no results.
func parseResults(v string) (results, error) {
	if len(v) > maxField {
		return results{}, errResults
	}
	v, err := uncomment(v)
	if err != nil {
		return results{}, err
	}
	parts, err := cut(v, ';')
	if err != nil || len(parts) > maxResults {
		return results{}, errResults
	}
	var r results
	if !strings.Contains(parts[0], "=") {
		words := strings.Fields(parts[0])
		if len(words) == 0 || len(words) > 2 || len(words) == 2 && words[1] != "1" {
			return results{}, errResults
		}
		r.server, parts = strings.ToLower(strings.Trim(words[0], `"`)), parts[1:]
	}
	for _, part := range parts {
		m, ok, err := parseMethod(part)
		if err != nil {
			return results{}, err
		}
		if ok {
			r.methods = append(r.methods, m)
		}
	}
	return r, nil
}

func parseMethod(s string) (method, bool, error) {
	words, err := pairs(s)
	if err != nil {
		return method{}, false, err
	}
	if len(words) == 0 || len(words) == 1 && strings.EqualFold(words[0], "none") {
		return method{}, false, nil
	}
	name, value, ok := strings.Cut(words[0], "=")
	name, version, _ := strings.Cut(strings.ToLower(name), "/")
	if !ok || name == "" || version != "" && version != "1" {
		return method{}, false, errResults
	}
	m := method{name: name, value: strings.ToLower(value), props: map[string]string{}}
	for _, w := range words[1:] {
		k, v, ok := strings.Cut(w, "=")
		if k = strings.ToLower(k); !ok {
			continue // servers put stray words here
		}
		if old, twice := m.props[k]; twice && old != v {
			return method{}, false, errResults
		}
		m.props[k] = v
	}
	return m, true, nil
}

// pairs cuts s at white space, but not in quoted strings and not around =.
func pairs(s string) ([]string, error) {
	parts, err := cut(s, ' ')
	if err != nil {
		return nil, err
	}
	var words []string
	glue := false
	for _, p := range parts {
		switch {
		case p == "":
		case glue, p[0] == '=' && len(words) > 0:
			words[len(words)-1] += p
			glue = p == "="
		default:
			words = append(words, p)
			glue = strings.HasSuffix(p, "=")
		}
	}
	return words, nil
}

// cut splits s at sep (a blank stands for all white space) outside of quoted strings. An open quoted string is an error.
func cut(s string, sep byte) ([]string, error) {
	var parts []string
	start, quoted := 0, false
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case !quoted && (c == sep || sep == ' ' && (c == '\t' || c == '\n' || c == '\r')):
			parts = append(parts, s[start:i])
			start = i + 1
		}
	}
	if quoted {
		return nil, errResults
	}
	return append(parts, s[start:]), nil
}

// uncomment puts a blank for every comment (RFC 5322 §3.2.2) and leaves quoted strings as they are. A comment or a
// quoted string that does not end is an error.
func uncomment(s string) (string, error) {
	if strings.IndexByte(s, '(') < 0 {
		return s, nil
	}
	var b strings.Builder
	depth, quoted := 0, false
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '\\' && (quoted || depth > 0) && i+1 < len(s):
			if depth == 0 {
				b.WriteString(s[i : i+2])
			}
			i++
		case quoted:
			quoted = c != '"'
			b.WriteByte(c)
		case c == '(':
			if depth == 0 {
				b.WriteByte(' ')
			}
			depth++
		case c == ')' && depth > 0:
			depth--
		case depth > 0:
		default:
			quoted = c == '"'
			b.WriteByte(c)
		}
	}
	if depth > 0 || quoted {
		return "", errResults
	}
	return b.String(), nil
}
