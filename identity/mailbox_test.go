package identity

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"loket/internal/message"
	"loket/internal/store/storetest"
)

// Two people share a mailbox and the CRM knows it of one of them only. Whoever signs in with it, or gives back a code
// that was sent there, shows that they read the mailbox, not which of the two they are.
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

// Whoever was seen first is not thereby the customer: an account, the account of somebody else and the mailbox that both read are
// as sure whichever came first, by arrival or by time.
func TestWhoCameFirstIsNoSurer(t *testing.T) {
	s := storetest.New(t)
	kate, john := []string{"proven sub:login.example.org:kate", "proven email:home@example.org"}, []string{"proven sub:login.example.org:john", "proven email:home@example.org"}
	shop, code, mail := []string{"proven sub:shop.example.org:john", "proven email:home@example.org"}, []string{"proven email:home@example.org"}, []string{"attested email:home@example.org"}
	number := []string{"proven cno:1", "proven email:home@example.org"}
	for _, row := range []struct {
		name     string
		messages [][]string
		want     string
	}{
		{"one account", [][]string{kate}, "email attested, kate proven"},
		{"an account and a code", [][]string{kate, code}, "email attested, kate attested"},
		{"an account and a mail", [][]string{john, mail}, "email attested, john attested"},
		{"two accounts", [][]string{kate, john}, "email attested, john attested, kate attested"},
		{"two accounts and a code", [][]string{kate, john, code}, "email attested, john attested, kate attested"},
		{"accounts of two sites", [][]string{kate, shop}, "email attested, john attested, kate attested"},
		{"a number and a code", [][]string{number, code}, "1 proven, email attested"},
		{"a number and an account beside the mailbox", [][]string{number, kate}, "1 proven, email attested, kate attested"},
	} {
		for _, order := range orders(len(row.messages)) {
			for _, times := range orders(len(row.messages)) {
				r := emptied(t, s)
				for _, i := range order {
					s := Subject{IDs: ids(t, row.messages[i]...), At: noon.Add(time.Duration(times[i]) * time.Minute), Message: fmt.Sprint("m", i)}
					if _, err := r.Resolve(t.Context(), s); err != nil {
						t.Fatal(err)
					}
				}
				if got := r.sureOf(t, row.messages); got != row.want {
					t.Errorf("%s, arrived %v, sent %v: %s, want %s", row.name, order, times, got, row.want)
				}
				sound(t, r)
			}
		}
	}
}

// sureOf tells how sure it is who shows each identifier alone, proven.
func (r *Registry) sureOf(t *testing.T, messages [][]string) string {
	t.Helper()
	sure := map[string]string{}
	for _, lines := range messages {
		for _, id := range ids(t, lines...) {
			id.Level = message.Proven
			res, err := r.Resolve(t.Context(), Subject{IDs: []message.Identifier{id}, At: noon.Add(time.Hour), Look: true})
			if err != nil {
				t.Fatal(err)
			}
			name := id.Value
			if id.Kind == "email" {
				name = id.Kind
			}
			sure[name] = name + " " + res.Assurance.String()
		}
	}
	return strings.Join(slices.Sorted(maps.Values(sure)), ", ")
}

// orders are all orders of n.
func orders(n int) [][]int {
	if n == 0 {
		return [][]int{{}}
	}
	var out [][]int
	for _, rest := range orders(n - 1) {
		for i := range n {
			out = append(out, slices.Insert(slices.Clone(rest), i, n-1))
		}
	}
	return out
}

// What somebody with a number of their own signs in with, and the CRM has with another's, is told and names nobody until a person
// decided, in whichever order it became known.
func TestASignInDisprovesTheCRM(t *testing.T) {
	s := storetest.New(t)
	login := Subject{IDs: ids(t, "proven cno:2", "proven sub:login.example.org:john", "proven email:home@example.org"), At: noon, Message: "m"}
	for _, first := range []string{"the CRM", "the sign-in"} {
		r := emptied(t, s)
		signIn := func() Result {
			t.Helper()
			res, err := r.Resolve(t.Context(), login)
			if err != nil {
				t.Fatal(err)
			}
			return res
		}
		if first != "the CRM" {
			signIn()
		}
		kate := register(t, r, "cno:1", "email:home@example.org")
		john := signIn()
		if john.Assurance != message.Proven || john.Customer == kate.ID || john.Basis.Kind != "cno" {
			t.Errorf("first %s: who signed in = %+v, want proven", first, john)
		}
		mail := Subject{IDs: ids(t, "proven email:home@example.org"), At: noon.Add(time.Minute), Message: "n"}
		res, err := r.Resolve(t.Context(), mail)
		if err != nil || res.Customer != "" || !res.Contested || len(res.Candidates) != 2 || res.Assurance > message.Claimed {
			t.Errorf("first %s: a code to the address = %+v, %v, want either of two", first, res, err)
		}
		list, _, err := r.Suggestions(t.Context(), 0, "")
		if err != nil || len(list) != 1 {
			t.Fatalf("first %s: Suggestions = %+v, %v, want one", first, list, err)
		}
		if err := r.Decide(t.Context(), list[0].ID, false, Actor{Name: "anna"}); err != nil {
			t.Fatal(err)
		}
		if res, err := r.Resolve(t.Context(), mail); err != nil || res.Customer != kate.ID || res.Contested {
			t.Errorf("first %s: once it is decided = %+v, %v, want %s", first, res, err, kate.ID)
		}
		sound(t, r)
	}
}
