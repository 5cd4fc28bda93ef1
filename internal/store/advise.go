package store

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/redis/go-redis/v9"
)

// Advise looks at how a server by URL is set up and says in plain words what could lose messages. It only reads
// INFO, which managed servers allow; what they hide is not complained about. The embedded store needs no advice.
func (s *Store) Advise(ctx context.Context) ([]string, error) {
	if s.info.Kind != "redis" {
		return nil, nil
	}
	cluster, ok := s.rdb.(*redis.ClusterClient)
	if !ok {
		info, err := s.rdb.Info(ctx).Result()
		if err != nil {
			return nil, fmt.Errorf("advise on store: %w: %w", ErrAway, err)
		}
		return advice(info), nil
	}
	var mu sync.Mutex
	var all []string
	err := cluster.ForEachMaster(ctx, func(ctx context.Context, m *redis.Client) error {
		info, err := m.Info(ctx).Result()
		if err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		all = append(all, advice(info)...)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("advise on store: %w: %w", ErrAway, err)
	}
	slices.Sort(all)
	return slices.Compact(all), nil
}

func advice(info string) []string {
	facts := facts(info)
	var out []string
	if v := facts["redis_version"]; v != "" && older(v, 6, 2) {
		out = append(out, "the server is version "+v+": loket needs 6.2 or later")
	}
	if v := facts["maxmemory_policy"]; v != "" && v != "noeviction" {
		out = append(out, "maxmemory-policy is "+v+": when memory runs out the server would throw messages and tasks away; set noeviction")
	}
	if facts["aof_enabled"] == "0" {
		out = append(out, "appendonly is off: what came since the last snapshot is lost when the server stops; set appendonly yes")
	}
	return out
}

func older(version string, major, minor int) bool {
	parts := strings.SplitN(version, ".", 3)
	if len(parts) < 2 {
		return false
	}
	a, errA := strconv.Atoi(parts[0])
	b, errB := strconv.Atoi(parts[1])
	return errA == nil && errB == nil && (a < major || a == major && b < minor)
}
