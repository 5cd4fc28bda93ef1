package calendar

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"loket/internal/field"
)

// These bound a file of closures.
const (
	maxClosureBytes = 1 << 20
	maxClosures     = 5000
	maxClosedTimes  = 100_000 // with repetitions
)

// readClosures closes what the events of an iCalendar file (RFC 5545) cover: whole days, or hours.
func (p *plan) readClosures(path string) error {
	if path == "" {
		return nil
	}
	if err := p.readClosureFile(path); err != nil {
		return field.Errorf("closures", "%v", err)
	}
	return nil
}

func (p *plan) readClosureFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("read closures: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxClosureBytes+1))
	switch {
	case err != nil:
		return fmt.Errorf("read closures: %w", err)
	case len(data) > maxClosureBytes:
		return fmt.Errorf("read closures: %s is larger than %d bytes", path, maxClosureBytes)
	}
	events, err := readEvents(string(data), p.zone)
	if err != nil {
		return fmt.Errorf("read closures: %s: %w", path, err)
	}
	times := 0
	for _, e := range events {
		for s := range e.times() {
			if times++; times > maxClosedTimes {
				return fmt.Errorf("read closures: %s: has more than %d closed times", path, maxClosedTimes)
			}
			if !e.wholeDays {
				p.closed = append(p.closed, s)
				continue
			}
			for d := date(s.from / secondsOfDay); int64(d)*secondsOfDay < s.to; d++ {
				p.close(d, e.name)
			}
		}
	}
	return nil
}

// A property is one line of an iCalendar file: its name, parameters and value.
type property struct {
	line   int
	name   string
	params map[string]string
	value  string
}

var errNoCalendar = errors.New("is no iCalendar file: it does not begin with BEGIN:VCALENDAR")

// properties unfolds the lines of a file. What is no property is left out.
func properties(text string) ([]property, error) {
	text = strings.TrimPrefix(text, "\ufeff")
	if !strings.HasPrefix(strings.ToUpper(strings.TrimSpace(text)), "BEGIN:VCALENDAR") {
		return nil, errNoCalendar
	}
	var all []property
	var unfolded strings.Builder
	begin := 0
	flush := func() {
		if p, ok := parseProperty(unfolded.String()); ok {
			p.line = begin
			all = append(all, p)
		}
		unfolded.Reset()
	}
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimRight(line, "\r\n")
		if rest, folded := cutSpace(line); folded {
			unfolded.WriteString(rest)
			continue
		}
		flush()
		begin = n
		unfolded.WriteString(line)
	}
	flush()
	return all, nil
}

func cutSpace(line string) (string, bool) {
	if line == "" || line[0] != ' ' && line[0] != '\t' {
		return line, false
	}
	return line[1:], true
}

// parseProperty reads NAME;PARAM=value;PARAM="value":VALUE.
func parseProperty(line string) (property, bool) {
	quoted := false
	end := strings.IndexFunc(line, func(r rune) bool {
		if r == '"' {
			quoted = !quoted
		}
		return r == ':' && !quoted
	})
	if end < 0 {
		return property{}, false
	}
	head, value := line[:end], line[end+1:]
	name, rest, _ := strings.Cut(head, ";")
	p := property{name: strings.ToUpper(name), params: map[string]string{}, value: value}
	for param := range strings.SplitSeq(rest, ";") {
		key, v, _ := strings.Cut(param, "=")
		p.params[strings.ToUpper(key)] = strings.Trim(v, `"`)
	}
	return p, true
}
