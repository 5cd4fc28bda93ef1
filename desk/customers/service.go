// Package customers is what people do about customers: find them, say which identifiers are theirs, join and part them, take
// in and give out what is known, and forget them. It knows nothing of HTTP.
package customers

import (
	"context"
	"time"

	"go.uber.org/zap"

	"loket/desk"
	"loket/desk/access"
	"loket/identity"
	"loket/internal/field"
	"loket/internal/store"
	"loket/router/intake"
	"loket/router/queue"
	"loket/router/thread"
)

// Options are what a Service works with. Desk to Access must be given.
type Options struct {
	Desk     *desk.Desk   // shows the tasks of a customer
	Store    *store.Store // for orders to forget somebody
	Queue    *queue.Queue
	Threads  *thread.Threads
	Registry *identity.Registry
	Intake   *intake.Intake
	Access   func() *access.Control // the people and tokens that hold now
	// Zone is that in which times that belong to no team are read. Nil is UTC.
	Zone func(team string) *time.Location
	// DropNotices ends what waits to tell the customer of a thread of its answers. May be nil; doing it again must be harmless.
	DropNotices func(ctx context.Context, thread string) error
	Region      string           // whose phone numbers are written without a country
	Log         *zap.Logger      // may be nil
	Now         func() time.Time // nil is the machine's clock
	// Step is called after each step of an erasure with its name; tests stop the process there. May be nil.
	Step func(name string)
}

// A Service does what people decide about customers. Its methods may be called concurrently.
type Service struct {
	desk     *desk.Desk
	store    *store.Store
	queue    *queue.Queue
	threads  *thread.Threads
	registry *identity.Registry
	intake   *intake.Intake
	access   func() *access.Control
	zone     func(team string) *time.Location
	unnotice func(ctx context.Context, thread string) error
	region   string
	log      *zap.Logger
	now      func() time.Time
	step     func(string)
}

// New makes a Service. It holds nothing that has to be closed.
func New(o Options) (*Service, error) {
	if err := field.Given(o, "Desk", "Store", "Queue", "Threads", "Registry", "Intake", "Access"); err != nil {
		return nil, err
	}
	s := &Service{
		desk: o.Desk, store: o.Store, queue: o.Queue, threads: o.Threads, registry: o.Registry, intake: o.Intake, access: o.Access,
		zone: o.Zone, unnotice: o.DropNotices, region: o.Region, log: o.Log, now: o.Now, step: o.Step,
	}
	if s.zone == nil {
		s.zone = func(string) *time.Location { return time.UTC }
	}
	if s.unnotice == nil {
		s.unnotice = func(context.Context, string) error { return nil }
	}
	if s.log == nil {
		s.log = zap.NewNop()
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.step == nil {
		s.step = func(string) {}
	}
	return s, nil
}

// theirs tells whether the sender of a task was the customer, beyond a claim.
func theirs(c *identity.Customer, t *queue.Task) bool { return c.Wrote(t.From, created(t)) }

// created is when a task began, zero for one that does not say.
func created(t *queue.Task) time.Time {
	if t.Created == 0 {
		return time.Time{}
	}
	return time.UnixMilli(t.Created).UTC()
}
