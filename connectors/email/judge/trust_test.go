package judge

import (
	"strings"
	"testing"

	"loket/connectors/email/mail"
	"loket/internal/message"
)

func TestTrustBelievesOnlyOurOwnServer(t *testing.T) {
	const (
		from   = "From: Jan <jan@bank.example>\n"
		hop    = "Received: from mail.bank.example (mail.bank.example [192.0.2.1])\n\tby mx.ours.example (Postfix) with ESMTPS id 1; Mon, 2 Mar 2026 10:00:00 +0100\n"
		lmtp   = "Received: from mx.ours.example by store.internal with LMTP id 2; Mon, 2 Mar 2026 10:00:01 +0100\n"
		theirs = "Received: from desktop (unknown [192.0.2.9]) by mail.bank.example with ESMTPSA id 3\n"
		pass   = "Authentication-Results: mx.ours.example; dkim=pass header.d=bank.example;\n\tspf=pass smtp.mailfrom=jan@bank.example; dmarc=pass (p=reject dis=none) header.from=bank.example\n"
		fail   = "Authentication-Results: mx.ours.example; dmarc=fail (p=none dis=none) header.from=bank.example\n"
		none   = "Authentication-Results: mx.ours.example; spf=pass smtp.mailfrom=evil.example\n"
	)
	for _, tc := range []struct {
		name, header string
		want         message.Level
		dmarc        string
	}{
		{"above its hop", pass + hop + theirs + from, message.Attested, "pass"},
		{"below its hop", hop + pass + theirs + from, message.Attested, "pass"},
		{"below a last hop", lmtp + pass + hop + theirs + from, message.Attested, "pass"},
		{"below a last hop and its own", lmtp + hop + pass + theirs + from, message.Attested, "pass"},
		{"above all, other fields between", "X-Spam-Status: No\nDelivered-To: help@ours.example\n" + pass + "Received-SPF: pass\n" + hop + from, message.Attested, "pass"},
		{"two fields of ours above all", none + pass + hop + from, message.Attested, "pass"},
		{"said twice", pass + pass + hop + from, message.Attested, "pass"},
		{"no hop at all", pass + from, message.Attested, "pass"},
		{"capitals", strings.ToUpper(pass) + hop + "From: jan@BANK.example\n", message.Attested, "pass"},
		{"version", "Authentication-Results: mx.ours.example 1; dmarc/1 = pass header.from=bank.example\n" + hop + from, message.Attested, "pass"},
		{"address in header.from", "Authentication-Results: mx.ours.example; dmarc=pass header.from=jan@bank.example\n" + hop + from, message.Attested, "pass"},
		{"an encoded domain", "Authentication-Results: mx.ours.example; dmarc=pass header.from=xn--bnk-qla.example\n" + hop + "From: jan@bänk.example\n", message.Attested, "pass"},
		{"microsoft, no name", "Received: from a.prod.outlook.com (2603::1) by b.prod.outlook.com with HTTPS; x\nReceived: from c.prod.outlook.com by a.prod.outlook.com with SMTP; x\n" +
			"Authentication-Results: spf=pass (sender IP is 192.0.2.1)\n smtp.mailfrom=bank.example; dkim=pass (signature was verified)\n header.d=bank.example;dmarc=pass action=none\n header.from=bank.example;compauth=pass reason=100\n" +
			"Received-SPF: Pass (protection.outlook.com: domain)\nReceived: from mail.bank.example (192.0.2.1) by c.mail.protection.outlook.com with SMTP; x\n" + from, message.Attested, "pass"},
		{"google", "Delivered-To: help@ours.example\nReceived: by 2002:a05:6402:1 with SMTP id x; y\nX-Received: by 2002:a17:906:1 with SMTP id x; y\nARC-Authentication-Results: i=1; mx.google.com; dmarc=pass header.from=bank.example\nReturn-Path: <jan@bank.example>\n" +
			"Received: from mail.bank.example (mail.bank.example. [192.0.2.1]) by mx.google.com with ESMTPS id x for <help@ours.example> (version=TLS1_3); y\nReceived-SPF: pass (google.com: domain)\n" +
			"Authentication-Results: mx.google.com; dkim=pass header.i=@bank.example header.s=s header.b=abc; spf=pass (google.com: domain of jan@bank.example designates 192.0.2.1 as permitted sender) smtp.mailfrom=jan@bank.example; dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=bank.example\n" + from, message.Attested, "pass"},

		{"dmarc fails", fail + hop + from, message.Claimed, "fail"},
		{"nothing said", hop + from, message.Claimed, ""},
		{"no dmarc", none + hop + from, message.Claimed, ""},
		{"best guess", "Authentication-Results: mx.ours.example; dmarc=bestguesspass header.from=bank.example\n" + hop + from, message.Claimed, "bestguesspass"},
		{"passes for another domain", pass + hop + "From: jan@bank.example.evil.example\n", message.Claimed, "pass"},
		{"passes for the parent", pass + hop + "From: jan@sub.bank.example\n", message.Claimed, "pass"},
		{"no domain named", "Authentication-Results: mx.ours.example; dmarc=pass\n" + hop + from, message.Claimed, "pass"},
		{"only arc", "ARC-Authentication-Results: i=1; mx.ours.example; dmarc=pass header.from=bank.example\n" + hop + from, message.Claimed, ""},
		{"two addresses in From", pass + hop + "From: jan@bank.example, x@evil.example\n", message.Claimed, "pass"},
		{"two From fields", pass + hop + from + "From: x@evil.example\n", message.Claimed, "pass"},
		{"no From", pass + hop + "Subject: x\n", message.Claimed, "pass"},
		{"another server", "Authentication-Results: mx.theirs.example; dmarc=pass header.from=bank.example\n" + hop + from, message.Claimed, ""},
		{"a name that begins like ours", "Authentication-Results: mx.ours.example.evil.example; dmarc=pass header.from=bank.example\n" + hop + from, message.Claimed, ""},
		{"a name below ours", "Authentication-Results: x.mx.ours.example; dmarc=pass header.from=bank.example\n" + hop + from, message.Claimed, ""},
		{"no name", "Authentication-Results: dmarc=pass header.from=bank.example\n" + hop + from, message.Claimed, ""},
		{"no name, between our hop and a forged one", hop + "Authentication-Results: dmarc=pass header.from=bank.example\n" + hop + from, message.Claimed, ""},

		{"forged below ours", fail + hop + pass + theirs + from, message.Claimed, "fail"},
		{"forged below ours, which is below its hop", hop + fail + pass + theirs + from, message.Claimed, "fail"},
		{"forged below ours, which says no dmarc", none + hop + pass + from, message.Claimed, ""},
		{"forged below ours, without dmarc, below its hop", hop + none + pass + from, message.Claimed, ""},
		{"forged below somebody else's hop", hop + theirs + pass + from, message.Claimed, ""},
		{"forged below somebody else's hop, last hop above", lmtp + hop + theirs + pass + from, message.Claimed, ""},
		{"forged hop and field below somebody else's", hop + theirs + hop + pass + from, message.Claimed, ""},
		{"below a hop nobody knows", lmtp + pass + theirs + from, message.Claimed, ""},
		{"our name in what the sender said of themselves", "Received: from x by relay.example with SMTP\nReceived: from by mx.ours.example by evil.example with SMTP\n" + pass + from, message.Claimed, ""},
		{"our name in a comment of a hop", "Received: from x by relay.example with SMTP\nReceived: from x (y by mx.ours.example z) by evil.example with SMTP\n" + pass + from, message.Claimed, ""},
		{"result in a comment", "Authentication-Results: mx.ours.example; spf=fail (x; dmarc=pass header.from=bank.example) smtp.mailfrom=x\n" + hop + from, message.Claimed, ""},
		{"result in a nested comment", "Authentication-Results: mx.ours.example; spf=fail (x (y) ; dmarc=pass header.from=bank.example ; \\) ) smtp.mailfrom=x\n" + hop + from, message.Claimed, ""},
		{"result in a quoted local part", `Authentication-Results: mx.ours.example; spf=fail smtp.mailfrom="x; dmarc=pass header.from=bank.example;"@evil.example` + "\n" + hop + from, message.Claimed, ""},
		{"pass and fail", "Authentication-Results: mx.ours.example; dmarc=fail header.from=bank.example; dmarc=pass header.from=bank.example\n" + hop + from, message.Claimed, ""},
		{"header.from twice", "Authentication-Results: mx.ours.example; dmarc=pass header.from=evil.example header.from=bank.example\n" + hop + from, message.Claimed, ""},
		{"open comment", "Authentication-Results: mx.ours.example; dmarc=pass header.from=bank.example (x\n" + hop + from, message.Claimed, ""},
		{"open quote", "Authentication-Results: mx.ours.example; dmarc=pass header.from=bank.example \"\n" + hop + from, message.Claimed, ""},
		{"broken field of ours hides the next", hop + "Authentication-Results: mx.ours.example; ((\n" + pass + from, message.Claimed, ""},
		{"another version", "Authentication-Results: mx.ours.example 2; dmarc=pass header.from=bank.example\n" + hop + from, message.Claimed, ""},
		{"none", "Authentication-Results: mx.ours.example; none\n" + hop + from, message.Claimed, ""},
		{"too long", "Authentication-Results: mx.ours.example; x=y " + strings.Repeat("a ", maxField) + "; dmarc=pass header.from=bank.example\n" + hop + from, message.Claimed, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			v := Trust(read(t, tc.header+"\nHello.\n"), []string{"MX.ours.example", "mx.google.com", "outlook.com"})
			if v.Level != tc.want || v.DMARC != tc.dmarc {
				t.Errorf("Trust = %v, %q, want %v, %q", v.Level, v.DMARC, tc.want, tc.dmarc)
			}
		})
	}
	for _, none := range [][]string{nil, {}, {""}} {
		if v := Trust(read(t, pass+hop+from+"\n"), none); v.Level != message.Claimed || v.DMARC != "" {
			t.Errorf("Trust with servers %q = %+v, want claimed and nothing found", none, v)
		}
	}
}

