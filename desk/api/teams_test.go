package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"loket/desk/api"
)

// swordfish stands in everything that was said in the task of another team.
const swordfish = "swordfish"

// elsewhere is a task of the team network in which there is something of everything, in a house where others are kept
// to webcare, who have one task that is linked to it.
type elsewhere struct {
	*house
	task     *api.Task
	own      *api.Task // of webcare
	customer string
	reply    string // its id; it failed
	draft    string
	file     string // of the customer's message, as the task tells its id
	ours     string // of the answer
	aside    string // in quarantine
}

func openElsewhere(t *testing.T) *elsewhere {
	t.Helper()
	h := open(t)
	ctx, admin := t.Context(), h.admin("nora")
	e := &elsewhere{house: h, aside: h.setAside(swordfish)}
	e.task = h.taskOf(h.taken(adminToken, `{"id":"call-1","channel":"phone","connector":"mail","own":"1@kate","subject":"storing `+swordfish+
		`","text":"storing `+swordfish+`","name":"Kate","from":[{"kind":"email","value":"kate@example.org","level":"attested"}],
		"attachments":[{"name":"a.txt","type":"text/plain","data":"c3dvcmRmaXNo"}]}`).ID)
	if e.task.Team != "network" || len(e.task.Messages) != 1 {
		t.Fatalf("the task of another team = %+v", e.task)
	}
	e.own = h.taskOf(h.taken(adminToken, `{"channel":"web","public":true,"text":"in public","name":"Kate",
		"from":[{"kind":"email","value":"kate@example.org","level":"attested"}]}`).Thread)
	if e.own.Team != "webcare" {
		t.Fatalf("the own task = %+v", e.own)
	}
	e.customer, e.file = e.task.Customer.ID, e.task.Messages[0].Attachments[0].ID
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err := admin.Note(ctx, e.task.ID, swordfish)
	must(err)
	_, err = admin.Link(ctx, e.own.ID, e.task.ID)
	must(err)
	claimed, err := admin.Claim(ctx, "network", 0, "request-1")
	must(err)
	_, err = admin.Return(ctx, claimed.ID)
	must(err)
	said, err := admin.Reply(ctx, e.task.ID, api.Answer{Text: swordfish, Attachments: []api.File{{Name: "b.txt", Data: []byte(swordfish)}}})
	must(err)
	sending, err := h.queue.BeginSend(ctx, said.Message, 1e9)
	must(err)
	must(h.queue.GiveUp(ctx, sending.ID, sending.Token, swordfish))
	e.reply = said.Message
	for _, m := range said.Task.Messages {
		if m.Direction == "out" {
			e.ours = m.Attachments[0].ID
		}
	}
	_, err = h.admin("nora").Take(ctx, e.task.ID)
	must(err)
	_, err = h.admin("eve").Reply(ctx, e.task.ID, api.Answer{Text: swordfish}) // nora has it
	var p *api.Problem
	if !errors.As(err, &p) || p.Draft == "" {
		t.Fatalf("a late reply: %v", err)
	}
	e.draft = p.Draft
	e.task, err = h.admin("").Task(ctx, e.task.ID)
	must(err)
	return e
}

// taken takes in a message as it is written in JSON.
func (h *house) taken(token, body string) api.TakenIn {
	h.t.Helper()
	res := h.raw("POST", "/api/v1/messages", token, body)
	text, err := io.ReadAll(res.Body)
	var taken api.TakenIn
	if err == nil {
		err = json.Unmarshal(text, &taken)
	}
	if err != nil || res.StatusCode != 202 {
		h.t.Fatalf("POST /messages %s = %d %s, %v", body, res.StatusCode, text, err)
	}
	return taken
}

// A row says what one call of the API does for who is kept to another team.
type row struct {
	// house says why the call is about no team. Without it the calls are made, and must be refused or silent.
	house string
	// refused: it is 403 or 404. Otherwise it is answered, without anything of the other team.
	refused bool
	// query is what follows the path; each of bodies is one call, none for one without.
	query  string
	bodies []string
	// paths are called instead of the route's own.
	paths []string
}

