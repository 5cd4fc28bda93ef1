package identity

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"loket/internal/message"
	"loket/internal/proptest"
)

func TestConsentIsOfTheAddress(t *testing.T) {
	r := empty(t)
	c := register(t, r, "cno:1", "email:kate@example.org", "phone:0612345678")
	mail, phone := one(t, "email:kate@example.org"), one(t, "phone:0612345678")
	at := func(hours int) Actor { return Actor{Name: "anna", At: noon.Add(time.Duration(hours) * time.Hour)} }
	say := func(x message.Identifier, allowed bool, by Actor) {
		t.Helper()
		if err := r.SetConsent(t.Context(), x, "newsletter", allowed, by); err != nil {
			t.Fatal(err)
		}
	}
	want := func(what string, x message.Identifier, purpose string, want bool) {
		t.Helper()
		if got, err := r.Allowed(t.Context(), x, purpose); err != nil || got != want {
			t.Errorf("%s: Allowed = %v, %v, want %v", what, got, err, want)
		}
	}
	want("nobody said anything", mail, "newsletter", false)
	want("service wants no consent", mail, Service, true)
	say(mail, true, at(1))
	want("allowed", mail, "newsletter", true)
	want("allowed at another address", phone, "newsletter", false)
	say(mail, false, at(3))
	say(mail, true, at(2))
	want("the later word came first", mail, "newsletter", false)
	say(mail, true, at(3))
	want("both at one time", mail, "newsletter", false)
	say(mail, true, at(4))
	if err := r.OptOut(t.Context(), c.ID, "newsletter", true, at(5)); err != nil {
		t.Fatal(err)
	}
	want("the customer opted out", mail, "newsletter", false)
	if err := r.OptOut(t.Context(), c.ID, "newsletter", false, at(6)); err != nil {
		t.Fatal(err)
	}
	want("and took it back", mail, "newsletter", true)
	list, err := r.Consents(t.Context(), c.ID)
	if err != nil || len(list) != 1 || list[0].Address.String() != mail.String() || !list[0].Allowed || list[0].Actor != "anna" {
		t.Errorf("Consents = %+v, %v", list, err)
	}
}

func TestConsentEndsWhenTheAddressIsGivenUp(t *testing.T) {
	r := empty(t)
	phone := one(t, "phone:0612345678")
	register(t, r, "cno:1", "phone:0612345678", "email:kate@example.org")
	if err := r.SetConsent(t.Context(), phone, "newsletter", true, Actor{Name: "anna", At: noon}); err != nil {
		t.Fatal(err)
	}
	if err := r.Retire(t.Context(), phone, noon.Add(time.Hour), Actor{Name: "anna"}); err != nil {
		t.Fatal(err)
	}
	if ok, err := r.Allowed(t.Context(), phone, "newsletter"); err != nil || ok {
		t.Errorf("Allowed after the number was given up = %v, %v", ok, err)
	}
}

