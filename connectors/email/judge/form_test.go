package judge

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"loket/internal/message"
)

func TestMailOfAFormIsTheVisitorsClaim(t *testing.T) {
	claim := func(addrs ...string) (ids []message.Identifier) {
		for _, a := range addrs {
			ids = append(ids, message.Identifier{Kind: "email", Value: a, Level: message.Claimed})
		}
		return ids
	}
	for _, tc := range []struct {
		name, fields, text string
		want               []message.Identifier
		called             string
		automatic          message.Automatic
	}{
		{"by Reply-To", "From: Web shop <wordpress@shop.example>\nReply-To: Lies Adam <lies@one.example>", "Question: is it back?", claim("lies@one.example"), "Lies Adam", message.ByPerson},
		{"named in the text", "From: Website <NoReply@Shop.example>\nReply-To: nina@three.example", "Name: Nina\nQuestion: where is it?", claim("nina@three.example"), "Nina", message.ByPerson},
		{"address in the text only", "From: wordpress@shop.example", "Naam: Mark Bos\nE-mailadres: mark@two.example\nVraag: waar blijft het?", claim("mark@two.example"), "Mark Bos", message.ByPerson},
		{"in German", "From: wordpress@shop.example", "Ihr Name: Uwe\nIhre E-Mail-Adresse: <uwe@two.example>\n", claim("uwe@two.example"), "Uwe", message.ByPerson},
		{"several to answer to", "From: wordpress@shop.example\nReply-To: a@one.example, b@one.example", "", claim("a@one.example", "b@one.example"), "", message.ByPerson},
		{"ours to answer to as well", "From: wordpress@shop.example\nReply-To: help@ours.example, a@one.example", "", claim("a@one.example"), "", message.ByPerson},
		{"from a program that says so", "From: wordpress@shop.example\nReply-To: a@one.example\nAuto-Submitted: auto-generated\nPrecedence: bulk\nList-Unsubscribe: <https://bulk.example/u>",
			"", claim("a@one.example"), "", message.ByPerson},
		{"it does not say who", "From: Web shop <wordpress@shop.example>", "Somebody wants a lamp.", claim("wordpress@shop.example"), "Web shop", message.ByPerson},
		{"the site itself tells something", "From: Web shop <wordpress@shop.example>\nAuto-Submitted: auto-generated", "Updated.", claim("wordpress@shop.example"), "Web shop", message.Notice},
		{"a form that nobody named", "From: Web shop <wordpress@other.example>\nReply-To: a@one.example", "", []message.Identifier{{Kind: "email", Value: "wordpress@other.example", Level: message.Attested}}, "Web shop", message.ByPerson},
		{"two senders", "From: wordpress@shop.example, x@other.example\nReply-To: a@one.example", "", claim("wordpress@shop.example", "x@other.example"), "", message.ByPerson},
		{"two From fields", "From: wordpress@shop.example\nFrom: x@other.example\nReply-To: a@one.example", "", claim("wordpress@shop.example", "x@other.example"), "", message.ByPerson},
	} {
		v := Verdict{Level: message.Attested, DMARC: "pass"}
		if tc.name == "two From fields" {
			v.Level = message.Claimed // as Trust says of it
		}
		m := person(t, tc.fields, tc.text)
		ids, called := Identifiers(m, ours, v)
		if diff := cmp.Diff(tc.want, ids); diff != "" || called != tc.called {
			t.Errorf("%s: called %q, want %q; (-want +got):\n%s", tc.name, called, tc.called, diff)
		}
		if got, why := Automatic(m, ours); got != tc.automatic {
			t.Errorf("%s: Automatic = %s (%s), want %s", tc.name, got.Word(), why, tc.automatic.Word())
		}
	}
}
