package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Rewrites tells whether the file of the store is ours to write anew. That of a server by URL is its operator's.
func (s *Store) Rewrites() bool { return s.info.Kind == kindEmbedded }

// errNotWritten says that the server gave up, as on a full disk; the old file stays then.
var errNotWritten = errors.New("the server could not write it")

// Rewrite has the embedded server write its file anew. When it returns nil, what was deleted before the call is in no file
// of the store any more. It may be called again; any other store is left alone.
func (s *Store) Rewrite(ctx context.Context) error {
	if !s.Rewrites() {
		return nil
	}
	if err := s.rewrite(ctx); err != nil {
		return fmt.Errorf("rewrite store: %w", Cause(err))
	}
	return nil
}

func (s *Store) rewrite(ctx context.Context) error {
	for {
		before, err := s.idle(ctx) // a rewriting that is under way began too soon
		if err != nil {
			return err
		}
		err = s.rdb.BgRewriteAOF(ctx).Err()
		if err != nil && strings.Contains(err.Error(), "already in progress") { // it began one by itself
			continue
		}
		if err != nil {
			return err
		}
		after, err := s.idle(ctx)
		switch {
		case err != nil:
			return err
		case after["aof_last_bgrewrite_status"] != "ok":
			return errNotWritten
		case after["run_id"] == before["run_id"]: // else it died meanwhile
			return nil
		}
	}
}

// idle waits until no rewriting is under way or to come, and gives what the server then says of itself.
func (s *Store) idle(ctx context.Context) (map[string]string, error) {
	for pause := time.Millisecond; ; pause = min(2*pause, 100*time.Millisecond) {
		info, err := s.rdb.Info(ctx).Result()
		if err != nil {
			return nil, err
		}
		now := facts(info)
		if now["aof_rewrite_in_progress"] == "0" && now["aof_rewrite_scheduled"] == "0" {
			return now, nil
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(pause):
		}
	}
}

// facts are the lines of INFO.
func facts(info string) map[string]string {
	all := map[string]string{}
	for line := range strings.Lines(info) {
		if k, v, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
			all[k] = v
		}
	}
	return all
}

// sweep removes what a server that was killed had half written: it may hold what was deleted since. Only while no server
// runs.
func sweep(dir string) {
	half, _ := filepath.Glob(filepath.Join(dir, "temp-*")) // the pattern is right
	for _, path := range half {
		_ = os.Remove(path) // it is tried again at the next start
	}
}
