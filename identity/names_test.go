package identity

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"loket/internal/message"
	"loket/internal/proptest"
	"loket/internal/store/storetest"
)

func TestTwoPeopleByName(t *testing.T) {
	for _, row := range []struct {
		a, b string
		want bool
	}{
		{"Kate Bakker", "John Bakker", true},
		{"Kate Bakker", "Anna de Vries", true},
		{"Kate Bakker", "Familie Bakker", true},
		{"Kate Bakker", "J. Bakker", true},
		{"Kate Bakker", "kate  BAKKER", false},
		{"Kate Bakker", "Bakker, Kate", false},
		{"Kate Bakker", "K. Bakker", false},
		{"Kate Bakker", "Kate Bakker-Smit", false},
		{"Kate Bakker", "Kate Smit", false},
		{"Kate Bakker", "Kaet Bakker", false},
		{"Kate Bakker", "Bakker Kte", false},
		{"Kate Bakker", "Kate", false},
		{"Kate Bakker", "", false},
		{"Kate Bakker", "kate@example.org", false},
		{"", "", false},
	} {
		if got := twoPeople(row.a, row.b); got != row.want {
			t.Errorf("twoPeople(%q, %q) = %t, want %t", row.a, row.b, got, row.want)
		}
		if got := twoPeople(row.b, row.a); got != row.want {
			t.Errorf("twoPeople(%q, %q) = %t, want %t", row.b, row.a, got, row.want)
		}
	}
}

func TestNamesCombineInAnyOrder(t *testing.T) {
	proptest.Check(t, proptest.Usual, func(t *rapid.T) {
		draw := rapid.Custom(func(t *rapid.T) names {
			var out names
			for range rapid.IntRange(0, 6).Draw(t, "n") {
				out = out.join(names{{message.Attested, rapid.Int64Range(1, 9).Draw(t, "at"), rapid.SampledFrom([]string{"a", "b", "c", "d", "e", "f"}).Draw(t, "name")}})
			}
			return out
		})
		a, b, c := draw.Draw(t, "a"), draw.Draw(t, "b"), draw.Draw(t, "c")
		all := cmp.AllowUnexported(called{})
		if diff := cmp.Diff(a.join(b).join(c), c.join(a.join(b.join(b))), all); diff != "" {
			t.Fatalf("other order:\n%s", diff)
		}
	})
}

// The CRM has the mailbox of a family, or of a firm, for one of them; the others write from it too and nobody told. By their names it
// is seen, whoever wrote first.
func TestSecondReadersOfAMailboxNobodyToldOf(t *testing.T) {
	s := storetest.New(t)
	type mail struct{ name, level string }
	kate, slip, john := mail{"Kate Bakker", "attested"}, mail{"Kaet Bakker", "attested"}, mail{"John Bakker", "attested"}
	claim := mail{"Mallory Smit", "claimed"}
	for _, row := range []struct {
		what    string
		seen    []mail
		signsIn bool // before, she did with her number
		asks    mail
		named   bool
		sure    message.Level
		signs   []string
		settled bool // a person said that it is one person's
	}{
		{"he, after she signed in", nil, true, john, false, message.Claimed, []string{SignReaders}, false},
		{"only she", []mail{kate, slip}, false, kate, true, message.Attested, nil, false},
		{"only she, by code", []mail{kate}, false, mail{"Kate Bakker", "proven"}, true, message.Proven, nil, false},
		{"she by a code, after a slip", []mail{slip}, false, mail{"Kate Bakker", "proven"}, true, message.Attested, nil, false},
		{"by a code, whose name differs by a letter", nil, false, mail{"Kato Bakker", "proven"}, true, message.Attested, nil, false},
		{"she with an initial, by a code", nil, false, mail{"K. Bakker", "proven"}, true, message.Proven, nil, false},
		{"he, first", nil, false, john, true, message.Attested, []string{SignReader}, false},
		{"he by a code, first", nil, false, mail{"John Bakker", "proven"}, true, message.Attested, []string{SignReader}, false},
		{"he, after her", []mail{kate}, false, john, false, message.Claimed, []string{SignReaders}, false},
		{"she, after him", []mail{john}, false, kate, true, message.Attested, []string{SignReaders}, false},
		{"she, after both", []mail{kate, john}, false, kate, true, message.Attested, []string{SignReaders}, false},
		{"she by a code, after both", []mail{john, kate}, false, mail{"Kate Bakker", "proven"}, true, message.Attested, []string{SignReaders}, false},
		{"nobody by name, after both", []mail{john, kate}, false, mail{"", "attested"}, false, message.Claimed, []string{SignReaders}, false},
		{"whoever forges her name", []mail{claim, kate}, false, kate, true, message.Attested, nil, false},
		{"he, once a person said it is hers alone", []mail{kate, john}, false, john, true, message.Attested, []string{SignReader}, true},
	} {
		r := emptied(t, s)
		who := registerAs(t, r, "Kate Bakker", "cno:1", "email:home@example.org")
		at := noon
		ask := func(m mail) Result {
			t.Helper()
			at = at.Add(time.Minute)
			res, err := r.Resolve(t.Context(), Subject{IDs: ids(t, m.level+" email:home@example.org"), Name: m.name, At: at, Message: "m"})
			if err != nil {
				t.Fatal(err)
			}
			return res
		}
		if row.signsIn {
			if _, err := r.Resolve(t.Context(), Subject{IDs: ids(t, "proven cno:1"), Name: "Kate Bakker", At: at, Message: "s"}); err != nil {
				t.Fatal(err)
			}
		}
		for _, m := range row.seen {
			ask(m)
		}
		if row.settled {
			if err := r.Share(t.Context(), one(t, "email:home@example.org"), false, Actor{Name: "anna"}); err != nil {
				t.Fatal(err)
			}
		}
		for range 2 { // asking again makes no difference
			res := ask(row.asks)
			offered := slices.ContainsFunc(res.Candidates, func(c Candidate) bool { return c.Customer == who })
			if named := res.Customer == who; named != row.named || offered == row.named || res.Assurance != row.sure || !slices.Equal(res.Signs, row.signs) {
				t.Errorf("%s: %+v, want named %t, else offered, %s, signs %q", row.what, res, row.named, row.sure, row.signs)
			}
		}
		sound(t, r)
	}
}

