package pages

import (
	"context"
	"math"
	"net/http"
	"net/url"
	"slices"
	"time"

	"loket/desk/figures"
	"loket/router/kpi"
)

// A heatMap is how much came in each hour of the week.
type heatMap struct {
	CSV   string
	Hours []string
	Days  []heatDay
}

type heatDay struct {
	Name  string
	Cells []heatCell
}

// A heatCell is an hour of a weekday. Heat is from 0, nothing, to 4, the most.
type heatCell struct {
	Text, Address string
	Heat          int
}

const hottest = 4

// heatOf draws figures by weekday and hour; nil when nothing came.
func heatOf(w *words, q question, r *kpi.Report) *heatMap {
	most := 0
	for i := range r.Groups {
		most = max(most, r.Groups[i].Count("messages"))
	}
	if most == 0 {
		return nil
	}
	m := heatMap{CSV: q.csv(string(kpi.ByWeekday) + "," + string(kpi.ByHour))}
	for i := range r.Groups {
		g := &r.Groups[i]
		day, hour := g.Key[0], g.Key[1]
		if len(m.Days) == 0 || m.Days[len(m.Days)-1].Name != w.weekday(day) {
			m.Days = append(m.Days, heatDay{Name: w.weekday(day)})
		}
		if !slices.Contains(m.Hours, hour) {
			m.Hours = append(m.Hours, hour)
		}
		cell := heatCell{}
		if n := g.Count("messages"); n > 0 {
			cell = heatCell{Text: number(n), Address: q.with(r.By, g).tasks("messages"), Heat: int(math.Ceil(hottest * float64(n) / float64(most)))}
		}
		of := &m.Days[len(m.Days)-1]
		of.Cells = append(of.Cells, cell)
	}
	slices.Sort(m.Hours)
	return &m
}

// weekday is what people call a weekday such as mon.
func (w *words) weekday(name string) string {
	for day := range time.Saturday + 1 {
		if name == kpi.WeekdayLabel(day) {
			return w.Days[day]
		}
	}
	return name
}

// A viewLink leads to a question that somebody keeps.
type viewLink struct{ Name, Address string }

func (h *Handler) viewLinks(ctx context.Context, v *visitor) ([]viewLink, error) {
	views, err := h.figures.Views(ctx, v.by)
	var links []viewLink
	for _, view := range views {
		links = append(links, viewLink{view.Name, "/figures?" + view.Question})
	}
	return links, err
}

// keepView keeps a question of the page. A mistake leaves the page as it is, with what was typed.
func (h *Handler) keepView(w http.ResponseWriter, r *http.Request) {
	v := visitorOf(r.Context())
	f, ok := h.readForm(w, r, v.words)
	if !ok {
		return
	}
	values, err := url.ParseQuery(f.Get("question"))
	if err != nil {
		h.problem(w, v.words, http.StatusBadRequest, v.words.Unreadable)
		return
	}
	q := readQuestion(values) // what is kept is a question, whatever was sent
	err = h.figures.KeepView(r.Context(), v.by, figures.View{Name: f.Get("name"), Question: q.values().Encode()})
	if err != nil {
		status, text := h.told(v.words, err)
		if status == http.StatusInternalServerError {
			h.trouble(w, r, v.words, err)
			return
		}
		h.showFigures(w, r, v, q, figuresView{frame: h.framed(r, v.words.Figures), Problem: text, ViewName: f.Get("name")}, status)
		return
	}
	back := q.values()
	back.Set("done", "viewkept")
	http.Redirect(w, r, "/figures?"+back.Encode(), http.StatusSeeOther)
}

func (h *Handler) dropView(w http.ResponseWriter, r *http.Request) {
	v := visitorOf(r.Context())
	f, ok := h.readForm(w, r, v.words)
	if !ok {
		return
	}
	if err := h.figures.DropView(r.Context(), v.by, f.Get("name")); err != nil {
		h.trouble(w, r, v.words, err)
		return
	}
	http.Redirect(w, r, "/figures?done=viewdropped", http.StatusSeeOther)
}
