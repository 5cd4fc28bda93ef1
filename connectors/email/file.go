package email

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"time"

	"loket/connectors"
	"loket/connectors/email/judge"
	"loket/connectors/email/mail"
	"loket/connectors/email/mailbox"
)

// A Box is a mailbox of the configuration, for mails that come as files.
type Box struct {
	Connector string
	Config    *Config
}

// ReadFile makes messages of the mails in a file: one, or those of an mbox. Each is read as the first of boxes would
// that it was sent to, or the first of all; without any, its sender is a claim. received is when they came. It stops at
// the first error of each, and gives that; that a mail of an mbox is too large to be read is an error at the end.
func ReadFile(data []byte, received time.Time, boxes []Box, each func(Incoming) error) error {
	one := func(raw []byte) error {
		return each(readerOf(raw, boxes).read(mailbox.Fetched{Raw: raw, Size: int64(len(raw)), Received: received}))
	}
	return Mails(data, one)
}

// Mails gives the mails of a file as they stand in it: one, or those of an mbox. It stops at the first error of each, and
// gives that; that a mail of an mbox is too large to be read is an error at the end.
func Mails(data []byte, each func(raw []byte) error) error {
	if !mail.IsMbox(data) {
		return each(data)
	}
	return mail.Split(bytes.NewReader(data), each)
}

// ReadFile is connectors.FileReader: the message of a mail as the mailbox would have given it.
func (m *Account) ReadFile(raw []byte, received time.Time) (connectors.Filed, error) {
	if err := CheckMail(raw); err != nil {
		return connectors.Filed{}, err
	}
	l := m.reader.read(mailbox.Fetched{Raw: raw, Size: int64(len(raw)), Received: received})
	switch {
	case l.Skip != "":
		return connectors.Filed{}, fmt.Errorf("is a mail of our own: %s", l.Skip)
	case l.Message.Problem != "":
		return connectors.Filed{}, errors.New(l.Message.Problem)
	}
	l.Message.Received = received
	filed := connectors.Filed{Message: l.Message, Files: map[string][]byte{}, ToUs: len(l.Message.To) > 0}
	for _, f := range l.Files {
		filed.Files[f.Blob] = f.Data
	}
	return filed, nil
}

// CheckMail is an error for what is no mail: one has a header that says who sent it, or that it was sent (RFC 5322 §3.6).
func CheckMail(raw []byte) error {
	if len(bytes.TrimSpace(raw)) == 0 {
		return errors.New("is no mail: there is nothing in it")
	}
	h := mail.Read(raw[:min(len(raw), 256<<10)], mail.Limits{}).Header
	for _, name := range []string{"From", "Sender", "Reply-To", "Return-Path", "Received", "Message-ID", "Date"} {
		if h.Has(name) {
			return nil
		}
	}
	return errors.New("is no mail: it has no header that says from whom or when it is")
}

var _ connectors.FileReader = (*Account)(nil)

// readerOf chooses the mailbox that the mail would have come to.
func readerOf(raw []byte, boxes []Box) *Reader {
	if len(boxes) == 0 {
		return &Reader{connector: "email", copies: copiesOne}
	}
	parsed := mail.Read(raw, mail.Limits{})
	for _, b := range boxes {
		r := newFileReader(b)
		if len(r.ours(parsed)) > 0 {
			return r
		}
	}
	return newFileReader(boxes[0])
}

// newFileReader knows all but the ids that we gave out: for those it would need the key of the daemon.
func newFileReader(b Box) *Reader {
	own := b.Config.addresses()
	return &Reader{
		connector: b.Connector, copies: b.Config.Copies, authserv: slices.Clone(b.Config.AuthServ),
		own: judge.Own{Addresses: own, Domains: domains(own), Names: names(*b.Config), Forms: b.Config.Forms},
	}
}