func registerAs(t *testing.T, r *Registry, name string, lines ...string) string {
	t.Helper()
	var list []message.Identifier
	for _, line := range lines {
		list = append(list, one(t, line))
	}
	c, err := r.Register(t.Context(), list, name, Actor{Name: "crm", At: noon.Add(-time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	return c.ID
}

// Whoever comes by what was somebody else's, a number handed out again, a handle given up, an account beside a family's mailbox, is not
// taken for them when their names differ.
func TestWhoIsCalledOtherwiseIsNotTheCustomer(t *testing.T) {
	s := storetest.New(t)
	for _, row := range []struct{ what, first, then string }{
		{"a recycled number", "phone:+31612345678", "bsuid:p:NL.1 phone:+31612345678"},
		{"a handle of the CRM", "xh:kate", "xu:1 xh:kate"},
		{"a name on Telegram", "tg.user:kate", "tg:1 tg.user:kate"},
		{"an account beside a mailbox", "email:home@example.org", "sub:login.example.org:john email:home@example.org"},
	} {
		for _, borne := range []bool{true, false} {
			r := emptied(t, s)
			who := registerAs(t, r, "Kate Bakker", "cno:1", row.first)
			show := func(lines []string, name string, level string) Result {
				t.Helper()
				for i := range lines {
					lines[i] = level + " " + lines[i]
				}
				res, err := r.Resolve(t.Context(), Subject{IDs: ids(t, lines...), Name: name, At: noon, Message: "m"})
				if err != nil {
					t.Fatal(err)
				}
				return res
			}
			if borne {
				show([]string{"cno:1"}, "Kate Bakker", "proven")
			}
			for range 2 {
				res := show(strings.Fields(row.then), "Gijs Mulder", "attested")
				offered := slices.ContainsFunc(res.Candidates, func(c Candidate) bool { return c.Customer == who })
				if borne && (res.Customer != "" || !offered || !res.Contested) || !borne && res.Customer != who {
					t.Errorf("%s, her name seen %t: %+v, want only offered when it was", row.what, borne, res)
				}
			}
			sound(t, r)
		}
	}
}

// Nothing is left of the names of whoever was erased, and what a mailbox was shown with counts for who had it then.
func TestNamesOfAMailboxGoWithItsHolder(t *testing.T) {
	r := empty(t)
	who := registerAs(t, r, "Kate Bakker", "cno:1", "email:home@example.org")
	mail := func(name string, at time.Time) Result {
		t.Helper()
		res, err := r.Resolve(t.Context(), Subject{IDs: ids(t, "attested email:home@example.org"), Name: name, At: at, Message: "m"})
		if err != nil {
			t.Fatal(err)
		}
		return res
	}
	mail("Kate Bakker", noon)
	if err := r.Retire(t.Context(), one(t, "email:home@example.org"), noon.Add(time.Hour), Actor{Name: "anna", At: noon.Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	if res := mail("John Smit", noon.Add(2*time.Hour)); res.Customer == "" || res.Customer == who || len(res.Signs) > 0 {
		t.Errorf("the next holder = %+v, want somebody new without signs", res)
	}
	if err := r.Erase(t.Context(), who, Actor{Name: "anna"}); err != nil {
		t.Fatal(err)
	}
	for x, n := range allFacts(t, r).nodes {
		if n.names.has("kate bakker") {
			t.Errorf("the name is left at %s", x)
		}
	}
	sound(t, r)
}