func TestTrustIsNotMovedByEncodedWordsOrBrokenHeaders(t *testing.T) {
	for name, raw := range map[string]string{
		"encoded sender": "Authentication-Results: mx.ours.example; spf=none smtp.mailfrom==?utf-8?q?x=3B_dmarc=3Dpass_header.from=3Dbank.example=3B_x=3Dy?=@evil.example\nReceived: from x by mx.ours.example\n",
		"encoded helo":   "Received: from x by relay.ours.example\nReceived: from =?utf-8?q?x_by_mx.ours.example?= by evil.example with SMTP\nAuthentication-Results: mx.ours.example; dmarc=pass header.from=bank.example\n",
	} {
		m := mail.Read([]byte(raw+"From: jan@bank.example\n\nx"), mail.Limits{})
		if v := Trust(m, []string{"mx.ours.example"}); v.Level != message.Claimed {
			t.Errorf("%s: Trust = %+v, want claimed", name, v)
		}
	}
}

func TestOnlyOurOwnServerSaysThatNobodySent(t *testing.T) {
	const (
		hop    = "Received: from x by mx.ours.example; x\n"
		last   = "Received: by 2002:a05:6402:1 with SMTP id x; y\n"
		theirs = "Received: from a by relay.evil.example; x\n"
		path   = "Return-Path: <>\n"
	)
	for name, tt := range map[string]struct {
		header string
		want   bool
	}{
		"above all":                          {path + hop, true},
		"above all, no hop":                  {path, true},
		"above the hop that took it in":      {last + path + hop, true},
		"above our hop, below others of us":  {last + hop + path + hop, true},
		"somebody sent":                      {"Return-Path: <x@evil.example>\n" + hop + path, false},
		"below the hop that took it in":      {hop + path, false},
		"below it, above a hop of theirs":    {hop + path + theirs, false},
		"below theirs, above a forged of us": {last + theirs + path + hop, false},
		"none":                               {hop, false},
	} {
		if got := FromNobody(read(t, tt.header+"From: MAILER-DAEMON@else.example\n\nx\n"), []string{"mx.ours.example"}); got != tt.want {
			t.Errorf("%s: FromNobody = %v, want %v", name, got, tt.want)
		}
	}
}
