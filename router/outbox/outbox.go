// Package outbox sends what the queue holds for customers. It has no keys of its own: what it knows it reads
// from the queue, so that a process may die at any line.
package outbox

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"go.uber.org/zap"

	"loket/connectors"
	"loket/internal/field"
	"loket/internal/message"
	"loket/router/queue"
	"loket/router/thread"
)

const (
	// atOnce bounds the sendings of one connector: one that hangs holds up no other.
	atOnce = 32
	// page is how many due replies are looked at in one step, and maxPages how many such steps are taken to get past
	// those of connectors that have their hands full.
	page, maxPages = 4 * atOnce, 64
	// sendWithin bounds one hand-over to a channel; lapse is after when a reply whose sender vanished is in doubt.
	sendWithin = 60 * time.Second
	lapse      = 90 * time.Second
	// giveUpAfter is how long a channel may refuse for the moment before the agent is told.
	giveUpAfter = 4 * time.Hour
	findAgain   = 10 * time.Second
)

// Options are what the outbox stands on. Queue to Log must be given.
type Options struct {
	Queue   *queue.Queue
	Threads *thread.Threads
	// Sender gives the connector by its name, nil when there is none that carries replies.
	Sender  func(connector string) connectors.Sender
	Log     *zap.Logger
	Metrics *Metrics // may be nil
	// Alone says that no other process uses the store: what a process before was sending is looked at at once.
	Alone bool
	// Step is called after each step with its name; tests stop the process there. May be nil.
	Step func(name string)
}

// An Outbox brings replies to their channels.
type Outbox struct {
	queue   *queue.Queue
	threads *thread.Threads
	sender  func(connector string) connectors.Sender
	log     *zap.Logger
	metrics *Metrics
	alone   bool
	step    func(string)

	lanes map[string]chan struct{} // by connector: one in it for each sending under way; Run's alone
	under sync.Map                 // replies that are being sent here, by id
	freed chan struct{}            // says that a lane that was full has room again
	wg    sync.WaitGroup
}

// New gives the outbox. It holds nothing that has to be closed.
func New(o Options) (*Outbox, error) {
	if err := field.Given(o, "Queue", "Threads", "Sender", "Log"); err != nil {
		return nil, err
	}
	if o.Step == nil {
		o.Step = func(string) {}
	}
	return &Outbox{
		queue: o.Queue, threads: o.Threads, sender: o.Sender, log: o.Log, metrics: o.Metrics, alone: o.Alone, step: o.Step,
		lanes: map[string]chan struct{}{}, freed: make(chan struct{}, 1),
	}, nil
}

// Run sends until ctx ends, then waits for the sendings under way. Several processes may run it.
func (o *Outbox) Run(ctx context.Context) error {
	defer o.wg.Wait()
	if o.alone {
		if err := o.queue.LapseSending(ctx); err != nil {
			o.log.Warn("replies that were being sent are looked at when their time is up", zap.Error(err))
		}
	}
	sub := o.queue.Feed().Subscribe(256)
	defer func() { sub.Close() }()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for pages := maxPages; ; {
		o.pass(ctx, pages)
		pages = 1
		for wait := true; wait; {
			select {
			case <-ctx.Done():
				return nil
			case <-tick.C:
				pages, wait = maxPages, false
			case <-o.freed:
				wait = false
			case e, open := <-sub.C:
				if !open {
					sub = o.queue.Feed().Subscribe(256)
				}
				wait = open && e.Type != queue.Replied && e.Type != queue.ToOthers && e.Type != queue.ReplyMoved
			}
		}
	}
}

// pass begins to send what is due and whose connector has room, as far as it stands in the first pages.
func (o *Outbox) pass(ctx context.Context, pages int) {
	for n := range pages {
		due, err := o.queue.DueReplies(ctx, n*page, page)
		if err != nil {
			return // the store is away; the next turn looks again
		}
		for _, r := range due {
			o.begin(ctx, r)
		}
		if len(due) < page || ctx.Err() != nil {
			return
		}
	}
}

