package identity

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
)

// column is one column of a CSV file and what it does to a row.
type column struct {
	name string
	set  func(row *Row, cell string) error
}

// columns reads a header. All unknown names are told at once.
func columns(names []string) ([]column, error) {
	var out []column
	var unknown []error
	key := false
	for _, raw := range names {
		name := strings.TrimSpace(raw)
		set := setter(name)
		if set == nil {
			unknown = append(unknown, fmt.Errorf("column %q is unknown: call it attribute.%s to keep it, -%s to leave it out", name, attributeName(name), name))
			continue
		}
		base := columnBase(name)
		key = key || base == "id" || base == "customer_no"
		out = append(out, column{name, set})
	}
	if !key {
		unknown = append(unknown, errors.New("there must be a column id or customer_no"))
	}
	return out, errors.Join(unknown...)
}

func attributeName(s string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsLetter(c) || unicode.IsDigit(c) {
			return unicode.ToLower(c)
		}
		return '_'
	}, s)
}

// columnBase is the name without the number that tells several of a kind apart: email of Email_2.
func columnBase(name string) string {
	name = strings.ReplaceAll(strings.ToLower(name), " ", "_")
	base := strings.TrimRight(name, "0123456789")
	if base != name {
		base = strings.TrimRight(base, "_")
	}
	switch base {
	case "e-mail", "emails", "e-mails":
		return "email"
	case "phones":
		return "phone"
	case "identifiers":
		return "identifier"
	}
	return base
}

func setter(name string) func(row *Row, cell string) error {
	lower := strings.ToLower(name)
	if strings.HasPrefix(lower, "-") {
		return func(*Row, string) error { return nil }
	}
	if rest, ok := strings.CutPrefix(lower, "consent."); ok && rest != "" {
		return func(row *Row, cell string) error {
			v, err := ParseYesNo(cell)
			if err == nil {
				put(&row.Consent, rest, v)
			}
			return err
		}
	}
	if strings.HasPrefix(lower, "attribute.") && len(name) > len("attribute.") {
		return func(row *Row, cell string) error {
			put(&row.Attributes, name[len("attribute."):], cell)
			return nil
		}
	}
	text := func(field func(*Row) *string) func(*Row, string) error {
		return func(row *Row, cell string) error {
			*field(row) = cell
			return nil
		}
	}
	list := func(field func(*Row) *[]string) func(*Row, string) error {
		return func(row *Row, cell string) error {
			*field(row) = append(*field(row), strings.FieldsFunc(cell, func(c rune) bool { return c == ';' || c == '\n' })...)
			return nil
		}
	}
	switch columnBase(name) {
	case "system":
		return text(func(r *Row) *string { return &r.System })
	case "id":
		return text(func(r *Row) *string { return &r.ID })
	case "customer_no":
		return text(func(r *Row) *string { return &r.CustomerNo })
	case "name":
		return text(func(r *Row) *string { return &r.Name })
	case "as_of":
		return text(func(r *Row) *string { return &r.AsOf })
	case "preferred":
		return text(func(r *Row) *string { return &r.Preferred })
	case "email":
		return list(func(r *Row) *[]string { return &r.Emails })
	case "phone":
		return list(func(r *Row) *[]string { return &r.Phones })
	case "identifier":
		return list(func(r *Row) *[]string { return &r.Identifiers })
	}
	return nil
}

func put[V any](m *map[string]V, key string, v V) {
	if *m == nil {
		*m = map[string]V{}
	}
	(*m)[key] = v
}
