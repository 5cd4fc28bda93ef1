package api_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"loket/desk/api"
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

// Whoever merged by two numbers undoes it by the same two, though both lead to one customer by then.
func TestAMergeIsUndoneByTheWordsThatMerged(t *testing.T) {
	h := open(t)
	ctx, anna := t.Context(), h.admin("anna")
	first := h.register("Petra Pan", "phone:+31612000901")
	second := h.register("Petra Pan", "phone:+31612000902", "email:petra@pan.example.org")
	third := h.register("P. Pan", "cno:77")
	for _, with := range []string{second.ID, third.ID} {
		if _, err := anna.MergeCustomers(ctx, first.ID, with, api.Because{Confirm: true}); err != nil {
			t.Fatal(err)
		}
	}
	for _, words := range [][2]string{
		{"phone:+31612000901", "phone:06 1200 0901"}, {"phone:+31612000902", "email:petra@pan.example.org"},
		{"phone:+31612000901", "phone:+31612000999"}, {"phone:12", first.ID}, {first.ID, ":"},
	} {
		if got, err := anna.UnmergeCustomers(ctx, words[0], words[1], api.Because{}); !api.IsProblem(err, "field") {
			t.Errorf("Unmerge(%v) = %+v, %v, want what is wrong with them", words, got, err)
		}
	}
	for _, words := range [][2]string{
		{"phone:+31612000901", "phone:+31612000902"}, {"phone:06 1200 0901", "email:petra@pan.example.org"}, // again: as they are
		{"cno:77", first.ID},
	} {
		two, err := anna.UnmergeCustomers(ctx, words[0], words[1], api.Because{Reason: "were two after all"})
		want := []string{first.ID, second.ID}
		if words[0] == "cno:77" {
			want = []string{third.ID, first.ID}
		}
		if err != nil || two.Customers[0].ID != want[0] || two.Customers[1].ID != want[1] {
			t.Fatalf("Unmerge(%v) = %+v, %v, want %v", words, two, err, want)
		}
	}
	for x, want := range map[string]string{
		"phone:+31612000901": first.ID, "phone:+31612000902": second.ID, "email:petra@pan.example.org": second.ID, "cno:77": third.ID,
	} {
		if found, err := anna.Owners(ctx, x); err != nil || len(found.Customers) != 1 || found.Customers[0].ID != want {
			t.Errorf("Owners(%s) = %+v, %v, want %s", x, found, err, want)
		}
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

// read decodes an answer.
func read[T any](t *testing.T, res *http.Response) T {
	t.Helper()
	var v T
	if err := json.NewDecoder(res.Body).Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}
