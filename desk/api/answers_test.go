package api_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"loket/desk/access"
	"loket/desk/api"
)

// TestEveryDocumentedAnswerIsGiven makes each call so that it gives each answer the document has for it. The
// checker holds every answer against the document.
func TestEveryDocumentedAnswerIsGiven(t *testing.T) {
	h := open(t, access.Person{Name: "anna", Teams: []string{"support", "network"}}, access.Person{Name: "bob", Teams: []string{"support"}})
	task := func() *api.Task { return h.arrive("a matter") }
	taken := func() *api.Task {
		v := task()
		if _, err := h.admin("bob").Take(t.Context(), v.ID); err != nil {
			t.Fatal(err)
		}
		return v
	}
	failed := func() (task, reply string) {
		answered, err := h.admin("anna").Reply(t.Context(), h.arrive("a matter").ID, api.Answer{Text: "x"})
		if err != nil {
			t.Fatal(err)
		}
		r, err := h.queue.BeginSend(t.Context(), answered.Message, 1e9)
		if err != nil {
			t.Fatal(err)
		}
		if err := h.queue.GiveUp(t.Context(), r.ID, r.Token, "no"); err != nil {
			t.Fatal(err)
		}
		return answered.Task.ID, r.ID
	}
	file := func() string {
		in, err := h.admin("").TakeIn(t.Context(), api.NewMessage{Channel: "letter", Attachments: []api.File{{Name: "a", Data: []byte("abc")}}})
		if err != nil {
			t.Fatal(err)
		}
		return h.taskOf(in.Thread).Messages[0].Attachments[0].ID
	}
	unknown := "01ARZ3NDEKTSV4RRFFQ69G5FAV"
	tasks := "/api/v1/tasks/"

	// What each verb of a task needs to succeed.
	verbs := map[string]string{
		"claim": ``, "heartbeat": ``, "return": ``, "note": `,"text":"x"`, "transfer": `,"team":"webcare"`, "wait": ``,
		"answered": `,"by":"phone","text":"x"`,
		"close":    ``, "reopen": ``, "person": `,"machine":true`, "link": `,"task":"` + task().Number + `"`, "label": `,"tag":["vip"]`, "merge": `,"task":"` + task().Number + `"`, "reply": `,"text":"x"`,
		"forward": `,"to":["mast@partner.example"],"text":"x"`,
	}
	for verb, more := range verbs {
		v := task()
		if verb == "return" || verb == "heartbeat" {
			if _, err := h.admin("anna").Take(t.Context(), v.ID); err != nil {
				t.Fatal(err)
			}
		}
		h.raw("POST", tasks+v.ID+"/"+verb, adminToken, `{"agent":"anna"`+more+`}`)
		h.raw("POST", tasks+unknown+"/"+verb, adminToken, `{"agent":"anna"`+more+`}`)
		h.raw("POST", tasks+taken().ID+"/"+verb, adminToken, `{"agent":"anna","lease":"gone"`+more+`}`)
		h.raw("POST", tasks+taken().ID+"/"+verb, adminToken, `{"agent":"anna"`+more+`}`)
		h.raw("POST", tasks+v.ID+"/"+verb, adminToken, `{"agent":"eve"`+more+`}`)
	}
	v := task()
	h.raw("POST", tasks+v.ID+"/assign", adminToken, `{"agent":"anna"}`)
	h.raw("POST", tasks+v.ID+"/assign", programToken, `{"agent":"anna"}`)
	h.raw("POST", tasks+unknown+"/assign", adminToken, `{"agent":"anna"}`)
	closed := task()
	if _, err := h.admin("anna").Close(t.Context(), closed.ID, ""); err != nil {
		t.Fatal(err)
	}
	h.raw("POST", tasks+closed.ID+"/assign", adminToken, `{"agent":"anna"}`)

	id, reply := failed()
	h.raw("POST", tasks+id+"/replies/"+reply+"/retry", adminToken, `{"agent":"eve"}`)
	h.raw("POST", tasks+id+"/replies/none/retry", adminToken, `{"agent":"anna"}`)
	h.raw("POST", tasks+id+"/replies/"+reply+"/retry", adminToken, `{"agent":"anna"}`)
	h.raw("POST", tasks+id+"/replies/"+reply+"/retry", adminToken, `{"agent":"anna"}`)

	h.raw("GET", "/api/v1/failed", adminToken, "")
	h.failedAnswers()
	verbs["settle"] = `,"arrived":true`

	h.draftAnswers(taken)

	h.raw("POST", "/api/v1/teams/support/claim", adminToken, `{"agent":"anna"}`)
	h.raw("POST", "/api/v1/teams/network/claim", adminToken, `{"agent":"anna"}`)
	h.raw("POST", "/api/v1/teams/network/claim", adminToken, `{"agent":"bob"}`)
	h.raw("POST", "/api/v1/teams/none/claim", adminToken, `{"agent":"anna"}`)
	h.raw("GET", "/api/v1/teams/support/tasks", adminToken, "")
	h.raw("GET", "/api/v1/teams/support/tasks", webcareToken, "")
	h.raw("GET", "/api/v1/teams/none/tasks", adminToken, "")
	h.raw("GET", "/api/v1/teams/support/tasks?limit=0", adminToken, "")
	h.raw("GET", "/api/v1/tasks?agent=bob", adminToken, "")
	h.raw("GET", "/api/v1/tasks", adminToken, "")
	h.raw("GET", tasks+v.ID, adminToken, "")
	h.raw("GET", tasks+v.ID, webcareToken, "")
	h.raw("GET", tasks+v.ID+"?agent=bob", annaToken, "")
	h.raw("GET", tasks+v.ID+"?agent=x%20y", adminToken, "")
	h.raw("GET", tasks+unknown, adminToken, "")

	h.raw("POST", "/api/v1/messages", adminToken, `{"channel":"phone","text":"x","references":["a"]}`)
	h.raw("POST", "/api/v1/messages", annaToken, `{"channel":"phone","text":"x","agent":"bob"}`)
	h.raw("POST", "/api/v1/mails?agent=bob", annaToken, attestedMail)
	h.raw("POST", "/api/v1/mails", annaToken, attestedMail, "Content-Type", "message/rfc822")
	a := file()
	h.raw("GET", "/api/v1/attachments/"+a, adminToken, "")
	h.raw("GET", "/api/v1/attachments/"+a, adminToken, "", "Range", "bytes=1-1")
	h.raw("GET", "/api/v1/attachments/"+a, adminToken, "", "Range", "bytes=9-")
	h.raw("GET", "/api/v1/attachments/"+a, webcareToken, "")
	h.raw("GET", "/api/v1/attachments/"+a+"0", adminToken, "")
	_, name, _ := strings.Cut(a, "/")
	h.raw("GET", "/api/v1/attachments/"+name, adminToken, "")
	h.raw("GET", "/api/v1/attachments/"+name, adminToken, "", "Range", "bytes=1-1")
	h.raw("GET", "/api/v1/attachments/"+name, adminToken, "", "Range", "bytes=9-")
	h.raw("GET", "/api/v1/attachments/none/1", adminToken, "")
	h.raw("GET", "/api/v1/search?q=kate@example.org", adminToken, "")
	h.raw("GET", "/api/v1/search", adminToken, "")
	h.raw("POST", "/api/v1/route", adminToken, `{"text":"x"}`)
	h.raw("GET", "/api/v1/events", adminToken, "")
	h.raw("GET", "/api/v1/events?team=none", adminToken, "")
	h.raw("GET", "/api/v1/events?team=support", webcareToken, "")
	h.raw("GET", "/api/v1/events", adminToken, "", "Last-Event-ID", "x")

	h.raw("GET", "/api/v1/me", adminToken, "")
	for _, path := range []string{"/status", "/quarantine", "/doctor"} {
		h.raw("GET", "/api/v1"+path, adminToken, "")
		h.raw("GET", "/api/v1"+path, annaToken, "")
	}
	h.raw("GET", "/api/v1/quarantine?limit=x", adminToken, "")
	quarantined := "/api/v1/quarantine/"
	h.raw("GET", quarantined+h.setAside("a"), adminToken, "")
	h.raw("GET", quarantined+"x", adminToken, "")
	h.raw("GET", quarantined+"x", annaToken, "")
	for _, verb := range []string{"/retry", "/drop"} {
		h.raw("POST", quarantined+h.setAside("b"+verb)+verb, adminToken, "")
		h.raw("POST", quarantined+"x"+verb, adminToken, "")
		h.raw("POST", quarantined+"x"+verb, annaToken, "")
	}
	for _, path := range []string{"/metrics", "/healthz", "/readyz", "/openapi.yaml"} {
		h.raw("GET", path, "", "")
		h.raw("GET", path, "", "", "Forwarded", "for=192.0.2.1")
	}
	h.customerAnswers()
	h.figureAnswers()
	h.peopleAnswers()
	h.cannedAnswers()
	h.beginAnswers()
	h.badly(v.ID, reply)
	h.redis.Kill()
	h.each(func(method, path string) {
		body := ""
		hasBody := method == "POST" || method == "PUT"
		if hasBody {
			body = `{}`
		}
		switch {
		case strings.Contains(path, "attachments/{message}"):
			return
		case strings.Contains(path, "/customers"), strings.Contains(path, "/senders/"):
			if hasBody {
				body = customerBody(path)
			}
		case strings.HasSuffix(path, "/people") && hasBody:
			body = `{"name":"mia"}`
		case strings.HasSuffix(path, "/threads"):
			body = `{"agent":"anna","team":"support","to":"kate@example.org","text":"x"}`
		case strings.HasSuffix(path, "/canned") && hasBody:
			body = `{"agent":"anna","name":"x","text":"x"}`
		case strings.HasSuffix(path, "/password"):
			body = `{"password":"a password that is long"}`
		case strings.HasSuffix(path, "/messages"): // one that begins a thread would be taken by the spool
			body = `{"text":"x","thread":"aaaaaaaaaaaaaaaaaaaaaaaaaa"}`
		case strings.HasSuffix(path, "/mails"):
			body = "From: kate@example.org\nIn-Reply-To: <1@kate>\n\nx\n"
		case strings.HasSuffix(path, "/route"):
			body = `{"text":"x","from":["email:kate@example.org"]}`
		case strings.HasSuffix(path, "/assign"):
			body = `{"agent":"anna"}`
		case strings.Contains(path, "{task}") && method == "POST":
			verb := path[strings.LastIndex(path, "/")+1:]
			body = `{"agent":"anna"` + verbs[verb] + `}`
		case strings.HasSuffix(path, "/claim"):
			body = `{"agent":"anna"}`
		}
		if strings.HasSuffix(path, "/drafts/{draft}") {
			path += "?agent=anna"
		}
		path = strings.NewReplacer("{team}", "support", "{person}", "joris", "{task}", v.ID, "{reply}", reply, "{draft}", reply, "{id}", strings.Repeat("a", 26),
			"{customer}", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "{suggestion}", "01ARZ3NDEKTSV4RRFFQ69G5FAV+01ARZ3NDEKTSV4RRFFQ69G5FAW").Replace(path)
		switch {
		case strings.HasSuffix(path, "/customers") && method == "GET":
			path += "?identifier=email:kate@example.com"
		case strings.HasSuffix(path, "/why"):
			path += "?x=cno:1"
		case strings.HasSuffix(path, "/kpi/tasks"):
			path += "?figure=messages"
		case strings.HasSuffix(path, "/search"):
			path += "?q=kate@example.org"
		case strings.HasSuffix(path, "/api/v1/tasks"):
			path += "?agent=anna"
		}
		h.raw(method, path, adminToken, body, "Last-Event-ID", "0")
	})
	h.stop()
	h.raw("GET", "/healthz", "", "")
	h.allSeen()
}

