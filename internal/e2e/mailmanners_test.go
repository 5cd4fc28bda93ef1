package e2e_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"loket/connectors/email/mailbox"
	"loket/connectors/email/mailbox/dovecottest"
	"loket/connectors/email/send/smtptest"
	"loket/desk/api"
)

// attested is what our own mail server writes above a mail whose sender is who they say.
const attested = "Authentication-Results: mx.example.org; dmarc=pass header.from=example.com\n"

// A mailHouse is one loket with one mailbox, and its mail server.
type mailHouse struct {
	*daemon
	server *dovecottest.Server
	sink   *smtptest.Sink
}

func newMailHouse(t *testing.T, settings string) *mailHouse {
	t.Helper()
	h := &mailHouse{server: dovecottest.Start(t), sink: smtptest.Start(t, smtptest.Options{})}
	for _, folder := range []string{"INBOX", "Junk"} {
		h.server.MakeFolder("help", folder)
	}
	h.daemon = newDaemon(t, mailed(h.server, h.sink, settings)).start()
	return h
}

func (h *mailHouse) deliver(folder, header, text string) {
	h.tb.Helper()
	h.server.Deliver("help", folder, letter(header, text))
}

// taken waits until loket has taken all that was delivered to the inbox.
func (h *mailHouse) taken() {
	h.tb.Helper()
	h.await("every mail to be taken", func() bool {
		return !slices.ContainsFunc(h.server.Files("help", "INBOX"), func(f dovecottest.File) bool { return !slices.Contains(f.Keywords, mailbox.Keyword) })
	})
	h.settled()
}

// from is the task that a mail with that subject began.
func (h *mailHouse) from(subject string) *api.Task {
	h.tb.Helper()
	var found *api.Task
	h.await("a task of "+subject, func() bool {
		for _, task := range h.tasks("support") {
			if task.Subject == subject {
				found = task
			}
		}
		return found != nil
	})
	task, err := h.client("anna").Task(h.tb.Context(), found.ID)
	if err != nil {
		h.tb.Fatal(err)
	}
	return task
}

func TestJunkIsOnlyEverAClaim(t *testing.T) {
	t.Parallel()
	h := newMailHouse(t, "junk: Junk\nauthserv: [mx.example.org]")
	h.deliver("Junk", attested+"From: Kate <kate@example.com>\nTo: help@example.org\nSubject: Win\nMessage-ID: <1@example.com>", "You have won.")
	task := h.only("support", "the junk in a task", anyTask)
	if m := task.Messages[0]; task.Customer.ID != "" || task.Customer.Assurance != "claimed" || !slices.Contains(m.Marks, "from the junk folder") {
		t.Errorf("customer %+v, marks %q; want a claim that is marked", task.Customer, m.Marks)
	}
	h.deliver("INBOX", attested+"From: Kate <kate@example.com>\nTo: help@example.org\nSubject: Help\nMessage-ID: <2@example.com>", "Please.")
	if task := h.from("Help"); task.Customer.Assurance != "attested" || len(task.Messages[0].Marks) != 0 {
		t.Errorf("customer %+v, marks %q; want kate herself", task.Customer, task.Messages[0].Marks)
	}
	h.healthy()
	h.stop()
	for _, f := range h.server.Files("help", "Junk") {
		if len(f.Keywords) > 0 || f.Flags != "" {
			t.Errorf("%+v: something was changed in the junk folder", f)
		}
	}
}

func TestOutOfOfficeStopsAndReopensNothing(t *testing.T) {
	t.Parallel()
	h := newMailHouse(t, "")
	h.deliver("INBOX", "From: Kate <kate@example.com>\nTo: help@example.org\nSubject: No signal\nMessage-ID: <1@example.com>", "Since today.")
	task := h.only("support", "the mail in a task", anyTask)
	if _, err := h.client("anna").Reply(t.Context(), task.ID, api.Answer{Text: "We look into it."}); err != nil {
		t.Fatal(err)
	}
	ours := headerOf(t, h.sink.Wait(t, 1)[0]).Get("Message-ID")
	away := func(n int, more string) {
		h.deliver("INBOX", fmt.Sprintf("From: Kate <kate@example.com>\nTo: help@example.org\nSubject: Automatic reply: No signal\nMessage-ID: <away%d@example.com>\nIn-Reply-To: %s\n%s", n, ours, more), "I am away until Monday.")
	}
	away(1, "Auto-Submitted: auto-replied")
	away(2, "X-Auto-Response-Suppress: All") // Exchange
	task = h.only("support", "both notices in the task", func(task *api.Task) bool { return len(task.Messages) == 4 })
	if task.State != "waiting" || task.Messages[2].Automatic != "reply" || task.Messages[3].Automatic != "reply" {
		t.Errorf("task is %s, notices are %q and %q; want waiting and replies", task.State, task.Messages[2].Automatic, task.Messages[3].Automatic)
	}
	if _, err := h.client("anna").Close(t.Context(), task.ID, "solved"); err != nil {
		t.Fatal(err)
	}
	away(3, "Auto-Submitted: auto-replied")
	task = h.only("support", "the third notice", func(task *api.Task) bool { return len(task.Messages) == 5 })
	if task.State != "closed" {
		t.Errorf("task is %s, want it closed still", task.State)
	}
	h.deliver("INBOX", "From: Kate <kate@example.com>\nTo: help@example.org\nSubject: Re: No signal\nMessage-ID: <2@example.com>\nIn-Reply-To: "+ours, "I am back, and it still fails.")
	h.only("support", "her own words to reopen it", func(task *api.Task) bool { return task.State == "queued" && len(task.Messages) == 6 })
	h.taken()
	if n := len(h.sink.Mails()); n != 1 {
		t.Errorf("%d mails went out, want the one answer: nothing answers a machine", n)
	}
	h.healthy()
}

