package identity

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode"
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
//	as_of         when that was so: an instant or a day; where it is missing, nobody knows more than that it is said now. Only a row
//	              that was so later than an identifier was given up makes it theirs again
//	preferred     the address to write to: an identifier, or a kind, which means the first of it in the row
//	consent.newsletter         yes or no, for all addresses of the row; consent.newsletter:email for those of a kind
//	attribute.town             anything
//	-             a column whose name begins with - is left out
//
// An identifier is kind:value, as message.ParseIdentifier reads it. Columns are parted by commas, semicolons, tabs or bars, or
// by what a line such as sep=; before the header says. Blanks around quotation marks do not matter.
type Row struct {
	System      string            `json:"system"`
	ID          string            `json:"id"`
	CustomerNo  string            `json:"customer_no"`
	Name        string            `json:"name"`
	Emails      []string          `json:"emails"`
	Phones      []string          `json:"phones"`
	Identifiers []string          `json:"identifiers"`
	Preferred   string            `json:"preferred"`
	AsOf        string            `json:"as_of"`
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
	maxCells    = 1000
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

func newRows(src io.Reader, format Format, charset string) (*rows, error) {
	l, err := newLines(src, charset)
	if err != nil {
		return nil, err
	}
	text, line, err := l.filled()
	if err != nil {
		return nil, err
	}
	r := &rows{lines: l}
	switch {
	case format == FormatNDJSON, format == FormatAuto && strings.HasPrefix(strings.TrimSpace(text), "{"):
		r.json = true
		l.back(text, line)
		return r, nil
	case format != FormatCSV && format != FormatAuto:
		return nil, field.Errorf("format", "must be csv or ndjson, not %q", string(format))
	}
	if told := sepLine.FindStringSubmatch(text); told != nil {
		if text, line, err = l.filled(); err != nil {
			return nil, err
		}
		r.comma, _ = utf8.DecodeRuneInString(told[1])
	} else {
		r.comma = comma(text)
	}
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

// sepLine is how a spreadsheet says which sign parts the columns, in a line before the header.
var sepLine = regexp.MustCompile(`^"?(?i:sep)=([^"a-zA-Z0-9])"?[,;\t]*$`)

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
			row, err := r.jsonRow(text)
			return row, line, err
		}
		row, err := r.csvRow(text, line)
		return row, line, err
	}
}

func (r *rows) jsonRow(text string) (Row, error) {
	var row Row
	if err := r.lines.check(text); err != nil {
		return row, err
	}
	if err := body.CheckJSON([]byte(text), body.Limits{Depth: 4, Values: 10 * maxCells, Each: maxCells}); err != nil {
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
	errUTF8  = errors.New("must be UTF-8, or in a charset that is named")
	errLost  = errors.New("must be text of the charset that is named")
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
	if err := r.lines.check(text); err != nil {
		return nil, err
	}
	if strings.Count(text, string(r.comma)) > 10*maxCells { // some stand within cells
		return nil, fmt.Errorf("must have at most %d columns", maxCells)
	}
	d := csv.NewReader(strings.NewReader(unspaced(text, r.comma)))
	d.Comma, d.FieldsPerRecord = r.comma, -1
	cells, err := d.Read()
	if err != nil {
		return nil, errQuote
	}
	if _, err := d.Read(); !errors.Is(err, io.EOF) {
		return nil, errQuote
	}
	if len(cells) > maxCells {
		return nil, fmt.Errorf("must have at most %d columns", maxCells)
	}
	return cells, nil
}

// unspaced takes away the blanks between a quotation mark that begins or ends a cell and the sign before or behind it.
func unspaced(text string, comma rune) string {
	if !strings.Contains(text, `"`) || strings.IndexFunc(text, func(c rune) bool { return isBlank(c, comma) }) < 0 {
		return text
	}
	var out strings.Builder
	for begins, quoted := true, false; text != ""; {
		rest := strings.TrimLeftFunc(text, func(c rune) bool { return isBlank(c, comma) })
		c, n := utf8.DecodeRuneInString(text)
		switch {
		case quoted && strings.HasPrefix(text, `""`):
			c, n = '"', 2
			out.WriteByte('"')
		case quoted && c == '"':
			quoted = false
			if after := strings.TrimLeftFunc(text[1:], func(c rune) bool { return isBlank(c, comma) }); after == "" || strings.HasPrefix(after, string(comma)) {
				n = len(text) - len(after)
			}
		case quoted:
		case begins && strings.HasPrefix(rest, `"`):
			text, c, n, quoted = rest, '"', 1, true
		}
		begins = !quoted && c == comma
		out.WriteRune(c)
		text = text[n:]
	}
	return out.String()
}

func isBlank(c, comma rune) bool { return c != comma && c != '\n' && unicode.IsSpace(c) }

// comma is the sign that parts the columns: whichever of the usual ones the header has most of.
func comma(header string) rune {
	best, most := ',', strings.Count(header, ",")
	for _, c := range []rune{';', '\t', '|'} {
		if n := strings.Count(header, string(c)); n > most {
			best, most = c, n
		}
	}
	return best
}
