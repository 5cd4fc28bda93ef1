package cli

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"loket/cmd/loket/cli/format"
	"loket/desk/api"
)

// task prints everything about a task.
func (p *page) task(t *api.Task) {
	p.brief(t)
	p.Table(nil, p.facts(t))
	if t.Failure != "" {
		p.Printf("%s %s\n", format.Red.Of("An answer did not arrive:"), t.Failure)
	}
	if t.Unattended > 0 {
		p.Printf("%s\n", format.Faint.Of("If a person wrote what is automatic: loket person %[1]s; if it needs nobody: loket person %[1]s --machine", t.Number))
	}
	p.earlier(t)
	if t.Older != "" {
		p.Printf("\n%s\n", format.Faint.Of("Older messages: loket show %s --before %s, or --all", t.Number, t.Older))
	}
	for i := range t.Messages {
		p.message(&t.Messages[i], t.From)
	}
	p.notes("Notes", t.Notes)
	p.drafts(t.Drafts)
	p.past(t)
}

// headline is where the task stands: its state, team, priority and how soon.
func (p *page) headline(t *api.Task) format.Styled {
	parts := []string{p.state(t), t.Team, t.Priority}
	if t.Aged > 0 && t.State == "queued" {
		parts[2] += fmt.Sprintf(" (risen by %d, being late)", t.Aged)
	}
	if t.Archived {
		parts = append(parts, "archived")
	}
	look := format.Plain
	if by := dueBy(t); !by.IsZero() {
		due := p.Due(by)
		look = due.Style
		parts = append(parts, fmt.Sprintf("%s (%s)", due.Text, p.Clock(by)))
	}
	return look.Of("%s", strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " · "))
}

// dueBy is when we have to answer; zero when it is not our turn.
func dueBy(t *api.Task) time.Time {
	if t.State == "closed" || t.State == "waiting" && t.Wait.Since.IsZero() {
		return time.Time{}
	}
	return t.Due.Time
}

func (p *page) state(t *api.Task) string {
	if t.Unattended > 0 {
		return fmt.Sprintf("%s, %d unattended since", p.stood(t), t.Unattended)
	}
	return p.stood(t)
}

func (p *page) stood(t *api.Task) string {
	switch {
	case t.State == "claimed":
		return "claimed by " + t.Agent
	case t.State == "waiting" && !t.Until.IsZero():
		return "waiting until " + p.Clock(t.Until.Time)
	case t.MergedInto != "":
		return "merged into " + t.MergedInto
	case t.State == "closed" && t.Outcome != "":
		return "closed as " + t.Outcome
	case t.State == "queued" && t.Lane != "":
		return "queued for " + strings.TrimPrefix(t.Lane, "@")
	}
	return t.State
}

// facts are the lines between headline and messages. Those that say nothing are left out.
func (p *page) facts(t *api.Task) [][]any {
	channel := t.Channel
	if t.Connector != "" && t.Connector != t.Channel {
		channel += " (" + t.Connector + ")"
	}
	if t.Public {
		channel += ", public"
	}
	rows := [][]any{
		{"Subject", t.Subject},
		{"Subject now", t.SubjectNow},
		{"Customer", sender(t)},
		{"Channel", channel},
		{"Came", p.Ago(t.Created.Time)},
		{"Waits", p.Ago(t.Wait.Since.Time)},
		{"Rule", t.Rule},
		{"Tags", strings.Join(t.Tags, ", ")},
		{"Links", strings.Join(t.Links, ", ")},
		{"Goes on in", t.MergedInto},
		{"Merged", strings.Join(t.Merged, ", ")},
		{"Rated", t.Rating},
		{"Lease", p.lease(t)},
		{"Id", t.ID},
	}
	if t.Customer.ID != "" || len(t.From) == 0 {
		rows[2][1] = customer(t)
		rows = slices.Insert(rows, 3, []any{"Wrote from", strings.Join(t.From, ", ")})
	}
	if len(t.Others) > 0 {
		rows = append(rows, []any{"Also got it", strings.Join(t.Others, ", ") + " (a copy of the answer: loket reply --all)"})
	}
	for _, w := range t.Ways {
		rows = append(rows, []any{"May be sent", p.window(&w)})
	}
	if w := t.LastWriter; w != nil {
		rows = append(rows, []any{"Wrote last", lastWriter(w)})
	}
	rows = append(rows, doubtsOf(t)...)
	rows = slices.DeleteFunc(rows, func(r []any) bool { return r[1] == "" })
	for _, r := range rows {
		r[0] = format.Faint.Of("%s", r[0])
	}
	return rows
}