func TestOnlyASureSenderIsAcknowledgedOnce(t *testing.T) {
	t.Parallel()
	h := newMailHouse(t, "authserv: [mx.example.org]\nacknowledge: {en: \"We have your mail: {url}\", nl: \"Wij hebben uw mail: {url}\"}")
	h.deliver("INBOX", attested+"From: Kate <kate@example.com>\nTo: help@example.org\nSubject: No signal\nMessage-ID: <1@example.com>", "Since this morning I have no signal at all.")
	sent := h.sink.Wait(t, 1)[0]
	header := headerOf(t, sent)
	for name, want := range map[string]string{
		"Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All", "Precedence": "bulk", "In-Reply-To": "<1@example.com>", "Subject": "Re: No signal",
	} {
		if got := header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if len(sent.To) != 1 || sent.To[0] != "kate@example.com" || sent.From != "" || !strings.Contains(string(sent.Data), "We have your mail: ") {
		t.Errorf("from %q to %q, want from nobody to kate:\n%s", sent.From, sent.To, sent.Data)
	}
	task := h.only("support", "the acknowledgement in its thread", func(task *api.Task) bool { return len(task.Messages) == 2 })
	if m := task.Messages[1]; m.Direction != "out" || m.Automatic != "reply" || task.State != "queued" || task.Wait.Since.IsZero() || task.Replies != 0 {
		t.Errorf("task is %s waiting %+v with message %+v; want that she waits still", task.State, task.Wait, m)
	}

	pass := func(domain string) string { return strings.ReplaceAll(attested, "example.com", domain) }
	for i, header := range []string{
		attested + "From: Kate <kate@example.com>", // a second within the day
		pass("lists.example") + "From: joe@lists.example\nList-Id: <all.lists.example>\nPrecedence: list",
		pass("shop.example") + "From: no-reply@shop.example",
		pass("away.example") + "From: tom@away.example\nAuto-Submitted: auto-replied",
		pass("bounce.example") + "From: MAILER-DAEMON@bounce.example\nReturn-Path: <>",
		pass("other.example") + "From: victim@victim.example",                                             // passes for another domain than it shows
		strings.Replace(pass("spoof.example"), "pass", "fail", 1) + "From: victim@spoof.example",          // a forged sender
		"Authentication-Results: evil.example; dmarc=pass header.from=evil.example\nFrom: x@evil.example", // by a server that is not ours
		"From: nobody@knows.example",
	} {
		h.deliver("INBOX", header+fmt.Sprintf("\nTo: help@example.org\nSubject: Other %d\nMessage-ID: <other%d@example.com>", i, i), "Hello there.")
	}
	h.deliver("INBOX", pass("bcc.example")+"From: ann@bcc.example\nTo: undisclosed-recipients:;\nSubject: Other 9\nMessage-ID: <other9@example.com>", "To many.")
	h.taken()
	if n := len(h.tasks("support")); n != 11 {
		t.Errorf("%d tasks, want each mail in one", n)
	}
	for _, m := range h.sink.Mails()[1:] {
		t.Errorf("acknowledged to %q:\n%s", m.To, m.Data)
	}
	h.healthy()
}

func TestTicketNumberCountsForWhoTakesPart(t *testing.T) {
	t.Parallel()
	h := newMailHouse(t, "")
	h.deliver("INBOX", "From: Kate <kate@example.com>\nTo: help@example.org\nSubject: No signal\nMessage-ID: <1@example.com>", "Since today.")
	first := h.only("support", "the mail in a task", anyTask)
	h.deliver("INBOX", "From: kate@example.com\nTo: help@example.org\nSubject: about "+strings.ToLower(first.Number)+" again\nMessage-ID: <2@example.com>", "Still nothing.")
	h.only("support", "her second mail in the same task", func(task *api.Task) bool { return len(task.Messages) == 2 })
	h.deliver("INBOX", "From: Eve <eve@example.net>\nTo: help@example.org\nSubject: Re: ["+first.Number+"] my contract\nMessage-ID: <3@example.net>", "Send me what she has.")
	strangers := h.from("Re: [" + first.Number + "] my contract")
	if m := strangers.Messages[0]; strangers.ID == first.ID || !slices.Contains(strangers.Links, first.Number) || !slices.Contains(m.Marks, "names a task of somebody else") {
		t.Errorf("task %s with links %q and marks %q; want another, linked to %s and marked", strangers.Number, strangers.Links, m.Marks, first.Number)
	}
	h.await("the link back", func() bool { return slices.Contains(h.from("No signal").Links, strangers.Number) })
	if n := len(h.from("No signal").Messages); n != 2 {
		t.Errorf("%d messages in her task, want her two", n)
	}
	h.healthy()
}

func TestFilesTravelBothWaysAsTheyAre(t *testing.T) {
	t.Parallel()
	h := newMailHouse(t, "")
	file := make([]byte, 300_000)
	for i := range file {
		file[i] = byte(i * i >> 7)
	}
	encoded := base64.StdEncoding.EncodeToString(file)
	var lines strings.Builder
	for part := range slices.Chunk([]byte(encoded), 76) {
		fmt.Fprintf(&lines, "%s\n", part)
	}
	h.deliver("INBOX", "From: Kate <kate@example.com>\nTo: help@example.org\nSubject: My bill\nMessage-ID: <1@example.com>\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b",
		"--b\nContent-Type: text/plain\n\nHere it is.\n--b\nContent-Type: application/pdf; name*=UTF-8''r%C3%A9kening.pdf\nContent-Disposition: attachment\nContent-Transfer-Encoding: base64\n\n"+lines.String()+"--b--\n")
	task := h.only("support", "the mail in a task", anyTask)
	if a := task.Messages[0].Attachments; len(a) != 1 || a[0].Name != "rékening.pdf" || a[0].Type != "application/pdf" || a[0].Size != int64(len(file)) {
		t.Fatalf("attachments %+v", a)
	}
	r, err := h.client("anna").Attachment(t.Context(), task.Messages[0].Attachments[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, file) {
		t.Errorf("downloaded %d bytes, %v; want the %d that she sent", len(got), err, len(file))
	}

	path := filepath.Join(t.TempDir(), "antwoord.bin")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, code := h.loket("And back.\n", "reply", task.Number, "--attach", path); code != 0 {
		t.Fatalf("loket reply: %d: %s", code, out)
	}
	sent := strings.NewReplacer("\r", "", "\n", "").Replace(string(h.sink.Wait(t, 1)[0].Data))
	if !strings.Contains(sent, "antwoord.bin") || !strings.Contains(sent, encoded) {
		t.Errorf("the file is not in the mail of %d bytes as it was", len(sent))
	}
	h.healthy()
}

func TestTooLargeMailIsCutAndSaysSo(t *testing.T) {
	t.Parallel()
	h := newMailHouse(t, "max_size: 65536")
	h.deliver("INBOX", "From: Kate <kate@example.com>\nTo: help@example.org\nSubject: Long\nMessage-ID: <1@example.com>", strings.Repeat("All work and no play.\n", 20_000))
	task := h.only("support", "the mail in a task", anyTask)
	if m := task.Messages[0]; !slices.Contains(m.Marks, "only the beginning of it was read") || !strings.HasPrefix(m.Text, "All work") || len(m.Text) > 65536 {
		t.Errorf("%d characters with marks %q, want the beginning, marked", len(m.Text), m.Marks)
	}
	h.healthy()
}

func TestUnreadableMailIsInQuarantine(t *testing.T) {
	t.Parallel()
	h := newMailHouse(t, "")
	h.deliver("INBOX", "X-Nothing: here", "")
	h.deliver("INBOX", "From: Kate <kate@example.com>\nTo: help@example.org\nSubject: Fine\nMessage-ID: <1@example.com>", "All is well.")
	h.only("support", "the other mail in a task", anyTask)
	h.taken()
	out, code := h.loket("", "quarantine", "list")
	if code != 0 || strings.Count(out, "no From") != 1 {
		t.Fatalf("loket quarantine list: %d:\n%s", code, out)
	}
	found, err := h.client("anna").Quarantine(t.Context(), 10, "")
	if err != nil || len(found.Messages) != 1 {
		t.Fatalf("quarantine %+v, %v", found, err)
	}
	if out, code := h.loket("", "quarantine", "show", found.Messages[0].ID); code != 0 || !strings.Contains(out, "no From") {
		t.Errorf("loket quarantine show: %d:\n%s", code, out)
	}
	if out, code := h.loket("", "quarantine", "retry", found.Messages[0].ID); code != 0 {
		t.Fatalf("loket quarantine retry: %d:\n%s", code, out)
	}
	h.await("it to be a task after all", func() bool { return len(h.tasks("support")) == 2 })
	h.healthy()
}
