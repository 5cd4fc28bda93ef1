package pages

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"loket/desk/access"
	"loket/desk/figures"
	"loket/router/kpi"
)

// A question is what a page of figures is asked, all of it in the address.
type question struct {
	figures.Query
	Working bool // shows working time
}

func readQuestion(values url.Values) question {
	q := question{Working: values.Get("clock") == "working"}
	for _, f := range figures.Filters() {
		*f.In(&q.Query) = strings.TrimSpace(values.Get(f.Name))
	}
	if q.From != "" || q.To != "" { // chosen days come before a period, which the form always sends
		q.Last = ""
	}
	q.Previous = ""
	return q
}

// values are those of the address.
func (q question) values() url.Values {
	values := url.Values{}
	for _, f := range figures.Filters() {
		if text := *f.In(&q.Query); text != "" {
			values.Set(f.Name, text)
		}
	}
	if q.Working {
		values.Set("clock", "working")
	}
	return values
}

func (q question) address() string { return "/figures?" + q.values().Encode() }

// tasks is the address of what a figure counted.
func (q question) tasks(figure string) string {
	q.By = ""
	values := q.values()
	values.Set("figure", figure)
	return "/figures/tasks?" + values.Encode()
}

// csv is the address of figures for spreadsheets, split by one thing.
func (q question) csv(by string) string {
	q.By = by
	return "/figures/csv?" + q.values().Encode()
}

// with is the question of one group of its answer.
func (q question) with(by []kpi.Dimension, g *kpi.Group) question {
	if !g.From.IsZero() {
		q.Last, q.From, q.To = "", g.From.Format(time.RFC3339Nano), g.To.Format(time.RFC3339Nano)
	}
	for i, d := range by {
		if !g.From.IsZero() && slices.Contains(timeDimensions, string(d)) {
			continue
		}
		for _, f := range figures.Filters() {
			if f.Name == string(d) {
				*f.In(&q.Query) = cmp.Or(g.Key[i], figures.None)
			}
		}
	}
	return q
}

// timeDimensions are what a plot may run over.
var timeDimensions = []string{string(kpi.ByHour), string(kpi.ByDay), string(kpi.ByWeek)}

// over is by what the plots run.
func (q question) over() string {
	if slices.Contains(timeDimensions, q.By) {
		return q.By
	}
	switch q.Last {
	case "1d", "day":
		return string(kpi.ByHour)
	case "year":
		return string(kpi.ByWeek)
	}
	return string(kpi.ByDay)
}

func (h *Handler) figureRoutes() []route {
	return []route{
		{"GET", "/figures", false, h.figuresPage},
		{"GET", "/figures/tasks", false, h.figureTasksPage},
		{"GET", "/figures/csv", false, h.figuresCSV},
		{"POST", "/figures/views", false, h.keepView},
		{"POST", "/figures/views/drop", false, h.dropView},
		{"GET", "/figures/report", false, h.reportPage},
		{"GET", "/answers", false, h.answersPage},
		{"GET", "/board", true, h.board}, // it asks by itself who looks: a board is nobody
		{"GET", "/board/live", true, h.boardLive},
	}
}

type figuresView struct {
	frame
	Form      figuresForm
	Problem   string
	When      string // the period and its zone, in words
	Before    string
	Headlines []headline
	Plots     []plot
	Tables    []figureTable
	Heat      *heatMap
	Views     []viewLink
	Question  string // as it stands in the address
	ViewName  string
	Counted   []countedFigure
}

// figuresForm is what was asked.
type figuresForm struct {
	Teams, Periods, Splits []option
	From, To, Zone, Within string
	Working                bool
	Only                   []onlyView
}

type option struct {
	Value, Label string
	Chosen       bool
}

// onlyView is a restriction, and how it is taken back.
type onlyView struct{ Name, Label, Value, Address string }

// A headline is a figure of all, beside the same of the span before.
type headline struct {
	Label, Value, Note, Was, Address, How string
	Alarm                                 bool
}

