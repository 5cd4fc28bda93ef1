package api_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"loket/desk/api"
)

func TestMessageWithAnIDIsTakenInOnce(t *testing.T) {
	h := open(t)
	ctx := t.Context()
	m := api.NewMessage{
		ID: "call 17", Channel: "phone", From: []string{"phone:020 123 4567"}, Text: "she called",
		Attachments: []api.File{{Name: "note.txt", Data: []byte("a note")}},
	}
	first, err := h.as(programToken, "").TakeIn(ctx, m)
	if err != nil || first.Thread != first.ID || first.URL != "http://127.0.0.1:8080/t/"+first.Thread {
		t.Fatalf("TakeIn = %+v, %v", first, err)
	}
	m.Attachments[0].Data = []byte("another note")
	second, err := h.admin("").TakeIn(ctx, m)
	if err != nil || second.ID != first.ID {
		t.Errorf("TakeIn again = %+v, %v; want id %s", second, err, first.ID)
	}
	task := h.taskOf(first.Thread)
	if len(task.Messages) != 1 || task.From[0] != "phone:+31201234567" {
		t.Fatalf("task = %+v, want one message of the number", task)
	}
	file, err := h.admin("").Attachment(ctx, task.Messages[0].Attachments[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if got := readAll(t, file); got != "a note" {
		t.Errorf("the repeat replaced the attachment: %q", got)
	}
	m.Connector = "telephony"
	if other, err := h.admin("").TakeIn(ctx, m); err != nil || other.ID == first.ID {
		t.Errorf("the same id from another connector = %+v, %v; want another message", other, err)
	}
}

func TestMessageContinuesItsThread(t *testing.T) {
	h := open(t)
	task := h.arrive("a matter")
	taken, err := h.as(annaToken, "").TakeIn(t.Context(), api.NewMessage{Thread: task.Threads[0], Text: "she called again"})
	if err != nil || taken.Thread != task.Threads[0] {
		t.Fatalf("TakeIn = %+v, %v", taken, err)
	}
	await(t, "the second message", func() bool {
		seen, err := h.admin("").Task(t.Context(), task.ID)
		return err == nil && len(seen.Messages) == 2 && seen.Messages[1].Agent == "anna" && seen.Messages[1].Channel == "phone"
	})
}

func TestRouteTriesMessagesOnTheLiveRules(t *testing.T) {
	h := open(t)
	at := time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC)
	r, err := h.admin("").Route(t.Context(), []byte(`{"from": [{"kind": "email", "value": "Kate@Example.org", "level": "attested"}],
		"text": "een storing", "quoted": "what we wrote", "attachments": [{"name": "a.png", "type": "image/png", "size": 12}]}`), at)
	if err != nil {
		t.Fatal(err)
	}
	if d := r.Decision; d.Team != "network" || d.Rule != "outage" || d.Priority != "high" || !d.Due.Equal(at.Add(8*time.Hour)) || len(d.Tried) != 1 {
		t.Errorf("decision = %+v", d)
	}
	m := r.Message
	if m.From[0].String() != "email:kate@example.org" || m.From[0].Level.String() != "attested" || m.Quoted != "what we wrote" || m.Attachments[0].Size != 12 || m.Automatic != "no" {
		t.Errorf("message = %+v", m)
	}
	if page, _ := h.admin("").List(t.Context(), api.Listing{Team: "network"}); len(page.Tasks) != 0 {
		t.Error("the dry run made a task")
	}
}

func TestWrongFieldsAreNamed(t *testing.T) {
	h := open(t)
	task := h.arrive("a matter").ID
	tasks := "/api/v1/tasks/" + task
	for _, c := range []struct {
		method, path, body string
		status             int
		field              string
	}{
		{"POST", "/api/v1/messages", `{"channel": "phone"}`, 422, "text"},
		{"POST", "/api/v1/messages", `{"text": "x"}`, 422, "channel"},
		{"POST", "/api/v1/messages", `{"channel": "phone", "text": "x", "from": ["email:kate@example.org", "email:kate"]}`, 422, "from[1]"},
		{"POST", "/api/v1/messages", `{"channel": "phone", "text": "x", "from": [{"kind": "email", "value": "k@example.org", "level": "decided"}]}`, 422, "from[0].level"},
		{"POST", "/api/v1/messages", `{"channel": "phone", "text": "x", "from": [17]}`, 422, "from[0]"},
		{"POST", "/api/v1/messages", `{"channel": "phone", "text": "x", "email": "kate"}`, 422, "email"},
		{"POST", "/api/v1/messages", `{"channel": "phone", "text": "x", "thread": "abc"}`, 422, "thread"},
		{"POST", "/api/v1/messages", `{"text": "x", "thread": "aaaaaaaaaaaaaaaaaaaaaaaaaa"}`, 422, "thread"},
		{"POST", "/api/v1/messages", `{"channel": "phone", "text": "x", "attachments": [{"name": "a", "data": "?"}]}`, 422, "attachments[0].data"},
		{"POST", "/api/v1/messages", `{"channel": "phone", "attachments": [{"name": "a"}]}`, 422, "attachments[0].data"},
		{"POST", "/api/v1/messages", `{"channel": "phone", "text": 17}`, 422, "text"},
		{"POST", "/api/v1/messages", `{"channel": "phone", "txt": "x"}`, 422, "txt"},
		{"POST", "/api/v1/messages", `{"channel": "phone", "text": "x", "automatic": "maybe"}`, 422, "automatic"},
		{"POST", "/api/v1/messages", `{"channel": "phone", "text": "x", "sent": "yesterday"}`, 422, "sent"},
		{"POST", "/api/v1/messages", `[1]`, 400, ""},
		{"POST", "/api/v1/messages", `{"text": "x"`, 400, ""},
		{"POST", "/api/v1/messages", `{} {}`, 400, ""},
		{"POST", "/api/v1/route?at=noon", `{}`, 422, "at"},
		{"POST", "/api/v1/teams/support/claim", `{}`, 422, "agent"},
		{"POST", "/api/v1/teams/support/claim", `{"agent": "an na"}`, 422, "agent"},
		{"POST", "/api/v1/teams/support/claim", `{"agent": "anna", "wait": 30}`, 422, "wait"},
		{"POST", "/api/v1/teams/support/claim", `{"agent": "anna", "wait": "soon"}`, 422, "wait"},
		{"POST", "/api/v1/teams/support/claim", `{"agent": "anna", "wait": "-1s"}`, 422, "wait"},
		{"POST", "/api/v1/teams/support/claim", `{"agent": "anna", "request_id": "a b"}`, 422, "request_id"},
		{"POST", "/api/v1/teams/suport/claim", `{"agent": "anna"}`, 404, ""},
		{"GET", "/api/v1/teams/suport/tasks", ``, 404, ""},
		{"GET", "/api/v1/teams/support/tasks?state=opened", ``, 422, "state"},
		{"GET", "/api/v1/teams/support/tasks?limit=501", ``, 422, "limit"},
		{"GET", "/api/v1/teams/support/tasks?limit=x", ``, 422, "limit"},
		{"GET", "/api/v1/teams/support/tasks?cursor=x", ``, 422, "cursor"},
		{"GET", "/api/v1/tasks", ``, 422, "agent"},
		{"GET", "/api/v1/tasks/T-1-1", ``, 404, ""},
		{"GET", "/api/v1/tasks/T-99999-9", ``, 404, ""},
		{"GET", "/api/v1/tasks/01ARZ3NDEKTSV4RRFFQ69G5FAV", ``, 404, ""},
		{"POST", tasks + "/claim", `{}`, 422, "agent"},
		{"POST", tasks + "/assign", `{}`, 422, "agent"},
		{"POST", tasks + "/reply", `{"agent": "anna"}`, 422, "text"},
		{"POST", tasks + "/reply", `{"agent": "anna", "text": " \n"}`, 422, "text"},
		{"POST", tasks + "/reply", `{"agent": "anna", "text": "x", "via": "fax"}`, 422, "via"},
		{"POST", tasks + "/reply", `{"agent": "anna", "text": "x", "outcome": "solved"}`, 422, "outcome"},
		{"POST", tasks + "/reply", `{"agent": "anna", "text": "x", "attachments": [{"name": "a", "data": "?"}]}`, 422, "attachments[0].data"},
		{"POST", tasks + "/reply", `{"agent": "anna", "text": "x", "attachments": [` + strings.Repeat("{},", 300_000) + `{}]}`, 422, "attachments"},
		{"POST", tasks + "/reply", `{"agent": "anna", "text": "x", "text": "y"}`, 422, "text"},
		{"POST", tasks + "/reply", `{"agent": "anna", "text": ` + strings.Repeat("[", 100_000), 422, "text"},
		{"POST", "/api/v1/messages", `{"channel": "phone", "text": "x", "attachments": [` + strings.Repeat("{},", 300_000) + `{}]}`, 422, "attachments"},
		{"POST", tasks + "/note", `{"agent": "anna"}`, 422, "text"},
		{"POST", tasks + "/transfer", `{"agent": "anna"}`, 422, "team"},
		{"POST", tasks + "/transfer", `{"agent": "anna", "team": "suport"}`, 422, "team"},
		{"POST", tasks + "/transfer", `{"agent": "anna", "team": "support"}`, 422, "team"},
		{"POST", tasks + "/wait", `{"agent": "anna", "until": "2020-01-01T00:00:00Z"}`, 422, "until"},
		{"POST", tasks + "/wait", `{"agent": "anna", "until": "monday"}`, 422, "until"},
		{"POST", tasks + "/close", `{"agent": "anna", "outcome": "<b>"}`, 422, "outcome"},
		{"POST", tasks + "/link", `{"agent": "anna"}`, 422, "task"},
		{"POST", tasks + "/link", `{"agent": "anna", "task": "T-1-1"}`, 422, "task"},
		{"POST", tasks + "/link", `{"agent": "anna", "task": "` + task + `"}`, 422, "task"},
		{"GET", "/api/v1/search", ``, 422, "q"},
		{"GET", "/api/v1/attachments/aaaaaaaaaaaaaaaaaaaaaaaaaa/1", ``, 404, ""},
		{"GET", "/api/v1/attachments/..%2f..%2fetc/passwd", ``, 404, ""},
		{"GET", "/api/v1/quarantine/xyz", ``, 404, ""},
		{"GET", "/api/v1/quarantine?limit=0", ``, 422, "limit"},
		{"GET", "/api/v1/events?team=suport", ``, 404, ""},
		{"GET", "/api/v1/nothing", ``, 404, ""},
		{"DELETE", "/api/v1/tasks", ``, 405, ""},
	} {
		t.Run(c.method+" "+c.path+" "+c.body[:min(len(c.body), 60)], func(t *testing.T) {
			res := h.raw(c.method, c.path, adminToken, c.body)
			var p api.Problem
			if err := json.NewDecoder(res.Body).Decode(&p); err != nil {
				t.Fatal(err)
			}
			if res.StatusCode != c.status || p.Status != c.status || p.Field != c.field || p.Detail == "" {
				t.Errorf("answer = %d %+v, want %d about %q", res.StatusCode, p, c.status, c.field)
			}
			if kind := res.Header.Get("Content-Type"); kind != "application/problem+json" {
				t.Errorf("content type %q", kind)
			}
		})
	}
	if state, _ := h.admin("").Task(t.Context(), task); state.State != "queued" || len(state.Notes) != 0 {
		t.Errorf("a wrong request changed the task: %+v", state)
	}
}

func TestTooLargeRequestIsRefused(t *testing.T) {
	h := open(t)
	res := h.raw("POST", "/api/v1/messages", adminToken, `{"text": "`+strings.Repeat("x", 1<<20)+`"}`)
	if res.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("status %d, want 413", res.StatusCode)
	}
}

