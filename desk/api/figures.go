package api

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"loket/desk/figures"
	"loket/router/kpi"
	"loket/router/queue"
)

// A FigureQuery says which figures are wanted.
type FigureQuery = figures.Query

// Figures are what was asked for. docs/figures.md says how each is computed.
type Figures struct {
	From   Time          `json:"from"`
	To     Time          `json:"to"` // not in it
	Zone   string        `json:"zone"`
	By     []string      `json:"by"`
	Groups []FigureGroup `json:"groups"`
	Total  FigureSet     `json:"total"`
	// Previous are those of the span before, split alike.
	Previous *FigureSpan   `json:"previous,omitempty"`
	Within   *FigureWithin `json:"within,omitempty"` // as it was asked
}

// A FigureSpan is the figures of another span.
type FigureSpan struct {
	From   Time          `json:"from"`
	To     Time          `json:"to"` // not in it
	Groups []FigureGroup `json:"groups"`
	Total  FigureSet     `json:"total"`
}

// A FigureWithin says by what the service level was measured instead of what was promised.
type FigureWithin struct {
	Seconds float64 `json:"seconds"`
	// Clocks are the teams and the calendar in whose working time each was measured; "" for wall-clock time.
	Clocks map[string]string `json:"clocks"`
}

// FigureTasks are the tasks behind a figure, oldest first. One is there as often as it was counted.
type FigureTasks struct {
	Figure string        `json:"figure"`
	Tasks  []FigureTask  `json:"tasks"`
	Cursor string        `json:"cursor"`
	Zone   string        `json:"zone"`             // of the days that were asked for
	Within *FigureWithin `json:"within,omitempty"` // as it was asked
}

// A FigureTask is one thing that a figure counted.
type FigureTask struct {
	Number  string `json:"number"`
	ID      string `json:"id,omitempty"`
	Subject string `json:"subject,omitempty"`
	Team    string `json:"team"` // that it is credited to
	Agent   string `json:"agent,omitempty"`
	Channel string `json:"channel,omitempty"`
	At      Time   `json:"at"` // when it counts
	Wait    int    `json:"wait,omitempty"`
	Since   Time   `json:"since,omitzero"` // of the wait
	Due     Time   `json:"due,omitzero"`
	Ending  string `json:"ending,omitempty"` // answered, abandoned, unanswered
	Late    bool   `json:"late"`
	// What the figure measures, in seconds; null when it measures nothing, or there is no calendar.
	Seconds *float64 `json:"seconds"`
	Working *float64 `json:"working_seconds"`
	// Why is what the wait went through; null when there was none.
	Why *FigureWhy `json:"why,omitempty"`
}

// A FigureWhy is what a wait went through: the reasons for which it took long.
type FigureWhy struct {
	Unclaimed float64 `json:"unclaimed_seconds"` // until somebody first took it
	Elsewhere float64 `json:"elsewhere_seconds"` // with other teams before
	Transfers int     `json:"transfers"`
	Rests     int     `json:"rests"`    // set to wait by one of us
	Returned  int     `json:"returned"` // given back, or not kept until the lease ran out
	Failed    int     `json:"failed"`   // answers that did not arrive
}

func figuresOf(f *figures.Report) *Figures {
	out := &Figures{
		From: Time{Time: f.From}, To: Time{Time: f.To}, Zone: f.Zone, By: []string{}, Total: FigureSet{f.Total}, Within: withinOf(f.Within),
	}
	for _, dimension := range f.By {
		out.By = append(out.By, string(dimension))
	}
	out.Groups = groupsOf(out.By, f.Groups)
	if b := f.Previous; b != nil {
		out.Previous = &FigureSpan{Time{Time: b.From}, Time{Time: b.To}, groupsOf(out.By, b.Groups), FigureSet{b.Total}}
	}
	return out
}

func groupsOf(by []string, groups []kpi.Group) []FigureGroup {
	out := make([]FigureGroup, len(groups))
	for i, g := range groups {
		key := map[string]string{}
		for j, name := range by {
			key[name] = g.Key[j]
		}
		out[i] = FigureGroup{key, FigureSet{g.Figures}}
	}
	return out
}

// Report is what the daemon summed up, as a program of ours has it.
func (f *Figures) Report() *figures.Report {
	out := &figures.Report{Report: f.sums(f.From, f.To, f.Groups, f.Total)}
	if b := f.Previous; b != nil {
		out.Previous = f.sums(b.From, b.To, b.Groups, b.Total)
	}
	if f.Within != nil {
		out.Within = &figures.Within{Time: time.Duration(f.Within.Seconds * float64(time.Second)), Clocks: f.Within.Clocks}
	}
	return out
}

