package judge

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"loket/internal/message"
)

// dsn is a delivery status notification with the given blocks, and our mail as returned.
func dsn(fields, status, returned string) string {
	return strings.TrimSpace(fields+`
From: Mail Delivery System <MAILER-DAEMON@mx.example>
To: help@ours.example
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"`) + `

--b
Content-Type: text/plain

This is the mail system at host mx.example.

I'm sorry to have to inform you that your message could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
Arrival-Date: Mon, 2 Mar 2026 10:00:00 +0100

` + status + `

--b
` + returned + `
--b--
`
}

const (
	returnedMessage = "Content-Type: message/rfc822\n\nReceived: from x by y\nFrom: help@ours.example\nMessage-ID: <loket.7@ours.example>\nSubject: Re: My connection\n\nHello <loket.99@ours.example>\n"
	returnedHeaders = "Content-Type: text/rfc822-headers\n\nFrom: help@ours.example\nMessage-Id:\n <loket.7@ours.example>\n"
)

func TestBounceReadsStatusNotifications(t *testing.T) {
	for _, tc := range []struct {
		name, raw string
		want      Report
	}{
		{
			"no such user", dsn("Return-Path: <>", "Final-Recipient: rfc822; jan@customer.example\nOriginal-Recipient: rfc822;Jan@customer.example\nAction: failed\nStatus: 5.1.1\nRemote-MTA: dns; mx.customer.example\nDiagnostic-Code: smtp; 550 5.1.1 <jan@customer.example>:\n    Recipient address rejected: User unknown", returnedMessage),
			Report{Kind: message.Bounce, State: StateFailed, Permanent: true, Recipient: "Jan@customer.example", Reason: "5.1.1 550 <jan@customer.example>: Recipient address rejected: User unknown", Candidates: []string{"loket.7@ours.example", "loket.99@ours.example"}},
		},
		{
			"only the header came back", dsn("", "Final-Recipient: rfc822;jan@customer.example\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 no such user", returnedHeaders),
			Report{Kind: message.Bounce, State: StateFailed, Permanent: true, Recipient: "jan@customer.example", Reason: "5.1.1 550 no such user", Candidates: []string{"loket.7@ours.example"}},
		},
		{
			"delayed", dsn("", "Final-Recipient: rfc822; jan@customer.example\nAction: delayed\nStatus: 4.4.1\nDiagnostic-Code: smtp; connect to mx.customer.example: Connection timed out\nWill-Retry-Until: Sat, 7 Mar 2026 10:00:00 +0100", returnedHeaders),
			Report{Kind: message.Bounce, State: StateDelayed, Recipient: "jan@customer.example", Reason: "4.4.1 connect to mx.customer.example: Connection timed out", Candidates: []string{"loket.7@ours.example"}},
		},
		{
			"delivered", dsn("", "Final-Recipient: rfc822; jan@customer.example\nAction: delivered\nStatus: 2.0.0", returnedHeaders),
			Report{Kind: message.Report, State: StateDelivered, Recipient: "jan@customer.example", Reason: "2.0.0", Candidates: []string{"loket.7@ours.example"}},
		},
		{
			"relayed", dsn("", "Final-Recipient: rfc822; jan@customer.example\nAction: relayed (to a server without reports)\nStatus: 2.1.9", returnedHeaders),
			Report{Kind: message.Report, State: StateSent, Recipient: "jan@customer.example", Reason: "2.1.9", Candidates: []string{"loket.7@ours.example"}},
		},
		{
			"expanded", dsn("", "Final-Recipient: rfc822; team@customer.example\nAction: expanded\nStatus: 2.1.5", returnedHeaders),
			Report{Kind: message.Report, State: StateSent, Recipient: "team@customer.example", Reason: "2.1.5", Candidates: []string{"loket.7@ours.example"}},
		},
		{
			"mailbox full", dsn("", "Final-Recipient: rfc822; jan@customer.example\nAction: failed\nStatus: 5.2.2\nDiagnostic-Code: smtp; 552 5.2.2 Mailbox full", returnedHeaders),
			Report{Kind: message.Bounce, State: StateFailed, Recipient: "jan@customer.example", Reason: "5.2.2 552 Mailbox full", Candidates: []string{"loket.7@ours.example"}},
		},
		{
			"gave up", dsn("", "Final-Recipient: rfc822; jan@customer.example\nAction: failed\nStatus: 4.4.7\nDiagnostic-Code: smtp; delivery time expired", returnedHeaders),
			Report{Kind: message.Bounce, State: StateFailed, Recipient: "jan@customer.example", Reason: "4.4.7 delivery time expired", Candidates: []string{"loket.7@ours.example"}},
		},
		{
			"policy", dsn("", "Final-Recipient: rfc822; jan@customer.example\nAction: failed\nStatus: 5.7.1\nDiagnostic-Code: smtp; 550 5.7.1 Message rejected as spam", returnedHeaders),
			Report{Kind: message.Bounce, State: StateFailed, Recipient: "jan@customer.example", Reason: "5.7.1 550 Message rejected as spam", Candidates: []string{"loket.7@ours.example"}},
		},
		{
			"the code stands only in the words", dsn("", "Final-Recipient: rfc822; jan@customer.example\nAction: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; 550-5.1.1 The email account that you tried to reach does not exist.", returnedHeaders),
			Report{Kind: message.Bounce, State: StateFailed, Permanent: true, Recipient: "jan@customer.example", Reason: "5.1.1 550 The email account that you tried to reach does not exist.", Candidates: []string{"loket.7@ours.example"}},
		},
		{
			"no action", dsn("", "Final-Recipient: rfc822; jan@customer.example\nStatus: 4.2.1", returnedHeaders),
			Report{Kind: message.Bounce, State: StateDelayed, Recipient: "jan@customer.example", Reason: "4.2.1", Candidates: []string{"loket.7@ours.example"}},
		},
		{
			"recipient of another type", dsn("", "Final-Recipient: x400; /CN=jan/\nAction: failed\nStatus: 5.1.1", returnedHeaders),
			Report{Kind: message.Bounce, State: StateFailed, Permanent: true, Reason: "5.1.1", Candidates: []string{"loket.7@ours.example"}},
		},
		{
			"Unicode address", dsn("", "Final-Recipient: utf-8; jös@customer.example\nAction: failed\nStatus: 5.1.1", returnedHeaders),
			Report{Kind: message.Bounce, State: StateFailed, Permanent: true, Recipient: "jös@customer.example", Reason: "5.1.1", Candidates: []string{"loket.7@ours.example"}},
		},
		{
			"by envelope address, our server changed the id", dsn("Delivered-To: help+b-8@ours.example", "Final-Recipient: rfc822; jan@customer.example\nAction: failed\nStatus: 5.1.1", strings.ReplaceAll(returnedHeaders, "loket.7@ours.example", "0102@relay.example")),
			Report{Kind: message.Bounce, State: StateFailed, Permanent: true, Recipient: "jan@customer.example", Reason: "5.1.1", Candidates: []string{"loket.8@ours.example", "0102@relay.example"}},
		},
		{
			"by In-Reply-To only", dsn("In-Reply-To: <loket.7@ours.example>", "Final-Recipient: rfc822; jan@customer.example\nAction: failed\nStatus: 5.1.1", "Content-Type: text/plain\n\nnothing"),
			Report{Kind: message.Bounce, State: StateFailed, Permanent: true, Recipient: "jan@customer.example", Reason: "5.1.1", Candidates: []string{"loket.7@ours.example"}},
		},
		{
			"envelope id", dsn("", "Original-Envelope-Id: loket.9@ours.example\n\nFinal-Recipient: rfc822; jan@customer.example\nAction: failed\nStatus: 5.1.1", "Content-Type: text/plain\n\nnothing"),
			Report{Kind: message.Bounce, State: StateFailed, Permanent: true, Recipient: "jan@customer.example", Reason: "5.1.1", Candidates: []string{"loket.9@ours.example"}},
		},
	} {
		t.Run(tc.name, func(t *testing.T) { checkReport(t, tc.raw, tc.want) })
	}
}

