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

	// The targets in effect, in the working time of Calendar, or around the clock when that is empty: Due is At and
	// FirstReply, ResolveBy is At and Resolution. Both of these are zero when no resolution is promised.
	FirstReply time.Duration
	NextReply  time.Duration
	Resolution time.Duration
	ResolveBy  time.Time
	Calendar   string
	At         time.Time

	// Language is what the rules went by: the message's own, or the one it seems to be in. Empty is unknown.
	Language string

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

func (r *Router) decide(rule Rule, f Facts, at time.Time, tried []Tried) Decision {
	d := Decision{
		Team:       rule.Team,
		Priority:   rule.Priority,
		Band:       slices.Index(Priorities(), rule.Priority),
		Lane:       rule.Lane,
		Rule:       rule.Name,
		Tags:       slices.Clone(rule.Tags),
		FirstReply: rule.FirstReply,
		NextReply:  rule.NextReply,
		Resolution: rule.Resolution,
		Calendar:   r.teams[rule.Team].Calendar,
		At:         at,
		Language:   f.Language,
		Tried:      tried,
	}
	d.Due = r.calendars.after(d.Calendar, at, d.FirstReply)
	if d.Resolution > 0 {
		d.ResolveBy = r.calendars.after(d.Calendar, at, d.Resolution)
	}
	return d
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
	Resolution string   `json:"resolution,omitempty"`
	ResolveBy  string   `json:"resolve_by,omitempty"`
	Calendar   string   `json:"calendar,omitempty"`
	At         string   `json:"at"`
	Language   string   `json:"language,omitempty"`
	Tried      []Tried  `json:"tried,omitempty"`
}

const milliseconds = "2006-01-02T15:04:05.000Z07:00"

// MarshalJSON writes times in milliseconds and durations as Go writes them.
func (d Decision) MarshalJSON() ([]byte, error) {
	j := decisionJSON{
		Team: d.Team, Priority: d.Priority, Band: d.Band, Lane: d.Lane, Due: d.Due.Format(milliseconds), Rule: d.Rule, Tags: d.Tags,
		FirstReply: d.FirstReply.String(), NextReply: d.NextReply.String(), Calendar: d.Calendar, At: d.At.Format(milliseconds),
		Language: d.Language, Tried: d.Tried,
	}
	if d.Resolution > 0 {
		j.Resolution, j.ResolveBy = d.Resolution.String(), d.ResolveBy.Format(milliseconds)
	}
	return json.Marshal(j)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (d *Decision) UnmarshalJSON(b []byte) error {
	var j decisionJSON
	if err := json.Unmarshal(b, &j); err != nil {
		return err
	}
	read := Decision{
		Team: j.Team, Priority: j.Priority, Band: j.Band, Lane: j.Lane, Rule: j.Rule, Tags: j.Tags,
		Calendar: j.Calendar, Language: j.Language, Tried: j.Tried,
	}
	var errs [6]error
	read.Due, errs[0] = time.Parse(time.RFC3339, j.Due)
	read.At, errs[1] = time.Parse(time.RFC3339, j.At)
	read.FirstReply, errs[2] = time.ParseDuration(j.FirstReply)
	read.NextReply, errs[3] = time.ParseDuration(j.NextReply)
	if j.Resolution != "" {
		read.Resolution, errs[4] = time.ParseDuration(j.Resolution)
		read.ResolveBy, errs[5] = time.Parse(time.RFC3339, j.ResolveBy)
	}
	if err := errors.Join(errs[:]...); err != nil {
		return fmt.Errorf("read decision: %w", err)
	}
	*d = read
	return nil
}
