// Package people keeps who signs in to the pages of the desk: passwords, one-time links and sessions, in the store. Who answers for
// which team stands in the configuration; people that are added while the daemon runs stand here.
package people

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"go.uber.org/zap"

	"loket/desk/access"
	"loket/internal/field"
	"loket/internal/store"
)

// Errors that callers tell apart.
var (
	// ErrWrong is all that is said of a name and password that do not fit, whatever the reason.
	ErrWrong = errors.New("this name and password do not fit")
	// ErrSession says that nobody is signed in by that token any more.
	ErrSession = errors.New("nobody is signed in")
	// ErrLink says that a one-time link was used, is too old, or never was one.
	ErrLink = errors.New("the link was used already, or is too old")
	// ErrNobody says that nobody is called so.
	ErrNobody = errors.New("nobody is called so")
	// ErrThere says that somebody of that name is there already.
	ErrThere = errors.New("somebody is called so already")
	// errBusy says that others changed the same person at the same time, again and again.
	errBusy = errors.New("it changes too fast, try again")
)

// Options are what a Service works with. Changed, Log and Now may be nil, all else must be given.
type Options struct {
	Store *store.Store
	// Configured are the people of the configuration that holds now, and Teams its teams.
	Configured func() []access.Person
	Teams      func() []string
	// Changed is told of those who do not stand in the configuration whenever they changed, never twice at a time.
	Changed func([]access.Person)
	OIDC    OIDC // the zero value is for passwords only
	Log     *zap.Logger
	Now     func() time.Time
}

// A Service keeps people. Its methods may be called concurrently.
type Service struct {
	store      *store.Store
	configured func() []access.Person
	teams      func() []string
	log        *zap.Logger
	now        func() time.Time
	oidc       OIDC
	providers  providers
	hashing    chan struct{} // hashes that are made at the same time: each takes 19 MiB

	telling sync.Mutex
	changed func([]access.Person)
	told    string // the version of what was told last
}

// hashesAtOnce bounds what signing in may take of the machine.
const hashesAtOnce = 2

// New makes a Service.
func New(o Options) (*Service, error) {
	if o.Store == nil || o.Configured == nil || o.Teams == nil {
		return nil, errors.New("people: Store, Configured and Teams must be given")
	}
	s := &Service{store: o.Store, configured: o.Configured, teams: o.Teams, log: o.Log, now: o.Now, hashing: make(chan struct{}, hashesAtOnce), changed: o.Changed, told: "-"}
	s.oidc = o.OIDC.Complete()
	if s.changed == nil {
		s.changed = func([]access.Person) {}
	}
	if s.log == nil {
		s.log = zap.NewNop()
	}
	if s.now == nil {
		s.now = time.Now
	}
	return s, nil
}

// A Person is somebody who may sign in.
type Person struct {
	Name       string
	Teams      []string // none with EveryTeam
	EveryTeam  bool     // those that there are, and those to come
	Roles      []string
	Configured bool // teams and roles stand in the configuration
	Password   bool // has one
	OIDC       bool // signs in by OpenID Connect
	Disabled   bool // may not sign in, and is signed out
	Board      bool // is a Board, and nobody
}

// record is a person as kept.
type record struct {
	Teams     []string `json:"teams,omitempty"`
	EveryTeam bool     `json:"every_team,omitempty"`
	Roles     []string `json:"roles,omitempty"`
	Added     bool     `json:"added,omitempty"` // else the configuration says who they are, and only the password stands here
	Hash      string   `json:"hash,omitempty"`
	Disabled  bool     `json:"disabled,omitempty"`
	Board     bool     `json:"board,omitempty"`
	// Subject is by what the provider of OpenID Connect knows them: its issuer, a space, its subject. Grouped: groups there let them in, and
	// say what they may.
	Subject string `json:"subject,omitempty"`
	Grouped bool   `json:"grouped,omitempty"`
	// Epoch counts what ends every session of the person.
	Epoch    int      `json:"epoch,omitempty"`
	Settings Settings `json:"settings,omitzero"`
}

// List gives everybody, those of the configuration and those that were added, by name. It needs the role admin, as all does that is
// about who may sign in.
func (s *Service) List(ctx context.Context, by access.Actor) ([]Person, error) {
	if err := by.Require(access.RoleAdmin); err != nil {
		return nil, err
	}
	return s.list(ctx)
}

func (s *Service) list(ctx context.Context) ([]Person, error) {
	kept, err := s.records(ctx)
	if err != nil {
		return nil, fmt.Errorf("list people: %w", err)
	}
	return s.merged(kept), nil
}

// merged says of each once who they are: where the configuration names somebody, it says their teams and roles.
func (s *Service) merged(kept map[string]record) []Person {
	all := map[string]Person{}
	for name, r := range kept {
		if r.Added {
			all[name] = Person{Name: name, Teams: r.Teams, EveryTeam: r.EveryTeam, Roles: rolesOf(r.Roles), Password: r.Hash != "", OIDC: r.Subject != "", Disabled: r.Disabled, Board: r.Board}
			if r.Board {
				p := all[name]
				p.Roles = []string{RoleBoard}
				all[name] = p
			}
		}
	}
	for _, p := range s.configured() {
		r := kept[p.Name]
		all[p.Name] = Person{Name: p.Name, Teams: p.Teams, Roles: rolesOf(p.Roles), Configured: true, Password: r.Hash != "", OIDC: r.Subject != "", Disabled: r.Disabled}
	}
	return slices.SortedFunc(maps.Values(all), func(a, b Person) int { return cmp.Compare(a.Name, b.Name) })
}

func rolesOf(roles []string) []string {
	if len(roles) == 0 {
		return []string{access.RoleAgent}
	}
	return roles
}

