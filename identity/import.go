package identity

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"loket/internal/field"
	"loket/internal/message"
)

// Mode says what an import does to what the same source said before.
type Mode string

// The modes. Add leaves what is not in a row; Replace takes back what the same source said earlier of the row's
// customer and does not say any more, and nothing that somebody else said. Rows with a mistake take nothing back.
const (
	Add     Mode = "add"
	Replace Mode = "replace"
)

// ImportOptions are how rows are taken in.
type ImportOptions struct {
	Format Format
	// Charset is what the source is written in; empty is UTF-8, UTF-16 or windows-1252 by the look of it.
	Charset string
	System  string // of rows that name none
	Mode    Mode   // empty is Add
	DryRun  bool   // tell what would be, and write nothing
	By      Actor  // By.At is when the rows were true; zero is now
	// Progress is told now and then how far it is, never twice at a time. The report is a copy.
	Progress func(ImportReport)
}

// An ImportReport counts rows by what came of them. Each row read is counted in Rows and in one
// of the others.
type ImportReport struct {
	Rows      int
	Created   int // customers who were not there
	Bound     int // customers who were there and have got something more
	Same      int // nothing new
	Joined    int // brought several customers together that were apart
	Conflicts int // taken in, but for something that contradicts what is known
	Bad       int // not taken in
	// Problems are the first thousand things to look at, by line.
	Problems []ImportProblem
	// More is how many problems there are besides.
	More int
	// Lines is how far the source was read.
	Lines int
	// Charset is how the source was read, when that is not UTF-8. If it was guessed wrong, names are.
	Charset string
}

// An ImportProblem is something to look at in one row. It names the field, and a conflict the identifier.
type ImportProblem struct {
	Line   int
	Key    string // the row's key, as it was given
	Reason string
	Kind   string // bad: not taken in; left-out: one field was not; conflict; join
}

const (
	maxProblems   = 1000
	importWorkers = 8
	progressEvery = 500
	maxRowIDs     = 64
)

// Import takes in customers, row by row. What a row says is vouched for: its identifiers become its key's. Rows may
// come in any order and more than once, and an import that ended half-way is simply run again. A row that cannot be
// read, or a field of it, is a problem in the report, and the rest goes on; so is what contradicts what is known.
// The error is about the source as a whole, the store or ctx; the report then tells how far it came. What is wrong with
// the source or with opt is a *field.Error.
//
// A dry run looks at each row as if it were the only one, and at what several rows of the source have in common.
func (r *Registry) Import(ctx context.Context, src io.Reader, opt ImportOptions) (ImportReport, error) {
	if opt.Mode != "" && opt.Mode != Add && opt.Mode != Replace {
		return ImportReport{}, fmt.Errorf("import: %w", field.Errorf("mode", "must be add or replace, not %q", string(opt.Mode)))
	}
	rows, err := newRows(src, opt.Format, opt.Charset)
	if err != nil {
		return ImportReport{}, fmt.Errorf("import: %w", err)
	}
	im := &importing{reg: r, opt: opt, at: r.instant(opt.By.At), seen: map[string]firstSeen{}}
	err = im.run(ctx, rows)
	im.report.Charset = rows.lines.charset
	slices.SortFunc(im.report.Problems, func(a, b ImportProblem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Reason, b.Reason))
	})
	if err != nil {
		return im.report, fmt.Errorf("import: %w", err)
	}
	return im.report, nil
}

type importing struct {
	reg    *Registry
	opt    ImportOptions
	at     int64
	mu     sync.Mutex
	report ImportReport
	seen   map[string]firstSeen // of a dry run: who named an identifier first
}

type firstSeen struct {
	line int
	key  string
}

// numbered is a row and where it stands, and the line that its key stood in before, for somebody else by all that can be
// seen; 0 for none.
type numbered struct {
	Row
	line, other int
}

func (im *importing) run(ctx context.Context, rows *rows) error {
	g, ctx := errgroup.WithContext(ctx)
	work := make(chan numbered)
	g.Go(func() error {
		defer close(work)
		return im.read(ctx, rows, work)
	})
	workers := importWorkers
	if im.opt.DryRun {
		workers = 1 // what rows have in common is told of the later one
	}
	for range workers {
		g.Go(func() error {
			for row := range work {
				if err := im.take(ctx, row); err != nil {
					return fmt.Errorf("line %d: %w", row.line, err)
				}
			}
			return nil
		})
	}
	return g.Wait()
}

