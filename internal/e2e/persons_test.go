package e2e_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"loket/desk/api"
)

// newPersonHouse reads mails of a web shop's form, and has a mail server that vouches for who writes from example.com.
func newPersonHouse(t *testing.T) *mailHouse {
	t.Helper()
	return newMailHouse(t, "authserv: [mx.example.org]\nforms: [wordpress@example.com, noreply@example.com]")
}

// answeredAndClosed has somebody write, answers them and closes the task. It gives the task and what our answer is called.
func (h *mailHouse) answeredAndClosed(n int, name, subject string) (*api.Task, string) {
	h.tb.Helper()
	h.deliver("INBOX", attested+"From: "+name+" <"+strings.ToLower(name)+"@example.com>\nTo: help@example.org\nSubject: "+subject+
		"\nMessage-ID: <"+subject+"@example.com>", "Please look.")
	task := h.from(subject)
	if out, code := h.loket("Done.\n", "reply", task.Number, "--close"); code != 0 {
		h.tb.Fatalf("loket reply: %d: %s", code, out)
	}
	return task, headerOf(h.tb.(*testing.T), h.sink.Wait(h.tb, n)[n-1]).Get("Message-ID")
}

func TestWhoAnswersUsIsAPersonWhateverHisProgramsAdd(t *testing.T) {
	t.Parallel()
	h := newPersonHouse(t)
	answer := func(name, id, ours, more, text string) {
		h.deliver("INBOX", more+attested+"From: "+name+" <"+strings.ToLower(name)+"@example.com>\nTo: help@example.org\nSubject: Re: yours\nMessage-ID: <"+id+
			"@example.com>\nIn-Reply-To: "+ours+"\nReferences: "+ours, text)
	}
	gijs, toGijs := h.answeredAndClosed(1, "Gijs", "radiator")
	hans, toHans := h.answeredAndClosed(2, "Hans", "share")
	dora, toDora := h.answeredAndClosed(3, "Dora", "ids")
	answer("Gijs", "g2", toGijs, "List-Unsubscribe: <https://crm.example.org/u/77>, <mailto:u77@crm.example.org>\nPrecedence: bulk\n", "The radiator is still cold.")
	answer("Hans", "h2", toHans, "Return-Path: <>\n", "Lea still has no access.")
	answer("Dora", "d2", toDora, "Auto-Submitted: auto-generated\nX-Auto-Response-Suppress: All\n", "This does not work for us.")
	for _, task := range []*api.Task{gijs, hans} {
		h.await("the task of "+task.Subject+" to be back", func() bool { return h.shown(task).State == "queued" })
		if got := h.shown(task); got.Wait.N != 2 || got.Unattended != 0 || got.Messages[2].Automatic != "no" {
			t.Errorf("%s: task = %+v, want a second wait for a person", task.Subject, got)
		}
	}

	// What says of itself that a program sent it stays automatic, and not unseen.
	h.await("the automatic answer in its closed task", func() bool { return h.shown(dora).Unattended == 1 })
	if out, _ := h.loket("", "list", "--team", "support", "--state", "closed"); !strings.Contains(out, "1 unattended since") {
		t.Errorf("list says\n%s\nwant it to tell of the automatic message", out)
	}
	unattended, _ := h.loket("", "list", "--team", "support", "--unattended")
	if !strings.Contains(unattended, dora.Number) || strings.Contains(unattended, gijs.Number) {
		t.Errorf("list --unattended says\n%s\nwant Dora's task alone", unattended)
	}
	if s, err := h.client("anna").Status(t.Context()); err != nil || s.Teams[0].Unattended != 1 {
		t.Errorf("status = %+v, %v; want one unattended", s, err)
	}
	if out, code := h.loket("", "person", dora.Number); code != 0 || !strings.Contains(out, "queued") {
		t.Errorf("loket person: %d\n%s", code, out)
	}
	if got := h.shown(dora); got.Wait.N != 2 || got.Wait.Since != got.Messages[2].Received || got.Unattended != 0 || got.Messages[2].Automatic != "no" {
		t.Errorf("task = %+v, want a wait since the message", got)
	}
	h.healthy()
}

// shown is the task as it stands.
func (h *mailHouse) shown(task *api.Task) *api.Task {
	h.tb.Helper()
	got, err := h.client("").Task(h.tb.Context(), task.ID)
	if err != nil {
		h.tb.Fatal(err)
	}
	return got
}

func TestMailsOfAContactFormAreItsVisitorsClaims(t *testing.T) {
	t.Parallel()
	h := newPersonHouse(t)
	form := func(auth, from, replyTo, id, text string) *api.Task {
		h.deliver("INBOX", auth+"From: "+from+"\nTo: help@example.org\nSubject: Contact form "+id+"\nMessage-ID: <"+id+"@example.com>\nReply-To: "+replyTo, text)
		return h.from("Contact form " + id)
	}
	for _, tt := range []struct {
		auth, from, replyTo, id, text string
		called, address               string
		marks                         []string
	}{
		{attested, "Web shop <wordpress@example.com>", "Lies Adam <lies@one.example>", "1", "Name: Lies Adam\nQuestion: Is it back?", "Lies Adam", "lies@one.example", nil},
		{attested, "Web shop <wordpress@example.com>", "Mark Bos <mark@two.example>", "2", "Please delete my account.", "Mark Bos", "mark@two.example", nil},
		{attested, "Website <noreply@example.com>", "nina@three.example", "3", "Name: Nina\nQuestion: Where is it?", "Nina", "nina@three.example", nil},
		{strings.ReplaceAll(attested, "pass", "fail"), "Web shop <wordpress@example.com>", "Vic <vic@four.example>", "4", "Send me the money.", "Vic", "vic@four.example",
			[]string{"dmarc failed", "our address, but not from us"}},
	} {
		task := form(tt.auth, tt.from, tt.replyTo, tt.id, tt.text)
		m := task.Messages[0]
		if task.Customer.ID != "" || task.Customer.Assurance != "claimed" || task.Name != tt.called || !cmp.Equal(task.From, []string{"email:" + tt.address}) ||
			len(m.ReplyTo) != 0 || m.Automatic != "no" || task.Wait.N != 1 || !slices.Equal(m.Marks, tt.marks) {
			t.Errorf("form %s: task = %+v, message = %+v; want a claim of %s", tt.id, task, m, tt.address)
		}
		found, err := h.client("anna").Search(t.Context(), tt.address)
		if err != nil || len(found.Tasks) != 1 || found.Tasks[0].ID != task.ID {
			t.Errorf("search for %s = %+v, %v; want their task", tt.address, found, err)
		}
	}
	// The answer goes to the visitor, whose own mail comes back into the task.
	task := h.from("Contact form 1")
	if _, err := h.client("anna").Reply(t.Context(), task.ID, api.Answer{Text: "Yes, since today."}); err != nil {
		t.Fatal(err)
	}
	sent := h.sink.Wait(t, 1)[0]
	if !slices.Equal(sent.To, []string{"lies@one.example"}) {
		t.Errorf("the answer went to %v, want the visitor", sent.To)
	}
	h.deliver("INBOX", "From: Lies <lies@one.example>\nTo: help@example.org\nSubject: Re: Contact form 1\nMessage-ID: <lies@one.example>\nIn-Reply-To: "+headerOf(t, sent).Get("Message-ID"), "Thanks!")
	h.await("her answer in the same task", func() bool { return len(h.shown(task).Messages) == 3 })
	if m := h.shown(task).Messages[2]; len(m.Marks) != 0 {
		t.Errorf("her answer is marked %q, want it hers", m.Marks)
	}
	h.healthy()
}
