package figures

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"loket/desk/access"
	"loket/internal/field"
	"loket/internal/store/storetest"
)

// Everybody keeps their own questions, so many and no more.
func TestQuestionsAreKeptByName(t *testing.T) {
	s := &Service{store: storetest.New(t)}
	anna := access.Actor{Principal: &access.Principal{Name: "anna", Person: "anna"}}
	joris := access.Actor{Principal: &access.Principal{Name: "joris", Person: "joris"}}
	for _, v := range []View{{"Weekly", "last=week"}, {" our\nteam ", "team=support"}, {"Weekly", "last=week&team=network"}} {
		if err := s.KeepView(t.Context(), anna, v); err != nil {
			t.Fatal(err)
		}
	}
	got, err := s.Views(t.Context(), anna)
	if diff := cmp.Diff([]View{{"our team", "team=support"}, {"Weekly", "last=week&team=network"}}, got); diff != "" || err != nil {
		t.Errorf("kept (-want +got):\n%s%v", diff, err)
	}
	if got, err := s.Views(t.Context(), joris); len(got) != 0 || err != nil {
		t.Errorf("joris has %v, %v", got, err)
	}
	var wrong *field.Error
	for _, v := range []View{{" ", "x"}, {strings.Repeat("x", 61), "x"}, {"x", strings.Repeat("x", 2001)}} {
		if err := s.KeepView(t.Context(), anna, v); !errors.As(err, &wrong) {
			t.Errorf("KeepView(%.70v) = %v, want a field error", v, err)
		}
	}
	for i := range 48 {
		if err := s.KeepView(t.Context(), anna, View{fmt.Sprint("view ", i), "x"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.KeepView(t.Context(), anna, View{"one more", "x"}); !errors.As(err, &wrong) {
		t.Errorf("the 51st is kept: %v", err)
	}
	if err := s.DropView(t.Context(), anna, "view 3"); err != nil {
		t.Fatal(err)
	}
	if err := s.KeepView(t.Context(), anna, View{"one more", "x"}); err != nil {
		t.Error(err)
	}
}