// begin begins to send a reply, unless its connector has its hands full.
func (o *Outbox) begin(ctx context.Context, r queue.DueReply) {
	lane := o.lanes[r.Connector]
	if lane == nil {
		lane = make(chan struct{}, atOnce)
		o.lanes[r.Connector] = lane
	}
	if _, under := o.under.LoadOrStore(r.ID, true); under {
		return
	}
	select {
	case lane <- struct{}{}:
	default:
		o.under.Delete(r.ID)
		return
	}
	o.wg.Go(func() {
		// What is begun is ended, even when the process is asked to stop.
		if err := o.send(context.WithoutCancel(ctx), r); err != nil && !errors.Is(err, queue.ErrNotYours) {
			o.log.Warn("reply not settled", zap.String("reply", r.ID), zap.Error(err))
		}
		o.under.Delete(r.ID)
		wasFull := len(lane) == cap(lane)
		<-lane
		if wasFull {
			select {
			case o.freed <- struct{}{}:
			default:
			}
		}
	})
}

// send takes one reply as far as it goes now. What its answer may refer to comes first: the customer may be faster than the
// channel's word that it took the reply, and whoever dies in between has sent nothing.
func (o *Outbox) send(ctx context.Context, due queue.DueReply) error {
	ctx, cancel := context.WithTimeout(ctx, lapse)
	defer cancel()
	if m := due.Message; m != nil && m.Thread != "" { // what is forwarded is in none
		if err := o.threads.Bind(ctx, due.Connector, o.references(due.Connector, m), m.Thread); err != nil {
			return unlessAway(err)
		}
		o.step("bound")
	}
	r, err := o.queue.BeginSend(ctx, due.ID, lapse)
	if err != nil || r == nil {
		return unlessAway(err)
	}
	o.step("sending")
	if r.Reported() {
		return o.settle(ctx, r, connectors.Receipt{})
	}
	sender := o.sender(r.Connector)
	if sender == nil {
		return o.giveUp(ctx, r, fmt.Sprintf("no connector called %q carries replies", r.Connector))
	}
	if r.State == queue.ReplyDoubt {
		return o.find(ctx, r, sender)
	}
	return o.hand(ctx, r, sender)
}

// references are what an answer to m may refer to, as far as its connector knows beforehand.
func (o *Outbox) references(connector string, m *message.Message) []string {
	referrer, ok := o.sender(connector).(connectors.Referrer)
	if !ok {
		return nil
	}
	return referrer.References(m)
}

// unlessAway leaves out that the store is away or refuses: nothing was begun, and the next turn looks again.
func unlessAway(err error) error {
	if errors.Is(err, queue.ErrAway) {
		return nil
	}
	return err
}

// hand gives the reply to its channel and settles what the channel said.
func (o *Outbox) hand(ctx context.Context, r *queue.Reply, sender connectors.Sender) error {
	receipt, err := callWithin(ctx, func(ctx context.Context) (connectors.Receipt, error) { return sender.Send(ctx, r.Message) })
	o.step("handed")
	switch {
	case err == nil:
		return o.settle(ctx, r, receipt)
	case connectors.IsPermanent(err):
		return o.giveUp(ctx, r, err.Error())
	case connectors.IsInDoubt(err) || errors.Is(err, context.DeadlineExceeded):
		return o.doubt(ctx, r, sender, err)
	case time.Since(time.UnixMilli(r.Since)) > giveUpAfter:
		return o.giveUp(ctx, r, fmt.Sprintf("after %d tries: %v", r.Attempts, err))
	}
	o.metrics.count(r.Connector, "retried")
	return o.queue.SendAgain(ctx, r.ID, r.Token, pauseAfter(r.Attempts, connectors.RetryAfter(err)), err.Error())
}

