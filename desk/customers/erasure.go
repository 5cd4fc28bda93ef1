package customers

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"go.uber.org/zap"

	"loket/desk/access"
	"loket/identity"
	"loket/internal/message"
	"loket/internal/store"
	"loket/router/queue"
)

// An order to forget a customer is written down before anything is done, so that whoever finds it can do the rest. It
// holds what leads to everything that is the customer's, and goes with the last of it.
type order struct {
	Customer   string    `json:"customer"`
	Actor      string    `json:"actor"`
	At         time.Time `json:"at"`
	KeepClaims bool      `json:"keep_claims,omitempty"`
	// Held are the identifiers that were the customer's alone, and when.
	Held map[string]spans `json:"held"`
	// What was found. Written down before it is emptied, as afterwards nothing leads there.
	Tasks       map[string]bool `json:"tasks,omitempty"`
	Threads     map[string]bool `json:"threads,omitempty"` // true when the customer began it
	Replies     map[string]bool `json:"replies,omitempty"`
	Copies      map[string]bool `json:"copies,omitempty"`      // answers to others of which the customer had a copy
	Identifiers map[string]bool `json:"identifiers,omitempty"` // all that stood with the customer's messages
}

// A span is a time: after From, until To. Zero is without end.
type span struct {
	From time.Time `json:"from,omitzero"`
	To   time.Time `json:"to,omitzero"`
}

type spans []span

// UnmarshalJSON also reads the one end that an order had before there were spans.
func (s *spans) UnmarshalJSON(b []byte) error {
	var all []span
	if err := json.Unmarshal(b, &all); err == nil {
		*s = all
		return nil
	}
	var to time.Time
	if err := json.Unmarshal(b, &to); err != nil {
		return err
	}
	*s = spans{{To: to}}
	return nil
}

func (s spans) holds(at time.Time) bool {
	return slices.ContainsFunc(s, func(s span) bool { return at.After(s.From) && (s.To.IsZero() || !at.After(s.To)) })
}

// An Erasure says how a customer is to be forgotten.
type Erasure struct {
	Because
	// KeepClaims leaves what senders said who only claimed to be the customer, as everybody does in a form.
	KeepClaims bool
}

// Erase forgets a customer in every room: what was said with them, their files, their name on tasks, and who they are. Only
// keyed hashes are left, by which nothing of theirs comes in again by import, and what figures need. The order is kept, and
// taken up again by ResumeErasures, until that is done; done tells whether it is already. It needs the role manager, and of every
// team in which one of the customer's identifiers wrote: where it is not so nothing is done.
func (s *Service) Erase(ctx context.Context, by access.Actor, ref string, how Erasure) (done bool, err error) {
	who, err := s.govern(by, how.Because)
	if err != nil {
		return false, err
	}
	id, err := customerID(ref)
	if err != nil {
		return false, err
	}
	o, err := s.orderOf(ctx, id)
	if err != nil {
		return false, err
	}
	if o == nil {
		c, err := s.registry.Customer(ctx, id)
		if err != nil {
			return false, err
		}
		o = &order{Customer: c.ID, Actor: who.Name, At: s.now().UTC(), KeepClaims: how.KeepClaims}
		o.hold(c)
		if err := s.allVisible(ctx, by, o.held(), func(*queue.Task) bool { return true }); err != nil {
			return false, err
		}
		if err := s.keepOrder(ctx, o); err != nil {
			return false, err
		}
	}
	s.step("erase-ordered")
	return s.erase(ctx, o)
}

// ResumeErasures goes on with every order that is not done, and tells how many are left. Any process may run it at any
// time: doing a part twice is harmless.
func (s *Service) ResumeErasures(ctx context.Context) (left int, err error) {
	raw, err := s.store.Redis().HGetAll(ctx, erasuresKey).Result()
	if err != nil {
		return 0, fmt.Errorf("read erasures: %w", store.Cause(err))
	}
	var errs []error
	for _, id := range slices.Sorted(maps.Keys(raw)) {
		done, err := false, error(nil)
		var o order
		if err = json.Unmarshal([]byte(raw[id]), &o); err == nil {
			done, err = s.erase(ctx, &o)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("erase customer %s: %w", id, err))
		}
		if !done {
			left++
		}
	}
	return left, errors.Join(errs...)
}

// RewriteErased has our own store write its file anew when somebody was erased since it last was: until then the file
// still says what was deleted. It tells how many customers that was for, 0 when nothing had to be done. What fails, or ends
// with the process, is owed until it is done.
func (s *Service) RewriteErased(ctx context.Context) (int, error) {
	owed, err := s.store.Redis().HGetAll(ctx, rewriteKey).Result()
	if err != nil {
		return 0, fmt.Errorf("read erasures to rewrite: %w", store.Cause(err))
	}
	if len(owed) == 0 {
		return 0, nil
	}
	if err := s.store.Rewrite(ctx); err != nil {
		return 0, err
	}
	for customer, at := range owed {
		var tx store.Tx
		tx.IfField(rewriteKey, customer, at) // else somebody else ended the same order once more meanwhile
		tx.DelField(rewriteKey, customer)
		if _, err := s.store.Commit(ctx, &tx); err != nil {
			return 0, fmt.Errorf("note erasures rewritten: %w", err)
		}
	}
	return len(owed), nil
}