func TestAttachmentIsADownloadAndNothingElse(t *testing.T) {
	h := open(t)
	taken, err := h.admin("").TakeIn(t.Context(), api.NewMessage{
		Channel: "letter", Attachments: []api.File{{Name: "../../a\u202egnp.html", Type: "text/html", Data: []byte("<script>")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	a := h.taskOf(taken.Thread).Messages[0].Attachments[0]
	if a.Name != "agnp.html" {
		t.Errorf("name = %q", a.Name)
	}
	res := h.raw("GET", "/api/v1/attachments/"+a.ID+"?name=x%0d%0aSet-Cookie:y", adminToken, "")
	if kind := res.Header.Get("Content-Type"); kind != "application/octet-stream" {
		t.Errorf("content type %q", kind)
	}
	if !strings.HasPrefix(res.Header.Get("Content-Disposition"), "attachment") || res.Header.Get("X-Content-Type-Options") != "nosniff" || res.Header.Get("Set-Cookie") != "" {
		t.Errorf("headers = %v", res.Header)
	}
}

func readAll(t *testing.T, r io.Reader) string {
	t.Helper()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestIntakeWaitsForTheNumberOfTheTask(t *testing.T) {
	h := open(t)
	m := api.NewMessage{Channel: "phone", Text: "she called", Wait: time.Minute}
	taken, err := h.admin("anna").TakeIn(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	if task := h.taskOf(taken.Thread); taken.Task != task.Number {
		t.Errorf("TakeIn says task %q, want %s", taken.Task, task.Number)
	}
	m.Wait = 0
	if taken, err = h.admin("anna").TakeIn(t.Context(), m); err != nil || taken.Task != "" {
		t.Errorf("TakeIn that waits for nothing = %+v, %v", taken, err)
	}
}

// Whoever types a command is a person by the token; the name they logged in by counts where the token may act for others.
func TestTokenSaysWhoOneIs(t *testing.T) {
	h := open(t)
	for _, tt := range []struct{ token, agent, login, want string }{
		{annaToken, "", "root", "anna"}, {annaToken, "anna", "root", "anna"}, {adminToken, "", "bob", "bob"}, {adminToken, "anna", "bob", "anna"},
	} {
		task := h.arrive("a matter")
		c := h.as(tt.token, tt.agent)
		c.Login = tt.login
		got, err := c.Take(t.Context(), task.ID)
		if err != nil || got.Agent != tt.want {
			t.Fatalf("a claim by %+v is %+v, %v", tt, got, err)
		}
		held, err := c.Held(t.Context(), tt.agent)
		if err != nil || len(held.Tasks) == 0 || held.Tasks[0].Agent != tt.want {
			t.Errorf("what %+v holds = %+v, %v", tt, held, err)
		}
	}
}
