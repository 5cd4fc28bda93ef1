package mailbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"
)

// A position is how far a folder was read. It is what the cursor keeps, as JSON.
//
// Every mail up to High was taken, or is gone, or was none of ours, but for those in Open. So a mail that is not
// taken holds up no other, and nothing is forgotten when the process dies: what stands in Open is read again.
type position struct {
	Validity uint32 `json:"uidvalidity"`
	High     uint32 `json:"last"`
	// Up to Until only mails since Since are read: the first run, and whenever the server renumbered the folder.
	Until uint32    `json:"until,omitempty"`
	Since time.Time `json:"since,omitzero"`
	// Again: mails that carry our keyword were taken under their former number.
	Again bool `json:"again,omitempty"`
	// Open are mails up to High that are on their way or were refused, by UID.
	Open map[uint32]*open `json:"open,omitempty"`
	// Marks are mails that were taken and are still to be marked.
	Marks []uint32 `json:"marks,omitempty"`
	// Newest is the latest arrival of a mail that was read, never in the future.
	Newest time.Time `json:"newest,omitzero"`
	// Floor is how far back the first run read. Nothing older is ever read.
	Floor time.Time `json:"floor,omitzero"`
}

// An open mail is one that was not taken yet.
type open struct {
	Received time.Time `json:"received,omitzero"`
	// Strikes count what went wrong in fetching it (see suspect.go); Alone: it is fetched by itself.
	Strikes int  `json:"strikes,omitempty"`
	Alone   bool `json:"alone,omitempty"`
	// Since is when the first of them was.
	Since time.Time `json:"since,omitzero"`
	// Tries count how often it was refused or not to be had, Next is when to try again.
	Tries int       `json:"tries,omitempty"`
	Next  time.Time `json:"next,omitzero"`

	flying bool // being taken at this moment
}

// Renumbering: how far back is read again, so that nothing is missed. What was taken within the last days the daemon
// knows (it remembers for 14 days); before that a day must do.
const (
	knownFor = 13 * 24 * time.Hour
	overlap  = 24 * time.Hour
)

// begin makes the position of a folder that was never read.
func begin(b box, now time.Time, first time.Duration) *position {
	p := &position{Validity: b.validity, Open: map[uint32]*open{}, Newest: now.Add(-first), Floor: now.Add(-first)}
	p.bound(b, p.Floor)
	if first == 0 {
		p.High = p.Until
	}
	return p
}

// renumber makes the position after the server gave every mail another UID. Nothing that was read by number means
// anything any more; by date it is read again, and the daemon knows what it has.
func (p *position) renumber(b box, now time.Time) *position {
	since := p.Newest.Add(-overlap)
	if known := now.Add(-knownFor); known.Before(since) {
		since = known
	}
	for _, o := range p.Open {
		if before := o.Received.Add(-overlap); !o.Received.IsZero() && before.Before(since) {
			since = before
		}
	}
	if p.High < p.Until && p.Since.Before(since) {
		since = p.Since // the first run, or another renumbering, was not over
	}
	if since.Before(p.Floor) {
		since = p.Floor
	}
	n := &position{Validity: b.validity, Open: map[uint32]*open{}, Newest: p.Newest, Floor: p.Floor, Again: true}
	n.bound(b, since)
	return n
}

// bound makes mails that are there now count only since an instant.
func (p *position) bound(b box, since time.Time) {
	if b.next > 1 {
		p.Until, p.Since = b.next-1, since
	}
}

// query is what to look for next.
func (p *position) query(keyword string) query {
	if p.High >= p.Until {
		p.Until, p.Since, p.Again = 0, time.Time{}, false
		return query{from: p.after()}
	}
	// A day in the server's zone; what is older after all is left out when its instant is known.
	q := query{from: p.after(), to: p.Until, since: p.Since.Add(-overlap)}
	if p.Again {
		q.without = keyword
	}
	return q
}

// after is the first UID beyond the position; there is none beyond the last of all.
func (p *position) after() uint32 { return p.High + min(1, math.MaxUint32-p.High) }

// tooOld tells whether a mail that arrived then is left out.
func (p *position) tooOld(uid uint32, received time.Time) bool {
	return uid <= p.Until && !received.IsZero() && received.Before(p.Since)
}

// due lists mails to try again now, those to be fetched by themselves apart, each in order.
func (p *position) due(now time.Time) (together, alone []uint32) {
	for _, uid := range slices.Sorted(maps.Keys(p.Open)) {
		switch o := p.Open[uid]; {
		case o.flying || o.Next.After(now):
		case o.Alone:
			alone = append(alone, uid)
		default:
			together = append(together, uid)
		}
	}
	return together, alone
}

// next is when a mail is due, zero when none is.
func (p *position) next() (at time.Time) {
	for _, o := range p.Open {
		if !o.flying && (at.IsZero() || o.Next.Before(at)) {
			at = o.Next
			if at.IsZero() {
				return time.Unix(0, 0)
			}
		}
	}
	return at
}

// flying counts mails that are being taken.
func (p *position) flying() (n int) {
	for _, o := range p.Open {
		if o.flying {
			n++
		}
	}
	return n
}

func (p *position) encode() (string, error) {
	b, err := json.Marshal(p)
	return string(b), err
}

func decodePosition(text string) (*position, error) {
	var p position
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		return nil, fmt.Errorf("read position: %w", err)
	}
	if p.Validity == 0 || p.Newest.IsZero() {
		return nil, errors.New("read position: it has no uidvalidity or no date")
	}
	if p.Open == nil {
		p.Open = map[uint32]*open{}
	}
	for uid, o := range p.Open {
		if o == nil {
			p.Open[uid] = &open{}
		}
	}
	return &p, nil
}
