package e2e_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

const staffed = `
store: {%s, data: ./data}
listen: {public: "127.0.0.1:0", desk: "127.0.0.1:0"}
teams:
  support: {first_reply: 4s, next_reply: 4s, lease: 30s, age_after: 1s}
  sales: {first_reply: 4h}
people:
  - {name: anna, teams: [support], roles: [agent]}
  - {name: joris, teams: [support], roles: [agent]}
connectors:
  - {name: website, type: webform, settings: {rate_per_minute: 0, min_fill_time: 0s}}
rules:
  - {name: vip, when: 'text contains "VIP"', team: support, lane: "@joris", priority: urgent, first_reply: 4h}
  - {name: soon, when: 'text contains "SOON"', team: support, lane: "@joris", priority: urgent}
  - {name: low, when: 'text contains "LOW"', team: support, priority: low}
  - {name: pressing, when: 'true', team: support, priority: urgent, first_reply: 4h}
fallback_team: support
log: {level: debug, format: json}
`

// A task in the lane of somebody who is gone, or away, was given to nobody; a low one waited for ever.
func TestWorkReachesSomebody(t *testing.T) {
	t.Parallel()
	d := newDaemon(t, fmt.Sprintf(staffed, embedded)).start()
	anna := d.client("anna")
	send := func(text string) {
		t.Helper()
		if _, err := d.post(text, text); err != nil {
			t.Fatal(err)
		}
		d.settled()
	}
	gets := func(rule string, wait time.Duration) {
		t.Helper()
		task, err := anna.Claim(t.Context(), "support", wait, "")
		switch {
		case err != nil:
			t.Fatal(err)
		case task == nil && rule != "", task != nil && task.Rule != rule:
			t.Fatalf("anna was given %+v, want one by rule %q", task, rule)
		}
	}
	send("VIP: our alarm line is dead")
	gets("", 0)
	gone := strings.ReplaceAll(fmt.Sprintf(staffed, embedded), "  - {name: joris, teams: [support], roles: [agent]}\n", "")
	d.configure(gone)
	d.hangUp(`rules[0].lane: nobody is called \"joris\"`)
	d.configure(strings.ReplaceAll(gone, `lane: "@joris", `, ""))
	d.hangUp("configuration reloaded")
	gets("vip", 20*time.Second)

	// The same at a start: he is back, gets one more, and is gone when loket starts again.
	d.configure(fmt.Sprintf(staffed, embedded))
	d.hangUp("configuration reloaded")
	send("VIP: dead again")
	d.stop()
	d.configure(strings.ReplaceAll(gone, `lane: "@joris", `, ""))
	d.start()
	anna = d.client("anna")
	gets("vip", 20*time.Second)

	// He is back and away: what is due soon is everybody's.
	d.configure(fmt.Sprintf(staffed, embedded))
	d.hangUp("configuration reloaded")
	send("SOON please")
	gets("soon", 20*time.Second)

	if out, code := d.loket("", "assign", d.tasks("support")[0].Number, "--to", "joriss"); code != 1 || !strings.Contains(out, `did you mean "joris"?`) {
		t.Errorf("assign to nobody = %d %s", code, out)
	}

	// Late, it rises past what is pressing and not due.
	send("LOW whenever you can")
	d.await("the low task to rise", func() bool {
		for _, task := range d.tasks("support") {
			if task.Rule == "low" && task.Aged == 3 && task.Priority == "low" {
				return true
			}
		}
		return false
	})
	send("pressing")
	gets("low", 0)
	gets("pressing", 0)
	d.healthy()

	// Nobody is left in the team: that is told when it happens, not only to who asks the doctor.
	d.configure(strings.ReplaceAll(strings.ReplaceAll(gone, `lane: "@joris", `, ""), "{name: anna, teams: [support]", "{name: anna, teams: [sales]"))
	d.hangUp(`has nobody of the people in it`)
	if strings.Contains(d.log.String(), "is kept for joris") {
		t.Error("what was given to the team at the start was logged as lost")
	}
}
