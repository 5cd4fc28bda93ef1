package pages

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"loket/desk/figures"
	"loket/router/kpi"
	"loket/router/queue"
)

type figureTasksView struct {
	frame
	Name, Says, When, Back, More string
	How                          string // the place that says how it is counted
	Only                         []onlyView
	Team                         string
	Rows                         []figureTaskRow
}

// A figureTaskRow is one thing that a figure counted.
type figureTaskRow struct {
	Number, Address string // "" for a task that may not be seen
	Subject, Team   string
	Agent, Channel  string
	At, Due         moment
	Late, Took      string
	Why             []string
}

// figureTasksPage lists what a figure counted: when it was due, how late, and why.
func (h *Handler) figureTasksPage(w http.ResponseWriter, r *http.Request) {
	v := visitorOf(r.Context())
	q, name := readQuestion(r.URL.Query()), r.URL.Query().Get("figure")
	list, err := h.figures.Tasks(r.Context(), v.by, q.Query, name, rowsShown, r.URL.Query().Get("cursor"))
	if err != nil {
		h.trouble(w, r, v.words, err)
		return
	}
	page := figureTasksView{
		frame: h.framed(r, v.words.Figure[name]), Name: v.words.Figure[name], Says: v.words.FigureCounted[name], Back: q.address(), How: q.address() + "#" + howID(name),
		Only: h.figuresForm(v, q).Only, Team: q.Team, When: v.words.stretch(&kpi.Report{From: list.From, To: list.To, Zone: list.Zone}),
	}
	for i := range list.Tasks {
		page.Rows = append(page.Rows, h.figureTaskRow(v.words, q, &list.Tasks[i], list.Zone))
	}
	if list.Cursor != "" {
		values := q.values()
		values.Set("figure", name)
		values.Set("cursor", list.Cursor)
		page.More = "/figures/tasks?" + values.Encode()
	}
	h.render(w, "figuretasks.html", http.StatusOK, page)
}

func (h *Handler) figureTaskRow(w *words, q question, t *figures.Task, zone string) figureTaskRow {
	row := figureTaskRow{
		Number: queue.FormatNumber(t.Task), Subject: t.Subject, Team: t.Sort.Team, Agent: t.Agent, Channel: w.channel(t.Sort.Channel),
		At: h.millis(w, t.At, zone),
	}
	if t.ID != "" {
		row.Address = taskAddress(row.Number, "")
	}
	took := t.Span
	if q.Working {
		took = t.Work
	}
	if took != kpi.None {
		row.Took = w.span(time.Duration(took) * time.Millisecond)
	}
	if t.Wall != kpi.None && t.Target != kpi.None {
		row.Due = h.millis(w, t.At-t.Wall+t.Target, zone)
		if t.Wall > t.Target {
			row.Late = w.span(time.Duration(t.Wall-t.Target) * time.Millisecond)
		}
	}
	row.Why = w.why(&t.Why)
	return row
}

// why says what a wait went through.
func (w *words) why(y *figures.Why) []string {
	var all []string
	for _, spent := range []struct {
		says string
		time time.Duration
	}{{w.NobodyTook, y.Unclaimed}, {w.WithOthers, y.Elsewhere}} {
		if spent.time >= time.Second {
			all = append(all, fmt.Sprintf(spent.says, w.span(spent.time)))
		}
	}
	for _, happened := range []struct {
		says string
		n    int
	}{{w.FigureTransferred, y.Transfers}, {w.FigureRested, y.Rests}, {w.FigureReturned, y.Returned}, {w.FigureNotArrived, y.Failed}} {
		if happened.n > 0 {
			all = append(all, fmt.Sprintf(happened.says, happened.n))
		}
	}
	return slices.Clip(all)
}
