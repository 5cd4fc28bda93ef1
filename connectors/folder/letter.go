package folder

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"loket/internal/body"
	"loket/internal/message"
)

// A letter is what a file of JSON tells: a sidecar of another file, x.json of x.pdf, or with a text a message of its own.
type letter struct {
	Sender    list   `json:"sender"`    // kind:value, one or several
	Name      string `json:"name"`      // of the sender
	Subject   string `json:"subject"`   // left out, the file's name
	Text      string `json:"text"`      // what the letter says, if that is known
	Reference string `json:"reference"` // number of a task, else what letters of one matter have in common
	Received  string `json:"received"`  // an instant, or a day
	Language  string `json:"language"`

	from []message.Identifier
	at   time.Time // "" is now
}

// A list may be written as one text.
type list []string

func (l *list) UnmarshalJSON(b []byte) error {
	if bytes.HasPrefix(b, []byte(`"`)) {
		*l = make(list, 1)
		return json.Unmarshal(b, &(*l)[0])
	}
	return json.Unmarshal(b, (*[]string)(l))
}

const (
	maxTold    = 1 << 20
	maxText    = 200_000
	maxSenders = 10
	oldest     = 366 * 24 * time.Hour // that a letter may have come in
)

var language = regexp.MustCompile(`^([a-z]{2,3}(-[A-Za-z0-9]{2,8})*)?$`)

// readLetter reads a file of JSON. The error is for who wrote it.
func readLetter(content []byte, region string, now time.Time) (letter, error) {
	var l letter
	content = bytes.TrimPrefix(content, []byte("\xEF\xBB\xBF")) // Windows puts the mark before it
	if err := body.CheckJSON(content, body.Limits{Bytes: maxTold, Depth: 4, Values: 100, Each: 50}); err != nil {
		return l, fmt.Errorf("the JSON can't be read: %w", err)
	}
	d := json.NewDecoder(bytes.NewReader(content))
	d.DisallowUnknownFields()
	if err := d.Decode(&l); err != nil {
		return l, fmt.Errorf("the JSON can't be read: %w", err)
	}
	l.Text, l.Name, l.Subject = strings.TrimSpace(message.CleanText(l.Text)), message.CleanLine(l.Name), message.CleanLine(l.Subject)
	l.Reference = message.CleanLine(l.Reference)
	var bad []error
	if len(l.Sender) > maxSenders {
		bad = append(bad, fmt.Errorf("sender: must be at most %d", maxSenders))
		l.Sender = nil
	}
	for _, s := range l.Sender {
		id, err := message.ParseIdentifier(s, region, message.Claimed)
		if err != nil {
			bad = append(bad, fmt.Errorf("sender: %w", err))
		}
		l.from = append(l.from, id)
	}
	if len(l.Text) > maxText || len(l.Name) > 800 || len(l.Subject) > 2000 || len(l.Reference) > 200 {
		bad = append(bad, errors.New("text, name, subject or reference is too long"))
	}
	if !language.MatchString(l.Language) {
		bad = append(bad, errors.New("language: must be a code such as nl or en"))
	}
	var err error
	if l.at, err = readDay(l.Received, now); err != nil {
		bad = append(bad, err)
	}
	return l, errors.Join(bad...)
}

// readDay reads when a letter came; a day begins at midnight, UTC.
func readDay(s string, now time.Time) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		at, err = time.Parse(time.DateOnly, s)
	}
	switch {
	case err != nil:
		return at, errors.New("received: must be such as 2026-11-30 or 2026-11-30T09:15:00+01:00")
	case at.After(now.Add(time.Minute)):
		return at, errors.New("received: must not lie ahead")
	case now.Sub(at) > oldest:
		return at, errors.New("received: must not lie more than a year back")
	}
	return at.UTC(), nil
}

// told gives what a sidecar tells of a file.
func (f *Folder) told(s *sighted) (letter, error) {
	side := f.sidecar(s)
	if side == nil {
		return letter{}, nil
	}
	if !side.info.Mode().IsRegular() || side.info.Size() > maxTold {
		return letter{}, refuse(badSidecar, "%s is too large, or no file.", side.name)
	}
	file, err := open(side)
	if err != nil {
		return letter{}, err
	}
	defer file.Close()
	content, err := read(side, file)
	if err != nil {
		return letter{}, err
	}
	told, err := readLetter(content, f.env.Region, f.now())
	if err != nil {
		return letter{}, refuse(badSidecar, "%s: %s", side.name, err)
	}
	return told, nil
}

var number = regexp.MustCompile(`(?i)^T-[0-9]{1,15}-[0-9]$`)

// describe puts what is told into a message.
func (l *letter) describe(m *message.Message, called string) {
	m.From, m.Name, m.Text, m.Language, m.Subject = l.from, l.Name, l.Text, l.Language, called
	if l.Subject != "" {
		m.Subject = l.Subject
	}
	switch {
	case number.MatchString(l.Reference):
		m.Ticket = l.Reference
	case l.Reference != "":
		m.References = []string{"reference:" + l.Reference}
	}
}

// kindOf is the media type of a scan: by its name, which its first bytes must not contradict.
func kindOf(name string, head []byte) (string, error) {
	ending := strings.ToLower(filepath.Ext(name))
	seen := message.Sniff(head)
	if bytes.HasPrefix(head, []byte("II*\x00")) || bytes.HasPrefix(head, []byte("MM\x00*")) {
		seen = "image/tiff"
	}
	if i := bytes.Index(head[:min(len(head), 1024)], []byte("%PDF-")); i >= 0 { // scanners put something before it
		seen = "application/pdf"
	}
	for _, k := range []struct{ endings, kind string }{
		{".pdf", "application/pdf"}, {".tif .tiff", "image/tiff"}, {".jpg .jpeg", "image/jpeg"}, {".png", "image/png"},
		{".gif", "image/gif"}, {".webp", "image/webp"}, {".bmp", "image/bmp"}, {".heic", "image/heic"},
	} {
		if ending == "" || !strings.Contains(k.endings+" ", ending+" ") {
			continue
		}
		if seen != k.kind {
			return "", refuse(badContent, "The file is called %s, and what is in it is not: it may be cut off or empty.", ending)
		}
		return k.kind, nil
	}
	return "", refuse(badKind, "Files that end in %q are not taken: only .pdf, .tif, .jpg, .png, .gif, .webp, .bmp, .heic, .eml and .json.", ending)
}
