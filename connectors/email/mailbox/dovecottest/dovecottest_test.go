package dovecottest_test

import (
	"testing"
	"time"

	"loket/connectors/email/mailbox/dovecottest"
)

func TestServerStartsAndRestarts(t *testing.T) {
	began := time.Now()
	s := dovecottest.Start(t)
	t.Logf("started in %s", time.Since(began))
	s.Deliver("anna", "INBOX", []byte("Subject: hello\r\n\r\nhello\r\n"))
	s.Deliver("anna", "Junk", []byte("Subject: buy\r\n\r\nbuy\r\n"))
	began = time.Now()
	s.Restart()
	t.Logf("restarted in %s", time.Since(began))
	for _, folder := range []string{"INBOX", "Junk"} {
		if got := len(s.Files("anna", folder)); got != 1 {
			t.Errorf("%d mails in %s, want 1", got, folder)
		}
	}
}
