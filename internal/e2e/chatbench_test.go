package e2e_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// BenchmarkOpenChats has 1,000 chats open in which nothing happens while their visitors wait for their turn, each at an address of its own, and
// prints what loket takes of a core meanwhile.
func BenchmarkOpenChats(b *testing.B) {
	const chats = 1000
	d := newDaemon(b, strings.Replace(chatting("https://www.example.org", ""), "level: debug", "level: info", 1)).start()
	tokens := make([]string, chats)
	for i := range tokens {
		tokens[i] = d.chats(map[string]string{"text": fmt.Sprintf("No signal %d", i)})
	}
	d.settled()
	ctx, stop := context.WithCancel(b.Context())
	var open sync.WaitGroup
	told := make(chan struct{}, chats)
	for i, token := range tokens {
		open.Go(func() { d.keepOpen(ctx, b, i, token, told) })
	}
	for late := time.After(3 * time.Minute); len(told) < chats; {
		select {
		case <-late:
			b.Fatalf("%d of %d chats are open after three minutes", len(told), chats)
		case <-time.After(100 * time.Millisecond):
		}
	}
	time.Sleep(15 * time.Second) // the first looks are over, and beats do not come all at once
	before, begun := processCPU(b, d.cmd.Process.Pid), time.Now()
	time.Sleep(45 * time.Second) // what is measured is that nothing happens
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(100*(processCPU(b, d.cmd.Process.Pid)-before).Seconds()/time.Since(begun).Seconds(), "%-of-a-core")
	stop()
	open.Wait()
	d.healthy()
}

// keepOpen follows one conversation from the i-th address of this machine until ctx ends, and says once that it was told something.
func (d *daemon) keepOpen(ctx context.Context, b *testing.B, i int, token string, told chan<- struct{}) {
	from := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 1, byte(i/250), byte(1+i%250))}}
	c := &http.Client{Transport: &http.Transport{DialContext: from.DialContext}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, d.public+"/t/"+token+"/live?typing", nil)
	if err != nil {
		b.Error(err)
		return
	}
	res, err := c.Do(req)
	if err != nil || res.StatusCode != http.StatusOK {
		b.Errorf("%v, %v", res, err)
		told <- struct{}{}
		return
	}
	defer func() { _ = res.Body.Close() }()
	lines := bufio.NewScanner(res.Body)
	for first := true; lines.Scan(); first = false {
		if first {
			told <- struct{}{}
		}
	}
}
