package storetest

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// Whatever a test did to a server, the next test has one as if it were new, and what the one before left running reaches it no more.
func TestNextTestFindsAServerAsNew(t *testing.T) {
	for name, does := range map[string]func(context.Context, *redis.Client) error{
		"data":       func(ctx context.Context, c *redis.Client) error { return c.Set(ctx, "k", "v", 0).Err() },
		"a script":   func(ctx context.Context, c *redis.Client) error { return c.ScriptLoad(ctx, "return 1").Err() },
		"a setting":  func(ctx context.Context, c *redis.Client) error { return c.ConfigSet(ctx, "maxmemory", "1mb").Err() },
		"a user":     func(ctx context.Context, c *redis.Client) error { return c.ACLSetUser(ctx, "anna", "on").Err() },
		"a snapshot": func(ctx context.Context, c *redis.Client) error { return c.Save(ctx).Err() },
		"a failed snapshot": func(ctx context.Context, c *redis.Client) error {
			dir, err := c.ConfigGet(ctx, "dir").Result()
			if err != nil {
				return err
			}
			if err := os.Mkdir(filepath.Join(dir["dir"], "dump.rdb"), 0o700); err != nil {
				return err
			}
			_ = c.Save(ctx).Err()
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			var born state
			client := func(t *testing.T, socket string) *redis.Client {
				c := redis.NewClient(&redis.Options{Network: "unix", Addr: socket, MaxRetries: -1, DialerRetries: 1})
				t.Cleanup(func() { _ = c.Close() })
				return c
			}
			var left *redis.Client
			t.Run("one test", func(t *testing.T) {
				socket := lend(t)
				var err error
				if born, err = stateOf(t.Context(), client(t, socket)); err != nil {
					t.Fatal(err)
				}
				left = redis.NewClient(&redis.Options{Network: "unix", Addr: socket, MaxRetries: -1, DialerRetries: 1})
				if err := does(t.Context(), left); err != nil {
					t.Fatal(err)
				}
			})
			defer left.Close()
			t.Run("the next test", func(t *testing.T) {
				c := client(t, lend(t))
				keys, err := c.DBSize(t.Context()).Result()
				if err != nil || keys != 0 {
					t.Errorf("%d keys, %v", keys, err)
				}
				now, err := stateOf(t.Context(), c)
				if err != nil {
					t.Fatal(err)
				}
				if now.config["maxmemory"] != born.config["maxmemory"] || len(now.users) != len(born.users) || now.saves != born.saves {
					t.Errorf("it is %v, %v, %v", now.config["maxmemory"], now.users, now.saves)
				}
				if err := left.Set(t.Context(), "left", "running", 0).Err(); err == nil {
					t.Error("what another test left running still writes")
				}
				if scripts, err := c.ScriptExists(t.Context(), "e0e1f9fabfc9d4800c877a703b823ac0578ff8db").Result(); err != nil || scripts[0] {
					t.Errorf("the script of another test is there: %v, %v", scripts, err)
				}
			})
		})
	}
}

// A server that is ended leaves nothing behind.
func TestSharedServerEndsWithoutATrace(t *testing.T) {
	t.Run("a test", func(t *testing.T) { lend(t) })
	s := takeIdle()
	if s == nil {
		t.Fatal("no server is kept for the next test")
	}
	if err := s.life.Close(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		if _, err := os.Stat(s.dir); os.IsNotExist(err) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("its directory stays")
		}
	}
}
