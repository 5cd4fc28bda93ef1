package desk_test

import (
	"errors"
	"testing"

	"loket/desk"
	"loket/desk/access"
	"loket/internal/store/storetest"
)

// Whether an answer arrived is a manager's word: whoever answers cannot better their own figures by it. They may send it again.
func TestOnlyManagersSayThatAnAnswerArrived(t *testing.T) {
	t.Parallel()
	h := newEnv(t, storetest.New(t), t.TempDir(), nil)
	ctx := t.Context()
	task, _ := h.says("kate", "where is it?", "")
	of := func(role string) access.Actor {
		return access.Actor{Principal: &access.Principal{Name: "nora", Person: "nora", Roles: []string{role}, Teams: []string{"support"}}, Agent: "nora", Anyway: true}
	}
	for what, do := range map[string]func(access.Actor) error{
		"it arrived":     func(by access.Actor) error { _, err := h.desk.Settle(ctx, by, task, "none", true); return err },
		"it was lost":    func(by access.Actor) error { _, err := h.desk.Settle(ctx, by, task, "none", false); return err },
		"look once more": func(by access.Actor) error { _, err := h.desk.LookAgain(ctx, by, task, "none"); return err },
	} {
		if err := do(of(access.RoleAgent)); !errors.Is(err, access.ErrForbidden) {
			t.Errorf("an agent says %s: %v, want that it is not theirs to say", what, err)
		}
		if err := do(of(access.RoleManager)); !errors.Is(err, desk.ErrNotFound) {
			t.Errorf("a manager says %s of an answer that is none: %v", what, err)
		}
	}
	if _, err := h.desk.Resend(ctx, of(access.RoleAgent), task, "none"); !errors.Is(err, desk.ErrNotFound) {
		t.Errorf("an agent sends an answer again that is none: %v", err)
	}
}
