package api_test

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"loket/desk"
	"loket/desk/access"
	"loket/desk/api"
)

func TestWhatAPersonTakesDownIsAClaim(t *testing.T) {
	h := open(t, access.Person{Name: "anna", Teams: []string{"support"}})
	for name, body := range map[string]string{
		"attested":         `{"channel":"phone","text":"x","from":[{"kind":"email","value":"kate@example.org","level":"attested"}]}`,
		"vouched":          `{"channel":"phone","text":"x","from":["phone:+31612345678",{"kind":"cno","value":"1","level":"vouched"}]}`,
		"connector":        `{"channel":"phone","connector":"mail","text":"x"}`,
		"channel":          `{"channel":"whatsapp","text":"x"}`,
		"references":       `{"channel":"phone","text":"x","references":["<1@example.org>"]}`,
		"an id of its own": `{"channel":"phone","text":"x","own":"<1@example.org>"}`,
	} {
		for _, token := range []string{annaToken, programToken} {
			res := h.raw("POST", "/api/v1/messages", token, body)
			text, _ := io.ReadAll(res.Body)
			if res.StatusCode != 403 || !strings.Contains(string(text), "vouch") {
				t.Errorf("%s by %s = %d %s, want 403 that names the role vouch", name, token, res.StatusCode, text)
			}
		}
	}
	task := h.taskOf(h.taken(annaToken, `{"channel":"counter","text":"x","from":["email:kate@example.org"]}`).Thread)
	if task.Customer.ID != "" || task.Customer.Assurance != "claimed" || len(task.Messages[0].Marks) != 0 {
		t.Errorf("what anna took down = %+v, %+v", task.Customer, task.Messages[0])
	}
}

func TestVouchedMessageSaysWhoSaidSoAndJoinsNoCustomers(t *testing.T) {
	h := open(t)
	kate, bob := h.register("Kate", "email:kate@example.com", "cno:1"), h.register("Bob", "phone:0612345678", "psid:1:2")
	both := `"from":[{"kind":"email","value":"kate@example.com","level":"vouched"},{"kind":"phone","value":"0612345678","level":"vouched"}]`
	task := h.taskOf(h.taken(channelToken, `{"channel":"chat","connector":"app","agent":"anna","text":"I am both",`+both+`}`).Thread)
	if !slices.Equal(task.Messages[0].Marks, []string{desk.MarkVouched + "anna, channel"}) {
		t.Errorf("marks = %q", task.Messages[0].Marks)
	}
	if !task.Customer.Contested || task.Customer.Assurance != "claimed" {
		t.Errorf("customer = %+v, want contested and no surer than a claim", task.Customer)
	}
	for _, was := range []*api.Profile{kate, bob} {
		if now, err := h.admin("").Customer(t.Context(), was.ID); err != nil || now.ID != was.ID || len(now.Identifiers) != len(was.Identifiers) {
			t.Errorf("customer = %+v, %v; want %+v", now, err, was)
		}
	}
	// Who is new is known by both from now on.
	fresh := h.taskOf(h.taken(channelToken, `{"channel":"chat","connector":"app","text":"x",
		"from":[{"kind":"email","value":"new@example.com","level":"attested"},{"kind":"psid","scope":"1","value":"77","level":"attested"}]}`).Thread)
	if c, err := h.admin("").Customer(t.Context(), fresh.Customer.ID); err != nil || len(c.Identifiers) != 2 {
		t.Errorf("a new customer = %+v, %v", c, err)
	}
}

func TestConfirmingIsForManagers(t *testing.T) {
	h := open(t)
	kate, bob := h.register("Kate", "email:kate@example.com", "cno:1"), h.register("Bob", "email:bob@example.com", "psid:1:2")
	agent := h.as(programToken, "anna")
	if _, err := agent.LinkIdentifier(t.Context(), kate.ID, "email:bob@example.com", api.Because{Confirm: true}); !api.IsProblem(err, "forbidden") {
		t.Errorf("an agent makes two customers one: %v", err)
	}
	if now, err := h.admin("").Customer(t.Context(), bob.ID); err != nil || now.ID != bob.ID {
		t.Errorf("the other = %+v, %v", now, err)
	}
}

