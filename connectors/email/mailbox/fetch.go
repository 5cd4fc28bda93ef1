package mailbox

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// A meta is what is known of a mail before it is fetched.
type meta struct {
	size     int64
	received time.Time
}

// metas asks for sizes and times of arrival. What the server leaves out is absent.
func (c *conn) metas(uids []uint32) (map[uint32]meta, error) {
	defer c.watch()()
	found := make(map[uint32]meta, len(uids))
	cmd := c.imap.Fetch(setOf(uids), &imap.FetchOptions{UID: true, RFC822Size: true, InternalDate: true})
	for msg := cmd.Next(); msg != nil; msg = cmd.Next() {
		var uid uint32
		var is meta
		for item := msg.Next(); item != nil; item = msg.Next() {
			switch item := item.(type) {
			case imapclient.FetchItemDataUID:
				uid = uint32(item.UID)
			case imapclient.FetchItemDataRFC822Size:
				is.size = item.Size
			case imapclient.FetchItemDataInternalDate:
				is.received = item.Time.UTC()
			}
		}
		if uid != 0 && is != (meta{}) {
			found[uid] = is
		}
	}
	if err := cmd.Close(); err != nil {
		return found, fmt.Errorf("fetch sizes: %w", err)
	}
	return found, nil
}

// A part is which bytes of a mail to fetch.
type part struct {
	header bool  // only the header
	first  int64 // only so many bytes; 0 is all
}

func (p part) section() *imap.FetchItemBodySection {
	s := &imap.FetchItemBodySection{Peek: true}
	if p.header {
		s.Specifier = imap.PartSpecifierHeader
	}
	if p.first > 0 {
		s.Partial = &imap.SectionPartial{Offset: 0, Size: p.first}
	}
	return s
}

// A body is bytes of a mail as they came.
type body struct {
	raw  []byte
	size int64 // announced by the server; more than raw when it is over the limit
	came bool  // to its last byte
}

// bodies fetches and calls got for each that came whole, at most limit(uid) bytes of it, which are got's to keep.
// No error does not mean that every one came: got is called for those that did. A body beyond any sense ends the
// connection.
func (c *conn) bodies(uids []uint32, p part, limit func(uid uint32) int64, got func(uid uint32, b body)) error {
	defer c.watch()()
	wanted := func(uid uint32) bool { return slices.Contains(uids, uid) }
	section := p.section()
	c.strays.expect(&expected{section, limit, c.broke})
	defer c.strays.expect(nil)
	cmd := c.imap.Fetch(setOf(uids), &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{section}})
	came := map[uint32]bool{}
	give := func(uid uint32, b body) {
		if uid != 0 && b.came && wanted(uid) && !came[uid] {
			came[uid] = true
			got(uid, b)
		}
	}
	absurd := false
	for msg := cmd.Next(); msg != nil; msg = cmd.Next() {
		uid, b, err := collect(msg, section, limit)
		if err != nil {
			absurd = absurd || errors.Is(err, errAbsurd)
			c.broke(err)
		}
		give(uid, b)
	}
	err := cmd.Close()
	for uid, b := range c.strays.collect() {
		give(uid, b)
	}
	switch {
	case absurd || c.strays.sawAbsurd():
		return fmt.Errorf("fetch: %w", errAbsurd)
	case err != nil:
		return fmt.Errorf("fetch: %w", err)
	}
	return nil
}

// errAbsurd is a literal so long that reading past it makes no sense.
var errAbsurd = errors.New("the server announces more bytes than a mail can have")

// maxSkip is how many bytes beyond the limit are read past to keep the connection.
const maxSkip = 64 << 20

// collect reads one FETCH response to its end.
func collect(msg *imapclient.FetchMessageData, section *imap.FetchItemBodySection, limit func(uint32) int64) (uid uint32, b body, err error) {
	for item := msg.Next(); item != nil; item = msg.Next() {
		switch item := item.(type) {
		case imapclient.FetchItemDataUID:
			uid = uint32(item.UID)
		case imapclient.FetchItemDataBodySection:
			if item.Literal == nil || !item.MatchCommand(section) {
				continue // what is not read here, the library reads past
			}
			if b, err = readLiteral(item.Literal, limit(uid)); err != nil {
				return uid, body{}, err
			}
		}
	}
	return uid, b, nil
}

// readLiteral reads to the end, which lets the library go on, but keeps only limit bytes.
func readLiteral(r imap.LiteralReader, limit int64) (body, error) {
	b := body{size: r.Size()}
	keep := min(b.size, limit)
	if b.size-keep > maxSkip {
		return body{}, errAbsurd
	}
	// Not all of keep at once: an announced size is believed as its bytes come.
	buf := make([]byte, 0, min(keep, 1<<20))
	for int64(len(buf)) < keep {
		if len(buf) == cap(buf) {
			buf = slices.Grow(buf, int(min(int64(len(buf)), keep-int64(len(buf)))))
		}
		n, err := r.Read(buf[len(buf):min(int64(cap(buf)), keep)])
		buf = buf[:len(buf)+n]
		if err != nil && (!errors.Is(err, io.EOF) || int64(len(buf)) < keep) {
			return body{}, fmt.Errorf("body broke off: %w", io.ErrUnexpectedEOF)
		}
	}
	rest, err := io.Copy(io.Discard, r)
	if err != nil || keep+rest != b.size { // a plain end too: the library takes it for the end of the mail
		return body{}, fmt.Errorf("body broke off: %w", io.ErrUnexpectedEOF)
	}
	b.raw, b.came = buf, true
	return b, nil
}

// broke ends the connection after a body that could not be read. One that broke off in its middle must not be
// touched again while the library still reads: both would read from one buffer.
func (c *conn) broke(err error) {
	c.wire.abort()
	if !errors.Is(err, errAbsurd) {
		<-c.imap.Closed()
	}
}
