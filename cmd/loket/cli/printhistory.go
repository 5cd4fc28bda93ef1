package cli

import (
	"cmp"
	"fmt"
	"strings"

	"loket/cmd/loket/cli/format"
	"loket/desk/api"
)

// past prints what was done with a task, the newest last: nothing of one that was only claimed, as its head says that.
func (p *page) past(t *api.Task) {
	if len(t.History) < 2 || len(t.History) == 2 && t.History[1].Type == "claimed" {
		return
	}
	p.Printf("\n%s\n", format.Bold.Of("History"))
	for i := range t.History {
		s := &t.History[i]
		p.Printf("  %s %s\n", format.Faint.Of("%s", p.Clock(s.At.Time)), format.CleanLine(p.step(s)))
		p.Block("    ", s.Note)
		if i == 0 && t.HistoryLost > 0 {
			p.Printf("  %s\n", format.Faint.Of("… %d steps that are not kept", t.HistoryLost))
		}
	}
}

// step says one step in words.
func (p *page) step(s *api.TaskStep) string {
	by := ""
	if s.Agent != "" {
		by = "by " + s.Agent
	}
	switch s.Type {
	case "returned":
		return join("given back", by)
	case "expired":
		return join("claim ran out, held", by)
	case "transferred":
		return join("transferred from", s.FromTeam, "to", s.Team, by)
	case "assigned":
		return join("assigned", s.Reason, by)
	case "released":
		return join("kept for", s.Agent, "no longer:", s.Reason)
	case "waiting":
		until := ""
		if !s.Until.IsZero() {
			until = "until " + p.Clock(s.Until.Time)
		}
		return join("set waiting", until, by)
	case "closed":
		as := ""
		if s.Outcome != "" {
			as = "as " + s.Outcome
		}
		return join("closed", as, by)
	case "failed":
		return s.Reason
	case "to_others":
		return join("written", cmp.Or(recipients("to", "", s.To), "to others"), by)
	case "rated":
		return join("rated", s.Reason, "by the customer")
	case "merged", "unmerged":
		return join(mergeStep(s), by)
	}
	if s.Type == "reopened" && s.Reason == "" && by == "" && s.Message != "" {
		by = "by a message of the customer"
	}
	if s.Reason != "" {
		return join(s.Type, by) + ": " + s.Reason
	}
	return join(s.Type, by)
}

// mergeStep says which task came in, which one this went into, or which was taken out.
func mergeStep(s *api.TaskStep) string {
	if s.Type == "unmerged" {
		return join(s.Reason, "taken out again")
	}
	if into, ok := strings.CutPrefix(s.Reason, "into "); ok {
		return join("merged into", into)
	}
	return join("merged with", s.Reason)
}

// earlier prints a line for each earlier task of the customer.
func (p *page) earlier(t *api.Task) {
	e := t.Earlier
	if e == nil || len(e.Tasks) == 0 {
		return
	}
	p.Printf("\n%s\n", format.Bold.Of("Earlier tasks of the customer"))
	rows := make([][]any, len(e.Tasks))
	for i, o := range e.Tasks {
		state := o.State
		if o.Outcome != "" {
			state += " as " + format.CleanLine(o.Outcome)
		}
		rows[i] = []any{o.Number, o.Team, state, p.Clock(o.Created.Time), format.Shorten(format.CleanLine(o.Subject), 50)}
	}
	p.Table(nil, rows)
	if e.More > 0 || e.Uncounted {
		text := fmt.Sprintf("and %d more", e.More)
		if e.Uncounted {
			text = fmt.Sprintf("and more than %d more", e.More)
		}
		p.Printf("%s\n", format.Faint.Of("%s: loket customer history %s", text, t.Customer.ID))
	}
}
