package message

import "testing"

func TestBlockedValues(t *testing.T) {
	for _, tc := range []struct {
		kind, value string
		want        bool
	}{
		{"cno", "0000", true},
		{"cno", "-1", true},
		{"cno", "NULL", true},
		{"cno", "n/a", true},
		{"cno", "Geen", true},
		{"cno", "", true},
		{"cno", "1000", false},
		{"cno", "10-0", false},
		{"xu", "0", true},
		{"session", "undefined", true},
		{"sub", "anonymous", true},
		{"sub", "anna", false},
		{"phone", "+266696687", true},
		{"phone", "+86282452253", true},
		{"phone", "+000", true},
		{"phone", "+31612345678", false},
		{"wa", "7378742833", true},
		{"wa", "31612345678", false},
		{"email", "null@example.org", true},
		{"email", `"anonymous"@example.org`, true},
		{"email", "anonymous@anonymous.invalid", true},
		{"email", "00000@example.org", true},
		{"email", "nil@example.org", false},
		{"email", "kate@example.org", false},
		{"email", "kate@invalid.org", false},
	} {
		if got := (Identifier{Kind: tc.kind, Value: tc.value, Level: Attested}).Blocked(); got != tc.want {
			t.Errorf("Blocked(%s:%s) = %v, want %v", tc.kind, tc.value, got, tc.want)
		}
	}
}

func TestRoleMailboxes(t *testing.T) {
	for value, want := range map[string]bool{
		"info@example.org": true, "sales@example.org": true, "postmaster@example.org": true, "customer.service@example.org": true,
		"no-reply@example.org": true, "no_reply.orders@example.org": true, "donotreply@example.org": true, "noreply+7@example.org": true,
		"MAILER-DAEMON@example.org": true, "announce-request@example.org": true, "klantenservice@example.org": true, "info+shop2@example.org": true,
		`"postmaster"@example.org`: true,
		"kate@example.org":         false, "informatie.vries@example.org": false, "h.r@example.org": false, "supporter@example.org": false,
	} {
		if got := (Identifier{Kind: "email", Value: value}).Role(); got != want {
			t.Errorf("Role(%s) = %v, want %v", value, got, want)
		}
	}
	if (Identifier{Kind: "xh", Value: "info"}).Role() {
		t.Error("a handle is a role mailbox")
	}
}
