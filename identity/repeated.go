package identity

import (
	"cmp"
	"hash/maphash"
	"slices"
	"strings"
	"unicode/utf8"

	"loket/internal/words"
)

// maxKeys is how many keys of one source are remembered, and maxMarks how much of each.
const (
	maxKeys  = 500_000
	maxMarks = 16
)

// keys remembers the first row of each key of a source, to find those that are given to several people: a number that stands
// where somebody has none makes one customer of all of them.
type keys struct {
	seed maphash.Seed
	rows map[uint64]*firstRow
}

type firstRow struct {
	line  int
	name  string
	marks []uint64 // of its addresses
}

func newKeys() *keys { return &keys{seed: maphash.MakeSeed(), rows: map[uint64]*firstRow{}} }

// see gives the line that the key of a row stood in before, with a name that is no other spelling of this one and without
// any of its addresses; 0 when there is none.
func (k *keys) see(row numbered) int {
	key := strings.TrimSpace(row.ID)
	if key != "" {
		key = strings.ToLower(strings.TrimSpace(row.System)) + "\x00" + key
	} else if key = strings.TrimSpace(row.CustomerNo); key == "" {
		return 0
	}
	at := maphash.String(k.seed, key)
	marks := k.marks(row.Row)
	first := k.rows[at]
	if first == nil {
		if len(k.rows) < maxKeys {
			k.rows[at] = &firstRow{row.line, row.Name, marks}
		}
		return 0
	}
	known := slices.ContainsFunc(marks, func(m uint64) bool { return slices.Contains(first.marks, m) })
	if !known && !sameName(first.name, row.Name) {
		return first.line
	}
	first.name = cmp.Or(first.name, row.Name)
	if len(first.marks)+len(marks) <= maxMarks {
		first.marks = append(first.marks, marks...)
	}
	return 0
}

func (k *keys) marks(row Row) []uint64 {
	var out []uint64
	for _, list := range [][]string{row.Emails, row.Phones, row.Identifiers} {
		for _, s := range list {
			s = strings.ToLower(strings.TrimSpace(s))
			if digits := onlyDigits(s); len(digits) >= 7 && !strings.Contains(s, "@") {
				s = digits[max(0, len(digits)-8):] // 06 and +31 6 are one
			}
			if s != "" && len(out) < maxMarks {
				out = append(out, maphash.String(k.seed, s))
			}
		}
	}
	return out
}

// sameName tells whether two names may be one person's: all words of the one stand in the other, some as initials. No name
// may be anybody's.
func sameName(a, b string) bool {
	x, y := strings.Fields(words.Fold(a)), strings.Fields(words.Fold(b))
	if len(x) > len(y) {
		x, y = y, x
	}
	for _, w := range x {
		at := slices.IndexFunc(y, func(v string) bool {
			return w == v || utf8.RuneCountInString(w) == 1 && strings.HasPrefix(v, w) || utf8.RuneCountInString(v) == 1 && strings.HasPrefix(w, v)
		})
		if at < 0 {
			return false
		}
		y = slices.Delete(y, at, at+1)
	}
	return true
}