const registry = "customers are of no team: all who answer know who is who, managers decide on it, the log tells who did"

func (e *elsewhere) rows() map[string]row {
	task := func(more string) row { return row{refused: true, bodies: []string{`{"agent":"nora"` + more + `}`}} }
	registrys := row{house: registry}
	manager := row{refused: true}
	open := row{house: "counts of the whole house, for machines"}
	thread := e.task.Messages[0].Thread
	return map[string]row{
		"POST /api/v1/teams/{team}/claim": {refused: true, bodies: []string{`{"agent":"nora","request_id":"request-1"}`, `{"agent":"nora"}`}},
		"GET /api/v1/teams/{team}/tasks":  {refused: true},
		"GET /api/v1/tasks":               {query: "?agent=nora"},
		"GET /api/v1/tasks/{task}":        {refused: true, paths: []string{"/api/v1/tasks/" + e.task.ID, "/api/v1/tasks/" + e.task.Number}},
		"POST /api/v1/tasks/{task}/claim": task(""), "POST /api/v1/tasks/{task}/heartbeat": task(""), "POST /api/v1/tasks/{task}/return": task(""),
		"POST /api/v1/tasks/{task}/assign": {refused: true, bodies: []string{`{"agent":"nora"}`}},
		"POST /api/v1/tasks/{task}/reply":  task(`,"text":"x"`), "POST /api/v1/tasks/{task}/replies/{reply}/retry": task(""),
		"POST /api/v1/tasks/{task}/replies/{reply}/look": task(""), "POST /api/v1/tasks/{task}/replies/{reply}/settle": {refused: true, bodies: []string{`{"agent":"nora","arrived":true}`}},
		"POST /api/v1/tasks/{task}/note": task(`,"text":"x"`), "POST /api/v1/tasks/{task}/transfer": task(`,"team":"webcare"`),
		"POST /api/v1/tasks/{task}/wait": task(""), "POST /api/v1/tasks/{task}/answered": task(`,"by":"phone","text":"x"`),
		"POST /api/v1/tasks/{task}/close": task(""), "POST /api/v1/tasks/{task}/reopen": task(""),
		"POST /api/v1/tasks/{task}/person": {refused: true, bodies: []string{`{"agent":"nora"}`, `{"agent":"nora","machine":true}`}},
		"POST /api/v1/tasks/{task}/link":   {refused: true, bodies: []string{`{"agent":"nora","task":"` + e.own.ID + `"}`}},

		"POST /api/v1/tasks/{task}/merge": {
			refused: true, bodies: []string{`{"agent":"nora","task":"` + e.task.ID + `"}`},
			paths: []string{"/api/v1/tasks/" + e.own.ID + "/merge", "/api/v1/tasks/" + e.task.ID + "/merge"},
		},
		"POST /api/v1/tasks/{task}/forward": task(`,"to":["mast@partner.example"],"text":"x"`),
		"POST /api/v1/tasks/{task}/label":   task(`,"tag":["vip"],"priority":"high"`),

		"GET /api/v1/tasks/{task}/drafts": {refused: true}, "POST /api/v1/tasks/{task}/drafts/{draft}/send": task(""),
		"DELETE /api/v1/tasks/{task}/drafts/{draft}": {refused: true, query: "?agent=nora"},

		"POST /api/v1/messages": {refused: true, bodies: []string{
			`{"thread":"` + thread + `","text":"x"}`, `{"thread":"` + thread + `","text":"x","channel":"phone","agent":"nora"}`,
			`{"thread":"` + strings.Repeat("a", 26) + `","text":"x"}`, // there is none: it is said in the same words
			`{"channel":"email","connector":"mail","references":["1@kate"],"text":"x"}`,
			`{"channel":"phone","text":"x","from":[{"kind":"email","value":"kate@example.org","level":"attested"}]}`,
		}},
		"POST /api/v1/mails": {refused: true, bodies: []string{
			"From: kate@example.org\nTo: help@example.org\nMessage-ID: <2@kate>\nIn-Reply-To: <1@kate>\n\nx\n",
		}},
		"GET /api/v1/attachments/{task}/{message}/{file}": {refused: true, paths: []string{"/api/v1/attachments/" + e.file, "/api/v1/attachments/" + e.ours,
			"/api/v1/attachments/" + e.own.ID + strings.TrimPrefix(e.file, e.task.ID)}},
		"GET /api/v1/attachments/{message}/{file}": {refused: true, paths: []string{"/api/v1/attachments" + strings.TrimPrefix(e.file, e.task.ID),
			"/api/v1/attachments" + strings.TrimPrefix(e.ours, e.task.ID)}},

		"GET /api/v1/customers": registrys, "POST /api/v1/customers": registrys, "POST /api/v1/customers/import": registrys, "POST /api/v1/customers/merge": registrys,
		"POST /api/v1/customers/unmerge": registrys, "GET /api/v1/customers/suggestions": registrys, "POST /api/v1/customers/suggestions/{suggestion}/decide": registrys,
		"GET /api/v1/customers/{customer}": {}, "POST /api/v1/customers/{customer}/link": registrys, "POST /api/v1/customers/{customer}/unlink": registrys,
		"POST /api/v1/customers/{customer}/split": registrys, "POST /api/v1/customers/{customer}/share": registrys, "POST /api/v1/customers/{customer}/retire": registrys,
		"GET /api/v1/customers/{customer}/consent": {}, "PUT /api/v1/customers/{customer}/consent": registrys, "PUT /api/v1/customers/{customer}/preferred": registrys,
		"DELETE /api/v1/customers/{customer}": manager, "GET /api/v1/customers/{customer}/export": {refused: true, query: "?format=json"},
		"GET /api/v1/customers/{customer}/why": {query: "?x=email:kate@example.org"}, "GET /api/v1/customers/{customer}/history": {}, "GET /api/v1/customers/{customer}/log": {},
		"POST /api/v1/senders/block": registrys,

		"GET /api/v1/search":       {paths: []string{"/api/v1/search?q=" + e.task.Number, "/api/v1/search?q=kate@example.org", "/api/v1/search?q=" + e.task.ID}},
		"POST /api/v1/route":       {bodies: []string{`{"text":"x","from":[{"kind":"email","value":"kate@example.org","level":"attested"}]}`}},
		"GET /api/v1/events":       {refused: true, query: "?team=network"}, // of all teams: TestTokenOfATeamFollowsOnlyIt
		"GET /api/v1/kpi":          {refused: true, query: "?team=network"},
		"GET /api/v1/kpi/tasks":    {query: "?figure=messages"},
		"POST /api/v1/kpi/rebuild": manager,

		"POST /api/v1/threads": {refused: true, bodies: []string{`{"agent":"nora","team":"network","to":"kate@example.org","text":"x"}`}},

		"GET /api/v1/canned": {refused: true, query: "?team=network"}, "DELETE /api/v1/canned/{canned}": manager,
		"POST /api/v1/canned": {refused: true, bodies: []string{`{"agent":"nora","team":"network","name":"x","text":"x"}`, `{"agent":"nora","name":"x","text":"x"}`}},

		"GET /api/v1/people": manager, "POST /api/v1/people": {refused: true, bodies: []string{`{"name":"mia"}`}},
		"POST /api/v1/people/{person}/link": manager, "POST /api/v1/people/{person}/disable": manager,
		"PUT /api/v1/people/{person}/password": {refused: true, bodies: []string{`{"password":"correct horse battery"}`}},

		"GET /api/v1/me":                     {house: "who the token is of, its teams: TestMeIsWhoTheTokenIsOf"},
		"GET /api/v1/status":                 {house: "of teams, those that the token is for: TestStatusIsOfTheTokensTeams"},
		"GET /api/v1/failed":                 {},
		"GET /api/v1/quarantine":             manager,
		"GET /api/v1/quarantine/{id}":        manager,
		"POST /api/v1/quarantine/{id}/retry": manager,
		"POST /api/v1/quarantine/{id}/drop":  manager,
		"GET /api/v1/doctor":                 manager,

		"GET /metrics": open, "GET /healthz": open, "GET /readyz": open, "GET /openapi.yaml": {house: "this document"},
	}
}

