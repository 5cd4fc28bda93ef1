package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

const aTask = `{"id":"01JDA","number":"T-1042-8","team":"support","state":"claimed","priority":"high","agent":"anna",
"due":"2026-11-22T12:00:00.000Z","created":"2026-11-22T10:00:00.000Z","channel":"web","connector":"website","subject":"No signal",
"name":"Kate","from":["email:kate@example.org"],"customer":{"assurance":"claimed","candidates":[]},"rule":"outage","tags":["vip"],
"lease":"lease-1","lease_until":"2026-11-22T11:00:00.000Z","links":["T-7-4"],"threads":["t"],"wait":{"n":1},
"messages":[{"id":"m1","direction":"in","from":[],"name":"Kate","text":"Hello\u001b[2J\nthere","received":"2026-11-22T10:00:00.000Z","automatic":"no",
"attachments":[{"id":"m1/0","name":"a.png","type":"image/png","size":2048}]},
{"id":"m2","direction":"out","agent":"anna","from":[],"text":"Hi Kate","received":"2026-11-22T10:05:00.000Z","automatic":"no","attachments":[],
"delivery":{"state":"failed","error":"no such address","reply":"m2","attempts":3}}],
"notes":[{"agent":"bob","text":"calls often","at":"2026-11-22T10:06:00.000Z"}],"drafts":[{"id":"d1","agent":"bob","reason":"held by anna","text":"too late","attachments":[],"via":"same","to":[],"at":"2026-11-22T10:07:00.000Z"}]}`

