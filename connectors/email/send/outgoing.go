// Package send writes mail and hands it to an SMTP server (RFC 5322, 2045, 5321).
//
// SMTP cannot be asked whether a mail arrived. A mail that is in doubt and sent again has the same Message-ID, by
// which most mailboxes show it once: it is sent at least once.
package send

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/mail"
	"time"

	gomessage "github.com/emersion/go-message"
	gomail "github.com/emersion/go-message/mail"

	"loket/internal/message"
)

// An Outgoing is a mail before it is written. Nothing in it can put a line of its own into the header: line ends and
// control characters become spaces.
type Outgoing struct {
	From    mail.Address
	ReplyTo mail.Address // none when its Address is ""
	To, Cc  []mail.Address

	MessageID  string   // without angle brackets
	References []string // Message-IDs of earlier mails, root first and the answered one last; without angle brackets

	// Subject has one "Re: " in front when the letter has References, whatever reply words it began with.
	Subject string
	Date    time.Time

	Text  string
	HTML  string // may be empty
	Quote *Quote // what is answered, under the text; may be nil

	Files []File

	// Automatic letters say so, that no machine answers them; letters by a person carry no such mark.
	Automatic message.Automatic
}

// A File is an attachment.
type File struct {
	Name string
	Type string // media type; application/octet-stream when it is none
	// Open gives the bytes; Compose closes them.
	Open func() (io.ReadCloser, error)
}

// Compose writes l to w with CRLF line ends and 7-bit bodies. The same letter gives the same bytes, so one that is
// sent again is the same mail. What is wrong with the letter is an error before anything is written; a file that
// cannot be read, or w, may fail later.
//
// Addresses whose local part is not ASCII stand in the header as they are (RFC 6532): see NeedsUTF8.
func Compose(w io.Writer, l *Outgoing) error {
	header, err := header(l)
	if err != nil {
		return fmt.Errorf("compose mail: %w", err)
	}
	if err := l.write(w, header); err != nil {
		return fmt.Errorf("compose mail: %w", err)
	}
	return nil
}

// write puts the parts together: text, or text and HTML as alternatives, and beside them the files.
func (l *Outgoing) write(w io.Writer, h gomail.Header) error {
	if len(l.Files) == 0 {
		return l.writeBody(h.Header, func(h gomessage.Header) (*gomessage.Writer, error) { return gomessage.CreateWriter(w, h) })
	}
	h.SetContentType("multipart/mixed", map[string]string{"boundary": l.boundary("mixed")})
	mixed, err := gomessage.CreateWriter(w, h.Header)
	if err != nil {
		return err
	}
	if err := l.writeBody(gomessage.Header{}, mixed.CreatePart); err != nil {
		return err
	}
	for i, f := range l.Files {
		if err := writeFile(mixed, f); err != nil {
			return fmt.Errorf("attachment %d: %w", i+1, err)
		}
	}
	return mixed.Close()
}

func (l *Outgoing) writeBody(h gomessage.Header, create func(gomessage.Header) (*gomessage.Writer, error)) error {
	if l.HTML == "" {
		return writeText(h, create, "text/plain", l.plain())
	}
	h.SetContentType("multipart/alternative", map[string]string{"boundary": l.boundary("alternative")})
	alternative, err := create(h)
	if err != nil {
		return err
	}
	if err := writeText(gomessage.Header{}, alternative.CreatePart, "text/plain", l.plain()); err != nil {
		return err
	}
	if err := writeText(gomessage.Header{}, alternative.CreatePart, "text/html", l.hypertext()); err != nil {
		return err
	}
	return alternative.Close()
}

func writeText(h gomessage.Header, create func(gomessage.Header) (*gomessage.Writer, error), mediaType, text string) error {
	h.SetContentType(mediaType, map[string]string{"charset": "utf-8"})
	h.Set("Content-Transfer-Encoding", "quoted-printable")
	w, err := create(h)
	if err != nil {
		return err
	}
	if _, err := io.WriteString(w, text); err != nil {
		return err
	}
	return w.Close()
}

func writeFile(mixed *gomessage.Writer, f File) (err error) {
	in, err := f.Open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	w, err := mixed.CreatePart(fileHeader(f))
	if err != nil {
		return err
	}
	if _, err := io.Copy(w, in); err != nil {
		return err
	}
	return w.Close()
}

// boundary is a line that stands in no part: "=_" is nothing that quoted-printable or base64 can write.
func (l *Outgoing) boundary(part string) string {
	sum := sha256.Sum256([]byte(part + "\x00" + l.MessageID))
	return "=_" + encoding.EncodeToString(sum[:15])
}
