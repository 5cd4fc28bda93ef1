package app

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"loket/config"
	"loket/desk/access"
	"loket/internal/secret"
	"loket/router"
	"loket/router/queue"
)

// rules are what a reload may change: rules, teams, people, tokens. They change together or not at all.
type rules struct {
	admin secret.String
	now   atomic.Pointer[ruleSet]

	setting sync.Mutex      // while another set is made
	added   []access.Person // people who do not stand in the configuration
	// changed has one entry when the queue was not looked through since they changed.
	changed chan struct{}
}

type ruleSet struct {
	cfg    *config.Config
	router *router.Router
	access *access.Control
}

func newRules(cfg *config.Config, admin secret.String) (*rules, error) {
	r := &rules{admin: admin, changed: make(chan struct{}, 1)}
	set, err := r.build(cfg)
	if err != nil {
		return nil, err
	}
	r.hold(set)
	return r, nil
}

func (r *rules) build(cfg *config.Config) (*ruleSet, error) {
	rt, err := router.New(cfg.Router)
	if err != nil {
		return nil, fmt.Errorf("build rules: %w", err)
	}
	return &ruleSet{cfg: cfg, router: rt, access: access.New(cfg.People, cfg.Tokens, r.added, r.admin)}, nil
}

func (r *rules) router() *router.Router  { return r.now.Load().router }
func (r *rules) access() *access.Control { return r.now.Load().access }

// team is a team, or the defaults for one that is no longer configured and whose tasks live on.
func (r *rules) team(name string) router.Team {
	t, ok := r.router().Team(name)
	if !ok {
		return router.Team{}.Complete()
	}
	return t
}

func (r *rules) Lease(team string) time.Duration  { return r.team(team).Lease }
func (r *rules) Reopen(team string) time.Duration { return r.team(team).Reopen }

func (r *rules) Targets(team, priority string) (first, next, resolution time.Duration) {
	return r.router().Targets(team, priority)
}

func (r *rules) After(team string, from time.Time, d time.Duration) time.Time {
	return r.router().After(team, from, d)
}

func (r *rules) LiftedAt(team string, due time.Time, n int) time.Time {
	return r.router().LiftedAt(team, due, n)
}

func (r *rules) Aside(team, outcome string) bool { return r.team(team).SetsAside(outcome) }

func (r *rules) Answers(team, person string) bool { return r.access().Answers(team, person) }

var _ queue.Teams = (*rules)(nil)

// reload reads the configuration again whenever it is asked to, until ctx ends. A configuration with a mistake,
// or one that would strand tasks, changes nothing.
func reload(ctx context.Context, o Options, r *rules, q *queue.Queue) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-o.Reload:
		}
		if err := r.reload(ctx, o, q); err != nil {
			o.Log.Error("configuration not reloaded: everything stays as it was", zap.Error(err))
			continue
		}
		o.Log.Info("configuration reloaded")
	}
}

func (r *rules) reload(ctx context.Context, o Options, q *queue.Queue) error {
	cfg, err := config.Load(o.ConfigPath, o.Types)
	if err != nil {
		return err
	}
	old := r.now.Load().cfg
	if err := needsRestart(old, cfg); err != nil {
		return err
	}
	if err := stranded(ctx, old, cfg, q); err != nil {
		return err
	}
	r.setting.Lock()
	defer r.setting.Unlock()
	set, err := r.build(cfg)
	if err != nil {
		return err
	}
	r.hold(set)
	warnOfExposed(cfg, o.Log)
	return nil
}

// setAdded makes those the people who do not stand in the configuration.
func (r *rules) setAdded(added []access.Person) {
	r.setting.Lock()
	defer r.setting.Unlock()
	r.added = added
	set := *r.now.Load()
	set.access = access.New(set.cfg.People, set.cfg.Tokens, added, r.admin)
	r.hold(&set)
}

// shown is the configuration that holds now, without secrets.
func (r *rules) shown() (string, error) { return r.now.Load().cfg.Shown() }

// people are those of the configuration that holds now.
func (r *rules) people() []access.Person { return r.now.Load().cfg.People }

// hold makes a set the one that holds now.
func (r *rules) hold(set *ruleSet) {
	r.now.Store(set)
	select {
	case r.changed <- struct{}{}:
	default: // the one that is there comes after this change
	}
}

// needsRestart names what changed and cannot change in a running process.
func needsRestart(old, now *config.Config) error {
	var errs []error
	for name, pair := range map[string][2]any{
		"store": {old.Store, now.Store}, "listen": {old.Listen, now.Listen}, "identity": {old.Identity, now.Identity},
		"secret_key": {old.SecretKey, now.SecretKey}, "connectors": {old.Connectors, now.Connectors},
		"keep": {old.Keep, now.Keep}, "managers_see_answers": {old.ManagersSeeAnswers, now.ManagersSeeAnswers}, "reports": {old.Reports, now.Reports},
		"log": {old.Log, now.Log}, "oidc": {old.OIDC, now.OIDC},
	} {
		if !reflect.DeepEqual(pair[0], pair[1]) {
			errs = append(errs, fmt.Errorf("%s: changed, which needs a restart", name))
		}
	}
	slices.SortFunc(errs, func(a, b error) int { return cmpStrings(a.Error(), b.Error()) })
	return errors.Join(errs...)
}

func cmpStrings(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// stranded names the teams that would vanish with open tasks in their queues.
func stranded(ctx context.Context, old, now *config.Config, q *queue.Queue) error {
	var errs []error
	for name := range old.Router.Teams {
		if _, stays := now.Router.Teams[name]; stays {
			continue
		}
		c, err := q.Count(ctx, name)
		if err != nil {
			return fmt.Errorf("look for tasks of team %s: %w", name, err)
		}
		if open := c.Queued + c.Claimed + c.Waiting; open > 0 {
			errs = append(errs, fmt.Errorf("teams.%s: is gone, but has %d open tasks; transfer or close them first", name, open))
		}
	}
	return errors.Join(errs...)
}
