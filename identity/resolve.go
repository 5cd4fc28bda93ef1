package identity

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"loket/internal/message"
)

// A Subject is what one authority said of one sender in one message.
type Subject struct {
	IDs     []message.Identifier // claims too: their level says which are
	Name    string               // what the sender calls himself; it proves nothing
	At      time.Time            // when it happened, by the message and not by its arrival
	Message string               // the message's id, as evidence
	// Brief asks for the customer alone: what claims and aliases suggest is not looked up, so that a sender who
	// only claims costs no round trip.
	Brief bool
}

// Result says who a sender is, as far as is known.
type Result struct {
	Customer string // empty when nobody is known, or when it is contested
	Name     string // for people to read; proves nothing
	// Assurance is how sure it is that the sender is Customer; without one, that he holds Basis.
	Assurance message.Level
	// Basis is the identifier that Assurance is about. It is zero when the sender showed none.
	Basis   message.Identifier
	Created bool // Customer did not exist before
	// Contested: what the sender holds is of several customers, who all stand among Candidates.
	Contested  bool
	Candidates []Candidate
	// ClaimsToBe are the other customers whose identifiers the sender merely claims.
	ClaimsToBe []Candidate
	Conflicts  []Conflict
	Version    int64 // of what is known about Customer; 0 when that is nothing but the index
}

// A Candidate is a customer the sender may be. A person decides.
type Candidate struct {
	Customer string
	Name     string
	Why      string // the identifier that speaks for it, as Identifier.Node writes it
}

// A Conflict is a pair of identifiers that the sender holds both and that are of different customers.
type Conflict struct {
	A, B                 message.Identifier
	CustomerA, CustomerB string
}

// Resolve tells who the sender is. Asking again is harmless and gives the same answer while nothing was
// registered in between; the order of the identifiers does not matter. Claims never change Customer and
// never raise Assurance above claimed. It takes one round trip for any sender, known or not, and
// none for a sender without identifiers. When the store cannot be reached it is store.ErrAway.
func (r *Registry) Resolve(ctx context.Context, s Subject) (Result, error) {
	shown := sift(s.IDs)
	asked := shown.lookedUp()
	if s.Brief {
		asked = shown.held
	}
	owners, err := r.owners(ctx, asked)
	if err != nil {
		return Result{}, fmt.Errorf("resolve sender: %w", err)
	}
	res := Result{Name: strings.TrimSpace(s.Name)}
	res.Basis, res.Assurance = shown.basis()

	held := owned(shown.held, owners)
	res.decide(held)
	if s.Brief {
		res.Candidates = candidates(held, res.Customer)
		return res, nil
	}
	if res.Customer == "" {
		res.Candidates = candidates(slices.Concat(held, owned(shown.aliases, owners[len(shown.held):])), "")
	}
	res.ClaimsToBe = candidates(owned(shown.claims, owners[len(asked)-len(shown.claims):]), res.Customer)
	return res, nil
}

// decide names the customer when all that is held and known speaks for one.
func (res *Result) decide(held []owner) {
	if len(held) == 0 {
		return
	}
	first := held[0]
	for _, o := range held[1:] {
		if o.customer != first.customer && !slices.ContainsFunc(res.Conflicts, func(c Conflict) bool { return c.CustomerB == o.customer }) {
			res.Conflicts = append(res.Conflicts, Conflict{A: first.id, B: o.id, CustomerA: first.customer, CustomerB: o.customer})
		}
	}
	if len(res.Conflicts) > 0 {
		res.Contested = true
		res.Assurance = min(res.Assurance, message.Claimed)
		return
	}
	res.Customer, res.Basis, res.Assurance = first.customer, first.id, first.id.Level
}

// owner is an identifier somebody is registered with.
type owner struct {
	id       message.Identifier
	customer string
}

func owned(ids []message.Identifier, customers []string) []owner {
	var out []owner
	for i, id := range ids {
		if customers[i] != "" {
			out = append(out, owner{id, customers[i]})
		}
	}
	return out
}

// candidates names each customer but one once, with the strongest reason.
func candidates(owners []owner, but string) []Candidate {
	var out []Candidate
	for _, o := range owners {
		if o.customer != but && !slices.ContainsFunc(out, func(c Candidate) bool { return c.Customer == o.customer }) {
			out = append(out, Candidate{Customer: o.customer, Why: o.id.Node()})
		}
	}
	return out
}
