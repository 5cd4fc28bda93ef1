package api_test

import (
	"archive/zip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"loket/desk/api"
	"loket/internal/secret"
)

// register makes a customer of identifiers.
func (h *house) register(name string, ids ...string) *api.Profile {
	h.t.Helper()
	p, err := h.admin("anna").Register(h.t.Context(), ids, name, api.Because{Reason: "test"})
	if err != nil {
		h.t.Fatal(err)
	}
	return p
}

// sent brings in a mail whose sender shows an identifier at a level.
func (h *house) sent(identifier, level string) *api.Task {
	h.t.Helper()
	kind, value, _ := strings.Cut(identifier, ":")
	res := h.raw("POST", "/api/v1/messages", adminToken,
		`{"channel":"email","text":"a matter","from":[{"kind":"`+kind+`","value":"`+value+`","level":"`+level+`"}]}`)
	return h.taskOf(read[api.TakenIn](h.t, res).Thread)
}

// customerAnswers makes each call about customers so that it gives each answer the document has for it.
func (h *house) customerAnswers() {
	h.t.Helper()
	const base, unknown = "/api/v1/customers", "01ARZ3NDEKTSV4RRFFQ69G5FAV"
	kate := h.register("Kate", "cno:1", "email:kate@example.com", "phone:+31612345678")
	bob := h.register("Bob", "cno:2", "email:bob@example.com")
	gone := h.register("Gone", "email:gone@example.com", "phone:+31201234567")
	late := h.register("Late", "email:late@example.com")
	answered, err := h.admin("anna").Reply(h.t.Context(), h.sent("email:late@example.com", "attested").ID, api.Answer{Text: "x"})
	if err != nil {
		h.t.Fatal(err)
	}
	if _, err := h.queue.BeginSend(h.t.Context(), answered.Message, time.Hour); err != nil {
		h.t.Fatal(err)
	}
	h.raw("DELETE", base+"/"+late.ID, adminToken, "") // the answer is being sent
	h.raw("DELETE", base+"/"+gone.ID, programToken, "")
	h.raw("DELETE", base+"/"+gone.ID+"?reason="+strings.Repeat("x", 1001), adminToken, "")
	h.raw("DELETE", base+"/"+gone.ID+"?agent=anna&reason=asked", adminToken, "")
	h.raw("DELETE", base+"/"+gone.ID, adminToken, "")
	h.raw("DELETE", base+"/"+unknown, adminToken, "")

	h.raw("GET", base+"?identifier=email:kate@example.com", adminToken, "")
	h.raw("GET", base+"?identifier=email:nobody@example.com", adminToken, "")
	h.raw("GET", base, adminToken, "")
	h.raw("POST", base, adminToken, `{"identifiers":["email:gone@example.com"]}`)
	h.raw("POST", base, adminToken, `{"identifiers":["email:kate@example.com","cno:7"]}`)
	h.raw("POST", base, adminToken, `{"identifiers":["cno:3"],"agent":"eve"}`)

	one := base + "/" + kate.ID
	for verb, body := range map[string]string{
		"link": `"identifier":"email:kate2@example.com"`, "share": `"identifier":"phone:+31612345678","shared":false`,
		"retire": `"identifier":"phone:+31612345678"`, "unlink": `"identifier":"email:kate@example.com"`,
		"split": `"identifiers":["email:kate@example.com"]`,
	} {
		for _, id := range []string{unknown, gone.ID} {
			h.raw("POST", base+"/"+id+"/"+verb, adminToken, `{`+body+`}`)
		}
		h.raw("POST", one+"/"+verb, adminToken, `{"agent":"eve",`+body+`}`)
	}
	h.raw("POST", one+"/link", adminToken, `{"agent":"anna","identifier":"email:kate2@example.com"}`)
	h.raw("POST", one+"/link", adminToken, `{"identifier":"email:bob@example.com"}`)
	h.raw("GET", base+"/suggestions?limit=x", adminToken, "")
	page := read[api.SuggestionPage](h.t, h.raw("GET", base+"/suggestions", adminToken, ""))
	if len(page.Suggestions) == 0 {
		h.t.Fatalf("Suggestions = %+v, want the two who contradict each other", page)
	}
	decide := base + "/suggestions/" + page.Suggestions[0].ID + "/decide"
	h.raw("POST", decide, programToken, `{"same":true}`)
	h.raw("POST", decide, adminToken, `{"same":true}`)
	h.raw("POST", decide, adminToken, `{"same":false}`)
	h.raw("POST", decide, adminToken, `{"same":false}`)
	h.raw("GET", one+"/export", programToken, "")
	h.raw("POST", one+"/share", adminToken, `{"identifier":"phone:+31612345678"}`)
	h.raw("POST", one+"/share", adminToken, `{"identifier":"phone:+31612345678","shared":false}`)
	h.raw("POST", one+"/split", adminToken, `{"identifiers":["email:kate2@example.com"]}`)
	h.raw("POST", one+"/unlink", adminToken, `{"identifier":"email:kate@example.com"}`)
	h.raw("POST", one+"/retire", adminToken, `{"identifier":"phone:+31612345678"}`)

	for verb, body := range map[string]string{
		"/consent": `"identifier":"phone:+31612345678","purpose":"newsletter","allowed":true`, "/preferred": `"identifier":""`,
	} {
		for _, id := range []string{kate.ID, unknown, gone.ID} {
			h.raw("PUT", base+"/"+id+verb, adminToken, `{`+body+`}`)
		}
		h.raw("PUT", one+verb, adminToken, `{"agent":"eve",`+body+`}`)
		h.raw("PUT", one+verb, adminToken, `{"purpose":"NO","identifier":""}`)
	}

	two := `{"customers":["` + kate.ID + `","` + bob.ID + `"]`
	h.raw("POST", base+"/merge", adminToken, two+`}`)
	h.raw("POST", base+"/merge", adminToken, two+`,"confirm":true}`)
	h.raw("POST", base+"/merge", programToken, two+`}`)
	h.raw("POST", base+"/unmerge", adminToken, two+`}`)
	h.raw("POST", base+"/unmerge", programToken, two+`}`)
	for _, verb := range []string{"/merge", "/unmerge"} {
		h.raw("POST", base+verb, adminToken, `{"customers":["`+kate.ID+`","`+gone.ID+`"]}`)
	}
	for _, what := range []string{"", "/why?x=cno:1", "/consent", "/history", "/log", "/export"} {
		for _, id := range []string{kate.ID, unknown, gone.ID} {
			h.raw("GET", base+"/"+id+what, adminToken, "")
		}
	}
	h.raw("GET", one+"/why", adminToken, "")
	h.raw("GET", one+"/history?limit=x", adminToken, "")
	h.raw("GET", one+"/export?format=json", adminToken, "")
	h.raw("GET", one+"/export?format=x", adminToken, "")
	h.raw("GET", one+"/log?limit=x", adminToken, "")

	h.raw("POST", "/api/v1/senders/block", adminToken, `{"identifier":"email:robot@example.com"}`)
	h.raw("POST", "/api/v1/senders/block", adminToken, `{"identifier":"email:robot@example.com","agent":"eve"}`)
	h.raw("POST", "/api/v1/senders/block", adminToken, `{"identifier":"email:gone@example.com"}`)

	h.raw("POST", base+"/import", adminToken, `{"customer_no":"17","emails":["new@example.com"]}`)
	h.raw("POST", base+"/import", programToken, `{"customer_no":"17"}`)
}

