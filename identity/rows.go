package identity

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"loket/internal/body"
	"loket/internal/field"
)

// A Row is one customer as a CRM or another source of truth knows it.
//
// As NDJSON it is one object a line, with the names below; an unknown name is a mistake of that line. As CSV the first
// line names the columns, in any order and any case:
//
//	system        the CRM; where it is missing or empty, ImportOptions.System
//	id            the customer's id there. One of id and customer_no must be given: it is the key of the row
//	customer_no   the number that people know
//	name
//	email, phone, identifier   any number of such columns, email_2 too; several in one cell stand between ; or line ends
//	preferred     the address to write to: an identifier, or a kind, which means the first of it in the row
//	consent.newsletter         yes or no, for all addresses of the row; consent.newsletter:email for those of a kind
//	attribute.town             anything
//	-             a column whose name begins with - is left out
//
// An identifier is kind:value, as message.ParseIdentifier reads it. Columns are parted by commas, semicolons or tabs.
type Row struct {
	System      string            `json:"system"`
	ID          string            `json:"id"`
	CustomerNo  string            `json:"customer_no"`
	Name        string            `json:"name"`
	Emails      []string          `json:"emails"`
	Phones      []string          `json:"phones"`
	Identifiers []string          `json:"identifiers"`
	Preferred   string            `json:"preferred"`
	Consent     map[string]YesNo  `json:"consent"`
	Attributes  map[string]string `json:"attributes"`
}

// YesNo is a bool that is also read from a word of a few languages.
type YesNo bool

// UnmarshalJSON reads true, false, and the words that ParseYesNo reads.
func (y *YesNo) UnmarshalJSON(b []byte) error {
	v, err := ParseYesNo(strings.Trim(string(b), `"`))
	*y = v
	return err
}

// ParseYesNo reads yes, true, 1, y, ja, oui, si, in, and their contraries, in any case.
func ParseYesNo(s string) (YesNo, error) {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "true", "yes", "y", "1", "ja", "j", "oui", "si", "in", "opt-in":
		return true, nil
	case "false", "no", "n", "0", "nee", "nein", "non", "out", "opt-out":
		return false, nil
	}
	return false, errors.New("must be yes or no")
}

// Format is how rows are written.
type Format string

// The formats. Auto looks at the first sign.
const (
	FormatAuto   Format = ""
	FormatCSV    Format = "csv"
	FormatNDJSON Format = "ndjson"
)

// Bounds of what one row may be. An unclosed quote costs no more than these.
const (
	maxRowBytes = 1 << 20
	maxRowLines = 200
	mostCells   = 1000
)

// rows reads rows one after the other. next gives io.EOF at the end; any other error is a problem of that row, whose
// line is given too, and unless it is fatal the reading goes on.
type rows struct {
	lines  *lines
	header []column
	comma  rune
	json   bool
}

// fatalError ends the reading: the source is broken.
type fatalError struct{ error }

// asField says that the source is to blame.
func asField(err error) error { return field.Errorf("", "%v", err) }

func newRows(src io.Reader, format Format) (*rows, error) {
	l := &lines{src: bufio.NewReaderSize(src, 64<<10)}
	text, line, err := l.next()
	for err == nil && strings.TrimSpace(text) == "" {
		text, line, err = l.next()
	}
	if errors.Is(err, io.EOF) {
		return nil, field.Errorf("", "must have at least one row, it is empty")
	}
	if err != nil {
		return nil, asField(err)
	}
	r := &rows{lines: l}
	text = strings.TrimPrefix(text, "\ufeff")
	switch {
	case format == FormatNDJSON, format == FormatAuto && strings.HasPrefix(strings.TrimSpace(text), "{"):
		r.json = true
		l.back(text, line)
		return r, nil
	case format != FormatCSV && format != FormatAuto:
		return nil, field.Errorf("format", "must be csv or ndjson, not %q", string(format))
	}
	r.comma = comma(text)
	names, err := r.cells(text)
	if err != nil {
		return nil, field.Errorf("", "line %d: header: %v", line, err)
	}
	r.header, err = columns(names)
	if err != nil {
		return nil, field.Errorf("", "line %d: header: %v", line, err)
	}
	return r, nil
}

