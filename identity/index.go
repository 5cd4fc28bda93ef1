package identity

import (
	"strconv"
	"strings"
	"time"

	"loket/internal/message"
)

// erased stands in the index for a customer who asked to be forgotten.
const erased = "!"

// entry is what the index says of one identifier: enough to answer for a known sender without reading more.
type entry struct {
	group     string        // the key of its group: a customer's id, or its own name after an @ when it is nobody's
	tie       message.Level // how surely it is the customer's
	generic   bool          // names nobody
	contested bool
	several   bool // somebody else than the customer shows it too: names nobody by itself
	blocked   bool
	full      bool     // has so many partners that more are only counted
	beside    bool     // only came with accounts so far: shown without one it makes the customer less sure
	day       int64    // until when sightings are written down, in days of Unix time
	bearers   []string // of a handle the accounts that bear it now, of others the marks of the names they were shown with
	languages []string // that those who showed it wrote in
	ends      ends     // until when it was somebody else's
}

// flags in the index, after the tie.
const (
	flagGeneric   = 'g'
	flagContested = 'c'
	flagBlocked   = 'b'
	flagFull      = 'f'
	flagSeveral   = 's'
	flagBeside    = 'a'
)

// languagesAfter stands between bearers and languages. No identifier and no mark of a name holds it.
const languagesAfter = '~'

// stub is what must be known of an identifier that is not read.
func (e entry) stub() node {
	return node{blocked: flag{on: e.blocked}, ends: e.ends}
}

// String is group;tie and flags;day;bearers~languages;ends, times in base 36 and nothing at the end that is not there. It is short, because there is one for every identifier.
func (e entry) String() string {
	var b strings.Builder
	b.WriteString(e.group)
	b.WriteByte(';')
	b.WriteByte('0' + byte(e.tie))
	for _, f := range []struct {
		on   bool
		name byte
	}{{e.generic, flagGeneric}, {e.contested, flagContested}, {e.blocked, flagBlocked}, {e.full, flagFull}, {e.beside, flagBeside}, {e.several, flagSeveral}} {
		if f.on {
			b.WriteByte(f.name)
		}
	}
	b.WriteByte(';')
	b.WriteString(strconv.FormatInt(e.day, 36))
	if len(e.bearers) > 0 || len(e.languages) > 0 || len(e.ends) > 0 {
		b.WriteByte(';')
		b.WriteString(strings.Join(e.bearers, ","))
	}
	if len(e.languages) > 0 {
		b.WriteByte(languagesAfter)
		b.WriteString(strings.Join(e.languages, ","))
	}
	if len(e.ends) > 0 {
		b.WriteByte(';')
		b.WriteString(e.ends.String())
	}
	return b.String()
}

// parseEntry reads what String writes. Of an identifier's name in front only the part after its last signs is
// looked at, as a name may hold any sign.
func parseEntry(node, s string) (entry, bool) {
	if s == "" || s == erased {
		return entry{}, false
	}
	var e entry
	rest := s
	if own := ownGroup(node); strings.HasPrefix(s, own+";") {
		e.group, rest = own, s[len(own)+1:]
	} else {
		var ok bool
		if e.group, rest, ok = strings.Cut(s, ";"); !ok {
			return entry{}, false
		}
	}
	marks, rest, _ := strings.Cut(rest, ";")
	day, rest, _ := strings.Cut(rest, ";")
	bearers, given, _ := strings.Cut(rest, ";")
	bearers, languages, _ := strings.Cut(bearers, string(languagesAfter))
	if marks == "" || marks[0] < '0' || marks[0] > '5' {
		return entry{}, false
	}
	e.tie = message.Level(marks[0] - '0')
	for _, c := range marks[1:] {
		e.generic = e.generic || c == flagGeneric
		e.contested = e.contested || c == flagContested
		e.blocked = e.blocked || c == flagBlocked
		e.full = e.full || c == flagFull
		e.several = e.several || c == flagSeveral
		e.beside = e.beside || c == flagBeside
	}
	e.day, _ = strconv.ParseInt(day, 36, 64)
	if given != "" {
		e.ends = parseEnds(given)
	}
	if languages != "" {
		e.languages = strings.Split(languages, ",")
	}
	if bearers != "" {
		e.bearers = strings.Split(bearers, ",")
	}
	return e, true
}

// customer is the id, empty when the group is nobody's.
func (e entry) customer() string { return customerOf(e.group) }

// ownGroup is the key of the group of an identifier that is nobody's: a handle, a shared mailbox.
func ownGroup(node string) string { return "@" + node }

func customerOf(group string) string {
	if strings.HasPrefix(group, "@") {
		return ""
	}
	return group
}

// dayOf is the day of a time in milliseconds.
func dayOf(ms int64) int64 { return ms / (24 * time.Hour).Milliseconds() }
