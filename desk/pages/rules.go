package pages

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"

	"loket/desk"
	"loket/desk/access"
	"loket/desk/figures"
	"loket/internal/field"
	"loket/internal/message"
	"loket/router/kpi"
)

// ruleView is a rule that holds now, in words.
type ruleView struct {
	Name, When, Team, Priority, Lane, First string
	Tags                                    []string
	Fallback                                bool
	Hits                                    int // of seven days
}

func (h *Handler) rulesPage(w http.ResponseWriter, r *http.Request) {
	v := visitorOf(r.Context())
	rules, err := h.desk.Rules(v.by)
	var hits map[string]int
	if err == nil {
		hits, err = h.hits(r, v.by)
	}
	if err != nil {
		h.trouble(w, r, v.words, err)
		return
	}
	var views []ruleView
	for i, rule := range rules {
		views = append(views, ruleView{
			Name: rule.Name, When: rule.When, Team: rule.Team, Priority: v.words.Priority[rule.Priority], Lane: strings.TrimPrefix(rule.Lane, "@"),
			First: field.FormatDuration(rule.FirstReply), Tags: rule.Tags, Fallback: i == len(rules)-1, Hits: hits[rule.Name],
		})
	}
	h.render(w, "operate-rules", http.StatusOK, h.operate(r, "/operations/rules", views))
}

// hits are how many messages of people came within seven days into tasks of each rule.
func (h *Handler) hits(r *http.Request, by access.Actor) (map[string]int, error) {
	report, err := h.figures.Report(r.Context(), by, figures.Query{From: "7d", By: string(kpi.ByRule)})
	if err != nil {
		return nil, err
	}
	place := slices.IndexFunc(kpi.List(), func(f kpi.Figure) bool { return f.Name == "messages" })
	all := map[string]int{}
	for _, g := range report.Groups {
		n, _ := g.Value(place).(int)
		all[g.Key[0]] += n
	}
	return all, nil
}

// A tryView is the form of a message to try, and what the rules make of it.
type tryView struct {
	Channels                                        []string
	Channel, Connector, From, Name, Subject, Text   string
	Routed                                          bool
	Team, Priority, Rule, Lane, Read, Language, Due string
	Tags                                            []string
	Sender                                          string
	ReadSubject, ReadText                           string
	Tried                                           []triedView
}

type triedView struct {
	Rule, Because string
	Matched       bool
}

// tryChannels are those that a message may be tried by, as rules call them.
func tryChannels() []string {
	return []string{"email", "web", "sms", "whatsapp", "x", "telegram", "messenger", "instagram", "facebook", "mastodon", "youtube", "bluesky", "phone", "letter", "counter"}
}

func (h *Handler) tryPage(w http.ResponseWriter, r *http.Request) {
	v := visitorOf(r.Context())
	if err := v.by.Require(access.RoleManager); err != nil {
		h.trouble(w, r, v.words, err)
		return
	}
	h.render(w, "operate-try", http.StatusOK, h.operate(r, "/operations/try", tryView{Channels: tryChannels(), Channel: "email"}))
}

// try asks the rules what they make of a message. Nothing is stored.
func (h *Handler) try(w http.ResponseWriter, r *http.Request) {
	v := visitorOf(r.Context())
	if err := v.by.Require(access.RoleManager); err != nil {
		h.trouble(w, r, v.words, err)
		return
	}
	f, ok := h.readForm(w, r, v.words)
	if !ok {
		return
	}
	view := tryView{
		Channels: tryChannels(), Channel: f.Get("channel"), Connector: strings.TrimSpace(f.Get("connector")), From: strings.TrimSpace(f.Get("from")),
		Name: f.Get("name"), Subject: f.Get("subject"), Text: f.Get("text"),
	}
	routed, err := h.routed(r, view, f)
	status, problem := http.StatusOK, ""
	if err != nil {
		if status, problem = h.told(v.words, err); status == http.StatusInternalServerError {
			h.trouble(w, r, v.words, err)
			return
		}
	} else {
		h.fill(&view, v, routed)
	}
	page := h.operate(r, "/operations/try", view)
	page.Problem, page.Here = problem, "/operations/try"
	h.render(w, "operate-try", status, page)
}

// routed is what the rules make of the mail that was given as a file, else of what was typed.
func (h *Handler) routed(r *http.Request, view tryView, f *form) (*desk.Routed, error) {
	if len(f.files) > 0 && len(f.files[0].Data) > 0 {
		return h.desk.RouteMail(r.Context(), view.Connector, f.files[0].Data, time.Time{})
	}
	m := &message.Message{
		Connector: cmp.Or(view.Connector, desk.HandConnector), Channel: view.Channel, Name: message.CleanLine(view.Name), Subject: message.CleanLine(view.Subject),
		Text: message.CleanText(view.Text),
	}
	if view.From != "" {
		text := view.From
		if strings.Contains(text, "@") && !strings.Contains(text, ":") {
			text = "email:" + text
		}
		x, err := message.ParseIdentifier(text, h.desk.Region(), message.Attested)
		if err != nil {
			return nil, field.Errorf("from", "%v", err)
		}
		m.From = []message.Identifier{x}
	}
	if strings.TrimSpace(m.Text) == "" && m.Subject == "" {
		return nil, field.Errorf("text", "must not be empty, unless a mail is given as a file")
	}
	return h.desk.Route(r.Context(), &desk.Incoming{Message: m}, time.Time{})
}

func (h *Handler) fill(view *tryView, v *visitor, routed *desk.Routed) {
	d, m := routed.Decision, routed.Message
	view.Routed, view.Team, view.Priority, view.Rule, view.Tags = true, d.Team, v.words.Priority[d.Priority], d.Rule, d.Tags
	view.Lane, view.Language = strings.TrimPrefix(d.Lane, "@"), d.Language
	view.Due = h.moment(v.words, d.Due, h.desk.ZoneOf(d.Team)).Text + " " + h.desk.ZoneOf(d.Team)
	view.Sender, view.ReadSubject, view.ReadText = strings.Join(addresses(m.From), ", "), m.Subject, message.Head(m.Text, 2000)
	for _, t := range d.Tried {
		view.Tried = append(view.Tried, triedView{Rule: t.Rule, Because: t.Because, Matched: t.Matched})
	}
}
