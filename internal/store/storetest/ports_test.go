package storetest_test

import (
	"net"
	"strconv"
	"testing"

	"loket/internal/store/storetest"
)

// A port that was free a moment ago may be another's by the time the server listens: it starts on others then.
func TestServerStartsOnOtherPortsWhenOneIsTaken(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	tries := 0
	r, ports := storetest.StartOn(t, 1, func(ports []string) []string {
		if tries++; tries == 1 {
			ports[0] = strconv.Itoa(taken.Addr().(*net.TCPAddr).Port)
		}
		return []string{"--bind", "127.0.0.1", "--port", ports[0]}
	})
	if tries != 2 {
		t.Errorf("started %d times, want 2", tries)
	}
	c, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", ports[0]))
	if err != nil {
		t.Fatalf("the server of %s does not listen where it says: %v", r.Socket, err)
	}
	c.Close()
}