func TestCommandsCallTheAPI(t *testing.T) {
	task := "200 " + aTask
	page := `200 {"tasks":[` + aTask + `],"cursor":"c2"}`
	file := filepath.Join(t.TempDir(), "a.txt")
	if err := os.WriteFile(file, []byte("hi"), 0o600); err != nil {
		t.Fatal(err)
	}
	const noon = "22 Nov 11:00"
	for _, tt := range []struct {
		name, args, stdin string
		answer            string
		call, body        string
		code              int
		out, err          string // part of
	}{
		{"next", "next --team support", "", task, "POST /teams/support/claim", `{"agent":"anna","wait":"0s"}`, 0, "claims to be email:kate@example.org, not verified", ""},
		{"nothing", "next --team support", "", "204 ", "POST /teams/support/claim", `{"agent":"anna","wait":"0s"}`, 1, "", "nothing to claim in support"},
		{"same request", "next --team support --request r1", "", task, "POST /teams/support/claim", `{"agent":"anna","wait":"0s","request_id":"r1"}`, 0, "T-1042-8", ""},
		{"claim", "claim T-1042-8", "", task, "POST /tasks/T-1042-8/claim", `{"agent":"anna"}`, 0, "lease-1", ""},
		{"taken", "claim T-1042-8", "", `409 {"status":409,"detail":"somebody else holds the task"}`, "POST /tasks/T-1042-8/claim", `{"agent":"anna"}`, 1, "", "loket: somebody else holds the task\n"},
		{"show", "show T-1042-8", "", task, "GET /tasks/T-1042-8?agent=anna", "", 0, "too late", ""},
		{"unknown", "show T-1-9", "", `404 {"status":404,"detail":"no such task"}`, "GET /tasks/T-1-9?agent=anna", "", 1, "", "no such task"},
		{"list", "list --team support --state queued", "", page, "GET /teams/support/tasks?limit=50&state=queued", "", 0, "--cursor c2", ""},
		{"list mine", "list --mine --team network", "", page, "GET /tasks?agent=anna", "", 0, "", "no tasks"},
		{"search", "search kate@example.org", "", `200 {"tasks":[` + aTask + `],"customers":[]}`, "GET /search?q=kate%40example.org", "", 0, "No signal", ""},
		{"not found", "search nobody", "", `200 {"tasks":[],"customers":[]}`, "GET /search?q=nobody", "", 1, "", "nothing found"},
		{"reply", "reply T-1042-8 --close --outcome solved --key k --lease l --attach " + file, "Good day\n\nBye\n\n", `202 {"message":"m3","channel":"web","delivery":{"state":"queued"},"task":` + aTask + `}`, "POST /tasks/T-1042-8/reply", `{"agent":"anna","lease":"l","text":"Good day\n\nBye","attachments":[{"name":"a.txt","data":"aGk="}],"close":true,"outcome":"solved"}`, 0, "→ queued", ""},
		{"reply by stdin", "reply T-1042-8", "Good day\n\nBye\n\n", `202 {"message":"m3","channel":"web","delivery":{"state":"queued"},"task":` + aTask + `}`, "POST /tasks/T-1042-8/reply", `{"agent":"anna","text":"Good day\n\nBye"}`, 0, "T-1042-8", ""},
		{"empty reply", "reply T-1042-8", "", `422 {"status":422,"detail":"text: must not be empty","field":"text","errors":[{"field":"text","detail":"must not be empty"}]}`, "POST /tasks/T-1042-8/reply", `{"agent":"anna","text":""}`, 1, "", "loket: text: must not be empty\n"},
		{"a reply kept as a draft", "reply T-1042-8", "Good day", `409 {"status":409,"detail":"held by bob; the text is kept as draft d1 with the task","draft":"d1"}`, "POST /tasks/T-1042-8/reply", `{"agent":"anna","text":"Good day"}`, 1, "", "loket: held by bob; the text is kept as draft d1 with the task\n"},
		{"a reply given back", "reply T-1042-8", "Good day", `409 {"status":409,"detail":"could not be kept","text":"Good day"}`, "POST /tasks/T-1042-8/reply", `{"agent":"anna","text":"Good day"}`, 1, "", "your text, for you to keep:\nGood day\nloket: could not be kept\n"},
		{"a given reply given back", "reply T-1042-8 --text Good", "", `409 {"status":409,"detail":"could not be kept","text":"Good"}`, "POST /tasks/T-1042-8/reply", `{"agent":"anna","text":"Good"}`, 1, "", "your text, for you to keep:\nGood\nloket: could not be kept\n"},
		{"drafts", "draft list T-1042-8", "", `200 {"drafts":[{"id":"d1","agent":"bob","text":"too late","at":"2026-11-22T10:07:00.000Z","attachments":[],"via":"same","to":[]}]}`, "GET /tasks/T-1042-8/drafts", "", 0, "  d1 ", ""},
		{"send draft", "draft send T-1042-8 d1 --close --outcome solved", "", `202 {"message":"d1","channel":"web","delivery":{"state":"queued"},"task":` + aTask + `}`, "POST /tasks/T-1042-8/drafts/d1/send", `{"agent":"anna","close":true,"outcome":"solved"}`, 0, "→ queued", ""},
		{"send draft anyway", "draft send T-1042-8 d1 --anyway", "", `202 {"message":"d1","channel":"web","delivery":{"state":"queued"},"task":` + aTask + `}`, "POST /tasks/T-1042-8/drafts/d1/send", `{"agent":"anna","anyway":true}`, 0, "→ queued", ""},
		{"drop draft", "draft drop T-1042-8 d1", "", `200 {"id":"d1","agent":"bob","text":"too late","at":"2026-11-22T10:07:00.000Z","attachments":[],"via":"same","to":[]}`, "DELETE /tasks/T-1042-8/drafts/d1?agent=anna", "", 0, "dropped\n  d1 ", ""},
		{"no draft", "draft send T-1042-8", "", `200 {"drafts":[]}`, "GET /tasks/T-1042-8/drafts", "", 1, "", "T-1042-8 has no drafts"},
		{"several drafts", "draft drop T-1042-8", "", `200 {"drafts":[{"id":"d1","agent":"bob","text":"too late","at":"2026-11-22T10:07:00.000Z","attachments":[],"via":"same","to":[]},{"id":"d1","agent":"bob","text":"too late","at":"2026-11-22T10:07:00.000Z","attachments":[],"via":"same","to":[]}]}`, "GET /tasks/T-1042-8/drafts", "", 1, "", "T-1042-8 has 2 drafts, say which: d1 by bob, d1 by bob"},
		{"note", "note T-1042-8 --text hm", "", task, "POST /tasks/T-1042-8/note", `{"agent":"anna","text":"hm"}`, 0, "claimed by anna", ""},
		{"return", "return T-1042-8 --lease l", "", task, "POST /tasks/T-1042-8/return", `{"agent":"anna","lease":"l"}`, 0, "T-1042-8", ""},
		{"transfer", "transfer T-1042-8 --team network --note see", "", task, "POST /tasks/T-1042-8/transfer", `{"agent":"anna","team":"network","note":"see"}`, 0, "T-1042-8", ""},
		{"wait", "wait T-1042-8 --until 3d", "", task, "POST /tasks/T-1042-8/wait", `{"agent":"anna","until":"3d"}`, 0, "T-1042-8", ""},
		{"wait by the clock", "wait T-1042-8 --until 17:30", "", task, "POST /tasks/T-1042-8/wait", `{"agent":"anna","until":"17:30"}`, 0, "T-1042-8", ""},
		{"close", "close T-1042-8 --outcome spam", "", task, "POST /tasks/T-1042-8/close", `{"agent":"anna","outcome":"spam"}`, 0, "T-1042-8", ""},
		{"close what was seen", "close T-1042-8 --seen T-1042-8.2", "", task, "POST /tasks/T-1042-8/close", `{"agent":"anna","seen":"T-1042-8.2"}`, 0, "T-1042-8", ""},
		{"close anyway", "close T-1042-8 --anyway", "", task, "POST /tasks/T-1042-8/close", `{"agent":"anna","anyway":true}`, 0, "T-1042-8", ""},
		{"wait anyway", "wait T-1042-8 --anyway", "", task, "POST /tasks/T-1042-8/wait", `{"agent":"anna","anyway":true}`, 0, "T-1042-8", ""},
		{"reply anyway", "reply T-1042-8 --anyway --text x", "", `202 {"delivery":{"state":"queued"}}`, "POST /tasks/T-1042-8/reply", `{"agent":"anna","anyway":true,"text":"x"}`, 0, "→ queued", ""},
		{"close unseen", "close T-1042-8", "", `409 {"type":"urn:loket:unseen","status":409,"detail":"T-1042-8: 3 messages came since you looked","count":3,"seen":"T-1042-8.4","zone":"Europe/Amsterdam","unseen":[
			{"id":"m2","direction":"in","from":[],"name":"Kate","text":"it\u001b[2J is\nback","received":"2026-11-22T10:00:00.000Z","automatic":"no","marks":["new participant"],"attachments":[]},
			{"id":"m3","direction":"in","from":[],"text":"","received":"2026-11-22T10:00:00.000Z","automatic":"no","attachments":[{"id":"m3/0","name":"a.png","type":"image/png","size":2048}]}]}`,
			"POST /tasks/T-1042-8/close", `{"agent":"anna"}`, 1, "", "loket: T-1042-8: 3 messages came since you looked\n" +
				"loket: these are the newest, 1 more came before:\n" +
				"loket: ── " + noon + " Europe/Amsterdam Kate new participant\nloket:    it␛[2J is\nloket:    back\n" +
				"loket: ── " + noon + " customer\nloket:    [a.png, image/png, 2 kB: m3/0]\n" +
				"loket: nothing was changed: look with loket show, or repeat the command with --anyway\n"},
		{"reopen", "reopen T-1042-8", "", task, "POST /tasks/T-1042-8/reopen", `{"agent":"anna"}`, 0, "T-1042-8", ""},
		{"person", "person T-1042-8", "", task, "POST /tasks/T-1042-8/person", `{"agent":"anna"}`, 0, "T-1042-8", ""},
		{"person, this message", "person T-1042-8 --message m2", "", task, "POST /tasks/T-1042-8/person", `{"agent":"anna","message":"m2"}`, 0, "T-1042-8", ""},
		{"person, no", "person T-1042-8 --machine", "", task, "POST /tasks/T-1042-8/person", `{"agent":"anna","machine":true}`, 0, "T-1042-8", ""},
		{"unattended", "list --team a --unattended", "", `200 {"tasks":[{"number":"T-1042-8","team":"a","state":"closed","outcome":"solved","unattended":2}],"cursor":""}`, "GET /teams/a/tasks?limit=50&unattended=true", "", 0, "closed as solved, 2 unattended since", ""},
		{"assign", "assign T-1042-8 --to bob", "", task, "POST /tasks/T-1042-8/assign", `{"agent":"bob"}`, 0, "T-1042-8", ""},
		{"link", "link T-1042-8 T-7-4", "", task, "POST /tasks/T-1042-8/link", `{"agent":"anna","task":"T-7-4"}`, 0, "T-1042-8", ""},
		{"intake", "intake --channel phone --from phone:+31201234567 --name Kate --id x1 --text Hello", "", `202 {"id":"m9","task":"T-1042-8","thread":"t9","url":"http://127.0.0.1:8080/t/x"}`, "POST /messages?wait=5s", `{"id":"x1","channel":"phone","from":["phone:+31201234567"],"name":"Kate","text":"Hello","agent":"anna"}`, 0, "T-1042-8", ""},
		{"list of open ones", "list --team support", "", page, "GET /teams/support/tasks?limit=50&state=open", "", 0, "--cursor c2", ""},
		{"list of all", "list --team support --state all", "", page, "GET /teams/support/tasks?limit=50", "", 0, "--cursor c2", ""},
		{"bad sender", "intake --channel phone --from phone:x --text Hello", "", `422 {"status":422,"detail":"from[0]: must be a phone number","field":"from[0]","errors":[{"field":"from[0]","detail":"must be a phone number"},{"field":"name","detail":"too long"}]}`, "POST /messages?wait=5s", `{"channel":"phone","from":["phone:x"],"text":"Hello","agent":"anna"}`, 1, "", "loket: from[0]: must be a phone number\nloket: name: too long\n"},
		{"status", "status", "", `200 {"version":"1.2","store":{"kind":"stand-in","durable":false},"quarantine":3,"teams":[{"team":"support","queued":5,"overdue":2,"unattended":4}],"connectors":[{"name":"website","type":"webform","state":"running"}]}`, "GET /status", "", 0, "KEEPS NOTHING", ""},
		{"wrong token", "status", "", `401 {"type":"urn:loket:token","status":401,"detail":"the token is not known"}`, "GET /status", "", 2, "", "the token comes from"},
		{"store away", "next --team a", "", `503 {"type":"urn:loket:away","status":503,"detail":"the store is away; try again"}`, "POST /teams/a/claim", `{"agent":"anna","wait":"0s"}`, 2, "", "the store is away"},
		{"quarantine", "quarantine list", "", `200 {"messages":[{"id":"q1","error":"bad date","attempts":4,"since":"2026-11-22T10:00:00.000Z"}],"cursor":""}`, "GET /quarantine?limit=50", "", 0, "bad date", ""},
		{"quarantined", "quarantine show q1", "", `200 {"id":"q1","error":"bad date","attempts":4,"message":{"id":"q1","text":"what was said","from":[{"kind":"email","value":"a@example.org","level":"claimed"}]}}`, "GET /quarantine/q1", "", 0, "what was said", ""},
		{"retry", "quarantine retry q1", "", "204 ", "POST /quarantine/q1/retry", "{}", 0, "q1 goes on its way again", ""},
		{"drop", "quarantine drop q1", "", "204 ", "POST /quarantine/q1/drop", "{}", 0, "q1 is gone", ""},
		{"doctor", "doctor", "", `200 {"broken":[]}`, "GET /doctor", "", 0, "every invariant holds", ""},
		{"ill", "doctor", "", `200 {"broken":["queue: task x is nowhere"]}`, "GET /doctor", "", 1, "queue: task x is nowhere", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := newCounter(t, map[string]string{tt.call: tt.answer})
			got := typed(t, tt.stdin, nil, append([]string{"--server", c.URL}, strings.Fields(tt.args)...)...)
			if got.code != tt.code || !strings.Contains(got.out, tt.out) || !strings.Contains(got.err, tt.err) || tt.err == "" && got.err != "" {
				t.Errorf("loket %s = %d\n%s%s\nwant %d with %q and %q", tt.args, got.code, got.out, got.err, tt.code, tt.out, tt.err)
			}
			if strings.Contains(got.out+got.err, "\x1b") {
				t.Errorf("loket %s lets an escape sequence through: %q", tt.args, got.out)
			}
			if a := c.last(t); a.call != tt.call || a.body != tt.body {
				t.Errorf("loket %s asked %s %s, want %s %s", tt.args, a.call, a.body, tt.call, tt.body)
			}
		})
	}
}

