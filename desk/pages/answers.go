package pages

import (
	"cmp"
	"net/http"
	"time"

	"loket/desk/figures"
	"loket/router/kpi"
)

type answersView struct {
	frame
	Heading string
	Person  string // "" for one's own
	Form    figuresForm
	When    string
	Problem string
	Lines   []headline
	Rows    []answerRow
	Partial bool
}

// An answerRow is an answer that somebody gave, and what came of it.
type answerRow struct {
	figureTaskRow
	InTime  bool
	Back    moment
	Outcome string
	Rating  string // what the customer says of it
}

// answersPage shows somebody what came of their answers.
func (h *Handler) answersPage(w http.ResponseWriter, r *http.Request) {
	v := visitorOf(r.Context())
	q, person := readQuestion(r.URL.Query()), r.URL.Query().Get("person")
	page := answersView{Heading: v.words.OwnAnswers, Person: person, Form: h.figuresForm(v, q)}
	if person != "" && person != v.by.Person {
		page.Heading = v.words.AnswersOf + " " + person
	}
	page.frame = h.framed(r, page.Heading)
	given, err := h.figures.Answers(r.Context(), v.by, cmp.Or(person, v.by.Person), q.Query)
	status := http.StatusOK
	if err != nil {
		if status, page.Problem = h.told(v.words, err); status == http.StatusInternalServerError {
			h.trouble(w, r, v.words, err)
			return
		}
		h.render(w, "answers.html", status, page)
		return
	}
	page.When, page.Partial = v.words.stretch(given.Report), given.Partial
	page.Lines = answerLines(v.words, q, given)
	for i := range given.Answers {
		a := &given.Answers[i]
		row := answerRow{figureTaskRow: h.figureTaskRow(v.words, q, &a.Task, given.Zone), Back: h.millis(v.words, a.Back, given.Zone), Outcome: a.Outcome, Rating: v.words.CustomerSaid[string(a.Rating)]}
		if a.Wall != kpi.None { // what the customer waited, which this answer ended
			row.InTime = !a.Late()
			row.Took = v.words.span(time.Duration(a.Wall) * time.Millisecond)
		}
		page.Rows = append(page.Rows, row)
	}
	h.render(w, "answers.html", status, page)
}

// answerLines are what came of the answers of a person, each with the tasks behind it.
func answerLines(w *words, q question, given *figures.Answers) []headline {
	q.Agent = given.Person
	lines := []headline{}
	for _, name := range []string{"replies", "answered", "late", "resolved"} {
		lines = append(lines, headline{Label: w.Figure[name], Value: number(given.Total.Count(name)), Address: q.tasks(name), Alarm: name == "late" && given.Total.Count(name) > 0})
	}
	lines = append(lines, headline{Label: w.Figure["service_level"], Value: share(given.Total.Share("service_level")), Address: q.tasks("missed")})
	if line, ok := satisfied(w, q, &given.Total); ok {
		line.Label = w.Figure["satisfaction"]
		lines = append(lines, line)
	}
	return append(lines, headline{Label: w.CameBack, Value: number(given.Back), Note: w.CameBackHow, Address: "#answers"})
}
