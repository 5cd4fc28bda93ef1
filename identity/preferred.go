package identity

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"loket/internal/message"
)

// SetPreferred notes at which of a customer's addresses a person wants to be written to for a purpose; a zero x takes
// the choice back. Another choice later replaces it. It hangs on the address and goes where that goes. It is ErrNone
// when the address is not this customer's alone.
func (r *Registry) SetPreferred(ctx context.Context, customer, purpose string, x message.Identifier, by Actor) error {
	if err := CheckPurpose(purpose); err != nil {
		return fmt.Errorf("set preferred: %w", err)
	}
	_, p, g, err := r.find(ctx, customer)
	if err != nil {
		return fmt.Errorf("set preferred of customer %s: %w", customer, err)
	}
	if !x.IsZero() && (p.group(x.String()) != g || p.state[x.String()].contested || !reachable(x)) {
		return fmt.Errorf("set preferred of customer %s: the address: %w", customer, cmp.Or(writable(x), ErrNone))
	}
	field, at := preferredField+purpose+":", r.instant(by.At)
	var notes []note
	for _, y := range g.Nodes {
		switch {
		case y == x.String():
			notes = append(notes, note{y, field, wordAt(at, allowSign+by.evidence())})
		case x.IsZero():
			notes = append(notes, note{y, field, wordAt(at, refuseSign+by.evidence())})
		}
	}
	unknown, err := r.keep(ctx, notes)
	if err == nil && len(unknown) > 0 && !x.IsZero() {
		err = ErrNone
	}
	if err != nil {
		return fmt.Errorf("set preferred of customer %s: %w", customer, err)
	}
	return nil
}

func writable(x message.Identifier) error {
	if !x.IsZero() && !reachable(x) {
		return errors.New("must be of a kind that can be written to")
	}
	return nil
}

// reachable tells whether somebody can be written to there.
func reachable(x message.Identifier) bool {
	return x.Reachable() && !x.Role()
}

// Preferred gives the address of a customer to write to for a purpose: the one a person chose last, else the one that
// was imported as such, else the one that a message came from last. Contested, shared and given up addresses, and
// those where the purpose is not allowed, are passed over. It answers false when none is left.
func (r *Registry) Preferred(ctx context.Context, customer, purpose string) (message.Identifier, bool, error) {
	if err := CheckPurpose(purpose); err != nil {
		return message.Identifier{}, false, fmt.Errorf("preferred: %w", err)
	}
	b, err := r.book(ctx, customer)
	if err != nil {
		return message.Identifier{}, false, fmt.Errorf("preferred of customer %s: %w", customer, err)
	}
	x, ok := b.preferred(purpose)
	return x, ok, nil
}

func (b *book) preferred(purpose string) (message.Identifier, bool) {
	chosen, _ := b.choice(purpose)
	held := slices.DeleteFunc(b.view.customer(b.p, b.group).Held, func(h Held) bool {
		return h.Contested || h.Shared || h.Retired || h.Level < message.Attested || !reachable(h.Identifier) ||
			!allowed(b.notes, h.String(), purpose, b.view.facts.nodes[h.String()].ends.last())
	})
	if len(held) == 0 {
		return message.Identifier{}, false
	}
	best := slices.MinFunc(held, func(x, y Held) int {
		return cmp.Or(second(x.String() == chosen, y.String() == chosen), y.Last.Compare(x.Last), cmp.Compare(x.String(), y.String()))
	})
	return best.Identifier, true
}

// choice is the address that was chosen last, by a person if one did.
func (b *book) choice(purpose string) (node, word string) {
	var best string
	person := false
	for x, fields := range b.notes {
		w, source, ok := choiceOf(fields, purpose)
		if byPerson := source == ""; ok && (byPerson && !person || byPerson == person && (w > best || w == best && x < node)) {
			node, best, person = x, w, byPerson
		}
	}
	if !permits(best) {
		return "", "" // a person took it back
	}
	return node, best
}

// choiceOf is what a person said of an address, else what was imported last.
func choiceOf(fields map[string]string, purpose string) (word, source string, ok bool) {
	if w, said := fields[preferredField+purpose+":"]; said {
		return w, "", true
	}
	prefix := preferredField + purpose + ":"
	for field, w := range fields {
		if len(field) > len(prefix) && field[:len(prefix)] == prefix && w > word {
			word, source, ok = w, field[len(prefix):], true
		}
	}
	return word, source, ok
}

// second puts what holds first.
func second(x, y bool) int {
	switch {
	case x == y:
		return 0
	case x:
		return -1
	}
	return 1
}
