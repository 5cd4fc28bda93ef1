package app

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"loket/connectors"
	"loket/identity"
	"loket/internal/store"
	"loket/router/intake"
	"loket/router/queue"
)

// gauges read the store when Prometheus asks. Their labels are teams and states: names of the configuration.
type gauges struct {
	store  *store.Store
	intake *intake.Intake
	queue  *queue.Queue
	rules  *rules
	list   []*channel
}

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, labels, nil)
}

// Describe sends nothing: what can be told depends on the teams, and on whether the store answers.
func (g *gauges) Describe(chan<- *prometheus.Desc) {}

// Collect tells what is on its way in and what stands in the queues. With the store away only the spool is told.
func (g *gauges) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	writable := 0.0
	if g.store.Look(ctx).Writes {
		writable = 1
	}
	gauge(describe("loket_store_writable", "1 when the store writes; the status says why it does not."), writable)
	st, err := g.intake.Status(ctx)
	gauge(describe("loket_spool_messages", "Messages on disk, waiting for the store."), float64(st.SpoolMessages))
	gauge(describe("loket_spool_bytes", "Size of the messages on disk."), float64(st.SpoolBytes))
	age := 0.0
	if !st.SpoolOldest.IsZero() {
		age = time.Since(st.SpoolOldest).Seconds()
	}
	gauge(describe("loket_spool_oldest_seconds", "Age of the oldest message on disk."), age)
	up := describe("loket_store_up", "1 when the store answers.")
	if err != nil {
		gauge(up, 0)
		return
	}
	gauge(up, 1)
	gauge(describe("loket_journal_messages", "Messages accepted and not yet in a task."), float64(st.Journal))
	gauge(describe("loket_quarantine_messages", "Messages that could not be brought into a task."), float64(st.Quarantine))
	g.outgoing(ctx, out)
	g.notices(ctx, out)
	tasks := describe("loket_tasks", "Tasks, by team and state.", "team", "state")
	overdue := describe("loket_tasks_overdue", "Tasks queued and past their due time, by team.", "team")
	kept := describe("loket_tasks_kept", "Tasks queued for one person of the team, by team.", "team")
	unattended := describe("loket_tasks_unattended", "Tasks closed or waiting in which a machine wrote since, by team.", "team")
	for _, team := range g.rules.router().Teams() {
		c, err := g.queue.Count(ctx, team)
		if err != nil {
			return
		}
		gauge(tasks, float64(c.Queued), team, string(queue.Queued))
		gauge(tasks, float64(c.Claimed), team, string(queue.Claimed))
		gauge(tasks, float64(c.Waiting), team, string(queue.Waiting))
		gauge(tasks, float64(c.Closed), team, string(queue.Closed))
		gauge(overdue, float64(c.Overdue), team)
		gauge(kept, float64(c.Kept), team)
		gauge(unattended, float64(c.Unattended), team)
	}
}

// outgoing tells what waits to go out, of each connector that carries answers, also when nothing does.
func (g *gauges) outgoing(ctx context.Context, out chan<- prometheus.Metric) {
	waiting, err := g.queue.Outgoing(ctx)
	if err != nil {
		return
	}
	byName := map[string]queue.Outgoing{}
	for _, c := range g.list {
		if _, carries := c.Connector.(connectors.Sender); carries {
			byName[c.name] = queue.Outgoing{}
		}
	}
	for _, o := range waiting {
		byName[o.Connector] = o
	}
	replies := describe("loket_outgoing_replies", "Answers that wait to go out, by connector; of more than 500 or long ones those that are looked at first.", "connector")
	oldest := describe("loket_outgoing_oldest_seconds", "How long the answer waits that waits longest to go out, by connector; 0 when none does.", "connector")
	for name, o := range byName {
		age := 0.0
		if o.Waiting > 0 {
			age = time.Since(o.Oldest).Seconds()
		}
		out <- prometheus.MustNewConstMetric(replies, prometheus.GaugeValue, float64(o.Waiting), name)
		out <- prometheus.MustNewConstMetric(oldest, prometheus.GaugeValue, age, name)
	}
}

// notices tells how many customers wait to be told that they have an answer, of each connector that tells them, and of a webhook how many
// messages wait for their files.
func (g *gauges) notices(ctx context.Context, out chan<- prometheus.Metric) {
	waiting := describe("loket_notices_waiting", "Answers of which customers are to be told elsewhere unless they see them before, and messages of webhooks whose files are still to come, by connector.", "connector")
	for _, c := range g.list {
		if _, reminded := c.Connector.(connectors.Reminded); !reminded {
			continue
		}
		if n, err := c.cursor.Reminders(ctx); err == nil {
			out <- prometheus.MustNewConstMetric(waiting, prometheus.GaugeValue, float64(n), c.name)
		}
	}
}

// registryCollector tells what the registry of customers did since the process began. Its label has five values.
type registryCollector struct{ registry *identity.Registry }

// Describe tells the one metric there is.
func (r *registryCollector) Describe(out chan<- *prometheus.Desc) { out <- r.desc() }

// Collect tells the counts. It asks nobody.
func (r *registryCollector) Collect(out chan<- prometheus.Metric) {
	c := r.registry.Counts()
	for _, one := range []struct {
		what string
		n    int64
	}{
		{"created", c.Created}, {"joined", c.Joined}, {"refused", c.Refused}, {"suggested", c.Tripped}, {"retried", c.Retried},
	} {
		out <- prometheus.MustNewConstMetric(r.desc(), prometheus.CounterValue, float64(one.n), one.what)
	}
}

func (r *registryCollector) desc() *prometheus.Desc {
	return describe("loket_registry_changes_total", "Changes to the registry of customers, by what they were: created, joined, "+
		"refused (a contradiction), suggested (too many joins at once, left to people), retried (others were faster).", "change")
}

// newTurnedAway counts who is turned away at a listener, by reason.
func newTurnedAway(reg *prometheus.Registry) func(listener string) func(reason string) {
	all := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "loket_turned_away_total",
		Help: "Requests refused at the door: token (a wrong one, or none), slowed (too many wrong ones), host (a name that is not ours), link (too many that lead nowhere), sign-in (a wrong password), origin (a form of another site).",
	}, []string{"listener", "reason"})
	reg.MustRegister(all)
	return func(listener string) func(string) {
		return func(reason string) { all.WithLabelValues(listener, reason).Inc() }
	}
}
