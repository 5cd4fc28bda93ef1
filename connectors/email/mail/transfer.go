package mail

import (
	"bytes"
	"encoding/base64"
)

// decodeTransfer undoes a Content-Transfer-Encoding (RFC 2045 §6) and gives at most limit bytes; cut tells that there
// would have been more. Broken input gives as much as can be had.
func decodeTransfer(b []byte, encoding string, limit int) (data []byte, cut bool, problem string) {
	switch encoding {
	case "base64":
		return decodeBase64(b, limit)
	case "quoted-printable":
		return decodeQuoted(b, limit)
	case "x-uuencode", "uuencode", "x-uue", "uue":
		return decodeUU(b, limit)
	case "", "7bit", "8bit", "binary", "7-bit", "8-bit", "none":
	default:
		problem = encodingUnknown
	}
	if len(b) > limit {
		return b[:limit], true, problem
	}
	return b, false, problem
}

func decodeBase64(b []byte, limit int) (data []byte, cut bool, problem string) {
	n := base64.StdEncoding.DecodedLen(len(b))
	out := make([]byte, min(n, limit))
	if n <= limit {
		if n, err := base64.StdEncoding.Decode(out, b); err == nil {
			return out[:n], false, ""
		}
	}
	return decodeBase64Broken(out[:0], b, limit)
}

// decodeBase64Broken skips what is not base64, takes parts that were padded and joined, and stops at the end of the
// first when text follows (mailing lists put their footers there). It appends to out.
func decodeBase64Broken(out, b []byte, limit int) (data []byte, cut bool, problem string) {
	var bits uint32
	have := 0
	flush := func() {
		switch have {
		case 1:
			problem = base64Broken
		case 2:
			out = append(out, byte(bits>>4))
		case 3:
			out = append(out, byte(bits>>10), byte(bits>>2))
		}
		bits, have = 0, 0
	}
	for i, c := range b {
		if len(out)+3 > limit {
			rest := bytes.TrimRight(b[i:], "=\r\n\t ")
			return out, len(rest) > 0, problem
		}
		switch v := base64Value(c); {
		case v >= 0:
			bits, have = bits<<6|uint32(v), have+1
			if have == 4 {
				out = append(out, byte(bits>>16), byte(bits>>8), byte(bits))
				bits, have = 0, 0
			}
		case c == '=':
			flush()
			if rest := bytes.TrimLeft(b[i:], "=\r\n\t "); !isBase64(rest) {
				return out, false, base64Broken
			}
		case c == '\r' || c == '\n' || c == ' ' || c == '\t':
		default:
			problem = base64Broken
		}
	}
	flush()
	return out, false, problem
}

// isBase64 looks at the first line's worth of b.
func isBase64(b []byte) bool {
	for _, c := range b[:min(len(b), 76)] {
		if base64Value(c) < 0 && c != '=' && c != '\r' && c != '\n' {
			return false
		}
	}
	return true
}

func base64Value(c byte) int {
	switch {
	case c >= 'A' && c <= 'Z':
		return int(c - 'A')
	case c >= 'a' && c <= 'z':
		return int(c-'a') + 26
	case c >= '0' && c <= '9':
		return int(c-'0') + 52
	case c == '+' || c == '-':
		return 62
	case c == '/' || c == '_':
		return 63
	}
	return -1
}

// decodeQuoted keeps what is not quoted-printable as it is.
func decodeQuoted(b []byte, limit int) (data []byte, cut bool, problem string) {
	out := make([]byte, 0, min(len(b), limit)+2)
	for len(b) > 0 && len(out) < limit {
		line, rest := b, []byte(nil)
		end := []byte(nil)
		if i := bytes.IndexByte(b, '\n'); i >= 0 {
			line, rest, end = b[:i], b[i+1:], b[i:i+1]
			if i > 0 && b[i-1] == '\r' {
				end = b[i-1 : i+1]
			}
		}
		line = bytes.TrimRight(line, " \t\r") // RFC 2045 §6.7 (3): white space at the end was put there on the way
		if n := len(line); n > 0 && line[n-1] == '=' {
			line, end = line[:n-1], nil
		}
		b = rest
		for len(line) > 0 {
			i := bytes.IndexByte(line, '=')
			if i < 0 {
				i = len(line)
			}
			if len(out)+i > limit {
				return append(out, line[:limit-len(out)]...), true, problem
			}
			out = append(out, line[:i]...)
			if line = line[i:]; len(line) == 0 {
				break
			}
			c, n := byte('='), 1
			if len(line) > 2 {
				if v, ok := unhex(line[1], line[2]); ok {
					c, n = v, 3
				}
			}
			if n == 1 {
				problem = quotedBroken
			}
			if len(out) == limit {
				return out, true, problem
			}
			out = append(out, c)
			line = line[n:]
		}
		out = append(out, end...)
	}
	if len(out) > limit {
		return out[:limit], true, problem
	}
	return out, len(b) > 0, problem
}

func unhex(a, b byte) (byte, bool) {
	hi, lo := hexValue(a), hexValue(b)
	return byte(hi<<4 | lo&15), hi >= 0 && lo >= 0
}

func hexValue(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	}
	return -1
}

// decodeUU reads the lines between begin and end; a line's first byte says how many it holds.
func decodeUU(b []byte, limit int) (data []byte, cut bool, problem string) {
	var line []byte
	for {
		if len(b) == 0 {
			return nil, false, uuencodeBroken
		}
		if line, b = cutLine(b); bytes.HasPrefix(line, []byte("begin ")) {
			break
		}
	}
	out := make([]byte, 0, min(limit, len(b)*3/4))
	for len(b) > 0 {
		if line, b = cutLine(b); len(line) == 0 {
			continue
		}
		if string(line) == "end" {
			return out, false, problem
		}
		n := int(line[0]-' ') & 63
		line = line[1:]
		if n > len(line)*3/4 {
			problem = uuencodeBroken
			n = len(line) * 3 / 4
		}
		if len(out)+n > limit {
			return out, true, problem
		}
		for i := 0; i+3 < len(line) && n > 0; i += 4 {
			v := uint32(line[i]-' ')&63<<18 | uint32(line[i+1]-' ')&63<<12 | uint32(line[i+2]-' ')&63<<6 | uint32(line[i+3]-' ')&63
			group := []byte{byte(v >> 16), byte(v >> 8), byte(v)}
			out = append(out, group[:min(n, 3)]...)
			n -= 3
		}
	}
	return out, false, uuencodeBroken
}
