package cli

import (
	"slices"
	"strings"

	"loket/cmd/loket/cli/format"
	"loket/desk/api"
)

// profile prints everything about a customer.
func (p *page) profile(c *api.Profile) {
	p.Printf("%s\n", format.Bold.Of("%s", join(c.ID, c.Name)))
	rows := make([][]any, len(c.Identifiers))
	for i, h := range c.Identifiers {
		rows[i] = []any{"", h.Identifier, h.Level, "since " + p.Day(h.Since.Time), "last " + p.Day(h.Last.Time), format.Yellow.Of("%s", p.doubts(h))}
	}
	p.Table(nil, rows)
	if len(c.Former) > 0 {
		p.Printf("  %s\n", format.Faint.Of("also known as %s", strings.Join(c.Former, ", ")))
	}
}

func (p *page) profiles(all []*api.Profile) {
	for i, c := range all {
		if i > 0 {
			p.Printf("\n")
		}
		p.profile(c)
	}
}

// doubts is why an identifier does not name its customer.
func (p *page) doubts(h api.Held) string {
	words := []string{}
	for _, w := range []struct {
		on   bool
		word string
	}{{h.Contested, "contested"}, {h.Shared, "shared"}, {h.Retired, "given up"}} {
		if w.on {
			words = append(words, w.word)
		}
	}
	text := strings.Join(words, ", ")
	if !h.Until.IsZero() {
		text += " " + p.Day(h.Until.Time)
	}
	return text
}

func (p *page) history(h *api.History) {
	p.Printf("%s\n", format.Bold.Of("%s", join(h.Customer.ID, h.Customer.Name)))
	if len(h.Tasks) > 0 {
		p.tasks(h.Tasks)
	}
	if len(h.Claims) > 0 {
		p.Printf("\n%s\n", format.Yellow.Of("May have been somebody else:"))
		p.tasks(h.Claims)
	}
	if len(h.Tasks)+len(h.Claims) == 0 {
		p.Printf("no tasks\n")
	}
	p.more(h.Cursor)
}

func (p *page) explanation(e *api.Explanation) {
	verdict := format.Green.Of("%s and %s are one customer's", e.X, e.Y)
	if !e.Same {
		verdict = format.Red.Of("%s and %s are not one customer's: %s", e.X, e.Y, e.Rule)
	}
	p.Printf("%s\n", verdict)
	rows := make([][]any, len(e.Steps))
	for i, s := range e.Steps {
		rows[i] = []any{"", s.A, "– " + s.B, s.Level, "since " + p.Day(s.Since.Time), join("by", s.Evidence), format.Red.Of("%s", s.Rule)}
	}
	p.Table(nil, rows)
}

// changedBy is what an entry is about: identifiers, or the customers that came together or apart.
func changedBy(e api.LogEntry) string {
	if len(e.Identifiers) > 0 || slices.Equal(e.Before, e.After) {
		return strings.Join(e.Identifiers, " ")
	}
	return strings.Join(e.Before, " ") + " → " + strings.Join(e.After, " ")
}

func (p *page) customerLog(l *api.LogPage) {
	rows := make([][]any, len(l.Entries))
	for i, e := range l.Entries {
		who := slices.DeleteFunc([]string{e.Actor, e.Evidence}, func(s string) bool { return s == "" })
		rows[i] = []any{p.Clock(e.At.Time), format.Bold.Of("%s", e.Op), strings.Join(who, ", "), changedBy(e), format.Shorten(format.CleanLine(e.Reason), 60)}
	}
	if len(rows) > 0 {
		p.Table([]string{"WHEN", "WHAT", "BY", "ABOUT", "WHY"}, rows)
	}
	p.more(l.Cursor)
}
