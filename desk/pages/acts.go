package pages

import (
	"context"
	"slices"
	"strings"

	"loket/desk"
)

// label gives a task other tags, another priority or language: what the form has instead of what it had.
func label(ctx context.Context, h *Handler, v *visitor, ref string, f *form) (string, error) {
	had, has := listed(f.Get("had")), listed(f.Get("tags"))
	l := desk.Labelling{Tag: without(has, had), Untag: without(had, has)}
	if p := f.Get("priority"); p != f.Get("had-priority") {
		l.Priority = p
	}
	if lang := strings.TrimSpace(f.Get("language")); lang != f.Get("had-language") {
		l.Language = lang
	}
	if len(l.Tag)+len(l.Untag) == 0 && l.Priority == "" && l.Language == "" {
		return "labelled", nil
	}
	_, err := h.desk.Label(ctx, v.by, ref, l)
	return "labelled", err
}

// priorities are those that a task may have, the most urgent first.
func (w *words) priorities(chosen string) []option {
	var all []option
	for _, name := range []string{"urgent", "high", "normal", "low"} {
		all = append(all, option{Value: name, Label: w.Priority[name], Chosen: name == chosen})
	}
	return all
}

// listed are the words of a list with commas, each once.
func listed(text string) []string {
	var all []string
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ';' || r == '\n' }) {
		if word = strings.TrimSpace(word); word != "" && !slices.Contains(all, word) {
			all = append(all, word)
		}
	}
	return all
}

// without is what one list has and another has not.
func without(list, other []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return slices.Contains(other, s) })
}

func merge(ctx context.Context, h *Handler, v *visitor, ref string, f *form) (string, error) {
	_, err := h.desk.Merge(ctx, v.by, ref, strings.TrimSpace(f.Get("other")))
	return "merged", err
}

func forward(ctx context.Context, h *Handler, v *visitor, ref string, f *form) (string, error) {
	_, err := h.desk.Forward(ctx, v.by, ref, desk.Forward{
		To: listed(f.Get("to")), Text: f.Get("ask"), Whole: f.Get("whole") != "", NoFiles: f.Get("files") == "", Key: f.Get("key"),
	})
	return "forwarded", err
}

func resend(ctx context.Context, h *Handler, v *visitor, ref string, f *form) (string, error) {
	_, err := h.desk.Resend(ctx, v.by, ref, f.Get("reply"))
	return "resent", err
}
