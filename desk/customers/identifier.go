package customers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"loket/desk"
	"loket/desk/access"
	"loket/identity"
	"loket/internal/field"
	"loket/internal/message"
)

// holder gives a customer and an identifier that is theirs.
func (s *Service) holder(ctx context.Context, ref, text string) (*identity.Customer, message.Identifier, error) {
	x, err := s.identifier("identifier", text, message.Vouched)
	if err != nil {
		return nil, x, err
	}
	c, err := s.registered(ctx, ref)
	switch {
	case err != nil:
	case !holds(c, x):
		err = field.Errorf("identifier", "must be one of the customer's: it is not")
	case !stillHas(c, x):
		err = fmt.Errorf("%w: %w", errGivenUp, field.Errorf("identifier", "must be one of the customer's: they gave it up"))
	}
	return c, x, err
}

// errGivenUp says that an identifier was the customer's.
var errGivenUp = errors.New("given up")

// stillHas tells whether an identifier is the customer's still.
func stillHas(c *identity.Customer, x message.Identifier) bool {
	return slices.ContainsFunc(c.Held, func(h identity.Held) bool { return h.String() == x.String() && !h.Retired })
}

func holds(c *identity.Customer, x message.Identifier) bool {
	return slices.ContainsFunc(c.Held, func(h identity.Held) bool { return h.String() == x.String() })
}

// Share notes that several people use an identifier, so that it names nobody any more, or that this is over. It needs
// the role manager, as all below.
func (s *Service) Share(ctx context.Context, by access.Actor, ref, text string, shared bool, why Because) (*Profile, error) {
	who, err := s.govern(by, why)
	if err != nil {
		return nil, err
	}
	c, x, err := s.holder(ctx, ref, text)
	if err != nil {
		return nil, err
	}
	if err := s.registry.Share(ctx, x, shared, who); err != nil {
		return nil, err
	}
	return s.Profile(ctx, c.ID)
}

// Retire notes that an identifier was the customer's until a time, and a telephone number on WhatsApp too: an instant in RFC 3339, how long ago (3d), or what clocks
// show (17:30, 2026-11-22, both with a space between); "" is now.
func (s *Service) Retire(ctx context.Context, by access.Actor, ref, text, at string, why Because) (*Profile, error) {
	who, err := s.govern(by, why)
	if err != nil {
		return nil, err
	}
	now := s.now().UTC()
	until, err := desk.Moment{Path: "at", Text: at, Now: now, Zone: s.zone(""), Past: true}.Read()
	if err != nil {
		return nil, err
	}
	if until.After(now) {
		return nil, field.Errorf("at", "must not lie in the future")
	}
	if until.IsZero() {
		until = now
	}
	c, x, err := s.holder(ctx, ref, text)
	earlier := func(h identity.Held) bool { return h.String() == x.String() && h.Retired && h.Holds(until) }
	if errors.Is(err, errGivenUp) && slices.ContainsFunc(c.Held, earlier) {
		err = nil // it was so earlier than was said before
	}
	if err != nil {
		return nil, err
	}
	for _, h := range c.Held { // before the number itself, so that whoever dies in between leaves it to be done again
		if !h.Retired && h.String() != x.String() && oneNumber(h.Identifier, x) {
			if err := s.registry.Retire(ctx, h.Identifier, until, who); err != nil {
				return nil, err
			}
		}
	}
	if err := s.registry.Retire(ctx, x, until, who); err != nil {
		return nil, err
	}
	return s.Profile(ctx, c.ID)
}

// oneNumber tells whether two identifiers are one telephone number, as a telephone shows it and as WhatsApp does: who gives up
// the one has given up the other.
func oneNumber(a, b message.Identifier) bool {
	x, y := numberOf(a), numberOf(b)
	return x != "" && x == y
}

// numberOf are the digits of a telephone number. WhatsApp may leave out the ninth digit of Brazilian mobile numbers, and has a 1
// in Mexican ones that is not theirs any more.
func numberOf(x message.Identifier) string {
	n := strings.TrimPrefix(x.Value, "+")
	switch {
	case x.Kind == "phone":
		return n
	case x.Kind != "wa":
		return ""
	case strings.HasPrefix(n, "55") && len(n) == 12 && n[4] >= '6':
		return n[:4] + "9" + n[4:]
	case strings.HasPrefix(n, "521") && len(n) == 13:
		return "52" + n[3:]
	}
	return n
}

// Block notes that an identifier says nothing about anybody, such as a gateway's, or that it does: it parts customers from
// what they write from.
func (s *Service) Block(ctx context.Context, by access.Actor, text string, blocked bool, why Because) error {
	who, err := s.govern(by, why)
	if err != nil {
		return err
	}
	x, err := s.identifier("identifier", text, message.Vouched)
	if err != nil {
		return err
	}
	if x.Class() == message.Anchor {
		return field.Errorf("identifier", "must not be a customer's number: it says who somebody is")
	}
	if err := s.registry.Block(ctx, x, blocked, who); err != nil {
		return fmt.Errorf("block sender: %w", err)
	}
	return nil
}
