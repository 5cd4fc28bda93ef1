package store

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// options reads a URL. Its query may carry what go-redis knows: pool_size, read_timeout, client_name…
func options(raw string) (*redis.UniversalOptions, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return nil, errors.New("is not a URL: must be embedded, redis://…, rediss://… or unix://…")
	}
	cluster := strings.HasSuffix(u.Scheme, "+cluster")
	u.Scheme = strings.TrimSuffix(u.Scheme, "+cluster")
	switch u.Scheme {
	case "redis", "rediss", "unix":
	default:
		return nil, fmt.Errorf("scheme %q is unknown: must be embedded, redis://…, rediss://… or unix://…", u.Scheme)
	}
	one, err := redis.ParseURL(u.String())
	if err != nil {
		return nil, errors.New(strings.TrimPrefix(err.Error(), "redis: "))
	}
	return &redis.UniversalOptions{
		Addrs: []string{one.Addr}, Username: one.Username, Password: one.Password, DB: one.DB,
		TLSConfig: one.TLSConfig, IsClusterMode: cluster,
		ClientName: one.ClientName, Protocol: one.Protocol, MaxRetries: one.MaxRetries,
		DialTimeout: one.DialTimeout, ReadTimeout: one.ReadTimeout, WriteTimeout: one.WriteTimeout,
		PoolSize: one.PoolSize, PoolTimeout: one.PoolTimeout, MinIdleConns: one.MinIdleConns,
		ConnMaxIdleTime: one.ConnMaxIdleTime, ConnMaxLifetime: one.ConnMaxLifetime,
	}, nil
}

// trust makes only the certificates in the PEM file good enough for the server.
func trust(opt *redis.UniversalOptions, file string) error {
	pem, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("read ca: %w", err)
	}
	if opt.TLSConfig == nil {
		return errors.New("ca is for a rediss:// url only")
	}
	opt.TLSConfig.RootCAs = x509.NewCertPool()
	if !opt.TLSConfig.RootCAs.AppendCertsFromPEM(pem) {
		return fmt.Errorf("read ca %s: holds no certificate in PEM form", file)
	}
	return nil
}

// client makes the client. A server that is away is to be noticed soon: the callers have a spool, or ask again.
func client(opt *redis.UniversalOptions) redis.UniversalClient {
	redis.SetLogger(silent{}) // it would write to stderr by itself; what it says comes back as errors
	if opt.MaxRetries == 0 {
		opt.MaxRetries = 2
	}
	if opt.DialTimeout == 0 {
		opt.DialTimeout = 2 * time.Second
	}
	opt.DialerRetries = 1 // on top of MaxRetries
	opt.ContextTimeoutEnabled = true
	opt.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	if opt.TLSConfig != nil {
		opt.TLSConfig.MinVersion = tls.VersionTLS12
	}
	return redis.NewUniversalClient(opt)
}

// silent drops what the client library would log.
type silent struct{}

func (silent) Printf(context.Context, string, ...any) {}
