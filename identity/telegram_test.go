package identity

import (
	"testing"
	"time"
)

// Somebody of Telegram is found by number and by name, and can be written to by the number alone.
func TestTelegramAccountsAreFoundAndWrittenTo(t *testing.T) {
	r := empty(t)
	kate := register(t, r, "cno:1", "tg:5812345678")
	res, err := r.Resolve(t.Context(), Subject{IDs: ids(t, "attested tg:5812345678", "attested tg.user:kate_o"), At: noon, Message: "m"})
	if err != nil || res.Customer != kate.ID {
		t.Fatalf("Resolve = %+v, %v, want customer %s", res, err, kate.ID)
	}
	for _, query := range []string{"5812345678", "@Kate_O", "tg:5812345678"} {
		if got, err := r.Search(t.Context(), query, 10); err != nil || len(got) != 1 || got[0].ID != kate.ID {
			t.Errorf("Search(%s) = %v, %v, want %s", query, got, err, kate.ID)
		}
	}
	if x, ok, err := r.Preferred(t.Context(), kate.ID, Service); err != nil || !ok || x.String() != "tg:5812345678" {
		t.Errorf("Preferred = %v, %v, %v", x, ok, err)
	}
	if err := r.SetPreferred(t.Context(), kate.ID, Service, one(t, "tg.user:kate_o"), Actor{Name: "anna", At: noon.Add(time.Hour)}); err == nil {
		t.Error("SetPreferred took a name that nobody can be written to by")
	}
	// A stranger takes the name later: it is no longer hers.
	later, err := r.Resolve(t.Context(), Subject{IDs: ids(t, "attested tg:77", "attested tg.user:kate_o"), At: noon.Add(48 * time.Hour), Message: "n"})
	if err != nil || later.Customer == kate.ID {
		t.Errorf("Resolve of a stranger with the name = %+v, %v", later, err)
	}
}
