package e2e_test

import (
	"strings"
	"testing"

	"loket/connectors/email/mailbox/dovecottest"
	"loket/connectors/email/send/smtptest"
)

// Joris writes first, on a page: what cannot be sent is said and stays in the form, what is sent is one mail and a task that waits.
func TestConversationIsBegunInABrowser(t *testing.T) {
	t.Parallel()
	server, sink := dovecottest.Start(t), smtptest.Start(t, smtptest.Options{User: "help", Password: "secret"})
	d := newDaemon(t, mailed(server, sink, "")).start()
	b := newBrowser(t)
	b.open(d.beginLink(), 200)
	b.fill("#name", "joris")
	b.fill("#password", "correct horse battery")
	b.follow("main form button", 200)
	b.follow(`.list a[href^="/new"]`, 200)
	b.expect("h1", "Nieuw gesprek")
	b.fits()
	b.axe()
	b.fill("#to", "nobody at all")
	b.fill("#subject", "Your <b>contract</b>")
	b.fill("#text", "It ends in December. Shall we go on?")
	b.follow("main form button", 422)
	if b.read("#problem") == "" || b.value("#text") != "It ends in December. Shall we go on?" || b.value("#subject") != "Your <b>contract</b>" {
		t.Errorf("the page says %q and keeps %q", b.read("#problem"), b.value("#text"))
	}
	b.axe()
	b.fill("#to", "kate@example.com")
	b.follow("main form button", 200)
	b.expect(".done", "Verstuurd.")
	b.expect(".ours .text", "It ends in December. Shall we go on?")
	b.reload(200)
	if n := b.count(".ours"); n != 1 {
		t.Errorf("%d messages after loading the page again, want 1", n)
	}
	sent := sink.Wait(t, 1)
	if len(sent) != 1 || sent[0].To[0] != "kate@example.com" || !strings.Contains(string(sent[0].Data), "It ends in December") {
		t.Errorf("sent %+v", sent)
	}
	if tasks := d.tasks("support"); len(tasks) != 1 || tasks[0].State != "waiting" {
		t.Errorf("tasks %+v, want one that waits", tasks)
	}
	b.quiet()
	d.healthy()
}
