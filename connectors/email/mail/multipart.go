package mail

import "bytes"

// splitParts cuts a multipart at its boundary, into at most limit+1 pieces. nil means that there are no parts at all.
// What follows a closing boundary is passed over unless a part begins again: nested multiparts that share a boundary, and
// mails joined by gateways, do.
func splitParts(b []byte, boundary string, limit int) (pieces [][]byte, problems []string) {
	if boundary == "" || !hasDelimiter(b, boundary) {
		missing, guess := boundary == "", guessBoundary(b)
		if guess == "" {
			if missing {
				return nil, []string{boundaryMissing}
			}
			return nil, []string{boundaryAbsent}
		}
		boundary = guess
		problems = append(problems, boundaryGuessed)
	}
	pieces = [][]byte{}
	start, closed := -1, false
	for at := 0; ; {
		begin, end, closing := nextDelimiter(b[at:], boundary)
		if begin < 0 {
			break
		}
		if start >= 0 {
			pieces = append(pieces, trimLineEnd(b[start:at+begin]))
			if len(pieces) > limit {
				return pieces, problems
			}
		}
		at += end
		if start, closed = at, closing; closing {
			start = -1
		}
	}
	switch {
	case start >= 0 && len(bytes.TrimSpace(b[start:])) > 0:
		pieces = append(pieces, b[start:])
		problems = append(problems, boundaryUnclosed)
	case !closed:
		problems = append(problems, boundaryUnclosed)
	case hasTextBehind(b, boundary):
		problems = append(problems, textBehind)
	}
	return pieces, problems
}

func hasDelimiter(b []byte, boundary string) bool {
	begin, _, _ := nextDelimiter(b, boundary)
	return begin >= 0
}

// nextDelimiter finds the next line that is the boundary, where it begins and where the line after it does.
func nextDelimiter(b []byte, boundary string) (begin, end int, closing bool) {
	mark := []byte("--" + boundary)
	for at := 0; ; {
		i := bytes.Index(b[at:], mark)
		if i < 0 {
			return -1, -1, false
		}
		begin = at + i
		at = begin + len(mark)
		if begin > 0 && b[begin-1] != '\n' {
			continue
		}
		line, rest := cutLine(b[at:])
		line = bytes.TrimSpace(line)
		if closing = string(line) == "--"; closing || len(line) == 0 {
			return begin, len(b) - len(rest), closing
		}
	}
}

func hasTextBehind(b []byte, boundary string) bool {
	i := bytes.LastIndex(b, []byte("--"+boundary+"--"))
	return i >= 0 && len(bytes.TrimSpace(b[i+len(boundary)+4:])) > 0
}

// guessBoundary takes the first line that looks like one: two dashes, and a Content field on the next line.
func guessBoundary(b []byte) string {
	for len(b) > 0 {
		var line []byte
		line, b = cutLine(b)
		if bytes.HasPrefix(line, []byte("--")) && len(line) > 2 && len(b) > 8 && bytes.EqualFold(b[:8], []byte("content-")) {
			return string(bytes.TrimRight(line[2:], " \t"))
		}
	}
	return ""
}

// trimLineEnd takes one line end away: it belongs to the boundary that follows.
func trimLineEnd(b []byte) []byte {
	b = bytes.TrimSuffix(b, []byte{'\n'})
	return bytes.TrimSuffix(b, []byte{'\r'})
}
