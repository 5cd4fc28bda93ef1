package e2e_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"loket/internal/store/storetest"
)

// BenchmarkFormPost posts the web form to the real binary, 64 at a time, until every message is in its task, and
// then lets redis-benchmark send the same commands with the same bytes to the same Redis. What is printed is a
// ratio within one run: machines differ, and are busy. LOKET_BENCH_MESSAGES sets how many (default 20,000).
//
// The CPU time per message is that of loket and Redis together, without the sender's.
func BenchmarkFormPost(b *testing.B) {
	for _, fsync := range []string{"everysec", "always"} {
		b.Run("appendfsync="+fsync, func(b *testing.B) { benchmarkFormPost(b, fsync) })
	}
}

func benchmarkFormPost(b *testing.B, fsync string) {
	messages := 20_000
	if n, err := strconv.Atoi(os.Getenv("LOKET_BENCH_MESSAGES")); err == nil {
		messages = n
	}
	server := storetest.Start(b, "--appendonly", "yes", "--appendfsync", fsync)
	rdb := redis.NewClient(&redis.Options{Network: "unix", Addr: server.Socket})
	defer rdb.Close()
	quiet := strings.Replace(fmt.Sprintf(standard, "url: unix://"+server.Socket), "level: debug", "level: info", 1)
	d := newDaemon(b, quiet).start()
	load(b, d, "warm", 2000)
	d.settled()

	loketBefore, redisBefore := processCPU(b, d.cmd.Process.Pid), redisCPU(b, rdb)
	begun := time.Now()
	took := load(b, d, "real", messages)
	accepted := time.Since(begun)
	d.settled()
	queued := time.Since(begun)
	loketCPU := (processCPU(b, d.cmd.Process.Pid) - loketBefore) / time.Duration(messages)
	redisCPU := (redisCPU(b, rdb) - redisBefore) / time.Duration(messages)
	plain := plainCommands(b, rdb, server.Socket)

	rate := float64(messages) / queued.Seconds()
	b.ReportMetric(float64(messages)/accepted.Seconds(), "accepted/s")
	b.ReportMetric(rate, "queued/s")
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64(loketCPU.Microseconds()), "loket-cpu-µs/msg")
	b.ReportMetric(float64(redisCPU.Microseconds()), "redis-cpu-µs/msg")
	b.ReportMetric(plain, "redis-benchmark-msg/s")
	b.ReportMetric(rate/plain, "of-redis-benchmark")
}

// load posts n forms, 64 at a time, and gives how long each took to its 202, sorted.
func load(b *testing.B, d *daemon, name string, n int) []time.Duration {
	b.Helper()
	const callers = 64
	text := strings.Repeat("Since this morning I have no signal in Utrecht. ", 8)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: callers}}
	took := make([]time.Duration, n)
	var next atomic.Int64
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			for i := next.Add(1) - 1; i < int64(n); i = next.Add(1) - 1 {
				body := fmt.Sprintf(`{"name":"Anna","email":"anna%d@example.org","text":"%s %s %d"}`, i%1000, text, name, i)
				begun := time.Now()
				res, err := client.Post(d.public+"/in/website/", "application/json", strings.NewReader(body))
				if err != nil {
					b.Error(err)
					return
				}
				_, _ = io.Copy(io.Discard, res.Body)
				_ = res.Body.Close()
				if res.StatusCode != http.StatusAccepted {
					b.Errorf("post: %s", res.Status)
					return
				}
				took[i] = time.Since(begun)
			}
		})
	}
	wg.Wait()
	slices.Sort(took)
	return took
}