// customerBodies are what calls about customers need to come as far as the store.
func customerBody(path string) string {
	switch path[strings.LastIndex(path, "/")+1:] {
	case "decide":
		return `{"same":true}`
	case "customers":
		return `{"identifiers":["email:kate@example.com"]}`
	case "import":
		return `{"customer_no":"17"}`
	case "merge", "unmerge":
		return `{"customers":["01ARZ3NDEKTSV4RRFFQ69G5FAV","01ARZ3NDEKTSV4RRFFQ69G5FAW"]}`
	case "consent":
		return `{"purpose":"newsletter","allowed":false}`
	case "split":
		return `{"identifiers":["email:kate@example.com"]}`
	}
	return `{"identifier":"email:kate@example.com"}`
}

func TestCustomerIsFoundByAnyIdentifierAndOldID(t *testing.T) {
	h := open(t)
	ctx, anna := t.Context(), h.admin("anna")
	kate := h.register("Kate", "cno:1", "email:Kate@Example.com")
	again := h.register("", "phone:06 1234 5678", "cno:1")
	if again.ID != kate.ID || len(again.Identifiers) != 3 || again.Name != "Kate" {
		t.Fatalf("Register again = %+v, want %s with three identifiers", again, kate.ID)
	}
	bob := h.register("Bob", "email:bob@example.com")
	if _, err := anna.MergeCustomers(ctx, kate.ID, bob.ID, api.Because{Reason: "his other address"}); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{kate.ID, bob.ID} {
		p, err := anna.Customer(ctx, id)
		if err != nil || p.ID != kate.ID || !slices.Equal(p.Former, []string{bob.ID}) || len(p.Identifiers) != 4 {
			t.Errorf("Customer(%s) = %+v, %v", id, p, err)
		}
	}
	for _, x := range []string{"email:kate@example.com", "phone:0612345678", "email:bob@example.com"} {
		found, err := anna.Owners(ctx, x)
		if err != nil || len(found.Customers) != 1 || found.Customers[0].ID != kate.ID {
			t.Errorf("Owners(%s) = %+v, %v", x, found, err)
		}
	}
	found, err := anna.Search(ctx, "bob@example.com")
	if err != nil || len(found.Customers) != 1 || found.Customers[0].ID != kate.ID {
		t.Errorf("Search = %+v, %v", found, err)
	}
	log, err := anna.CustomerLog(ctx, kate.ID, 0, "")
	if err != nil || !slices.ContainsFunc(log.Entries, func(e api.LogEntry) bool {
		return e.Op == "merge" && e.Actor == "anna" && e.Reason == "his other address"
	}) {
		t.Errorf("Log = %+v, %v; want the merge, who did it and why", log, err)
	}
	two, err := anna.UnmergeCustomers(ctx, kate.ID, bob.ID, api.Because{})
	if err != nil || two.Customers[0].ID != kate.ID || two.Customers[1].ID != bob.ID {
		t.Errorf("Unmerge = %+v, %v; want the ids of before", two, err)
	}
}

