package storetest

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"loket/internal/store"
)

// Cluster gives a store on a cluster of one redis-server that has every slot: keys of two tags in one script are
// refused as on any cluster. It ends with the test.
func Cluster(tb testing.TB) *store.Store {
	tb.Helper()
	server, ports := StartOn(tb, 2, func(ports []string) []string {
		return []string{"--cluster-enabled", "yes", "--bind", "127.0.0.1", "--cluster-announce-ip", "127.0.0.1",
			"--port", ports[0], "--cluster-port", ports[1]}
	})
	node := redis.NewClient(&redis.Options{Network: "unix", Addr: server.Socket})
	defer node.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := node.Do(ctx, "CLUSTER", "ADDSLOTSRANGE", 0, 16383).Err(); err != nil {
		tb.Fatalf("give the node its slots: %v", err)
	}
	for {
		info, err := node.ClusterInfo(ctx).Result()
		if err == nil && strings.Contains(info, "cluster_state:ok") {
			break
		}
		if ctx.Err() != nil {
			tb.Fatalf("cluster does not come up: %v %s", err, info)
		}
		time.Sleep(10 * time.Millisecond)
	}
	c := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{net.JoinHostPort("127.0.0.1", ports[0])}})
	s := store.New(c, store.Info{Kind: "redis", Durable: true}, nil)
	tb.Cleanup(func() { _ = s.Close() })
	return s
}
