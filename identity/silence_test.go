package identity

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"loket/internal/message"
)

// TestOtherLanguageIsSeenAgain: whoever takes up a message whose walk broke off sees what the first saw; the next message bears no sign.
func TestOtherLanguageIsSeenAgain(t *testing.T) {
	r, at := calendarOf(t)
	writes := func(hours int, language string) []string {
		t.Helper()
		res, err := r.Resolve(t.Context(), Subject{IDs: ids(t, "attested phone:0612345678"), Language: language, At: at(hours), Message: fmt.Sprint(hours)})
		if err != nil {
			t.Fatal(err)
		}
		return res.Signs
	}
	got := [][]string{writes(1, "nl"), writes(50, "en-GB"), writes(50, "en-GB"), writes(51, "en"), writes(52, "nl")}
	if diff := cmp.Diff([][]string{nil, {SignLanguage}, {SignLanguage}, nil, nil}, got); diff != "" {
		t.Errorf("signs (-want +got):\n%s", diff)
	}
	sound(t, r)
}

// TestChangedNumberAsTheChannelSays: whoever says so joins nobody, the old number is nobody's from then on, and a person is asked.
func TestChangedNumberAsTheChannelSays(t *testing.T) {
	r, at := calendarOf(t)
	imported(t, r, Add, katesRow)
	kate := sees(t, r, at(1), "attested phone:0612345678").Customer
	move := Subject{IDs: ids(t, "attested phone:0687654321"), Formerly: ids(t, "attested phone:0612345678"), At: at(10), Message: "m"}
	var now Result
	for range 2 { // saying so again makes no difference
		var err error
		if now, err = r.Resolve(t.Context(), move); err != nil || now.Customer == "" || now.Customer == kate {
			t.Fatalf("with the new number it is %+v, %v; want somebody new", now, err)
		}
		sound(t, r)
	}
	if next := sees(t, r, at(20), "attested phone:0612345678"); next.Customer == kate || next.Customer == now.Customer {
		t.Errorf("who shows the old number later is %+v", next)
	}
	if before := sees(t, r, noon.Add(2*time.Hour), "attested phone:0612345678"); before.Customer != kate {
		t.Errorf("what was said with it before is of %+v, want %s", before, kate)
	}
	list, _, err := r.Suggestions(t.Context(), 0, "")
	if err != nil || !slices.ContainsFunc(list, func(s Suggestion) bool {
		return s.A.ID == kate && s.B.ID == now.Customer && slices.ContainsFunc(s.Reasons, func(why Reason) bool { return why.Text == movedReason })
	}) {
		t.Fatalf("Suggestions = %+v, %v", list, err)
	}
	if _, err := r.Merge(t.Context(), kate, now.Customer, Actor{Name: "anna"}); err != nil {
		t.Fatal(err)
	}
	if one := sees(t, r, at(21), "attested phone:0687654321"); one.Customer != kate {
		t.Errorf("once a person said so it is %+v, want %s", one, kate)
	}
	sound(t, r)
}

// A number that is shown again after long may be somebody else's: who shows it is somebody new until a person says that they are
// one, and it is suggested.
func TestNumberSilentForLong(t *testing.T) {
	const hours = 400 * 24
	for name, row := range map[string]struct {
		before, again []string // shown at first, and after the silence
		meanwhile     func(t *testing.T, r *Registry)
		same          bool
	}{
		"a number":                         {before: []string{"attested phone:0612345678"}, again: []string{"attested phone:0612345678"}},
		"on WhatsApp":                      {before: []string{"attested wa:31612345678", "attested phone:0612345678"}, again: []string{"attested wa:31612345678", "attested phone:0612345678"}},
		"repeated by the CRM all the time": {before: []string{"attested phone:0612345678"}, again: []string{"attested phone:0612345678"}, meanwhile: func(t *testing.T, r *Registry) { imported(t, r, Add, katesRow) }},
		"with another account":             {before: []string{"attested bsuid:p:NL.1", "attested wa:31612345678", "attested phone:0612345678"}, again: []string{"attested bsuid:p:NL.2", "attested wa:31612345678", "attested phone:0612345678"}},
		"with the same account":            {same: true, before: []string{"attested bsuid:p:NL.1", "attested wa:31612345678", "attested phone:0612345678"}, again: []string{"attested bsuid:p:NL.1", "attested wa:31612345678", "attested phone:0612345678"}},
		"linked by a person meanwhile": {same: true, before: []string{"attested phone:0612345678"}, again: []string{"attested phone:0612345678"}, meanwhile: func(t *testing.T, r *Registry) {
			if _, err := r.Register(t.Context(), ids(t, "vouched crm:sap:1", "vouched phone:0612345678"), "", Actor{Name: "anna"}); err != nil {
				t.Fatal(err)
			}
		}},
		"an address of mail": {same: true, before: []string{"attested email:kate@example.org"}, again: []string{"attested email:kate@example.org"}},
	} {
		t.Run(name, func(t *testing.T) {
			r, at := calendarOf(t)
			r.silence = usualSilence.Milliseconds()
			imported(t, r, Add, katesRow)
			kate := sees(t, r, at(1), row.before...).Customer
			if row.meanwhile != nil {
				at(300 * 24)
				row.meanwhile(t, r)
			}
			res := sees(t, r, at(hours), row.again...)
			if (res.Customer == kate) != row.same || res.Customer == "" {
				t.Fatalf("after the silence it is %+v, and was %s", res, kate)
			}
			sound(t, r)
			if row.same {
				return
			}
			look, err := r.Resolve(t.Context(), Subject{IDs: ids(t, row.again...), At: at(hours), Look: true})
			if err != nil || look.Customer != res.Customer || !slices.ContainsFunc(look.Candidates, func(c Candidate) bool { return c.Customer == kate }) {
				t.Errorf("Resolve = %+v, %v; want that it may be %s", look, err, kate)
			}
			if late := sees(t, r, noon.Add(2*time.Hour), row.before...); late.Customer != kate || late.Assurance != message.Attested {
				t.Errorf("what was said before is of %+v, want %s", late, kate)
			}
			list, _, err := r.Suggestions(t.Context(), 0, "")
			if err != nil || !slices.ContainsFunc(list, func(s Suggestion) bool {
				return s.A.ID == kate && s.B.ID == res.Customer && slices.ContainsFunc(s.Reasons, func(why Reason) bool { return why.Text == silentReason })
			}) {
				t.Fatalf("Suggestions = %+v, %v", list, err)
			}
			if _, err := r.Merge(t.Context(), kate, res.Customer, Actor{Name: "anna"}); err != nil {
				t.Fatal(err)
			}
			if one := sees(t, r, at(hours+1), row.again...); one.Customer != kate {
				t.Errorf("after a person said that they are one it is %+v", one)
			}
			sound(t, r)
		})
	}
}
