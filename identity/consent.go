package identity

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"loket/internal/message"
)

// Service is the purpose of answering and of what a contract needs. It wants no consent, and can be refused; every
// other purpose is forbidden until somebody allowed it.
const Service = "service"

// A Consent is what was said of writing to one address for one purpose.
type Consent struct {
	Address message.Identifier `json:"address"` // zero when it is about all addresses of the customer
	Purpose string             `json:"purpose"`
	Allowed bool               `json:"allowed"`
	At      time.Time          `json:"at"`
	// Source is the system it was imported from; empty when a person said so.
	Source string `json:"source,omitempty"`
	Actor  string `json:"actor,omitempty"`
}

// Signs of what was said. At one time the refusal is the greater and stands.
const (
	allowSign  = "a"
	refuseSign = "r"
)

var errPurpose = errors.New("purpose: must be 1 to 40 of a-z, 0-9, _ . and -, such as newsletter")

// CheckPurpose says what is wrong with the name of a purpose.
func CheckPurpose(purpose string) error {
	if purpose == "" || len(purpose) > 40 || strings.Trim(purpose, "abcdefghijklmnopqrstuvwxyz0123456789_.-") != "" {
		return errPurpose
	}
	return nil
}

// SetConsent notes that whoever holds the address x allows or refuses to be written to there for a purpose. It is of
// the address and not of the customer: it goes where the address goes, and nothing another address allowed is allowed
// here. The last word counts, and at the same time the refusal; what a person said outdoes what was imported, but for
// a later refusal. A refusal may be a mere claim, a permission may not. It is ErrNone when there is no customer with it.
func (r *Registry) SetConsent(ctx context.Context, x message.Identifier, purpose string, allowed bool, by Actor) error {
	if err := CheckPurpose(purpose); err != nil {
		return fmt.Errorf("set consent: %w", err)
	}
	if allowed && x.Claim() {
		return errors.New("set consent: the address must be more than a claim to allow anything")
	}
	unknown, err := r.keep(ctx, []note{{x.String(), consentField + purpose + ":", r.permission(allowed, by)}})
	if err == nil && len(unknown) > 0 {
		err = r.absent(ctx, x)
	}
	if err != nil {
		return fmt.Errorf("set consent: %w", err)
	}
	return nil
}

func (r *Registry) permission(allowed bool, by Actor) string {
	sign := refuseSign
	if allowed {
		sign = allowSign
	}
	return wordAt(r.instant(by.At), sign+by.evidence())
}

// absent is ErrGone when x was erased, else ErrNone.
func (r *Registry) absent(ctx context.Context, x message.Identifier) error {
	gone, err := r.gone(ctx, x.String())
	if err == nil && gone[x.String()] > 0 {
		err = ErrGone
	}
	return cmp.Or(err, ErrNone)
}

// OptOut notes that a customer wants nothing for a purpose at any address, or takes that back. It stays with every
// identifier the customer has now, and is the customer's who gets one of them: joining or parting customers never
// allows what one of them refused. Taking it back leaves what is refused at single addresses.
func (r *Registry) OptOut(ctx context.Context, customer, purpose string, out bool, by Actor) error {
	if err := CheckPurpose(purpose); err != nil {
		return fmt.Errorf("opt out: %w", err)
	}
	_, _, g, err := r.find(ctx, customer)
	if err != nil {
		return fmt.Errorf("opt out customer %s: %w", customer, err)
	}
	word := r.permission(!out, by)
	notes := []note{{cidNode(g.ID), optOutField + purpose, word}}
	for _, x := range g.Nodes {
		if !isPast(x) {
			notes = append(notes, note{x, optOutField + purpose, word})
		}
	}
	for _, id := range g.IDs[1:] {
		notes = append(notes, note{cidNode(id), optOutField + purpose, word})
	}
	if _, err = r.keep(ctx, notes); err != nil {
		return fmt.Errorf("opt out customer %s: %w", customer, err)
	}
	return nil
}