// badly makes each call without a token, and those with a body with bodies that none should have.
func (h *house) badly(task, reply string) {
	h.t.Helper()
	h.each(func(method, path string) {
		path = strings.NewReplacer("{team}", "support", "{task}", task, "{reply}", reply, "{draft}", "x", "{id}", strings.Repeat("a", 26),
			"{message}", "x", "{file}", "y", "{customer}", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "{suggestion}", "x+y").Replace(path)
		if strings.HasPrefix(path, "/api/") {
			h.raw(method, path, "", "")
		}
		if method == "POST" || method == "PUT" {
			h.raw(method, path, adminToken, `{"no such field":1}`)
			h.raw(method, path, adminToken, `[`)
			h.raw(method, path, adminToken, `{"text":"`+strings.Repeat("x", 1<<20)+`"}`)
		}
	})
}

// each calls f for each operation of the document.
func (h *house) each(f func(method, path string)) {
	for path, item := range h.check.doc.Paths.Map() {
		for method := range item.Operations() {
			f(method, path)
		}
	}
}

// allSeen fails for what the document promises and nothing gave. What goes wrong inside no test can ask for, nor
// for a store that goes away between two looks at it.
func (h *house) allSeen() {
	h.t.Helper()
	var missing []string
	h.each(func(method, path string) {
		for status := range h.check.doc.Paths.Find(path).GetOperation(method).Responses.Map() {
			operation := method + " " + path
			var n int
			_, _ = fmt.Sscan(status, &n)
			if n != 500 && operation+" "+status != "GET /api/v1/status 503" && !h.check.seen[operation][n] {
				missing = append(missing, operation+" "+status)
			}
		}
	})
	slices.Sort(missing)
	for _, m := range missing {
		h.t.Errorf("never answered: %s", m)
	}
}

// TestARequestBrokenOffIsNoSuccess: when the daemon stops it ends the requests that are still under way.
func TestARequestBrokenOffIsNoSuccess(t *testing.T) {
	h := open(t)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/api/v1/tasks/"+h.arrive("a matter").ID+"/note", strings.NewReader(`{"agent":"anna","text":"x"}`))
	r.Header.Set("Authorization", "Bearer "+adminToken)
	w := httptest.NewRecorder()
	h.Config.Handler.ServeHTTP(w, r)
	if w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "urn:loket:away") {
		t.Errorf("answered %d %q, want 503", w.Code, w.Body)
	}
}
