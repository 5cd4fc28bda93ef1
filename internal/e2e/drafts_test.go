package e2e_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"

	"loket/desk/api"
)

// An answer that came too late is sent from the page by whoever holds the task now, or thrown away.
func TestLateAnswerIsSentOrThrownAwayOnThePage(t *testing.T) {
	t.Parallel()
	d := newDaemon(t, fmt.Sprintf(standard, embedded)).start()
	if _, err := d.post("", "The bill is wrong"); err != nil {
		t.Fatal(err)
	}
	task := d.only("support", "the question", func(*api.Task) bool { return true })
	late := func(text string) {
		if _, err := d.client("mia").Take(t.Context(), task.ID); err != nil {
			t.Fatal(err)
		}
		_, err := d.client("noor").Knowing("", true).Reply(t.Context(), task.ID, api.Answer{Text: text})
		if !api.IsProblem(err, "taken") {
			t.Fatalf("a late answer = %v, want that somebody else has the task", err)
		}
		if _, err := d.client("mia").Return(t.Context(), task.ID); err != nil {
			t.Fatal(err)
		}
	}
	late("we are on it")
	b := newBrowser(t)
	b.begins(d, "joris")
	b.open(d.desk+"/tasks/"+task.Number, 200)
	b.expect(".draft .text", "we are on it")
	b.axe()
	b.follow(".draft .acts > form button", 200)
	b.expect(".done", "Verstuurd.")
	b.expect(".ours .text", "we are on it")
	b.expectNone(".draft")
	late("never mind")
	b.open(d.desk+"/tasks/"+task.Number, 200)
	b.do(chromedp.Click(chromedp.CSS(".draft summary")))
	b.follow(".draft details button", 200)
	b.expect(".done", "Weggegooid.")
	b.expectNone(".draft")
}
