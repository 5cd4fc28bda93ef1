package send_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"loket/connectors"
	"loket/connectors/email/send"
	"loket/connectors/email/send/smtptest"
	"loket/internal/message"
)

func TestMessageArrivesAsMail(t *testing.T) {
	for name, security := range map[string]smtptest.Security{"smtps": smtptest.Implicit, "STARTTLS": smtptest.StartTLS, "loopback": smtptest.Clear} {
		t.Run(name, func(t *testing.T) {
			sink := smtptest.Start(t, smtptest.Options{Security: security, User: "help@example.com", Password: "p@ss/word?#%", MaxBytes: 1 << 20})
			a := account(sink)
			a.Plus, a.Bounce, a.Hello = "+", "bounces@example.com", "desk.example.com"
			if security == smtptest.Clear {
				a.CA = ""
			}
			s := sender(t, send.Options{Accounts: send.Accounts{a}, Blobs: blobs{"m/1": []byte("%PDF")}})
			m := said("Good day.")
			m.References, m.Language = []string{"question@example.org"}, "nl"
			m.Earlier = &message.Earlier{Name: "Jan", Text: "When?", Sent: sentAt}
			m.Attachments = []message.Attachment{{Name: "rekening.pdf", Type: "application/pdf", Size: 4, Blob: "m/1"}}
			if err := s.Check(m); err != nil {
				t.Fatal(err)
			}
			receipt, err := s.Send(t.Context(), m)
			if err != nil {
				t.Fatal(err)
			}
			if ref, ok := ids.Of(receipt.ID); !ok || ref != (send.Ref{Thread: thread, Message: m.ID}) || receipt.State != connectors.Sent {
				t.Errorf("receipt %+v does not lead back to the message", receipt)
			}
			mails := sink.Mails()
			if len(mails) != 1 {
				t.Fatalf("%d mails came, want 1", len(mails))
			}
			got := mails[0]
			if id, ok := ids.Bounced(got.From); !ok || id != m.ID {
				t.Errorf("envelope is from %q", got.From)
			}
			if len(got.To) != 1 || got.To[0] != "jan@example.org" || got.Hello != "desk.example.com" || got.User != "help@example.com" ||
				!got.EightBit || got.UTF8 || got.Size != int64(len(got.Data)) {
				t.Errorf("envelope %+v of %d bytes", got, len(got.Data))
			}
			header, parts := read(t, got.Data)
			if header.Get("Message-Id") != "<"+receipt.ID+">" || len(parts) != 2 || parts[1].Body != "%PDF" ||
				parts[0].Body != "Good day.\n\nOp 22-11-2026 om 13:05 (UTC) schreef Jan:\n> When?\n" {
				t.Errorf("%v\n%q", header, parts)
			}
			answers, err := header.AddressList("Reply-To")
			if err != nil || len(answers) != 1 {
				t.Fatalf("Reply-To %v, %v", answers, err)
			}
			if th, ok := ids.Answered(answers[0].Address); !ok || th != thread {
				t.Errorf("Reply-To %v does not lead to the thread", answers)
			}
		})
	}
}

// what became of a sending, in the words of the contract.
func outcome(err error) string {
	switch {
	case err == nil:
		return "sent"
	case connectors.IsPermanent(err):
		return "permanent"
	case connectors.IsInDoubt(err) || errors.Is(err, context.DeadlineExceeded): // what the outbox takes for doubt
		return "doubt"
	}
	return "temporary"
}