func TestCustomerIsFoundByNameAndLastDigits(t *testing.T) {
	h := open(t)
	kate := h.register("Kate de Vries", "cno:1", "phone:+31612345678")
	h.register("Bob", "cno:2")
	for _, query := range []string{"kate d", "vries", "5678"} {
		found, err := h.admin("anna").Search(t.Context(), query)
		if err != nil || len(found.Customers) != 1 || found.Customers[0].ID != kate.ID {
			t.Errorf("Search(%q) = %+v, %v", query, found, err)
		}
	}
}

func TestMergeOfTwoNumbersNeedsTwoLooks(t *testing.T) {
	h := open(t)
	ctx, anna := t.Context(), h.admin("anna")
	kate, bob := h.register("Kate", "cno:1", "email:kate@example.com"), h.register("Bob", "cno:2")
	_, err := anna.MergeCustomers(ctx, bob.ID, kate.ID, api.Because{})
	p, ok := err.(*api.Problem) //nolint:errorlint // the client gives it bare
	if !ok || p.Status != http.StatusConflict || p.Type != "urn:loket:confirm" || len(p.Customers) != 2 || p.WouldBe == nil ||
		p.WouldBe.ID != kate.ID || len(p.WouldBe.Identifiers) != 3 || !strings.Contains(p.Detail, "cno:2") {
		t.Fatalf("Merge = %+v, want a look at both", err)
	}
	if still, err := anna.Customer(ctx, bob.ID); err != nil || still.ID != bob.ID {
		t.Errorf("the look changed something: %+v, %v", still, err)
	}
	one, err := anna.MergeCustomers(ctx, bob.ID, kate.ID, api.Because{Confirm: true, Reason: "doubled in the CRM"})
	if err != nil || one.ID != kate.ID || len(one.Identifiers) != 3 {
		t.Errorf("Merge confirmed = %+v, %v", one, err)
	}
}

func TestNothingIsStolen(t *testing.T) {
	h := open(t)
	ctx, anna := t.Context(), h.admin("anna")
	kate := h.register("Kate", "cno:1", "email:kate@example.com")
	bob := h.register("Bob", "cno:2")
	_, err := anna.LinkIdentifier(ctx, bob.ID, "email:kate@example.com", api.Because{})
	p, ok := err.(*api.Problem) //nolint:errorlint // the client gives it bare
	if !ok || p.Status != http.StatusConflict || p.Type != "urn:loket:contradiction" || len(p.Customers) != 2 {
		t.Fatalf("Link of another's = %v, want both", err)
	}
	if now, err := anna.Customer(ctx, kate.ID); err != nil || len(now.Identifiers) != 2 {
		t.Errorf("Kate = %+v, %v", now, err)
	}
}

