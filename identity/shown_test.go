package identity

import (
	"testing"

	"loket/internal/message"
	"loket/internal/store/storetest"
)

// How sure it is that an identifier is the customer's is what somebody showed or registered, also of the one that the
// customer was made of.
func TestCustomerSaysHowSureEachIdentifierIs(t *testing.T) {
	s := storetest.New(t)
	for name, tt := range map[string]struct {
		do   func(r *Registry) string
		want map[string]message.Level
	}{
		"a stranger": {
			func(r *Registry) string { return shows(t, r, "email:kate@example.org").Customer },
			map[string]message.Level{"email:kate@example.org": message.Attested},
		},
		"a stranger with two": {
			func(r *Registry) string { return shows(t, r, "email:kate@example.org", "phone:0612345678").Customer },
			map[string]message.Level{"email:kate@example.org": message.Attested, "phone:+31612345678": message.Attested},
		},
		"registered": {
			func(r *Registry) string { return register(t, r, "cno:1", "email:kate@example.org").ID },
			map[string]message.Level{"cno:1": message.Vouched, "email:kate@example.org": message.Vouched},
		},
		"registered without a number": {
			func(r *Registry) string { return register(t, r, "email:kate@example.org", "phone:0612345678").ID },
			map[string]message.Level{"email:kate@example.org": message.Vouched, "phone:+31612345678": message.Vouched},
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := emptied(t, s)
			got := map[string]message.Level{}
			for _, h := range customer(t, r, tt.do(r)).Held {
				got[h.String()] = h.Level
			}
			for x, want := range tt.want {
				if got[x] != want {
					t.Errorf("%s is %s, want %s", x, got[x], want)
				}
			}
		})
	}
}