func TestFailureIsToldForWhatItIs(t *testing.T) {
	type fault = smtptest.Fault
	for _, tt := range []struct {
		name  string
		stage smtptest.Stage
		fault smtptest.Fault
		want  string
		after time.Duration
		says  string
		mails int
	}{
		{name: "banner refuses", stage: smtptest.Banner, fault: fault{Code: 554, Text: "no service"}, want: "temporary", after: time.Minute, says: "554 no service"},
		{name: "banner is busy", stage: smtptest.Banner, fault: fault{Code: 421, Text: "try again in 30 seconds"}, want: "temporary", after: 30 * time.Second, says: "421"},
		{name: "banner drops", stage: smtptest.Banner, fault: fault{Drop: true}, want: "temporary"},
		{name: "banner hangs", stage: smtptest.Banner, fault: fault{Hang: true}, want: "temporary"},
		{name: "hello refuses", stage: smtptest.Hello, fault: fault{Code: 550, Text: "who?"}, want: "temporary", after: time.Minute, says: "550 who?"},
		{name: "hello drops", stage: smtptest.Hello, fault: fault{Drop: true}, want: "temporary"},
		{name: "hello hangs", stage: smtptest.Hello, fault: fault{Hang: true}, want: "temporary"},
		{name: "login refuses", stage: smtptest.Login, fault: fault{Code: 535, Text: "5.7.139 basic authentication is disabled"}, want: "temporary", after: time.Minute, says: "must be put right"},
		{name: "login is down", stage: smtptest.Login, fault: fault{Code: 454, Text: "later"}, want: "temporary", after: time.Minute, says: "454 later"},
		{name: "login drops", stage: smtptest.Login, fault: fault{Drop: true}, want: "temporary"},
		{name: "sender is refused", stage: smtptest.Sender, fault: fault{Code: 550, Text: "5.7.60 not your address"}, want: "permanent", says: "not your address"},
		{name: "sender must log in", stage: smtptest.Sender, fault: fault{Code: 530, Text: "5.7.0 authentication required"}, want: "temporary", after: time.Minute},
		{name: "sender is too large", stage: smtptest.Sender, fault: fault{Code: 552, Text: "too big"}, want: "permanent"},
		{name: "sender is throttled", stage: smtptest.Sender, fault: fault{Code: 451, Text: "4.7.1 rate, wait 2 minutes"}, want: "temporary", after: 2 * time.Minute},
		{name: "sender drops", stage: smtptest.Sender, fault: fault{Drop: true}, want: "temporary"},
		{name: "sender hangs", stage: smtptest.Sender, fault: fault{Hang: true}, want: "temporary"},
		{name: "recipient is unknown", stage: smtptest.Recipient, fault: fault{Code: 550, Text: "5.1.1 <jan@example.org>: unknown, ask Jan@Example.org"}, want: "permanent", says: "550 5.1.1 <address>: unknown"},
		{name: "recipient is greylisted", stage: smtptest.Recipient, fault: fault{Code: 450, Text: "4.2.0 <jan@example.org>: Greylisted, come back in 00:04:59"}, want: "temporary", after: 299 * time.Second},
		{name: "recipient is greylisted without a time", stage: smtptest.Recipient, fault: fault{Code: 451, Text: "4.7.1 Greylisting in action"}, want: "temporary"},
		{name: "recipient drops", stage: smtptest.Recipient, fault: fault{Drop: true}, want: "temporary"},
		{name: "data is refused", stage: smtptest.Data, fault: fault{Code: 554, Text: "no valid recipients"}, want: "permanent"},
		{name: "data is put off", stage: smtptest.Data, fault: fault{Code: 451, Text: "later"}, want: "temporary"},
		{name: "data drops", stage: smtptest.Data, fault: fault{Drop: true}, want: "temporary"},
		{name: "data hangs", stage: smtptest.Data, fault: fault{Hang: true}, want: "temporary"},
		{name: "end refuses", stage: smtptest.End, fault: fault{Code: 554, Text: "5.7.1 spam " + strings.Repeat("x", 900)}, want: "permanent", says: "554 5.7.1 spam xxx"},
		{name: "end is put off", stage: smtptest.End, fault: fault{Code: 452, Text: "disk full"}, want: "temporary"},
		{name: "end drops and has it not", stage: smtptest.End, fault: fault{Drop: true}, want: "doubt"},
		{name: "end drops and has it", stage: smtptest.End, fault: fault{Drop: true, Keep: true}, want: "doubt", mails: 1},
		{name: "end hangs", stage: smtptest.End, fault: fault{Hang: true, Keep: true}, want: "doubt", mails: 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			sink := smtptest.Start(t, smtptest.Options{User: "help", Password: "very secret"})
			s := through(t, sink)
			sink.Fail(tt.stage, tt.fault, 0)
			ctx := t.Context()
			if tt.fault.Hang {
				var stop context.CancelFunc
				ctx, stop = context.WithTimeout(ctx, 300*time.Millisecond)
				defer stop()
			}
			_, err := s.Send(ctx, said("Good day."))
			if got := outcome(err); got != tt.want || connectors.RetryAfter(err) != tt.after {
				t.Errorf("Send = %s (%v) after %v, want %s after %v", got, err, connectors.RetryAfter(err), tt.want, tt.after)
			}
			text := fmt.Sprintf("%+v", err)
			if !strings.Contains(text, tt.says) || len(text) > 400 {
				t.Errorf("error %q: want %q in it, and at most 400 bytes", text, tt.says)
			}
			for _, private := range []string{"jan", "Jan@", "very secret", "Good day"} {
				if strings.Contains(text, private) {
					t.Errorf("error tells %q: %s", private, text)
				}
			}
			if got := len(sink.Mails()); got != tt.mails {
				t.Errorf("the server has %d mails, want %d", got, tt.mails)
			}
			sink.Heal()
			if _, err := s.Send(t.Context(), said("Good day.")); err != nil {
				t.Errorf("Send after it passed = %v", err)
			}
		})
	}
}

