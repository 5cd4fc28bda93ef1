package identity

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"loket/internal/words"
)

func TestSearch(t *testing.T) {
	r := empty(t)
	takeIn(t, r, `id,customer_no,name,email,phone,identifier
1,1001,Kate Bush,kate@example.org,06 12345678,
2,1002,Anna van der Berg,anna@example.org,0201234567,xh:anna
3,1003,Zoë Štěpánková,,06 87654321,bsuid:7:NL.abc123
4,,,,,bsuid:7:NL.xyz789
`, ImportOptions{System: "acme"})
	for _, tc := range []struct{ query, want string }{
		{"email:kate@example.org", "1001"},
		{" Kate@Example.ORG ", "1001"},
		{"0612345678", "1001"},
		{"+31 6 1234 5678", "1001"},
		{"5678", "1001"},
		{"56", ""},
		{"1001", "1001"},
		{"kat", "1001"},
		{"BUSH", "1001"},
		{"bush kate", "1001"},
		{"berg", "1002"},
		{"van der berg", "1002"},
		{"@anna", "1002"},
		{"zoe step", "1003"},
		{"stepankova", "1003"},
		{"NL.abc123", "1003"},
		{"bsuid:7:NL.xyz789", "4"},
		{"NL.xyz789", "4"},
		{"crm:acme:4", "4"},
		{"4321", "1003"},
		{"a", ""},
		{"", ""},
		{"nobody", ""},
		{"email:", ""},
	} {
		list, err := r.Search(t.Context(), tc.query, 10)
		var got []string
		for _, c := range list {
			no := ""
			for _, h := range c.Held {
				if h.Kind == "cno" || h.Kind == "crm" && no == "" {
					no = h.Value
				}
			}
			got = append(got, no)
		}
		if err != nil || strings.Join(got, " ") != tc.want {
			t.Errorf("Search(%q) = %q, %v, want %q", tc.query, got, err, tc.want)
		}
	}
	c, _, err := r.Owner(t.Context(), one(t, "cno:1001"))
	if err != nil {
		t.Fatal(err)
	}
	if list, err := r.Search(t.Context(), strings.ToLower(c.ID), 1); err != nil || len(list) != 1 || list[0].ID != c.ID {
		t.Errorf("Search of an id = %v, %v", list, err)
	}
}

func TestSearchFollowsMergesNamesAndErasure(t *testing.T) {
	r := empty(t)
	takeIn(t, r, "id,name,phone\n1,Kate Bush,0612345678\n", ImportOptions{System: "acme"})
	takeIn(t, r, "id,name,phone\n1,Catherine Bush,0687654321\n", ImportOptions{System: "other"})
	owner := func(x string) *Customer {
		c, _, err := r.Owner(t.Context(), one(t, x))
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	a, b := owner("crm:acme:1"), owner("crm:other:1")
	names := func(query string) []string {
		list, err := r.Search(t.Context(), query, 0)
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, c := range list {
			out = append(out, c.ID)
		}
		return out
	}
	if got := names("bush"); len(got) != 2 {
		t.Errorf("Search before the merge = %v, want two", got)
	}
	if _, err := r.Merge(t.Context(), a.ID, b.ID, Actor{Name: "anna"}); err != nil {
		t.Fatal(err)
	}
	oldest := owner("crm:acme:1").ID
	for _, query := range []string{"bush", "cather", "kate", "5678", "4321", a.ID, b.ID} {
		if diff := cmp.Diff([]string{oldest}, names(query)); diff != "" {
			t.Errorf("Search(%q) after the merge (-want +got):\n%s", query, diff)
		}
	}
	takeIn(t, r, "id,name,phone\n1,Kate Smith,0612345678\n",
		ImportOptions{System: "acme", By: Actor{Name: "anna", At: noon.Add(1)}})
	if got := names("kate b"); got != nil {
		t.Errorf("Search of a former name = %v", got)
	}
	if err := r.Erase(t.Context(), oldest, Actor{Name: "anna"}); err != nil {
		t.Fatal(err)
	}
	for _, query := range []string{"bush", "smith", "5678", a.ID, b.ID, "0612345678"} {
		if got := names(query); got != nil {
			t.Errorf("Search(%q) after erasing = %v", query, got)
		}
	}
	if n := r.store.Redis().ZLexCount(t.Context(), searchKey(), "-", "(v").Val(); n != 0 {
		t.Errorf("%d entries are left", n)
	}
	if left := r.store.Redis().Keys(t.Context(), phonesKey("*")).Val(); len(left) != 0 {
		t.Errorf("phone numbers are left: %v", left)
	}
}

func TestSearchGivesAllWhoShareANumber(t *testing.T) {
	r := empty(t)
	register(t, r, "cno:1", "phone:0612345678")
	takeIn(t, r, "id,phone\n1,0612345678\n2,0612345678\n", ImportOptions{System: "acme"})
	list, err := r.Search(t.Context(), "2345678", 10)
	if err != nil || len(list) < 2 {
		t.Errorf("Search = %d customers, %v, want all who have it", len(list), err)
	}
}

func TestFoldAndLooseForms(t *testing.T) {
	for in, want := range map[string]string{"  Anne-Marie  O'Neil ": "anne marie oneil", "ŁÓDŹ": "łodz", "Åsa": "asa", "": ""} {
		if got := words.Fold(in); got != want {
			t.Errorf("words.Fold(%q) = %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{
		"k.ate+shop@gmail.com": "kate@gmail.com", "k.ate@example.org": "k.ate@example.org", "kate+1@example.org": "kate@example.org",
		"kate@googlemail.com": "kate@gmail.com", "+@example.org": "+@example.org", "anne-marie@yahoo.fr": "anne-marie@yahoo.fr",
	} {
		if got := looseEmail(in); got != want {
			t.Errorf("looseEmail(%q) = %q, want %q", in, got, want)
		}
	}
}
