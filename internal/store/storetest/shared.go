package storetest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strconv"
	"sync"
	"testing"

	"github.com/redis/go-redis/v9"
)

// A shared server is started once for many tests, one after the other: its start costs more than what most tests ask of it. Between two of
// them it is emptied, and one that a test has set up otherwise is ended.
type shared struct {
	dir  string
	born state
	life io.Closer // it ends when this is closed, and so with this process, however that ends
	uses int       // how many tests had it
}

// A state is what a test may have changed of a server that emptying does not undo.
type state struct {
	config    map[string]string
	users     []string
	saves     string // how the last snapshot ended
	beingMade string // whether one is being written
}

var (
	idleMu sync.Mutex
	idle   []*shared
)

// lend gives the socket of an empty server that nobody else uses until the test is over.
func lend(tb testing.TB) (socket string) {
	tb.Helper()
	s := takeIdle()
	if s == nil {
		s = startShared(tb)
	}
	s.uses++
	// A name for this test alone: whatever it leaves running finds nobody behind it any more.
	socket = filepath.Join(s.dir, strconv.Itoa(s.uses))
	if err := os.Symlink(s.socket(), socket); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		_ = os.Remove(socket)
		if err := s.clean(); err != nil {
			tb.Logf("a redis-server is not used again: %v", err)
			_ = s.life.Close()
			return
		}
		idleMu.Lock()
		defer idleMu.Unlock()
		idle = append(idle, s)
	})
	return socket
}

func takeIdle() *shared {
	idleMu.Lock()
	defer idleMu.Unlock()
	if len(idle) == 0 {
		return nil
	}
	s := idle[len(idle)-1]
	idle = idle[:len(idle)-1]
	return s
}

func startShared(tb testing.TB) *shared {
	tb.Helper()
	bin, dir := prepare(tb)
	s := &shared{dir: dir}
	// The shell waits for the end of its input, which comes when this process closes it or is gone.
	line := append([]string{"-c", `"$@" <&- >/dev/null 2>&1 & read -r never; kill -9 $!; wait $!; rm -rf "$0"`, dir, bin}, plainArgs(dir)...)
	cmd := exec.Command("sh", line...)
	life, err := cmd.StdinPipe()
	if err != nil {
		tb.Fatal(err)
	}
	s.life = life
	if err := cmd.Start(); err != nil {
		tb.Fatalf("start redis-server: %v", err)
	}
	if err := await(s.socket(), nil, nil); err != nil {
		tb.Fatal(err)
	}
	err = s.do(func(ctx context.Context, c *redis.Client) (err error) {
		s.born, err = stateOf(ctx, c)
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func (s *shared) socket() string { return filepath.Join(s.dir, socketName) }

// do has something done on a connection of its own.
func (s *shared) do(what func(context.Context, *redis.Client) error) error {
	c := redis.NewClient(&redis.Options{Network: "unix", Addr: s.socket(), MaxRetries: -1, DialerRetries: 1, PoolSize: 1})
	return errors.Join(what(context.Background(), c), c.Close())
}

// clean makes the server as it was when it was started, or says why it is not.
func (s *shared) clean() error {
	return s.do(func(ctx context.Context, c *redis.Client) error {
		for _, command := range [][]any{
			{"client", "kill", "type", "normal"}, {"client", "kill", "type", "pubsub"},
			{"flushall", "sync"}, {"script", "flush", "sync"}, {"function", "flush", "sync"}, {"config", "resetstat"},
		} {
			if err := c.Do(ctx, command...).Err(); err != nil {
				return fmt.Errorf("%v: %w", command, err)
			}
		}
		if err := os.RemoveAll(filepath.Join(s.dir, "dump.rdb")); err != nil {
			return err
		}
		now, err := stateOf(ctx, c)
		if err == nil && !reflect.DeepEqual(now, s.born) {
			err = errors.New("it is set up otherwise now")
		}
		return err
	})
}

func stateOf(ctx context.Context, c *redis.Client) (now state, err error) {
	if now.config, err = c.ConfigGet(ctx, "*").Result(); err != nil {
		return now, fmt.Errorf("read the configuration: %w", err)
	}
	if now.users, err = c.ACLList(ctx).Result(); err != nil {
		return now, fmt.Errorf("read the users: %w", err)
	}
	info, err := c.InfoMap(ctx, "persistence").Result()
	if err != nil {
		return now, fmt.Errorf("read how it saves: %w", err)
	}
	now.saves, now.beingMade = info["Persistence"]["rdb_last_bgsave_status"], info["Persistence"]["rdb_bgsave_in_progress"]
	return now, nil
}
