package email

import (
	"strings"
	"testing"

	"loket/connectors/email/mailbox"
)

func TestAMailIsOneWhateverItsLineEnds(t *testing.T) {
	const onDisk = "From: kate@example.com\nSubject: No signal\nMessage-ID: <1@example.com>\n\nSince noon.\n\nKate\n"
	reader := &Reader{connector: "mail", copies: copiesOne}
	byFile := reader.read(mailbox.Fetched{Raw: []byte(onDisk)})
	byMailbox := reader.read(mailbox.Fetched{Raw: []byte(strings.ReplaceAll(onDisk, "\n", "\r\n"))})
	if byFile.Message.ID != byMailbox.Message.ID {
		t.Error("a mail in a file is another one than in the mailbox")
	}
}
