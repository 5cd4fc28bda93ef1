package pages

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"loket/desk"
	"loket/internal/message"
	"loket/router/queue"
)

// What a list of tasks shows, as it stands in its address.
const (
	viewOpen     = "open"
	viewMine     = "mine"
	viewMentions = "mentions"
	viewWaiting  = "waiting"
	viewClosed   = "closed"
)

// home leads to the desk.
func (h *Handler) home(w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, "/desk", http.StatusSeeOther)
}

// rowsShown is how many tasks a list shows at a time.
const rowsShown = 100

// A row is a task in a list.
type row struct {
	ID, Ref, Number, Name, Subject, Team string
	Channel                              string
	State                                string // in words
	In                                   string // the state by its name
	Order                                int64  // by which rows are sorted
	Due                                  moment
	Late                                 bool
	Agent                                string // who holds it
	Mine, Current                        bool
	Here                                 string // who else has it open, in words
	Draft                                bool   // the visitor was writing in it
}

// A queueView is the list of tasks at the left of the desk.
type queueView struct {
	Teams []choice
	Views []choice
	Team  string
	View  string
	Rows  []row
	More  string // address of the next page
	First bool   // the first page of the list
	After string // the event after which what changes is not shown
	Late  int    // of those that are shown
}

// A choice leads to another part.
type choice struct {
	Label, Address string
	Current        bool
}

// list reads the list that a request asks for. current is the task that is open beside it.
func (h *Handler) list(ctx context.Context, v *visitor, query url.Values, team, current string) (*queueView, error) {
	mentions, err := h.desk.Mentions(ctx, v.by)
	if err != nil {
		return nil, err
	}
	q := chooseList(v.words, h.desk.Me(v.by).Teams, query, team, len(mentions.Tasks))
	if q.Team == "" {
		return q, nil
	}
	if q.After, err = h.desk.LastEvent(ctx); err != nil { // before the list is read
		return nil, err
	}
	var page desk.Page
	switch q.View {
	case viewMine:
		page, err = h.desk.Held(ctx, v.by)
	case viewMentions:
		page = mentions
	default:
		page, err = h.desk.List(ctx, v.by, desk.Listing{Team: q.Team, State: q.View, Limit: rowsShown, Cursor: query.Get("after")})
	}
	if err != nil {
		return nil, err
	}
	if page.Cursor != "" {
		q.More = queueAddress(q.Team, q.View, page.Cursor)
	}
	return q, h.addRows(ctx, v, q, page.Tasks, current)
}

// chooseList is the list that is asked for, of those that there are, with the ways to the others; without a team, when there is none.
// team is that where none is asked for.
func chooseList(w *words, teams []string, query url.Values, team string, mentions int) *queueView {
	q := &queueView{Team: cmp.Or(query.Get("team"), team), View: query.Get("view"), First: query.Get("after") == ""}
	if !slices.Contains(teams, q.Team) {
		q.Team = ""
		if len(teams) > 0 {
			q.Team = teams[0]
		}
	}
	if !slices.Contains([]string{viewMine, viewMentions, viewWaiting, viewClosed}, q.View) {
		q.View = viewOpen
	}
	for _, name := range teams {
		q.Teams = append(q.Teams, choice{Label: name, Address: queueAddress(name, q.View, ""), Current: name == q.Team})
	}
	for _, view := range []string{viewOpen, viewMine, viewMentions, viewWaiting, viewClosed} {
		q.Views = append(q.Views, choice{Label: w.view(view, mentions), Address: queueAddress(q.Team, view, ""), Current: view == q.View})
	}
	return q
}

// addRows adds the rows of tasks to a list, with who is there and what the visitor began in them.
func (h *Handler) addRows(ctx context.Context, v *visitor, q *queueView, tasks []*desk.Task, current string) error {
	unfinished, err := h.desk.UnfinishedIn(ctx, v.by)
	if err != nil {
		return err
	}
	present, err := h.present(ctx, v)
	if err != nil {
		return err
	}
	for _, t := range tasks {
		one := h.row(v, t, current)
		one.Here, one.Draft = present[t.Card.ID], unfinished[t.Card.ID]
		if q.Rows = append(q.Rows, one); one.Late {
			q.Late++
		}
	}
	return nil
}