// find asks the channel whether it has a reply that is in doubt; only if it surely has not, it is sent again.
func (o *Outbox) find(ctx context.Context, r *queue.Reply, sender connectors.Sender) error {
	finder, ok := sender.(connectors.Finder)
	if !ok {
		return o.doubt(ctx, r, sender, errors.New("the process that sent it ended before the channel answered"))
	}
	var found bool
	receipt, err := callWithin(ctx, func(ctx context.Context) (rec connectors.Receipt, err error) {
		rec, found, err = finder.Find(ctx, r.Message)
		return rec, err
	})
	switch {
	case err != nil:
		return o.doubt(ctx, r, sender, err)
	case found:
		return o.settle(ctx, r, receipt)
	}
	return o.hand(ctx, r, sender)
}

// settle puts what was sent into the thread, and ends the sending. Until both are done the reply is ours.
func (o *Outbox) settle(ctx context.Context, r *queue.Reply, receipt connectors.Receipt) error {
	said := *r.Message
	said.Own, said.Earlier = receipt.ID, nil
	said.References = append(slices.Clone(said.References), o.references(r.Connector, r.Message)...) // they go when it is forgotten
	for {
		var err error
		if said.Thread != "" {
			err = o.threads.Record(ctx, r.Task, &said)
		}
		if err == nil {
			o.step("recorded")
			err = o.queue.Sent(ctx, r.ID, r.Token, receipt.ID, receipt.State == connectors.Delivered, missed(receipt)...)
		}
		if err == nil {
			o.step("settled")
			o.metrics.count(r.Connector, "sent")
			return nil
		}
		if errors.Is(err, queue.ErrNotYours) {
			return err
		}
		select {
		case <-time.After(500 * time.Millisecond):
		case <-ctx.Done():
			return err
		}
	}
}

func missed(receipt connectors.Receipt) []queue.Missed {
	var list []queue.Missed
	for _, m := range receipt.Missed {
		list = append(list, queue.Missed{To: m.To.String(), Reason: m.Reason})
	}
	return list
}

func (o *Outbox) doubt(ctx context.Context, r *queue.Reply, sender connectors.Sender, cause error) error {
	o.metrics.count(r.Connector, "in_doubt")
	after := time.Duration(0)
	if _, ok := sender.(connectors.Finder); ok && time.Since(time.UnixMilli(r.Since)) < giveUpAfter {
		after = findAgain
	}
	return o.queue.InDoubt(ctx, r.ID, r.Token, after, cause.Error())
}

func (o *Outbox) giveUp(ctx context.Context, r *queue.Reply, reason string) error {
	o.metrics.count(r.Connector, "failed")
	return o.queue.GiveUp(ctx, r.ID, r.Token, reason)
}

// callWithin bounds a call of a connector. One that panics stops nothing else; nobody knows how far it came.
func callWithin(ctx context.Context, call func(context.Context) (connectors.Receipt, error)) (receipt connectors.Receipt, err error) {
	ctx, cancel := context.WithTimeout(ctx, sendWithin)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			err = connectors.InDoubt(fmt.Errorf("the connector broke off: %v", p))
		}
	}()
	return call(ctx)
}

// pauseAfter is how long to wait before the next try: anything up to a bound that doubles (full jitter), and
// never less than what the channel asked for.
func pauseAfter(attempts int, asked time.Duration) time.Duration {
	most := min(2*time.Second<<min(attempts, 12), 10*time.Minute)
	return max(asked, rand.N(most))
}

// Measure says in words how the channel cuts the text of a reply, "" when it goes whole.
func (o *Outbox) Measure(connector string, m *message.Message) string {
	if measurer, ok := o.sender(connector).(connectors.Measurer); ok {
		return measurer.Measure(m)
	}
	return ""
}

// Check asks before a reply is taken whether its channel would carry it. The error is for the agent.
func (o *Outbox) Check(connector string, m *message.Message) error {
	sender := o.sender(connector)
	if sender == nil {
		return fmt.Errorf("the channel %q carries no replies: close the task with an outcome, or answer another way", connector)
	}
	if c, ok := sender.(connectors.Checker); ok {
		return c.Check(m)
	}
	return nil
}
