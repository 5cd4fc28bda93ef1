package cli

import (
	"encoding/csv"
	"strings"
	"testing"
)

const someFigures = `{"from":"2026-03-02T00:00:00.000Z","to":"2026-03-09T00:00:00.000Z","zone":"UTC","by":["team"],"groups":[
{"key":{"team":"support"},"messages":12,"answered":8,"abandoned":1,"service_level":0.75,"in_time":6,"counted":9,
"first_response":{"wall":{"count":8,"mean":4000,"p50":3600,"p90":7260,"p95":9000},"working":null},"now":{"backlog":3,"oldest_wait":5400,"due_soon":1,"breached":2}},
{"key":{"team":"=webcare\u001b[2J"},"messages":2,"answered":2,"service_level":1,"first_response":{"wall":{"count":2,"mean":60,"p50":60,"p90":61.5,"p95":61.5},"working":{"count":2,"mean":30,"p50":30,"p90":31,"p95":31}}}],
"total":{"messages":14,"answered":10,"abandoned":1,"service_level":0.8,"reopened":4}}`

func TestKPIPrintsATableWithBars(t *testing.T) {
	c := newCounter(t, map[string]string{"GET /kpi?by=team&from=7d&team=support": "200 " + someFigures})
	got := typed(t, "", nil, "kpi", "--team", "support", "--from", "7d", "--server", c.URL)
	if got.code != 0 {
		t.Fatalf("loket kpi = %+v", got)
	}
	for _, want := range []string{
		"2026-03-02 00:00 to 2026-03-09 00:00 (UTC), wall-clock time", "TEAM", "FIRST p50", "support", "████████", "75%      ██████", "1h  ", "2h1m",
		"100%", "██", "1h30m", "all", "80%",
	} {
		if !strings.Contains(got.out, want) {
			t.Errorf("loket kpi lacks %q:\n%s", want, got.out)
		}
	}
	if strings.Contains(got.out, "\x1b") {
		t.Errorf("an escape sequence came through: %q", got.out)
	}
	got = typed(t, "", nil, "kpi", "--team", "support", "--from", "7d", "--working", "--server", c.URL)
	if !strings.Contains(got.out, "working time") || !strings.Contains(got.out, "30s") || strings.Contains(got.out, "2h1m") {
		t.Errorf("loket kpi --working:\n%s", got.out)
	}
}

func TestLateIsOneFigureInTheTableAndTheList(t *testing.T) {
	c := newCounter(t, map[string]string{
		"GET /kpi?by=team": `200 {"from":"2026-03-02T00:00:00.000Z","to":"2026-03-09T00:00:00.000Z","zone":"UTC","by":["team"],"groups":[
{"key":{"team":"support"},"late":3,"now":{"backlog":7,"oldest_wait":60,"due_soon":1,"breached":2}}],"total":{"late":3,"now":{"backlog":7,"oldest_wait":60,"breached":2}}}`,
	})
	got := typed(t, "", nil, "kpi", "--server", c.URL)
	lines := strings.Split(got.out, "\n")
	column := func(head string) string {
		at := strings.Index(lines[1], head)
		if at < 0 {
			t.Fatalf("no column %s:\n%s", head, got.out)
		}
		return strings.Fields(lines[2][len([]byte(string([]rune(lines[2])[:at]))):])[0]
	}
	if late, breached := column("LATE"), column("BREACHED"); late != "3" || breached != "2" {
		t.Errorf("LATE is %s and BREACHED %s, want 3 and 2:\n%s", late, breached, got.out)
	}
}