// added are those who do not stand in the configuration.
func (s *Service) added(ctx context.Context) ([]access.Person, error) {
	all, err := s.list(ctx)
	if err != nil {
		return nil, err
	}
	var out []access.Person
	for _, p := range all {
		if !p.Configured && !p.Board {
			out = append(out, access.Person{Name: p.Name, Teams: p.Teams, Roles: p.Roles, EveryTeam: p.EveryTeam})
		}
	}
	return out, nil
}

// Add adds somebody who does not stand in the configuration. Without teams it is every team. ErrThere when there is one of that name;
// other mistakes are *field.Error.
func (s *Service) Add(ctx context.Context, by access.Actor, name string, teams, roles []string) error {
	return s.addRecord(ctx, by, access.Person{Name: name, Teams: teams, Roles: roles}, record{Teams: teams, EveryTeam: len(teams) == 0, Roles: roles, Added: true})
}

func (s *Service) addRecord(ctx context.Context, by access.Actor, p access.Person, added record) error {
	if err := by.Require(access.RoleAdmin); err != nil {
		return err
	}
	if err := p.Validate(s.teams()); err != nil {
		return fmt.Errorf("add person: %w", err)
	}
	if slices.ContainsFunc(s.configured(), func(c access.Person) bool { return c.Name == p.Name }) {
		return fmt.Errorf("add person: %w", ErrThere)
	}
	err := s.change(ctx, p.Name, func(r *record, isThere bool) error {
		if isThere && r.Added {
			return ErrThere
		}
		added.Epoch, added.Settings = r.Epoch+1, r.Settings
		*r = added
		return nil
	})
	if err != nil {
		return fmt.Errorf("add person: %w", err)
	}
	s.audit(by, "person added", p.Name)
	return nil
}

// audit writes down in the log who decided what about whom.
func (s *Service) audit(by access.Actor, what, name string) {
	s.log.Info(what, zap.String("person", name), zap.String("agent", cmp.Or(by.Agent, by.Name)))
}

// Disable takes the right to sign in from somebody, and signs them out wherever they are; or gives it back. Doing it again changes
// nothing. ErrNobody when nobody is called so.
func (s *Service) Disable(ctx context.Context, by access.Actor, name string, disabled bool) error {
	if err := by.Require(access.RoleAdmin); err != nil {
		return err
	}
	err := s.changeKnown(ctx, name, func(r *record) {
		if r.Disabled != disabled {
			r.Disabled = disabled
			r.Epoch++
		}
	})
	if err != nil {
		return fmt.Errorf("disable person: %w", err)
	}
	if disabled {
		s.audit(by, "person disabled", name)
	} else {
		s.audit(by, "person enabled", name)
	}
	return nil
}

// SignOutEverywhere ends every session of somebody, and every browser is unknown that was theirs. ErrNobody when nobody is called so.
func (s *Service) SignOutEverywhere(ctx context.Context, by access.Actor, name string) error {
	if err := by.Require(access.RoleAdmin); err != nil && (by.Person == "" || by.Person != name) {
		return err
	}
	if err := s.changeKnown(ctx, name, func(r *record) { r.Epoch++ }); err != nil {
		return fmt.Errorf("sign out person: %w", err)
	}
	s.audit(by, "person signed out everywhere", name)
	return nil
}

// SetPassword gives somebody a password and signs them out wherever they are. Everybody may do so for themselves. ErrNobody when
// nobody is called so; a password that is too short or too simple is a *field.Error.
func (s *Service) SetPassword(ctx context.Context, by access.Actor, name, password string) error {
	if err := by.Require(access.RoleAdmin); err != nil && (by.Person == "" || by.Person != name) {
		return err
	}
	if err := passwordMistake(password, name); err != nil {
		return fmt.Errorf("set password: %w", err)
	}
	secret, err := s.hash(ctx, password)
	if err != nil {
		return err
	}
	if err := s.setHash(ctx, name, secret); err != nil {
		return fmt.Errorf("set password: %w", err)
	}
	s.audit(by, "password set", name)
	return nil
}

// setHash gives somebody who is known a password, and ends their sessions. A board has none.
func (s *Service) setHash(ctx context.Context, name, secret string) error {
	if isBoard, err := s.IsBoard(ctx, name); err != nil || isBoard {
		return cmp.Or(err, errBoard())
	}
	return s.changeKnown(ctx, name, func(r *record) {
		r.Hash = secret
		r.Epoch++
	})
}

// hash makes a hash when it is its turn.
func (s *Service) hash(ctx context.Context, password string) (string, error) {
	select {
	case s.hashing <- struct{}{}:
	case <-ctx.Done():
		return "", ctx.Err()
	}
	defer func() { <-s.hashing }()
	return hash(password), nil
}

// Watch tells Changed first of all and whenever there is a change, by whichever process, within two seconds. While the store is away
// nothing changes. It returns nil when ctx ends.
func (s *Service) Watch(ctx context.Context) error {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		if err := s.Refresh(ctx); err != nil && !errors.Is(err, store.ErrAway) && ctx.Err() == nil {
			s.log.Warn("people not read", zap.Error(err))
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// Refresh tells Changed of what changed since it was told last.
func (s *Service) Refresh(ctx context.Context) error {
	s.telling.Lock()
	defer s.telling.Unlock()
	_, version, err := s.store.Load(ctx, store.Field{Key: versionKey(), Name: "n"})
	if err != nil || version[0] == s.told {
		return err
	}
	added, err := s.added(ctx)
	if err == nil {
		s.told = version[0]
		s.changed(added)
	}
	return err
}

// nameMistake is what is wrong with the name that the first person gives themselves.
func (s *Service) nameMistake(name string) error {
	return field.Under("", access.Person{Name: name}.Validate(s.teams()))
}
