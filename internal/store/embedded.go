package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/redis/go-redis/v9"
	"go.uber.org/zap"
)

const (
	// predecessor is how long the server of a loket that was killed may take to end.
	predecessor = 15 * time.Second
	// loading is how long Open waits for a server that reads its file; after that it is away until it has.
	loading = 5 * time.Second
	// maxSocketPath is below what every system takes (108 on Linux, 104 on the BSDs).
	maxSocketPath = 100
)

// openEmbedded starts a Redis of loket's own in the directory data: a child process that ends with loket,
// or, where no server is installed, a stand-in that keeps nothing. Only one loket has a directory.
func openEmbedded(ctx context.Context, data string, log *zap.Logger) (_ *Store, err error) {
	var undo closers
	defer func() {
		if err != nil {
			_ = undo.close()
		}
	}()
	data, err = filepath.Abs(data)
	if err != nil {
		return nil, fmt.Errorf("open embedded store: %w", err)
	}
	dir := filepath.Join(data, "redis")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("open embedded store: %w", err)
	}
	own, err := lock(filepath.Join(data, "lock"))
	if err != nil {
		return nil, fmt.Errorf("open embedded store: data directory %s: %w", data, err)
	}
	undo.add(own.Close)
	bin := server()
	if bin == "" {
		if kept(dir) {
			return nil, fmt.Errorf("open embedded store: %s holds data, and there is no redis-server or valkey-server on PATH to read it", dir)
		}
		return standIn(undo, log)
	}

	// The child inherits this second lock, so it is free only when an earlier loket's child has gone too.
	inherited, err := lockWithin(ctx, filepath.Join(dir, "lock"), predecessor)
	if err != nil {
		return nil, fmt.Errorf("open embedded store: %s: the server of a loket that ended: %w", dir, err)
	}
	undo.add(inherited.Close)
	socket, remove, err := socketPath(data)
	if err != nil {
		return nil, fmt.Errorf("open embedded store: %w", err)
	}
	undo.add(remove)
	child := startChild(bin, serverArgs(dir, socket), inherited, func() { sweep(dir) }, log)
	undo.add(child.close)
	rdb := client(&redis.UniversalOptions{Addrs: []string{socket}})
	if err := await(ctx, rdb, child, log); err != nil {
		_ = rdb.Close()
		return nil, fmt.Errorf("open embedded store: %w", err)
	}
	s := New(rdb, Info{Kind: kindEmbedded, Durable: true}, undo.close)
	s.log, s.restart = log, child.kill
	return s, nil
}

func server() string {
	for _, name := range []string{"redis-server", "valkey-server"} {
		if bin, err := exec.LookPath(name); err == nil {
			return bin
		}
	}
	return ""
}

// kept tells whether a server wrote something into dir.
func kept(dir string) bool {
	for _, name := range []string{"appendonlydir", "appendonly.aof", "dump.rdb"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			return true
		}
	}
	return false
}

// socketPath is where the server listens: in the data directory, or in a private one when that path is too long.
func socketPath(data string) (path string, remove func() error, err error) {
	if path = filepath.Join(data, "redis.sock"); len(path) <= maxSocketPath {
		return path, func() error { return nil }, nil
	}
	dir, err := os.MkdirTemp("", "loket-")
	if err != nil {
		return "", nil, err
	}
	return filepath.Join(dir, "redis.sock"), func() error { return os.RemoveAll(dir) }, nil
}

// serverArgs is the whole configuration: no file is read. An answer means that the write is on the disk.
func serverArgs(dir, socket string) []string {
	return []string{
		"--port", "0", "--unixsocket", socket, "--unixsocketperm", "700", "--dir", dir,
		"--appendonly", "yes", "--appendfsync", "always", "--save", "",
		"--maxmemory-policy", "noeviction", "--daemonize", "no",
		"--slowlog-log-slower-than", "-1", // it would keep what customers said, whoever is erased
	}
}

// await returns when the server answers. One that takes long to read its file is left to it.
func await(ctx context.Context, rdb redis.UniversalClient, child *child, log *zap.Logger) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	began := time.Now()
	for {
		err := rdb.Ping(ctx).Err()
		if err == nil {
			return nil
		}
		if redis.HasErrorPrefix(err, "LOADING") && time.Since(began) > loading {
			log.Warn("the store is still reading its file, it is away until it has")
			return nil
		}
		select {
		case <-child.died:
			return child.last()
		case <-ctx.Done():
			return fmt.Errorf("await %s: %w", child.bin, err)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// closers undoes what was opened, last first.
type closers []func() error

func (c *closers) add(f func() error) { *c = append(*c, f) }

func (c *closers) close() error {
	var err error
	for i := len(*c) - 1; i >= 0; i-- {
		err = errors.Join(err, (*c)[i]())
	}
	*c = nil
	return err
}
