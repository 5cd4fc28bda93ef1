package router

import (
	"slices"
	"time"
)

// A Decision says which team answers, how soon, and why. Its tags are those under which a thread keeps what is needed again
// of it: they are no more to be changed than what is stored.
type Decision struct {
	Team     string    `json:"team"`
	Priority string    `json:"priority"`
	Band     int       `json:"band,omitempty"` // the place of the priority, 0 is the most pressing
	Lane     string    `json:"lane,omitempty"` // empty for everybody in the team, @agent for one person
	Due      time.Time `json:"due"`
	Rule     string    `json:"rule,omitempty"` // FallbackRule when none held
	Tags     []string  `json:"tags,omitempty"`

	// The targets in effect, in the working time of Calendar, or around the clock when that is empty: Due is At and
	// FirstReply, ResolveBy is At and Resolution. Both of these are zero when no resolution is promised.
	FirstReply time.Duration `json:"first_reply,omitempty"`
	NextReply  time.Duration `json:"next_reply,omitempty"`
	Resolution time.Duration `json:"-"`
	ResolveBy  time.Time     `json:"resolve_by,omitzero"`
	Calendar   string        `json:"-"`
	At         time.Time     `json:"-"` // when the message came

	// Language is what the rules went by: the message's own, or the one it seems to be in. Empty is unknown.
	Language string `json:"-"`

	// Tried are the rules looked at, in order, the deciding one last.
	Tried []Tried `json:"-"`
}

// Tried is one rule that was looked at.
type Tried struct {
	Rule    string
	Matched bool
	Because string // the part of the expression that decided
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
