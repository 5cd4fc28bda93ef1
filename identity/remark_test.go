package identity

import (
	"errors"
	"testing"

	"loket/internal/message"
	"loket/internal/store/storetest"
)

func TestRemarkStandsInTheLogUntilTheCustomerIsErased(t *testing.T) {
	t.Parallel()
	r := New(storetest.New(t), Defaults())
	ctx := t.Context()
	kate := message.Identifier{Kind: "email", Value: "kate@example.org", Level: message.Vouched}
	c, err := r.Register(ctx, []message.Identifier{kate}, "Kate", Actor{Name: "anna"})
	if err != nil {
		t.Fatal(err)
	}
	by := Actor{Name: "bob", Reason: "newsletter refused: by phone"}
	if err := r.Remark(ctx, c.ID, "consent", kate, by); err != nil {
		t.Fatal(err)
	}
	log, _, err := r.Log(ctx, c.ID, 1, "")
	if err != nil || len(log) != 1 || log[0].Op != "consent" || log[0].Actor != "bob" || log[0].Reason != by.Reason ||
		len(log[0].Identifiers) != 1 || log[0].Identifiers[0] != kate.String() {
		t.Errorf("Log = %+v, %v; want the remark", log, err)
	}
	if found, err := r.Check(ctx); err != nil || len(found) > 0 {
		t.Errorf("Check = %q, %v", found, err)
	}
	if err := r.Erase(ctx, c.ID, Actor{Name: "bob"}); err != nil {
		t.Fatal(err)
	}
	if err := r.Remark(ctx, c.ID, "consent", kate, by); !errors.Is(err, ErrGone) {
		t.Errorf("Remark on who was erased = %v, want ErrGone", err)
	}
}