// TestNoCallTellsOfAnotherTeam goes through every call of the API as somebody who is kept to another team.
func TestNoCallTellsOfAnotherTeam(t *testing.T) {
	e := openElsewhere(t)
	rows, routes := e.rows(), api.Routes()
	for name := range rows {
		if !slices.Contains(routes, name) {
			t.Errorf("%s has a row and is no route", name)
		}
	}
	for _, route := range routes {
		r, ok := rows[route]
		switch {
		case !ok:
			t.Errorf("%s has no row: say which team it touches, and who else must not learn of it", route)
		case r.house == "":
			e.holds(route, r)
		}
	}
	after, err := e.admin("").Task(t.Context(), e.task.ID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(after, e.task); diff != "" {
		t.Errorf("the task was changed (-got +want):\n%s", diff)
	}
	if q, err := e.admin("").Quarantined(t.Context(), e.aside); err != nil {
		t.Errorf("what was in quarantine: %+v, %v", q, err)
	}
}

// holds makes the calls of a row.
func (e *elsewhere) holds(route string, r row) {
	e.t.Helper()
	method, path, _ := strings.Cut(route, " ")
	path = strings.NewReplacer("{team}", "network", "{task}", e.task.ID, "{reply}", e.reply, "{draft}", e.draft, "{customer}", e.customer, "{id}", e.aside).Replace(path) + r.query
	paths, bodies := r.paths, r.bodies
	if paths == nil {
		paths = []string{path}
	}
	if bodies == nil {
		bodies = []string{""}
	}
	for _, token := range []string{webcareToken, managerToken} {
		for _, path := range paths {
			for _, body := range bodies {
				res := e.raw(method, path, token, body, "Idempotency-Key", "key-1")
				text, err := io.ReadAll(res.Body)
				if err != nil {
					e.t.Fatal(err)
				}
				if refused := res.StatusCode == 403 || res.StatusCode == 404; r.refused && !refused || !r.refused && res.StatusCode > 299 {
					e.t.Errorf("%s %s %s for %s = %d %s", method, path, body, token, res.StatusCode, text)
				}
				e.learnsNothing(method+" "+path+" "+body+" for "+token, string(text))
			}
		}
	}
}

// learnsNothing fails when an answer has something of the other team's task in it.
func (e *elsewhere) learnsNothing(call, answer string) {
	e.t.Helper()
	secrets := []string{swordfish, "http://127.0.0.1:8080/t/", e.file, e.ours, e.task.Lease}
	for _, m := range e.task.Messages {
		secrets = append(secrets, m.ID)
	}
	if !strings.Contains(call, e.task.ID) && !strings.Contains(call, e.task.Number) && !strings.Contains(call, "/kpi/tasks") {
		secrets = append(secrets, e.task.ID, e.task.Number)
	}
	for _, s := range secrets {
		if s != "" && strings.Contains(answer, s) {
			e.t.Errorf("%s tells %q: %s", call, s, answer)
		}
	}
}

func TestLinkedTaskOfAnotherTeamIsNotShown(t *testing.T) {
	e := openElsewhere(t)
	seen, err := e.as(webcareToken, "").Task(t.Context(), e.own.ID)
	if err != nil || len(seen.Links) != 0 || len(seen.LinkIDs) != 0 {
		t.Errorf("links = %v %v, %v; want none", seen.Links, seen.LinkIDs, err)
	}
	whole, err := e.admin("").Task(t.Context(), e.own.ID)
	if err != nil || !slices.Equal(whole.Links, []string{e.task.Number}) {
		t.Errorf("links for who sees all = %v, %v", whole.Links, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	err = e.as(webcareToken, "").Events(ctx, "", "0", func(v api.Event) error {
		text, err := json.Marshal(v)
		if err != nil {
			return err
		}
		e.learnsNothing("event", string(text))
		if v.Type == "linked" {
			return errEnough
		}
		return nil
	})
	if !errors.Is(err, errEnough) {
		t.Error(err)
	}
}

func TestStatusIsOfTheTokensTeams(t *testing.T) {
	e := openElsewhere(t)
	s, err := e.as(managerToken, "").Status(t.Context())
	if err != nil || len(s.Teams) != 1 || s.Teams[0].Team != "webcare" {
		t.Errorf("Status = %+v, %v", s, err)
	}
}

func TestRequestOfAnotherTeamGivesNoTask(t *testing.T) {
	h := open(t)
	ctx := t.Context()
	h.taskOf(h.taken(adminToken, `{"channel":"phone","text":"storing `+swordfish+`"}`).Thread)
	if _, err := h.as(programToken, "nora").Claim(ctx, "network", 0, "request-1"); err != nil {
		t.Fatal(err)
	}
	if got, err := h.as(webcareToken, "nora").Claim(ctx, "webcare", 0, "request-1"); !api.IsProblem(err, "forbidden") {
		t.Errorf("the same request from another team = %+v, %v", got, err)
	}
}

func TestIDOfAnotherTeamsMessageIsNobodyElses(t *testing.T) {
	h := open(t)
	const call = `{"id":"call-1","channel":"phone","text":"storing"}`
	first := h.taken(adminToken, call)
	h.taskOf(first.Thread)
	other := h.taken(webcareToken, call)
	if other.ID == first.ID || other.Thread == first.Thread || other.URL != "" {
		t.Errorf("the same id from another team = %+v, first = %+v", other, first)
	}
	if again := h.taken(managerToken, call); again != other {
		t.Errorf("the same id from the same team = %+v, want %+v", again, other)
	}
	if task := h.taskOf(other.Thread); task.Team != "network" {
		t.Errorf("its task = %+v", task)
	}
	if own := h.taken(webcareToken, `{"channel":"phone","public":true,"text":"x"}`); own.URL == "" {
		t.Errorf("what will be the own team's = %+v, want its page", own)
	}
}

func TestAnswersFileIsHadByItsTeam(t *testing.T) {
	e := openElsewhere(t)
	for _, id := range []string{e.file, e.ours} {
		r, err := e.admin("").Attachment(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(r)
		if _ = r.Close(); err != nil || string(got) != swordfish {
			t.Errorf("Attachment(%s) = %q, %v", id, got, err)
		}
	}
}

func TestCustomerOfSeveralTeamsIsNotErasedOrExportedByOne(t *testing.T) {
	e := openElsewhere(t)
	ctx, manager := t.Context(), e.as(managerToken, "")
	_, err := manager.Erase(ctx, e.customer, false, api.Because{})
	if !api.IsProblem(err, "forbidden") || !strings.Contains(err.Error(), "network") {
		t.Errorf("Erase by the manager of one team: %v", err)
	}
	_, err = manager.Export(ctx, e.customer, "")
	if !api.IsProblem(err, "forbidden") || !strings.Contains(err.Error(), "network") {
		t.Errorf("Export by the manager of one team: %v", err)
	}
	if got, err := e.admin("").Task(ctx, e.task.ID); err != nil || cmp.Diff(got, e.task) != "" {
		t.Errorf("the task after a refused erasure = %+v, %v", got, err)
	}
	if left, err := e.customers.ResumeErasures(ctx); err != nil || left != 0 {
		t.Errorf("orders left = %d, %v", left, err)
	}
	if _, err := e.admin("nora").Transfer(ctx, e.task.ID, "webcare", ""); err != nil {
		t.Fatal(err)
	}
	if r, err := manager.Export(ctx, e.customer, ""); err != nil {
		t.Errorf("Export by the manager of all his teams: %v", err)
	} else {
		_ = r.Close()
	}
}
