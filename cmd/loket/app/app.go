// Package app puts loket together and runs it, for main and for tests.
package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"loket/config"
	"loket/connectors"
	"loket/desk"
	"loket/desk/access"
	"loket/desk/api"
	"loket/desk/customers"
	"loket/desk/figures"
	"loket/desk/pages"
	"loket/desk/people"
	"loket/desk/portal"
	"loket/desk/reports"
	"loket/identity"
	archives "loket/internal/archive"
	"loket/internal/blob"
	"loket/internal/page"
	"loket/internal/spool"
	"loket/internal/store"
	"loket/router/intake"
	"loket/router/kpi"
	"loket/router/outbox"
	"loket/router/queue"
	"loket/router/thread"
)

// Options are what the command line gives.
type Options struct {
	Config *config.Config
	// ConfigPath is read again at each reload.
	ConfigPath string
	Types      []connectors.Type
	Log        *zap.Logger
	// Reload asks to read the configuration again. May be nil.
	Reload  <-chan struct{}
	Version string
	// Ready is called once, when both listeners answer. May be nil.
	Ready func(Addresses)
}

// Addresses are where the listeners ended up, which a port 0 leaves open, and the URL that the world sees of the public one.
type Addresses struct {
	Public, Desk, URL string
	// Begin makes the path at which the first one of all chooses a name and a password for the desk's pages, "" once somebody has one.
	// Each call makes another.
	Begin func() string
}

// These bound the steps of a graceful stop: requests under way, walks of what they brought, everything else. What is
// not done by then is done by the next start.
const (
	answerWithin = 5 * time.Second
	walkWithin   = 3 * time.Second
	restWithin   = 2 * time.Second
)

