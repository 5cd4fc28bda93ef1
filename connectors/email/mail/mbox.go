package mail

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// maxMessage is the largest mail that Split gives.
const maxMessage = 64 << 20

// ErrTooLarge is what Split gives when it passed over mails of more than 64 MiB.
var ErrTooLarge = errors.New("larger than 64 MiB")

// IsMbox tells whether b, the beginning of a file, is that of a mailbox in mbox form (RFC 4155), and not one mail.
func IsMbox(b []byte) bool {
	line, _ := cutLine(bytes.TrimPrefix(b, []byte("\xef\xbb\xbf")))
	return isSeparator(line)
}

// Split gives each mail of an mbox file to each, in order, without the separator line and with ">From " undone (mboxo
// and mboxrd). The bytes belong to each. It stops at the first error of r or of each and gives that; a mail of more than
// 64 MiB is passed over and, at the end, told by ErrTooLarge. A file that does not begin as an mbox is one mail.
func Split(r io.Reader, each func(raw []byte) error) error {
	lines := bufio.NewReaderSize(r, 64<<10)
	var mail []byte
	tooLarge, skipping := 0, false
	deliver := func() error {
		defer func() { mail, skipping = nil, false }()
		if skipping || len(mail) == 0 {
			return nil
		}
		return each(mail)
	}
	first, blank, wholeLine, isMbox := true, true, true, false
	for {
		line, err := lines.ReadSlice('\n')
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) && !errors.Is(err, io.EOF) {
			return fmt.Errorf("read mbox: %w", err)
		}
		starts := wholeLine
		wholeLine = err == nil
		text := bytes.TrimRight(line, "\r\n")
		switch {
		case starts && blank && isSeparator(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))):
			isMbox = isMbox || first
			mail = withoutBlankLine(mail)
			if err := deliver(); err != nil {
				return err
			}
		case len(mail)+len(line) > maxMessage:
			if !skipping {
				tooLarge++
			}
			mail, skipping = nil, true
		case !skipping:
			if starts && !first && isQuotedFrom(text) {
				line = line[1:]
			}
			mail = append(mail, line...)
		}
		blank = starts && len(text) == 0 && wholeLine
		first = false
		if errors.Is(err, io.EOF) {
			break
		}
	}
	if isMbox { // the blank line stands behind the last mail too
		mail = withoutBlankLine(mail)
	}
	if err := deliver(); err != nil {
		return err
	}
	if tooLarge > 0 {
		return fmt.Errorf("split mbox: %d mails: %w", tooLarge, ErrTooLarge)
	}
	return nil
}

// isSeparator wants an address and an hour behind "From ", so that a sentence that begins with it is none.
func isSeparator(line []byte) bool {
	rest, ok := bytes.CutPrefix(line, []byte("From "))
	if !ok {
		return false
	}
	fields := bytes.Fields(rest)
	for _, f := range fields[min(len(fields), 1):] {
		if len(f) >= 4 && f[0] >= '0' && f[0] <= '9' && bytes.IndexByte(f[:3], ':') > 0 {
			return true
		}
	}
	return false
}

func isQuotedFrom(line []byte) bool {
	return len(line) > 0 && line[0] == '>' && bytes.HasPrefix(bytes.TrimLeft(line, ">"), []byte("From "))
}

// withoutBlankLine takes away the empty line that stands before a separator.
func withoutBlankLine(mail []byte) []byte {
	for _, end := range []string{"\n\r\n", "\n\n"} {
		if bytes.HasSuffix(mail, []byte(end)) {
			return mail[:len(mail)-len(end)+1]
		}
	}
	return mail
}