func TestConnectionLostWithinTheMailIsNoSending(t *testing.T) {
	larger := make([]byte, 8<<20) // than the buffers of a connection
	for name, fault := range map[string]smtptest.Fault{"drops": {Drop: true}, "hangs": {Hang: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sink := smtptest.Start(t, smtptest.Options{})
			s := sender(t, send.Options{Accounts: send.Accounts{account(sink)}, Blobs: blobs{"larger": larger}})
			sink.Fail(smtptest.Body, fault, 1)
			ctx, stop := context.WithTimeout(t.Context(), time.Second)
			defer stop()
			m := said("Good day.")
			m.Attachments = []message.Attachment{{Name: "larger", Blob: "larger"}}
			if _, err := s.Send(ctx, m); outcome(err) != "temporary" {
				t.Errorf("Send = %v, want a temporary error", err)
			}
		})
	}
}

func TestCancelEndsEachStage(t *testing.T) {
	for stage, want := range map[smtptest.Stage]string{
		smtptest.Banner: "temporary", smtptest.Recipient: "temporary", smtptest.Data: "temporary", smtptest.End: "doubt",
	} {
		t.Run(string(stage), func(t *testing.T) {
			t.Parallel()
			sink := smtptest.Start(t, smtptest.Options{})
			s := through(t, sink)
			sink.Fail(stage, smtptest.Fault{Hang: true, Keep: true}, 1)
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan error)
			go func() {
				_, err := s.Send(ctx, said("x"))
				done <- err
			}()
			sink.WaitFailing(t)
			cancel()
			if err := <-done; outcome(err) != want {
				t.Errorf("Send = %v, want %s", err, want)
			}
		})
	}
}

func TestIdleConnectionIsClosed(t *testing.T) {
	sink := smtptest.Start(t, smtptest.Options{})
	s := sender(t, send.Options{Accounts: send.Accounts{account(sink)}, Idle: time.Millisecond})
	if _, err := s.Send(t.Context(), said("x")); err != nil {
		t.Fatal(err)
	}
	closed(t, sink)
}

func closed(t *testing.T, sink *smtptest.Sink) {
	t.Helper()
	for late := time.Now().Add(time.Minute); sink.Open() > 0; time.Sleep(time.Millisecond) {
		if time.Now().After(late) {
			t.Fatalf("%d connections stay open", sink.Open())
		}
	}
}

func TestCheckNeedsNoIDYet(t *testing.T) {
	m := said("x")
	m.ID = ""
	if err := through(t, smtptest.Start(t, smtptest.Options{})).Check(m); err != nil {
		t.Errorf("Check = %v", err)
	}
}

func TestDoubtfulMailIsTheSameWhenSentAgain(t *testing.T) {
	sink := smtptest.Start(t, smtptest.Options{})
	s := through(t, sink)
	sink.Fail(smtptest.End, smtptest.Fault{Drop: true, Keep: true}, 1)
	for range 2 {
		_, _ = s.Send(t.Context(), said("Good day."))
	}
	mails := sink.Mails()
	if len(mails) != 2 || !bytes.Equal(mails[0].Data, mails[1].Data) {
		t.Errorf("%d mails, want two that are the same", len(mails))
	}
}

func TestRefusedRecipientKeepsTheMailFromAll(t *testing.T) {
	sink := smtptest.Start(t, smtptest.Options{})
	s := through(t, sink)
	m := said("Good day.")
	m.To = append(m.To, message.Identifier{Kind: "email", Value: "piet@example.org"}, message.Identifier{Kind: "phone", Value: "+31201234567"},
		message.Identifier{Kind: "email", Value: "jan@example.org"})
	sink.Fail(smtptest.Recipient, smtptest.Fault{Code: 450, Text: "later", Only: "piet@"}, 1)
	if _, err := s.Send(t.Context(), m); outcome(err) != "temporary" || len(sink.Mails()) != 0 {
		t.Errorf("Send = %v with %d mails, want a temporary error and none", err, len(sink.Mails()))
	}
	if _, err := s.Send(t.Context(), m); err != nil || len(sink.Mails()) != 1 || len(sink.Mails()[0].To) != 2 {
		t.Errorf("Send = %v, %+v, want one mail to two", err, sink.Mails())
	}
}

