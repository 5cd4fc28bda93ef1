package api_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"loket/desk/api"
	"loket/identity"
	"loket/internal/message"
)

func TestMergeOfTwoNumbersNeedsTwoLooks(t *testing.T) {
	h := open(t)
	ctx, anna := t.Context(), h.admin("anna")
	kate, bob := h.register("Kate", "cno:1", "email:kate@example.com"), h.register("Bob", "cno:2")
	_, err := anna.MergeCustomers(ctx, bob.ID, kate.ID, api.Because{})
	p, ok := errors.AsType[*api.Problem](err)
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
	p, ok := errors.AsType[*api.Problem](err)
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
	if p, ok := errors.AsType[*api.Problem](err); !ok || p.Type != "urn:loket:confirm" || len(p.Customers) != 2 || p.WouldBe == nil {
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
		"block":   agent.Block(ctx, "email:kate@example.com", true, api.Because{}),
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

// An agent who could take off what is proven or stands in the CRM could register it to another customer.
func TestAgentsTakeOffOnlyWhatPeopleSaid(t *testing.T) {
	h := open(t)
	ctx, anna, ben := t.Context(), h.as(programToken, "anna"), h.as(programToken, "ben")
	kate := h.register("Kate", "cno:1", "email:kate@example.com")
	registry := identity.New(h.store, identity.Defaults())
	login := []message.Identifier{{Kind: "sub", Scope: "login", Value: "k", Level: message.Proven}, {Kind: "cno", Value: "1", Level: message.Proven}}
	if _, err := registry.Resolve(ctx, identity.Subject{IDs: login}); err != nil {
		t.Fatal(err)
	}
	seen := []message.Identifier{{Kind: "bsuid", Scope: "p", Value: "NL.1", Level: message.Attested}, {Kind: "phone", Value: "+31612345678", Level: message.Attested}}
	mobile, err := registry.Resolve(ctx, identity.Subject{IDs: seen})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := anna.LinkIdentifier(ctx, kate.ID, "phone:+31687654321", api.Because{}); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		what, customer, identifier string
		by                         *api.Client
		refused                    bool
	}{
		{"what somebody else registered", kate.ID, "email:kate@example.com", ben, true},
		{"her number", kate.ID, "cno:1", ben, true},
		{"the account she proved", kate.ID, "sub:login:k", anna, true},
		{"what a colleague linked", kate.ID, "phone:+31687654321", ben, true},
		{"what they linked themselves", kate.ID, "phone:+31687654321", anna, false},
		{"what was only seen", mobile.Customer, "phone:+31612345678", anna, false},
		{"all, by a manager", kate.ID, "sub:login:k", h.admin("anna"), false},
	} {
		_, err := row.by.UnlinkIdentifier(ctx, row.customer, row.identifier, api.Because{})
		if row.refused != api.IsProblem(err, "forbidden") || !row.refused && err != nil {
			t.Errorf("unlink %s: %v, want refused %t", row.what, err, row.refused)
		}
	}
	if _, err := anna.Register(ctx, []string{"sub:login:k", "email:bob@example.com"}, "Bob", api.Because{}); err != nil {
		t.Errorf("register what a manager took off: %v", err)
	}
}

func second[T any](_ T, err error) error { return err }
