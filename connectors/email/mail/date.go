package mail

import (
	"strconv"
	"strings"
	"time"
)

// ParseDate reads the value of a Date field, in UTC: RFC 5322 with its obsolete forms, and what programs write instead
// (ISO 8601, C's asctime, names in other languages, points in the time, offsets with GMT or a colon). ok is false when
// it is no date, or none between 1970 and 2199.
func ParseDate(value string) (date time.Time, ok bool) {
	value = strings.TrimSpace(withoutComments(value))
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05 -0700", "2006-01-02T15:04:05", "2006-01-02 15:04:05"} {
		if t, err := time.Parse(layout, value); err == nil {
			return sane(t.UTC())
		}
	}
	var d dateParts
	for _, word := range strings.FieldsFunc(value, func(c rune) bool { return c == ' ' || c == ',' || c == '\t' }) {
		if !d.take(strings.TrimRight(word, ".")) {
			return time.Time{}, false
		}
	}
	return d.time()
}

// dateParts are the words of a date, as far as they were read.
type dateParts struct {
	day, month, year     int
	hour, minute, second int
	hasTime, hasZone     bool
	offset               int // seconds east
}

// take reads the next word; false when it cannot be part of a date.
func (d *dateParts) take(word string) bool {
	if word == "" {
		return true
	}
	number, err := strconv.Atoi(word)
	switch {
	case err == nil && (word[0] == '+' || word[0] == '-'):
		return d.zone(word)
	case err == nil && d.day == 0 && number >= 1 && number <= 31 && len(word) <= 2:
		d.day = number
		return true
	case err == nil && d.year == 0 && (len(word) == 4 || len(word) <= 3 && d.month > 0):
		d.year = fullYear(number, len(word))
		return true
	case err == nil:
		return d.hasTime // a stray number behind the time
	case !d.hasTime && strings.ContainsAny(word, ":.") && word[0] >= '0' && word[0] <= '9' && d.clock(word):
		return true
	case strings.Count(word, "-") == 2 && d.day == 0: // 3-Nov-2026
		for part := range strings.SplitSeq(word, "-") {
			if !d.take(part) {
				return false
			}
		}
		return true
	case d.month == 0 && monthOf(word) > 0:
		d.month = monthOf(word)
		return true
	case d.hasTime:
		d.zone(word) // an unknown name is UTC (RFC 5322 §4.3)
		return true
	}
	return d.month == 0 && isWeekday(word)
}

func fullYear(n, digits int) int {
	switch { // RFC 5322 §4.3
	case digits == 2 && n < 50:
		return 2000 + n
	case digits <= 3:
		return 1900 + n
	}
	return n
}

func (d *dateParts) clock(word string) bool {
	upper := strings.ToUpper(word)
	word = strings.TrimSuffix(strings.TrimSuffix(upper, "AM"), "PM")
	fields := strings.FieldsFunc(word, func(c rune) bool { return c == ':' || c == '.' })
	if len(fields) < 2 || len(fields) > 4 {
		return false
	}
	var n [3]int
	for i, f := range fields[:min(len(fields), 3)] {
		v, err := strconv.Atoi(f)
		if err != nil || v < 0 || v > 60 {
			return false
		}
		n[i] = v
	}
	if strings.HasSuffix(upper, "PM") && n[0] < 12 {
		n[0] += 12
	}
	if n[0] > 23 || n[1] > 59 {
		return false
	}
	d.hour, d.minute, d.second, d.hasTime = n[0], n[1], min(n[2], 59), true
	return true
}

// zone reads an offset or a name. The first that is known counts: "GMT+0200", "+0100 (CET)", "CET".
func (d *dateParts) zone(word string) bool {
	upper := strings.ToUpper(word)
	if d.hasTime && d.hour < 12 && upper == "PM" {
		d.hour += 12
		return true
	}
	if d.hasZone {
		return true
	}
	if hours, known := zoneHours(upper); known {
		d.offset, d.hasZone = hours*3600, true
		return true
	}
	sign := strings.IndexAny(upper, "+-")
	if sign < 0 {
		return true
	}
	digits := strings.ReplaceAll(upper[sign+1:], ":", "")
	n, err := strconv.Atoi(digits)
	if err != nil || len(digits) > 4 {
		return true
	}
	if len(digits) <= 2 {
		n *= 100
	}
	d.offset, d.hasZone = (n/100*60+n%100)*60, true
	if n/100 > 15 || n%100 > 59 {
		d.offset = 0
	}
	if upper[sign] == '-' {
		d.offset = -d.offset
	}
	return true
}

func zoneHours(name string) (hours int, known bool) {
	switch name {
	case "GMT", "UT", "UTC", "Z", "WET":
		return 0, true
	case "CET", "MET", "MEZ", "BST", "WEST":
		return 1, true
	case "CEST", "MEST", "MESZ", "EET":
		return 2, true
	case "EEST", "MSK":
		return 3, true
	case "EDT":
		return -4, true
	case "EST", "CDT":
		return -5, true
	case "CST", "MDT":
		return -6, true
	case "MST", "PDT":
		return -7, true
	case "PST":
		return -8, true
	}
	return 0, false
}

func (d *dateParts) time() (time.Time, bool) {
	if d.day == 0 || d.month == 0 || d.year == 0 {
		return time.Time{}, false
	}
	t := time.Date(d.year, time.Month(d.month), d.day, d.hour, d.minute, d.second, 0, time.UTC)
	if t.Day() != d.day { // 31 February
		return time.Time{}, false
	}
	return sane(t.Add(-time.Duration(d.offset) * time.Second))
}

func sane(t time.Time) (time.Time, bool) {
	if t.Year() < 1970 || t.Year() > 2199 {
		return time.Time{}, false
	}
	return t, true
}

// monthOf reads a month in English, Dutch, German, French or Spanish, by its first letters; 0 when it is none.
func monthOf(word string) int {
	word = strings.ToLower(word)
	for i, names := range [12][]string{
		{"jan", "ene"}, {"feb", "fév", "fev"}, {"mar", "mrt", "maart", "mär", "mrz"}, {"apr", "avr", "abr"}, {"may", "mei", "mai"},
		{"jun", "juin"}, {"jul", "juil"}, {"aug", "aoû", "aou", "ago"}, {"sep"}, {"oct", "okt"}, {"nov"}, {"dec", "dez", "déc", "dic"},
	} {
		for _, name := range names {
			if strings.HasPrefix(word, name) {
				return i + 1
			}
		}
	}
	return 0
}

// isWeekday takes any word of letters before the date: a weekday in some language.
func isWeekday(word string) bool {
	return word != "" && !strings.ContainsAny(word, "0123456789")
}

// withoutComments leaves out what stands in parentheses, nested ones too.
func withoutComments(s string) string {
	if strings.IndexByte(s, '(') < 0 {
		return s
	}
	var b strings.Builder
	depth := 0
	for _, c := range s {
		switch {
		case c == '(':
			depth++
		case c == ')' && depth > 0:
			depth--
		case depth == 0:
			b.WriteRune(c)
		}
	}
	return b.String()
}