// checkReport compares all but the outcomes.
func checkReport(t *testing.T, raw string, want Report) {
	t.Helper()
	m := read(t, raw)
	got, ok := Bounce(m, ours)
	if !ok {
		t.Fatalf("Bounce finds no report, want %+v", want)
	}
	if kind, _ := Automatic(m, ours); kind != want.Kind {
		t.Errorf("Automatic = %s, want %s", kind.Word(), want.Kind.Word())
	}
	got.Outcomes, got.why = nil, ""
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(Report{})); diff != "" {
		t.Errorf("Bounce (-want +got):\n%s", diff)
	}
}

func TestBounceTellsTheWorstOfSeveralRecipients(t *testing.T) {
	m := read(t, dsn("", "Final-Recipient: rfc822; a@customer.example\nAction: delivered\nStatus: 2.0.0\n\nFinal-Recipient: rfc822; b@customer.example\nAction: failed\nStatus: 5.2.2\n\nFinal-Recipient: rfc822; c@customer.example\nAction: failed\nStatus: 5.1.1\n\nFinal-Recipient: rfc822; d@customer.example\nAction: delayed\nStatus: 4.0.0", returnedHeaders))
	got, ok := Bounce(m, ours)
	if !ok || got.State != StateFailed || got.Recipient != "c@customer.example" || !got.Permanent {
		t.Errorf("Bounce = %+v, %v, want the failure of c", got, ok)
	}
	var states []string
	for _, o := range got.Outcomes {
		states = append(states, o.Recipient[:1]+" "+o.State)
	}
	if diff := cmp.Diff([]string{"a delivered", "b failed", "c failed", "d delayed"}, states); diff != "" {
		t.Errorf("outcomes (-want +got):\n%s", diff)
	}
}

