package api

import (
	"slices"

	"loket/identity"
)

// A Customer is who wrote, as far as is known when the task is read.
type Customer struct {
	ID        string `json:"id,omitempty"`
	Name      string `json:"name,omitempty"`
	Assurance string `json:"assurance"` // none, mentioned, claimed, attested, proven, vouched, decided
	// Contested: what the sender holds is of several customers.
	Contested bool `json:"contested,omitempty"`
	// Candidates are all whom the sender may be, those they merely claim to be too.
	Candidates []Candidate `json:"candidates"`
	ClaimsToBe []Candidate `json:"claims_to_be"`
	Conflicts  []Conflict  `json:"conflicts"`
	// Signs speak for it that the sender is somebody else than the number or mailbox was known for, in words.
	Signs []string `json:"signs,omitempty"`
}

// A Conflict is a pair of identifiers that the sender holds both and that are of different customers.
type Conflict struct {
	A         string `json:"a"`
	B         string `json:"b"`
	CustomerA string `json:"customer_a"`
	CustomerB string `json:"customer_b"`
}

// A Candidate is a customer that the sender may be. A person decides.
type Candidate struct {
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
	Why  string `json:"why"`
}

// customerOf is zero for nil.
func customerOf(who *identity.Result) Customer {
	if who == nil {
		return Customer{}
	}
	v := Customer{
		ID: who.Customer, Name: who.Name, Assurance: who.Word(), Contested: who.Contested,
		Candidates: candidatesOf(slices.Concat(who.Candidates, who.ClaimsToBe)), ClaimsToBe: candidatesOf(who.ClaimsToBe),
		Conflicts: make([]Conflict, len(who.Conflicts)), Signs: who.Signs,
	}
	for i, c := range who.Conflicts {
		v.Conflicts[i] = Conflict{A: c.A.String(), B: c.B.String(), CustomerA: c.CustomerA, CustomerB: c.CustomerB}
	}
	return v
}

// candidatesOf gives each customer once.
func candidatesOf(list []identity.Candidate) []Candidate {
	out := []Candidate{}
	for _, c := range list {
		if !slices.ContainsFunc(out, func(have Candidate) bool { return have.ID == c.Customer }) {
			out = append(out, Candidate{ID: c.Customer, Name: c.Name, Why: c.Why})
		}
	}
	return out
}