// Run puts loket together and serves until ctx ends, then stops gracefully and returns nil. An error means that
// it could not start, or that a part can only go on with another configuration.
func Run(ctx context.Context, o Options) error {
	begun, cfg, log := time.Now(), o.Config, o.Log
	if os.Getenv("GOGC") == "" {
		// What lives is small, and what each message leaves behind is not: collecting it seldom costs some ten
		// megabytes and saves a tenth of the processor's time.
		debug.SetGCPercent(400)
	}
	data := cfg.Store.Data
	warnOfExposed(cfg, log)
	if err := openData(data, log); err != nil {
		return err
	}

	// The ground.
	st, err := store.Open(ctx, cfg.Store, log)
	if err != nil {
		return err
	}
	defer func() { _ = st.Close() }()
	blobs, err := blob.Open(filepath.Join(data, "blobs"))
	if err != nil {
		return err
	}
	old, err := archives.Open(filepath.Join(data, "archive"))
	if err != nil {
		return err
	}
	sp, err := spool.Open(filepath.Join(data, "spool"))
	if err != nil {
		return err
	}
	defer func() { _ = sp.Close() }()
	key, err := secretKey(cfg.SecretKey, data)
	if err != nil {
		return err
	}
	adviseOn(ctx, st, key, log)

	// The rooms, along the walk of a message.
	reg := prometheus.NewRegistry()
	reg.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	admin, err := access.AdminToken(data)
	if err != nil {
		return err
	}
	rules, err := newRules(cfg, admin)
	if err != nil {
		return err
	}
	step := failPoint(log)
	alone := st.Info().Kind != "redis" // the data directory is locked
	who := cfg.Identity
	who.Key = key
	registry := identity.New(st, who)
	threads, err := thread.New(thread.Options{Store: st, Archive: old, Step: step})
	if err != nil {
		return err
	}
	tokens := thread.NewTokens(key)
	tasks, err := queue.New(queue.Options{Store: st, Teams: rules, Archive: old, Step: step})
	if err != nil {
		return err
	}
	in, err := intake.New(intake.Options{
		Store: st, Spool: sp, Registry: registry, Threads: threads, Queue: tasks, Router: rules.router,
		Log: log.Named("intake"), Metrics: intake.NewMetrics(reg), KeepSpool: !st.Info().Durable, Alone: alone, Step: step,
	})
	if err != nil {
		return err
	}
	public, deskListener, err := listen(cfg.Listen)
	if err != nil {
		return err
	}
	defer closeBoth(public, deskListener)
	url := reachedAt(cfg.Listen, public)
	threadURL := func(id string) string { return url + "/t/" + tokens.Token(id) }
	look, err := page.NewLook(cfg.Organisation)
	if err != nil {
		return err
	}
	channels, err := newChannels(cfg, o.Types, connectors.Env{
		Accept: in.Accept, Blobs: blobs, Log: log, Region: cfg.Identity.Region, PublicURL: url,
		ThreadURL: threadURL, Tokens: tokens, Began: began(st.Cursor("loket"), threads, key), Look: look,
		Said: said(threads), Ended: ended(threads),
	}, st, rules, key)
	if err != nil {
		return err
	}
	channels.allowed = registry.Allowed
	reg.MustRegister(channels)
	out, err := outbox.New(outbox.Options{
		Queue: tasks, Threads: threads, Sender: channels.sender, Log: log.Named("outbox"), Metrics: outbox.NewMetrics(reg),
		Alone: alone, Step: step,
	})
	if err != nil {
		return err
	}
	ledger, err := kpi.New(kpi.Options{
		Store: st, Queue: tasks, Working: rules.working, Metrics: kpi.NewMetrics(reg), Log: log.Named("kpi"), Step: step,
		Archive: old, Keep: cfg.Keep,
	})
	if err != nil {
		return err
	}
	health := &health{store: st, intake: in, spool: sp, queue: tasks, rules: rules, list: channels.list}
	reg.MustRegister(&gauges{store: st, intake: in, queue: tasks, rules: rules, list: channels.list}, &registryCollector{registry}, &queueCollector{ledger: ledger, rules: rules})

	// The doors.
	counter, err := desk.New(desk.Options{
		Store: st, Queue: tasks, Threads: threads, Registry: registry, Router: rules.router, Access: rules.access, Intake: in,
		Ledger: ledger, Zone: rules.zone,
		Blobs: blobs, CanReply: out.Check, Measure: out.Measure, Room: channels.room, Window: channels.window, Reach: channels.reach, Copies: channels.copies, Ours: channels.ours, ReadMail: channels.readMail, ThreadURL: threadURL, Region: cfg.Identity.Region, Log: log.Named("desk"), Step: step,
	})
	if err != nil {
		return err
	}
	care, err := customers.New(customers.Options{
		Desk: counter, Store: st, Queue: tasks, Threads: threads, Registry: registry, Intake: in, Access: rules.access, Zone: rules.zone,
		DropNotices: channels.dropNotices, Region: cfg.Identity.Region, Log: log.Named("desk"), Step: step,
	})
	if err != nil {
		return err
	}
	sums, err := figures.New(figures.Options{Store: st, Ledger: ledger, Queue: tasks, Router: rules.router, Zone: rules.zone, ManagersSee: func() bool { return cfg.ManagersSeeAnswers }})
	if err != nil {
		return err
	}
	monthly, err := reports.New(reports.Options{
		Store: st, Figures: sums, Reports: cfg.Reports, Teams: func() []string { return rules.router().Teams() },
		Send: channels.mail, Final: connectors.IsPermanent, Zone: cfg.Zone, Log: log.Named("reports"),
	})
	if err != nil {
		return err
	}
	turnedAway := newTurnedAway(reg)
	signIns, err := people.New(people.Options{
		Store: st, Configured: rules.people, Teams: func() []string { return rules.router().Teams() },
		Changed: rules.setAdded, OIDC: cfg.OIDC, Log: log.Named("desk"),
	})
	if err != nil {
		return err
	}
	maxBytes, maxFiles := channels.uploads()
	portalHandler, err := portal.New(portal.Options{
		Connectors: channels.handlers(), Tokens: tokens, Threads: threads, Accept: in.Accept, Blobs: blobs,
		TrustedProxies: cfg.Listen.Proxies(), Log: log.Named("portal"), RatePerMinute: 60, MaxBytes: maxBytes, MaxFiles: maxFiles, Matter: rules.matterOf(tasks),
		Rate: rate(tasks), Watch: watchTask(tasks.Feed()), Stopping: ctx.Done(), Look: look,
		Types: customerTypes(tasks, counter), Writing: counter.Writing,
		Refused: turnedAway("public"),
	})
	if err != nil {
		return err
	}
	channels.transcript = portalHandler.Transcript
	process := func(ctx context.Context) desk.Process { return describeProcess(ctx, o.Version, begun, st, channels) }
	apiHandler, err := api.New(api.Options{
		Desk: counter, Customers: care, Figures: sums, People: signIns,
		Metrics: promhttp.HandlerFor(reg, promhttp.HandlerOpts{}), Ready: health.ready, Stopping: ctx.Done(), Log: log.Named("api"),
		Hosts: cfg.Listen.DeskNames(), TrustedProxies: cfg.Listen.Proxies(), Refused: turnedAway("desk"),
		Process: process,
	})
	if err != nil {
		return err
	}
	pagesHandler, err := pages.New(pages.Options{
		Desk: counter, Customers: care, People: signIns, Figures: sums, Access: rules.access, Process: process, Configuration: rules.shown, Export: api.WriteArchive,
		Hosts: cfg.Listen.DeskNames(), TrustedProxies: cfg.Listen.Proxies(), Refused: turnedAway("desk"), Metrics: pages.NewMetrics(reg), Log: log.Named("pages"),
	})
	if err != nil {
		return err
	}
	servers := []*server{
		newServer("public", public, portalHandler, log),
		newServer("desk", deskListener, besideEachOther(apiHandler, pagesHandler), log),
	}

	// Run. Connectors and listeners stop first, then what they left is walked to its end, then the rest stops.
	inner, stopInner := context.WithCancel(context.WithoutCancel(ctx))
	defer stopInner()
	back, inner := errgroup.WithContext(inner)
	back.Go(func() error { return st.Watch(inner, log.Named("store")) })
	back.Go(func() error { return tasks.Feed().Run(inner) })
	back.Go(func() error { return pagesHandler.Run(inner) })
	back.Go(func() error { return in.Run(inner) })
	back.Go(func() error { return out.Run(inner) })
	back.Go(func() error { return ledger.Run(inner) })
	back.Go(func() error { return signIns.Watch(inner) })
	if len(cfg.Reports) > 0 {
		back.Go(func() error { return monthly.Run(inner) })
	}
	back.Go(func() error { return suggest(inner, st, registry, log.Named("identity")) })
	back.Go(func() error { return resumeErasures(inner, care, log.Named("desk")) })
	if st.Rewrites() {
		back.Go(func() error { return rewriteErased(inner, care, log.Named("desk")) })
	}
	back.Go(func() error { return dropPassed(inner, counter, log.Named("desk")) })
	back.Go(func() error { return sendHeld(inner, counter, log.Named("desk")) })
	back.Go(func() error { return reap(inner, tasks, cfg.Keep, log) })
	back.Go(func() error { return regain(inner, tasks, rules, counter.Stranded, log) })
	back.Go(func() error { return archive(inner, st, counter, cfg.Keep, newArchived(reg), log.Named("archive")) })
	front, outer := errgroup.WithContext(ctx)
	for _, c := range channels.list {
		if r, ok := c.Connector.(connectors.Reminded); ok {
			every := &reminding{c.cursor, r, c.log, alone, step}
			front.Go(func() error { return every.run(outer) })
		}
		front.Go(func() error { return c.run(outer) })
	}
	for _, s := range servers {
		front.Go(func() error { return s.run(outer) })
	}
	front.Go(func() error { return reload(outer, o, rules, tasks) })
	front.Go(func() error { // a part that fails ends the listeners too
		select {
		case <-inner.Done():
			return errors.New("a part of the daemon ended")
		case <-outer.Done():
			return nil
		}
	})
	log.Info("loket serves", zap.String("public", url), zap.String("desk", "http://"+deskListener.Addr().String()), zap.String("store", st.Info().Kind))
	if o.Ready != nil {
		o.Ready(Addresses{Public: public.Addr().String(), Desk: deskListener.Addr().String(), URL: url, Begin: func() string { return firstLink(ctx, signIns, log) }})
	}
	err = front.Wait()
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), walkWithin)
	defer cancel()
	in.Drain(drain)
	stopInner()
	ended := make(chan error, 1)
	go func() { ended <- back.Wait() }()
	select {
	case rest := <-ended:
		err = errors.Join(err, rest)
		log.Info("loket stopped")
	case <-time.After(restWithin): // a channel or the store does not answer
		log.Warn("loket stopped with work under way, which the next start takes up")
	}
	return err
}