// Whoever was registered by a name is a customer, though only one identifier of theirs is known.
func TestAnAgentJoinsNoCustomerWhoWasNamed(t *testing.T) {
	h := open(t)
	all := []*api.Profile{h.register("Kate", "email:kate@example.com", "cno:1"), h.register("Bob", "email:bob@example.com"), h.register("Eve", "phone:0612345678")}
	agent := h.as(programToken, "anna")
	for what, err := range map[string]error{
		"register with another":  second(agent.Register(t.Context(), []string{"cno:1", "email:bob@example.com"}, "", api.Because{})),
		"register two of one":    second(agent.Register(t.Context(), []string{"phone:0612345678", "email:bob@example.com"}, "", api.Because{})),
		"link to another":        second(agent.LinkIdentifier(t.Context(), all[0].ID, "email:bob@example.com", api.Because{})),
		"link one of one to one": second(agent.LinkIdentifier(t.Context(), all[1].ID, "phone:0612345678", api.Because{})),
	} {
		if !api.IsProblem(err, "contradiction") {
			t.Errorf("%s = %v, want a contradiction", what, err)
		}
	}
	for _, was := range all {
		if now, err := h.admin("").Customer(t.Context(), was.ID); err != nil || now.ID != was.ID || now.Name != was.Name || len(now.Identifiers) != len(was.Identifiers) {
			t.Errorf("customer = %+v, %v; want %+v", now, err, was)
		}
	}
	if c, err := agent.LinkIdentifier(t.Context(), all[1].ID, "email:bob@work.example.com", api.Because{}); err != nil || len(c.Identifiers) != 2 {
		t.Errorf("one more that nobody has = %+v, %v", c, err)
	}
	if c, err := h.admin("").LinkIdentifier(t.Context(), all[0].ID, "phone:0612345678", api.Because{}); err != nil || len(c.Identifiers) != 3 {
		t.Errorf("a manager links it = %+v, %v", c, err)
	}
}

func TestRegisteringByAnAgentMakesNoTwoCustomersOne(t *testing.T) {
	h := open(t)
	kate, bob := h.register("Kate", "email:kate@example.com", "cno:1"), h.register("Bob", "email:bob@example.com", "psid:1:2")
	agent := h.as(programToken, "anna")
	for _, both := range [][]string{{"email:kate@example.com", "email:bob@example.com"}, {"cno:1", "psid:1:2"}, {"phone:0612345678", "cno:1", "email:bob@example.com"}} {
		_, err := agent.Register(t.Context(), both, "Joined", api.Because{Reason: "he says so"})
		var p *api.Problem
		if !api.IsProblem(err, "contradiction") || !errors.As(err, &p) || len(p.Customers) != 2 {
			t.Errorf("register %q = %v, want a contradiction that shows both", both, err)
		}
	}
	for _, was := range []*api.Profile{kate, bob} {
		if now, err := h.admin("").Customer(t.Context(), was.ID); err != nil || now.ID != was.ID || len(now.Identifiers) != 2 || now.Name != was.Name {
			t.Errorf("customer = %+v, %v; want %+v", now, err, was)
		}
	}
	if s, err := h.admin("").Suggestions(t.Context(), 10, ""); err != nil || len(s.Suggestions) != 1 {
		t.Errorf("suggestions = %+v, %v; want the pair", s, err)
	}
	// One more address of one customer, and whoever is known by one alone, are what agents note.
	h.register("", "email:kate@work.example.com")
	if c, err := agent.Register(t.Context(), []string{"cno:1", "email:kate@work.example.com", "phone:0612345678"}, "", api.Because{}); err != nil || len(c.Identifiers) != 4 {
		t.Errorf("register one more = %+v, %v", c, err)
	}
	if c, err := h.admin("").Register(t.Context(), []string{"cno:1", "email:bob@example.com"}, "", api.Because{}); err != nil || len(c.Identifiers) != 6 {
		t.Errorf("a manager registers both = %+v, %v", c, err)
	}
}
