package identity

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"loket/internal/field"
	"loket/internal/store/storetest"
)

// suggested runs Suggest to its end and gives what is suggested: scores and reasons.
func suggested(tb testing.TB, r *Registry) []Suggestion {
	tb.Helper()
	for {
		n, err := r.Suggest(tb.Context())
		if err != nil {
			tb.Fatalf("Suggest = %v", err)
		}
		if n == 0 {
			break
		}
	}
	list, next, err := r.Suggestions(tb.Context(), 100, "")
	if err != nil || next != "" && len(list) < 100 {
		tb.Fatalf("Suggestions = %v, %q, %v", list, next, err)
	}
	return list
}

func told(list []Suggestion) []string {
	var out []string
	for _, s := range list {
		var reasons []string
		for _, reason := range s.Reasons {
			reasons = append(reasons, reason.Text)
		}
		out = append(out, fmt.Sprintf("%d %s / %s", s.Score, strings.Join(reasons, ", "), strings.Join(s.Against, ", ")))
	}
	return out
}

func TestSuggestFindsWhoMayBeOne(t *testing.T) {
	s := storetest.New(t)
	for _, tc := range []struct {
		name, text string
		want       []string
	}{
		{"dots and plus", "system,id,email\na,1,k.ate@gmail.com\nb,2,kate+shop@googlemail.com\n", []string{"40 " + mailReason + " / "}},
		{"plain and plus", "system,id,email\na,1,kate@example.org\nb,2,kate+shop@example.org\n", []string{"40 " + mailReason + " / "}},
		{"dots elsewhere", "system,id,email\na,1,k.ate@example.org\nb,2,kate@example.org\n", nil},
		{"nine digits", "system,id,phone\na,1,+31612345678\nb,2,+3299612345678\n", nil}, // the second is longer than those of Belgium
		{"nine digits", "system,id,phone\na,1,+31201234567\nb,2,+49201234567\n", []string{"35 " + phoneReason + " / "}},
		{"name alone", "system,id,name,email\na,1,Kate Bush,k@gmail.com\nb,2,Kate Bush,b@gmail.com\n", nil},
		{
			"name and postcode", "system,id,name,attribute.postcode\na,1,Kate Bush,3511 AB\nb,2,KATE BUSH,3511ab\n",
			[]string{"30 " + nameReason + ", they have the same postcode / "},
		},
		{
			"name and firm", "system,id,name,email\na,1,Kate Bush,kate@firm.example\nb,2,Kate Bush,k.bush@firm.example\n",
			[]string{"30 " + firmReason + ", " + nameReason + " / "},
		},
		{
			"two numbers of one system", "system,id,email,name\na,1,kate@example.org,Kate Bush\na,2,kate+a@example.org,Eve Bush\n", nil,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := emptied(t, s)
			takeIn(t, r, tc.text, ImportOptions{})
			if diff := cmp.Diff(tc.want, told(suggested(t, r))); diff != "" {
				t.Errorf("Suggestions (-want +got):\n%s", diff)
			}
		})
	}
}

func TestARefusedFactIsASuggestion(t *testing.T) {
	r := empty(t)
	takeIn(t, r, "id,email\n1,kate@example.org\n2,kate@example.org\n", ImportOptions{System: "acme"})
	list := suggested(t, r)
	if len(list) != 1 || list[0].Score < 30 || len(list[0].Against) != 1 {
		t.Fatalf("Suggestions = %v", told(list))
	}
}

func TestARefusalIsRemembered(t *testing.T) {
	r := empty(t)
	text := "system,id,email\na,1,k.ate@gmail.com\nb,2,kate@gmail.com\n"
	takeIn(t, r, text, ImportOptions{})
	list := suggested(t, r)
	if len(list) != 1 {
		t.Fatalf("Suggestions = %v, want one", told(list))
	}
	if err := r.Decide(t.Context(), list[0].ID, false, Actor{Name: "anna", Reason: "father and son"}); err != nil {
		t.Fatal(err)
	}
	if err := r.Decide(t.Context(), list[0].ID, false, Actor{Name: "anna"}); !errors.Is(err, ErrNone) {
		t.Errorf("Decide again = %v, want %v", err, ErrNone)
	}
	// Both go on changing, one under another id; it is not asked again, and nothing joins them.
	takeIn(t, r, "system,id,email,phone\na,1,k.ate@gmail.com,0612345678\nb,2,ka.te@gmail.com,0687654321\n",
		ImportOptions{By: Actor{Name: "crm", At: time.Now()}})
	shows(t, r, "email:k.ate@gmail.com", "email:kate@gmail.com")
	if list := suggested(t, r); len(list) != 0 {
		t.Errorf("Suggestions after a refusal = %v", told(list))
	}
	a, _, _ := r.Owner(t.Context(), one(t, "crm:a:1"))
	b, _, _ := r.Owner(t.Context(), one(t, "crm:b:2"))
	if a == nil || b == nil || a.ID == b.ID {
		t.Errorf("owners = %v and %v, want two", a, b)
	}
	log, _, err := r.Log(t.Context(), a.ID, 0, "")
	if err != nil || !slices.ContainsFunc(log, func(e LogEntry) bool { return e.Op == "differ" && e.Reason == "father and son" }) {
		t.Errorf("Log = %+v, %v, want the refusal", log, err)
	}
	sound(t, r)
}

func TestAnAcceptedSuggestionMerges(t *testing.T) {
	r := empty(t)
	takeIn(t, r, "system,id,email\na,1,k.ate@gmail.com\nb,2,kate@gmail.com\n", ImportOptions{})
	list := suggested(t, r)
	if err := r.Decide(t.Context(), list[0].ID, true, Actor{Name: "anna"}); err != nil {
		t.Fatal(err)
	}
	a, _, _ := r.Owner(t.Context(), one(t, "crm:a:1"))
	b, _, _ := r.Owner(t.Context(), one(t, "crm:b:2"))
	if a == nil || b == nil || a.ID != b.ID {
		t.Errorf("owners = %v and %v, want one", a, b)
	}
	if list := suggested(t, r); len(list) != 0 {
		t.Errorf("Suggestions = %v", told(list))
	}
	sound(t, r)
}

func TestSuggestionsGivePagesWithoutRepeating(t *testing.T) {
	r := empty(t)
	var b strings.Builder
	b.WriteString("system,id,email\n")
	for i := range 25 {
		fmt.Fprintf(&b, "a,%d,p.%d@gmail.com\nb,%d,p%d@gmail.com\n", i+1, i, i+1, i)
	}
	takeIn(t, r, b.String(), ImportOptions{})
	all := suggested(t, r)
	if len(all) != 25 {
		t.Fatalf("Suggestions = %d, want 25", len(all))
	}
	var got []string
	cursor := ""
	for page := 0; page == 0 || cursor != ""; page++ {
		list, next, err := r.Suggestions(t.Context(), 4, cursor)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range list {
			got = append(got, s.ID)
		}
		if len(list) > 0 { // the place of the cursor goes away
			if err := r.Decide(t.Context(), list[len(list)-1].ID, false, Actor{Name: "anna"}); err != nil {
				t.Fatal(err)
			}
		}
		cursor = next
	}
	var want []string
	for _, s := range all {
		want = append(want, s.ID)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("pages (-want +got):\n%s", diff)
	}
	var wrong *field.Error
	if _, _, err := r.Suggestions(t.Context(), 4, "nonsense"); !errors.As(err, &wrong) || wrong.Path != "cursor" {
		t.Errorf("Suggestions with a cursor it never gave = %v, want what is wrong with it", err)
	}
}
