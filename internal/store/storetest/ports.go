package storetest

import (
	"bytes"
	"errors"
	"net"
	"strconv"
	"testing"
)

// StartOn is Start for a server that listens on n ports of the loopback: args makes its arguments of them. Another process may
// take a port between the choosing and the listening; then the server is started on others.
func StartOn(tb testing.TB, n int, args func(ports []string) []string) (r *Redis, ports []string) {
	tb.Helper()
	const tries = 10
	r = newRedis(tb)
	plain := len(r.args)
	for try := 1; ; try++ {
		ports = freePorts(tb, n)
		r.args = append(r.args[:plain:plain], args(ports)...)
		err := r.start()
		if err == nil {
			return r, ports
		}
		taken := errors.Is(err, errEnded) && bytes.Contains(r.said.Bytes(), []byte("Address already in use"))
		if !taken || try == tries {
			tb.Fatal(err)
		}
	}
}

// freePorts are ports, no two the same, that nobody listened on a moment ago.
func freePorts(tb testing.TB, n int) (ports []string) {
	tb.Helper()
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			tb.Fatal(err)
		}
		defer l.Close() // when all are chosen
		ports = append(ports, strconv.Itoa(l.Addr().(*net.TCPAddr).Port))
	}
	return ports
}
