package customers

import (
	"context"
	"errors"
	"slices"

	"go.uber.org/zap"

	"loket/desk"
	"loket/desk/access"
	"loket/identity"
	"loket/internal/field"
	"loket/internal/message"
)

// Permissions are what a customer said of being written to.
type Permissions struct {
	Customer  string
	Consent   []identity.Consent // the word that counts on writing to each address for each purpose
	Preferred []Preferred
}

// Preferred is the address that is written to for a purpose, when nothing forbids it.
type Preferred struct {
	Purpose    string
	Identifier message.Identifier
}

// Permissions gives what stands for each address of a customer, what they refuse as a whole, and where they are written to.
func (s *Service) Permissions(ctx context.Context, ref string) (*Permissions, error) {
	id, err := customerID(ref)
	if err != nil {
		return nil, err
	}
	found, err := s.registry.Consents(ctx, id)
	if err != nil {
		return nil, err
	}
	p := &Permissions{Customer: id, Consent: found}
	purposes := []string{identity.Service}
	for _, c := range found {
		purposes = append(purposes, c.Purpose)
	}
	slices.Sort(purposes)
	for _, purpose := range slices.Compact(purposes) {
		x, ok, err := s.registry.Preferred(ctx, id, purpose)
		if err != nil {
			return nil, err
		}
		if ok {
			p.Preferred = append(p.Preferred, Preferred{purpose, x})
		}
	}
	return p, nil
}

// A ConsentChange is what a customer said just now. Without an identifier it is about all their addresses: a refusal
// stands for every one, and taking it back leaves what is refused at single ones.
type ConsentChange struct {
	Identifier string
	Purpose    string
	Allowed    *bool
}

// SetConsent notes that a customer allows or refuses to be written to for a purpose. Everybody who answers customers
// may: they are the ones who are told.
func (s *Service) SetConsent(ctx context.Context, by access.Actor, ref string, said ConsentChange, why Because) (*Permissions, error) {
	who, err := s.change(by, why)
	if said.Allowed == nil {
		err = errors.Join(err, field.Errorf("allowed", "must be true or false"))
	}
	if err := errors.Join(err, purposeMistake(said.Purpose)); err != nil {
		return nil, err
	}
	noted := who
	noted.Message = "" // of the two that are evidence, the person is the one to ask
	x := message.Identifier{}
	if said.Identifier == "" {
		id, err := customerID(ref)
		if err == nil {
			err = s.registry.OptOut(ctx, id, said.Purpose, !*said.Allowed, noted)
		}
		if err != nil {
			return nil, err
		}
	} else {
		if _, x, err = s.holder(ctx, ref, said.Identifier); err == nil {
			err = s.registry.SetConsent(ctx, x, said.Purpose, *said.Allowed, noted)
		}
		if err != nil {
			return nil, err
		}
	}
	word := "refused"
	if *said.Allowed {
		word = "allowed"
	}
	return s.remarked(ctx, ref, "consent", x, who, said.Purpose+" "+word)
}

// remarked writes down in the customer's log who noted what, and gives what stands then.
func (s *Service) remarked(ctx context.Context, ref, op string, x message.Identifier, who identity.Actor, what string) (*Permissions, error) {
	id, err := customerID(ref)
	if err != nil {
		return nil, err
	}
	if who.Reason != "" {
		what += ": " + who.Reason
	}
	who.Reason = what
	if err := s.registry.Remark(ctx, id, op, x, who); err != nil {
		return nil, err
	}
	s.log.Info("customer's wish noted", zap.String("customer", id), zap.String("what", op), zap.String("agent", who.Name))
	return s.Permissions(ctx, ref)
}

// SetPreferred notes at which of their addresses a customer wants to be written to for a purpose, "" being service; an
// empty identifier takes the choice back. Everybody who answers customers may.
func (s *Service) SetPreferred(ctx context.Context, by access.Actor, ref, purpose, text string, why Because) (*Permissions, error) {
	if purpose == "" {
		purpose = identity.Service
	}
	who, err := s.change(by, why)
	if err := errors.Join(err, purposeMistake(purpose)); err != nil {
		return nil, err
	}
	noted := who
	noted.Message = ""
	id, err := customerID(ref)
	if err != nil {
		return nil, err
	}
	x := message.Identifier{}
	if text != "" {
		if _, x, err = s.holder(ctx, ref, text); err != nil {
			return nil, err
		}
	}
	err = s.registry.SetPreferred(ctx, id, purpose, x, noted)
	switch {
	case err != nil && !x.IsZero() && !errors.Is(err, identity.ErrGone) && !errors.Is(err, identity.ErrBusy) && !desk.IsAway(err) && ctx.Err() == nil:
		return nil, field.Errorf("identifier", "must be an address that can be written to and is the customer's alone")
	case err != nil:
		return nil, err
	}
	word := purpose
	if x.IsZero() {
		word += " taken back"
	}
	return s.remarked(ctx, ref, "prefer", x, who, word)
}

func purposeMistake(purpose string) error {
	if identity.CheckPurpose(purpose) != nil {
		return field.Errorf("purpose", "must be 1 to 40 of a-z, 0-9, _ . and -, such as newsletter")
	}
	return nil
}
