package pages

import (
	"net/http"
	"slices"
	"time"

	"loket/desk/figures"
	"loket/router/kpi"
)

type reportView struct {
	frame
	Month   string // as it was asked for
	Team    string
	Teams   []option
	Problem string
	Sheets  []reportSheet
}

// A reportSheet is how a month went in a team: a sheet of paper.
type reportSheet struct {
	Team, Month  string
	When, Before string
	Lines        []headline
	Plots        []plot
	Tables       []figureTable
	Counted      []countedFigure
}

// reportPage is how a month went, for paper: a sheet for each team.
func (h *Handler) reportPage(w http.ResponseWriter, r *http.Request) {
	v := visitorOf(r.Context())
	asked := r.URL.Query()
	page := reportView{frame: h.framed(r, v.words.MonthlyReport), Month: asked.Get("month"), Team: asked.Get("team")}
	if page.Month == "" {
		page.Month = h.now().AddDate(0, 0, -h.now().Day()).Format("2006-01")
	}
	teams := h.desk.Me(v.by).Teams
	page.Teams = []option{{"", v.words.AllTeams, page.Team == ""}}
	for _, team := range teams {
		page.Teams = append(page.Teams, option{team, team, team == page.Team})
	}
	if page.Team != "" {
		teams = []string{page.Team}
	}
	for _, team := range teams {
		sheet, err := h.reportSheet(r, v, page.Month, team)
		if err != nil {
			status, text := h.told(v.words, err)
			if status == http.StatusInternalServerError {
				h.trouble(w, r, v.words, err)
				return
			}
			page.Sheets, page.Problem = nil, text
			h.render(w, "report.html", status, page)
			return
		}
		page.Sheets = append(page.Sheets, *sheet)
	}
	h.render(w, "report.html", http.StatusOK, page)
}

// reportSheet asks for what stands on a sheet.
func (h *Handler) reportSheet(r *http.Request, v *visitor, month, team string) (*reportSheet, error) {
	from, to, err := figures.Month(month)
	if err != nil {
		return nil, err
	}
	q := question{Query: figures.Query{Team: team, From: from, To: to}}
	asked := q.Query
	asked.By, asked.Previous = string(kpi.ByDay), "true"
	report, err := h.figures.Report(r.Context(), v.by, asked)
	if err != nil {
		return nil, err
	}
	sheet := &reportSheet{
		Team: team, Month: v.words.month(report.Report), When: v.words.stretch(report.Report), Before: v.words.stretch(report.Previous),
		Lines: headlines(v.words, q, report), Plots: plots(v.words, q, report),
	}
	for _, by := range []kpi.Dimension{kpi.ByWeek, kpi.ByChannel} {
		asked.By, asked.Previous = string(by), ""
		split, err := h.figures.Report(r.Context(), v.by, asked)
		if err != nil {
			return nil, err
		}
		if len(split.Groups) > 0 {
			split.Total.Now = false // what is open now is not the month's
			table := tableOf(v.words, q, split.Report)
			if by == kpi.ByWeek {
				table.Title = v.words.OverTime
			}
			sheet.Tables = append(sheet.Tables, table)
		}
	}
	for _, c := range v.words.counted() {
		if slices.Contains([]string{howID("service_level"), howID("first_response"), howID("late"), howID("abandoned")}, c.ID) {
			sheet.Counted = append(sheet.Counted, c)
		}
	}
	return sheet, nil
}

// month is the month that a span begins in, as people call it.
func (w *words) month(r *kpi.Report) string {
	zone, err := time.LoadLocation(r.Zone)
	if err != nil {
		zone = time.UTC
	}
	from := r.From.In(zone)
	return w.Months[from.Month()-1] + from.Format(" 2006")
}
