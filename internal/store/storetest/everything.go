package storetest

import (
	"fmt"
	"testing"

	"github.com/redis/go-redis/v9"
)

// Everything reads all that a server holds, by key, as text: to look whether something is there that should not be.
func Everything(tb testing.TB, rdb redis.UniversalClient) map[string]string {
	tb.Helper()
	ctx, all := tb.Context(), map[string]string{}
	keys, err := rdb.Keys(ctx, "*").Result()
	if err != nil {
		tb.Fatal(err)
	}
	for _, key := range keys {
		kind, err := rdb.Type(ctx, key).Result()
		var value any
		switch kind {
		case "string":
			value, err = rdb.Get(ctx, key).Result()
		case "hash":
			value, err = rdb.HGetAll(ctx, key).Result()
		case "list":
			value, err = rdb.LRange(ctx, key, 0, -1).Result()
		case "set":
			value, err = rdb.SMembers(ctx, key).Result()
		case "zset":
			value, err = rdb.ZRangeWithScores(ctx, key, 0, -1).Result()
		case "stream":
			value, err = rdb.XRange(ctx, key, "-", "+").Result()
		}
		if err != nil {
			tb.Fatalf("read %s: %v", key, err)
		}
		all[key] = fmt.Sprint(value)
	}
	return all
}
