package identity

import (
	"testing"

	"loket/internal/message"
)

func TestWhatAPersonSaysWasShownJoinsNoCustomers(t *testing.T) {
	shown := func(texts ...string) []message.Identifier {
		var ids []message.Identifier
		for _, text := range texts {
			id, err := message.ParseIdentifier(text, "NL", message.Vouched)
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, id)
		}
		return ids
	}
	for name, both := range map[string][]message.Identifier{
		"addresses of two":                    shown("email:eve@example.org", "psid:7:88"),
		"one's account with another's handle": shown("xu:4711", "xh:kate"),
	} {
		t.Run(name, func(t *testing.T) {
			r, names := withCustomers(t)
			eve := register(t, r, "email:eve@example.org", "xu:4711")
			names[eve.ID] = "c-eve"
			var before []string
			for id := range names {
				if c, err := r.Customer(t.Context(), id); err == nil {
					before = append(before, c.ID)
				}
			}
			for range 2 {
				if _, err := r.Resolve(t.Context(), Subject{IDs: both, Message: "m", Apart: true}); err != nil {
					t.Fatal(err)
				}
			}
			for _, id := range before {
				if c, err := r.Customer(t.Context(), id); err != nil || c.ID != id || len(c.Former) != 0 {
					t.Errorf("customer %s = %+v, %v; want as before", names[id], c, err)
				}
			}
			if len(before) != 3 {
				t.Fatalf("%d customers before, want 3", len(before))
			}
		})
	}
}
