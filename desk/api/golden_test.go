package api_test

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"loket/desk/access"
	"loket/desk/api"
	"loket/internal/message"
	"loket/router/kpi"
)

var update = flag.Bool("update", false, "write what the API answers into testdata")

// golden compares what the API wrote with what it always did, byte for byte.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s: the API writes something else than it did (-want +got):\n%s", name, diff)
	}
}

// TestEveryFieldIsWrittenAsItWas fills every field of each shape, and none, and writes both: names, order, what is left out
// and how instants look are what programs rely on.
func TestEveryFieldIsWrittenAsItWas(t *testing.T) {
	var out strings.Builder
	for _, shape := range shapes() {
		typ := reflect.TypeOf(shape)
		full := reflect.New(typ).Elem()
		fill(full, typ.Name(), 0)
		for _, v := range []any{full.Interface(), reflect.New(typ).Elem().Interface()} {
			b, err := json.Marshal(v)
			if err != nil {
				t.Fatalf("%s: %v", typ, err)
			}
			fmt.Fprintf(&out, "%s %s\n", typ.Name(), b)
		}
	}
	golden(t, "shapes.ndjson", out.String())
}

func shapes() []any {
	return []any{
		api.Task{}, api.Page{}, api.Event{}, api.Found{}, api.Answered{}, api.Forwarded{}, api.TakenIn{}, api.Draft{},
		api.Status{}, api.Me{}, api.Health{}, api.Problem{},
		api.Profile{}, api.Profiles{}, api.Owners{}, api.History{}, api.Explanation{}, api.LogPage{}, api.SplitResult{},
		api.Permissions{}, api.SuggestionPage{}, api.ImportReport{}, api.ImportLine{}, api.Archive{},
		api.Figures{}, api.FigureTasks{}, api.Rebuilt{}, api.FailedList{},
	}
}

var sometime = time.Date(2026, 11, 22, 9, 30, 15, 120_000_000, time.UTC)

// fill gives a field of every kind a value that tells it from the others; what contains itself ends after two rounds.
func fill(v reflect.Value, name string, depth int) {
	switch v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(sometime))
		return
	case api.Time:
		v.Set(reflect.ValueOf(api.Time{Time: sometime}))
		return
	case api.FigureSet:
		v.Set(reflect.ValueOf(api.FigureSet{Figures: kpi.NewFigures(true, someFigure)}))
		return
	case message.Level: // only some are written
		v.Set(reflect.ValueOf(message.Attested))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(name)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64, reflect.Uint8:
		if v.CanInt() {
			v.SetInt(7)
		} else {
			v.SetUint(7)
		}
	case reflect.Float64:
		v.SetFloat(1.5)
	case reflect.Pointer:
		if depth > 6 {
			return
		}
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), name, depth+1)
	case reflect.Slice:
		if depth > 6 {
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), name, depth+1)
	case reflect.Map:
		one := reflect.New(v.Type().Elem()).Elem()
		fill(one, name, depth+1)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.ValueOf("key"), one)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fill(v.Field(i), v.Type().Field(i).Name, depth+1)
			}
		}
	}
}

// someFigure is a value of a figure.
func someFigure(_ int, f kpi.Figure) any {
	share, spans := 1.5, &kpi.Stats{Count: 7, Mean: 1.5, P50: 1.5, P90: 1.5, P95: 1.5}
	switch f.Sum {
	case kpi.Spread:
		return kpi.Times{Wall: spans, Working: spans}
	case kpi.Longest:
		return share
	case kpi.Share:
		return &share
	}
	return 7
}

// A recorder writes down what the API answers, without what differs each time.
type recorder struct {
	*house
	out  strings.Builder
	seen map[string]string
}

var (
	instants = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)`)
	tokens   = regexp.MustCompile(`"lease":"[^"]+"`)
	cursors  = regexp.MustCompile(`"cursor":"[^"]+"`)
	streamed = regexp.MustCompile(`\b\d{13}-\d+\b`)
	idents   = regexp.MustCompile(`\b([0-9A-HJKMNP-TV-Z]{26}|[a-z2-7]{26})\b`)
	hashes   = regexp.MustCompile(`\b[0-9a-f]{16,}\b`)
	numbers  = regexp.MustCompile(`:-?\d+(\.\d+)?(e-?\d+)?\b`)
	lives    = regexp.MustCompile(`was:[a-z0-9]+:`)
	erased   = regexp.MustCompile(`"#[\w-]{22}"`)
)