type countedFigure struct{ ID, Name, Says string }

func (h *Handler) figuresPage(w http.ResponseWriter, r *http.Request) {
	v := visitorOf(r.Context())
	q := readQuestion(r.URL.Query())
	h.showFigures(w, r, v, q, figuresView{frame: h.framed(r, v.words.Figures)}, http.StatusOK)
}

// showFigures renders the page of a question, with what it says already.
func (h *Handler) showFigures(w http.ResponseWriter, r *http.Request, v *visitor, q question, page figuresView, status int) {
	page.Form, page.Counted, page.Question = h.figuresForm(v, q), v.words.counted(), q.values().Encode()
	err := h.fillFigures(r, v, q, &page)
	if err != nil {
		var text string
		if status, text = h.told(v.words, err); status == http.StatusInternalServerError {
			h.trouble(w, r, v.words, err)
			return
		}
		page.Problem = text
	}
	h.render(w, "figures.html", status, page)
}

// fillFigures asks for all that the page shows.
func (h *Handler) fillFigures(r *http.Request, v *visitor, q question, page *figuresView) error {
	asked := q.Query
	asked.By, asked.Previous = q.over(), "true"
	report, err := h.figures.Report(r.Context(), v.by, asked)
	if err != nil {
		return err
	}
	page.Form.Zone = report.Zone
	page.When, page.Before = v.words.stretch(report.Report), v.words.stretch(report.Previous)
	page.Headlines = headlines(v.words, q, report)
	page.Plots = plots(v.words, q, report)
	page.Tables = []figureTable{tableOf(v.words, q, report.Report)}
	page.Tables[0].Title = v.words.OverTime
	for _, by := range splitsFor(v.by, q) {
		asked.By, asked.Previous = string(by), ""
		split, err := h.figures.Report(r.Context(), v.by, asked)
		if err != nil {
			return err
		}
		if len(split.Groups) > 0 {
			page.Tables = append(page.Tables, tableOf(v.words, q, split.Report))
		}
	}
	asked.By = string(kpi.ByWeekday) + "," + string(kpi.ByHour)
	busy, err := h.figures.Report(r.Context(), v.by, asked)
	if err != nil {
		return err
	}
	page.Heat = heatOf(v.words, q, busy.Report)
	page.Views, err = h.viewLinks(r.Context(), v)
	return err
}

// splitsFor are the tables that somebody may see: figures of persons are for managers and themselves.
func splitsFor(by access.Actor, q question) []kpi.Dimension {
	var all []kpi.Dimension
	for _, d := range []kpi.Dimension{kpi.ByTeam, kpi.ByAgent, kpi.ByChannel, kpi.ByTag} {
		if d == kpi.ByAgent && !by.Has(access.RoleManager) && q.Agent != by.Person {
			continue
		}
		all = append(all, d)
	}
	return all
}

func (h *Handler) figuresForm(v *visitor, q question) figuresForm {
	f := figuresForm{From: q.From, To: q.To, Within: q.Within, Zone: q.Zone, Working: q.Working}
	f.Teams = []option{{"", v.words.AllTeams, q.Team == ""}}
	for _, team := range h.desk.Me(v.by).Teams {
		f.Teams = append(f.Teams, option{team, team, team == q.Team})
	}
	chosen := q.From != "" || q.To != ""
	f.Periods = []option{{"", v.words.ChosenDays, chosen}}
	for _, last := range []string{"7d", "28d", "1d", "day", "week", "month", "year"} {
		f.Periods = append(f.Periods, option{last, v.words.FigureLast[last], !chosen && last == cmp.Or(q.Last, "7d")})
	}
	for _, by := range timeDimensions {
		f.Splits = append(f.Splits, option{by, v.words.FigureBy[by], by == q.over()})
	}
	for _, filter := range figures.Filters() {
		if d := kpi.Dimension(filter.Name); d == kpi.ByTeam || !slices.Contains(kpi.Dimensions(), d) || *filter.In(&q.Query) == "" {
			continue
		}
		without := q
		*filter.In(&without.Query) = ""
		value := *filter.In(&q.Query)
		f.Only = append(f.Only, onlyView{filter.Name, v.words.FigureBy[filter.Name], value, without.address()})
	}
	return f
}