func TestWhoMayHoldAnAddressMayOptOutOfIt(t *testing.T) {
	r := empty(t)
	takeIn(t, r, "id,phone,consent.newsletter\n1,0612345678,yes\n2,0612345678,yes\n", ImportOptions{System: "acme"})
	phone := one(t, "phone:0612345678")
	for _, x := range []string{"crm:acme:1", "crm:acme:2"} {
		if ok, err := r.Allowed(t.Context(), phone, "newsletter"); err != nil || !ok {
			t.Fatalf("Allowed = %v, %v", ok, err)
		}
		c, _, err := r.Owner(t.Context(), one(t, x))
		if err != nil {
			t.Fatal(err)
		}
		if err := r.OptOut(t.Context(), c.ID, "newsletter", true, Actor{Name: "anna", At: noon}); err != nil {
			t.Fatal(err)
		}
		if ok, err := r.Allowed(t.Context(), phone, "newsletter"); err != nil || ok {
			t.Errorf("Allowed after %s opted out = %v, %v", x, ok, err)
		}
		if err := r.OptOut(t.Context(), c.ID, "newsletter", false, Actor{Name: "anna", At: noon.Add(time.Hour)}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestConsentRefusesWhatItCannotKeep(t *testing.T) {
	r := empty(t)
	c := register(t, r, "cno:1", "email:kate@example.org")
	by := Actor{Name: "anna"}
	if err := r.SetConsent(t.Context(), one(t, "email:eve@example.org"), "newsletter", false, by); !errors.Is(err, ErrNone) {
		t.Errorf("SetConsent of an unknown address = %v, want %v", err, ErrNone)
	}
	claim := ids(t, "claimed email:kate@example.org")[0]
	if err := r.SetConsent(t.Context(), claim, "newsletter", true, by); err == nil {
		t.Error("SetConsent let a claim allow something")
	}
	if err := r.SetConsent(t.Context(), claim, "newsletter", false, by); err != nil {
		t.Errorf("SetConsent of a claimed refusal = %v", err)
	}
	if err := r.SetConsent(t.Context(), claim, "News:letter", false, by); err == nil {
		t.Error("SetConsent took a purpose with a colon")
	}
	if err := r.Erase(t.Context(), c.ID, by); err != nil {
		t.Fatal(err)
	}
	if err := r.SetConsent(t.Context(), one(t, "email:kate@example.org"), "newsletter", false, by); !errors.Is(err, ErrGone) {
		t.Errorf("SetConsent of an erased address = %v, want %v", err, ErrGone)
	}
}

func TestWhatAPersonSaidOutdoesAnImport(t *testing.T) {
	r := empty(t)
	take := func(hours int, word string) {
		takeIn(t, r, "id,email,consent.newsletter\n1,kate@example.org,"+word+"\n",
			ImportOptions{System: "acme", By: Actor{Name: "crm", At: noon.Add(time.Duration(hours) * time.Hour)}})
	}
	mail := one(t, "email:kate@example.org")
	check := func(what string, want bool) {
		t.Helper()
		if got, err := r.Allowed(t.Context(), mail, "newsletter"); err != nil || got != want {
			t.Errorf("%s: Allowed = %v, %v, want %v", what, got, err, want)
		}
	}
	take(0, "yes")
	check("imported", true)
	if err := r.SetConsent(t.Context(), mail, "newsletter", false, Actor{Name: "anna", At: noon.Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	take(2, "yes")
	check("an import after a refusal", false)
	if err := r.SetConsent(t.Context(), mail, "newsletter", true, Actor{Name: "anna", At: noon.Add(3 * time.Hour)}); err != nil {
		t.Fatal(err)
	}
	check("a person allowed it", true)
	take(4, "no")
	check("a later import refuses", false)
}

// TestConsentNeverWidens is I14: what is not allowed before customers are joined or parted is not allowed after.
func TestConsentNeverWidens(t *testing.T) {
	r := empty(t)
	addresses := []string{"email:a@example.org", "email:b@example.org", "phone:0612345678", "wa:31612345678", "email:c@example.org"}
	proptest.Check(t, 30, func(t *rapid.T) {
		ctx := context.Background()
		if err := r.store.Redis().FlushAll(ctx).Err(); err != nil {
			t.Fatal(err)
		}
		lines := func(xs ...string) []message.Identifier {
			for i := range xs {
				xs[i] = "vouched " + xs[i]
			}
			return ids(t, xs...)
		}
		var customers []string
		for i, x := range addresses {
			xs := []string{x}
			if rapid.Bool().Draw(t, "numbered") {
				xs = append(xs, fmt.Sprintf("cno:%d", i+1))
			}
			c, err := r.Register(ctx, lines(xs...), "", Actor{Name: "crm", At: noon})
			if err != nil {
				t.Fatal(err)
			}
			customers = append(customers, c.ID)
		}
		purposes := []string{"newsletter", "calls"}
		for range rapid.IntRange(0, 10).Draw(t, "words") {
			by := Actor{Name: "anna", At: noon.Add(time.Duration(rapid.IntRange(0, 5).Draw(t, "hour")) * time.Hour)}
			purpose, yes := rapid.SampledFrom(purposes).Draw(t, "purpose"), rapid.Bool().Draw(t, "yes")
			var err error
			if rapid.Bool().Draw(t, "whole") {
				err = r.OptOut(ctx, rapid.SampledFrom(customers).Draw(t, "customer"), purpose, !yes, by)
			} else {
				err = r.SetConsent(ctx, lines(rapid.SampledFrom(addresses).Draw(t, "address"))[0], purpose, yes, by)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		all := func() map[string]bool {
			out := map[string]bool{}
			for _, x := range addresses {
				for _, p := range append(purposes, Service) {
					ok, err := r.Allowed(ctx, lines(x)[0], p)
					if err != nil {
						t.Fatal(err)
					}
					out[x+" "+p] = ok
				}
			}
			return out
		}
		before := all()
		for range rapid.IntRange(1, 6).Draw(t, "changes") {
			a, b := rapid.SampledFrom(customers).Draw(t, "a"), rapid.SampledFrom(customers).Draw(t, "b")
			x := lines(rapid.SampledFrom(addresses).Draw(t, "x"))[0]
			by := Actor{Name: "anna", Confirm: rapid.Bool().Draw(t, "confirm")}
			what := rapid.SampledFrom([]string{"merge", "unmerge", "link", "split", "see"}).Draw(t, "what")
			switch what { // errors are refusals, which change nothing
			case "merge":
				_, _ = r.Merge(ctx, a, b, by)
			case "unmerge":
				_, _, _ = r.Unmerge(ctx, a, b, by)
			case "link":
				_, _ = r.Link(ctx, x, a, by)
			case "split":
				_, _, _ = r.Split(ctx, a, []message.Identifier{x}, by)
			case "see":
				y := lines(rapid.SampledFrom(addresses).Draw(t, "y"))[0]
				x.Level, y.Level = message.Attested, message.Attested
				if _, err := r.Resolve(ctx, Subject{IDs: []message.Identifier{x, y}}); err != nil {
					t.Fatal(err)
				}
			}
			after := all()
			for k, ok := range after {
				// Parting customers gives back what was allowed before they were joined, and no more.
				if ok && !before[k] {
					t.Fatalf("%s: %s is allowed and was not", what, k)
				}
			}
		}
	})
}

func TestPreferredIsChosenElseWhereAMessageCameFromLast(t *testing.T) {
	r := empty(t)
	c := register(t, r, "cno:1", "email:kate@example.org", "phone:0612345678", "xh:kate", "email:info@example.org")
	check := func(what, purpose, want string) {
		t.Helper()
		x, ok, err := r.Preferred(t.Context(), c.ID, purpose)
		if got := x.String(); err != nil || ok != (want != "") || ok && got != want {
			t.Errorf("%s: Preferred = %v, %v, %v, want %s", what, x, ok, err, want)
		}
	}
	if _, err := r.Resolve(t.Context(), Subject{IDs: ids(t, "attested phone:0612345678"), At: noon.Add(72 * time.Hour)}); err != nil {
		t.Fatal(err)
	}
	r.now = func() time.Time { return noon.Add(100 * time.Hour) }
	if _, err := r.Resolve(t.Context(), Subject{IDs: ids(t, "attested phone:0612345678"), At: noon.Add(72 * time.Hour)}); err != nil {
		t.Fatal(err)
	}
	check("last written from", Service, "phone:+31612345678")
	check("nobody allowed it", "newsletter", "")
	by := Actor{Name: "anna", At: noon}
	if err := r.SetPreferred(t.Context(), c.ID, Service, one(t, "email:kate@example.org"), by); err != nil {
		t.Fatal(err)
	}
	check("chosen", Service, "email:kate@example.org")
	if err := r.SetConsent(t.Context(), one(t, "email:kate@example.org"), Service, false, by); err != nil {
		t.Fatal(err)
	}
	check("chosen and refused", Service, "phone:+31612345678")
	for _, x := range []string{"xh:kate", "email:info@example.org", "email:eve@example.org", "cno:1"} {
		if err := r.SetPreferred(t.Context(), c.ID, Service, one(t, x), by); err == nil {
			t.Errorf("SetPreferred took %s", x)
		}
	}
	if err := r.SetConsent(t.Context(), one(t, "email:kate@example.org"), Service, true, Actor{Name: "anna", At: noon.Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	check("allowed again", Service, "email:kate@example.org")
	if err := r.SetPreferred(t.Context(), c.ID, Service, message.Identifier{}, Actor{Name: "anna", At: noon.Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	check("choice taken back", Service, "phone:+31612345678")
}