func (r *recorder) write(what, body string) {
	body = instants.ReplaceAllString(body, "<instant>")
	body = tokens.ReplaceAllString(body, `"lease":"<lease>"`)
	body = cursors.ReplaceAllString(body, `"cursor":"<cursor>"`)
	body = streamed.ReplaceAllString(body, "<event>")
	body = lives.ReplaceAllString(body, "was:<instant>:")
	body = erased.ReplaceAllString(body, `"#<hash>"`)
	body = hashes.ReplaceAllString(body, "<hash>")
	body = idents.ReplaceAllStringFunc(body, func(id string) string {
		if r.seen[id] == "" {
			r.seen[id] = fmt.Sprintf("<id %d>", len(r.seen)+1)
		}
		return r.seen[id]
	})
	fmt.Fprintf(&r.out, "%s\n%s\n", what, strings.TrimRight(body, "\n"))
}

// ask makes a call and writes down what it answers.
func (r *recorder) ask(method, path, token, body string, headers ...string) string {
	r.t.Helper()
	res := r.raw(method, path, token, body, headers...)
	b, err := io.ReadAll(res.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	said := string(b)
	shown := path
	if strings.HasPrefix(path, "/api/v1/kpi") {
		said = numbers.ReplaceAllString(instants.ReplaceAllString(said, "<instant>"), ":0")
	}
	r.write(fmt.Sprintf("== %s %s: %d", method, idents.ReplaceAllString(shown, "ID"), res.StatusCode), said)
	return string(b)
}

// mail brings in a mail with all that a mail has, and gives its task.
func (r *recorder) mail(n int, subject, text string, references ...string) *api.Task {
	r.t.Helper()
	from := func(addr string, level message.Level) []message.Identifier {
		x, err := message.Email(addr, level)
		if err != nil {
			r.t.Fatal(err)
		}
		return []message.Identifier{x}
	}
	m := &message.Message{
		ID: message.NewID([]byte("golden"), fmt.Appendf(nil, "%d", n)), Connector: "mailbox", Channel: "email", Own: fmt.Sprintf("own-%d@example.org", n),
		References: references, From: from("kate@example.org", message.Attested), Name: "Kate", To: from("help@example.org", message.Mentioned),
		Cc: from("carl@example.org", message.Mentioned), ReplyTo: from("kate.private@example.org", message.Mentioned), Subject: subject, Text: text,
		Whole: text + "\n-- \nKate", HTML: "<p>" + text + "</p>", Language: "en", Sent: time.Now().Add(-time.Minute), Received: time.Now(),
		Marks: []string{"reply-to elsewhere"}, Link: "https://example.org/m/1", AnswersLink: "https://example.org/m/0",
	}
	kept, err := r.keepFile(m.ID+"/1-0011223344556677", "what was measured")
	if err != nil {
		r.t.Fatal(err)
	}
	m.Attachments = []message.Attachment{{Name: "measured.txt", Type: "text/plain", Size: kept, Blob: m.ID + "/1-0011223344556677"}}
	if err := r.intake.Accept(r.t.Context(), m); err != nil {
		r.t.Fatal(err)
	}
	var in string
	await(r.t, "a mail in its task", func() bool {
		tasks, err := r.queue.Recent(r.t.Context(), []string{"support", "webcare", "network"}, 50)
		if err != nil {
			r.t.Fatal(err)
		}
		for _, t := range tasks {
			for _, th := range t.Threads {
				if e, err := r.threads.Message(r.t.Context(), th, m.ID); err == nil && t.Holds(e.Task) && t.Last >= m.Received.UnixMilli() {
					in = t.ID
				}
			}
		}
		return in != ""
	})
	t, err := r.admin("").Task(r.t.Context(), in)
	if err != nil {
		r.t.Fatal(err)
	}
	return t
}

func (h *house) keepFile(name, text string) (int64, error) {
	path := filepath.Join(h.blobs, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return 0, err
	}
	return int64(len(text)), os.WriteFile(path, []byte(text), 0o600)
}

// TestAnswersAreWrittenAsTheyWere goes through a matter from the first mail to the export, and compares every answer.
func TestAnswersAreWrittenAsTheyWere(t *testing.T) {
	teams := []string{"support", "webcare", "network"}
	h := open(t, access.Person{Name: "anna", Teams: teams}, access.Person{Name: "bert", Teams: teams}, access.Person{Name: "mia", Teams: teams, Roles: []string{access.RoleManager}})
	r := &recorder{house: h, seen: map[string]string{}}

	r.task()
	r.customers()
	r.operation()
	r.exports(r.kate())
	r.events()
	golden(t, "answers.txt", r.out.String())
}

func (r *recorder) task() {
	first := r.mail(1, "Storing in the street", "storing since noon")
	path := "/api/v1/tasks/" + first.ID
	r.ask("GET", path, adminToken, "")
	r.ask("POST", "/api/v1/teams/network/claim", annaToken, `{"request_id":"one"}`)
	r.ask("POST", path+"/label", annaToken, `{"tag":["fibre"],"priority":"urgent"}`)
	r.ask("POST", path+"/note", annaToken, `{"text":"the splitter again"}`)
	r.ask("POST", path+"/forward", annaToken, `{"to":["splitters@example.com"],"text":"please look"}`, "Idempotency-Key", "f")
	r.ask("POST", path+"/reply", annaToken, `{"text":"somebody comes today","all":true,"cc":["boss@example.net"],"attachments":[{"name":"a.txt","type":"text/plain","data":"aGk="}]}`, "Idempotency-Key", "r")
	seen := first.Seen
	r.mail(2, "Another subject", "it is still dark", "own-1@example.org")
	r.ask("POST", path+"/reply", annaToken, `{"text":"done","close":true,"outcome":"solved","seen":"`+seen+`"}`, "Idempotency-Key", "late")
	r.ask("GET", path+"/drafts", annaToken, "")
	r.ask("GET", path+"?agent=anna", adminToken, "")
	r.ask("POST", path+"/transfer", annaToken, `{"team":"support","note":"not ours"}`)
	second := r.mail(3, "The bill", "too high")
	r.ask("POST", path+"/link", annaToken, `{"task":"`+second.Number+`"}`)
	third := r.mail(4, "The bill again", "too high still")
	r.ask("POST", path+"/merge", annaToken, `{"task":"`+third.Number+`"}`)
	r.ask("POST", path+"/wait", annaToken, `{"until":"3d","anyway":true}`)
	r.ask("GET", "/api/v1/teams/support/tasks", adminToken, "")
	r.ask("POST", "/api/v1/tasks/"+second.ID+"/answered", annaToken, `{"by":"phone","text":"explained","close":true,"outcome":"explained","anyway":true}`)
	r.ask("GET", path, adminToken, "")
	r.ask("GET", "/api/v1/tasks?agent=anna", adminToken, "")
	r.ask("GET", "/api/v1/search?q=splitter", adminToken, "")
	r.ask("GET", "/api/v1/search?q=kate@example.org", adminToken, "")
}

// kate is the customer who wrote the mails.
func (r *recorder) kate() string { return r.holder("email:kate@example.org") }

func (r *recorder) holder(identifier string) string {
	r.t.Helper()
	o, err := r.admin("").Owners(r.t.Context(), identifier)
	if err != nil || len(o.Customers) != 1 {
		r.t.Fatalf("Owners(%s) = %+v, %v", identifier, o, err)
	}
	return o.Customers[0].ID
}

func (r *recorder) customers() {
	kate := "/api/v1/customers/" + r.kate()
	r.ask("POST", "/api/v1/messages", adminToken, `{"id":"call","channel":"phone","from":["phone:+31612345678"],"customer_no":"77","name":"Kate","subject":"A call","text":"she called","agent":"anna"}`)
	r.ask("POST", "/api/v1/customers", adminToken, `{"identifiers":["crm:erp:7","phone:+31612345678"],"name":"Kate K","agent":"mia","reason":"known"}`)
	r.ask("POST", kate+"/link", adminToken, `{"identifier":"crm:erp:8","agent":"mia"}`)
	r.ask("POST", "/api/v1/customers", annaToken, `{"identifiers":["email:kate@example.org","phone:+31612345678"]}`)
	r.ask("GET", "/api/v1/customers/suggestions", adminToken, "")
	r.ask("GET", "/api/v1/customers?identifier=email:kate@example.org", adminToken, "")
	r.ask("GET", "/api/v1/customers?identifier=cno:77", adminToken, "")
	kees := "/api/v1/customers/" + r.holder("crm:erp:7")
	r.ask("POST", "/api/v1/customers/merge", adminToken, `{"customers":["`+strings.TrimPrefix(kate, "/api/v1/customers/")+`","`+strings.TrimPrefix(kees, "/api/v1/customers/")+`"],"agent":"mia"}`)
	r.ask("PUT", kate+"/consent", annaToken, `{"purpose":"newsletter","allowed":false}`)
	r.ask("PUT", kate+"/preferred", annaToken, `{"identifier":"email:kate@example.org"}`)
	r.ask("POST", "/api/v1/customers/import?dry_run=true", adminToken, "system,key,name,email,bad\nerp,7,Kate K,kate7@example.org,x\nerp,,Nobody,nope,x\n", "Content-Type", "text/csv")
	r.ask("POST", "/api/v1/customers/import", adminToken, `{"crm":"erp:7","email":"kate7@example.org","attributes":{"segment":"business"}}`, "Content-Type", "application/x-ndjson")
	r.ask("POST", kees+"/share", adminToken, `{"identifier":"phone:+31612345678","agent":"mia"}`)
	r.ask("POST", kate+"/retire", adminToken, `{"identifier":"email:kate@example.org","at":"1h","agent":"mia"}`)
	r.ask("GET", kees, adminToken, "")
	r.ask("GET", kate, adminToken, "")
	r.ask("GET", kate+"/history", adminToken, "")
	r.ask("GET", kate+"/log", adminToken, "")
	r.ask("GET", kees+"/log", adminToken, "")
	r.ask("GET", kate+"/consent", adminToken, "")
	r.ask("GET", kees+"/why?x=crm:erp:7&y=phone:%2B31612345678", adminToken, "")
	r.ask("GET", kees+"/why?x=crm:erp:7&y=email:kate@example.org", adminToken, "")
}

func (r *recorder) operation() {
	r.ask("GET", "/api/v1/me", annaToken, "")
	r.ask("POST", "/api/v1/route", adminToken, `{"id":"dry","channel":"email","from":["email:kate@example.org"],"subject":"storing","text":"storing","quoted":"before","attachments":[{"name":"a.png","type":"image/png","size":5}]}`)
	bad := &message.Message{
		ID: message.NewID([]byte("golden"), []byte("bad")), Connector: "mailbox", Channel: "email", Subject: "Broken", Text: "half", Problem: "no end",
		Received: time.Now(), KeepUntil: time.Now().Add(time.Hour), Automatic: message.Notice, Raw: []byte("raw"), Marks: []string{"odd"}, References: []string{"a@b"},
	}
	if err := r.intake.Accept(r.t.Context(), bad); err != nil {
		r.t.Fatal(err)
	}
	r.ask("GET", "/api/v1/quarantine", adminToken, "")
	r.ask("GET", "/api/v1/quarantine/"+bad.ID, adminToken, "")
	r.ask("GET", "/api/v1/status", adminToken, "")
	r.ask("GET", "/api/v1/kpi?by=team", adminToken, "")
	r.ask("GET", "/api/v1/kpi/tasks?figure=messages&within=1h", adminToken, "")
	r.ask("GET", "/readyz", adminToken, "")
	r.ask("GET", "/api/v1/doctor", adminToken, "")
	r.ask("POST", "/api/v1/teams/nobody/claim", annaToken, `{}`)
	r.ask("POST", "/api/v1/messages", adminToken, `{"from":["nothing"],"txt":"x"}`)
	r.ask("POST", "/api/v1/messages", adminToken, `{"from":["nothing"],"channel":"UPPER","sent":"soon","attachments":[{"data":"%"}]}`)
}

func (r *recorder) exports(customer string) {
	r.ask("GET", "/api/v1/customers/"+customer+"/export?format=json", adminToken, "")
	res := r.raw("GET", "/api/v1/customers/"+customer+"/export", adminToken, "")
	b, err := io.ReadAll(res.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		r.t.Fatal(err)
	}
	for _, f := range z.File {
		in, err := f.Open()
		if err != nil {
			r.t.Fatal(err)
		}
		text, err := io.ReadAll(in)
		if err != nil {
			r.t.Fatal(err)
		}
		r.write("== in the ZIP: "+hashes.ReplaceAllString(idents.ReplaceAllString(f.Name, "ID"), "HASH"), string(text))
	}
}

// events writes down the whole stream.
func (r *recorder) events() {
	all, err := r.queue.Since(r.t.Context(), "0", 1000)
	if err != nil {
		r.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(r.t.Context(), "GET", r.URL+"/api/v1/events", nil)
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+adminToken)
	req.Header.Set("Last-Event-ID", "0")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer res.Body.Close()
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, 1<<20)
	var text strings.Builder
	for n := 0; n < len(all) && lines.Scan(); {
		fmt.Fprintln(&text, lines.Text())
		if strings.HasPrefix(lines.Text(), "data: ") {
			n++
		}
	}
	r.write("== the events", text.String())
}