func TestReplyCarriesItsKey(t *testing.T) {
	c := newCounter(t, map[string]string{"POST /tasks/T-1042-8/reply": `202 {"delivery":{"state":"queued"}}`})
	got := typed(t, "", nil, "reply", "T-1042-8", "--text", "x", "--key", "k1", "--server", c.URL)
	if key := c.last(t).key; got.code != exitDone || key != "k1" {
		t.Errorf("reply = %+v with key %q, want k1", got, key)
	}
}

// An answer without a key of the writer's has one all the same, and keeps it while the daemon can't say what became of it.
func TestReplyIsSentAgainUnderOneKey(t *testing.T) {
	c := newCounter(t, map[string]string{"POST /tasks/T-1042-8/reply": `503 {"type":"urn:loket:away","status":503,"detail":"the store is away; try again"}`})
	got := typed(t, "", nil, "reply", "T-1042-8", "--text", "x", "--server", c.URL)
	key := c.last(t).key
	if got.code != exitUsage || len(c.asked) != sendTries || key == "" || !strings.Contains(got.err, "--key "+key) {
		t.Fatalf("reply = %+v after %d calls, the last with key %q; want %d calls and the key told", got, len(c.asked), key, sendTries)
	}
	for i, a := range c.asked {
		if a.key != key {
			t.Errorf("call %d has key %q, want %q", i, a.key, key)
		}
	}
	c = newCounter(t, map[string]string{"POST /tasks/T-1042-8/reply": `202 {"delivery":{"state":"queued"}}`})
	typed(t, "", nil, "reply", "T-1042-8", "--text", "x", "--server", c.URL)
	if other := c.last(t).key; other == key || other == "" {
		t.Errorf("another answer has key %q: it would be taken for the first", other)
	}
}

