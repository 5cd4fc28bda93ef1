package identity

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"loket/internal/message"
	"loket/internal/store/storetest"
)

// calendarOf is a registry whose clock stands at an hour of a day, and is set by at.
func calendarOf(t *testing.T) (r *Registry, at func(hour int) time.Time) {
	t.Helper()
	r = empty(t)
	at = func(hour int) time.Time {
		now := noon.Add(time.Duration(hour) * time.Hour)
		r.now = func() time.Time { return now }
		return now
	}
	at(0)
	return r, at
}

func imported(t *testing.T, r *Registry, mode Mode, rows ...string) ImportReport {
	t.Helper()
	rep, err := r.Import(t.Context(), strings.NewReader(strings.Join(rows, "\n")), ImportOptions{System: "sap", Mode: mode, By: Actor{Name: "anna"}})
	if err != nil || rep.Bad > 0 {
		t.Fatalf("Import = %+v, %v", rep, err)
	}
	return rep
}

func retire(t *testing.T, r *Registry, x string, at time.Time) {
	t.Helper()
	if err := r.Retire(t.Context(), one(t, x), at, Actor{Name: "anna"}); err != nil {
		t.Fatal(err)
	}
}

// sees is what Resolve says of whoever showed identifiers at a time.
func sees(t *testing.T, r *Registry, at time.Time, lines ...string) Result {
	t.Helper()
	res, err := r.Resolve(t.Context(), Subject{IDs: ids(t, lines...), At: at, Message: fmt.Sprint("m", at.Hour())})
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// spans are the identifiers of a customer, with from and until when.
func spans(c *Customer) []string {
	var out []string
	for _, h := range c.Held {
		line := h.String()
		if !h.From.IsZero() {
			line += fmt.Sprintf(" from %v", h.From.Sub(noon))
		}
		if h.Retired {
			line += fmt.Sprintf(" until %v", h.Until.Sub(noon))
		}
		out = append(out, line)
	}
	return out
}

const (
	katesRow = `{"id":"1","name":"Kate","emails":["kate@example.org"],"phones":["0612345678"]}`
	annasRow = `{"id":"2","name":"Anna","emails":["anna@example.org"]}`
)

// A number that somebody gave up stays given up, whatever a source says that said it before, and whoever has it now is
// somebody else.
func TestImportedAgainANumberStaysGivenUp(t *testing.T) {
	for name, again := range map[string]func(t *testing.T, r *Registry){
		"the same row":              func(t *testing.T, r *Registry) { imported(t, r, Add, katesRow) },
		"the same row in replacing": func(t *testing.T, r *Registry) { imported(t, r, Replace, katesRow) },
		"every night":               func(t *testing.T, r *Registry) { imported(t, r, Add, katesRow); imported(t, r, Replace, katesRow) },
		"the file in another order": func(t *testing.T, r *Registry) { imported(t, r, Add, annasRow, katesRow) },
		"a row with more": func(t *testing.T, r *Registry) {
			imported(t, r, Add, strings.Replace(katesRow, `"phones"`, `"identifiers":["xu:77"],"phones"`, 1))
		},
		"an older row": func(t *testing.T, r *Registry) {
			imported(t, r, Add, strings.Replace(katesRow, `{`, `{"as_of":"`+noon.Add(-time.Hour).Format(time.RFC3339)+`",`, 1))
		},
		"another source": func(t *testing.T, r *Registry) {
			imported(t, r, Add, `{"system":"shop","id":"77","emails":["kate@example.org"],"phones":["0612345678"]}`)
		},
		"another source, its address in another row": func(t *testing.T, r *Registry) {
			imported(t, r, Add, `{"system":"shop","id":"77","emails":["kate.two@example.org"],"phones":["0612345678"]}`,
				`{"id":"1","name":"Kate","emails":["kate@example.org","kate.two@example.org"],"phones":["0612345678"]}`)
		},
		"another source of an older day": func(t *testing.T, r *Registry) {
			imported(t, r, Add, `{"system":"shop","id":"77","as_of":"2026-01-02","emails":["kate@example.org"],"phones":["0612345678"]}`)
		},
		"a program that registers": func(t *testing.T, r *Registry) {
			_, _ = r.Register(t.Context(), ids(t, "vouched crm:sap:1", "vouched phone:0612345678"), "Kate", Actor{Name: "crm", Repeats: true})
		},
		"a program that links": func(t *testing.T, r *Registry) {
			c, _, err := r.Owner(t.Context(), one(t, "crm:sap:1"))
			if err != nil {
				t.Fatal(err)
			}
			_, _ = r.Link(t.Context(), one(t, "phone:0612345678"), c.ID, Actor{Name: "crm", Repeats: true})
		},
	} {
		for _, met := range []bool{false, true} {
			t.Run(fmt.Sprint(name, ", the next holder seen before ", met), func(t *testing.T) {
				r, at := calendarOf(t)
				imported(t, r, Add, katesRow)
				kate := sees(t, r, at(1), "attested phone:0612345678").Customer
				retire(t, r, "phone:0612345678", at(5))
				before := ""
				if met {
					before = sees(t, r, at(6), "attested phone:0612345678").Customer
				}
				at(8)
				again(t, r)
				res := sees(t, r, at(9), "attested phone:0612345678")
				if res.Customer == kate || res.Customer == "" || before != "" && res.Customer != before || res.Contested {
					t.Errorf("whoever has the number now is %+v, want somebody new, not %s", res, kate)
				}
				number := one(t, "phone:0612345678")
				number.Level = 0
				if diff := cmp.Diff([]Life{{Identifier: number, From: noon.Add(5 * time.Hour)}}, res.Lives); diff != "" {
					t.Errorf("lives (-want +got):\n%s", diff)
				}
				if late := sees(t, r, noon.Add(2*time.Hour), "attested phone:0612345678"); late.Customer != kate || late.Assurance != message.Attested {
					t.Errorf("what was said before is of %+v, want %s", late, kate)
				}
				if got := spans(customer(t, r, kate)); !slices.Contains(got, "phone:+31612345678 until 5h0m0s") {
					t.Errorf("Kate holds %q", got)
				}
				if got := spans(customer(t, r, res.Customer)); !slices.Equal(got, []string{"phone:+31612345678 from 5h0m0s"}) {
					t.Errorf("the next holder has %q", got)
				}
				sound(t, r)
			})
		}
	}
}

// What is newer than that it was given up makes an identifier somebody's again, or the next one's.
func TestWhatIsNewerMakesANumberTheirsAgain(t *testing.T) {
	for name, again := range map[string]struct {
		do   func(t *testing.T, r *Registry, kate string)
		next bool // it is another's
	}{
		"a row that says since when": {do: func(t *testing.T, r *Registry, _ string) {
			imported(t, r, Add, strings.Replace(katesRow, `{`, `{"as_of":"`+noon.Add(7*time.Hour).Format(time.RFC3339)+`",`, 1))
		}},
		"a row that lost it and has it again": {do: func(t *testing.T, r *Registry, _ string) {
			imported(t, r, Replace, `{"id":"1","name":"Kate","emails":["kate@example.org"]}`)
			r.now = func() time.Time { return noon.Add(8*time.Hour + time.Minute) }
			imported(t, r, Replace, katesRow)
		}},
		"a person": {do: func(t *testing.T, r *Registry, kate string) {
			if _, err := r.Link(t.Context(), one(t, "phone:0612345678"), kate, Actor{Name: "anna"}); err != nil {
				t.Fatal(err)
			}
		}},
		"seen with her account": {do: func(t *testing.T, r *Registry, _ string) {
			sees(t, r, noon.Add(7*time.Hour), "attested xu:5", "attested phone:0612345678")
		}},
		"the row of the next holder": {next: true, do: func(t *testing.T, r *Registry, _ string) {
			imported(t, r, Add, strings.Replace(annasRow, `]}`, `],"phones":["0612345678"]}`, 1))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			r, at := calendarOf(t)
			imported(t, r, Add, katesRow)
			kate := sees(t, r, at(1), "attested phone:0612345678", "attested xu:5").Customer
			retire(t, r, "phone:0612345678", at(5))
			at(8)
			again.do(t, r, kate)
			want := kate
			if again.next {
				c, _, err := r.Owner(t.Context(), one(t, "crm:sap:2"))
				if err != nil {
					t.Fatal(err)
				}
				want = c.ID
			}
			if res := sees(t, r, at(9), "attested phone:0612345678"); res.Customer != want || res.Contested {
				t.Errorf("whoever has the number now is %+v, want %s", res, want)
			}
			if late := sees(t, r, noon.Add(2*time.Hour), "attested phone:0612345678"); late.Customer != kate {
				t.Errorf("what was said before is of %+v, want %s", late, kate)
			}
			sound(t, r)
		})
	}
}

// Whoever is known by nothing but what they gave up keeps the id and what they said; whoever has it then, and then, is
// somebody else each time.
func TestWhoeverGivesUpAllStaysThemselves(t *testing.T) {
	for _, x := range []string{"phone:+31612345678", "email:kate@example.org", "wa:31612345678", "xu:5", "bsuid:p:NL.1"} {
		t.Run(x, func(t *testing.T) {
			r, at := calendarOf(t)
			var who []string
			for i := range 3 {
				who = append(who, sees(t, r, at(10*i+1), "attested "+x).Customer)
				retire(t, r, x, at(10*i+5))
			}
			who = append(who, sees(t, r, at(31), "attested "+x).Customer)
			if len(slices.Compact(slices.Sorted(slices.Values(who)))) != 4 || slices.Contains(who, "") {
				t.Fatalf("four holders are %q", who)
			}
			for i, id := range who {
				if late := sees(t, r, noon.Add(time.Duration(10*i+2)*time.Hour), "attested "+x); late.Customer != id {
					t.Errorf("a late message of holder %d is of %+v, want %s", i, late, id)
				}
				if c := customer(t, r, id); len(c.Held) != 1 || c.Held[0].String() != x || c.Held[0].Retired != (i < 3) {
					t.Errorf("holder %d has %q", i, spans(c))
				}
			}
			sound(t, r)
		})
	}
}

// The name of whoever gave an identifier up is not the next one's.
func TestTheNextHolderHasNoNameOfTheFirst(t *testing.T) {
	r, at := calendarOf(t)
	res, err := r.Resolve(t.Context(), Subject{IDs: ids(t, "attested wa:31612345678"), Name: "Kate", At: at(1)})
	if err != nil {
		t.Fatal(err)
	}
	retire(t, r, "wa:31612345678", at(5))
	if next := sees(t, r, at(6), "attested wa:31612345678"); next.Name != "" || customer(t, r, next.Customer).Name != "" {
		t.Errorf("the next holder is %+v", next)
	}
	if c := customer(t, r, res.Customer); c.Name != "Kate" {
		t.Errorf("the first is called %q", c.Name)
	}
}

// An identifier that is shared by its nature, or now, stays theirs for the time when it was somebody's alone, whatever they do later.
func TestSharedNowItStaysTheirsForThen(t *testing.T) {
	const mailbox = "email:info@eve.example"
	info := "proven " + mailbox
	tests := []struct {
		name  string
		later func(t *testing.T, r *Registry, at time.Time) error
	}{
		{"a mailbox of a function", func(*testing.T, *Registry, time.Time) error { return nil }},
		{"marked as shared later", func(t *testing.T, r *Registry, at time.Time) error {
			return r.Share(t.Context(), one(t, mailbox), true, Actor{Name: "anna", At: at})
		}},
		{"shown by several since", func(t *testing.T, r *Registry, at time.Time) error {
			for i := range maxPartners + 4 {
				sees(t, r, at, fmt.Sprintf("proven email:kate%d@example.org", i), info)
			}
			return nil
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, at := calendarOf(t)
			id := sees(t, r, at(2), "proven email:anna.two@example.com", info).Customer
			if err := r.Share(t.Context(), one(t, mailbox), false, Actor{Name: "anna", At: at(3)}); err != nil {
				t.Fatal(err)
			}
			retire(t, r, mailbox, at(4))
			if err := tt.later(t, r, at(5)); err != nil {
				t.Fatal(err)
			}
			sees(t, r, at(6), "proven email:anna.two@example.com", "proven xu:550005500")
			c, err := r.Customer(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			want := []string{"xu:550005500", "email:anna.two@example.com", "email:info@eve.example until 4h0m0s"}
			if diff := cmp.Diff(want, spans(c)); diff != "" {
				t.Errorf("identifiers (-want +got):\n%s", diff)
			}
			if problems, err := r.Check(t.Context()); err != nil || len(problems) > 0 {
				t.Errorf("Check = %q, %v", problems, err)
			}
		})
	}
}

// What somebody said of, or with, an identifier goes with who had it then: forgetting the first leaves the second alone, and
// the other way round.
func TestErasingOneHolderLeavesTheOther(t *testing.T) {
	for _, first := range []bool{true, false} {
		t.Run(fmt.Sprint("the first ", first), func(t *testing.T) {
			r, at := calendarOf(t)
			imported(t, r, Add, katesRow)
			kate := sees(t, r, at(1), "attested phone:0612345678").Customer
			retire(t, r, "phone:0612345678", at(5))
			next := sees(t, r, at(6), "attested phone:0612345678", "attested xu:9").Customer
			at(7)
			gone, stays := kate, next
			if !first {
				gone, stays = next, kate
			}
			want := spans(customer(t, r, stays))
			if err := r.Erase(t.Context(), gone, Actor{Name: "anna"}); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, spans(customer(t, r, stays))); diff != "" {
				t.Errorf("who stays holds (-before +after):\n%s", diff)
			}
			imported(t, r, Add, annasRow)
			rep, err := r.Import(t.Context(), strings.NewReader(katesRow), ImportOptions{System: "sap", By: Actor{Name: "anna"}})
			if err != nil || (rep.Bad == 1) != first {
				t.Errorf("Import of Kate = %+v, %v", rep, err)
			}
			early := sees(t, r, noon.Add(2*time.Hour), "attested phone:0612345678")
			late := sees(t, r, at(9), "attested phone:0612345678")
			if first && (early.Customer != "" || late.Customer != next) || !first && (early.Customer != kate || late.Customer == kate || late.Customer == "" || late.Customer == next) {
				t.Errorf("what was said before is of %q, what is said after of %q; Kate was %s, the next %s", early.Customer, late.Customer, kate, next)
			}
			sound(t, r)
		})
	}
}

// Who was erased and writes again is somebody new, like any stranger, and is erased again like one.
func TestErasedAndWritingAgainIsAnybody(t *testing.T) {
	for _, x := range [][]string{
		{"attested email:kate@example.org"}, {"attested phone:0612345678"}, {"attested xu:5", "attested xh:kate"},
		{"proven sub:login.example.org:1", "attested email:kate@example.org"}, {"attested bsuid:p:NL.1", "attested wa:31612345678", "attested phone:0612345678"},
	} {
		t.Run(strings.Join(x, ", "), func(t *testing.T) {
			r, at := calendarOf(t)
			imported(t, r, Add, `{"id":"1","name":"Kate","emails":["kate@example.org"],"phones":["0612345678"],"identifiers":["xu:5","xh:kate","sub:login.example.org:1","bsuid:p:NL.1","wa:31612345678"]}`)
			was := sees(t, r, at(1), x...).Customer
			for round := range 3 {
				at(10*round + 2)
				if err := r.Erase(t.Context(), was, Actor{Name: "anna"}); err != nil {
					t.Fatal(err)
				}
				if late := sees(t, r, noon.Add(time.Duration(10*round+1)*time.Hour), x...); late.Customer != "" {
					t.Errorf("a message of before the erasure makes the customer %s", late.Customer)
				}
				if rep, err := r.Import(t.Context(), strings.NewReader(katesRow), ImportOptions{System: "sap", By: Actor{Name: "anna"}}); err != nil || rep.Bad != 1 {
					t.Errorf("Import of who was erased = %+v, %v", rep, err)
				}
				res := sees(t, r, at(10*round+3), x...)
				if !res.Created || res.Customer == "" || res.Customer == was || res.Name != "" {
					t.Fatalf("who writes again is %+v", res)
				}
				if again := sees(t, r, at(10*round+4), x...); again.Customer != res.Customer || again.Created {
					t.Errorf("and again is %+v, want %s", again, res.Customer)
				}
				if a, err := r.Archive(t.Context(), res.Customer); err != nil || len(a.Identifiers) != len(x) {
					t.Errorf("Archive = %+v, %v", a, err)
				}
				if rep, err := r.Import(t.Context(), strings.NewReader(katesRow), ImportOptions{System: "sap", By: Actor{Name: "anna"}}); err != nil || rep.Bad != 1 {
					t.Errorf("Import of who was erased, and wrote since = %+v, %v", rep, err)
				}
				was = res.Customer
				sound(t, r)
			}
		})
	}
}

// What somebody allowed at an address that they gave up is theirs, and allows nothing of the next one.
func TestConsentIsOfWhoGaveIt(t *testing.T) {
	r, at := calendarOf(t)
	imported(t, r, Add, katesRow)
	kate := sees(t, r, at(1), "attested phone:0612345678").Customer
	x := one(t, "phone:0612345678")
	if err := r.SetConsent(t.Context(), x, "newsletter", true, Actor{Name: "anna"}); err != nil {
		t.Fatal(err)
	}
	retire(t, r, "phone:0612345678", at(5))
	next := sees(t, r, at(6), "attested phone:0612345678").Customer
	if err := r.OptOut(t.Context(), next, "survey", true, Actor{Name: "bert"}); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]int{kate: 1, next: 1} { // what she allowed; that he wants none
		a, err := r.Archive(t.Context(), id)
		if err != nil || len(a.Consent) != want || (a.Consent[0].Purpose == "newsletter") != (id == kate) {
			t.Errorf("Archive of %s (Kate is %s) has %+v, %v", id, kate, a.Consent, err)
		}
	}
	if ok, err := r.Allowed(t.Context(), x, "newsletter"); ok || err != nil {
		t.Errorf("Allowed = %v, %v; want not what whoever had it before allowed", ok, err)
	}
	if ok, err := r.Allowed(t.Context(), one(t, "email:kate@example.org"), Service); !ok || err != nil {
		t.Errorf("Allowed at Kate's other address = %v, %v", ok, err)
	}
}

