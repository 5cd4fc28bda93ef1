package customers

import (
	"errors"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"

	"loket/desk/access"
	"loket/identity"
	"loket/internal/field"
	"loket/internal/message"
	"loket/internal/secret"
	"loket/internal/store/storetest"
	"loket/router"
	"loket/router/queue"
)

// promises are those of teams that promise nothing.
type promises struct{ queue.Teams }

func (promises) Targets(string, string) (first, next, resolution time.Duration) { return 0, 0, 0 }
func (promises) After(_ string, from time.Time, d time.Duration) time.Time      { return from.Add(d) }
func (promises) LiftedAt(_ string, _ time.Time, _ int) time.Time                { return time.Time{} }
func (promises) Reopen(string) time.Duration                                    { return time.Hour }

var (
	agent = access.Actor{Principal: &access.Principal{Name: "agent"}}
	boss  = access.Actor{Principal: &access.Principal{Name: "boss", Roles: []string{access.RoleManager}}}
	lead  = access.Actor{Principal: &access.Principal{Name: "lead", Roles: []string{access.RoleManager}, Teams: []string{"support"}}}
)

// registered has a registry and a queue, and no more: what is refused asks nobody else.
func registered(t *testing.T) *Service {
	t.Helper()
	st := storetest.New(t)
	q, err := queue.New(queue.Options{Store: st, Teams: promises{}})
	if err != nil {
		t.Fatal(err)
	}
	return &Service{
		store: st, queue: q, registry: identity.New(st, identity.Defaults()), region: "NL", log: zap.NewNop(), now: time.Now,
		access: func() *access.Control { return access.New(nil, nil, nil, secret.String{}) }, zone: func(string) *time.Location { return time.UTC },
	}
}

func (s *Service) customer(t *testing.T, identifiers ...string) *identity.Customer {
	t.Helper()
	p, err := s.Register(t.Context(), boss, identifiers, "", Because{})
	if err != nil {
		t.Fatal(err)
	}
	return p.Customer
}

const nobody = "01ARZ3NDEKTSV4RRFFQ69G5FAV"

// What nobody can have, or another has, is not linked, and nothing is changed.
func TestWhatIsNobodysIsNotLinked(t *testing.T) {
	s := registered(t)
	kate, other := s.customer(t, "email:kate@example.org"), s.customer(t, "email:other@example.org", "cno:7")
	for name, tc := range map[string]struct {
		by              access.Actor
		ref, identifier string
		why             Because
		field           string // that is wrong, or
		err             error
	}{
		"nothing":               {agent, kate.ID, " ", Because{}, "identifier", nil},
		"no kind":               {agent, kate.ID, "kate@example.org", Because{}, "identifier", nil},
		"only claimed":          {agent, kate.ID, "~email:kate2@example.org", Because{}, "identifier", nil},
		"nobody with that id":   {agent, nobody, "email:kate2@example.org", Because{}, "", identity.ErrNone},
		"no id":                 {agent, "kate", "email:kate2@example.org", Because{}, "", identity.ErrNone},
		"no message":            {agent, kate.ID, "email:kate2@example.org", Because{Message: "x"}, "message", nil},
		"confirmed by an agent": {agent, kate.ID, "cno:7", Because{Confirm: true}, "", access.ErrForbidden},
	} {
		p, err := s.LinkIdentifier(t.Context(), tc.by, tc.ref, tc.identifier, tc.why)
		var wrong *field.Error
		switch {
		case tc.err != nil && !errors.Is(err, tc.err):
			t.Errorf("%s: %+v, %v; want %v", name, p, err, tc.err)
		case tc.err == nil && (!errors.As(err, &wrong) || wrong.Path != tc.field):
			t.Errorf("%s: %+v, %v; want it refused at %s", name, p, err, tc.field)
		}
	}
	for _, before := range []*identity.Customer{kate, other} {
		if now, err := s.registry.Customer(t.Context(), before.ID); err != nil || now.Version != before.Version {
			t.Errorf("customer is now %+v, %v; want it as it was: %+v", now, err, before)
		}
	}
}

// What another customer has does not move by itself: both are shown.
func TestWhatAnotherHasDoesNotMove(t *testing.T) {
	s := registered(t)
	kate, other := s.customer(t, "cno:1"), s.customer(t, "cno:7", "email:other@example.org")
	_, err := s.LinkIdentifier(t.Context(), agent, kate.ID, "email:other@example.org", Because{})
	var unsure *Unsure
	if !errors.As(err, &unsure) || len(unsure.Customers) != 2 || unsure.Text == "" {
		t.Fatalf("LinkIdentifier = %v, want both customers to look at", err)
	}
	if now, err := s.registry.Customer(t.Context(), other.ID); err != nil || now.ID != other.ID {
		t.Errorf("the other is now %+v, %v", now, err)
	}
}

// An export is of a customer as a whole: it is for managers, and of all teams that the customer wrote to.
func TestAnExportIsNotDoneByHalves(t *testing.T) {
	s := registered(t)
	kate := s.customer(t, "email:kate@example.org")
	m := &message.Message{
		ID: message.NewID([]byte("m")), Connector: "mail", Channel: "email", Thread: "t", Text: "x", Received: time.Now(),
		From: []message.Identifier{{Kind: "email", Value: "kate@example.org", Level: message.Attested}},
	}
	d := router.Decision{Team: "network", Priority: "normal", Band: 2, Rule: "all"}
	if _, err := s.queue.Put(t.Context(), queue.Put{Task: m.ID, Message: m, Thread: "t", Decision: d, Decided: time.Now(), Priority: "normal", Band: 2}); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		by   access.Actor
		ref  string
		want error
	}{
		"who only answers": {agent, kate.ID, access.ErrForbidden}, "a manager of another team": {lead, kate.ID, access.ErrForbidden},
		"nobody": {boss, nobody, identity.ErrNone}, "no id": {boss, "../kate", identity.ErrNone}, "a manager": {boss, kate.ID, nil},
	} {
		e, err := s.Export(t.Context(), tc.by, tc.ref)
		if !errors.Is(err, tc.want) || (e == nil) != (err != nil) {
			t.Errorf("%s: %v, want %v", name, err, tc.want)
		}
	}
	if _, err := s.Export(t.Context(), lead, kate.ID); err == nil || !strings.Contains(err.Error(), "network") {
		t.Errorf("Export = %v, want the team named that it fails for", err)
	}
}
