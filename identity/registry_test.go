package identity

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"loket/internal/message"
	"loket/internal/store"
	"loket/internal/store/storetest"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

func empty(tb testing.TB) *Registry {
	tb.Helper()
	return emptied(tb, storetest.New(tb))
}

// emptied is a registry without anybody on a store that had one before: a test of many cases starts one Redis.
func emptied(tb testing.TB, s *store.Store) *Registry {
	tb.Helper()
	if err := s.Redis().FlushAll(tb.Context()).Err(); err != nil {
		tb.Fatal(err)
	}
	return New(s, Config{Region: "NL", Key: []byte("a key of the tests")})
}

func register(tb testing.TB, r *Registry, lines ...string) *Customer {
	tb.Helper()
	c, err := r.Register(tb.Context(), vouched(tb, lines...), "", Actor{Name: "crm", At: noon})
	if err != nil {
		tb.Fatalf("Register(%q) = %v", lines, err)
	}
	return c
}

func vouched(tb testing.TB, lines ...string) []message.Identifier {
	tb.Helper()
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = "vouched " + l
	}
	return ids(tb, out...)
}

func one(tb testing.TB, line string) message.Identifier {
	tb.Helper()
	return vouched(tb, line)[0]
}

// shows resolves a sender whom a platform attests.
func shows(tb testing.TB, r *Registry, lines ...string) Result {
	tb.Helper()
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = "attested " + l
	}
	res, err := r.Resolve(tb.Context(), Subject{IDs: ids(tb, out...), At: noon, Message: "m1"})
	if err != nil {
		tb.Fatalf("Resolve(%q) = %v", lines, err)
	}
	return res
}

