package identity

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"loket/internal/message"
	"loket/internal/store/storetest"
)

// I18: what very many people use costs no more than anything else, and its record stays small.
func TestAHubCostsNoMore(t *testing.T) {
	r := empty(t)
	var trips counter
	send := func(n int) Result {
		res, err := r.Resolve(t.Context(), Subject{
			IDs: ids(t, fmt.Sprintf("attested bsuid:p:NL.%d", 1000+n), "attested wa:31612345678"), At: noon, Brief: true,
		})
		if err != nil {
			t.Fatal(err)
		}
		return res
	}
	for n := range 40 {
		send(n)
	}
	r.store.Redis().AddHook(&trips)
	before := r.store.Redis().StrLen(t.Context(), groupKey(ownGroup("wa:31612345678"))).Val()
	trips.n.Store(0)
	seen := map[string]bool{}
	for n := 40; n < 140; n++ {
		res := send(n)
		if !res.Created || res.Assurance != message.Attested {
			t.Fatalf("Resolve of number %d = %+v", n, res)
		}
		seen[res.Customer] = true
	}
	if got := trips.n.Load(); got > 220 {
		t.Errorf("100 new senders with a shared number take %d round trips, want 2 each", got)
	}
	if len(seen) != 100 {
		t.Errorf("100 senders with a shared number are %d customers", len(seen))
	}
	after := customerRecord(t, r, "wa:31612345678")
	if before == 0 {
		before = int64(len(after))
	}
	if int64(len(after)) > before || len(after) > 4000 {
		t.Errorf("the record grew from %d to %d bytes", before, len(after))
	}
	if n := r.store.Redis().HGet(t.Context(), hubKey(), "wa:31612345678").Val(); n < "100" {
		t.Errorf("counted %s besides, want at least 100", n)
	}
	trips.n.Store(0)
	for n := range 20 {
		send(n)
	}
	if got := trips.n.Load(); got != 20 {
		t.Errorf("20 known senders with a shared number take %d round trips, want one each", got)
	}
	sound(t, r)
}

// customerRecord is the record that an identifier stands in.
func customerRecord(t *testing.T, r *Registry, x string) string {
	t.Helper()
	v, err := r.view(t.Context(), x)
	if err != nil {
		t.Fatal(err)
	}
	return v.groups[v.home[x]]
}

func TestManyRegisteredWithOneNumberShowIt(t *testing.T) {
	r := empty(t)
	var last *Customer
	for n := range 30 {
		c, err := r.Register(t.Context(), vouched(t, fmt.Sprintf("cno:%d", n+1), "phone:+31201234567"), "", Actor{Name: "crm", At: noon.Add(time.Duration(n) * time.Minute)})
		if err != nil && !errors.Is(err, ErrConflict) {
			t.Fatal(err)
		}
		last = c
	}
	if got := holds(customer(t, r, last.ID)); got != "cno:30 phone:+31201234567*" {
		t.Errorf("the last holds %s", got)
	}
	_, who, err := r.Owner(t.Context(), one(t, "phone:+31201234567"))
	if err != nil || len(who) < 3 || len(who) > maxPartners+1 {
		t.Errorf("Owner names %d candidates, %v", len(who), err)
	}
	if len(customerRecord(t, r, "phone:+31201234567")) > 4000 {
		t.Error("the record of the shared number grows")
	}
	sound(t, r)
}

// S12: too many joins in a short time are only suggested.
func TestTooManyJoinsTrip(t *testing.T) {
	s := storetest.New(t)
	for _, tc := range []struct {
		name   string
		limits Limits
	}{
		{"of a customer", Limits{PerCustomer: 2, PerIdentifier: 100, PerMinute: 100}},
		{"of an identifier", Limits{PerCustomer: 100, PerIdentifier: 2, PerMinute: 100}},
		{"of all", Limits{PerCustomer: 100, PerIdentifier: 100, PerMinute: 2}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := emptied(t, s)
			r.limits = tc.limits
			for n := range 4 {
				shows(t, r, fmt.Sprintf("email:a%d@example.org", n))
			}
			joined, apart := 0, Result{}
			for n := 1; n < 4; n++ {
				res := shows(t, r, "email:a0@example.org", fmt.Sprintf("email:a%d@example.org", n))
				if res.Contested {
					apart = res
					continue
				}
				joined++
			}
			if joined != 2 || len(apart.Conflicts) != 1 || apart.Assurance != message.Claimed || apart.Customer == "" {
				t.Errorf("joined %d, then %+v; want 2, then a conflict", joined, apart)
			}
			if n := r.store.Redis().ZCard(t.Context(), suggestionsKey()).Val(); n != 1 {
				t.Errorf("%d suggestions, want 1", n)
			}
			list := vouched(t, "email:a0@example.org", "email:a1@example.org", "email:a2@example.org", "email:a3@example.org")
			if _, err := r.Register(t.Context(), list, "", Actor{Name: "crm"}); !errors.Is(err, ErrLimit) {
				t.Errorf("Register = %v, want %v", err, ErrLimit)
			}
			if c, err := r.Register(t.Context(), list, "", Actor{Name: "crm", Confirm: true}); err != nil || len(c.Held) != 4 {
				t.Errorf("Register with Confirm = %+v, %v", c, err)
			}
			sound(t, r)
		})
	}
}

