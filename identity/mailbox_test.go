package identity

import (
	"fmt"
	"testing"
	"time"

	"loket/internal/message"
)

// Two people share a mailbox and the CRM knows it of one of them only. Whoever signs in with it, or gives back a code
// that was sent there, shows that he reads the mailbox, not which of the two he is.
func TestASharedMailboxProvesNobody(t *testing.T) {
	r := empty(t)
	kate := register(t, r, "cno:1", "email:home@example.org", "sub:login.example.org:kate")
	at := noon
	signIn := func(lines ...string) Result {
		t.Helper()
		at = at.Add(time.Minute)
		res, err := r.Resolve(t.Context(), Subject{IDs: ids(t, lines...), At: at, Message: "m"})
		if err != nil {
			t.Fatal(err)
		}
		return res
	}
	want := func(what string, got Result, level message.Level) {
		t.Helper()
		if got.Customer != kate.ID || got.Assurance != level {
			t.Errorf("%s: %s, %s, want %s, %s", what, got.Customer, got.Assurance, kate.ID, level)
		}
	}
	want("a code to the only reader known", signIn("proven email:home@example.org"), message.Proven)
	want("her own account", signIn("proven sub:login.example.org:kate", "proven email:home@example.org"), message.Proven)
	for _, again := range []string{"", ", again", ", once more"} {
		want("his account"+again, signIn("proven sub:login.example.org:john", "proven email:home@example.org"), message.Attested)
	}
	want("his account alone", signIn("proven sub:login.example.org:john"), message.Attested)
	want("a code to a mailbox of two accounts", signIn("proven email:home@example.org"), message.Attested)
	want("her own account, now that two read it", signIn("proven sub:login.example.org:kate", "proven email:home@example.org"), message.Proven)
	want("her number", signIn("proven cno:1", "proven email:home@example.org"), message.Proven)
	want("his account with her number", signIn("proven cno:1", "proven sub:login.example.org:john"), message.Proven)
	sound(t, r)
}

// An account that the customer's number was proven with is the customer's own, whatever mailbox comes with it.
func TestAnAccountWithTheNumberIsTheCustomers(t *testing.T) {
	r := empty(t)
	kate := register(t, r, "cno:1", "email:home@example.org")
	login := Subject{IDs: ids(t, "proven sub:login.example.org:kate", "proven cno:1", "proven email:home@example.org"), At: noon}
	for _, list := range [][]message.Identifier{login.IDs, login.IDs[:1], {login.IDs[0], login.IDs[2]}} {
		login.IDs = list
		if res, err := r.Resolve(t.Context(), login); err != nil || res.Customer != kate.ID || res.Assurance != message.Proven {
			t.Errorf("Resolve(%v) = %s %s, %v, want %s proven", list, res.Customer, res.Assurance, err, kate.ID)
		}
	}
	sound(t, r)
}

// Two people of one firm write from its functional mailbox, and a colleague notes each one's own telephone.
func TestTwoWhoShareAFunctionalMailboxAreTwo(t *testing.T) {
	r := empty(t)
	for i, mailbox := range []string{"buchhaltung", "einkauf", "comptabilite", "planning", "reservations", "ventas", "segreteria", "ufficio.acquisti"} {
		email := "email:" + mailbox + "@firm.example.org"
		first := register(t, r, email, fmt.Sprintf("phone:+3161200010%d", i))
		second := register(t, r, email, fmt.Sprintf("phone:+3161200020%d", i))
		if first.ID == second.ID {
			t.Errorf("two who share %s are one customer: %s", mailbox, holds(second))
		}
	}
	sound(t, r)
}
