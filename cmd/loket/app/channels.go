package app

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"loket/config"
	"loket/connectors"
	"loket/desk"
	"loket/identity"
	"loket/internal/field"
	"loket/internal/form"
	"loket/internal/message"
	"loket/internal/secret"
	"loket/internal/store"
)

// A channel is one connector of the configuration, and how it stands.
type channel struct {
	name, kind string
	cursor     *store.Cursor
	connectors.Connector
	// hold makes its Run wait until this process may have it. It runs at once when hold is nil.
	hold  func(ctx context.Context, run func(context.Context) error) error
	log   *zap.Logger
	state atomic.Pointer[desk.ConnectorStatus]
	last  atomic.Pointer[taken]
}

// taken is when the newest message of a customer was accepted, and how long it had been with the channel by then.
type taken struct {
	at  time.Time
	lag time.Duration
}

// noting notes what of the connector is accepted.
func (c *channel) noting(accept connectors.Accept) connectors.Accept {
	return func(ctx context.Context, m *message.Message) error {
		err := accept(ctx, m)
		if err == nil && m.Direction == message.In && m.Kind != message.Delivery {
			now := time.Now()
			lag := time.Duration(0)
			if !m.Received.IsZero() {
				lag = max(0, now.Sub(m.Received)).Truncate(time.Millisecond)
			}
			c.last.Store(&taken{now.UTC(), lag})
		}
		return err
	}
}

// run serves the channel until ctx ends. A connector that gives up takes nothing else with it: only a new
// configuration can help it, and until then its status says so.
func (c *channel) run(ctx context.Context) error {
	serve := func(ctx context.Context) error {
		c.is("running", nil)
		return c.Run(ctx)
	}
	var err error
	if c.hold == nil {
		err = serve(ctx)
	} else {
		c.is("elsewhere", nil) // another process may have it
		err = c.hold(ctx, serve)
	}
	c.is("stopped", err)
	if err != nil {
		c.log.Error("connector gave up: it needs another configuration", zap.Error(err))
	}
	return nil
}

func (c *channel) is(state string, err error) {
	s := &desk.ConnectorStatus{Name: c.name, Type: c.kind, State: state, Since: time.Now().UTC()}
	if err != nil {
		s.Error = err.Error()
	}
	c.state.Store(s)
}

// status is how the channel stands now.
func (c *channel) status() desk.ConnectorStatus {
	s := *c.state.Load()
	if last := c.last.Load(); last != nil {
		s.LastMessage, s.Lag = last.at, last.lag
	}
	if t, ok := c.Connector.(connectors.Troubled); ok && s.State == "running" {
		if err := t.Trouble(); err != nil {
			s.State, s.Error = "in trouble", err.Error()
		}
	}
	return s
}

type channels struct {
	list   []*channel
	byName map[string]*channel
	// allowed tells whether an address may be written to for a purpose. It is set before any connector runs.
	allowed func(ctx context.Context, x message.Identifier, purpose string) (bool, error)
	// transcript writes down a thread for its customer. It is set before any connector is asked for anything.
	transcript func(ctx context.Context, thread, language string) (string, error)
}

