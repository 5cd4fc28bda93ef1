package api_test

import (
	"archive/zip"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"loket/desk/api"
)

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
