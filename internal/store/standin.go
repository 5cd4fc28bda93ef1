package store

import (
	"crypto/rand"
	"fmt"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"go.uber.org/zap"
)

// standIn serves from this process's memory. It is for looking around on a machine without a server.
func standIn(undo closers, log *zap.Logger) (*Store, error) {
	m := miniredis.NewMiniRedis()
	password := rand.Text()
	m.RequireAuth(password)
	m.ClockTTL(true)
	if err := m.StartAddr("127.0.0.1:0"); err != nil {
		return nil, fmt.Errorf("start stand-in store: %w", err)
	}
	undo.add(func() error { m.Close(); return nil })
	log.Warn("no redis-server or valkey-server on PATH: everything is kept in memory and is GONE when this process ends; install one (Debian: apt install redis-server)")
	rdb := client(&redis.UniversalOptions{Addrs: []string{m.Addr()}, Password: password})
	s := New(rdb, Info{Kind: "stand-in", Durable: false}, undo.close)
	s.log = log
	return s, nil
}