func TestKPISaysByWhichClockItMeasures(t *testing.T) {
	const within = `"within":{"seconds":14400,"clocks":{"support":"office","network":"office","webcare":""}}`
	c := newCounter(t, map[string]string{
		"GET /kpi?by=team&within=4h": "200 " + strings.Replace(someFigures, `"by":["team"]`, `"by":["team"],`+within, 1),
		"GET /kpi/tasks?figure=missed&limit=50&within=4h": `200 {"figure":"missed","cursor":"",` + within +
			`,"tasks":[{"number":"T-1042-8","team":"support","at":"2026-03-02T09:30:00.000Z","late":false,"seconds":7200,"working_seconds":3600}]}`,
	})
	for _, command := range [][]string{{"kpi"}, {"kpi", "tasks", "missed"}} {
		got := typed(t, "", nil, append(command, "--within", "4h", "--server", c.URL)...)
		want := "in time is within 4h (wall-clock time: webcare; working time by the calendar office: network, support)"
		if got.code != 0 || !strings.Contains(got.out, want) {
			t.Errorf("%v lacks %q: %+v", command, want, got)
		}
	}
	got := typed(t, "", nil, "kpi", "--within", "4h", "--format", "csv", "--server", c.URL)
	lines, err := csv.NewReader(strings.NewReader(got.out)).ReadAll()
	if err != nil || len(lines) != 3 {
		t.Fatalf("csv = %q, %v", got.out, err)
	}
	if n := len(lines[0]); lines[0][n-1] != "within_clock" || lines[1][n-1] != "office" || lines[1][n-2] != "14400" {
		t.Errorf("csv ends %q and %q", lines[0][n-2:], lines[1][n-2:])
	}
}

func TestKPIWritesCSVForSpreadsheets(t *testing.T) {
	c := newCounter(t, map[string]string{"GET /kpi?by=team": "200 " + someFigures})
	got := typed(t, "", nil, "kpi", "--format", "csv", "--server", c.URL)
	lines, err := csv.NewReader(strings.NewReader(got.out)).ReadAll()
	if err != nil || len(lines) != 3 {
		t.Fatalf("csv = %q, %v", got.out, err)
	}
	at := map[string]int{}
	for i, name := range lines[0] {
		at[name] = i
	}
	for name, want := range map[string]string{
		"team": "support", "messages": "12", "service_level": "0.75", "first_response_p90": "7260", "first_response_working_p90": "", "backlog": "3", "breached": "2",
	} {
		if i, ok := at[name]; !ok || lines[1][i] != want {
			t.Errorf("%s = %q, want %q", name, lines[1][i], want)
		}
	}
	if name := lines[2][0]; !strings.HasPrefix(name, "'=webcare") || strings.Contains(name, "\x1b") {
		t.Errorf("team = %q: a spreadsheet would compute it, or a terminal obey", name)
	}
	if lines[2][at["backlog"]] != "" {
		t.Errorf("backlog = %q, want nothing where the present is not asked for", lines[2][at["backlog"]])
	}
}

func TestKPIListsTasksAndRebuilds(t *testing.T) {
	c := newCounter(t, map[string]string{
		"GET /kpi/tasks?cursor=c1&figure=late&limit=50&team=support": `200 {"figure":"late","cursor":"c2","tasks":[{"number":"T-1042-8","subject":"No signal","team":"support","agent":"anna","at":"2026-03-02T09:30:00.000Z","wait":1,"late":true,"seconds":7200,"working_seconds":3600}]}`,
		"POST /kpi/rebuild": `200 {"events":1234}`,
	})
	got := typed(t, "", nil, "kpi", "tasks", "late", "--team", "support", "--cursor", "c1", "--server", c.URL)
	for _, want := range []string{"T-1042-8", "anna", "2h", "1h", "late", "No signal", "--cursor c2"} {
		if got.code != 0 || !strings.Contains(got.out, want) {
			t.Errorf("loket kpi tasks lacks %q: %+v", want, got)
		}
	}
	if got := typed(t, "", nil, "kpi", "rebuild", "--server", c.URL); got.code != 0 || !strings.Contains(got.out, "1234 events") {
		t.Errorf("loket kpi rebuild = %+v", got)
	}
	if got := typed(t, "", nil, "kpi", "tasks", "latest", "--server", c.URL); got.code != exitUsage {
		t.Errorf("loket kpi tasks latest = %+v", got)
	}
}