func TestACopyThatIsRefusedForGoodIsLeftOut(t *testing.T) {
	sink := smtptest.Start(t, smtptest.Options{})
	s := through(t, sink)
	m := said("Good day.")
	copies := func(values ...string) (ids []message.Identifier) {
		for _, v := range values {
			ids = append(ids, message.Identifier{Kind: "email", Value: v})
		}
		return ids
	}
	m.Cc = copies("piet@example.org", m.To[0].Value, "kees@example.org", "piet@example.org")
	sink.Fail(smtptest.Recipient, smtptest.Fault{Code: 450, Text: "later", Only: "piet@"}, 1)
	if _, err := s.Send(t.Context(), m); outcome(err) != "temporary" || len(sink.Mails()) != 0 {
		t.Fatalf("Send = %v with %d mails, want a temporary error and none", err, len(sink.Mails()))
	}
	sink.Fail(smtptest.Recipient, smtptest.Fault{Code: 550, Text: "no such user", Only: "piet@"}, 1)
	receipt, err := s.Send(t.Context(), m)
	if err != nil || len(receipt.Missed) == 0 || receipt.Missed[0].To.Value != "piet@example.org" || !strings.Contains(receipt.Missed[0].Reason, "no such user") {
		t.Fatalf("Send = %+v, %v; want it sent, but for the copy to piet", receipt, err)
	}
	mail := sink.Mails()[0]
	if want := []string{m.To[0].Value, "kees@example.org"}; !slices.Equal(mail.To, want) || !bytes.Contains(mail.Data, []byte("\r\nCc: <piet@example.org>, <kees@example.org>\r\n")) {
		t.Errorf("it went to %q, want %q:\n%s", mail.To, want, mail.Data)
	}
	// Whom it is written to must get it.
	sink.Fail(smtptest.Recipient, smtptest.Fault{Code: 550, Text: "no such user"}, 1)
	if _, err := s.Send(t.Context(), m); outcome(err) != "permanent" || len(sink.Mails()) != 1 {
		t.Errorf("Send = %v with %d mails, want it refused", err, len(sink.Mails()))
	}
}

func TestConnectionIsUsedAgain(t *testing.T) {
	sink := smtptest.Start(t, smtptest.Options{User: "u", Password: "p"})
	s := through(t, sink)
	for i := range 5 {
		if _, err := s.Send(t.Context(), said(fmt.Sprint(i))); err != nil {
			t.Fatal(err)
		}
	}
	sink.Fail(smtptest.Recipient, smtptest.Fault{Code: 550, Text: "no"}, 1)
	if _, err := s.Send(t.Context(), said("refused")); outcome(err) != "permanent" {
		t.Fatal(err)
	}
	if _, err := s.Send(t.Context(), said("after the refusal")); err != nil || sink.Connections() != 1 {
		t.Errorf("%d connections for seven mails, want 1 (%v)", sink.Connections(), err)
	}
	sink.DropAll()
	if _, err := s.Send(t.Context(), said("after the cut")); err != nil || sink.Connections() != 2 {
		t.Errorf("after a cut: %v with %d connections, want 2", err, sink.Connections())
	}
	s.Close()
	closed(t, sink)
}

func TestManySendAtOnce(t *testing.T) {
	sink := smtptest.Start(t, smtptest.Options{})
	s := through(t, sink)
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			if _, err := s.Send(t.Context(), said(fmt.Sprint(i))); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	seen := map[string]bool{}
	for _, m := range sink.Mails() {
		header, _ := read(t, m.Data)
		seen[header.Get("Message-Id")] = true
	}
	if len(seen) != 40 || sink.Connections() > 40 {
		t.Errorf("%d mails on %d connections, want 40", len(seen), sink.Connections())
	}
}

func TestWaitingForAConnectionEnds(t *testing.T) {
	sink := smtptest.Start(t, smtptest.Options{})
	s := through(t, sink)
	sink.Fail(smtptest.Sender, smtptest.Fault{Hang: true}, 0)
	ctx, stop := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer stop()
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			if _, err := s.Send(ctx, said(fmt.Sprint(i))); outcome(err) != "temporary" {
				t.Errorf("Send = %v, want a temporary error", err)
			}
		})
	}
	wg.Wait()
	if sink.Connections() > 4 {
		t.Errorf("%d connections at once, want at most 4", sink.Connections())
	}
}

