package folder

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"

	"loket/internal/message"
)

// MarkCut is the mark of a letter that did not become whole.
const MarkCut = "the end of the file is missing: it may be cut off"

// lastBytes is where the end of a file is looked for: some programs put something behind it.
const lastBytes = 4096

// ends gives the first and the last bytes of a file.
func ends(file io.ReaderAt, size int64) (head, tail []byte, err error) {
	head, tail = make([]byte, min(size, message.Sniffed)), make([]byte, min(size, lastBytes))
	_, errHead := file.ReadAt(head, 0)
	_, errTail := file.ReadAt(tail, size-int64(len(tail)))
	if err = errors.Join(errHead, errTail); errors.Is(err, io.EOF) {
		err = errChanging
	}
	return head, tail, err
}

// isCut tells whether the end of a file is surely missing. Of kinds that don't show it nothing is.
func isCut(kind string, head, tail []byte, size int64) bool {
	switch kind {
	case "application/pdf":
		return !bytes.Contains(tail, []byte("%%EOF"))
	case "image/png":
		return !bytes.Contains(tail, []byte("IEND\xAEB`\x82"))
	case "image/tiff": // its directory, most times at its end, must be in it
		var order binary.ByteOrder = binary.LittleEndian
		if head[0] == 'M' {
			order = binary.BigEndian
		}
		return len(head) < 8 || int64(order.Uint32(head[4:])) >= size
	}
	return false
}