// newChannels makes every connector that is switched on.
func newChannels(cfg *config.Config, types []connectors.Type, env connectors.Env, st *store.Store, r *rules, key []byte) (*channels, error) {
	byType := map[string]connectors.Type{}
	for _, t := range types {
		byType[t.Name] = t
	}
	all := &channels{byName: map[string]*channel{}}
	for _, c := range cfg.Connectors {
		if !c.Enabled {
			continue
		}
		own, t := env, byType[c.Type]
		cursor := st.Cursor(c.Name)
		own.Name, own.Cursor, own.RemindAt, own.Log = c.Name, cursor, cursor.RemindAt, env.Log.Named(c.Name)
		own.Seal = func(purpose, text string) string {
			return base64.RawURLEncoding.EncodeToString(secret.MAC(key, secret.ForConnector, c.Name, purpose, text)[:16])
		}
		own.Open = func(at time.Time) bool { return r.router().Open(c.Calendar, at) }
		own.Opens = func(at time.Time) (time.Time, bool) { return r.router().Opens(c.Calendar, at) }
		ch := &channel{name: c.Name, kind: c.Type, cursor: cursor, log: own.Log}
		own.Accept, own.Reaches, own.Tell = ch.noting(env.Accept), all.reaches, all.tell
		own.Transcript = func(ctx context.Context, thread, language string) (string, error) {
			return all.transcript(ctx, thread, language)
		}
		made, err := t.New(c.Settings, own)
		if err != nil {
			return nil, fmt.Errorf("start connector %s: %w", c.Name, err)
		}
		ch.Connector = made
		ch.is("stopped", nil)
		if t.Single && st.Info().Kind == "redis" { // nobody else can have a store of our own, a dead process neither
			ch.hold = func(ctx context.Context, run func(context.Context) error) error {
				return st.Hold(ctx, "connector:"+c.Name, 15*time.Second, run)
			}
		}
		all.list = append(all.list, ch)
		all.byName[c.Name] = ch
	}
	return all, nil
}

// sender gives the connector with that name if its channel carries replies.
func (c *channels) sender(name string) connectors.Sender {
	ch, ok := c.byName[name]
	if !ok {
		return nil
	}
	s, _ := ch.Connector.(connectors.Sender)
	return s
}

// mail hands a mail of ours that is in no conversation to a connector.
func (c *channels) mail(ctx context.Context, connector string, m *message.Message) error {
	sender := c.sender(connector)
	if sender == nil {
		return connectors.Permanent(fmt.Errorf("connector %q is off, or sends nothing", connector))
	}
	_, err := sender.Send(ctx, m)
	return err
}

// reach gives the connector called first, or else the first one as configured, that can begin a conversation with an
// address.
func (c *channels) reach(to message.Identifier, first string) (connector, way string, ok bool) {
	inOrder := c.list
	if ch := c.byName[first]; ch != nil {
		inOrder = append([]*channel{ch}, c.list...)
	}
	for _, ch := range inOrder {
		if r, can := ch.Connector.(connectors.Reacher); can {
			if channel := r.Reaches(to); channel != "" {
				return ch.name, channel, true
			}
		}
	}
	return "", "", false
}

// reaches tells whether a connector can begin a conversation with an address.
func (c *channels) reaches(name string, to message.Identifier) bool {
	r, can := c.sender(name).(connectors.Reacher)
	return can && r.Reaches(to) != ""
}

// tell has a connector send what is told once, to whoever did not refuse that.
func (c *channels) tell(ctx context.Context, name string, m *message.Message) error {
	r, can := c.sender(name).(connectors.Reacher)
	if !can || len(m.To) != 1 {
		return fmt.Errorf("connector %s can't begin a conversation", name)
	}
	may, err := c.allowed(ctx, m.To[0], identity.Service)
	if err != nil {
		return err
	}
	if !may {
		return connectors.Permanent(errors.New("the customer wants no messages there"))
	}
	m.Connector, m.Channel = name, r.Reaches(m.To[0])
	_, err = c.sender(name).Send(ctx, m)
	return err
}

// dropNotices ends what waits to tell the customer of a thread of its answers: its keys begin with the thread.
func (c *channels) dropNotices(ctx context.Context, thread string) error {
	for _, ch := range c.list {
		if _, ok := ch.Connector.(connectors.Reminded); ok {
			if err := ch.cursor.DropReminders(ctx, thread+"/"); err != nil {
				return err
			}
		}
	}
	return nil
}

// copies tells whether the channel of a connector carries one message to several people.
func (c *channels) copies(name string) bool {
	_, ok := c.sender(name).(connectors.Copier)
	return ok
}

// window gives the time in which the channel of a connector takes an answer as a free text; false where it always does.
func (c *channels) window(name string, m *message.Message) (desk.Window, bool) {
	w, ok := c.sender(name).(connectors.Windower)
	if !ok {
		return desk.Window{}, false
	}
	open, limited := w.Window(m)
	out := desk.Window{Until: open.Until}
	for _, t := range open.Templates {
		out.Templates = append(out.Templates, desk.Template(t))
	}
	return out, limited
}

