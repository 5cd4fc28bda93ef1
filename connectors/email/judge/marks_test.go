package judge

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"loket/internal/message"
)

func TestMarksWarnOfWhatMaySeemOtherThanItIs(t *testing.T) {
	attested := Verdict{Level: message.Attested, DMARC: "pass"}
	failed := Verdict{Level: message.Claimed, DMARC: "fail"}
	claimed := Verdict{Level: message.Claimed}
	for _, tc := range []struct {
		name, fields string
		verdict      Verdict
		want         []string
	}{
		{"nothing", "", claimed, nil},
		{"attested", "", attested, nil},
		{"dmarc failed", "", failed, []string{MarkDMARC}},
		{"several", "From: a@a.example, b@a.example", claimed, []string{MarkSeveralFrom}},
		{"two fields", "From: a@a.example\nFrom: b@a.example", claimed, []string{MarkSeveralFrom}},
		{"none", "From:", claimed, []string{MarkNoFrom}},
		{"reply-to elsewhere", "Reply-To: jan@evil.example", claimed, []string{MarkReplyTo}},
		{"reply-to in the same organisation", "From: jan@news.shop.co.uk\nReply-To: care@shop.co.uk", claimed, nil},
		{"reply-to under the same registry only", "From: jan@bank.co.uk\nReply-To: jan@evil.co.uk", claimed, []string{MarkReplyTo}},
		{"reply-to us", "Reply-To: help@ours.example", claimed, nil},
		{"reply-to another mailbox where everybody may have one", "From: jan@gmail.com\nReply-To: evil@gmail.com", attested, []string{MarkReplyTo}},
		{"reply-to the same mailbox there", "From: Jan+shop@gmail.com\nReply-To: jan@Gmail.com", attested, nil},
		{"sent by another mailbox there", "From: jan@yahoo.co.uk\nSender: eve@yahoo.co.uk", attested, []string{MarkSender}},
		{"reply-to that hides another address", "Reply-To: \"help@bank.example\"@customer.example", attested, []string{MarkLookalike}},
		{"our form", "From: help@ours.example\nReply-To: jan@customer.example", attested, []string{MarkReplyTo}},
		{"a form of ours", "From: Web shop <wordpress@shop.example>\nReply-To: jan@customer.example", attested, nil},
		{"a form of ours, forged", "From: Web shop <wordpress@shop.example>\nReply-To: jan@customer.example", failed, []string{MarkDMARC, MarkOurAddress}},
		{"a form of ours, nobody asked", "From: Web shop <wordpress@shop.example>\nReply-To: jan@customer.example", claimed, []string{MarkOurAddress}},
		{"a form that nobody named", "From: Web shop <wordpress@other.example>\nReply-To: jan@customer.example", attested, []string{MarkReplyTo}},
		{"a visitor by our name", "From: wordpress@shop.example\nReply-To: Klantenservice Ours <jan@customer.example>", attested, []string{MarkNameOurs}},
		{"a visitor who shows another address", "From: wordpress@shop.example\nReply-To: \"kate@bank.example\" <jan@customer.example>", attested, []string{MarkNameAddress}},
		{"sender elsewhere", "Sender: x@bulk.example", claimed, []string{MarkSender}},
		{"sender in the same organisation", "Sender: x@mail.customer.example", claimed, nil},
		{"shows another address", `From: "ceo@ours.example" <x@evil.example>`, claimed, []string{MarkNameAddress, MarkNameOurs}},
		{"shows another of the same", `From: "jan@work.example" <jan@home.example>`, claimed, []string{MarkNameAddress}},
		{"shows its own", `From: "Jan@Home.example" <jan@home.example>`, claimed, nil},
		{"shows our domain", `From: Ours.example support <x@evil.example>`, claimed, []string{MarkNameOurs}},
		{"shows our name", `From: klantenservice  OURS <x@evil.example>`, claimed, []string{MarkNameOurs}},
		{"shows our name in other letters", `From: =?utf-8?q?Klant=D0=B5nservice_0urs?= <x@evil.example>`, claimed, []string{MarkNameOurs}},
		{"our name is ours", `From: Klantenservice Ours <help@ours.example>`, attested, nil},
		{"colleague", `From: Kees <kees@ours.example>`, attested, nil},
		{"our address, failed", `From: Kees <kees@ours.example>`, failed, []string{MarkDMARC, MarkOurAddress}},
		{"our address, nobody asked", `From: help@ours.example`, claimed, []string{MarkOurAddress}},
		{"our address with a tag", `From: help+x@ours.example`, claimed, []string{MarkOurAddress}},
		{"our address in quotes", `From: "help"@ours.example`, claimed, []string{MarkOurAddress}},
		{"our address among others", "From: jan@customer.example, Info <INFO@ours.example>", claimed, []string{MarkSeveralFrom, MarkOurAddress}},
		{"our address, attested", `From: help@ours.example`, attested, nil},
		{"colleague, nobody asked", `From: Kees <kees@ours.example>`, claimed, nil},
		{"another address before the @", `From: "kate@bank.example"@evil.example`, attested, []string{MarkLookalike}},
		{"another address before the @, escaped", `From: Kate <"kate\@bank.example"@evil.example>`, attested, []string{MarkLookalike}},
		{"another address before the @, in other letters", "From: kate\uff20bank.example@evil.example", attested, []string{MarkLookalike}},
		{"another address before the @, by a route", "From: kate%bank.example@evil.example", attested, []string{MarkLookalike}},
		{"percent, but no address", "From: 100%kate@customer.example", attested, nil},
		{"shows another address in other letters", "From: =?utf-8?q?ceo=EF=BC=A0else=2Eexample?= <x@evil.example>", claimed, []string{MarkNameAddress}},
		{"shows another address with gaps", "From: \"ceo @ el\u200bse.example\" <x@evil.example>", claimed, []string{MarkNameAddress}},
		{"shows another address, escaped", `From: "kate\@bank.example" <x@evil.example>`, claimed, []string{MarkNameAddress}},
		{"shows another address in words", "From: \"kate (at) bank.example\" <x@evil.example>", claimed, []string{MarkNameAddress}},
		{"turns the direction", "From: =?utf-8?q?=E2=80=AEgnp.naj?= <jan@customer.example>", claimed, []string{MarkNameHidden}},
		{"Cyrillic among Latin", "From: x@p\u0430ypal.example", claimed, []string{MarkLookalike}},
		{"Cyrillic among Latin, encoded", "From: x@xn--pypal-4ve.example", claimed, []string{MarkLookalike}},
		{"Cyrillic that looks Latin", "From: x@\u0441\u043e\u0440.example", claimed, []string{MarkLookalike}},
		{"Cyrillic before the @", "From: j\u0430n@customer.example", claimed, []string{MarkLookalike}},
		{"not encoded at all", "From: x@xn--a-\u00e4.example", claimed, []string{MarkLookalike}},
		{"umlaut", "From: x@m\u00fcnchen.example", claimed, nil},
		{"Russian", "From: x@\u043c\u043e\u0441\u043a\u0432\u0430-\u0437\u0436.example", claimed, nil},
		{"nearly ours by a figure", "From: x@0urs.example", claimed, []string{MarkLookalike}},
		{"ours in front", "From: x@ours.example.evil.example", claimed, []string{MarkLookalike}},
		{"forwarded", "Subject: Fwd: My connection\nX-Original-From: piet@else.example", claimed, []string{MarkForwarded}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, Marks(person(t, tc.fields, ""), ours, tc.verdict)); diff != "" {
				t.Errorf("Marks (-want +got):\n%s", diff)
			}
		})
	}
}

