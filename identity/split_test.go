package identity

import "testing"

// What a CRM registered and nobody showed yet is somebody all the same when it is split off.
func TestSplitMakesACustomerOfWhatNobodyShowedYet(t *testing.T) {
	for _, off := range [][]string{{"email:b@example.org"}, {"email:b@example.org", "phone:0612345678"}, {"cno:1"}} {
		r := empty(t)
		a := register(t, r, "cno:1", "email:a@example.org", "email:b@example.org", "phone:0612345678")
		kept, fresh, err := r.Split(t.Context(), a.ID, vouched(t, off...), By{Actor: "anna"})
		if err != nil || kept.ID == "" || fresh.ID == "" || kept.ID == fresh.ID {
			t.Fatalf("Split of %v = %+v, %+v, %v", off, kept, fresh, err)
		}
		for x, want := range map[string]string{off[0]: fresh.ID, "email:a@example.org": kept.ID} {
			if c, _, err := r.Owner(t.Context(), one(t, x)); err != nil || c.ID != want {
				t.Errorf("split of %v: %s is of %v, %v, want %s", off, x, c, err, want)
			}
		}
		sound(t, r)
	}
}