// Whatever comes first, a retiring, rows, what is seen and what people say: it ends the same.
func TestRetiringInAnyOrderEndsTheSame(t *testing.T) {
	r := unlimited(storetest.New(t))
	row := func(hour int, text string) deed {
		return func(ctx context.Context, r *Registry) error {
			_, err := r.Import(ctx, strings.NewReader(text), ImportOptions{System: "sap", By: Actor{Name: "anna", At: noon.Add(time.Duration(hour) * time.Hour)}})
			return err
		}
	}
	seen := func(hour int, lines ...string) deed {
		return func(ctx context.Context, r *Registry) error {
			_, err := r.Resolve(ctx, Subject{IDs: ids(t, lines...), At: noon.Add(time.Duration(hour) * time.Hour), Message: fmt.Sprint("m", hour)})
			return err
		}
	}
	gone := func(hour int, x string) deed {
		return func(ctx context.Context, r *Registry) error {
			at := noon.Add(time.Duration(hour) * time.Hour)
			return r.Retire(ctx, one(t, x), at, Actor{Name: "anna", At: at})
		}
	}
	dated := strings.Replace(katesRow, `{`, `{"as_of":"`+noon.Add(18*time.Hour).Format(time.RFC3339)+`",`, 1)
	all := []deed{
		row(0, katesRow), row(7, katesRow), row(8, strings.Replace(annasRow, `]}`, `],"phones":["0612345678"]}`, 1)), row(19, dated),
		seen(1, "attested phone:0612345678"), seen(2, "attested wa:31612345678", "attested phone:0612345678"), seen(9, "attested phone:0612345678"),
		seen(12, "attested xu:9", "attested phone:0612345678"), gone(5, "phone:0612345678"), gone(6, "wa:31612345678"), gone(15, "phone:0612345678"),
	}
	want := ""
	for seed := range uint64(30) {
		list := slices.Clone(all)
		rand.New(rand.NewPCG(seed, 3)).Shuffle(len(list), func(i, j int) {
			if seed > 0 {
				list[i], list[j] = list[j], list[i]
			}
		})
		if err := r.store.Redis().FlushAll(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
		for _, do := range list {
			if err := do(t.Context(), r); err != nil {
				t.Fatal(err)
			}
		}
		if got := whole(t, r); want == "" {
			want = got
		} else if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("in another order (seed %d, -first +now):\n%s", seed, diff)
		}
		sound(t, r)
	}
}
