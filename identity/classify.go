package identity

import (
	"cmp"
	"slices"

	"loket/internal/message"
)

// shown is what a sender shows, by what it can do, the strongest first.
type shown struct {
	held    []message.Identifier // may name a customer
	aliases []message.Identifier // names that may have passed to a stranger: they suggest only
	claims  []message.Identifier // what they say
	visits  []message.Identifier // the session or form it came by: says nothing about the person
}

// classify drops what says nothing about anybody, takes each identifier once at its highest level and sorts it.
// What is only mentioned is not the sender's claim and is left out.
func classify(ids []message.Identifier) shown {
	var s shown
	for _, id := range strongestFirst(ids) {
		switch class := id.Class(); {
		case class == message.Ephemeral:
			s.visits = append(s.visits, id)
		case id.Level == message.Claimed:
			s.claims = append(s.claims, id)
		case id.Claim() || class == message.ClaimOnly:
		case class == message.Alias:
			s.aliases = append(s.aliases, id)
		default:
			s.held = append(s.held, id)
		}
	}
	return s
}

func (s shown) lookedUp() []message.Identifier { return slices.Concat(s.held, s.aliases, s.claims) }

// basis is the strongest of what was shown and how sure it is that the sender holds it. A visit is sure,
// but it is a visit of nobody in particular.
func (s shown) basis() (message.Identifier, message.Level) {
	if all := s.lookedUp(); len(all) > 0 {
		return all[0], all[0].Level
	}
	if len(s.visits) > 0 {
		return s.visits[0], message.Mentioned
	}
	return message.Identifier{}, message.Mentioned
}

func strongestFirst(ids []message.Identifier) []message.Identifier {
	var out []message.Identifier
	at := map[string]int{}
	for _, id := range ids {
		if id.Blocked() {
			continue
		}
		name := id.String()
		if i, ok := at[name]; ok {
			out[i].Level = max(out[i].Level, id.Level)
			continue
		}
		at[name] = len(out)
		out = append(out, id)
	}
	slices.SortFunc(out, func(a, b message.Identifier) int {
		return cmp.Or(cmp.Compare(b.Level, a.Level), cmp.Compare(lasting(a), lasting(b)), cmp.Compare(a.String(), b.String()))
	})
	return out
}

// lasting puts kinds that keep meaning the same person before those that may not.
func lasting(id message.Identifier) int {
	id.Level = max(id.Level, message.Attested) // a claim is sorted by its kind too
	return slices.Index([]message.Class{message.Anchor, message.Stable, message.Reassignable, message.Alias, message.ClaimOnly}, id.Class())
}