func TestTaskShowsItsCustomerAsHeIsNow(t *testing.T) {
	h := open(t)
	ctx, anna := t.Context(), h.admin("anna")
	kate := h.register("Kate", "cno:1", "email:kate@example.com")
	proven, claimed := h.sent("email:kate@example.com", "attested"), h.sent("email:kate@example.com", "claimed")
	if c := proven.Customer; c.ID != kate.ID || c.Assurance != "attested" || c.Name != "Kate" {
		t.Errorf("an attested sender is %+v, want %s", c, kate.ID)
	}
	c := claimed.Customer
	if c.ID != "" || c.Assurance != "claimed" || len(c.Candidates) != 1 || len(c.ClaimsToBe) != 1 || c.ClaimsToBe[0].ID != kate.ID {
		t.Errorf("a sender who claims is %+v, want that he claims to be %s", c, kate.ID)
	}
	bob := h.register("Bob", "email:bob@example.com")
	if _, err := anna.MergeCustomers(ctx, bob.ID, kate.ID, api.Because{}); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{kate.ID, bob.ID} {
		past, err := anna.History(ctx, id, 0, "")
		if err != nil || len(past.Tasks) != 1 || past.Tasks[0].ID != proven.ID || len(past.Claims) != 1 || past.Claims[0].ID != claimed.ID || past.More {
			t.Errorf("History(%s) = %+v, %v", id, past, err)
		}
	}
	two, err := anna.Split(ctx, kate.ID, []string{"email:kate@example.com"}, api.Because{Reason: "her son's"})
	if err != nil || two.Kept.ID != kate.ID || two.Fresh.ID == "" {
		t.Fatalf("Split = %+v and %+v, %v; want the id kept and a new one", two.Kept, two.Fresh, err)
	}
	if now, err := anna.Task(ctx, proven.ID); err != nil || now.Customer.ID != two.Fresh.ID {
		t.Errorf("after the split the task is %+v's, %v; want %s", now.Customer, err, two.Fresh.ID)
	}
	if past, err := anna.History(ctx, two.Fresh.ID, 1, ""); err != nil || len(past.Tasks)+len(past.Claims) != 1 || !past.More {
		t.Errorf("History of one = %+v, %v; want more", past, err)
	}
}

func TestReadingATaskMakesNoCustomer(t *testing.T) {
	h := open(t)
	res := h.raw("POST", "/api/v1/route", adminToken, `{"text":"x","from":[{"kind":"email","value":"new@example.com","level":"attested"}]}`)
	if res.StatusCode != http.StatusOK {
		t.Fatalf("route: %d", res.StatusCode)
	}
	if found, err := h.admin("anna").Owners(t.Context(), "email:new@example.com"); err != nil || len(found.Customers) != 0 {
		t.Errorf("a dry run made %+v, %v", found, err)
	}
}

func TestSharedIdentifierHasCandidates(t *testing.T) {
	h := open(t)
	ctx, anna := t.Context(), h.admin("anna")
	kate := h.register("Kate", "cno:1", "phone:+31612345678")
	if p, err := anna.Share(ctx, kate.ID, "phone:+31612345678", true, api.Because{}); err != nil || p.ID != kate.ID {
		t.Fatalf("Share = %+v, %v", p, err)
	}
	found, err := anna.Owners(ctx, "phone:+31612345678")
	if err != nil || len(found.Customers) != 0 || len(found.Candidates) != 1 || found.Candidates[0].ID != kate.ID {
		t.Errorf("Owners of what is shared = %+v, %v", found, err)
	}
	task := h.sent("phone:+31612345678", "attested")
	if past, err := anna.History(ctx, kate.ID, 0, ""); err != nil || len(past.Tasks) != 0 || len(past.Claims) != 1 || past.Claims[0].ID != task.ID {
		t.Errorf("History = %+v, %v; want it apart", past, err)
	}
}

func TestRetiredIdentifierKeepsItsPast(t *testing.T) {
	h := open(t)
	ctx, anna := t.Context(), h.admin("anna")
	kate := h.register("Kate", "cno:1", "phone:+31612345678")
	before := h.sent("phone:+31612345678", "attested")
	if _, err := anna.Retire(ctx, kate.ID, "phone:+31612345678", "", api.Because{Reason: "she has a new one"}); err != nil {
		t.Fatal(err)
	}
	after := h.sent("phone:+31612345678", "attested")
	if after.Customer.ID == kate.ID {
		t.Error("whoever has the number now is taken for her who gave it up")
	}
	past, err := anna.History(ctx, kate.ID, 0, "")
	if err != nil || len(past.Tasks) != 1 || past.Tasks[0].ID != before.ID {
		t.Errorf("History = %+v, %v; want what she said with the number", past, err)
	}
}

