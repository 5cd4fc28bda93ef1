package email

import (
	"bytes"
	"slices"
	"time"

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
func ReadFile(data []byte, received time.Time, boxes []Box, each func(Letter) error) error {
	one := func(raw []byte) error {
		return each(readerOf(raw, boxes).read(mailbox.Letter{Raw: raw, Size: int64(len(raw)), Received: received}))
	}
	if !mail.IsMbox(data) {
		return one(data)
	}
	return mail.Split(bytes.NewReader(data), one)
}

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

// newFileReader knows all but the ids that we gave out: for those it would need the key of the house.
func newFileReader(b Box) *Reader {
	own := b.Config.addresses()
	return &Reader{
		connector: b.Connector, copies: b.Config.Copies, authserv: slices.Clone(b.Config.AuthServ),
		own: judge.Own{Addresses: own, Domains: domains(own), Names: names(*b.Config)},
	}
}
