package message

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
)

// NewID makes the stable id of a message from what identifies it at its source: the connector's
// account first, then the channel's own id or the bytes. Equal parts give the equal id, and the
// boundaries between parts count. 26 characters of a–z and 2–7, 128 bits.
func NewID(parts ...[]byte) string {
	h := sha256.New()
	var n [8]byte
	for _, p := range parts {
		binary.BigEndian.PutUint64(n[:], uint64(len(p)))
		h.Write(n[:])
		h.Write(p)
	}
	return idEncoding.EncodeToString(h.Sum(nil)[:16])
}

// ValidID tells whether s has the form of an id that NewID makes: such ids are safe in keys, paths and URLs.
func ValidID(s string) bool {
	b, err := idEncoding.DecodeString(s)
	return err == nil && len(b) == 16 && idEncoding.EncodeToString(b) == s
}

var idEncoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)