func TestRetiredLongAgoLeavesTheNewHoldersPastAlone(t *testing.T) {
	h := open(t)
	ctx, anna := t.Context(), h.admin("anna")
	kate := h.register("Kate", "cno:1", "phone:+31612345678")
	before, stranger := h.sent("phone:+31612345678", "attested"), h.sent("phone:+31612345678", "attested")
	at := before.Created.Format(time.RFC3339Nano)
	if _, err := anna.Retire(ctx, kate.ID, "phone:+31612345678", at, api.Because{}); err != nil {
		t.Fatal(err)
	}
	past, err := anna.History(ctx, kate.ID, 0, "")
	if err != nil || len(past.Tasks) != 1 || past.Tasks[0].ID != before.ID || len(past.Claims) != 1 || past.Claims[0].ID != stranger.ID {
		t.Errorf("History = %+v, %v; want the stranger's apart", past, err)
	}
}

func TestErasedCustomerIsGone(t *testing.T) {
	h := open(t)
	ctx, anna := t.Context(), h.admin("anna")
	kate := h.register("Kate", "email:kate@example.com", "cno:1")
	if done, err := anna.Erase(ctx, kate.ID, false, api.Because{Reason: "she asked"}); err != nil || !done {
		t.Fatalf("Erase = %v, %v; want it done", done, err)
	}
	if _, err := anna.Customer(ctx, kate.ID); !api.IsProblem(err, "gone") {
		t.Errorf("Customer = %v, want gone", err)
	}
	if found, err := anna.Owners(ctx, "email:kate@example.com"); err != nil || len(found.Customers) != 0 {
		t.Errorf("Owners = %+v, %v; want nobody", found, err)
	}
	report, err := anna.Import(ctx, strings.NewReader("customer_no,email\n9,kate@example.com\n"), api.Import{}, nil)
	if err != nil || report.Bad != 1 {
		t.Errorf("Import of who was erased = %+v, %v; want it refused", report, err)
	}
}

func TestSuggestionIsDecidedAndNotAskedAgain(t *testing.T) {
	h := open(t)
	ctx, anna := t.Context(), h.admin("anna")
	h.register("Kate", "cno:1", "email:kate@example.com")
	bob := h.register("Bob", "cno:2")
	contradict := func() { _, _ = anna.LinkIdentifier(ctx, bob.ID, "email:kate@example.com", api.Because{}) }
	contradict()
	page, err := anna.Suggestions(ctx, 0, "")
	if err != nil || len(page.Suggestions) != 1 || len(page.Suggestions[0].Customers) != 2 || len(page.Suggestions[0].Reasons) == 0 {
		t.Fatalf("Suggestions = %+v, %v", page, err)
	}
	id := page.Suggestions[0].ID
	err = anna.DecideSuggestion(ctx, id, true, api.Because{})
	if p, ok := err.(*api.Problem); !ok || p.Type != "urn:loket:confirm" || len(p.Customers) != 2 || p.WouldBe == nil { //nolint:errorlint // bare
		t.Fatalf("Decide = %+v, want a look at both", err)
	}
	if err := anna.DecideSuggestion(ctx, id, false, api.Because{Reason: "a typing error"}); err != nil {
		t.Fatal(err)
	}
	contradict()
	if page, err := anna.Suggestions(ctx, 0, ""); err != nil || len(page.Suggestions) != 0 {
		t.Errorf("Suggestions = %+v, %v; want that it is not asked again", page, err)
	}
	if err := anna.DecideSuggestion(ctx, id, false, api.Because{}); !api.IsProblem(err, "not-found") {
		t.Errorf("Decide again = %v, want not found", err)
	}
}

func TestExportHasWhatIsSurelyTheirs(t *testing.T) {
	h := open(t)
	kate := h.register("Kate", "cno:1", "email:kate@example.com")
	sure, claimed := h.sent("email:kate@example.com", "attested"), h.sent("email:kate@example.com", "claimed")
	body, err := h.admin("anna").Export(t.Context(), kate.ID, "json")
	if err != nil {
		t.Fatal(err)
	}
	defer body.Close()
	var archive struct {
		Registry struct{ Customer string }
		Tasks    []api.Task
	}
	text := readAll(t, body)
	if err := json.Unmarshal([]byte(text), &archive); err != nil || archive.Registry.Customer != kate.ID ||
		len(archive.Tasks) != 1 || archive.Tasks[0].ID != sure.ID || len(archive.Tasks[0].Messages) != 1 {
		t.Errorf("Export = %s (%v)", text, err)
	}
	if strings.Contains(text, claimed.ID) {
		t.Error("what somebody said who only claimed to be her is exported")
	}
}

