package judge

import "testing"

func TestForwardedFindsWhoWroteFirst(t *testing.T) {
	const head = "\n\nFrom: Piet Puk <piet@else.example>\nDate: Mon, 2 Mar 2026 10:00\nSubject: My bill\nTo: jan@customer.example\n\nToo high!\n"
	for _, tc := range []struct {
		name, fields, text, want string
	}{
		{"a person", "", "From: the start it did not work.\n", ""},
		{"gmail", "Subject: Fwd: My bill", "See below.\n\n---------- Forwarded message ---------\nFrom: Piet Puk <piet@else.example>\nDate: Mon\n", "piet@else.example"},
		{"gmail, subject changed", "Subject: for you", "---------- Forwarded message ---------\nFrom: *Piet Puk* <piet@else.example>\nDate: Mon\n", "piet@else.example"},
		{"gmail, Dutch", "Subject: Fwd: Rekening", "---------- Doorgestuurd bericht ---------\nVan: Piet Puk <piet@else.example>\nDatum: ma\n", "piet@else.example"},
		{"gmail, German", "Subject: Fwd: Rechnung", "---------- Weitergeleitete Nachricht ---------\nVon: Piet Puk <piet@else.example>\nDatum: Mo\n", "piet@else.example"},
		{"thunderbird, French", "Subject: Tr: Facture", "-------- Message transféré --------\nSujet : Facture\nDate : lundi\nDe : Piet Puk <piet@else.example>\n", "piet@else.example"},
		{"gmail, Spanish", "Subject: RV: Factura", "---------- Mensaje reenviado ----------\nDe: Piet Puk <piet@else.example>\nFecha: lunes\n", "piet@else.example"},
		{"apple, Dutch", "Subject: Fwd: Rekening", "Begin doorgestuurd bericht:\n\n> Van: Piet Puk <piet@else.example>\n> Onderwerp: Rekening\n", "piet@else.example"},
		{"apple, English", "Subject: Fwd: Bill", "Begin forwarded message:\n\nFrom: Piet Puk <piet@else.example>\nSubject: Bill\n", "piet@else.example"},
		{"outlook, Dutch", "Subject: FW: Rekening", "Kun jij dit doen?\n\nVan: Piet Puk [mailto:piet@else.example]\nVerzonden: maandag\nAan: jan@customer.example\n", "piet@else.example"},
		{"outlook, German", "Subject: WG: Rechnung", "Von: Piet Puk <piet@else.example>\nGesendet: Montag\nAn: jan@customer.example\n", "piet@else.example"},
		{"outlook, bold", "Subject: Doorst: Rekening", "*Van:* Piet Puk <piet@else.example>\n*Verzonden:* maandag\n", "piet@else.example"},
		{"old outlook", "Subject: FW: Bill", "-----Original Message-----\nFrom: piet@else.example\nSent: Monday\n", "piet@else.example"},
		{"thunderbird bracket", "Subject: [Fwd: Bill]", "-------- Original Message --------" + head, "piet@else.example"},
		{"an answer with the whole mail below", "Subject: RE: Bill", "Thanks!\n\n-----Original Message-----" + head, ""},
		{"an answer, outlook", "Subject: RE: Bill", "Thanks!" + head, ""},
		{"no address", "Subject: FW: Bill", "From: Piet Puk\nSent: Monday\n", ""},
		{"one's own mail", "Subject: Fwd: Bill", "---------- Forwarded message ---------\nFrom: Jan <jan@customer.example>\nDate: Mon\n", ""},
		{"prose", "Subject: Fwd: Bill", "From: next month piet@else.example pays.\n\nBye\n", ""},
		{"sent on, From kept", "Resent-From: jan@else.example\nX-Forwarded-To: help@ours.example", "Hello\n", ""},
		{"group that puts itself into From", "From: Piet via Help <friends@lists.example>\nX-Original-From: Piet Puk <piet@else.example>", "Hello\n", "piet@else.example"},
		{"sender rewriting", "From: SRS0=HHH=TT=else.example=piet@fwd.example", "Hello\n", "piet@else.example"},
		{"sender rewriting twice", "From: SRS1=GGG=first.example==HHH=TT=else.example=piet@fwd.example", "Hello\n", "piet@else.example"},
		{"sender rewriting, broken", "From: SRS0=HHH=TT@fwd.example", "Hello\n", ""},
		{"attached", "Subject: see file\nContent-Type: multipart/mixed; boundary=b", "--b\nContent-Type: text/plain\n\nSee file.\n--b\nContent-Type: message/rfc822\n\nReceived: x\nFrom: Piet Puk\n\t<piet@else.example>\nSubject: Bill\n\nToo high!\n--b--\n", "piet@else.example"},
		{"two attached", "Content-Type: multipart/mixed; boundary=b", "--b\nContent-Type: message/rfc822\n\nFrom: a@a.example\n\n--b\nContent-Type: message/rfc822\n\nFrom: b@b.example\n\n--b--\n", ""},
		{"attached to a report", "Content-Type: multipart/report; boundary=b", "--b\nContent-Type: message/rfc822\n\nFrom: a@a.example\n\n--b--\n", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, ok := Forwarded(person(t, tc.fields, tc.text))
			if got.Addr != tc.want || ok != (tc.want != "") {
				t.Errorf("Forwarded = %q, %v, want %q", got.Addr, ok, tc.want)
			}
		})
	}
	got, _ := Forwarded(person(t, "Subject: FW: Bill", "-----Original Message-----\nFrom: \"Piet Puk\" [mailto:piet@else.example]\nSent: Monday\n"))
	if got.Name != "Piet Puk" {
		t.Errorf("Forwarded gives the name %q, want Piet Puk", got.Name)
	}
}