func TestBounceReadsReceipts(t *testing.T) {
	const receipt = `From: Jan <jan@customer.example>
To: help@ours.example
Subject: Gelezen: Uw vraag
Content-Type: multipart/report; report-type=disposition-notification; boundary=b

--b
Content-Type: text/plain

Your message was read.
--b
Content-Type: message/disposition-notification

Reporting-UA: customer.example; Mailer 1
Final-Recipient: rfc822;jan@customer.example
Original-Message-ID: <loket.7@ours.example>
Disposition: manual-action/MDN-sent-manually; DISPOSITION
--b--
`
	for disposition, want := range map[string]string{
		"displayed": StateRead, "Displayed": StateRead, "displayed/error": StateRead,
		"deleted": StateDelivered, "processed": StateDelivered, "dispatched": StateDelivered, "denied": StateDelivered,
	} {
		kind, _, _ := strings.Cut(strings.ToLower(disposition), "/")
		checkReport(t, strings.Replace(receipt, "DISPOSITION", disposition, 1), Report{
			Kind: message.Report, State: want, Recipient: "jan@customer.example", Reason: kind, Candidates: []string{"loket.7@ours.example"},
		})
	}
}

func TestBounceReadsTheTextsOfMailServers(t *testing.T) {
	const copyOfOurs = "From: help@ours.example\nTo: jan@customer.example\nSubject: Re: My connection\nMessage-ID: <loket.7@ours.example>\n\nHello, call 550 5.1.1.\n"
	failed := func(permanent bool, recipient, reason string) Report {
		return Report{Kind: message.Bounce, State: StateFailed, Permanent: permanent, Recipient: recipient, Reason: reason, Candidates: []string{"loket.7@ours.example"}}
	}
	for _, tc := range []struct {
		name, fields, text string
		want               Report
	}{
		{
			"qmail", "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\nSubject: failure notice",
			"Hi. This is the qmail-send program at mx.example.\nI'm afraid I wasn't able to deliver your message to the following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n<jan@customer.example>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n--- Below this line is a copy of the message.\n\nReturn-Path: <help@ours.example>\n" + copyOfOurs,
			failed(true, "jan@customer.example", "5.1.1 Sorry, no mailbox here by that name."),
		},
		{
			"qmail, remote", "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\nSubject: failure notice",
			"Hi. This is the qmail-send program at mx.example.\nI'm afraid I wasn't able to deliver your message to the following addresses.\n\n<jan@customer.example>:\n192.0.2.1 does not like recipient.\nRemote host said: 550 5.7.1 no thanks\nGiving up on 192.0.2.1.\n\n--- Below this line is a copy of the message.\n\n" + copyOfOurs,
			failed(false, "jan@customer.example", "5.7.1 550 no thanks"),
		},
		{
			"exim", "Return-Path: <>\nX-Failed-Recipients: jan@customer.example\nAuto-Submitted: auto-replied\nFrom: Mail Delivery System <Mailer-Daemon@mx.example>\nSubject: Mail delivery failed: returning message to sender",
			"This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n  jan@customer.example\n    host mx.customer.example [192.0.2.1]\n    SMTP error from remote mail server after RCPT TO:<jan@customer.example>:\n    550 5.1.1 No such user here\n\n------ This is a copy of the message, including all the headers. ------\n\n" + copyOfOurs,
			failed(true, "jan@customer.example", "5.1.1 550 No such user here"),
		},
		{
			"exim, full", "Return-Path: <>\nX-Failed-Recipients: jan@customer.example\nFrom: Mail Delivery System <Mailer-Daemon@mx.example>\nSubject: Mail delivery failed: returning message to sender",
			"A message that you sent could not be delivered to one or more of its\nrecipients. The following address(es) failed:\n\n  jan@customer.example\n    mailbox is full: retry timeout exceeded\n\n------ This is a copy of the message, including all the headers. ------\n\n" + copyOfOurs,
			failed(false, "jan@customer.example", "mailbox is full: retry timeout exceeded"),
		},
		{
			"exim, delay", "Return-Path: <>\nAuto-Submitted: auto-replied\nFrom: Mail Delivery System <Mailer-Daemon@mx.example>\nSubject: Warning: message 1abcde-0000XX-00 delayed 24 hours\nIn-Reply-To: <loket.7@ours.example>",
			"This message was created automatically by mail delivery software.\nA message that you sent has not yet been delivered to one or more of its\nrecipients after more than 24 hours on the queue.\n\nThe address to which the message has not yet been delivered is:\n\n  jan@customer.example\n\nNo action is required on your part.\n",
			Report{Kind: message.Bounce, State: StateDelayed, Recipient: "jan@customer.example", Reason: "Warning: message 1abcde-0000XX-00 delayed 24 hours", Candidates: []string{"loket.7@ours.example"}},
		},
		{
			"sendmail", "Return-Path: <>\nFrom: Mail Delivery Subsystem <MAILER-DAEMON@mx.example>\nSubject: Returned mail: see transcript for details",
			"The original message was received at Mon, 2 Mar 2026\n\n   ----- The following addresses had permanent fatal errors -----\n<jan@customer.example>\n    (reason: 550 5.1.1 <jan@customer.example>... User unknown)\n\n   ----- Transcript of session follows -----\n>>> DATA\n\n   ----- Original message follows -----\n\n" + copyOfOurs,
			failed(true, "jan@customer.example", "5.1.1 550 <jan@customer.example>... User unknown)"),
		},
		{
			"postfix, text only", "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example (Mail Delivery System)\nSubject: Undelivered Mail Returned to Sender\nReferences: <loket.7@ours.example>",
			"This is the mail system at host mx.example.\n\nI'm sorry to have to inform you that your message could not\nbe delivered to one or more recipients.\n\n<jan@customer.example>: host mx.customer.example[192.0.2.1] said: 550 5.1.1\n    User doesn't exist (in reply to RCPT TO command)\n",
			failed(true, "jan@customer.example", "5.1.1 550 User doesn't exist (in reply to RCPT TO command)"),
		},
		{
			"old exchange", "Return-Path: <>\nFrom: System Administrator <postmaster@customer.example>\nSubject: Undeliverable: Re: My connection\nIn-Reply-To: <loket.7@ours.example>",
			"Your message did not reach some or all of the intended recipients.\n\n      Subject:  Re: My connection\n      Sent:     3/2/2026 10:00 AM\n\nThe following recipient(s) could not be reached:\n\n      jan@customer.example on 3/2/2026 10:00 AM\n            The e-mail account does not exist at the organization this message was sent to.\n            <mx.customer.example #5.1.1>\n",
			failed(true, "jan@customer.example", "5.1.1 The e-mail account does not exist at the organization this message was sent to."),
		},
		{
			"lotus", "From: Postmaster@customer.example\nSubject: DELIVERY FAILURE: User jan not listed in Domino Directory\nIn-Reply-To: <loket.7@ours.example>",
			"Your message\n\n  Subject: Re: My connection\n\nwas not delivered to:\n\n  jan@customer.example\n\nbecause:\n\n  User jan (jan@customer.example) not listed in Domino Directory\n",
			failed(true, "jan@customer.example", "User jan (jan@customer.example) not listed in Domino Directory"),
		},
		{
			"gmail as text", "Return-Path: <>\nFrom: Mail Delivery Subsystem <mailer-daemon@googlemail.com>\nX-Failed-Recipients: jan@customer.example\nSubject: Delivery Status Notification (Failure)\nReferences: <loket.7@ours.example>",
			"** Address not found **\n\nYour message wasn't delivered to jan@customer.example because the address couldn't be found, or is unable to receive mail.\n\nThe response from the remote server was:\n550 5.1.1 user unknown\n",
			failed(true, "jan@customer.example", "5.1.1 550 user unknown"),
		},
		{
			"Dutch", "Return-Path: <>\nFrom: postmaster@customer.example\nSubject: Onbestelbaar: Re: My connection\nIn-Reply-To: <loket.7@ours.example>",
			"Uw bericht kon niet worden bezorgd bij jan@customer.example.\nReden: postvak is vol\n",
			failed(false, "jan@customer.example", "postvak is vol"),
		},
		{
			"German", "Return-Path: <>\nFrom: postmaster@customer.example\nSubject: Unzustellbar: Re: My connection\nIn-Reply-To: <loket.7@ours.example>",
			"Ihre Nachricht an jan@customer.example konnte nicht zugestellt werden.\nGrund: 550 5.1.10 Empfänger nicht gefunden\n",
			failed(true, "jan@customer.example", "5.1.10 550 Empfänger nicht gefunden"),
		},
		{
			"only our Message-ID in the text", "From: mailer-daemon@odd.example\nSubject: Oops",
			"Das ging nicht.\n\n> Message-ID: <loket.7@ours.example>\n",
			failed(false, "", "Oops"),
		},
		{
			"only our Message-ID somewhere", "From: mailer-daemon@odd.example\nSubject: Oops",
			"Problem with <loket.7@ours.example>, sorry.\n",
			failed(false, "", "Oops"),
		},
		{
			"by envelope address only", "Return-Path: <>\nDelivered-To: help+b-7@ours.example\nFrom: server@odd.example\nSubject: Message not delivered",
			"Sorry.\n",
			failed(false, "", "Message not delivered"),
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			checkReport(t, strings.TrimSpace(tc.fields)+"\nTo: help@ours.example\n\n"+tc.text, tc.want)
		})
	}
}