func TestArchiveHoldsEverythingAndTheFiles(t *testing.T) {
	h := open(t)
	ctx, anna := t.Context(), h.admin("anna")
	kate := h.register("Kate", "cno:1", "email:kate@example.com")
	for i := range 60 { // more than a page
		h.sentWith(fmt.Sprint("matter ", i))
	}
	h.sent("email:kate@example.com", "claimed")
	body, err := anna.Export(ctx, kate.ID, "")
	if err != nil {
		t.Fatal(err)
	}
	defer body.Close()
	text := readAll(t, body)
	z, err := zip.NewReader(strings.NewReader(text), int64(len(text)))
	if err != nil {
		t.Fatal(err)
	}
	lines, files := map[string]int{}, 0
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content := readAll(t, r)
		lines[f.Name] = strings.Count(content, "\n")
		if strings.HasPrefix(f.Name, "attachments/") && strings.HasSuffix(f.Name, "-a.txt") && content == "abc" {
			files++
		}
		if f.Name == "customer.json" && !strings.Contains(content, kate.ID) {
			t.Errorf("customer.json = %s", content)
		}
	}
	if lines["tasks.ndjson"] != 60 || lines["messages.ndjson"] != 60 || files != 60 {
		t.Errorf("the archive has %d tasks, %d messages, %d files; want 60 each", lines["tasks.ndjson"], lines["messages.ndjson"], files)
	}
	seen := map[string]bool{}
	for cursor := ""; ; {
		page, err := anna.History(ctx, kate.ID, 25, cursor)
		if err != nil {
			t.Fatal(err)
		}
		for _, task := range slices.Concat(page.Tasks, page.Claims) {
			if seen[task.ID] {
				t.Errorf("task %s comes twice", task.Number)
			}
			seen[task.ID] = true
		}
		if cursor = page.Cursor; cursor == "" {
			break
		}
	}
	if len(seen) != 61 {
		t.Errorf("the history has %d tasks, want 61", len(seen))
	}
}

// sentWith brings in a mail of Kate's with a file.
func (h *house) sentWith(text string) {
	h.t.Helper()
	res := h.raw("POST", "/api/v1/messages", adminToken, `{"channel":"email","text":"`+text+
		`","from":[{"kind":"email","value":"kate@example.com","level":"attested"}],"attachments":[{"name":"a.txt","type":"text/plain","data":"YWJj"}]}`)
	h.taskOf(read[api.TakenIn](h.t, res).Thread)
}

func TestWhyPrintsTheChain(t *testing.T) {
	h := open(t)
	ctx, anna := t.Context(), h.admin("anna")
	kate := h.register("Kate", "cno:1", "phone:+31612345678", "email:kate@example.com")
	e, err := anna.Why(ctx, kate.ID, "email:kate@example.com", "phone:+31612345678")
	if err != nil || !e.Same || len(e.Steps) != 2 || e.Steps[0].A != "email:kate@example.com" || e.Steps[0].Level != "vouched" || e.Steps[0].Evidence != "anna" {
		t.Errorf("Why = %+v, %v; want the way over her number", e, err)
	}
	h.register("Bob", "cno:2")
	if e, err := anna.Why(ctx, kate.ID, "cno:2", ""); err != nil || e.Same || e.Y != "cno:1" || e.Rule == "" {
		t.Errorf("Why = %+v, %v; want what keeps them apart", e, err)
	}
}

