package api_test

import (
	"io"
	"slices"
	"strings"
	"testing"

	"loket/desk"
	"loket/desk/api"
)

func TestWhatAPersonTakesDownIsAClaim(t *testing.T) {
	h := open(t, desk.Person{Name: "anna", Teams: []string{"support"}})
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