// Done is done, even when the task could not be read afterwards.
func TestReplyIsDoneWithoutTheTask(t *testing.T) {
	for _, answer := range []string{`"task":{"number":"T-1042-8","state":"waiting","partial":true},`, ""} {
		c := newCounter(t, map[string]string{"POST /tasks/T-1042-8/reply": `202 {` + answer + `"message":"m3","channel":"web","delivery":{"state":"queued"}}`})
		got := typed(t, "", nil, "reply", "T-1042-8", "--text", "x", "--server", c.URL)
		if got.code != exitDone || !strings.Contains(got.out, "loket show T-1042-8") || !strings.Contains(got.out, "queued") {
			t.Errorf("reply = %+v, want it done and where to look", got)
		}
	}
}

func TestShowPrintsTheWholeTask(t *testing.T) {
	c := newCounter(t, map[string]string{"GET /tasks/T-1042-8?agent=anna": "200 " + aTask})
	got := typed(t, "", nil, "show", "T-1042-8", "--server", c.URL)
	for _, want := range []string{
		"T-1042-8  claimed by anna · support · high · ", "Subject   No signal", "Customer  “Kate” claims to be email:kate@example.org, not verified",
		"Channel   web (website)", "Rule      outage", "Tags      vip", "Links     T-7-4", "Lease     lease-1",
		"Kate\nHello␛[2J\nthere\n[a.png, image/png, 2 kB: m1/0]\n", "anna → failed: no such address (3 attempts); resend with m2\nHi Kate\n",
		"Notes\n", "bob\n    calls often\n", "Drafts, not sent (loket draft send|drop)\n", "  d1 ", " bob\n    not sent: held by anna\n    too late\n",
	} {
		if !strings.Contains(got.out, want) {
			t.Errorf("show lacks %q:\n%s", want, got.out)
		}
	}
}