func TestImportIsFollowed(t *testing.T) {
	h := open(t)
	ctx, anna := t.Context(), h.admin("anna")
	var rows strings.Builder
	rows.WriteString("id;name;email;phone\n")
	for i := range 600 {
		n := "x" + string(rune('a'+i%26)) + string(rune('a'+i/26))
		rows.WriteString(n + ";Name " + n + ";" + n + "@example.com;\n")
	}
	rows.WriteString("bad;Bad;no address;\n")
	var heard []int
	follow := func(r api.ImportReport) { heard = append(heard, r.Rows) }
	dry, err := anna.Import(ctx, strings.NewReader(rows.String()), api.Import{System: "erp", DryRun: true}, follow)
	if err != nil || dry.Rows != 601 || dry.Created != 601 || !slices.Equal(heard, []int{500}) {
		t.Fatalf("dry run = %+v, %v, heard %v", dry, err, heard)
	}
	if found, err := anna.Owners(ctx, "crm:erp:xaa"); err != nil || len(found.Customers) != 0 {
		t.Errorf("the dry run wrote %+v, %v", found, err)
	}
	report, err := anna.Import(ctx, strings.NewReader(rows.String()), api.Import{System: "erp"}, nil)
	if err != nil || report.Created != 601 || len(report.Problems) != 1 || report.Problems[0].Line != 602 {
		t.Errorf("Import = %+v, %v", report, err)
	}
	again, err := anna.Import(ctx, strings.NewReader(rows.String()), api.Import{System: "erp"}, nil)
	if err != nil || again.Same != 601 {
		t.Errorf("Import again = %+v, %v; want nothing new", again, err)
	}
	if found, err := anna.Owners(ctx, "crm:erp:xba"); err != nil || len(found.Customers) != 1 || found.Customers[0].Name != "Name xba" {
		t.Errorf("Owners = %+v, %v", found, err)
	}
}

func TestImportTellsAProblemInItsLastLine(t *testing.T) {
	h := open(t)
	rows, in := io.Pipe()
	heard := make(chan struct{}, 10)
	writing := make(chan struct{})
	go func() {
		defer close(writing)
		for i := range 1000 {
			if i == 600 {
				<-heard
				h.redis.Kill()
			}
			_, _ = fmt.Fprintf(in, "{\"customer_no\":\"n%d\"}\n", i) // it may be over already
		}
		_ = in.Close()
	}()
	client := &api.Client{Base: h.URL, Token: secret.New(adminToken), Agent: "anna"}
	report, err := client.Import(t.Context(), rows, api.Import{}, func(api.ImportReport) { heard <- struct{}{} })
	_ = rows.Close()
	<-writing
	if !api.IsProblem(err, "away") || report == nil || report.Created < 500 {
		t.Errorf("Import = %+v, %v; want how far it came, and the store away", report, err)
	}
}

func TestOnlyManagersDecideWhoIsWho(t *testing.T) {
	h := open(t)
	ctx, agent := t.Context(), h.as(programToken, "anna")
	kate := h.register("Kate", "email:kate@example.com", "cno:1")
	bob := h.register("Bob", "email:bob@example.com")
	for name, err := range map[string]error{
		"merge":   second(agent.MergeCustomers(ctx, kate.ID, bob.ID, api.Because{})),
		"unmerge": second(agent.UnmergeCustomers(ctx, kate.ID, bob.ID, api.Because{})),
		"split":   second(agent.Split(ctx, kate.ID, []string{"cno:1"}, api.Because{})),
		"share":   second(agent.Share(ctx, kate.ID, "cno:1", true, api.Because{})),
		"retire":  second(agent.Retire(ctx, kate.ID, "cno:1", "", api.Because{})),
		"import":  second(agent.Import(ctx, strings.NewReader("customer_no\n1\n"), api.Import{}, nil)),
		"export":  second(agent.Export(ctx, kate.ID, "")),
		"decide":  agent.DecideSuggestion(ctx, kate.ID+"+"+bob.ID, false, api.Because{}),
		"erase":   second(agent.Erase(ctx, kate.ID, false, api.Because{})),
	} {
		if !api.IsProblem(err, "forbidden") {
			t.Errorf("%s by an agent: %v, want that it is forbidden", name, err)
		}
	}
	if p, err := agent.LinkIdentifier(ctx, bob.ID, "phone:0612345678", api.Because{}); err != nil || len(p.Identifiers) != 2 {
		t.Errorf("link by an agent = %+v, %v", p, err)
	}
	if p, err := agent.UnlinkIdentifier(ctx, bob.ID, "phone:0612345678", api.Because{}); err != nil || len(p.Identifiers) != 1 {
		t.Errorf("unlink by an agent = %+v, %v", p, err)
	}
}

func second[T any](_ T, err error) error { return err }

