package customers

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"loket/identity"
	"loket/internal/message"
)

func held(kind, scope, value string) identity.Held {
	return identity.Held{Identifier: message.Identifier{Kind: kind, Scope: scope, Value: value, Level: message.Vouched}}
}

func TestWhoeverMergesTwoIsShownWhatTheyWouldBe(t *testing.T) {
	younger := &identity.Customer{ID: "01B", Name: "Kate", Former: []string{"01C"}, Held: []identity.Held{held("crm", "erp", "7")}, Version: 3}
	older := &identity.Customer{ID: "01A", Former: []string{"019"}, Held: []identity.Held{held("crm", "erp", "8")}, Version: 5}
	both := &Unsure{}
	if err := (&Service{}).unsure(younger, older, identity.ErrAnchored); !errors.As(err, &both) || !errors.Is(err, identity.ErrAnchored) {
		t.Fatalf("unsure = %v, want one that can be confirmed", err)
	}
	want := &identity.Customer{
		ID: "01A", Name: "Kate", Former: []string{"019", "01B", "01C"}, Version: 6,
		Held: []identity.Held{held("crm", "erp", "8"), held("crm", "erp", "7")},
	}
	if diff := cmp.Diff(want, both.WouldBe); diff != "" {
		t.Errorf("they would be (-want +got):\n%s", diff)
	}
	const text = "they were two people elsewhere (one is crm:erp:7, the other crm:erp:8); look at both, and confirm to make them one all the same"
	if both.Text != text {
		t.Errorf("text = %q, want %q", both.Text, text)
	}
	if err := (&Service{}).unsure(younger, older, identity.ErrBusy); errors.As(err, &both) || !errors.Is(err, identity.ErrBusy) {
		t.Errorf("unsure of another error = %v, want it as it is", err)
	}
}
