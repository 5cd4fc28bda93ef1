package api

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"loket/desk"
)

// What the API says of figures.
type (
	FigureQuery  = desk.FigureQuery
	Figures      = desk.Figures
	FigureGroup  = desk.FigureGroup
	FigureTask   = desk.FigureTask
	FigureTasks  = desk.FigureTasks
	FigureSet    = desk.FigureSet
	FigureTimes  = desk.FigureTimes
	FigureStats  = desk.FigureStats
	FigureWithin = desk.FigureWithin
)

// A Rebuilt is how much was read to compute the figures anew.
type Rebuilt struct {
	Events int `json:"events"`
}

func figures(c *call) error {
	c.mayTake(2 * time.Minute)
	f, err := c.desk.Figures(c.ctx(), c.by(person{}), c.figureQuery())
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, f)
}

func figureTasks(c *call) error {
	c.mayTake(2 * time.Minute)
	limit, err := c.number("limit")
	if err != nil {
		return err
	}
	list, err := c.desk.FigureTasks(c.ctx(), c.by(person{}), c.figureQuery(), c.query().Get("figure"), limit, c.query().Get("cursor"))
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, list)
}

func rebuildFigures(c *call) error {
	c.mayTake(10 * time.Minute) // it reads every event
	if err := c.read(&person{}); err != nil {
		return err
	}
	n, err := c.desk.RebuildFigures(c.ctx(), c.by(person{}))
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, Rebuilt{n})
}

func (c *call) figureQuery() FigureQuery {
	q := c.query()
	return FigureQuery{
		Team: q.Get("team"), From: q.Get("from"), To: q.Get("to"), By: q.Get("by"), Zone: q.Get("zone"), Agent: q.Get("agent"),
		Channel: q.Get("channel"), Connector: q.Get("connector"), Priority: q.Get("priority"), Rule: q.Get("rule"), Tag: q.Get("tag"),
		Within: q.Get("within"), Short: q.Get("short"),
	}
}

func figureValues(f FigureQuery) url.Values {
	return url.Values{
		"team": {f.Team}, "from": {f.From}, "to": {f.To}, "by": {f.By}, "zone": {f.Zone}, "agent": {f.Agent}, "channel": {f.Channel},
		"connector": {f.Connector}, "priority": {f.Priority}, "rule": {f.Rule}, "tag": {f.Tag}, "within": {f.Within}, "short": {f.Short},
	}
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
