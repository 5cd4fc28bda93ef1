package mail

import (
	"bytes"
	"strings"
)

// maxNested bounds how deep the values of a CMS stand within each other where they are looked at.
const maxNested = 16

var (
	oidSignedData = []byte{0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02}
	oidData       = []byte{0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01}
)

// isCMS tells whether a part may be S/MIME with its content inside (RFC 8551 §3.2); some programs give it no type but
// the name.
func isCMS(e entity) bool {
	switch e.media.name {
	case "application/pkcs7-mime", "application/x-pkcs7-mime":
		return true
	case "application/octet-stream", "application/pkcs7", "application/x-pkcs7":
		return strings.HasSuffix(strings.ToLower(givenName(e)), ".p7m")
	}
	return false
}

// signedContent gives what a CMS signed and did not encrypt (RFC 5652 §5), in DER or BER. The signature is not checked.
func signedContent(cms []byte) (content []byte, ok bool) {
	info, _, ok := value(cms, 0x30, 0)
	if !ok || !bytes.HasPrefix(info, oidSignedData) {
		return nil, false
	}
	wrapped, _, ok := value(info[len(oidSignedData):], 0xa0, 1)
	if !ok {
		return nil, false
	}
	signed, _, ok := value(wrapped, 0x30, 2)
	if !ok {
		return nil, false
	}
	for _, tag := range []byte{0x02, 0x31} { // version, digest algorithms
		if _, signed, ok = value(signed, tag, 3); !ok {
			return nil, false
		}
	}
	inner, _, ok := value(signed, 0x30, 3)
	if !ok || !bytes.HasPrefix(inner, oidData) {
		return nil, false
	}
	explicit, _, ok := value(inner[len(oidData):], 0xa0, 4)
	if !ok {
		return nil, false // certificates only
	}
	return octets(explicit, 5)
}

// octets reads an OCTET STRING, which BER may have in pieces.
func octets(b []byte, depth int) ([]byte, bool) {
	if len(b) > 0 && b[0] == 0x04 {
		content, _, ok := value(b, 0x04, depth)
		return content, ok
	}
	pieces, _, ok := value(b, 0x24, depth)
	if !ok || depth > maxNested {
		return nil, false
	}
	var all []byte
	for len(pieces) > 0 {
		_, rest, ok := element(pieces, depth+1)
		if !ok {
			return nil, false
		}
		piece, ok := octets(pieces[:len(pieces)-len(rest)], depth+1)
		if !ok {
			return nil, false
		}
		all, pieces = append(all, piece...), rest
	}
	return all, true
}

// value gives what the element at the beginning of b holds, which must have that tag, and what follows it.
func value(b []byte, tag byte, depth int) (content, rest []byte, ok bool) {
	if len(b) == 0 || b[0] != tag {
		return nil, nil, false
	}
	return element(b, depth)
}

// element reads a length of DER, or the indefinite one of BER, which ends with two zero bytes.
func element(b []byte, depth int) (content, rest []byte, ok bool) {
	if len(b) < 2 || depth > maxNested || b[0]&0x1f == 0x1f {
		return nil, nil, false
	}
	n, b := int(b[1]), b[2:]
	switch {
	case n == 0x80:
		for at := b; ; {
			if len(at) >= 2 && at[0] == 0 && at[1] == 0 {
				return b[:len(b)-len(at)], at[2:], true
			}
			if _, at, ok = element(at, depth+1); !ok {
				return nil, nil, false
			}
		}
	case n > 0x80:
		size := n - 0x80
		if size > 4 || size > len(b) {
			return nil, nil, false
		}
		n = 0
		for _, c := range b[:size] {
			n = n<<8 | int(c)
		}
		b = b[size:]
	}
	if n > len(b) {
		return nil, nil, false
	}
	return b[:n], b[n:], true
}
