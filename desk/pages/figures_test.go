package pages

import (
	"net/url"
	"testing"
	"time"

	"loket/router/kpi"
)

// Every figure of the list has a name and an explanation in both languages, and no other has.
func TestEveryFigureIsExplainedOnThePage(t *testing.T) {
	for _, w := range all {
		for _, f := range kpi.List() {
			if w.Figure[f.Name] == "" || w.FigureCounted[f.Name] == "" {
				t.Errorf("%s: %s is called %q and counts %q", w.Lang, f.Name, w.Figure[f.Name], w.FigureCounted[f.Name])
			}
		}
		if len(w.Figure) != len(kpi.List()) || len(w.FigureCounted) != len(kpi.List()) {
			t.Errorf("%s has %d names and %d explanations of %d figures", w.Lang, len(w.Figure), len(w.FigureCounted), len(kpi.List()))
		}
		for _, d := range kpi.Dimensions() {
			if w.FigureBy[string(d)] == "" {
				t.Errorf("%s: no word for %s", w.Lang, d)
			}
		}
	}
}

// The address holds the whole question; chosen days come before a period.
func TestAQuestionStandsInItsAddress(t *testing.T) {
	const asked = "agent=anna&by=week&channel=email&clock=working&from=2026-10-01&tag=-&team=support&to=2026-10-31&within=4h&zone=UTC"
	values, err := url.ParseQuery(asked)
	if err != nil {
		t.Fatal(err)
	}
	if got := readQuestion(values).address(); got != "/figures?"+asked {
		t.Errorf("%s\nbecame %s", asked, got)
	}
	values = url.Values{"last": {"week"}, "to": {"2026-10-31"}, "figure": {"late"}, "x": {"y"}}
	if got := readQuestion(values).address(); got != "/figures?to=2026-10-31" {
		t.Errorf("chosen days and a period became %s", got)
	}
}

func TestSpansHaveTheirTwoLargestUnits(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0 s", 59 * time.Second: "59 s", 90 * time.Second: "2 min", 59*time.Minute + 40*time.Second: "1 h", 70 * time.Minute: "1 h 10 min",
		23*time.Hour + 50*time.Minute: "1 d", 49 * time.Hour: "2 d 1 h", -time.Hour: "0 s",
	} {
		if got := english().span(d); got != want {
			t.Errorf("%v is %q, want %q", d, got, want)
		}
	}
}

// A hundred days by the hour are not megabytes: the file has what the page leaves out.
func TestLongTablesAreCut(t *testing.T) {
	r := &kpi.Report{By: []kpi.Dimension{kpi.ByTag}, Zone: "UTC"}
	for range maxFigureRows + 1 {
		r.Groups = append(r.Groups, kpi.Group{Key: []string{"tag"}})
	}
	if table := tableOf(english(), question{}, r); len(table.Rows) != maxFigureRows+1 || !table.More || !table.Rows[maxFigureRows].All {
		t.Errorf("%d rows, more: %v; want %d and the one of all", len(table.Rows), table.More, maxFigureRows)
	}
	r.Groups = r.Groups[:maxFigureRows]
	if table := tableOf(english(), question{}, r); len(table.Rows) != maxFigureRows+1 || table.More {
		t.Errorf("%d rows, more: %v; want all of them", len(table.Rows), table.More)
	}
}
