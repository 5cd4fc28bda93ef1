package pages

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"loket/internal/field"
	"loket/internal/lazy"
)

// A phrase is what is said instead of a reason of a form.
type phrase struct {
	form lazy.Regexp
	says string
}

// phrases are made of formats and what is said instead, in which values are named by their place.
func phrases(said map[string]string) []phrase {
	verb := regexp.MustCompile(`%[dqsv]`)
	values := map[string]string{"%d": `(\d+)`, "%q": `("(?:[^"\\]|\\.)*")`, "%s": `(.*?)`, "%v": `(.*)`}
	var all []phrase
	for _, format := range slices.Sorted(maps.Keys(said)) {
		form, rest := `(?s)^`, format
		for at := verb.FindStringIndex(rest); at != nil; at = verb.FindStringIndex(rest) {
			form += regexp.QuoteMeta(rest[:at[0]]) + values[rest[at[0]:at[1]]]
			rest = rest[at[1]:]
		}
		all = append(all, phrase{lazy.Compile(form + regexp.QuoteMeta(rest) + `$`), said[format]})
	}
	return all
}

// mistake is what is wrong with the fields of a form, in the language of the page where it has words for that.
func (w *words) mistake(err error) (string, bool) {
	var wrong *field.Error
	if !errors.As(err, &wrong) {
		return "", false
	}
	first := field.All(err)[0]
	return w.wrong(first.Path, first.Reason), true
}

// wrong is what is wrong with the field at a path, for a reason of the desk; in the words of the desk where the page has none.
func (w *words) wrong(path, reason string) string {
	if w.Mistakes == nil {
		return (&field.Error{Path: path, Reason: reason}).Error()
	}
	switch text, ok := w.Mistakes.reason(reason); {
	case !ok:
		return (&field.Error{Path: path, Reason: reason}).Error()
	case path == "":
		return strings.ToUpper(text[:1]) + text[1:] + "."
	default:
		return w.Mistakes.label(path) + ": " + text + "."
	}
}

// refusal is why an answer is not taken or did not arrive, and the language of that where it is not the page's.
func (w *words) refusal(reason string) (said, lang string) {
	if w.Mistakes == nil || reason == "" {
		return reason, ""
	}
	if said, ok := w.Mistakes.reason(reason); ok {
		return said, ""
	}
	return reason, "en"
}

func (w *mistakes) reason(text string) (string, bool) {
	for _, p := range w.phrases {
		found := p.form.FindStringSubmatch(text)
		if found == nil {
			continue
		}
		if !strings.Contains(p.says, "%[") {
			return p.says, true
		}
		var values []any
		for _, value := range found[1:] {
			if inner, ok := w.reason(value); ok {
				value = inner
			}
			values = append(values, value)
		}
		return fmt.Sprintf(p.says, values...), true
	}
	return text, false
}

// label is what the field at a path is called; of a list, with which of it is meant.
func (w *mistakes) label(path string) string {
	name, rest, _ := strings.Cut(path, "[")
	label := cmp.Or(w.fields[name], name)
	at, _, ok := strings.Cut(rest, "]")
	if i, err := strconv.Atoi(at); ok && err == nil {
		return fmt.Sprintf("%s (%d)", label, i+1)
	}
	return label
}