func TestBounceLeavesPeopleAlone(t *testing.T) {
	const quoted = "What does this mean?\n\n> Undelivered Mail Returned to Sender\n> <jan@customer.example>: host mx said: 550 5.1.1 User unknown\n> Message-ID: <loket.7@ours.example>\n"
	for name, m := range map[string]string{
		"asks about a bounce":    "Subject: Undelivered Mail Returned to Sender",
		"passes a bounce on":     "Subject: Fwd: Undelivered Mail\nContent-Type: multipart/mixed; boundary=b",
		"out of office":          "Return-Path: <>\nAuto-Submitted: auto-replied\nIn-Reply-To: <loket.7@ours.example>\nSubject: Re: My connection",
		"out of office, by name": "Return-Path: <>\nSubject: Out of office: Undelivered\nIn-Reply-To: <loket.7@ours.example>",
		"notice":                 "Auto-Submitted: auto-generated\nSubject: Build 550 failed",
		"postmaster writes":      "From: postmaster@customer.example\nSubject: Delivery of our router",
	} {
		text := quoted
		switch name {
		case "passes a bounce on":
			text = "--b\nContent-Type: text/plain\n\nSee.\n--b\nContent-Type: message/delivery-status\n\nFinal-Recipient: rfc822; a@b.example\nAction: failed\n\n--b--\n"
		case "postmaster writes":
			text = "When does it come?\n"
		}
		if r, ok := Bounce(person(t, m, text), ours); ok {
			t.Errorf("%s: Bounce = %+v, want none", name, r)
		}
	}
}