// I8: the same again changes nothing, and the log does not grow.
func TestTheSameAgainChangesNothing(t *testing.T) {
	r := empty(t)
	a, b := register(t, r, "cno:1", "email:a@example.org"), register(t, r, "cno:2", "email:b@example.org")
	by := Actor{Name: "anna", At: noon, Confirm: true}
	x := one(t, "phone:0612345678")
	for _, tc := range []struct {
		name string
		do   func() error
	}{
		{"resolve", func() error { shows(t, r, "xu:5", "xh:kate", "email:a@example.org"); return nil }},
		{"register", func() error { register(t, r, "cno:3", "email:c@example.org"); return nil }},
		{"link", func() error { _, err := r.Link(t.Context(), x, a.ID, by); return err }},
		{"merge", func() error { _, err := r.Merge(t.Context(), a.ID, b.ID, by); return err }},
		{"unmerge", func() error {
			_, _, err := r.Unmerge(t.Context(), a.ID, b.ID, Actor{Name: "anna", At: noon.Add(time.Hour)})
			return err
		}},
		{"share", func() error { return r.Share(t.Context(), x, true, by) }},
		{"unshare", func() error { return r.Share(t.Context(), x, false, Actor{Name: "anna", At: noon.Add(time.Hour)}) }},
		{"retire", func() error { return r.Retire(t.Context(), x, noon, by) }},
	} {
		if err := tc.do(); err != nil {
			t.Fatalf("%s: %v", tc.name, err)
		}
		before := changes(t, r.store)
		if err := tc.do(); err != nil {
			t.Fatalf("%s again: %v", tc.name, err)
		}
		if after := changes(t, r.store); after != before {
			t.Errorf("%s again writes: %s, then %s", tc.name, before, after)
		}
	}
	sound(t, r)
}

// I4: whatever somebody claims, nothing is written.
func TestClaimsAreNotWritten(t *testing.T) {
	r, _ := withCustomers(t)
	before := changes(t, r.store)
	for _, brief := range []bool{true, false} {
		_, err := r.Resolve(t.Context(), Subject{
			IDs: ids(t, "claimed email:kate@example.org", "claimed cno:1002", "claimed phone:+31612345600", "mentioned xu:9", "proven session:1"),
			At:  noon, Brief: brief, Message: "m", Name: "Mallory",
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if after := changes(t, r.store); after != before {
		t.Errorf("claims are written: %s, then %s", before, after)
	}
	if _, err := r.Register(t.Context(), ids(t, "vouched cno:5", "claimed email:x@example.org"), "", Actor{Name: "crm"}); err == nil || !strings.Contains(err.Error(), "claim") {
		t.Errorf("Register with a claim = %v", err)
	}
}

func TestTheLogIsRead(t *testing.T) {
	r := empty(t)
	a, b := register(t, r, "cno:1", "email:a@example.org"), shows(t, r, "xu:5")
	for n := range 5 {
		if err := r.Share(t.Context(), one(t, "email:a@example.org"), n%2 == 0, Actor{Name: "anna", Reason: fmt.Sprint("reason ", n)}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := r.Merge(t.Context(), a.ID, b.Customer, Actor{Name: "anna", Reason: "asked"}); err != nil {
		t.Fatal(err)
	}
	var ops []string
	cursor := ""
	for range 10 {
		list, next, err := r.Log(t.Context(), b.Customer, 3, cursor)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range list {
			ops = append(ops, e.Op)
		}
		if cursor = next; cursor == "" {
			break
		}
	}
	if got := strings.Join(ops, " "); got != "merge share share share share share create create" {
		t.Errorf("the log says %s", got)
	}
	list, _, err := r.Log(t.Context(), a.ID, 2, "")
	if err != nil || list[0].Reason != "asked" || list[1].Identifiers[0] != "email:a@example.org" || list[1].Reason != "reason 4" || list[1].At.IsZero() {
		t.Errorf("Log = %+v, %v", list, err)
	}
}

// A stranger who takes a freed number is somebody else, and the one who gave it up keeps everything else.
func TestUnlinkOfTheFirstIdentifierKeepsTheID(t *testing.T) {
	r := empty(t)
	first := shows(t, r, "email:a@example.org", "xu:5")
	a := register(t, r, "cno:1", "email:a@example.org")
	if a.ID != first.Customer || len(a.Held) != 3 {
		t.Fatalf("Register = %+v", a)
	}
	c, err := r.Unlink(t.Context(), one(t, "xu:5"), Actor{Name: "anna"})
	if err != nil || c.ID != a.ID || holds(c) != "cno:1 email:a@example.org" {
		t.Errorf("Unlink = %+v, %v", c, err)
	}
	if res := shows(t, r, "xu:5", "email:a@example.org"); !res.Contested || res.Assurance != message.Claimed {
		t.Errorf("Resolve of both = %+v", res)
	}
	if got := customer(t, r, a.ID); holds(got) != holds(c) {
		t.Errorf("it came back: %s", holds(got))
	}
	c, err = r.Link(t.Context(), one(t, "xu:5"), a.ID, Actor{Name: "anna", Confirm: true})
	if err != nil || holds(c) != "cno:1 email:a@example.org xu:5" {
		t.Errorf("Link after Unlink = %+v, %v", c, err)
	}
	sound(t, r)
}