func TestJSONIsTheAnswerOfTheAPI(t *testing.T) {
	c := newCounter(t, map[string]string{
		"GET /tasks/T-1042-8?agent=anna":              "200 " + aTask,
		"GET /teams/support/tasks?limit=50":           `200 {"tasks":[` + aTask + `],"cursor":"c2"}`,
		"GET /teams/support/tasks?cursor=c2&limit=50": `200 {"tasks":[` + aTask + `],"cursor":""}`,
	})
	var task struct {
		Number, Lease, Due string
		Messages           []struct{ Text string }
	}
	got := typed(t, "", nil, "show", "T-1042-8", "--json", "--server", c.URL)
	if err := json.Unmarshal([]byte(got.out), &task); err != nil || task.Number != "T-1042-8" || task.Lease != "lease-1" ||
		task.Due != "2026-11-22T12:00:00.000Z" || task.Messages[0].Text != "Hello\x1b[2J\nthere" {
		t.Errorf("show --json = %s (%v)", got.out, err)
	}
	var page struct {
		Tasks  []struct{ Number string }
		Cursor string
	}
	got = typed(t, "", nil, "list", "--team", "support", "--state", "all", "--all", "--json", "--server", c.URL)
	if err := json.Unmarshal([]byte(got.out), &page); err != nil || len(page.Tasks) != 2 || page.Cursor != "" {
		t.Errorf("list --all --json = %s (%v)", got.out, err)
	}
}