func queueAddress(team, view, after string) string {
	values := url.Values{"team": {team}, "view": {view}}
	if after != "" {
		values.Set("after", after)
	}
	return "/desk?" + values.Encode()
}

func (h *Handler) row(v *visitor, t *desk.Task, current string) row {
	card, number := t.Card, queue.FormatNumber(t.Card.Number)
	r := row{
		ID: card.ID, In: string(card.State), Order: card.Order(), Ref: number, Number: number, Name: h.nameOf(v, t), Subject: cmp.Or(card.Subject, v.words.NoSubject), Team: card.Team, Channel: v.words.channel(card.Channel),
		State: v.words.State[string(card.State)], Due: h.millis(v.words, dueOf(card), t.Zone), Late: h.isLate(card), Current: card.ID == current,
	}
	if card.State == queue.Claimed {
		r.Agent, r.Mine = card.Agent, card.Agent == v.by.Agent
	}
	return r
}

// rowIn is the row of a task in a language, for whoever looks: which one is theirs, and which is open, is for the browser to say.
func (h *Handler) rowIn(lang string, t *desk.Task) (string, error) {
	v := &visitor{words: all[lang]}
	var out strings.Builder
	err := h.html.ExecuteTemplate(&out, "row", pair(v.words, h.row(v, t, "")))
	return out.String(), err
}

// nameOf is what whoever a task is from is called: by the customer's name, by what they call themselves, or by their address.
func (h *Handler) nameOf(v *visitor, t *desk.Task) string {
	if t.Customer != nil && t.Customer.Name != "" {
		return t.Customer.Name
	}
	return cmp.Or(t.Card.Name, strings.Join(addresses(t.Card.From[:min(1, len(t.Card.From))]), ""), v.words.Unknown)
}

// dueOf is by when somebody is to have an answer, ms; 0 when nobody waits for one: they have ours, or we began.
func dueOf(card *queue.Task) int64 {
	if card.State == queue.Waiting && card.Since == 0 {
		return 0
	}
	return card.Due
}

// isLate tells whether somebody waits longer than was promised.
func (h *Handler) isLate(card *queue.Task) bool {
	due := dueOf(card)
	return card.State != queue.Closed && due != 0 && h.now().UnixMilli() > due
}

// addresses are identifiers as people read them, without those that are of no use to them: of a visit.
func addresses(identifiers []message.Identifier) []string {
	var out []string
	for _, id := range identifiers {
		if id.Class() != message.Ephemeral && !slices.Contains(out, id.Value) {
			out = append(out, id.Value)
		}
	}
	return out
}

type queuePage struct {
	frame
	Queue *queueView
}

func (h *Handler) queuePage(w http.ResponseWriter, r *http.Request) {
	v := visitorOf(r.Context())
	q, err := h.list(r.Context(), v, r.URL.Query(), "", "")
	if err != nil {
		h.trouble(w, r, v.words, err)
		return
	}
	h.render(w, "desk.html", http.StatusOK, queuePage{frame: h.framed(r, v.words.Desk), Queue: q})
}

// takeNext claims the most urgent task of a team. Sent twice it gives the same task.
func (h *Handler) takeNext(w http.ResponseWriter, r *http.Request) {
	v := visitorOf(r.Context())
	f, ok := h.readForm(w, r, v.words)
	if !ok {
		return
	}
	t, err := h.desk.Claim(r.Context(), v.by, f.Get("team"), f.Get("key"), 0)
	switch {
	case errors.Is(err, desk.ErrNothing):
		http.Redirect(w, r, queueAddress(f.Get("team"), viewOpen, "")+"&done=nothing", http.StatusSeeOther)
	case err != nil:
		h.trouble(w, r, v.words, err)
	default:
		http.Redirect(w, r, taskAddress(queue.FormatNumber(t.Card.Number), "claimed"), http.StatusSeeOther)
	}
}

func taskAddress(number, done string) string {
	to := "/tasks/" + url.PathEscape(number)
	if done != "" {
		to += "?done=" + done
	}
	return to
}

// Key is a new name for a form that must not count twice.
func (q *queueView) Key() string { return rand.Text() }
