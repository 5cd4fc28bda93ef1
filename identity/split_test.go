package identity

import (
	"testing"
	"time"

	"loket/internal/message"
	"loket/internal/store/storetest"
)

// What a CRM registered and nobody showed yet is somebody all the same when it is split off.
func TestSplitMakesACustomerOfWhatNobodyShowedYet(t *testing.T) {
	s := storetest.New(t)
	for _, off := range [][]string{{"email:b@example.org"}, {"email:b@example.org", "phone:0612345678"}, {"cno:1"}} {
		r := emptied(t, s)
		a := register(t, r, "cno:1", "email:a@example.org", "email:b@example.org", "phone:0612345678")
		kept, fresh, err := r.Split(t.Context(), a.ID, vouched(t, off...), Actor{Name: "anna"})
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

// The address was seen with another customer's number too. Who was told apart from the customer does not get it because
// the number that held it is split off or unlinked.
func TestWhatStaysDoesNotGoToSomebodyToldApart(t *testing.T) {
	s := storetest.New(t)
	at := noon
	later := func() Actor {
		at = at.Add(time.Hour)
		return Actor{Name: "anna", At: at, Confirm: true}
	}
	for name, takeOff := range map[string]func(r *Registry, customer string, x message.Identifier) error{
		"split": func(r *Registry, customer string, x message.Identifier) error {
			_, _, err := r.Split(t.Context(), customer, []message.Identifier{x}, later())
			return err
		},
		"unlink": func(r *Registry, _ string, x message.Identifier) error {
			_, err := r.Unlink(t.Context(), x, later())
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := emptied(t, s)
			a, b := register(t, r, "cno:900123471"), register(t, r, "cno:900456871")
			for _, two := range [][]string{
				{"attested email:kate.one@example.org", "vouched cno:900456871"}, {"vouched crm:sap:A77810", "vouched cno:900123471"}, {"vouched cno:900123471", "proven email:kate.one@example.org"},
			} {
				if _, err := r.Resolve(t.Context(), Subject{IDs: ids(t, two...), At: at, Message: two[0]}); err != nil {
					t.Fatal(err)
				}
			}
			if c := customer(t, r, a.ID); holds(c) != "cno:900123471 crm:sap:A77810 email:kate.one@example.org" {
				t.Fatalf("the customer holds %s", holds(c))
			}
			if _, _, err := r.Unmerge(t.Context(), a.ID, b.ID, later()); err != nil {
				t.Fatal(err)
			}

			if err := takeOff(r, a.ID, one(t, "cno:900123471")); err != nil {
				t.Fatal(err)
			}

			if c := customer(t, r, a.ID); holds(c) != "crm:sap:A77810 email:kate.one@example.org" {
				t.Errorf("the customer holds %s, want all but the number", holds(c))
			}
			if c := customer(t, r, b.ID); holds(c) != "cno:900456871" {
				t.Errorf("the other holds %s, want their number", holds(c))
			}
			sound(t, r)
		})
	}
}

// What one identifier alone held together stays one customer's when it is unlinked.
func TestUnlinkOfTheMiddleLeavesTheRestTogether(t *testing.T) {
	r := empty(t)
	shows(t, r, "email:a@example.org", "phone:0612345678")
	c := shows(t, r, "phone:0612345678", "xu:5").Customer
	kept, err := r.Unlink(t.Context(), one(t, "phone:0612345678"), Actor{Name: "anna"})
	if err != nil || kept.ID != c || holds(kept) != "email:a@example.org xu:5" {
		t.Fatalf("Unlink = %+v, %v", kept, err)
	}
	sound(t, r)
}

// What several people share stays with the customer that a person gave it to, when another identifier is taken from them.
func TestUnlinkLeavesWhatWasMergedTogether(t *testing.T) {
	r := unlimited(storetest.New(t))
	at := noon
	by := func() Actor {
		at = at.Add(time.Hour)
		return Actor{Name: "anna", At: at, Confirm: true}
	}
	var made []string
	for _, line := range []string{"vouched cno:900456871", "vouched crm:sap:A77810", "vouched wa:31687650003"} {
		c, err := r.Register(t.Context(), ids(t, line), "", by())
		if err != nil {
			t.Fatal(err)
		}
		made = append(made, c.ID)
	}
	if err := r.Share(t.Context(), one(t, "crm:sap:A77810"), true, by()); err != nil {
		t.Fatal(err)
	}
	for _, other := range made[1:] {
		if _, err := r.Merge(t.Context(), made[0], other, by()); err != nil {
			t.Fatal(err)
		}
	}
	c, err := r.Unlink(t.Context(), one(t, "cno:900456871"), by())
	if err != nil || holds(c) != "crm:sap:A77810* wa:31687650003" {
		t.Fatalf("Unlink leaves %q, %v", holds(c), err)
	}
}
