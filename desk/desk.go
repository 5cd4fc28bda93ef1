// Package desk is where people are: what those who answer, and the programs that work for them, can do, and
// what they may. It knows nothing of HTTP.
package desk

import (
	"time"

	"go.uber.org/zap"

	"loket/desk/access"
	"loket/identity"
	"loket/internal/blob"
	"loket/internal/field"
	"loket/internal/message"
	"loket/internal/store"
	"loket/router"
	"loket/router/intake"
	"loket/router/kpi"
	"loket/router/queue"
	"loket/router/thread"
)

// Options are what a Desk works with. Store to Blobs must be given.
type Options struct {
	Store    *store.Store // to say why it is away
	Queue    *queue.Queue
	Threads  *thread.Threads
	Registry *identity.Registry
	Router   func() *router.Router  // the rules that hold now
	Access   func() *access.Control // the people and tokens that hold now
	Intake   *intake.Intake
	Blobs    *blob.Store
	Ledger   *kpi.Ledger // which the doctor checks; nil for none
	// Zone is that in which times of a team are shown, and read; without a team, those that belong to none. Nil is UTC.
	Zone func(team string) *time.Location
	// CanReply gives nil when the connector's channel can carry m; the error says why it cannot. May be nil.
	CanReply func(connector string, m *message.Message) error
	// Measure says in words how the connector's channel cuts the text of m, "" when it goes whole. May be nil.
	Measure func(connector string, m *message.Message) string
	// Room says how much of the longest text that the connector's channel takes m has, "280 / 500"; "" where there is no bound. May be nil.
	Room func(connector string, m *message.Message) string
	// Window gives the time in which the connector's channel takes m as a free text; false where it always does. May be nil.
	Window func(connector string, m *message.Message) (Window, bool)
	// Reach gives a connector that can begin a conversation with an address, the one called first if it can, and the
	// channel it would be on. May be nil.
	Reach func(to message.Identifier, first string) (connector, channel string, ok bool)
	// Copies tells whether the connector's channel carries one message to several people. Nil is none.
	Copies func(connector string) bool
	// Ours tells whether what goes to an address comes back to one of our connectors. May be nil.
	Ours func(address message.Identifier) bool
	// ReadMail reads a mail as the mailbox of the connector would, or, without a name, as the one that it was sent to. An
	// error says in words why it is not taken. May be nil.
	ReadMail func(connector string, data []byte, received time.Time) (MailFile, error)
	// ThreadURL is the customer's page of a thread. May be nil.
	ThreadURL func(thread string) string
	Region    string           // whose phone numbers are written without a country
	Log       *zap.Logger      // may be nil
	Now       func() time.Time // nil is the machine's clock
	// Step is called after each step of an answer that is held back with its name; tests stop the process there. May be nil.
	Step func(name string)
}

// A Desk is the counter from the side of those who answer. Its methods may be called concurrently.
type Desk struct {
	store    *store.Store
	queue    *queue.Queue
	threads  *thread.Threads
	registry *identity.Registry
	router   func() *router.Router
	access   func() *access.Control
	intake   *intake.Intake
	blobs    *blob.Store
	figures  *kpi.Ledger
	zone     func(team string) *time.Location
	canReply func(string, *message.Message) error
	measure  func(string, *message.Message) string
	room     func(string, *message.Message) string
	window   func(string, *message.Message) (Window, bool)
	reach    func(message.Identifier, string) (string, string, bool)
	copies   func(string) bool
	ours     func(message.Identifier) bool
	readMail func(string, []byte, time.Time) (MailFile, error)
	url      func(string) string
	region   string
	log      *zap.Logger
	now      func() time.Time
	step     func(string)
	searches chan struct{} // for words, that go on
}

// New makes a Desk. It holds nothing that has to be closed.
func New(o Options) (*Desk, error) {
	if err := field.Given(o, "Store", "Queue", "Threads", "Registry", "Router", "Access", "Intake", "Blobs"); err != nil {
		return nil, err
	}
	return o.open(), nil
}

func (o Options) open() *Desk {
	d := &Desk{
		store: o.Store, queue: o.Queue, threads: o.Threads, registry: o.Registry, router: o.Router, access: o.Access, intake: o.Intake,
		blobs: o.Blobs, canReply: o.CanReply, measure: o.Measure, room: o.Room, window: o.Window, reach: o.Reach, url: o.ThreadURL, readMail: o.ReadMail, region: o.Region, log: o.Log, now: o.Now,
		figures: o.Ledger, zone: o.Zone, searches: make(chan struct{}, searchesAtOnce), copies: o.Copies, ours: o.Ours, step: o.Step,
	}
	if d.zone == nil {
		d.zone = func(string) *time.Location { return time.UTC }
	}
	if d.room == nil {
		d.room = func(string, *message.Message) string { return "" }
	}
	if d.measure == nil {
		d.measure = func(string, *message.Message) string { return "" }
	}
	if d.window == nil {
		d.window = func(string, *message.Message) (Window, bool) { return Window{}, false }
	}
	if d.canReply == nil {
		d.canReply = func(string, *message.Message) error { return nil }
	}
	if d.reach == nil {
		d.reach = func(message.Identifier, string) (string, string, bool) { return "", "", false }
	}
	if d.copies == nil {
		d.copies = func(string) bool { return false }
	}
	if d.ours == nil {
		d.ours = func(message.Identifier) bool { return false }
	}
	if d.readMail == nil {
		d.readMail = func(string, []byte, time.Time) (MailFile, error) {
			return MailFile{}, field.Errorf("connector", "must be a mailbox: there is none")
		}
	}
	if d.step == nil {
		d.step = func(string) {}
	}
	if d.log == nil {
		d.log = zap.NewNop()
	}
	if d.now == nil {
		d.now = time.Now
	}
	return d
}

// Zone is in which people read times that belong to no team.
func (d *Desk) Zone() string { return d.zone("").String() }

// ZoneOf is in which people read the times of a team.
func (d *Desk) ZoneOf(team string) string { return d.zone(team).String() }

// Region is whose phone numbers are written without a country.
func (d *Desk) Region() string { return d.region }

// Authenticate gives the principal of a bearer token, or access.ErrToken.
func (d *Desk) Authenticate(token string) (*access.Principal, error) {
	return d.access().Authenticate(token)
}