func TestIdentifiersKeepClaimsApart(t *testing.T) {
	attested := Verdict{Level: message.Attested, DMARC: "pass"}
	for _, tc := range []struct {
		name, fields string
		verdict      Verdict
		want         []string
		display      string
	}{
		{"attested", "", attested, []string{"email:jan@customer.example"}, "Jan Jansen"},
		{"claimed", "", Verdict{Level: message.Claimed}, []string{"~email:jan@customer.example"}, "Jan Jansen"},
		{"several are claims", "From: A <a@a.example>, b@b.example, A@A.example", attested, []string{"~email:a@a.example", "~email:b@b.example"}, "A"},
		{"one of ours among several", "From: help@ours.example, Jan <jan@customer.example>", attested, []string{"~email:jan@customer.example"}, "Jan"},
		{"empty From", "From:\nReply-To: Piet <piet@customer.example>", attested, []string{"~email:piet@customer.example"}, "Piet"},
		{"no address in From", "From: Piet\nReply-To: piet@customer.example", attested, []string{"~email:piet@customer.example"}, ""},
		{"Reply-To is not the sender", "Reply-To: piet@else.example", attested, []string{"email:jan@customer.example"}, "Jan Jansen"},
		{"Sender is not the sender", "Sender: piet@else.example", attested, []string{"email:jan@customer.example"}, "Jan Jansen"},
		{"our form", "From: Website <help@ours.example>\nReply-To: Piet <piet@customer.example>", attested, []string{"~email:piet@customer.example"}, "Piet"},
		{"our group", "From: Jan via Help <help@ours.example>\nX-Original-Sender: jan@customer.example", attested, []string{"~email:jan@customer.example"}, ""},
		{"only ours", "From: Help <help@ours.example>", attested, []string{"~email:help@ours.example"}, "Help"},
		{"colleague", "From: Kees <kees@ours.example>", attested, []string{"email:kees@ours.example"}, "Kees"},
		{"nobody", "From:", attested, nil, ""},
		{"forwarded text names nobody", "Subject: Fwd: x\nX-Original-From: piet@else.example", attested, []string{"email:jan@customer.example"}, "Jan Jansen"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			ids, name := Identifiers(person(t, tc.fields, ""), ours, tc.verdict)
			var got []string
			for _, id := range ids {
				got = append(got, id.Node())
			}
			if diff := cmp.Diff(tc.want, got); diff != "" || name != tc.display {
				t.Errorf("Identifiers gives the name %q, want %q (-want +got):\n%s", name, tc.display, diff)
			}
		})
	}
}
