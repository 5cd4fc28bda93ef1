package e2e_test

import (
	"bytes"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"loket/desk/api"
)

// A colleague's answer comes before the mail that it answers, so that this mail begins no thread. Its writer has been sent
// the link of one: that leads to the task, shows what concerns the writer and nothing else, and what is written there, or
// answered to the acknowledgement, comes into the task.
func TestLinkOfAMailThatAnotherThreadTookUp(t *testing.T) {
	t.Parallel()
	h := newMailHouse(t, "authserv: [mx.example.org]\nacknowledge: {en: \"We have your mail: {url}\"}")
	verified := "Authentication-Results: mx.example.org; dmarc=pass header.from=firm.example.org\nTo: help@example.org\nDate: " + time.Now().Format(time.RFC1123Z) + "\n"
	h.deliver("INBOX", verified+"From: Ilse Jong <ilse@firm.example.org>\nSubject: Re: Access to the share\nMessage-ID: <r2@firm.example.org>\n"+
		"Cc: Hans Kok <hans@firm.example.org>\nIn-Reply-To: <r1@firm.example.org>\nReferences: <r1@firm.example.org>", "Approved, the budget is 5000.")
	h.only("support", "the answer in a task", func(*api.Task) bool { return true })
	h.deliver("INBOX", verified+"From: Hans Kok <hans@firm.example.org>\nSubject: Access to the share\nMessage-ID: <r1@firm.example.org>\n"+
		"Cc: Ilse Jong <ilse@firm.example.org>", "Please give Lea access.")
	sent := h.sink.Wait(t, 1)[0]
	if sent.To[0] != "hans@firm.example.org" {
		t.Fatalf("acknowledged to %v", sent.To)
	}
	h.only("support", "the request, and its acknowledgement, in the same task", func(task *api.Task) bool { return len(task.Messages) == 3 })
	link := regexp.MustCompile(`http://\S+/t/\S+`).Find(bytes.ReplaceAll(sent.Data, []byte("=\r\n"), nil))
	if link == nil {
		t.Fatalf("no link in\n%s", sent.Data)
	}
	page := string(link)
	if shown := h.get(page); !strings.Contains(shown, "Please give Lea access.") || !strings.Contains(shown, "We have your mail") || strings.Contains(shown, "budget") ||
		!strings.Contains(shown, "<h1>Access to the share</h1>") {
		t.Errorf("the page is not that of the request:\n%s", shown)
	}

	res, err := http.Post(page, "application/json", strings.NewReader(`{"text":"and Piet, too"}`))
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	ack := headerOf(t, sent)
	h.deliver("INBOX", verified+"From: Hans Kok <hans@firm.example.org>\nSubject: Re: Access\nMessage-ID: <r3@firm.example.org>\nReferences: <r1@firm.example.org> "+ack.Get("Message-ID"), "by reference")
	h.server.Deliver("help", "INBOX", letter(strings.Replace(verified, "help@example.org", ack.Get("Reply-To"), 1)+
		"From: Hans Kok <hans@firm.example.org>\nSubject: hello?\nMessage-ID: <r4@firm.example.org>", "by address"))
	task := h.only("support", "all that he says in the task", func(task *api.Task) bool { return len(task.Messages) == 6 })
	h.reply(task, "They all have it.")
	h.await("our answer on his page", func() bool { return strings.Contains(h.get(page), "They all have it.") })
	if shown := h.get(page); strings.Contains(shown, "budget") || !strings.Contains(shown, "and Piet, too") {
		t.Errorf("the page shows\n%s", shown)
	}
	h.settled()
	if out, code := h.loket("", "quarantine", "list"); code != 0 || strings.Contains(out, "such thread") {
		t.Errorf("quarantine: %d: %s", code, out)
	}
	h.healthy()
	h.stop()
}
