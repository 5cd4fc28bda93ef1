package e2e_test

import (
	"bytes"
	"io"
	"mime/quotedprintable"
	"slices"
	"strings"
	"testing"

	"loket/desk/api"
)

func TestWhatAThirdPartyAnswersIsANote(t *testing.T) {
	t.Parallel()
	h := newMailHouse(t, "authserv: [mx.example.org]\nacknowledge: {en: \"We have your mail: {url}\"}")
	h.deliver("INBOX", attested+"From: Kate <kate@example.com>\nTo: help@example.org\nSubject: No signal\nMessage-ID: <1@example.com>\nMIME-Version: 1.0\n"+
		"Content-Type: multipart/mixed; boundary=b",
		"--b\nContent-Type: text/plain\n\nSince this morning I have no signal at all in Main Street.\n--b\nContent-Type: text/plain; name=map.txt\nContent-Disposition: attachment; filename=map.txt\n\nMain Street 5\n--b--\n")
	task := h.only("support", "the mail in a task", anyTask)
	acknowledged := h.sink.Wait(t, 1)[0] // holds her page
	plain, err := io.ReadAll(quotedprintable.NewReader(bytes.NewReader(acknowledged.Data)))
	if err != nil {
		t.Fatal(err)
	}
	page := strings.Fields(string(plain)[bytes.Index(plain, []byte("http")):])[0]

	out, code := h.loket("", "forward", task.Number, "--to", "mast@partner.example", "--text", "Is the mast down?", "--key", "k")
	if code != 0 || !strings.Contains(out, "forwarded 1 message, 1 file, to email:mast@partner.example") {
		t.Fatalf("loket forward: %d: %s", code, out)
	}
	if again, code := h.loket("", "forward", task.Number, "--to", "mast@partner.example", "--text", "Is the mast down?", "--key", "k"); code != 0 {
		t.Fatalf("loket forward again: %d: %s", code, again)
	}
	sent := h.sink.Wait(t, 2)[1]
	header, text := headerOf(t, sent), string(sent.Data)
	if !slices.Equal(sent.To, []string{"mast@partner.example"}) || header.Get("Subject") != "Fwd: No signal" || header.Get("References") != "" ||
		!strings.Contains(text, "Is the mast down?") || !strings.Contains(text, "From: Kate\r\n") || !strings.Contains(text, "in Main Street.") ||
		!strings.Contains(text, "map.txt") || strings.Contains(text, "kate@example.com") || strings.Contains(text, page[strings.LastIndex(page, "/"):]) {
		t.Fatalf("to %q:\n%s", sent.To, text)
	}
	task = h.only("support", "it to be sent", func(task *api.Task) bool { return len(task.Notes) == 1 && task.Notes[0].Delivery.State == "sent" })
	if n := task.Notes[0]; task.State != "queued" || task.Wait.Since.IsZero() || task.Replies != 0 || n.Agent != "anna" && n.Agent == "" || n.Text != "Is the mast down?" ||
		!slices.Equal(n.To, []string{"email:mast@partner.example"}) || !slices.Equal(n.Of, []string{task.Messages[0].ID}) {
		t.Errorf("task is %s, waiting %+v, note %+v; want nothing changed but the note", task.State, task.Wait, n)
	}
	if last := task.History[len(task.History)-1]; last.Type != "to_others" || !slices.Equal(last.To, []string{"email:mast@partner.example"}) {
		t.Errorf("history ends with %+v", last)
	}
	if _, err := h.client("anna").Reply(t.Context(), task.ID, api.Answer{Text: "We look into it."}); err != nil {
		t.Fatal(err)
	}
	h.sink.Wait(t, 3)

	// They answer, once by the reference and once by the address, and Kate herself with a copy of it.
	back, err := header.AddressList("Reply-To")
	if err != nil || len(back) != 1 {
		t.Fatalf("Reply-To: %v, %v", back, err)
	}
	away := "From: mast@partner.example\nTo: help@example.org\nSubject: Automatic reply: Fwd: No signal\nMessage-ID: <0@partner.example>\nAuto-Submitted: auto-replied\nIn-Reply-To: " + header.Get("Message-ID")
	h.deliver("INBOX", away, "I am away.")
	task = h.only("support", "their notice", func(task *api.Task) bool { return len(task.Notes) == 2 && task.Unattended == 1 })
	if n := task.Notes[1]; task.State != "waiting" || n.Automatic != "reply" {
		t.Errorf("task is %s, note %+v; want that it waits on", task.State, n)
	}
	h.deliver("INBOX", "From: Mast <mast@partner.example>\nTo: help@example.org\nCc: kate@example.com\nSubject: AW: Fwd: No signal\nMessage-ID: <1@partner.example>\nReferences: "+header.Get("Message-ID"),
		"It is, a secret until 18:00.\n\nOn 30 November 2026 at 10:00 (UTC), Example Support wrote:\n> Is the mast down?")
	task = h.only("support", "their answer", func(task *api.Task) bool { return len(task.Notes) == 3 && task.State == "queued" })
	if n := task.Notes[2]; !task.Wait.Since.IsZero() || task.Wait.N != 1 || n.Text != "It is, a secret until 18:00." || !slices.Equal(n.From, []string{"email:mast@partner.example"}) ||
		n.Name != "Mast" || n.Assurance != "claimed" || n.Automatic != "no" {
		t.Errorf("waiting %+v, note %+v; want theirs, and that nobody waits", task.Wait, n)
	}
	h.deliver("INBOX", attested+"From: Kate <kate@example.com>\nTo: mast@partner.example, "+back[0].Address+"\nSubject: Re: AW: Fwd: No signal\nMessage-ID: <2@example.com>\nIn-Reply-To: <1@partner.example>",
		"A secret of mine.")
	task = h.only("support", "hers in their talk", func(task *api.Task) bool { return len(task.Notes) == 4 })
	if len(task.Messages) != 3 || !slices.Equal(task.Threads, []string{task.Messages[0].Thread}) || !slices.Equal(task.From, []string{"email:kate@example.com"}) ||
		len(task.Others) != 0 || task.LastWriter != nil {
		t.Errorf("task = %+v; want her mail, the acknowledgement and our answer, and notes of the rest", task)
	}
	if shown := h.get(page); strings.Contains(shown, "secret") || !strings.Contains(shown, "We look into it.") {
		t.Errorf("her page shows\n%s", shown)
	}
	if out, _ := h.loket("", "show", task.Number); !strings.Contains(out, "forwarded 1 message to email:mast@partner.example") || !strings.Contains(out, "(not verified who wrote)") {
		t.Errorf("show says\n%s", out)
	}

	// A closed task stays closed, and lists tell of it. An id that nobody signed leads nowhere.
	if out, code := h.loket("", "close", task.Number, "--outcome", "solved", "--anyway"); code != 0 {
		t.Fatal(out)
	}
	h.deliver("INBOX", "From: mast@partner.example\nTo: "+back[0].Address+"\nSubject: repaired\nMessage-ID: <3@partner.example>", "Repaired.")
	task = h.only("support", "what came to the closed task", func(task *api.Task) bool { return len(task.Notes) == 5 && task.Unattended == 1 })
	if task.State != "closed" || task.Reopened != 0 {
		t.Errorf("task is %s", task.State)
	}
	forged := strings.Replace(header.Get("Message-ID"), ".", "x.", 1)
	h.deliver("INBOX", "From: eve@evil.example\nTo: help@example.org\nSubject: forged\nMessage-ID: <1@evil.example>\nIn-Reply-To: "+forged, "Let me in.")
	if other := h.from("forged"); other.ID == task.ID || len(other.Notes) != 0 {
		t.Errorf("a forged reference led into %+v", other)
	}
	h.taken()
	if n := len(h.sink.Mails()); n != 3 {
		t.Errorf("%d mails went out, want the acknowledgement, the forwarded one and the answer", n)
	}
	h.reported("b", "mast@partner.example", header.Get("Message-ID"))
	h.await("the bounce of what was forwarded", func() bool {
		task, err := h.client("anna").Task(t.Context(), task.ID)
		return err == nil && task.Notes[0].Delivery.State == "failed" && task.State == "closed" && task.Failure != ""
	})
	h.healthy()
}
