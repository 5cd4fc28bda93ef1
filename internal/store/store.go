// Package store opens the Redis that everything is kept in, and runs scripts there.
package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
	"go.uber.org/zap"

	"loket/internal/field"
	"loket/internal/secret"
)

// Config is the section store of the configuration.
type Config struct {
	// Where the messages and tasks are kept: embedded (a Redis of loket's own), or redis://, rediss:// or unix://.
	URL secret.String `yaml:"url"`
	// Directory for the embedded store, attachments, spool and tokens. Relative to the file.
	Data string `yaml:"data"`
	// File with the certificates (PEM) that a rediss:// server's must come from; empty = those the system trusts.
	// Relative to the file.
	CA string `yaml:"ca"`
}

// Defaults is the store of somebody who configured none.
func Defaults() Config { return Config{URL: secret.New(Embedded), Data: "./data"} }

// Embedded is the URL of a Redis of loket's own.
const Embedded = "embedded"

// Validate returns all mistakes.
func (c Config) Validate() error {
	var errs []error
	raw := c.URL.Reveal()
	if raw != Embedded {
		if _, err := options(raw); err != nil {
			errs = append(errs, field.Errorf("url", "%v", err))
		}
	}
	if c.CA != "" && !strings.HasPrefix(raw, "rediss") {
		errs = append(errs, field.Errorf("ca", "is for a rediss:// url only"))
	}
	if c.Data == "" {
		errs = append(errs, field.Errorf("data", "must name a directory"))
	}
	return errors.Join(errs...)
}

// A Store is an open store. Its methods may be called concurrently.
type Store struct {
	rdb    redis.UniversalClient
	batch  *batcher
	state  *condition
	log    *zap.Logger
	info   Info
	closer func() error
	// restart ends a server of loket's own that hangs for so long; nil when the server is another's.
	restart func()
	hangs   time.Duration
	once    sync.Once
	closed  error
}

const kindEmbedded = "embedded"

// Info says what kind of store this is, for people.
type Info struct {
	Kind string // embedded, stand-in, redis
	// Durable is false when what is stored is gone with the process.
	Durable bool
}

// Open connects to the store, or starts the embedded one. A store by URL that cannot be reached is not an
// error: it is away, and calls answer ErrAway until it comes back. The caller closes it.
func Open(ctx context.Context, cfg Config, log *zap.Logger) (*Store, error) {
	if cfg.URL.Reveal() == Embedded {
		return openEmbedded(ctx, cfg.Data, log)
	}
	opt, err := options(cfg.URL.Reveal())
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	if cfg.CA != "" {
		if err := trust(opt, cfg.CA); err != nil {
			return nil, fmt.Errorf("open store: %w", err)
		}
	}
	s := New(client(opt), Info{Kind: "redis", Durable: true}, nil)
	s.log = log
	return s, nil
}

// New makes a store of a client that is open already; Close closes the client, then calls closer.
func New(rdb redis.UniversalClient, info Info, closer func() error) *Store {
	state := newCondition()
	rdb.AddHook(state)
	return &Store{rdb: rdb, batch: newBatcher(rdb, state), state: state, log: zap.NewNop(), info: info, closer: closer, hangs: hangs}
}

// Run runs a script. Calls that come at the same time travel together. It is ErrAway when the store could
// not be reached, could not write, or did not answer before the deadline of ctx; then, and when ctx ends first, the script
// may have run.
// A nil answer of the script is nil.
func (s *Store) Run(ctx context.Context, script *Script, keys []string, args ...any) (any, error) {
	return s.batch.run(ctx, script, keys, args)
}

// Redis is the client, for plain reading and for blocking reads. What changes anything goes through Run and Commit.
func (s *Store) Redis() redis.UniversalClient { return s.rdb }

// Info says what kind of store this is.
func (s *Store) Info() Info { return s.info }

// Ping asks whether the store answers.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.rdb.Ping(ctx).Err(); err != nil {
		return fmt.Errorf("ping store: %w: %w", ErrAway, err)
	}
	return nil
}

// Close waits for the batches on the wire, then closes. Calls after it answer ErrAway. It may be called again.
func (s *Store) Close() error {
	s.once.Do(func() {
		s.closed = s.batch.close(s.rdb.Close)
		if s.closer != nil {
			s.closed = errors.Join(s.closed, s.closer())
		}
	})
	return s.closed
}
