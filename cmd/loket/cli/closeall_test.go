package cli

import (
	"strings"
	"testing"
)

func TestCloseAllShowsThenClosesWhatFits(t *testing.T) {
	one := func(number, more string) string {
		return `{"id":"` + number + `","number":"` + number + `","team":"support","state":"queued","channel":"web","rule":"outage","tags":["spam"],"from":["email:eve@example.org"],"created":"2026-11-01T10:00:00.000Z"` + more + `}`
	}
	pages := map[string]string{
		"GET /teams/support/tasks?limit=500&state=open": `200 {"tasks":[` + strings.Join([]string{
			one("T-1-9", ""), one("T-2-7", ""), one("T-3-5", `,"state":"claimed"`), one("T-4-3", `,"channel":"email"`), one("T-5-1", `,"created":"2099-01-01T00:00:00.000Z"`),
		}, ",") + `],"cursor":"c2"}`,
		"GET /teams/support/tasks?cursor=c2&limit=500&state=open": `200 {"tasks":[` + one("T-2-7", "") + `,` + one("T-6-8", `,"state":"waiting","tags":[]`) + `,` + one("T-7-4", "") + `],"cursor":""}`,
		"POST /tasks/T-1-9/close":                                 "200 " + one("T-1-9", `,"state":"closed"`),
		"POST /tasks/T-2-7/close":                                 `409 {"type":"urn:loket:unseen","status":409,"detail":"the customer wrote since","unseen":[{"id":"m","text":"please"}]}`,
	}
	fits := "close-all --team support --channel web --rule outage --tag spam --from email:eve@example.org --older 1h --not T-7-4 --outcome spam"
	c := newCounter(t, pages)
	got := typed(t, "", nil, append(strings.Fields(fits), "--server", c.URL)...)
	if got.code != exitNo || !strings.Contains(got.out, "T-1-9") || !strings.Contains(got.out, "T-2-7") || !strings.HasPrefix(got.err, "loket: 2 tasks would be closed as spam: --confirm ") {
		t.Errorf("%s = %+v", fits, got)
	}
	for _, other := range []string{"T-3-5", "T-4-3", "T-5-1", "T-6-8", "T-7-4"} {
		if strings.Contains(got.out, other) {
			t.Errorf("%s shows %s, which does not fit", fits, other)
		}
	}
	confirm := strings.Fields(got.err)[9]
	if got := typed(t, "", nil, append(strings.Fields(fits), "--confirm", "2026-11-01T10:30:00Z", "--server", c.URL)...); got != (said{exitNo, "", "loket: no such tasks\n"}) {
		t.Errorf("confirmed as of before they came: %+v", got)
	}
	for _, wrong := range []string{"yes", "2999-01-01T00:00:00Z"} {
		if got := typed(t, "", nil, append(strings.Fields(fits), "--confirm", wrong, "--server", c.URL)...); got.code != exitUsage {
			t.Errorf("--confirm %s = %+v", wrong, got)
		}
	}
	got = typed(t, "", nil, append(strings.Fields(fits), "--confirm", confirm, "--server", c.URL)...)
	if got.code != exitNo || got.out != "T-1-9 closed as spam\n" || got.err != "loket: T-2-7: the customer wrote since\nloket: 1 of 2 tasks were not closed\n" {
		t.Errorf("confirmed: %+v", got)
	}
	if got := typed(t, "", nil, "close-all", "--team", "support", "--tag", "none", "--outcome", "spam", "--server", c.URL); got != (said{exitNo, "", "loket: no such tasks\n"}) {
		t.Errorf("of none: %+v", got)
	}
}