// stretch is a span in words, with the zone whose days they are.
func (w *words) stretch(r *kpi.Report) string {
	zone, err := time.LoadLocation(r.Zone)
	if err != nil {
		zone = time.UTC
	}
	from, to := r.From.In(zone), r.To.In(zone)
	last := to
	if to.Hour() == 0 && to.Minute() == 0 {
		last = to.AddDate(0, 0, -1)
	}
	text := w.day(from) + from.Format(" 2006")
	if from.Hour() != 0 || from.Minute() != 0 {
		text += from.Format(" 15:04")
	}
	if last.Equal(to) || from.Format(time.DateOnly) != last.Format(time.DateOnly) {
		text += " – " + w.day(last) + last.Format(" 2006")
		if last.Equal(to) {
			text += to.Format(" 15:04")
		}
	}
	return text + " (" + r.Zone + ")"
}

// counted says of every figure of the list what it counts.
func (w *words) counted() []countedFigure {
	var all []countedFigure
	for _, f := range kpi.List() {
		all = append(all, countedFigure{howID(f.Name), w.Figure[f.Name], w.FigureCounted[f.Name]})
	}
	return all
}

// howID is the place on the page that says how a figure is counted.
func howID(figure string) string { return "how-" + figure }

// headlines are the figures that say most.
func headlines(w *words, q question, r *figures.Report) []headline {
	all := []headline{
		{Value: share(r.Total.Share("service_level")), Was: share(r.Previous.Total.Share("service_level")), How: "service_level", Address: q.tasks("missed")},
		spreadLine(w, q, r, "first_response"),
	}
	for _, name := range []string{"messages", "answered", "late", "abandoned"} {
		n := r.Total.Count(name)
		all = append(all, headline{
			Value: number(n), Was: number(r.Previous.Total.Count(name)), Address: q.tasks(name), How: name, Alarm: name == "late" && n > 0,
		})
	}
	if line, ok := satisfied(w, q, &r.Total); ok {
		line.Was = share(r.Previous.Total.Share("satisfaction"))
		all = append(all, line)
	}
	if r.Total.Now {
		for _, name := range []string{"backlog", "breached"} {
			n := r.Total.Count(name)
			all = append(all, headline{Value: number(n), Address: q.tasks(name), How: name, Alarm: name == "breached" && n > 0})
		}
	}
	for i := range all {
		all[i].Label, all[i].How = w.Figure[all[i].How], "#"+howID(all[i].How)
	}
	return all
}

// satisfied is how many customers say that we helped, where any says anything.
func satisfied(w *words, q question, f *kpi.Figures) (headline, bool) {
	rated := f.Count("rated")
	return headline{Value: share(f.Share("satisfaction")), Note: w.Figure["rated"] + ": " + number(rated), Address: q.tasks("rated"), How: "satisfaction"}, rated > 0
}

func spreadLine(w *words, q question, r *figures.Report, name string) headline {
	now, was := q.clock(r.Total.Times(name)), q.clock(r.Previous.Total.Times(name))
	line := headline{Value: dash, Was: dash, How: name, Address: q.tasks(name)}
	if now != nil {
		line.Value, line.Note = w.seconds(now.P50), w.NineOfTen+" "+w.seconds(now.P90)
	}
	if was != nil {
		line.Was = w.seconds(was.P50)
	}
	return line
}

// clock is the time that the question is read in.
func (q question) clock(t kpi.Times) *kpi.Stats {
	if q.Working {
		return t.Working
	}
	return t.Wall
}

// dash stands where nothing is known.
const dash = "–"

func share(v *float64) string {
	if v == nil {
		return dash
	}
	return percent(*v)
}