// plainCommands is how many messages a second redis-benchmark would bring in: the commands that the scripts of one
// message run, with as many bytes, one kind after the other, 64 connections and 16 in a pipeline. It gives
// 1 / the sum of their times.
func plainCommands(b *testing.B, rdb *redis.Client, socket string) float64 {
	b.Helper()
	ctx := context.Background()
	card := sample(b, rdb, "lk:{q}:t")
	threads, _, err := rdb.Scan(ctx, 0, "lk:{c:*}:t", 100).Result()
	if err != nil || len(threads) == 0 {
		b.Fatalf("no thread to measure: %v", err)
	}
	var body, rest int
	for field, value := range rdb.HGetAll(ctx, threads[0]).Val() {
		if len(field) == 26 {
			body = len(value)
		} else {
			rest += len(value)
		}
	}
	events := rdb.XRevRangeN(ctx, "lk:{q}:e", "+", "-", 1).Val()
	event := len(events[0].Values["e"].(string))
	id, bytes := "__rand_int__01234567890123", func(n int) string { return strings.Repeat("x", n) }
	commands := [][]string{
		// admit
		{"ZADD", "b:x", "NX", "1", id},
		{"HSET", "b:b", id, bytes(body)},
		{"ZADD", "b:n", "1", id},
		// resolve
		{"GET", "b:i:" + id},
		// place
		{"HMGET", "b:t" + id, "task", "record", "id"},
		{"HSET", "b:t" + id, "head", bytes(rest), id, bytes(body)},
		{"ZADD", "b:o" + id, "1", id},
		// put
		{"HGET", "b:q:t", id},
		{"ZADD", "b:q:d", "NX", "1", id},
		{"INCR", "b:q:n"},
		{"HSET", "b:q:num", "__rand_int__", id},
		{"HSET", "b:q:t", id, bytes(card)},
		{"ZADD", "b:q:r", "1", id},
		{"ZADD", "b:q:a", "1", id},
		{"ZADD", "b:q:f", "1", id},
		{"XADD", "b:q:e", "*", "e", bytes(event)},
		// ack
		{"ZREM", "b:n", id},
		{"HDEL", "b:b", id},
	}
	const n = 20_000
	seconds := 0.0
	for _, c := range commands {
		args := append([]string{"-s", socket, "-c", "64", "-P", "16", "-n", strconv.Itoa(n), "-r", "1000000", "--csv"}, c...)
		out, err := exec.Command("redis-benchmark", args...).Output()
		if err != nil {
			b.Fatalf("redis-benchmark %s: %v", c[0], err)
		}
		seconds += 1 / perSecond(b, out)
	}
	return 1 / seconds
}

func perSecond(b *testing.B, out []byte) float64 {
	b.Helper()
	rows, err := csv.NewReader(bytes.NewReader(out)).ReadAll()
	if err != nil || len(rows) < 2 || len(rows[1]) < 2 {
		b.Fatalf("redis-benchmark answered %q: %v", out, err)
	}
	f, err := strconv.ParseFloat(rows[1][1], 64)
	if err != nil || f == 0 {
		b.Fatalf("redis-benchmark answered %q: %v", out, err)
	}
	return f
}

// sample is the size of one value of a hash.
func sample(b *testing.B, rdb *redis.Client, key string) int {
	b.Helper()
	fields, err := rdb.HRandFieldWithValues(context.Background(), key, 1).Result()
	if err != nil || len(fields) == 0 {
		b.Fatalf("sample %s: %v", key, err)
	}
	return len(fields[0].Value)
}

// processCPU is the CPU time a process has used, from /proc.
func processCPU(b *testing.B, pid int) time.Duration {
	b.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		b.Fatal(err)
	}
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * 10 * time.Millisecond // USER_HZ is 100
}

func redisCPU(b *testing.B, rdb *redis.Client) time.Duration {
	b.Helper()
	info, err := rdb.Info(context.Background(), "cpu").Result()
	if err != nil {
		b.Fatal(err)
	}
	total := 0.0
	for line := range strings.Lines(info) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		if name == "used_cpu_sys" || name == "used_cpu_user" {
			f, _ := strconv.ParseFloat(value, 64)
			total += f
		}
	}
	return time.Duration(total * float64(time.Second))
}
