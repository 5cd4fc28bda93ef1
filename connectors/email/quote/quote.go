// Package quote tells what the writer of a mail says now from what only comes along: the earlier mail quoted below,
// attribution lines, signatures. It reads plain text and HTML, and writes quotes for answers.
//
// It works line by line and, for HTML, by the marks that mail clients leave on what they add. It prefers to leave too
// much: what it is not sure of stays. The whole text is always kept by the caller; what is said serves rules, previews
// and readers in a hurry.
//
// Everything here is pure, safe for concurrent use, and takes time and memory in proportion to its bounded input.
package quote

import "strings"

const (
	// MaxText is the length in bytes up to which a text is looked at; Strip returns a longer one as it came, and
	// FromHTML ends its text there.
	MaxText = 1 << 20
	// MaxHTML is the length in bytes up to which HTML is read.
	MaxHTML = 4 << 20
)

const (
	contextLines = 5 // a single quote of at most so many lines, with an answer below, is context
	maxRounds    = 8
)

// Strip returns what text says without the earlier mail that it quotes and without the signature. Its lines are lines
// of text, in their order, but one may end where an attribution stood behind it; line ends are \n, and blank lines at
// both ends go. Strip(Strip(x)) is Strip(x).
//
//   - A header block (Van:/Verzonden:/Onderwerp: in the languages of headerKeys), a line such as
//     -----Original Message-----, and an attribution with date and address begin history: everything below goes, if
//     something stands above.
//   - Lines that begin with > go with their attribution when nothing but signatures follows. When text follows, it is
//     an answer between the quotes, and they stay as its context; only a single quote of more than five lines
//     goes (somebody answered below the whole mail), one that asks nothing, and one below which somebody only signed. Quotes that no attribution
//     introduces stay, unless they are long or quote others themselves.
//   - A signature goes from its delimiter on, and so does the line that a telephone or a mail program adds.
//   - A forwarded mail is content: from its first line on nothing is cut. Some programs mark forwards like replies, so
//     who knows by the subject that a mail is a forward (IsForward) should take the whole text.
//   - No cut is made that would leave nothing said: no letter, digit or sign.
func Strip(text string) (said string) {
	if len(text) > MaxText {
		return text
	}
	return join(saidOf(split(text)))
}

// saidOf cuts until nothing more is to be cut, which makes the result one that stays when it is cut again. Lines that
// don't come to rest are returned whole.
func saidOf(lines []line) []line {
	whole := trim(lines)
	rest := apart(whole)
	for range maxRounds {
		less := cut(rest)
		if len(less) == len(rest) {
			return rest
		}
		rest = less
	}
	return whole
}

// Quote returns text quoted below attribution, for the foot of an answer. What is quoted already gets one level more.
// The result has at most 300 lines and about 16 KiB of text; a last line "> […]" tells that there was more.
func Quote(text, attribution string) string {
	const maxLines, maxBytes = 300, 16 << 10
	var b strings.Builder
	if a := strings.Join(strings.Fields(attribution), " "); a != "" {
		b.WriteString(a)
		b.WriteByte('\n')
	}
	if len(text) > 4*maxBytes {
		text = strings.ToValidUTF8(text[:4*maxBytes], "")
	}
	room := maxBytes
	for i, l := range trim(split(text)) {
		room -= len(l.text) + 2
		if i == maxLines || room < 0 {
			b.WriteString("> […]\n")
			break
		}
		b.WriteByte('>')
		if l.text != "" && l.text[0] != '>' {
			b.WriteByte(' ')
		}
		b.WriteString(strings.TrimRight(l.text, " \t"))
		b.WriteByte('\n')
	}
	return b.String()
}
