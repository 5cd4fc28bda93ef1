package e2e_test

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"loket/desk/api"
)

// A manager reads how it went, follows a number to its tasks and why they took long, narrows the question down, takes the numbers along,
// and asks for what cannot be: in Dutch on a phone, and wide, without scripts.
func TestManagerReadsFiguresInABrowser(t *testing.T) {
	t.Parallel()
	d := newDaemon(t, fmt.Sprintf(standard, embedded)).start()
	pageOf := map[string]string{} // of each text, the customer's page
	for _, text := range []string{"No signal since nine", "No signal in <b>Utrecht</b>", "Where is my parcel", "A question"} {
		sent, err := d.post("", text)
		if err != nil {
			t.Fatal(err)
		}
		pageOf[text] = d.page(sent)
	}
	d.settled()
	anna := d.client("anna")
	for _, team := range []string{"network", "network", "support"} {
		task, err := anna.Claim(t.Context(), team, 10*time.Second, "")
		if err != nil || task == nil {
			t.Fatalf("claim: %v, %v", task, err)
		}
		if task.Team == "network" && strings.Contains(task.Messages[0].Text, "Utrecht") {
			if _, err := anna.Transfer(t.Context(), task.ID, "support", "theirs"); err != nil {
				t.Fatal(err)
			}
			continue
		}
		rated := task.Messages[0].Text == "No signal since nine"
		if _, err := anna.Reply(t.Context(), task.ID, api.Answer{Text: "A mast is down", Close: rated}); err != nil {
			t.Fatal(err)
		}
		if !rated {
			continue
		}
		res, err := http.PostForm(pageOf["No signal since nine"]+"/rating", url.Values{"rating": {"good"}})
		if err != nil || res.StatusCode >= 400 {
			t.Fatalf("rate: %v, %v", res, err)
		}
		_ = res.Body.Close()
	}
	b := newBrowser(t)
	b.open(d.beginLink(), 200)
	b.fill("#name", "joris")
	b.fill("#password", "correct horse battery")
	b.follow("main form button", 200)
	b.follow(`.bar nav a[href="/figures"]`, 200)
	b.expect("h1", "Cijfers")
	figure := func(how string) string {
		t.Helper()
		return b.read(`.headlines div:has(a[href="#how-` + how + `"]) .figure`)
	}
	for how, want := range map[string]string{"service_level": "100\u00a0%", "messages": "4", "answered": "2", "late": "0", "backlog": "2", "breached": "0", "satisfaction": "100\u00a0%"} {
		if got := figure(how); got != want {
			t.Errorf("%s is %q, want %q", how, got, want)
		}
	}
	b.fits()
	b.axe()

	// Each number leads to its tasks.
	b.follow(`.headlines a[href*="figure=backlog"]`, 200)
	b.expect("h1", "Nu open")
	if n := b.count("tbody tr"); n != 2 {
		t.Errorf("%d tasks are open, want 2", n)
	}
	b.fits()
	b.axe()
	b.follow(`tbody tr:nth-child(1) th a`, 200)
	b.expectNone(".problem")
	b.open(d.desk+"/figures?last=1d", 200)
	b.follow(`.headlines a[href*="figure=answered"]`, 200)
	if why := b.read("main table"); !strings.Contains(why, "1× doorgezet") {
		t.Errorf("the list does not say why: %s", why)
	}
	b.open(d.desk+"/figures?last=1d", 200)

	// Narrowed down by what a row is of; the number is that of its row.
	b.follow(`section:has(a[href*="by=team"]) tbody tr:nth-child(1) th a`, 200)
	if got := b.value("#team"); got != "network" {
		t.Errorf("the team asked for is %q, want network", got)
	}
	if got := figure("answered"); got != "1" {
		t.Errorf("network answered %s, want 1", got)
	}
	b.open(d.desk+"/figures?tag=-&channel=web", 200)
	if got := b.read(".only"); !strings.Contains(got, "web") {
		t.Errorf("what is asked for is not told: %q", got)
	}
	b.fill("#from", "2026-13-01")
	b.follow(".asked button", 422)
	if got := b.value("#from"); got != "2026-13-01" {
		t.Errorf("in the field is now %q", got)
	}
	if got := b.read("#problem"); !strings.Contains(got, "2026-11-22") {
		t.Errorf("what would be right is not told: %q", got)
	}
	b.axe()
	// A question is kept under a name, found again, and forgotten; a name that is none is told, and stays.
	b.open(d.desk+"/figures?last=28d&clock=working", 200)
	if n := b.count(".heat .h4"); n < 1 { // two when the clock struck meanwhile
		t.Errorf("%d hours of the week are the busiest", n)
	}
	b.fill("#view", "  ")
	b.follow(".keep button", 422)
	b.fits()
	b.fill("#view", "Maandag <b>")
	b.follow(".keep button", 200)
	b.expect(".done", "Bewaard.")
	b.expect(".views a", "Maandag <b>")
	b.axe()
	b.open(d.desk+"/figures", 200)
	b.follow(".views a", 200)
	if got := b.value("#clock"); got != "working" {
		t.Errorf("the kept question asks for the clock %q", got)
	}
	b.follow(".heat .h4 a", 200)
	if n := b.count("tbody tr"); n < 2 || n > 4 {
		t.Errorf("%d messages in the busiest hour, of 4", n)
	}
	b.open(d.desk+"/figures", 200)
	b.follow(".views button", 200)
	b.expectNone(".views")

	// Whoever answered sees what came of it, and nobody else does unless the configuration says so.
	b.open(d.desk+"/answers", 200)
	b.expect("h1", "Mijn antwoorden")
	b.expectNone("table")
	b.open(d.desk+"/answers?person=anna", 403)
	b.fits()
	// On paper a month is one sheet a team.
	b.open(d.desk+"/figures/report?month="+time.Now().Format("2006-01"), 200)
	if n := b.count(".sheet"); n != 2 {
		t.Errorf("%d sheets, want one for each of 2 teams", n)
	}
	b.fits()
	b.axe()
	if n := b.sheets("report.pdf"); n != 2 {
		t.Errorf("printed it has %d pages, want 2", n)
	}
	b.open(d.desk+"/figures/report?month=2026-13&team=network", 422)
	if got := b.value("#month"); got != "2026-13" {
		t.Errorf("in the field is now %q", got)
	}
	b.fits()
	b.open(d.desk+"/figures?team=nobody", 404)
	b.fits()
	b.open(d.desk+"/figures?by=hour&last=28d&clock=working&q="+strings.Repeat("x", 4000), 200)
	b.fits()
	b.resize(1440, 1000)
	b.open(d.desk+"/figures?last=28d", 200)
	b.fits()
	b.axe()
	b.picture("figures.png")
	b.follow(`.bar button[lang="en"]`, 200)
	b.expect("h1", "Figures")

	// What came of anna's answers: in time, and one came back.
	if out, code := d.loket("correct horse battery\n", "people", "add", "anna"); code != 0 {
		t.Fatal(out)
	}
	if out, code := d.loket("correct horse battery\n", "people", "passwd", "anna"); code != 0 {
		t.Fatal(out)
	}
	b.follow(".bar .plain:last-child button", 200)
	b.fill("#name", "anna")
	b.fill("#password", "correct horse battery")
	b.follow("main form button", 200)
	b.open(d.desk+"/answers?last=1d", 200)
	b.expect("h1", "My answers")
	if n := b.count("tbody tr"); n != 2 {
		t.Errorf("anna gave %d answers, want 2", n)
	}
	if got := b.read("tbody"); strings.Count(got, "in time") != 2 {
		t.Errorf("her answers are told as %q", got)
	} else if !strings.Contains(got, "we helped") {
		t.Errorf("what the customer says of it is not told: %q", got)
	}
	b.expect(".headlines div:nth-child(1) .figure", "2")
	b.fits()
	b.axe()
	b.open(d.desk+"/figures?by=day", 200)
	if got := b.read("main"); strings.Contains(got, "By person") {
		t.Error("an agent sees figures of persons")
	}
	b.open(d.desk+"/answers?person=joris", 403)
	b.quiet()

	// The same numbers for spreadsheets, under a name that says of what they are.
	jar, _ := cookiejar.New(nil)
	c := &http.Client{Jar: jar}
	res, err := c.PostForm(d.desk+"/sign-in", url.Values{"name": {"joris"}, "password": {"correct horse battery"}})
	if err != nil || res.StatusCode != 200 {
		t.Fatalf("sign in: %v, %v", res, err)
	}
	_ = res.Body.Close()
	res, err = c.Get(d.desk + "/figures/csv?last=1d&zone=Europe/Amsterdam&by=team")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	lines, err := csv.NewReader(res.Body).ReadAll()
	if err != nil || len(lines) != 3 || lines[0][0] != "team" || lines[1][0] != "network" || lines[1][1] != "2" {
		t.Errorf("the file has %v, %v", lines, err)
	}
	day := time.Now().In(amsterdam(t)).Format(time.DateOnly)
	if got, want := res.Header.Get("Content-Disposition"), `attachment; filename="loket-all-`+day+`-to-`+day+`-by-team-Europe-Amsterdam.csv"`; got != want {
		t.Errorf("the file is %s, want %s", got, want)
	}
	d.healthy()
}

func amsterdam(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// sheets prints the page as the browser would, and counts the sheets of paper. The file is left beside the pictures.
func (b *browser) sheets(name string) int {
	b.tb.Helper()
	printed, err := chromedp.Call(b.ctx, page.PrintToPDF, page.PrintToPDFParams{PreferCSSPageSize: new(true), PrintBackground: new(true)})
	if err != nil {
		b.tb.Fatal(err)
	}
	if dir := os.Getenv("LOKET_SCREENSHOTS"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, name), printed.Data, 0o644); err != nil {
			b.tb.Fatal(err)
		}
	}
	return len(regexp.MustCompile(`/Type\s*/Page\b`).FindAllString(string(printed.Data), -1))
}