func listen(cfg config.Listen) (public, deskListener net.Listener, err error) {
	public, err = net.Listen("tcp", cfg.Public)
	if err != nil {
		return nil, nil, fmt.Errorf("open public listener: %w", err)
	}
	deskListener, err = net.Listen("tcp", cfg.Desk)
	if err != nil {
		_ = public.Close()
		return nil, nil, fmt.Errorf("open desk listener: %w", err)
	}
	return public, deskListener, nil
}

func closeBoth(a, b net.Listener) {
	_ = a.Close()
	_ = b.Close()
}

// reachedAt is the public URL: as configured, or at the port that a listener on port 0 was given.
func reachedAt(cfg config.Listen, public net.Listener) string {
	if strings.HasSuffix(cfg.PublicURL, ":0") {
		cfg.Public, cfg.PublicURL = public.Addr().String(), ""
	}
	return cfg.Complete().PublicURL
}

// reap returns tasks of expired leases, wakes what waits, and forgets what is old.
func reap(ctx context.Context, q *queue.Queue, keep time.Duration, log *zap.Logger) error {
	often, seldom := time.NewTicker(time.Second), time.NewTicker(time.Hour)
	defer often.Stop()
	defer seldom.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return nil
		case <-often.C:
			_, err = q.Reap(ctx)
		case <-seldom.C:
			err = q.Trim(ctx, keep)
		}
		if err != nil && !errors.Is(err, store.ErrAway) && ctx.Err() == nil {
			log.Warn("queue not reaped", zap.Error(err))
		}
	}
}

// adviseOn says what an operator should know about the store, and watches that links already given out stay good.
func adviseOn(ctx context.Context, st *store.Store, key []byte, log *zap.Logger) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if !st.Info().Durable {
		log.Warn("THE STORE KEEPS NOTHING over a restart but what customers wrote in tasks still open: " +
			"install redis-server or valkey-server, or set store.url")
	}
	advice, err := st.Advise(ctx)
	if err != nil {
		return // the watch tells why
	}
	for _, a := range advice {
		log.Warn("store", zap.String("advice", a))
	}
	same, err := st.Once(ctx, "secret_key", fingerprint(key))
	if err == nil && !same {
		log.Error("secret_key is not the one this store was first used with: links that customers have are dead, " +
			"and two processes with different keys give out different links")
	}
}