// Allowed tells whether the address x may be written to for a purpose: nobody may have refused it for this address,
// nor for a whole customer who holds it or may hold it, and but for Service somebody must have allowed it. An address that nobody is
// registered with may be written to for Service only.
func (r *Registry) Allowed(ctx context.Context, x message.Identifier, purpose string) (bool, error) {
	if err := CheckPurpose(purpose); err != nil {
		return false, fmt.Errorf("read consent: %w", err)
	}
	v, err := r.view(ctx, x.String())
	if err != nil {
		return false, fmt.Errorf("read consent: %w", err)
	}
	nodes := []string{x.String()}
	for _, g := range v.owners(Derive(v.facts), x.String()) {
		nodes = append(nodes, (&book{group: g}).nodes()...)
	}
	slices.Sort(nodes)
	nodes = slices.Compact(nodes)
	notes, err := r.notesOf(ctx, nodes)
	if err != nil {
		return false, fmt.Errorf("read consent: %w", err)
	}
	return allowed(notes, x.String(), purpose, v.facts.nodes[x.String()].ends.last()), nil
}

// Consents gives what stands for each address of a customer, and the customer's refusals as a whole, by address and
// purpose. Only the word that counts is given of each.
func (r *Registry) Consents(ctx context.Context, customer string) ([]Consent, error) {
	b, err := r.book(ctx, customer)
	if err != nil {
		return nil, fmt.Errorf("consents of customer %s: %w", customer, err)
	}
	return b.consents(), nil
}

// allowed decides for one address by the notes of all who have it. What its former holder allowed, before it was given
// up, counts no more; what they refused does.
func allowed(notes map[string]map[string]string, x, purpose string, retired int64) bool {
	for _, fields := range notes {
		if word, ok := fields[optOutField+purpose]; ok && !permits(word) {
			return false
		}
	}
	if word, _, ok := counting(notes[x], consentField, purpose); ok {
		at, _ := readWord(word)
		return permits(word) && (at > retired || purpose == Service)
	}
	return purpose == Service
}

// permits reads the sign after the time.
func permits(word string) bool {
	_, rest := readWord(word)
	return strings.HasPrefix(rest, allowSign)
}

// counting finds the word on a purpose that counts. Of the imported ones a refusal counts before a permission; what a
// person said counts before those, unless an imported refusal is later.
func counting(fields map[string]string, kind, purpose string) (word, source string, ok bool) {
	own, said := fields[kind+purpose+":"]
	for field, w := range fields {
		from, match := strings.CutPrefix(field, kind+purpose+":")
		if !match || from == "" {
			continue
		}
		if !ok || permits(word) != permits(w) && permits(word) || permits(word) == permits(w) && word < w {
			word, source, ok = w, from, true
		}
	}
	if said && (!ok || permits(word) || !permits(own) || own > word) {
		return own, "", true
	}
	return word, source, ok
}

func (b *book) consents() []Consent {
	var out []Consent
	for x, fields := range b.notes {
		id := identifierOf(x)
		done := map[string]bool{}
		for field, word := range fields {
			if purpose, ok := strings.CutPrefix(field, optOutField); ok {
				if _, isCID := cidOf(x); isCID && !permits(word) {
					out = append(out, consent(message.Identifier{}, purpose, word, ""))
				}
				continue
			}
			rest, ok := strings.CutPrefix(field, consentField)
			purpose, _, _ := strings.Cut(rest, ":")
			if !ok || done[purpose] {
				continue
			}
			done[purpose] = true
			w, source, _ := counting(fields, consentField, purpose)
			out = append(out, consent(id, purpose, w, source))
		}
	}
	slices.SortFunc(out, func(a, b Consent) int {
		return cmp.Or(cmp.Compare(a.Address.String(), b.Address.String()), cmp.Compare(a.Purpose, b.Purpose), a.At.Compare(b.At))
	})
	return slices.CompactFunc(out, func(a, b Consent) bool { return a.Address.IsZero() && b.Address.IsZero() && a.Purpose == b.Purpose })
}

func consent(x message.Identifier, purpose, word, source string) Consent {
	at, rest := readWord(word)
	actor := strings.TrimPrefix(strings.TrimPrefix(rest, allowSign), refuseSign)
	return Consent{Address: x, Purpose: purpose, Allowed: permits(word), At: instantOf(at), Source: source, Actor: actor}
}
