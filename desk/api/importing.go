package api

import (
	"cmp"
	"encoding/json"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"loket/desk/customers"
	"loket/identity"
	"loket/internal/field"
)

// An ImportLine is a line of the answer to an import that is followed: how far it is, and at last the report or what
// went wrong.
type ImportLine struct {
	Progress *ImportReport `json:"progress,omitempty"`
	Report   *ImportReport `json:"report,omitempty"`
	Problem  *Problem      `json:"problem,omitempty"`
}

// An ImportReport counts rows by what came of them. Each row read is counted in Rows and in one of the others.
type ImportReport struct {
	Rows      int `json:"rows"`
	Created   int `json:"created"`   // customers who were not there
	Bound     int `json:"bound"`     // customers who were there and have got something more
	Same      int `json:"same"`      // nothing new
	Joined    int `json:"joined"`    // brought several customers together that were apart
	Conflicts int `json:"conflicts"` // taken in, but for something that contradicts what is known
	Bad       int `json:"bad"`       // not taken in
	// Problems are the first thousand things to look at, by line.
	Problems []ImportProblem `json:"problems,omitempty"`
	// More is how many problems there are besides.
	More int `json:"more,omitempty"`
	// Lines is how far the source was read.
	Lines int `json:"lines"`
	// Charset is how the source was read, when that is not UTF-8. If it was guessed wrong, names are.
	Charset string `json:"charset,omitempty"`
}

// An ImportProblem is something to look at in one row. It names the field, and a conflict the identifier.
type ImportProblem struct {
	Line   int    `json:"line"`
	Key    string `json:"key,omitempty"` // the row's key, as it was given
	Reason string `json:"reason"`
	Kind   string `json:"kind"` // bad: not taken in; left-out: one field was not; conflict; join
}

func importReportOf(r identity.ImportReport) *ImportReport {
	v := &ImportReport{
		Rows: r.Rows, Created: r.Created, Bound: r.Bound, Same: r.Same, Joined: r.Joined, Conflicts: r.Conflicts, Bad: r.Bad,
		More: r.More, Lines: r.Lines, Charset: r.Charset,
	}
	for _, p := range r.Problems {
		v.Problems = append(v.Problems, ImportProblem(p))
	}
	return v
}

// stall is how long an import may go without getting on.
const stall = 10 * time.Minute

const lines = "application/x-ndjson"

// importCustomers reads rows as they come, however many. Who accepts lines hears how far it is; to them all that
// happens after the first line is told in the last one.
func importCustomers(c *call) error {
	q := c.query()
	dry, err := truth("dry_run", q.Get("dry_run"))
	if err != nil {
		return err
	}
	follow := strings.Contains(c.r.Header.Get("Accept"), lines)
	begun := false
	tell := func(line ImportLine) {
		c.mayTake(stall)
		if !follow {
			return
		}
		if !begun {
			begun = true
			c.w.Header().Set("Content-Type", lines)
			c.w.WriteHeader(http.StatusOK)
		}
		_ = json.NewEncoder(c.w).Encode(line) // whoever asked is gone: reading their rows ends too
		_ = http.NewResponseController(c.w).Flush()
	}
	if follow {
		_ = http.NewResponseController(c.w).EnableFullDuplex() // rows still come when we begin to answer
		c.w.Header().Set("Connection", "close")                // what is left of them must not be read as another request
	}
	c.mayTake(stall)
	_, params, _ := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	report, err := c.customers.Import(c.ctx(), c.asked(), c.r.Body, customers.Import{
		Format: q.Get("format"), Charset: cmp.Or(q.Get("charset"), params["charset"]), System: q.Get("system"), Mode: q.Get("mode"), DryRun: dry,
		Because: customers.Because{Reason: q.Get("reason"), Message: q.Get("message")},
	}, func(r identity.ImportReport) { tell(ImportLine{Progress: importReportOf(r)}) })
	switch {
	case err != nil && !begun:
		return err
	case err != nil:
		tell(ImportLine{Report: importReportOf(report), Problem: c.problem(err)})
	case follow:
		tell(ImportLine{Report: importReportOf(report)})
	default:
		return c.json(http.StatusOK, importReportOf(report))
	}
	return nil
}

// truth is a yes or no of the query; no when it is not there.
func truth(name, s string) (bool, error) {
	if s == "" {
		return false, nil
	}
	b, err := strconv.ParseBool(s)
	if err != nil {
		return false, field.Errorf(name, "must be true or false, not %q", s)
	}
	return b, nil
}
