// Package mail reads Internet mail (RFC 5322, MIME) as it really is: hostile, broken, or from 1998. It decides nothing;
// what a mail means is said elsewhere.
package mail

import "time"

// A Mail is what could be read of one mail. Everything in it is valid UTF-8 without control characters but line feeds
// and tabs, and none of it can be trusted.
type Mail struct {
	// Header has every field in its order, topmost first, unfolded and decoded.
	Header Header

	From       []Address
	Sender     []Address
	ReplyTo    []Address
	To, Cc     []Address
	ReturnPath string // bare address of the topmost Return-Path field, the last to be added; "" when it is <> or absent

	// NullReturnPath tells that there is a Return-Path and that it is <>: a machine wrote, and wants no answer.
	NullReturnPath bool

	// FromUnclear tells that another reader may see another sender than From: several From fields or none, a value that a
	// strict parser refuses or reads otherwise, a broken header. What a server said of the sender's domain (DMARC) then
	// does not vouch for From.
	FromUnclear bool

	Subject    string
	Date       time.Time // zero when there is none that could be read
	MessageID  string    // without angle brackets; "" when there is none
	InReplyTo  []string  // ids, without angle brackets
	References []string  // ids, oldest first, without angle brackets

	// Text is the whole text for people to read: the plain parts in order, one for each set of alternatives. It is "" when
	// something to read came as HTML only: the caller then makes it from HTML, which has all of it.
	Text string
	// HTML is the HTML parts as they came, not sanitised, with the plain parts that stand beside them (not as their
	// alternative) in <pre>; "" when no part is HTML.
	HTML string

	// Parts are the leaves that are neither Text nor HTML: attachments, inline images, calendars, reports, mails within.
	Parts []Part

	// Type is the media type of the whole mail in lower case, with its parameters: multipart/report says what it is here.
	Type   string
	Params map[string]string

	// Problems are what could not be read, each in a few words, none with content of the mail.
	Problems []string
	// Guessed tells that the charset of a text or of the header had to be guessed from its bytes.
	Guessed bool
	// Unchecked tells that all or part of it came out of an S/MIME signature, which nobody checked.
	Unchecked bool
	// Lost tells that something a person should see is not in this Mail: the original must be kept and shown.
	Lost bool
}

// A Header is a list of fields.
type Header []Field

// A Field is one line of a header: name as it was written, value unfolded and decoded (RFC 2047) but for what servers
// write for programs, such as Authentication-Results.
type Field struct{ Name, Value string }

// An Address is one mailbox of an address list.
type Address struct {
	Name string // display name, decoded; proves nothing
	Addr string // bare address as it was written, not normalised; may be no address at all
}

// A Part is one leaf of the mail.
type Part struct {
	Name      string // file name, safe to show and to store: no path, no control characters, at most 255 bytes; never empty
	Type      string // media type in lower case, without parameters
	Params    map[string]string
	ContentID string // without angle brackets
	Inline    bool   // shown within the HTML, or asked to be
	Data      []byte // decoded, text in the charset that Params names; cut at the limit, which Problems then tells
}
