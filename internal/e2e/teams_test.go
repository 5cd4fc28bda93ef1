package e2e_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"loket/desk/api"
)

// TestDoorsHoldAgainstColleaguesOfAnotherTeam: an agent and a manager of support, who know all ids there are, want what
// network has, want to write there as the customer, and to make two customers one.
func TestDoorsHoldAgainstColleaguesOfAnotherTeam(t *testing.T) {
	t.Parallel()
	const agent, manager, feed = "token-of-anna-of-support", "token-of-mona-of-support", "token-of-a-channels-feed"
	d := newDaemon(t, fmt.Sprintf(standard, embedded)+`
people:
  - {name: anna, teams: [support]}
  - {name: mona, teams: [support], roles: [agent, manager]}
  - {name: nora, teams: [network]}
tokens:
  - {name: anna, person: anna, token: `+agent+`}
  - {name: mona, person: mona, token: `+manager+`}
  - {name: feed, roles: [agent, vouch], token: `+feed+`}
`).start()
	messages := d.desk + "/api/v1/messages"
	d.api(http.MethodPost, "/api/v1/messages", `{"id":"call-1","channel":"phone","subject":"swordfish","text":"no signal, swordfish","name":"Kate",
		"from":[{"kind":"email","value":"kate@example.org","level":"attested"}],"attachments":[{"name":"a.txt","type":"text/plain","data":"c3dvcmRmaXNo"}]}`)
	task := d.only("network", "the call in a task", func(task *api.Task) bool { return task.Customer.ID != "" && len(task.Messages) == 1 })
	said := task.Messages[0]
	_, blob, _ := strings.Cut(said.Attachments[0].ID, "/")

	for _, c := range []struct{ method, path, body string }{
		{http.MethodPost, "/messages", `{"thread":"` + said.Thread + `","text":"x"}`},
		{http.MethodPost, "/messages", `{"thread":"` + said.Thread + `","text":"x","channel":"phone"}`},
		{http.MethodPost, "/messages", `{"channel":"phone","text":"x","from":[{"kind":"email","value":"kate@example.org","level":"vouched"}]}`},
		{http.MethodPost, "/messages", `{"channel":"web","connector":"website","text":"x"}`},
		{http.MethodGet, "/attachments/" + said.Attachments[0].ID, ""},
		{http.MethodGet, "/attachments/" + blob, ""},
		{http.MethodGet, "/tasks/" + task.Number, ""},
		{http.MethodPost, "/tasks/" + task.ID + "/claim", ""},
		{http.MethodDelete, "/customers/" + task.Customer.ID, ""},
		{http.MethodGet, "/customers/" + task.Customer.ID + "/export", ""},
		{http.MethodGet, "/quarantine", ""},
	} {
		for _, token := range []string{agent, manager} {
			res := d.ask(c.method, d.desk+"/api/v1"+c.path, "", token, c.body)
			text, err := io.ReadAll(res.Body)
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasPrefix(c.path, "/tasks/") && strings.Contains(string(text), "network") {
				t.Errorf("%s %s by %s tells whose the task is: %s", c.method, c.path, token, text)
			}
			if res.StatusCode != 403 && res.StatusCode != 404 || strings.Contains(string(text), "swordfish") || strings.Contains(string(text), "/t/") {
				t.Errorf("%s %s %s by %s = %d %s", c.method, c.path, c.body, token, res.StatusCode, text)
			}
		}
	}
	for _, path := range []string{"/log", "/history", "/why?x=email:kate@example.org"} {
		res := d.ask(http.MethodGet, d.desk+"/api/v1/customers/"+task.Customer.ID+path, "", agent, "")
		text, err := io.ReadAll(res.Body)
		if err != nil || res.StatusCode != 200 || strings.Contains(string(text), said.ID) || strings.Contains(string(text), "swordfish") {
			t.Errorf("GET %s = %d %s, %v", path, res.StatusCode, text, err)
		}
	}

	d.api(http.MethodPost, "/api/v1/customers", `{"identifiers":["phone:+31612345678"],"name":"Bob"}`)
	if res := d.ask(http.MethodPost, messages, "", feed, `{"channel":"chat","connector":"app","text":"both","from":[
		{"kind":"email","value":"kate@example.org","level":"vouched"},{"kind":"phone","value":"+31612345678","level":"vouched"}]}`); res.StatusCode != 202 {
		t.Fatalf("a message by who may vouch: %d", res.StatusCode)
	}
	both := d.only("support", "it in a task", func(task *api.Task) bool { return len(task.Messages) == 1 })
	if !both.Customer.Contested || len(both.Messages[0].Marks) != 1 || !strings.HasSuffix(both.Messages[0].Marks[0], "feed") {
		t.Errorf("two customers' identifiers by who may vouch = %+v, marks %q", both.Customer, both.Messages[0].Marks)
	}
	d.healthy()
}