func (r *rows) next() (Row, int, error) {
	for {
		text, line, err := r.lines.next()
		if err != nil {
			return Row{}, line, err
		}
		if strings.TrimSpace(text) == "" {
			continue
		}
		if r.json {
			row, err := jsonRow(text)
			return row, line, err
		}
		row, err := r.csvRow(text, line)
		return row, line, err
	}
}

func jsonRow(text string) (Row, error) {
	var row Row
	if !utf8.ValidString(text) {
		return row, errUTF8
	}
	if err := body.CheckJSON([]byte(text), body.Limits{Depth: 4, Values: 10 * mostCells, Each: mostCells}); err != nil {
		return row, fmt.Errorf("must be one JSON object of a row: %w", err)
	}
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&row); err != nil {
		return row, fmt.Errorf("must be one JSON object of a row: %w", err)
	}
	if d.More() {
		return row, errors.New("must be one JSON object a line")
	}
	return row, nil
}

var (
	errUTF8  = errors.New("must be UTF-8")
	errQuote = errors.New("must have every quotation mark closed, and doubled within a cell")
)

// csvRow reads the row that begins with text, with as many lines as an open quotation mark asks for. When that does
// not end well, the row is this line alone, and the others are read again.
func (r *rows) csvRow(text string, line int) (Row, error) {
	whole := text
	var taken []string
	for strings.Count(whole, `"`)%2 == 1 && len(taken) < maxRowLines && len(whole) < maxRowBytes {
		more, _, err := r.lines.next()
		if err != nil {
			break
		}
		taken = append(taken, more)
		whole += "\n" + more
	}
	cells, err := r.cells(whole)
	if err != nil {
		for i := len(taken) - 1; i >= 0; i-- {
			r.lines.back(taken[i], line+1+i)
		}
		return Row{}, err
	}
	if len(cells) != len(r.header) {
		return Row{}, fmt.Errorf("must have %d columns as the header has, not %d", len(r.header), len(cells))
	}
	var row Row
	for i, cell := range cells {
		if cell = strings.TrimSpace(cell); cell == "" {
			continue
		}
		if err := r.header[i].set(&row, cell); err != nil {
			return Row{}, fmt.Errorf("column %s: %w", r.header[i].name, err)
		}
	}
	return row, nil
}

func (r *rows) cells(text string) ([]string, error) {
	if !utf8.ValidString(text) {
		return nil, errUTF8
	}
	if strings.Count(text, string(r.comma)) > 10*mostCells { // some stand within cells
		return nil, fmt.Errorf("must have at most %d columns", mostCells)
	}
	d := csv.NewReader(strings.NewReader(text))
	d.Comma, d.FieldsPerRecord = r.comma, -1
	cells, err := d.Read()
	if err != nil {
		return nil, errQuote
	}
	if _, err := d.Read(); !errors.Is(err, io.EOF) {
		return nil, errQuote
	}
	if len(cells) > mostCells {
		return nil, fmt.Errorf("must have at most %d columns", mostCells)
	}
	return cells, nil
}

// comma is the sign that parts the columns: whichever of the usual ones the header has most of.
func comma(header string) rune {
	best, most := ',', strings.Count(header, ",")
	for _, c := range []rune{';', '\t'} {
		if n := strings.Count(header, string(c)); n > most {
			best, most = c, n
		}
	}
	return best
}

// lines reads lines and counts them. A line may be put back.
type lines struct {
	src  *bufio.Reader
	n    int
	kept []struct {
		text string
		line int
	}
}

func (l *lines) back(text string, line int) {
	l.kept = append(l.kept, struct {
		text string
		line int
	}{text, line})
}

func (l *lines) next() (string, int, error) {
	if n := len(l.kept); n > 0 {
		k := l.kept[n-1]
		l.kept = l.kept[:n-1]
		return k.text, k.line, nil
	}
	var line []byte
	long := false
	for {
		part, err := l.src.ReadSlice('\n')
		if len(line)+len(part) > maxRowBytes {
			long = true
			line = line[:0]
		}
		if !long {
			line = append(line, part...)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil && (!errors.Is(err, io.EOF) || len(line) == 0 && !long) {
			if !errors.Is(err, io.EOF) {
				err = fatalError{fmt.Errorf("read rows: %w", err)}
			}
			return "", l.n, err
		}
		break
	}
	l.n++
	if long {
		return "", l.n, fmt.Errorf("must be a line of at most %d bytes", maxRowBytes)
	}
	return string(bytes.TrimRight(line, "\r\n")), l.n, nil
}
