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
		{"cno", "#N/A", true},
		{"cno", "#n/b", true},
		{"cno", "#NV", true},
		{"cno", "#REF!", true},
		{"cno", "#DIV/0!", true},
		{"cno", "#¡VALOR!", true},
		{"cno", "########", true},
		{"cno", "(leeg)", true},
		{"cno", "(blank)", true},
		{"cno", "[vide]", true},
		{"cno", "<leer>", true},
		{"cno", "[object Object]", true},
		{"cno", "{{customer.no}}", true},
		{"cno", "${no}", true},
		{"cno", `"null"`, true},
		{"cno", "TBD", true},
		{"cno", "t.b.d.", true},
		{"cno", "nog onbekend", true},
		{"cno", "à définir", true},
		{"cno", "Sin número", true},
		{"cno", "?", true},
		{"cno", "???", true},
		{"cno", "--", true},
		{"cno", "…", true},
		{"cno", "xxx", true},
		{"cno", "1.00E+05", true},
		{"cno", "1,23457E+11", true},
		{"cno", "1E+05", true},
		{"crm", "#N/A", true},
		{"cno", "#1042", false},
		{"cno", "(1042)", false},
		{"cno", "1E5", false},
		{"cno", "K-1001", false},
		{"cno", "K?1", false},
		{"cno", "<k>1", false},
		{"cno", "x", false},
		{"cno", "NL-Todorov", false},
		{"xh", "tbd", false},
		{"xh", "xxx", false},
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
		{"phone", "+10000000000", true},
		{"phone", "+31000000000", true},
		{"phone", "+18612340100", false},
		{"phone", "+18000000001", false},
		{"phone", "+31600000000", false},
		{"sip", "anonymous@anonymous.invalid", true},
		{"sip", "anonymous@pbx.example.org", true},
		{"sip", "+266696687@pbx.example.org", true},
		{"sip", "kate@pbx.example.org", false},
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
		// As offices are called elsewhere, also with where they are, and put together.
		"buchhaltung@example.org": true, "einkauf@example.org": true, "comptabilite@example.org": true, "planning@example.org": true,
		"reservations@example.org": true, "atencion.cliente@example.org": true, "ventas@example.org": true, "segreteria@example.org": true,
		"ufficio.acquisti@example.org": true, "vendite2@example.org": true, "info-berlin@example.org": true, "sales.be@example.org": true,
		"kundenbetreuung@example.org": true, "service-client@example.org": true, "juridischezaken@example.org": true, "réservations@example.org": true,
		"büro@example.org": true, "support.team@example.org": true, "personalabteilung@example.org": true,
		"anna.sales@example.org": false, "post.anna@example.org": false, "verkaufer.jan@example.org": false, "b.orders@example.org": false,
		"mail.tom@example.org": false, "clientine@example.org": false, "dienst@example.org": false, "team7x.kate@example.org": false,
		"kate@example.org": false, "informatie.vries@example.org": false, "h.r@example.org": false, "supporter@example.org": false,
	} {
		if got := (Identifier{Kind: "email", Value: value}).Role(); got != want {
			t.Errorf("Role(%s) = %v, want %v", value, got, want)
		}
	}
	if (Identifier{Kind: "xh", Value: "info"}).Role() {
		t.Error("a handle is a role mailbox")
	}
}

func TestCellsThatSayNothing(t *testing.T) {
	for cell, want := range map[string]bool{
		"#N/A": true, "#NAAM?": true, "(leeg)": true, " ? ": true, "[blank]": true, "{{name}}": true, `"undefined"`: true, "***": true, "": true,
		"Nil": false, "Na": false, "Geen": false, "Leeg": false, "Anna (Utrecht)": false, `"Anna"`: false, "(06) 12": false, "#1 Taxi": false, "Müller": false, "山田": false,
	} {
		if got := SaysNothing(cell); got != want {
			t.Errorf("SaysNothing(%q) = %v, want %v", cell, got, want)
		}
	}
}
