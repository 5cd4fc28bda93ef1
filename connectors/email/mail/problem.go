package mail

import "slices"

// What Problems can hold. They are constants, so none can carry content of the mail.
const (
	noHeader          = "no header"
	headerBroken      = "header line without a field name"
	headerRunsOn      = "no empty line between header and text"
	headerTooLong     = "header longer than the limit"
	headerNotUTF8     = "header with raw bytes that are not UTF-8"
	wordUnreadable    = "encoded word that cannot be read"
	charsetUnknown    = "unknown charset"
	charsetGuessed    = "charset that had to be guessed"
	charsetWrong      = "text is not in the charset that it names"
	encodingUnknown   = "unknown transfer encoding"
	base64Broken      = "broken base64"
	quotedBroken      = "broken quoted-printable"
	uuencodeBroken    = "broken uuencode"
	boundaryMissing   = "multipart without a boundary"
	boundaryGuessed   = "multipart whose boundary had to be guessed"
	boundaryAbsent    = "multipart whose boundary never occurs"
	boundaryUnclosed  = "multipart that is not closed"
	boundaryShared    = "multipart that shares its boundary with the one around it"
	textBehind        = "text behind the last part"
	tooDeep           = "parts within parts deeper than the limit"
	tooManyParts      = "more parts than the limit"
	tooLarge          = "larger than the limit when decoded"
	textTooLong       = "text longer than the limit"
	tooManyAddresses  = "more addresses than the limit"
	addressUnreadable = "address that cannot be read"
	severalFrom       = "several From fields"
	noFrom            = "no From"
	dateUnreadable    = "date that cannot be read"
	notOpened         = "encrypted or sealed part that cannot be opened"
	notChecked        = "signature that is not checked"
	partElsewhere     = "part whose content is elsewhere"
)

// hidesContent tells which problems mean that the original has something to show that the Mail lacks.
func hidesContent(problem string) bool {
	switch problem {
	case headerTooLong, charsetUnknown, encodingUnknown, base64Broken, uuencodeBroken, boundaryMissing, boundaryAbsent, textBehind,
		tooDeep, tooManyParts, tooLarge, textTooLong, tooManyAddresses, notOpened, partElsewhere:
		return true
	}
	return false
}

// problem notes p once; "" notes nothing.
func (m *Mail) problem(p string) {
	if p == "" || slices.Contains(m.Problems, p) {
		return
	}
	m.Problems = append(m.Problems, p)
	m.Lost = m.Lost || hidesContent(p)
	m.Guessed = m.Guessed || p == charsetGuessed
	m.Unchecked = m.Unchecked || p == notChecked
}