func (im *importing) read(ctx context.Context, rows *rows, work chan<- numbered) error {
	keys := newKeys()
	for {
		row, line, err := rows.next()
		switch fatal := (fatalError{}); {
		case errors.Is(err, io.EOF):
			return nil
		case errors.As(err, &fatal):
			return asField(err)
		case err != nil:
			im.count(line, func(rep *ImportReport) { rep.Bad++ }, ImportProblem{Line: line, Reason: err.Error(), Kind: "bad"})
			continue
		}
		next := numbered{Row: row, line: line}
		next.other = keys.see(next)
		select {
		case work <- next:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// count counts one row and tells of the progress.
func (im *importing) count(line int, what func(*ImportReport), problems ...ImportProblem) {
	im.mu.Lock()
	defer im.mu.Unlock()
	im.report.Rows++
	im.report.Lines = max(im.report.Lines, line)
	what(&im.report)
	for _, p := range problems {
		if len(im.report.Problems) < maxProblems {
			im.report.Problems = append(im.report.Problems, p)
		} else {
			im.report.More++
		}
	}
	if im.opt.Progress != nil && im.report.Rows%progressEvery == 0 {
		copied := im.report
		copied.Problems = slices.Clone(copied.Problems)
		im.opt.Progress(copied)
	}
}

// take takes in one row. The error is one of the store.
func (im *importing) take(ctx context.Context, row numbered) error {
	c, problems := im.understand(row)
	for i := range problems {
		problems[i].Line, problems[i].Key = row.line, c.key()
	}
	if len(c.ids) == 0 {
		im.count(row.line, func(rep *ImportReport) { rep.Bad++ }, problems...)
		return nil
	}
	out, err := im.commit(ctx, c, len(problems) == 0)
	switch {
	case errors.Is(err, ErrGone), errors.Is(err, ErrLimit), errors.Is(err, ErrAnchored):
		problems = append(problems, ImportProblem{Line: row.line, Key: c.key(), Reason: err.Error(), Kind: "bad"})
		im.count(row.line, func(rep *ImportReport) { rep.Bad++ }, problems...)
		return nil
	case err != nil:
		return err
	}
	if im.opt.DryRun {
		im.compare(row.line, c, &out)
	} else if err := im.annotate(ctx, c); err != nil {
		return err
	}
	if row.other > 0 {
		out.conflict(fmt.Sprintf("%s: line %d gives it to another name and address; both are one customer now", c.keyName(), row.other))
	}
	for _, p := range out.problems {
		p.Line, p.Key = row.line, c.key()
		problems = append(problems, p)
	}
	im.count(row.line, out.count, problems...)
	return nil
}

// candidate is a row as it was understood.
type candidate struct {
	Row
	ids    []message.Identifier // the key first
	source string
	at     int64 // when it was so
	dated  bool  // it says when it was so
}

func (c candidate) key() string { return cmp.Or(c.ID, c.CustomerNo) }

func (c candidate) keyName() string {
	if c.ID != "" {
		return "id"
	}
	return "customer_no"
}

// node is the key of the row in the registry.
func (c candidate) node() string { return c.ids[0].String() }

// understand understands one row. What it cannot use is told; without a key there are no identifiers.
func (im *importing) understand(row numbered) (candidate, []ImportProblem) {
	c := understanding{candidate: candidate{Row: row.Row, at: im.at, source: "import"}}
	c.System = cmp.Or(strings.TrimSpace(c.System), im.opt.System)
	if !c.readKeys() {
		for i := range c.problems {
			c.problems[i].Kind = "bad"
		}
		c.ids = nil
		return c.candidate, c.problems
	}
	c.addAll("email", c.Emails, func(s string) (message.Identifier, error) { return message.Email(s, message.Vouched) })
	c.addAll("phone", c.Phones, func(s string) (message.Identifier, error) {
		id, err := message.ShownPhone(s, im.reg.region, message.Vouched)
		return id, inPlan(id, err)
	})
	c.addAll("identifier", c.Identifiers, func(s string) (message.Identifier, error) {
		id, err := im.reg.Parse(s, message.Vouched)
		return id, inPlan(id, err)
	})
	c.readAsOf(im.reg.now())
	return c.candidate, append(c.problems, c.checkNotes()...)
}

// understanding is a candidate that is being read, and what of its row can't be used.
type understanding struct {
	candidate
	problems []ImportProblem
}

// readKeys reads the numbers by which the row is known; false when there is none that can be.
func (c *understanding) readKeys() bool {
	keyed := true
	if c.ID = strings.TrimSpace(c.ID); c.ID != "" {
		id, err := message.NewIdentifier("crm", c.System, c.ID, message.Vouched)
		keyed = c.add("id", id, err)
		c.source = "import:" + id.Scope
	}
	if c.CustomerNo = strings.TrimSpace(c.CustomerNo); c.CustomerNo != "" && keyed {
		id, err := message.NewIdentifier("cno", "", c.CustomerNo, message.Vouched)
		keyed = c.add("customer_no", id, err) || c.ID != ""
	}
	if keyed && len(c.ids) == 0 {
		c.problems = append(c.problems, ImportProblem{Reason: "must have id or customer_no"})
	}
	return keyed && len(c.ids) > 0
}

// addAll adds what a column lists.
func (c *understanding) addAll(field string, texts []string, read func(string) (message.Identifier, error)) {
	for _, s := range texts {
		if s = strings.TrimSpace(s); s != "" {
			id, err := read(s)
			c.add(field, id, err)
		}
	}
}

// add adds an identifier, or tells why not.
func (c *understanding) add(field string, id message.Identifier, err error) bool {
	switch {
	case err != nil:
	case message.IsRounded(id.Value):
		err = errors.New("must be the whole number, not what a spreadsheet made of it: format the column as text")
	case id.Blocked():
		err = errNobody
	case id.Claim(), id.Class() == message.Ephemeral:
		err = errors.New("must be of a kind that lasts and that other software does not take for another")
	case slices.ContainsFunc(c.ids, func(o message.Identifier) bool { return o.String() == id.String() }):
		return true
	case slices.ContainsFunc(c.ids, func(o message.Identifier) bool { return id.Class() == message.Anchor && system(o) == system(id) }):
		err = errors.New("must be one number of a system")
	case len(c.ids) >= maxRowIDs:
		err = fmt.Errorf("must be at most %d identifiers", maxRowIDs)
	}
	if err != nil {
		c.leaveOut(field, err)
		return false
	}
	c.ids = append(c.ids, id)
	return true
}

func (c *understanding) leaveOut(field string, why error) {
	c.problems = append(c.problems, ImportProblem{Reason: field + ": " + why.Error(), Kind: "left-out"})
}

// readAsOf reads when the row was so.
func (c *understanding) readAsOf(now time.Time) {
	s := strings.TrimSpace(c.AsOf)
	if s == "" {
		return
	}
	at, err := parseAsOf(s)
	if err == nil && at.After(now) {
		err = errors.New("must not lie in the future")
	}
	if err != nil {
		c.leaveOut("as_of", err)
		return
	}
	c.at, c.dated = max(at.UnixMilli(), 1), true
}

// parseAsOf reads when a row was so: an instant, or a day, which is its beginning in UTC.
func parseAsOf(s string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, "2006-01-02 15:04:05", "2006-01-02 15:04", time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	return time.Time{}, errors.New("must be an instant such as 2026-11-22T09:30:00Z, or a day such as 2026-11-22")
}

var errNobody = errors.New("must be somebody's, not a value that says nothing about anybody")

// inPlan is the error of an identifier in a list, or that it is a telephone number that nobody can have: there it stands for
// "none", and would make one customer of all who have none.
func inPlan(id message.Identifier, err error) error {
	if err == nil && !id.InPlan() {
		return errors.New("must be a phone number that somebody can have, such as +31 20 123 4567")
	}
	return err
}

// checkNotes drops what is said besides identifiers and cannot be kept.
func (c *candidate) checkNotes() []ImportProblem {
	var problems []ImportProblem
	if c.Name != "" && message.SaysNothing(c.Name) {
		c.Name = ""
		problems = append(problems, ImportProblem{Reason: "name: " + errNobody.Error(), Kind: "left-out"})
	}
	for purpose := range c.Consent {
		name, kind, _ := strings.Cut(purpose, ":")
		err := CheckPurpose(name)
		if err == nil && kind != "" && !reachable(message.Identifier{Kind: kind, Value: "x"}) {
			err = errors.New("must name a kind of address that can be written to")
		}
		if err != nil {
			delete(c.Consent, purpose)
			problems = append(problems, ImportProblem{Reason: "consent: " + err.Error(), Kind: "left-out"})
		}
	}
	for name, value := range c.Attributes {
		if name == "" || len(name) > 64 || len(value) > 4096 {
			delete(c.Attributes, name)
			problems = append(problems, ImportProblem{Reason: "attribute: must have a name of at most 64 and a value of at most 4096 bytes", Kind: "left-out"})
		}
	}
	return problems
}
