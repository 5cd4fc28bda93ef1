package message

import (
	"fmt"
	"strings"
)

// An Identifier is one name a person has on a channel: kind, where it is valid, and the normal form of
// the value. It is made by Email, Phone, WhatsApp, NewIdentifier or ParseIdentifier, which normalise; of one
// person's identifier, Kind, Scope and Value are then always equal.
//
// Its JSON is not normalised when it is read: what comes from outside goes through NewIdentifier or ParseIdentifier.
type Identifier struct {
	Kind  string `json:"kind"`            // email, phone, wa, bsuid, psid, igsid, xu, xh, yt, sub, cno, crm…
	Scope string `json:"scope,omitempty"` // portfolio, page, account, issuer, system; empty where the kind is global
	Value string `json:"value"`
	Level Level  `json:"level"` // how sure it is that the sender of this message holds it
}

// Level is how sure something is. Only Attested and above may bind or create anything.
type Level int

// The levels, weakest first.
const (
	Mentioned Level = iota // stands somewhere in the text
	Claimed                // the sender says so
	Attested               // a platform or transport we authenticated says so
	Proven                 // challenge answered, or signed by our own login
	Vouched                // CRM or authorised staff
	Decided                // a person decided on same or not the same
)

var levelWords = [...]string{"mentioned", "claimed", "attested", "proven", "vouched", "decided"}

// String is the word for the level, as users read it.
func (l Level) String() string {
	if l < Mentioned || l > Decided {
		return fmt.Sprintf("level(%d)", int(l))
	}
	return levelWords[l]
}

// ParseLevel reads what String writes.
func ParseLevel(s string) (Level, error) {
	for i, w := range levelWords {
		if w == s {
			return Level(i), nil
		}
	}
	return 0, fmt.Errorf("unknown level %q: must be one of %s", s, strings.Join(levelWords[:], ", "))
}

// String is kind:value, or kind:scope:value where the kind has a scope. It is what people see and type.
func (i Identifier) String() string {
	if i.Scope != "" {
		return i.Kind + ":" + i.Scope + ":" + i.Value
	}
	return i.Kind + ":" + i.Value
}

// Claim tells whether the identifier is only what the sender says.
func (i Identifier) Claim() bool { return i.Level < Attested }

// Node is the key of the identifier in every store: like String, with a ~ before what is only claimed,
// so that no code path can take the one for the other.
func (i Identifier) Node() string {
	if i.Claim() {
		return "~" + i.String()
	}
	return i.String()
}

// IsZero tells whether there is no identifier.
func (i Identifier) IsZero() bool { return i.Kind == "" && i.Value == "" }

// MarshalText writes the level in words.
func (l Level) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (l *Level) UnmarshalText(b []byte) error {
	parsed, err := ParseLevel(string(b))
	if err == nil {
		*l = parsed
	}
	return err
}