func (f *Figures) sums(from, to Time, groups []FigureGroup, total FigureSet) *kpi.Report {
	r := &kpi.Report{From: from.Time, To: to.Time, Zone: f.Zone, Groups: make([]kpi.Group, len(groups)), Total: total.Figures}
	for _, name := range f.By {
		r.By = append(r.By, kpi.Dimension(name))
	}
	for i, g := range groups {
		r.Groups[i].Figures = g.Figures
		for _, name := range f.By {
			r.Groups[i].Key = append(r.Groups[i].Key, g.Key[name])
		}
	}
	return r
}

func withinOf(w *figures.Within) *FigureWithin {
	if w == nil {
		return nil
	}
	return &FigureWithin{w.Time.Seconds(), w.Clocks}
}

func figureTasksOf(list *figures.Tasks) *FigureTasks {
	out := &FigureTasks{Figure: list.Figure, Tasks: make([]FigureTask, len(list.Tasks)), Cursor: list.Cursor, Zone: list.Zone, Within: withinOf(list.Within)}
	for i := range list.Tasks {
		out.Tasks[i] = figureTaskOf(&list.Tasks[i])
	}
	return out
}

func figureTaskOf(t *figures.Task) FigureTask {
	at := func(ms int64) Time { return Time{Time: time.UnixMilli(ms).UTC()} }
	v := FigureTask{
		Number: queue.FormatNumber(t.Task), ID: t.ID, Subject: t.Subject, Team: t.Sort.Team, Agent: t.Agent, Channel: t.Sort.Channel,
		At: at(t.At), Wait: t.Wait, Ending: t.Ending.String(), Late: t.Late(), Seconds: seconds(t.Span), Working: seconds(t.Work),
	}
	if t.Wall != kpi.None {
		v.Since = at(t.At - t.Wall)
		if t.Target != kpi.None {
			v.Due = at(t.At - t.Wall + t.Target)
		}
		if t.ID != "" {
			v.Why = &FigureWhy{t.Why.Unclaimed.Seconds(), t.Why.Elsewhere.Seconds(), t.Why.Transfers, t.Why.Rests, t.Why.Returned, t.Why.Failed}
		}
	}
	return v
}

func seconds(ms int64) *float64 {
	if ms == kpi.None {
		return nil
	}
	s := float64(ms) / 1000
	return &s
}

// A Rebuilt is how much was read to compute the figures anew.
type Rebuilt struct {
	Events int `json:"events"`
}

func getFigures(c *call) error {
	c.mayTake(2 * time.Minute)
	f, err := c.figures.Report(c.ctx(), c.by(person{}), c.figureQuery())
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, figuresOf(f))
}

func getFigureTasks(c *call) error {
	c.mayTake(2 * time.Minute)
	limit, err := c.number("limit")
	if err != nil {
		return err
	}
	list, err := c.figures.Tasks(c.ctx(), c.by(person{}), c.figureQuery(), c.query().Get("figure"), limit, c.query().Get("cursor"))
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, figureTasksOf(list))
}

func rebuildFigures(c *call) error {
	c.mayTake(10 * time.Minute) // it reads every event
	if err := c.read(&person{}); err != nil {
		return err
	}
	n, err := c.figures.Rebuild(c.ctx(), c.by(person{}))
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, Rebuilt{n})
}

func (c *call) figureQuery() FigureQuery {
	var asked FigureQuery
	q := c.query()
	for _, f := range figures.Filters() {
		*f.In(&asked) = q.Get(f.Name)
	}
	return asked
}

func figureValues(asked FigureQuery) url.Values {
	q := url.Values{}
	for _, f := range figures.Filters() {
		q.Set(f.Name, *f.In(&asked))
	}
	return q
}

// Figures sums up what was answered, how soon, and what is open.
func (c *Client) Figures(ctx context.Context, asked FigureQuery) (*Figures, error) {
	var f *Figures
	err := c.get(ctx, path("kpi"), figureValues(asked), &f)
	return f, err
}

// FigureTasks lists the tasks behind a figure, a page at a time; limit 0 for the usual length.
func (c *Client) FigureTasks(ctx context.Context, asked FigureQuery, figure string, limit int, cursor string) (*FigureTasks, error) {
	q := figureValues(asked)
	q["figure"], q["cursor"] = []string{figure}, []string{cursor}
	if limit > 0 {
		q.Set("limit", strconv.Itoa(limit))
	}
	var t *FigureTasks
	err := c.get(ctx, path("kpi", "tasks"), q, &t)
	return t, err
}

// RebuildFigures computes the figures anew from the events that are kept.
func (c *Client) RebuildFigures(ctx context.Context) (*Rebuilt, error) {
	var r *Rebuilt
	err := c.post(ctx, path("kpi", "rebuild"), struct{}{}, &r)
	return r, err
}
