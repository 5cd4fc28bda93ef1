package judge

import (
	"strings"
	"testing"
	"unicode/utf8"

	"loket/connectors/email/mail"
	"loket/internal/message"
)

// FuzzBounce holds that nothing panics, that what is gathered is bounded, and that a bounce has a state.
func FuzzBounce(f *testing.F) {
	f.Add(dsn("Return-Path: <>", "Final-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 x", returnedMessage))
	f.Add(dsn("", "Action:\n\n\n\nFinal-Recipient", returnedHeaders))
	f.Add("Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\nSubject: failure notice\n\nHi.\n<a@b.example>:\nno (#5.1.1)\n\n--- Below this line is a copy of the message.\n\nMessage-ID: <loket.7@ours.example>\n")
	f.Add("From: a@b.example\nSubject: Fwd: x\n\n---------- Forwarded message ---------\nFrom: c <c@d.example>\n")
	f.Add("From: SRS0=a=b=c=d@e.example\nList-Id: <x>\nAuto-Submitted: (\n\n")
	f.Fuzz(func(t *testing.T, raw string) {
		m := mail.Read([]byte(raw), mail.Limits{})
		kind, why := Automatic(m, ours)
		if (kind == message.ByPerson) != (why == "") {
			t.Errorf("Automatic = %s, %q", kind.Word(), why)
		}
		Forwarded(m)
		OwnMail(m, ours)
		if ok, why := MayAnswer(m, ours, kind); ok != (why == "") || ok && kind != message.ByPerson {
			t.Errorf("MayAnswer = %v, %q of %s", ok, why, kind.Word())
		}
		for _, own := range []Own{ours, {}} {
			r, ok := Bounce(m, own)
			if !ok {
				continue
			}
			if r.State == "" || r.Kind != message.Bounce && r.Kind != message.Report || len(r.Candidates) > maxCandidates || len(r.Outcomes) > maxOutcomes {
				t.Errorf("Bounce = %+v", r)
			}
			if !utf8.ValidString(r.Reason) || utf8.RuneCountInString(r.Reason) > maxReason || strings.ContainsAny(r.Reason, "\r\n\x00") {
				t.Errorf("Reason = %q", r.Reason)
			}
		}
	})
}

// FuzzTrust holds that only our own server's word counts, whatever stands below its field.
func FuzzTrust(f *testing.F) {
	f.Add("Authentication-Results: mx.ours.example; dmarc=pass header.from=bank.example\nReceived: from x by mx.ours.example\n")
	f.Add("Received: from x by evil.example\nAuthentication-Results: mx.ours.example 1; dmarc/1 = pass (a(b)\\)) header.from=\"bank.example\"\n")
	f.Add("From: =?utf-8?q?a?= <a@xn--pypal-4ve.example>\nReply-To: <b@c.example>\n")
	f.Fuzz(func(t *testing.T, below string) {
		const fail = "Received: from x (x [192.0.2.1]) by mx.ours.example with SMTP\nAuthentication-Results: mx.ours.example; dmarc=fail header.from=bank.example\n"
		servers := []string{"mx.ours.example"}
		m := mail.Read([]byte(fail+below), mail.Limits{})
		if v := Trust(m, servers); v.Level != message.Claimed {
			t.Errorf("Trust below a fail = %+v, want claimed", v)
		}
		m = mail.Read([]byte(below), mail.Limits{})
		if v := Trust(m, nil); v.Level != message.Claimed {
			t.Errorf("Trust of nobody = %+v, want claimed", v)
		}
		v := Trust(m, servers)
		Marks(m, ours, v)
		ids, _ := Identifiers(m, ours, v)
		for _, id := range ids {
			if id.Level > v.Level {
				t.Errorf("Identifiers gives %v at level %v, want at most %v", id, id.Level, v.Level)
			}
		}
	})
}