// doubtsOf are the lines that say who the customer could be, and what speaks against it.
func doubtsOf(t *api.Task) [][]any {
	var rows [][]any
	for _, c := range t.Customer.Candidates {
		could := "Could be"
		if slices.Contains(t.Customer.ClaimsToBe, c) {
			could = "Claims to be"
		}
		rows = append(rows, []any{could, join(c.ID, c.Name) + ": " + c.Why})
	}
	for _, c := range t.Customer.Conflicts {
		rows = append(rows, []any{"Beware", fmt.Sprintf("%s is of %s, %s is of %s", c.A, c.CustomerA, c.B, c.CustomerB)})
	}
	for _, sign := range t.Customer.Signs {
		rows = append(rows, []any{"Beware", sign})
	}
	if t.Customer.Contested {
		rows = append(rows, []any{"Beware", "what the sender holds is of several customers"})
	}
	return rows
}

// customer is who wrote, in a few words.
func customer(t *api.Task) string {
	name := cmp.Or(t.Customer.Name, t.Name)
	if t.Customer.ID != "" {
		return join(name, "("+t.Customer.ID+")", "— "+t.Customer.Assurance)
	}
	return cmp.Or(name, "unknown")
}

// sender says what is, and what is not, known of someone who is no customer yet.
func sender(t *api.Task) string {
	ids := strings.Join(t.From, ", ")
	switch t.Customer.Assurance {
	case "", "none", "mentioned", "claimed":
		return join(quoted(t.Name), "claims to be "+ids+", not verified")
	}
	return join(quoted(t.Name), ids+" ("+t.Customer.Assurance+")")
}

// lastWriter is who wrote last, how sure that is, and whether they are the one that the conversation is with.
func lastWriter(w *api.Writer) string {
	ids := strings.Join(w.From, ", ")
	text := join(quoted(w.Name), ids+" ("+w.Assurance+")")
	if w.Assurance == "mentioned" || w.Assurance == "claimed" {
		text = join(quoted(w.Name), "claims to be "+ids+", not verified")
	}
	if !w.Began {
		text += "; did not begin this conversation"
	}
	return text
}

func quoted(name string) string {
	if name == "" {
		return ""
	}
	return "“" + name + "”"
}

func join(words ...string) string {
	return strings.Join(slices.DeleteFunc(words, func(s string) bool { return s == "" }), " ")
}

func (p *page) lease(t *api.Task) string {
	if t.Lease == "" {
		return ""
	}
	return fmt.Sprintf("%s, for %s", t.Lease, format.Span(t.LeaseUntil.Sub(p.Now).Round(time.Second)))
}

// message prints one message behind a line that says when, from whom and how far it came. Whose identifiers are none of
// those that the task is from is named by them: anybody can call themselves as the customer does.
func (p *page) message(m *api.Message, from []string) {
	at := m.Received.Time
	if at.IsZero() {
		at = m.Sent.Time
	}
	who, look := cmp.Or(format.Shorten(format.CleanLine(m.Name), 40), "customer"), format.Bold
	if m.Direction == "out" {
		who, look = "us", format.Green
		if m.Agent != "" {
			who = m.Agent
		}
	}
	if m.Direction != "out" && !slices.ContainsFunc(m.From, func(id string) bool { return slices.Contains(from, id) }) {
		who = join(who, format.Shorten(format.CleanLine(strings.Join(m.From, ", ")), 120))
	}
	head := join("──", p.Clock(at), who, strings.Join(aboutMessage(m), ", "))
	if m.Delivery == nil {
		p.Printf("\n%s\n", look.Of("%s", head))
	} else {
		p.Printf("\n%s %s\n", look.Of("%s", head), p.delivery(m.Delivery))
		p.missed(m.Delivery.Missed)
	}
	if m.SubjectChanged {
		p.Printf("%s\n", format.Bold.Of("Subject: %s", format.CleanLine(m.Subject)))
	}
	p.Block("", m.Text)
	if m.AnswersLink != "" {
		p.Printf("%s\n", format.Faint.Of("answers %s", format.CleanLine(m.AnswersLink)))
	}
	if m.Link != "" {
		p.Printf("%s\n", format.Faint.Of("seen at %s", format.CleanLine(m.Link)))
	}
	p.attachments("", m.Attachments)
}

// aboutMessage are the remarks behind who wrote a message: what kind it is, and who else got it.
func aboutMessage(m *api.Message) []string {
	var about []string
	if m.Public {
		about = append(about, "public")
	}
	if m.Automatic != "" && m.Automatic != "no" {
		about = append(about, "automatic: "+m.Automatic)
	}
	about = append(about, m.Marks...)
	if m.Direction == "out" {
		about = append(about, recipients("to", m.Channel, m.To), recipients("with a copy to", m.Channel, m.Cc))
	} else {
		about = append(about, recipients("also to", m.Channel, m.Cc), recipients("answers to", m.Channel, m.ReplyTo))
	}
	return slices.DeleteFunc(about, func(s string) bool { return s == "" })
}