// maxPasses bounds how often the rooms are gone through at once; what then still moves is looked at later.
const maxPasses = 4

// erase goes through the rooms until there is nothing left in them, identity last, and drops the order. Whoever writes
// meanwhile is forgotten with what they write; what comes when it is done is a stranger's, and wholly there.
func (s *Service) erase(ctx context.Context, o *order) (done bool, err error) {
	for range maxPasses {
		went, waiting, err := s.pass(ctx, o)
		if err != nil {
			return false, err
		}
		if waiting {
			return false, nil
		}
		if !went {
			err := s.endOrder(ctx, o)
			s.step("erase-done")
			return err == nil, err
		}
	}
	return false, nil
}

func (s *Service) orderOf(ctx context.Context, id string) (*order, error) {
	_, raw, err := s.store.Load(ctx, store.Field{Key: erasuresKey, Name: id})
	if err != nil || raw[0] == "" {
		return nil, err
	}
	var o order
	if err := json.Unmarshal([]byte(raw[0]), &o); err != nil {
		return nil, fmt.Errorf("read erasure of customer %s: %w", id, err)
	}
	return &o, nil
}

func (s *Service) keepOrder(ctx context.Context, o *order) error {
	b, err := json.Marshal(o)
	if err != nil {
		return fmt.Errorf("order erasure of customer %s: %w", o.Customer, err)
	}
	var tx store.Tx
	tx.SetField(erasuresKey, o.Customer, string(b))
	tx.MakeRoom()
	if _, err := s.store.Commit(ctx, &tx); err != nil {
		return fmt.Errorf("order erasure of customer %s: %w", o.Customer, err)
	}
	return nil
}

func (s *Service) endOrder(ctx context.Context, o *order) error {
	var tx store.Tx
	tx.DelField(erasuresKey, o.Customer)
	if s.store.Rewrites() {
		tx.SetField(rewriteKey, o.Customer, s.now().UTC().Format(time.RFC3339Nano))
	}
	if _, err := s.store.Commit(ctx, &tx); err != nil {
		return fmt.Errorf("end erasure of customer %s: %w", o.Customer, err)
	}
	// The registry must not remember who asked for whom; the log of the house tells that it was done.
	s.log.Info("customer erased", zap.String("customer", o.Customer), zap.String("agent", o.Actor),
		zap.Int("tasks", len(o.Tasks)), zap.Int("threads", len(o.Threads)))
	return nil
}

// hold adds the identifiers that are the customer's alone. What others use too is left to them.
func (o *order) hold(c *identity.Customer) {
	if o.Held == nil {
		o.Held = map[string]spans{}
	}
	for _, h := range c.Held {
		if s := (span{h.From, h.Until}); !h.Contested && !h.Shared && !slices.Contains(o.Held[h.String()], s) {
			o.Held[h.String()] = append(o.Held[h.String()], s)
		}
	}
}

// wrote tells whether a message is the customer's: its sender showed an identifier of theirs, or claimed one and showed
// nobody else's.
func (o *order) wrote(from []message.Identifier, at time.Time) bool {
	claims := false
	for _, x := range from {
		held := o.Held[x.String()].holds(at)
		class := x.Class()
		switch {
		case held && !x.Claim():
			return true
		case held:
			claims = true
		case !x.Claim() && class != message.Alias && class != message.Ephemeral:
			return false
		}
	}
	return claims && !o.KeepClaims
}

// theirs tells whether a message is the customer's, or was written to them. In a thread that they began, what nobody else
// signed is theirs too: the page of a thread does not say who writes there. So is what we wrote there to others about it.
func (o *order) theirs(m *message.Message) bool {
	began, at := o.Threads[m.Thread], cmp.Or(m.Received, m.Sent)
	held := func(x message.Identifier) bool { return o.Held[x.String()].holds(at) }
	if m.Direction == message.Out {
		return o.holds(m.To, at) || began && (len(m.To) == 0 || m.ToOthers || o.holds(m.Cc, at))
	}
	another := func(x message.Identifier) bool { return !held(x) && (!x.Claim() || len(o.Held[x.String()]) > 0) }
	return began && !slices.ContainsFunc(m.From, another) || o.wrote(m.From, at)
}

// holds tells whether one of ids was the customer's at an instant.
func (o *order) holds(ids []message.Identifier, at time.Time) bool {
	return slices.ContainsFunc(ids, func(x message.Identifier) bool { return o.Held[x.String()].holds(at) })
}
