package send

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emersion/go-msgauth/dkim"

	"loket/connectors"
	"loket/internal/field"
)

const (
	// atOnce is how many connections an account has at most. Servers count them, and each holds a mail in memory.
	atOnce = 4
	// defaultIdle is short: servers count connections, and close those that say nothing after some minutes.
	defaultIdle = 10 * time.Second
)

// A relay is an account at work.
type relay struct {
	target
	account   Account
	address   string // in its normal form
	bounce    string
	auth      string
	hello     string
	timeout   time.Duration
	maxSize   int64
	idleFor   time.Duration
	tlsConfig *tls.Config
	dkim      *dkim.SignOptions // nil without a signature
	access    Access            // for xoauth2

	limit atomic.Int64 // what the server said last that it takes; 0 as long as it has not

	slots  chan struct{}
	mu     sync.Mutex
	idle   *session // at most one
	timer  *time.Timer
	timers sync.WaitGroup
	closed bool
}

func newRelay(a Account, o Options) (*relay, error) {
	t, err := a.target()
	if err != nil {
		return nil, err
	}
	r := &relay{
		target: t, account: a, address: normal(a.Address), bounce: normal(a.Bounce), auth: a.Auth, hello: a.Hello,
		timeout: a.Timeout, maxSize: a.MaxSize, idleFor: o.Idle,
		tlsConfig: &tls.Config{ServerName: t.host, MinVersion: tls.VersionTLS12},
		slots:     make(chan struct{}, atOnce),
	}
	if r.address == "" {
		return nil, field.Errorf("address", "must be an e-mail address")
	}
	if r.auth == "xoauth2" && o.Access != nil {
		r.access = o.Access(r.address)
	}
	if r.auth == "xoauth2" && r.access == nil {
		return nil, field.Errorf("auth", "must not be xoauth2 where nothing gives access tokens")
	}
	if r.hello == "" {
		r.hello = domainOf(r.address)
	}
	if r.timeout == 0 {
		r.timeout = defaultTimeout
	}
	if r.idleFor == 0 {
		r.idleFor = defaultIdle
	}
	if r.maxSize == 0 {
		r.maxSize = defaultMaxSize
	}
	if a.CA != "" {
		if r.tlsConfig.RootCAs, err = readCA(a.CA); err != nil {
			return nil, field.Errorf("ca", "%v", err)
		}
	}
	if a.DKIM != nil {
		if r.dkim, err = readDKIM(*a.DKIM, domainOf(r.address)); err != nil {
			return nil, field.Errorf("dkim.key_file", "%v", err)
		}
	}
	return r, nil
}

func readCA(file string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, errors.New("must be a file with certificates in PEM")
	}
	return pool, nil
}

// most is the largest mail that can be sent now, as far as is known.
func (r *relay) most() int64 {
	if limit := r.limit.Load(); limit > 0 {
		return min(limit, r.maxSize)
	}
	return r.maxSize
}

// send writes the mail and hands it over; missed is as of transfer. The mail is written only when there is a connection for it.
func (r *relay) send(ctx context.Context, e envelope, write func() ([]byte, error)) (missed map[string]string, err error) {
	select {
	case r.slots <- struct{}{}:
		defer func() { <-r.slots }()
	case <-ctx.Done():
		return nil, errors.New("wait for a free connection: time is up")
	}
	mail, err := write()
	if err != nil {
		return nil, err
	}
	s, err := r.take(ctx)
	if err != nil {
		return nil, err
	}
	if err = r.carries(s, e, int64(len(mail))); err == nil {
		missed, err = s.transfer(ctx, e, mail)
	}
	r.give(s)
	return missed, err
}

// carries looks for what the server would refuse.
func (r *relay) carries(s *session, e envelope, size int64) error {
	if size > r.most() {
		return connectors.Permanent(errTooLarge(size, r.most()))
	}
	if has, _ := s.client.Extension("SMTPUTF8"); e.utf8 && !has {
		return connectors.Permanent(connectors.Refuse("%s cannot carry addresses with letters beyond a–z before the @ (SMTPUTF8)", s.host))
	}
	return nil
}

// take gives the connection that waits, or a new one.
func (r *relay) take(ctx context.Context) (*session, error) {
	if s := r.takeIdle(); s != nil {
		if s.renew(ctx) {
			return s, nil
		}
		s.close()
	}
	s, err := r.open(ctx)
	if err == nil {
		r.limit.Store(s.limit)
	}
	return s, err
}

func (r *relay) takeIdle() *session {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.idle
	r.idle = nil
	if r.timer != nil && r.timer.Stop() {
		r.timers.Done()
	}
	r.timer = nil
	return s
}

// give keeps a connection for the next mail, or closes it.
func (r *relay) give(s *session) {
	r.mu.Lock()
	keep := !s.broken && !r.closed && r.idle == nil
	if keep {
		r.idle = s
		r.timers.Add(1)
		r.timer = time.AfterFunc(r.idleFor, func() {
			defer r.timers.Done()
			r.drop(s)
		})
	}
	r.mu.Unlock()
	if !keep {
		s.close()
	}
}

// drop closes s if it is still idle.
func (r *relay) drop(s *session) {
	r.mu.Lock()
	mine := r.idle == s
	if mine {
		r.idle = nil
	}
	r.mu.Unlock()
	if mine {
		s.close()
	}
}

// close ends what is idle; what is in use ends with its mail.
func (r *relay) close() {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	if s := r.takeIdle(); s != nil {
		s.close()
	}
	r.timers.Wait()
}