func TestWrongFieldsOfCustomersAreNamed(t *testing.T) {
	h := open(t)
	kate, bob := h.register("Kate", "email:kate@example.com", "cno:1"), h.register("Bob", "email:bob@example.com")
	one := "/api/v1/customers/" + kate.ID
	for _, c := range []struct {
		method, path, body string
		status             int
		field              string
	}{
		{"POST", "/api/v1/customers", `{}`, 422, "identifiers"},
		{"POST", "/api/v1/customers", `{"identifiers":["cno:5","email:x"]}`, 422, "identifiers[1]"},
		{"POST", "/api/v1/customers", `{"identifiers":["cno:5","cno:6"]}`, 422, "identifiers[1]"},
		{"POST", "/api/v1/customers", `{"identifiers":["~email:x@example.com"]}`, 422, "identifiers[0]"},
		{"POST", "/api/v1/customers", `{"identifiers":["session:abcdefgh"]}`, 422, "identifiers[0]"},
		{"POST", "/api/v1/customers", `{"identifiers":["cno:0000"]}`, 422, "identifiers[0]"},
		{"POST", "/api/v1/customers", `{"identifiers":["cno:5"],"message":"x"}`, 422, "message"},
		{"POST", "/api/v1/customers", `{"identifiers":["cno:5"],"reason":"` + strings.Repeat("x", 1001) + `"}`, 422, "reason"},
		{"POST", one + "/link", `{}`, 422, "identifier"},
		{"POST", one + "/unlink", `{"identifier":"email:bob@example.com"}`, 422, "identifier"},
		{"POST", "/api/v1/customers/" + bob.ID + "/unlink", `{"identifier":"email:bob@example.com"}`, 422, "identifier"},
		{"POST", one + "/split", `{"identifiers":["email:kate@example.com","cno:1"]}`, 422, "identifiers"},
		{"POST", one + "/split", `{"identifiers":["email:bob@example.com"]}`, 422, "identifiers[0]"},
		{"POST", one + "/retire", `{"identifier":"cno:1","at":"2999-01-01T00:00:00Z"}`, 422, "at"},
		{"POST", one + "/retire", `{"identifier":"cno:1","at":"soon"}`, 422, "at"},
		{"POST", one + "/share", `{"identifier":"cno:9"}`, 422, "identifier"},
		{"POST", one + "/share", `{"identifier":"cno:1","confirm":true}`, 422, "confirm"},
		{"POST", "/api/v1/customers/merge", `{"customers":["` + kate.ID + `"]}`, 422, "customers"},
		{"POST", "/api/v1/customers/merge", `{"customers":["` + kate.ID + `","x"]}`, 422, "customers[1]"},
		{"POST", "/api/v1/customers/merge", `{"customers":["` + kate.ID + `","` + kate.ID + `"]}`, 422, "customers"},
		{"POST", "/api/v1/senders/block", `{"identifier":"cno:1"}`, 422, "identifier"},
		{"GET", one + "/why?x=nothing", ``, 422, "x"},
		{"GET", one + "/why?x=cno:1&y=nothing", ``, 422, "y"},
		{"GET", one + "/why?x=cno:404", ``, 404, ""},
		{"GET", "/api/v1/customers/none", ``, 404, ""},
		{"GET", one + "/history?cursor=x", ``, 422, "cursor"},
		{"GET", one + "/export?format=xml", ``, 422, "format"},
		{"PUT", one + "/consent", `{"purpose":"newsletter"}`, 422, "allowed"},
		{"PUT", one + "/consent", `{"purpose":"News","allowed":true}`, 422, "purpose"},
		{"PUT", one + "/consent", `{"purpose":"newsletter","allowed":true,"identifier":"email:bob@example.com"}`, 422, "identifier"},
		{"PUT", one + "/preferred", `{"identifier":"cno:1"}`, 422, "identifier"},
		{"DELETE", one + "?keep_claims=perhaps", ``, 422, "keep_claims"},
		{"POST", "/api/v1/customers/import?mode=overwrite&format=xlsx&system=a%20b", `x`, 422, "format"},
		{"POST", "/api/v1/customers/import?dry_run=perhaps", `x`, 422, "dry_run"},
		{"POST", "/api/v1/customers/import", "id,town\n1,Utrecht\n", 422, ""},
	} {
		t.Run(c.method+" "+c.path[len("/api/v1"):]+" "+c.body[:min(40, len(c.body))], func(t *testing.T) {
			res := h.raw(c.method, c.path, adminToken, c.body)
			if p := read[api.Problem](t, res); res.StatusCode != c.status || p.Field != c.field || p.Detail == "" {
				t.Errorf("answer = %d %+v, want %d about %q", res.StatusCode, p, c.status, c.field)
			}
		})
	}
}

// read decodes an answer.
func read[T any](t *testing.T, res *http.Response) T {
	t.Helper()
	var v T
	if err := json.NewDecoder(res.Body).Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}