// holds lists a customer's identifiers with what is special about them.
func holds(c *Customer) string {
	var out []string
	for _, h := range c.Held {
		s := h.String()
		for i, on := range []bool{h.Contested, h.Shared, h.Retired} {
			if on {
				s += string("?*-"[i])
			}
		}
		out = append(out, s)
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

func customer(tb testing.TB, r *Registry, id string) *Customer {
	tb.Helper()
	c, err := r.Customer(tb.Context(), id)
	if err != nil {
		tb.Fatalf("Customer(%s) = %v", id, err)
	}
	return c
}

func sound(tb testing.TB, r *Registry) {
	tb.Helper()
	problems, err := r.Check(tb.Context())
	if err != nil || len(problems) > 0 {
		tb.Errorf("Check = %q, %v", problems, err)
	}
}

func TestRegisterMakesAndBinds(t *testing.T) {
	r := empty(t)
	first := shows(t, r, "email:kate@example.org")
	if !first.Created || first.Customer == "" || first.Assurance != message.Attested {
		t.Fatalf("Resolve of a new sender = %+v", first)
	}
	if again := shows(t, r, "email:kate@example.org"); again.Created || again.Customer != first.Customer {
		t.Errorf("Resolve again = %+v", again)
	}
	c := register(t, r, "cno:1001", "email:kate@example.org", "phone:0612345678")
	if c.ID != first.Customer || holds(c) != "cno:1001 email:kate@example.org phone:+31612345678" {
		t.Errorf("Register = %s %s, want %s", c.ID, holds(c), first.Customer)
	}
	if again := register(t, r, "phone:0612345678", "cno:1001", "email:kate@example.org"); again.Version != c.Version || again.ID != c.ID {
		t.Errorf("Register again = %+v, want version %d", again, c.Version)
	}
	sound(t, r)
}

func TestAnIdentifierOfTwoIsContestedThenShared(t *testing.T) {
	r := empty(t)
	a := register(t, r, "cno:1", "phone:0612345678")
	b, err := r.Register(t.Context(), vouched(t, "cno:2", "phone:0612345678"), "", Actor{Name: "crm", At: noon.Add(time.Hour)})
	if !errors.Is(err, ErrConflict) || b == nil || b.ID == a.ID {
		t.Fatalf("Register of another's number = %v, %v, want %v and the customer", b, err, ErrConflict)
	}
	res := shows(t, r, "phone:0612345678")
	if res.Customer != "" || !res.Contested || len(res.Candidates) != 2 || res.Assurance != message.Claimed {
		t.Errorf("Resolve of a contested number = %+v", res)
	}
	if _, who, err := r.Owner(t.Context(), one(t, "phone:0612345678")); err != nil || len(who) != 2 {
		t.Errorf("Owner = %v, %v", who, err)
	}
	c := register(t, r, "cno:3", "phone:0612345678")
	if holds(c) != "cno:3 phone:+31612345678*" {
		t.Errorf("the third holds %s", holds(c))
	}
	if got := holds(customer(t, r, a.ID)); got != "cno:1 phone:+31612345678*" {
		t.Errorf("the first holds %s", got)
	}
	res = shows(t, r, "phone:0612345678")
	if res.Customer != "" || len(res.Candidates) != 3 {
		t.Errorf("Resolve of a shared number = %+v", res)
	}
	sound(t, r)
}

func TestMergeAndUnmerge(t *testing.T) {
	r := empty(t)
	a, b := register(t, r, "cno:1", "email:a@example.org"), register(t, r, "cno:2", "email:b@example.org")
	if _, err := r.Merge(t.Context(), a.ID, b.ID, Actor{Name: "anna"}); !errors.Is(err, ErrAnchored) {
		t.Errorf("Merge = %v, want %v", err, ErrAnchored)
	}
	m, err := r.Merge(t.Context(), b.ID, a.ID, Actor{Name: "anna", Confirm: true, Reason: "one person"})
	if err != nil || m.ID != a.ID || !slices.Equal(m.Former, []string{b.ID}) || len(m.Held) != 4 {
		t.Fatalf("Merge = %+v, %v", m, err)
	}
	if got := customer(t, r, b.ID); got.ID != a.ID {
		t.Errorf("the former id leads to %s", got.ID)
	}
	sound(t, r)
	entries, _, err := r.Log(t.Context(), a.ID, 0, "")
	if err != nil || len(entries) != 3 || entries[0].Op != "merge" || entries[0].Reason != "one person" {
		t.Errorf("Log = %+v, %v", entries, err)
	}
	x, y, err := r.Unmerge(t.Context(), a.ID, b.ID, Actor{Name: "anna"})
	if err != nil || holds(x) != holds(a) || holds(y) != holds(b) || x.ID != a.ID || y.ID != b.ID {
		t.Errorf("Unmerge = %+v, %+v, %v", x, y, err)
	}
	sound(t, r)
}

func TestLinkNeverMoves(t *testing.T) {
	r := empty(t)
	a, b := register(t, r, "cno:1", "email:a@example.org"), register(t, r, "cno:2", "email:b@example.org")
	c, err := r.Link(t.Context(), one(t, "phone:0612345678"), a.ID, Actor{Name: "anna"})
	if err != nil || holds(c) != "cno:1 email:a@example.org phone:+31612345678" {
		t.Fatalf("Link = %v, %v", c, err)
	}
	c, err = r.Link(t.Context(), one(t, "phone:0612345678"), b.ID, Actor{Name: "anna"})
	if !errors.Is(err, ErrConflict) || holds(c) != holds(b) {
		t.Errorf("Link of another's = %v, %v", c, err)
	}
	if res := shows(t, r, "phone:0612345678"); !res.Contested || res.Customer != "" {
		t.Errorf("Resolve = %+v", res)
	}
	c, err = r.Unlink(t.Context(), one(t, "phone:0612345678"), Actor{Name: "anna"})
	if err != nil || c.ID != a.ID || holds(c) != holds(a) {
		t.Errorf("Unlink = %v, %v", c, err)
	}
	if res := shows(t, r, "phone:0612345678"); res.Customer != b.ID || res.Contested {
		t.Errorf("Resolve after Unlink = %+v, want %s", res, b.ID)
	}
	sound(t, r)
}

func TestLinkOfSomebodyElsesOnlySuggests(t *testing.T) {
	r := empty(t)
	a := register(t, r, "cno:1", "email:a@example.org")
	b := shows(t, r, "bsuid:p1:NL.1234", "wa:31612345678")
	if _, err := r.Link(t.Context(), one(t, "wa:31612345678"), a.ID, Actor{Name: "anna"}); !errors.Is(err, ErrConflict) {
		t.Errorf("Link = %v, want %v", err, ErrConflict)
	}
	if got := shows(t, r, "wa:31612345678"); got.Customer != b.Customer || got.Contested {
		t.Errorf("Resolve = %+v, want %s", got, b.Customer)
	}
	c, err := r.Link(t.Context(), one(t, "wa:31612345678"), a.ID, Actor{Name: "anna", Confirm: true})
	if err != nil || c.ID != a.ID || len(c.Held) != 4 {
		t.Errorf("Link with Confirm = %v, %v", c, err)
	}
	sound(t, r)
}

func TestSplit(t *testing.T) {
	r := empty(t)
	a := register(t, r, "cno:1", "email:a@example.org", "phone:0612345678", "xu:5")
	kept, fresh, err := r.Split(t.Context(), a.ID, vouched(t, "phone:0612345678", "xu:5"), Actor{Name: "anna"})
	if err != nil || kept.ID != a.ID || holds(kept) != "cno:1 email:a@example.org" || holds(fresh) != "phone:+31612345678 xu:5" {
		t.Fatalf("Split = %v, %v, %v", kept, fresh, err)
	}
	if res := shows(t, r, "xu:5", "email:a@example.org"); res.Customer != fresh.ID || !res.Contested || res.Assurance != message.Claimed {
		t.Errorf("Resolve of both sides = %+v", res)
	}
	if got := customer(t, r, a.ID); holds(got) != holds(kept) {
		t.Errorf("they came together again: %s", holds(got))
	}
	sound(t, r)
}

func TestHandlesPinWhoBoreThem(t *testing.T) {
	r := empty(t)
	kate := register(t, r, "cno:1", "email:kate@example.org", "xh:kate")
	if holds(kate) != "cno:1 email:kate@example.org xh:kate" {
		t.Errorf("Register = %s", holds(kate))
	}
	res := shows(t, r, "xh:kate", "xu:5")
	if res.Customer != kate.ID || res.Assurance != message.Attested {
		t.Errorf("Resolve of the bearer = %+v, want %s", res, kate.ID)
	}
	if again := shows(t, r, "xh:kate", "xu:5"); again.Customer != kate.ID {
		t.Errorf("Resolve again = %+v", again)
	}
	late, err := r.Resolve(t.Context(), Subject{IDs: ids(t, "attested xh:kate", "attested xu:6"), At: noon.Add(48 * time.Hour)})
	if err != nil || late.Customer == kate.ID || late.Customer == "" {
		t.Errorf("Resolve of a stranger who took the handle = %+v, %v", late, err)
	}
	if res := shows(t, r, "xu:5"); res.Customer != kate.ID {
		t.Errorf("Resolve of the bearer under another name = %+v", res)
	}
	sound(t, r)
}

func TestRetireKeepsTheCustomer(t *testing.T) {
	r := empty(t)
	first := shows(t, r, "phone:0612345678")
	a := register(t, r, "cno:1", "phone:0612345678")
	if a.ID != first.Customer {
		t.Fatal("not bound")
	}
	if err := r.Retire(t.Context(), one(t, "phone:0612345678"), time.Time{}, Actor{Name: "anna"}); err != nil {
		t.Fatal(err)
	}
	if got := customer(t, r, a.ID); holds(got) != "cno:1 phone:+31612345678-" {
		t.Errorf("customer holds %s", holds(got))
	}
	r.now = func() time.Time { return time.Now().Add(time.Hour) }
	res, err := r.Resolve(t.Context(), Subject{IDs: ids(t, "attested phone:0612345678")})
	if err != nil || res.Customer == a.ID || !res.Created {
		t.Errorf("Resolve of the next holder = %+v, %v", res, err)
	}
	sound(t, r)
}

func TestBlockAndShare(t *testing.T) {
	r := empty(t)
	a := register(t, r, "cno:1", "phone:0612345678", "email:front@example.org")
	x := one(t, "phone:0612345678")
	for _, op := range []struct {
		name string
		do   func(on bool) error
	}{
		{"block", func(on bool) error { return r.Block(t.Context(), x, on, Actor{Name: "anna"}) }},
		{"share", func(on bool) error { return r.Share(t.Context(), x, on, Actor{Name: "anna"}) }},
	} {
		if err := op.do(true); err != nil {
			t.Fatal(err)
		}
		res := shows(t, r, "phone:0612345678")
		if res.Customer != "" || (op.name == "share") != (len(res.Candidates) == 1) {
			t.Errorf("Resolve after %s = %+v", op.name, res)
		}
		sound(t, r)
		if err := op.do(false); err != nil {
			t.Fatal(err)
		}
		if res := shows(t, r, "phone:0612345678"); res.Customer != a.ID {
			t.Errorf("Resolve after un%s = %+v, want %s", op.name, res, a.ID)
		}
		sound(t, r)
	}
}

func TestEraseLeavesNothing(t *testing.T) {
	r := empty(t)
	a := register(t, r, "cno:1", "email:kate@example.org", "phone:0612345678", "xh:kate")
	b := register(t, r, "cno:2", "email:anna@example.org")
	if _, err := r.Link(t.Context(), one(t, "email:kate@example.org"), b.ID, Actor{Name: "anna"}); !errors.Is(err, ErrConflict) {
		t.Fatal(err)
	}
	if err := r.Erase(t.Context(), a.ID, Actor{Name: "anna"}); err != nil {
		t.Fatal(err)
	}
	if err := r.Erase(t.Context(), a.ID, Actor{Name: "anna"}); !errors.Is(err, ErrGone) {
		t.Errorf("Erase again = %v, want %v", err, ErrGone)
	}
	if _, err := r.Customer(t.Context(), a.ID); !errors.Is(err, ErrGone) {
		t.Errorf("Customer = %v, want %v", err, ErrGone)
	}
	nowhere(t, r.store, "kate", "31612345678", "cno:1\"", "cno:1;")
	if _, err := r.Register(t.Context(), vouched(t, "cno:9", "email:kate@example.org"), "", Actor{Name: "crm"}); !errors.Is(err, ErrGone) {
		t.Errorf("Register of what was erased = %v, want %v", err, ErrGone)
	}
	if res := shows(t, r, "email:kate@example.org"); res.Customer != "" || res.Created {
		t.Errorf("Resolve of what was erased = %+v", res)
	}
	if got := holds(customer(t, r, b.ID)); got != "cno:2 email:anna@example.org" {
		t.Errorf("the other holds %s", got)
	}
	sound(t, r)
}

// nowhere looks through every key and value of the store.
func nowhere(t *testing.T, s *store.Store, words ...string) {
	t.Helper()
	rdb := s.Redis()
	for _, key := range rdb.Keys(t.Context(), "*").Val() {
		all := key
		switch rdb.Type(t.Context(), key).Val() {
		case "string":
			all += rdb.Get(t.Context(), key).Val()
		case "list":
			all += strings.Join(rdb.LRange(t.Context(), key, 0, -1).Val(), " ")
		case "hash":
			for f, v := range rdb.HGetAll(t.Context(), key).Val() {
				all += f + v
			}
		case "zset":
			all += strings.Join(rdb.ZRange(t.Context(), key, 0, -1).Val(), " ")
		case "stream":
			for _, e := range rdb.XRange(t.Context(), key, "-", "+").Val() {
				all += e.Values["e"].(string)
			}
		}
		for _, w := range words {
			if strings.Contains(all, w) {
				t.Errorf("%s still has %q: %s", key, w, all)
			}
		}
	}
}

func TestWhy(t *testing.T) {
	r := empty(t)
	register(t, r, "cno:1", "email:a@example.org", "phone:0612345678")
	_, _ = r.Register(t.Context(), vouched(t, "cno:2", "phone:0612345678"), "", Actor{Name: "crm", At: noon.Add(time.Hour)})
	e, err := r.Why(t.Context(), one(t, "email:a@example.org"), one(t, "phone:0612345678"))
	if err != nil || !e.Same || len(e.Steps) != 2 || e.Steps[0].Evidence != "crm" || e.Steps[1].B.Kind != "phone" || e.Steps[0].A.Kind != "email" {
		t.Errorf("Why = %+v, %v", e, err)
	}
	e, err = r.Why(t.Context(), one(t, "cno:2"), one(t, "phone:0612345678"))
	if err != nil || e.Same || e.Rule != string(anchored) || len(e.Steps) != 1 {
		t.Errorf("Why of what was refused = %+v, %v", e, err)
	}
}