func TestEventsAreFollowedOverBrokenStreams(t *testing.T) {
	asked := make(chan string, 10)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		after := r.Header.Get("Last-Event-ID")
		asked <- r.URL.RequestURI() + " " + after
		w.Header().Set("Content-Type", "text/event-stream")
		if after == "9-9" {
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(http.StatusForbidden)
			_, _ = w.Write([]byte(`{"status":403,"detail":"enough"}`))
			return
		}
		_, _ = w.Write([]byte(": here\n\nid: 9-9\nevent: closed\ndata: {\"id\":\"9-9\",\"type\":\"closed\",\"at\":\"2026-11-22T10:00:00.000Z\",\"number\":\"T-1042-8\",\"team\":\"support\",\"state\":\"closed\",\"agent\":\"anna\",\"outcome\":\"solved\\u001b[2J\"}\n\n"))
	}))
	t.Cleanup(server.Close)
	got := typed(t, "", nil, "events", "--team", "support", "--after", "5-5", "--server", server.URL)
	if got.code != exitNo || !strings.Contains(got.err, "enough") {
		t.Errorf("events = %+v, want the refusal", got)
	}
	if first, second := <-asked, <-asked; first != "/api/v1/events?team=support 5-5" || second != "/api/v1/events?team=support 9-9" {
		t.Errorf("asked %q, then %q", first, second)
	}
	if want := "T-1042-8  closed (closed) support anna solved␛[2J\n"; !strings.HasSuffix(got.out, want) {
		t.Errorf("events print %q, want %q", got.out, want)
	}
}

func TestNextAsksAgainUntilItsWaitIsOver(t *testing.T) {
	asked := make(chan struct{}, 100)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked <- struct{}{}
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(server.Close)
	got := typed(t, "", nil, "next", "--team", "support", "--wait", "300ms", "--server", server.URL)
	if got.code != exitNo || !strings.Contains(got.err, "nothing to claim") || len(asked) < 2 || len(asked) > 4 {
		t.Errorf("next = %+v after asking %d times", got, len(asked))
	}
}

func TestNextWaitsForAStoreThatComesBack(t *testing.T) {
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if asked.Add(1) == 1 {
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = w.Write([]byte(`{"status":503,"detail":"the store is away; try again"}`))
			return
		}
		_, _ = w.Write([]byte(aTask))
	}))
	t.Cleanup(server.Close)
	got := typed(t, "", nil, "next", "--team", "support", "--wait", "30s", "--server", server.URL)
	if got.code != exitDone || !strings.Contains(got.out, "T-1042-8") || got.err != "" {
		t.Errorf("next = %+v, want the task", got)
	}
}

func TestStoppedCommandsSayNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only then is it noticed that the client went
		cancel()
		<-r.Context().Done()
	}))
	t.Cleanup(server.Close)
	for args, want := range map[string]int{"next --team support --wait 1h": exitNo, "events": exitDone} {
		var out bytes.Buffer
		env := func(name string) string { return map[string]string{"LOKET_TOKEN": "0123456789abcdef"}[name] }
		err := Run(ctx, append(strings.Fields(args), "--server", server.URL), Process{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out, Getenv: env})
		if code := Report(&out, err); code != want || out.Len() > 0 {
			t.Errorf("loket %s, stopped = %v %q, want %d and silence", args, err, out.String(), want)
		}
	}
}
