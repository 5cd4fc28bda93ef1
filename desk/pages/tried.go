package pages

import (
	"cmp"
	"path"
)

// A tried is an act that was refused, with what was typed for it; the zero one is none.
type tried struct {
	act  string // the last part of its address
	form *form
}

// triedWith is the act at an address, with what was typed.
func triedWith(address string, f *form) tried { return tried{path.Base(address), f} }

// Is tells whether it is that act, so that its form stands open.
func (t tried) Is(act string) bool { return t.form != nil && t.act == act }

// Value is what was typed in a field of an act, or else what stands there by itself.
func (t tried) Value(act, field, usual string) string {
	if t.Is(act) && t.form.Has(field) {
		return t.form.Get(field)
	}
	return usual
}

// Ticked tells whether a box of an act is ticked, or else is so by itself.
func (t tried) Ticked(act, field string, usual bool) bool {
	if t.Is(act) {
		return t.form.Get(field) != ""
	}
	return usual
}

// keepTried has the forms of acts keep what was typed for one that was refused.
func (v *taskView) keepTried(w *words, t tried) {
	v.Tried = t
	v.Priorities = w.priorities(cmp.Or(t.Value("label", "priority", ""), v.PriorityName))
}