// room is how much of the longest text that its channel takes from us a message has, "280 / 500"; "" where there is no such bound.
func (c *channels) room(name string, m *message.Message) string {
	limited, ok := c.sender(name).(connectors.Limited)
	if !ok {
		return ""
	}
	for _, l := range limited.Limits() {
		if l.Channel == m.Channel && l.Public == m.Public && l.Text > 0 {
			return fmt.Sprintf("%d / %d", l.LengthOf(m.Text), l.Text)
		}
	}
	return ""
}

// ours tells whether what goes to an address comes back to one of the connectors.
func (c *channels) ours(address message.Identifier) bool {
	return slices.ContainsFunc(c.list, func(ch *channel) bool {
		copier, ok := ch.Connector.(connectors.Copier)
		return ok && copier.Ours(address)
	})
}

// readMail reads a mail that somebody has as a file as the mailbox called so would, or, without a name, as the first that it
// was sent to, else as the first.
func (c *channels) readMail(name string, data []byte, received time.Time) (desk.MailFile, error) {
	var first *desk.MailFile
	for _, ch := range c.list {
		r, ok := ch.Connector.(connectors.FileReader)
		if !ok || name != "" && ch.name != name {
			continue
		}
		filed, err := r.ReadFile(data, received)
		if err != nil {
			return desk.MailFile{}, field.Errorf("mail", "%v", err)
		}
		read := desk.MailFile{Message: filed.Message, Files: filed.Files}
		if filed.ToUs || name != "" {
			return read, nil
		}
		if first == nil {
			first = &read
		}
	}
	switch {
	case first != nil:
		return *first, nil
	case name == "":
		return desk.MailFile{}, field.Errorf("connector", "must be a mailbox: the configuration has none that is switched on")
	}
	return desk.MailFile{}, field.Errorf("connector", "must be a mailbox of the configuration: none is called %q", name)
}

// uploads gives what a customer may send at once on the page of a thread: as much as on the widest of the forms.
func (c *channels) uploads() (bytes int64, files int) {
	found := false
	for _, ch := range c.list {
		if u, ok := ch.Connector.(connectors.Uploader); ok {
			b, n := u.MaxUpload()
			bytes, files, found = max(bytes, b), max(files, n), true
		}
	}
	if !found {
		return form.DefaultBytes, form.DefaultFiles
	}
	return bytes, files
}

// handlers are the connectors that receive over HTTP, by name.
func (c *channels) handlers() map[string]http.Handler {
	all := map[string]http.Handler{}
	for _, ch := range c.list {
		if h, ok := ch.Connector.(http.Handler); ok {
			all[ch.name] = h
		}
	}
	return all
}

// Describe sends nothing: what there is stands in the configuration.
func (c *channels) Describe(chan<- *prometheus.Desc) {}

// Collect tells of each connector whether it runs here and is well, and what it counts itself.
func (c *channels) Collect(out chan<- prometheus.Metric) {
	up := describe("loket_connector_up", "1 when the connector runs in this process and reaches its channel.", "connector")
	for _, ch := range c.list {
		well := 0.0
		if ch.status().State == "running" {
			well = 1
		}
		out <- prometheus.MustNewConstMetric(up, prometheus.GaugeValue, well, ch.name)
		if own, ok := ch.Connector.(connectors.Metered); ok {
			own.Metrics().Collect(out)
		}
	}
}

// describeProcess is what GET /status says of this process.
func describeProcess(ctx context.Context, version string, begun time.Time, st *store.Store, c *channels) desk.Process {
	now := st.Look(ctx)
	p := desk.Process{
		Version: version, Started: begun.UTC(),
		Store: desk.StoreStatus{Kind: st.Info().Kind, Durable: st.Info().Durable, Writable: now.Writes, Trouble: now.Cause},
	}
	if !now.Writes {
		p.Store.TroubleSince = now.Since.UTC()
	}
	for _, ch := range c.list {
		p.Connectors = append(p.Connectors, ch.status())
	}
	return p
}
