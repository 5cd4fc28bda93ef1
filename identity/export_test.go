package identity

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"loket/internal/proptest"
)

func TestExportIsEverythingOfOneAndNothingOfOthers(t *testing.T) {
	r := empty(t)
	takeIn(t, r, crm, ImportOptions{System: "acme"})
	takeIn(t, r, "id,email,phone\n9,kate@example.org,0687654321\n", ImportOptions{System: "acme"})
	c, _, err := r.Owner(t.Context(), one(t, "cno:1001"))
	if err != nil {
		t.Fatal(err)
	}
	a, err := r.Archive(t.Context(), c.ID)
	if err != nil || a.Customer != c.ID || len(a.Log) == 0 || len(a.Suggestions) == 0 {
		t.Fatalf("Archive = %+v, %v", a, err)
	}
	written, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Kate Bush", "kate@work.example", "+31612345678", "newsletter", "Utrecht", "1001", "import:acme", "another customer", "preferred"} {
		if !strings.Contains(strings.ToLower(string(written)), strings.ToLower(want)) {
			t.Errorf("%q is not in the archive", want)
		}
	}
	for _, other := range []string{"+31687654321", "crm:acme:9", "anna@example.org"} {
		if strings.Contains(string(written), other) {
			t.Errorf("%q is another's and in the archive", other)
		}
	}
	if t.Failed() {
		t.Logf("%s", written)
	}
	if _, err := r.Archive(t.Context(), "01ARZ3NDEKTSV4RRFFQ69G5FAV"); !errors.Is(err, ErrNone) {
		t.Errorf("Archive of nobody = %v, want %v", err, ErrNone)
	}
}

// everything is all that the store holds, keys and values.
func everything(t interface{ Fatal(...any) }, r *Registry) string {
	ctx := context.Background()
	rdb := r.store.Redis()
	keys, err := rdb.Keys(ctx, "*").Result()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, key := range keys {
		fmt.Fprintf(&b, "%s=", key)
		switch kind := rdb.Type(ctx, key).Val(); kind {
		case "string":
			fmt.Fprint(&b, rdb.Get(ctx, key).Val())
		case "hash":
			fmt.Fprint(&b, rdb.HGetAll(ctx, key).Val())
		case "zset":
			fmt.Fprint(&b, rdb.ZRange(ctx, key, 0, -1).Val())
		case "list":
			fmt.Fprint(&b, rdb.LRange(ctx, key, 0, -1).Val())
		case "stream":
			fmt.Fprint(&b, rdb.XRange(ctx, key, "-", "+").Val())
		case "set":
			fmt.Fprint(&b, rdb.SMembers(ctx, key).Val())
		default:
			t.Fatal("key of kind ", kind)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// TestEraseLeavesNothingOfWhatWasImported is I16 for all that is imported, searched, allowed and suggested.
func TestEraseLeavesNothingOfWhatWasImported(t *testing.T) {
	r := empty(t)
	proptest.Check(t, 30, func(t *rapid.T) {
		ctx := context.Background()
		if err := r.store.Redis().FlushAll(ctx).Err(); err != nil {
			t.Fatal(err)
		}
		rows := rapid.SliceOfN(rapid.Custom(aRow), 1, 6).Draw(t, "rows")
		var text bytes.Buffer
		for _, row := range rows {
			row.Name = ""
			_ = json.NewEncoder(&text).Encode(row)
		}
		// Somebody who shares a name and part of the numbers with them.
		_ = json.NewEncoder(&text).Encode(Row{
			ID: "77", Name: "Kate Zwanenburg", Emails: []string{"kate.zwan+a@gmail.com"}, Phones: []string{"+31687651234"},
			Attributes: map[string]string{"street": "Zwanenweg"}, Consent: map[string]YesNo{"newsletter": true}, Preferred: "email",
		})
		_ = json.NewEncoder(&text).Encode(Row{System: "b", ID: "1", Emails: []string{"katezwan@gmail.com"}})
		opt := ImportOptions{System: "acme", By: Actor{Name: "anna", At: noon}}
		rep, err := r.Import(ctx, bytes.NewReader(text.Bytes()), opt)
		if err != nil {
			t.Fatal(err)
		}
		for {
			n, err := r.Suggest(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if n == 0 {
				break
			}
		}
		owner := func(x string) *Customer {
			c, _, err := r.Owner(ctx, ids(t, "vouched "+x)[0])
			if err != nil {
				t.Fatal(err, rep)
			}
			return c
		}
		c := owner("crm:acme:77")
		if err := r.OptOut(ctx, c.ID, "calls", true, Actor{Name: "anna"}); err != nil {
			t.Fatal(err)
		}
		before := everything(t, r)
		traces := []string{"wanenburg", "kate.zwan", "87651234", "43215678", "wanenweg", "crm:acme:77", "lk:{reg}:n:cid:" + c.ID}
		for _, s := range traces {
			if !strings.Contains(before, s) {
				t.Fatalf("%q is not in the store before: the test says nothing", s)
			}
		}
		if !strings.Contains(before, c.ID+"+") && !strings.Contains(before, "+"+c.ID) {
			t.Fatal("no suggestion about the customer: the test says nothing")
		}
		if err := r.Erase(ctx, c.ID, Actor{Name: "anna"}); err != nil {
			t.Fatal(err)
		}
		after := everything(t, r)
		for _, s := range append(traces, c.ID+"+", "+"+c.ID) {
			if strings.Contains(strings.ToLower(after), strings.ToLower(s)) {
				t.Fatalf("%q is in the store after erasing:\n%s", s, after)
			}
		}
		again, err := r.Import(ctx, bytes.NewReader(text.Bytes()), opt)
		if err != nil || again.Bad != rep.Bad+1 {
			t.Fatalf("Import after erasing = %+v, %v", again, err)
		}
		if diff := cmp.Diff(traces[:0], slices.DeleteFunc(slices.Clone(traces), func(s string) bool {
			return !strings.Contains(everything(t, r), s)
		})); diff != "" {
			t.Fatalf("what was erased came back (-want +got):\n%s", diff)
		}
	})
}