func TestSizeIsKnownBeforeSending(t *testing.T) {
	sink := smtptest.Start(t, smtptest.Options{MaxBytes: 300_000})
	a := account(sink)
	s := sender(t, send.Options{Accounts: send.Accounts{a}, Blobs: blobs{"big": make([]byte, 250_000), "fits": make([]byte, 210_000)}})
	with := func(blob string, size int64) *message.Message {
		m := said("Good day.")
		m.Attachments = []message.Attachment{{Name: blob, Size: size, Blob: blob}}
		return m
	}
	if err := s.Check(with("big", 30<<20)); err == nil || !strings.Contains(err.Error(), "26.2 MB") {
		t.Errorf("Check of what the account does not take = %v", err)
	}
	big := with("big", 250_000)
	if err := s.Check(big); err != nil {
		t.Errorf("Check before the server was asked = %v", err)
	}
	if _, err := s.Send(t.Context(), big); outcome(err) != "permanent" || !strings.Contains(err.Error(), "0.3 MB") || len(sink.Mails()) > 0 {
		t.Errorf("Send of what the server does not take = %v", err)
	}
	if err := s.Check(big); err == nil || !strings.Contains(err.Error(), "0.3 MB") {
		t.Errorf("Check when the server's limit is known = %v", err)
	}
	fits := with("fits", 210_000)
	if err := s.Check(fits); err != nil {
		t.Errorf("Check of what fits = %v", err)
	}
	if _, err := s.Send(t.Context(), fits); err != nil || len(sink.Mails()) != 1 {
		t.Errorf("Send of what fits = %v", err)
	}
}

func TestLyingAttachmentDoesNotGrowTheMail(t *testing.T) {
	sink := smtptest.Start(t, smtptest.Options{})
	a := account(sink)
	a.MaxSize = 100_000
	s := sender(t, send.Options{Accounts: send.Accounts{a}, Blobs: blobs{"b": make([]byte, 1<<20)}})
	m := said("x")
	m.Attachments = []message.Attachment{{Name: "b", Size: 10, Blob: "b"}, {Name: "gone", Size: 1, Blob: "gone"}}
	if _, err := s.Send(t.Context(), m); outcome(err) != "permanent" || !strings.Contains(err.Error(), "too large") {
		t.Errorf("Send = %v, want that it is too large", err)
	}
	m.Attachments = m.Attachments[1:]
	if _, err := s.Send(t.Context(), m); outcome(err) != "permanent" || !strings.Contains(err.Error(), "not stored") {
		t.Errorf("Send = %v, want that the attachment is gone", err)
	}
}

func TestCheckWantsAMailAddress(t *testing.T) {
	sink := smtptest.Start(t, smtptest.Options{})
	s := through(t, sink)
	m := said("x")
	m.To = []message.Identifier{{Kind: "phone", Value: "+31201234567"}}
	if err := s.Check(m); err == nil {
		t.Error("Check of a message to a phone number = nil")
	}
	if _, err := s.Send(t.Context(), m); outcome(err) != "permanent" || sink.Connections() > 0 {
		t.Errorf("Send = %v after %d connections", err, sink.Connections())
	}
}

func TestAddressesBeyondASCII(t *testing.T) {
	for _, tt := range []struct {
		name, to string
		utf8     bool
		want     string
	}{
		{"é with SMTPUTF8", "josé@example.org", true, "sent"},
		{"é without SMTPUTF8", "josé@example.org", false, "permanent"},
		{"IDN needs none", "jan@xn--bcher-kva.example", false, "sent"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			sink := smtptest.Start(t, smtptest.Options{UTF8: tt.utf8, No8BitMIME: true})
			m := said("Größe")
			m.To[0].Value = tt.to
			_, err := through(t, sink).Send(t.Context(), m)
			if outcome(err) != tt.want {
				t.Fatalf("Send = %v, want %s", err, tt.want)
			}
			for _, got := range sink.Mails() {
				if got.UTF8 != tt.utf8 || got.EightBit || got.To[0] != tt.to {
					t.Errorf("envelope %+v", got)
				}
			}
		})
	}
}

func TestSMTPUTF8IsAskedForOnlyWhenNeeded(t *testing.T) {
	sink := smtptest.Start(t, smtptest.Options{UTF8: true})
	if _, err := through(t, sink).Send(t.Context(), said("é")); err != nil || sink.Mails()[0].UTF8 {
		t.Errorf("Send = %v, %+v: want a mail that any server can carry on", err, sink.Mails())
	}
}

func TestAutomaticMailHasNobodyToAnswerTo(t *testing.T) {
	sink := smtptest.Start(t, smtptest.Options{})
	m := said("We have it.")
	m.Automatic = message.Reply
	if _, err := through(t, sink).Send(t.Context(), m); err != nil || sink.Mails()[0].From != "" {
		t.Errorf("Send = %v, envelope from %q, want <>", err, sink.Mails()[0].From)
	}
}