// attachments prints a line for each file, behind prefix.
func (p *page) attachments(prefix string, files []api.Attachment) {
	for _, a := range files {
		p.Printf("%s%s\n", prefix, format.Faint.Of("[%s, %s, %s: %s]", format.CleanLine(a.Name), format.CleanLine(a.Type), format.Size(a.Size), format.CleanLine(a.ID)))
	}
}

// recipients are whom something is written to, the first few. On the web that is the page of the thread, whatever address
// its writer gave.
func recipients(word, channel string, to []string) string {
	const most = 3
	if len(to) == 0 || channel == "web" {
		return ""
	}
	text := word + " " + format.CleanLine(strings.Join(to[:min(len(to), most)], ", "))
	if len(to) > most {
		text += fmt.Sprintf(" and %d more", len(to)-most)
	}
	return text
}

// delivery is how far an answer came, and since when; that it was sent is near the time at which it was written.
func (p *page) delivery(d *api.Delivery) format.Styled {
	text, look := "→ "+d.State, format.Faint
	if !d.At.IsZero() && d.State != "sent" {
		text += " " + p.Clock(d.At.Time)
	}
	switch d.State {
	case "failed", "doubt":
		look = format.Red
	}
	if d.Error != "" {
		text += ": " + d.Error
	}
	if d.Attempts > 1 {
		text += fmt.Sprintf(" (%d attempts)", d.Attempts)
	}
	if look == format.Red {
		text += "; resend with " + d.Reply
	}
	return look.Of("%s", format.CleanLine(text))
}

// missed tells which copies of an answer did not arrive.
func (p *page) missed(copies []api.MissedCopy) {
	for _, c := range copies {
		p.Printf("%s\n", format.Red.Of("the copy to %s did not arrive: %s", format.CleanLine(c.To), format.CleanLine(c.Reason)))
	}
}

func (p *page) notes(title string, notes []api.Note) {
	if len(notes) == 0 {
		return
	}
	p.Printf("\n%s\n", format.Bold.Of("%s", title))
	for _, n := range notes {
		about := n.Agent
		switch {
		case n.Message != "":
			about = format.CleanLine(p.mailHead(&n))
		case n.AnsweredBy != "":
			about = join(n.Agent, "answered by", format.CleanLine(n.AnsweredBy))
		}
		p.Printf("  %s", format.Faint.Of("%s", join(p.Clock(n.At.Time), about)))
		if n.Delivery != nil {
			p.Printf(" %s", p.delivery(n.Delivery))
		}
		p.Printf("\n")
		p.Block("    ", n.Text)
		p.attachments("    ", n.Attachments)
	}
}

// drafts prints answers that were not sent: whose, why not, and how to send or drop them.
func (p *page) drafts(drafts []api.Draft) {
	if len(drafts) == 0 {
		return
	}
	p.Printf("\n%s %s\n", format.Bold.Of("Drafts, not sent"), format.Faint.Of("(loket draft send|drop)"))
	for i := range drafts {
		p.draft(&drafts[i])
	}
}

func (p *page) draft(d *api.Draft) {
	p.Printf("  %s %s\n", format.Bold.Of("%s", d.ID), format.Faint.Of("%s", join(p.Clock(d.At.Time), d.Agent, recipients("to", "", d.To), recipients("with a copy to", "", d.Cc))))
	if d.Reason != "" {
		p.Printf("    %s\n", format.Faint.Of("not sent: %s", format.CleanLine(d.Reason)))
	}
	p.Block("    ", d.Text)
	p.attachments("    ", d.Attachments)
}

// tasks prints a line for each task.
func (p *page) tasks(tasks []*api.Task) {
	rows := make([][]any, len(tasks))
	for i, t := range tasks {
		p.In(t.Zone)
		who := cmp.Or(t.Customer.Name, t.Name)
		if who == "" && len(t.From) > 0 {
			who = t.From[0]
		}
		rows[i] = []any{
			format.Bold.Of("%s", t.Number), t.Team, p.state(t), t.Priority, p.Due(dueBy(t)), format.Shorten(format.CleanLine(who), 24), format.Shorten(format.CleanLine(t.Subject), 50),
		}
	}
	p.Table([]string{"NUMBER", "TEAM", "STATE", "PRIORITY", "DUE", "CUSTOMER", "SUBJECT"}, rows)
}

// brief prints one line that says where a task stands after a change.
func (p *page) brief(t *api.Task) {
	p.In(t.Zone)
	p.Printf("%s  %s\n", format.Bold.Of("%s", t.Number), p.headline(t))
	if t.Partial {
		p.Printf("%s\n", format.Red.Of("Done, but not all of the task could be read: see loket show %s", t.Number))
	}
}