func TestReasonIsOneShortLine(t *testing.T) {
	m := read(t, dsn("", "Final-Recipient: rfc822; jan@customer.example\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 \u202e"+strings.Repeat("é no\n\t", 500), returnedHeaders))
	r, _ := Bounce(m, ours)
	if n := utf8.RuneCountInString(r.Reason); n > maxReason || strings.ContainsAny(r.Reason, "\n\t\u202e") || !strings.HasPrefix(r.Reason, "5.1.1 550 é no é") {
		t.Errorf("Reason has %d characters: %q", n, r.Reason)
	}
}

func TestBounceBoundsWhatItGathers(t *testing.T) {
	block := "Final-Recipient: rfc822; a@customer.example\nAction: failed\nStatus: 5.1.1\n\n"
	m := read(t, dsn("References: "+strings.Repeat("<loket.x@ours.example> ", 1000), strings.Repeat(block, 3000), returnedHeaders))
	for i := range 50 {
		m.InReplyTo = append(m.InReplyTo, "loket."+strings.Repeat("y", i)+"@ours.example")
	}
	r, _ := Bounce(m, ours)
	if len(r.Outcomes) != maxOutcomes || len(r.Candidates) != maxCandidates {
		t.Errorf("Bounce gives %d outcomes and %d candidates, want %d and %d", len(r.Outcomes), len(r.Candidates), maxOutcomes, maxCandidates)
	}
}
