package router

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

// A Decision says which team answers, how soon, and why. It is a value that may be stored.
type Decision struct {
	Team     string
	Priority string
	Band     int    // the place of the priority, 0 is the most pressing
	Lane     string // empty for everybody in the team, @agent for one person
	Due      time.Time
	Rule     string // FallbackRule when none held
	Tags     []string

	// The targets in effect: Due is At and FirstReply.
	FirstReply time.Duration
	NextReply  time.Duration
	At         time.Time

	// Tried are the rules looked at, in order, the deciding one last.
	Tried []Tried
}

// Tried is one rule that was looked at.
type Tried struct {
	Rule    string `json:"rule"`
	Matched bool   `json:"matched"`
	Because string `json:"because"` // the part of the expression that decided
}

// Record is the decision as it is kept: without what was tried.
func (d Decision) Record() Decision {
	d.Tried = nil
	return d
}

func decide(rule Rule, at time.Time, tried []Tried) Decision {
	at = instant(at)
	return Decision{
		Team:       rule.Team,
		Priority:   rule.Priority,
		Band:       slices.Index(Priorities(), rule.Priority),
		Lane:       rule.Lane,
		Due:        at.Add(rule.FirstReply),
		Rule:       rule.Name,
		Tags:       slices.Clone(rule.Tags),
		FirstReply: rule.FirstReply,
		NextReply:  rule.NextReply,
		At:         at,
		Tried:      tried,
	}
}

// instant is t as it survives being stored: UTC, whole milliseconds.
func instant(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

type decisionJSON struct {
	Team       string   `json:"team"`
	Priority   string   `json:"priority"`
	Band       int      `json:"band"`
	Lane       string   `json:"lane"`
	Due        string   `json:"due"`
	Rule       string   `json:"rule"`
	Tags       []string `json:"tags,omitempty"`
	FirstReply string   `json:"first_reply"`
	NextReply  string   `json:"next_reply"`
	At         string   `json:"at"`
	Tried      []Tried  `json:"tried,omitempty"`
}

const milliseconds = "2006-01-02T15:04:05.000Z07:00"

// MarshalJSON writes times in milliseconds and durations as Go writes them.
func (d Decision) MarshalJSON() ([]byte, error) {
	return json.Marshal(decisionJSON{
		d.Team, d.Priority, d.Band, d.Lane, d.Due.Format(milliseconds), d.Rule, d.Tags,
		d.FirstReply.String(), d.NextReply.String(), d.At.Format(milliseconds), d.Tried,
	})
}

// UnmarshalJSON reads what MarshalJSON writes.
func (d *Decision) UnmarshalJSON(b []byte) error {
	var j decisionJSON
	if err := json.Unmarshal(b, &j); err != nil {
		return err
	}
	read := Decision{
		Team: j.Team, Priority: j.Priority, Band: j.Band, Lane: j.Lane, Rule: j.Rule, Tags: j.Tags, Tried: j.Tried,
	}
	var errs [4]error
	read.Due, errs[0] = time.Parse(time.RFC3339, j.Due)
	read.At, errs[1] = time.Parse(time.RFC3339, j.At)
	read.FirstReply, errs[2] = time.ParseDuration(j.FirstReply)
	read.NextReply, errs[3] = time.ParseDuration(j.NextReply)
	if err := errors.Join(errs[:]...); err != nil {
		return fmt.Errorf("read decision: %w", err)
	}
	*d = read
	return nil
}
